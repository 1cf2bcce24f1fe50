//! A working folder between runs: what the test put there, and what a run may have left there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::asked::Asked;
use super::secrets::{Hit, Kind, Secrets};

/// The binary's name where a test has a copy of it in the folder: whatever is compiled in is nobody's secret.
pub(crate) const BINARY: &str = "chathub";
/// Where the cache keeps tokens, in the folder for caches.
const CACHED: &str = "chathub/tokens";
/// What pages are called, before the ending of a compressed copy.
const PAGES: [&str; 4] = ["html", "htm", "xhtml", "shtml"];
/// How much of a compressed copy is looked at: one that unpacks to more is a test's trap.
const MOST: u64 = 16 << 20;

/// A working folder, searched after each run.
pub(crate) struct Watch {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    secrets: Secrets,
    /// Every file as it was when last looked at.
    seen: BTreeMap<PathBuf, Stamp>,
    /// Secrets that the test itself wrote into a file, or left where no run may put them: they may stay.
    planted: BTreeMap<PathBuf, BTreeSet<String>>,
    /// Files and commands of the configuration that secrets come from.
    sources: BTreeSet<(String, PathBuf, Kind)>,
    caches: BTreeSet<PathBuf>,
    /// Folders that runs wrote copies of the site to.
    outputs: BTreeSet<PathBuf>,
    /// Whether a run published tokens in pages.
    is_static: bool,
    /// How many runs are under way.
    under_way: usize,
}

/// Whether a file is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// The file's number and the time of its last change, also of its mode.
    more: (u64, i64, i64),
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        #[cfg(unix)]
        let more = {
            use std::os::unix::fs::MetadataExt as _;
            (file.ino(), file.ctime(), file.ctime_nsec())
        };
        #[cfg(not(unix))]
        let more = (0, 0, 0);
        Self {
            length: file.len(),
            modified: file.modified().ok(),
            more,
        }
    }
}

impl Watch {
    /// Watches a folder, of which nothing is known yet.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Looks at the folder before a run: what has changed since the last one is the test's doing. While another run is under way
    /// it may be that one's, so it is left for the search at the end.
    pub(crate) fn before(&self, asked: &Asked, environment: &[(String, String)]) {
        self.with(|state| {
            state.learn(|secrets| secrets.add_environment(environment));
            state.note(asked, environment, &self.folder);
            let alone = state.under_way == 0;
            state.under_way += 1;
            let changed = state.changed(&self.folder);
            for (path, _) in &changed {
                if path
                    .extension()
                    .is_some_and(|extension| extension == "toml")
                {
                    let text = fs::read_to_string(self.folder.join(path)).unwrap_or_default();
                    state.read_configuration(&self.folder, path, &text);
                }
            }
            // A secret that was not known can stand in any file.
            let changed = if state.read_sources() {
                state.changed(&self.folder)
            } else {
                changed
            };
            for (path, stamp) in changed.into_iter().filter(|_| alone) {
                state.plant(&self.folder, path, stamp);
            }
        });
    }

    /// Takes note of a file that the test writes while a run is under way: what stands in it is the test's doing.
    pub(crate) fn planted(&self, path: &Path) {
        self.with(|state| {
            state.read_sources();
            let stamp = fs::metadata(self.folder.join(path)).map(|file| Stamp::of(&file));
            state.plant(&self.folder, path.to_owned(), stamp.unwrap());
        });
    }

    /// Looks at all that a run has left behind, and says what it gives away. What other runs are still writing is searched
    /// when the last of them has ended.
    pub(crate) fn after(&self, asked: &Asked, stdout: &[u8], stderr: &[u8]) -> Vec<String> {
        self.with(|state| {
            let mut found = Vec::new();
            state.under_way -= 1;
            let alone = state.under_way == 0;
            for (path, stamp) in state.changed(&self.folder) {
                if !alone && is_temporary(&path) {
                    continue;
                }
                let name = path.display().to_string();
                found.extend(told(
                    &name,
                    name.as_bytes(),
                    &state.secrets.find(name.as_bytes()),
                ));
                let hits = state.not_excused(&self.folder, &path);
                let hits: Vec<Hit> = hits
                    .into_iter()
                    .filter(|hit| !state.was_planted(&path, hit))
                    .collect();
                found.extend(
                    hits.iter()
                        .map(|hit| format!("the file {name}: {}", hit.name)),
                );
                state.seen.insert(path, stamp);
            }
            let stdout_hits: Vec<Hit> = state.secrets.find_on_stream(stdout);
            if !(asked.for_a_token() && is_a_token_alone(stdout, &stdout_hits)) {
                found.extend(told("standard output", stdout, &stdout_hits));
            }
            found.extend(told(
                "standard error",
                stderr,
                &state.secrets.find_on_stream(stderr),
            ));
            found
        })
    }

    fn with<T>(&self, body: impl FnOnce(&mut State) -> T) -> T {
        body(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Adds secrets; whether there was a new one, for which every file is looked at again.
    fn learn(&mut self, add: impl FnOnce(&mut Secrets) -> bool) -> bool {
        let new = add(&mut self.secrets);
        if new {
            self.seen.clear();
        }
        new
    }

    /// Where a run writes to, and whether tokens.
    fn note(&mut self, asked: &Asked, environment: &[(String, String)], folder: &Path) {
        let value = |name: &str| {
            let mut found = environment.iter().filter(|(n, _)| n == name);
            found.next_back().map(|(_, value)| value.as_str())
        };
        self.is_static |= value("CHATHUB_MODE") == Some("static");
        if let Some(state) = value("STATE_DIRECTORY") {
            let state = Path::new(state);
            let state = state.strip_prefix(folder).unwrap_or(state);
            self.caches.insert(state.join("tokens"));
        }
        if let Some(cache) = value("XDG_CACHE_HOME") {
            let cache = Path::new(cache);
            let cache = cache.strip_prefix(folder).unwrap_or(cache);
            self.caches.insert(cache.join(CACHED));
        }
        let words = &asked.arguments;
        for (word, next) in words
            .iter()
            .zip(words.iter().skip(1).map(Some).chain([None]))
        {
            let flag = |name: &str| match word.strip_prefix(name) {
                Some("") => next.map(String::as_str),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            self.is_static |= flag("--mode") == Some("static");
            let output = flag("--output").map(Path::new);
            let output = output.map(|output| output.strip_prefix(folder).unwrap_or(output));
            self.outputs.extend(output.map(Path::to_owned));
        }
    }

    /// Takes note of what a configuration says of secrets. Where it is no TOML, it says nothing.
    fn read_configuration(&mut self, folder: &Path, path: &Path, text: &str) {
        let Ok(table) = text.parse::<toml::Table>() else {
            return;
        };
        self.is_static |= table.get("mode").and_then(toml::Value::as_str) == Some("static");
        let below = folder.join(path.parent().unwrap_or(Path::new("")));
        let api = table.get("api").and_then(toml::Value::as_table);
        let organizations = table.get("organizations").and_then(toml::Value::as_table);
        let organizations = organizations.into_iter().flat_map(toml::Table::values);
        let tokens = organizations.filter_map(|organization| organization.get("token"));
        let company = ["company-token", "password"];
        let company = company.iter().filter_map(|name| api?.get(*name));
        let company = company.map(|source| (source, Kind::Company));
        for (source, kind) in company.chain(tokens.map(|source| (source, Kind::Operator))) {
            let words = match source.get("command") {
                Some(toml::Value::String(line)) => line.split(' ').map(str::to_owned).collect(),
                Some(toml::Value::Array(words)) => words
                    .iter()
                    .filter_map(|word| word.as_str().map(str::to_owned))
                    .collect(),
                _ => Vec::new(),
            };
            let file = match &words[..] {
                [cat, file] if cat == "cat" => Some(file.as_str()),
                _ => source.get("file").and_then(toml::Value::as_str),
            };
            if let Some(file) = file {
                self.sources
                    .insert((file.to_owned(), below.join(file), kind));
            }
        }
    }

    /// Reads the secrets of the configuration; whether there was a new one.
    fn read_sources(&mut self) -> bool {
        let sources = self.sources.clone();
        self.learn(|secrets| {
            let mut new = false;
            for (name, file, kind) in sources {
                // What is no file may have no end, and a pipe is the run's to read.
                if !fs::metadata(&file).is_ok_and(|file| file.is_file()) {
                    continue;
                }
                let content = fs::read_to_string(file).unwrap_or_default();
                new |= secrets.add(&format!("what {name} holds"), &content, kind);
            }
            new
        })
    }

    /// Files that are not as they were when last looked at. What cannot be read was not written either.
    fn changed(&self, root: &Path) -> Vec<(PathBuf, Stamp)> {
        let mut changed = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            // The folder may be gone before the last run in it has ended.
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(metadata) = fs::symlink_metadata(&path) else {
                    continue;
                };
                if metadata.is_dir() {
                    folders.push(path);
                    continue;
                }
                let relative = path.strip_prefix(root).unwrap().to_owned();
                let stamp = Stamp::of(&metadata);
                let known = self.seen.get(&relative) == Some(&stamp);
                if metadata.is_file() && !known && relative != Path::new(BINARY) {
                    changed.push((relative, stamp));
                }
            }
        }
        changed
    }

    /// What stands in a file now may stay there.
    fn plant(&mut self, folder: &Path, path: PathBuf, stamp: Stamp) {
        let hits = self.not_excused(folder, &path);
        let planted = hits.into_iter().map(|hit| hit.value).collect();
        self.planted.insert(path.clone(), planted);
        self.seen.insert(path, stamp);
    }

    /// The secrets in a file that it may not hold, whoever wrote them. Signatures of those that it may are kept in mind.
    fn not_excused(&mut self, folder: &Path, path: &Path) -> Vec<Hit> {
        // Content and mode are of one file, also where another run puts a new one in its place meanwhile.
        let Ok(mut file) = File::open(folder.join(path)) else {
            return Vec::new();
        };
        let private = file.metadata().is_ok_and(|file| is_private(&file));
        let mut bytes = Vec::new();
        if file.read_to_end(&mut bytes).is_err() {
            return Vec::new();
        }
        let (bytes, name) = unpacked(bytes, path);
        let mut hits = Vec::new();
        // UTF-16 of ASCII is ASCII with zeros between.
        let without_zeros = bytes
            .contains(&0)
            .then(|| bytes.iter().copied().filter(|byte| *byte != 0).collect());
        for text in [Some(bytes), without_zeros].into_iter().flatten() {
            for hit in self.secrets.find(&text) {
                self.secrets.add_signature(&hit.value);
                let excused = hit.kind == Kind::Operator
                    && (self.is_published(&name, &text, &hit)
                        || self.is_in_a_cache(path) && private);
                if !excused {
                    hits.push(hit);
                }
            }
        }
        if self.is_in_a_cache(path) && !private {
            let (name, value) = (
                "others may read the cache".to_owned(),
                "its mode".to_owned(),
            );
            hits.push(Hit {
                name,
                value,
                kind: Kind::Operator,
                start: 0,
                end: 0,
            });
        }
        hits
    }

    /// Static mode publishes operators' tokens: in the attribute `token` of the widget's tag, of pages, and nowhere else.
    fn is_published(&self, name: &Path, text: &[u8], hit: &Hit) -> bool {
        let is_page = name.extension().is_some_and(|extension| {
            PAGES
                .iter()
                .any(|page| extension.eq_ignore_ascii_case(page))
        });
        self.is_static && is_page && is_in_the_tag(text, hit)
    }

    /// The cache keeps operators' tokens, for its user alone.
    fn is_in_a_cache(&self, path: &Path) -> bool {
        self.caches.iter().any(|cache| path.starts_with(cache))
    }

    /// Whether the test itself wrote it there: into this file, or into the page of the site, which is a folder of this one,
    /// that it is a copy of under `--output`.
    fn was_planted(&self, path: &Path, hit: &Hit) -> bool {
        let holds = |planted: &BTreeSet<String>| planted.contains(&hit.value);
        let mut copied = self
            .outputs
            .iter()
            .filter_map(|output| path.strip_prefix(output).ok());
        self.planted.get(path).is_some_and(holds)
            || copied.any(|copied| {
                let is_original = |path: &Path| path.components().skip(1).eq(copied.components());
                self.planted
                    .iter()
                    .any(|(path, planted)| is_original(path) && holds(planted))
            })
    }
}

/// Whether others than the owner may do nothing with a file.
fn is_private(file: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.permissions().mode() & 0o777 == 0o600
    }
    #[cfg(not(unix))]
    {
        file.is_file()
    }
}

/// Whether a run has not finished the file yet: it is renamed when it is whole.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(".chathub-") || name.starts_with(".tmp")
}

/// The content of a compressed copy, and the name of what it is a copy of; others as they are.
fn unpacked(bytes: Vec<u8>, path: &Path) -> (Vec<u8>, PathBuf) {
    let mut content = Vec::new();
    let read: io::Result<usize> = match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => flate2::read::GzDecoder::new(&bytes[..])
            .take(MOST)
            .read_to_end(&mut content),
        Some("br") => brotli::Decompressor::new(&bytes[..], 4096)
            .take(MOST)
            .read_to_end(&mut content),
        Some("zst") => zstd::Decoder::new(&bytes[..])
            .and_then(|decoder| decoder.take(MOST).read_to_end(&mut content)),
        _ => return (bytes, path.to_owned()),
    };
    match read {
        Ok(_) => (content, path.with_extension("")),
        Err(_) => (bytes, path.to_owned()),
    }
}

/// Whether it is all of the attribute `token` of the widget's tag.
fn is_in_the_tag(text: &[u8], hit: &Hit) -> bool {
    let (before, behind) = (&text[..hit.start], &text[hit.end..]);
    let Some(start) = before.iter().rposition(|byte| *byte == b'<') else {
        return false;
    };
    let tag = String::from_utf8_lossy(&before[start..]);
    tag.starts_with("<script ")
        && !tag.contains('>')
        && tag.contains(" id=\"operator-chat-panel-script\"")
        && tag.ends_with(" token=\"")
        && behind.starts_with(b"\"")
}

/// Whether standard output is one operator's token and nothing else, or the value of `token` in a document.
fn is_a_token_alone(stdout: &[u8], hits: &[Hit]) -> bool {
    let [hit] = hits else {
        return false;
    };
    let alone = hit.start == 0 && &stdout[hit.end..] == b"\n";
    let in_document = stdout.starts_with(b"{") && stdout[..hit.start].ends_with(b"\"token\": \"");
    hit.kind == Kind::Operator && (alone || in_document)
}

/// What a text gives away, each with the line that it stands in.
fn told(place: &str, text: &[u8], hits: &[Hit]) -> Vec<String> {
    let line = |hit: &Hit| {
        let start = text[..hit.start].iter().rposition(|byte| *byte == b'\n');
        let end = text[hit.end..].iter().position(|byte| *byte == b'\n');
        let line = &text[start.map_or(0, |at| at + 1)..end.map_or(text.len(), |at| hit.end + at)];
        String::from_utf8_lossy(line).into_owned()
    };
    hits.iter()
        .map(|hit| format!("{place}: {}: {}", hit.name, line(hit)))
        .collect()
}
