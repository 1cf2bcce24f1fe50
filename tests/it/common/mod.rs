//! What the tests of the binary share: a site in a folder of its own, runs in a clean environment, and tokens.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ended, Program, Watch};

/// The address of the vendor's script.
pub(crate) const WIDGET_SRC: &str =
    "https://widget.smsbat.com/operator-chat-panel/widget-script.js";

/// A page with nothing special in it, up to where the tag belongs.
pub(crate) const HEAD: &str =
    "<!doctype html><html lang=\"en\"><head><title>A page</title></head><body><p>Hello</p>";
/// The rest of it.
pub(crate) const TAIL: &str = "</body></html>\n";

/// A configuration in static mode whose organization takes its token from `SUPPORT_TOKEN`.
pub(crate) const STATIC: &str = "mode = \"static\"\ndefault-organization = \"support\"\n\n\
    [organizations.support]\nid = 6\ntoken = { env = \"SUPPORT_TOKEN\" }\n";

/// A whole page without an instance.
pub(crate) fn plain() -> String {
    format!("{HEAD}{TAIL}")
}

/// A whole page with this where the tag belongs.
pub(crate) fn page(tag: &str) -> String {
    format!("{HEAD}{tag}{TAIL}")
}

/// The loader tag that a site without configuration gets.
pub(crate) fn loader() -> String {
    loader_for("")
}

/// The loader tag with this between the endpoint and the time of loading, such as ` data-org="sales"`.
pub(crate) fn loader_for(organization: &str) -> String {
    format!(
        "<script type=\"module\" src=\"/chathub-assets/{}\" integrity=\"{}\" crossorigin=\"anonymous\" data-chathub=\"\" \
         data-endpoint=\"/api/chathub/token\"{organization} data-load=\"idle\"></script>",
        chathub::internal::runtime::hashed_name(),
        chathub::internal::runtime::integrity()
    )
}

/// The widget tag that static mode writes.
pub(crate) fn widget(token: &str, organization: &str) -> String {
    format!(
        "<script type=\"module\" id=\"operator-chat-panel-script\" src=\"{WIDGET_SRC}\" token=\"{token}\" \
         data-org=\"{organization}\"></script>"
    )
}

/// A JWT with these claims, put together at run time so that no secret scanner trips over the tests.
pub(crate) fn jwt(claims: &str) -> String {
    signed("HS256", claims, b"a signature made with no key, ok")
}

/// A JWT by this algorithm, with this for a signature.
pub(crate) fn signed(algorithm: &str, claims: &str, signature: &[u8]) -> String {
    let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
    let parts = [header.as_bytes(), claims.as_bytes(), signature];
    parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

/// A token of someone that was issued just now and lives for so many seconds; negative: it has expired.
pub(crate) fn token(subject: &str, lifetime: i64) -> String {
    let now = now();
    let issued = now.min(now + lifetime - 60);
    let issued = if lifetime > 0 { now } else { issued };
    let expires = now + lifetime;
    jwt(&format!(
        r#"{{"sub":"{subject}","iat":{issued},"exp":{expires}}}"#
    ))
}

/// A token that was issued just now and works from so many seconds on until so many.
pub(crate) fn token_from(subject: &str, from: i64, until: i64) -> String {
    let now = now();
    let (from, until) = (now + from, now + until);
    jwt(&format!(
        r#"{{"sub":"{subject}","iat":{now},"nbf":{from},"exp":{until}}}"#
    ))
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// A working folder with a site `public` in it; deleted with the value.
pub(crate) struct Site {
    folder: TempDir,
    environment: Vec<(String, String)>,
    watch: Arc<Watch>,
}

impl Site {
    /// An empty site.
    pub(crate) fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// An empty site in a folder of its own in this one.
    pub(crate) fn within(folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        fs::create_dir(folder.path().join("public")).unwrap();
        Self {
            watch: Arc::new(Watch::new(folder.path())),
            folder,
            environment: Vec::new(),
        }
    }

    /// A site of one page `index.html`.
    pub(crate) fn of(page: impl AsRef<[u8]>) -> Self {
        Self::new().page("index.html", page)
    }

    /// The site with another page or other file.
    pub(crate) fn page(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file(&format!("public/{path}"), content)
    }

    /// The site with another file in the working folder.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
        self
    }

    /// The site with a `chathub.toml` in the working folder.
    pub(crate) fn config(self, toml: &str) -> Self {
        self.file("chathub.toml", toml)
    }

    /// The site with a variable in the environment of all runs.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file while a run is under way, whatever secret is in it: it is replaced as a whole.
    pub(crate) fn replace(&self, path: &str, content: &str) {
        let new = self.folder.path().join(format!("{path}.new"));
        fs::write(&new, content).unwrap();
        fs::rename(new, self.folder.path().join(path)).unwrap();
        self.watch.planted(Path::new(path));
    }

    /// The working folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the site.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("public").join(path)
    }

    /// A file of the site.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        let file = self.path(path);
        fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// A file of the site, as text.
    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).unwrap()
    }

    /// Everything in the site.
    pub(crate) fn snapshot(&self) -> BTreeMap<String, Entry> {
        snapshot(&self.path(""))
    }

    /// The binary in the working folder, as [`Program`] runs it.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Program {
        let mut program = Program::new(&self.watch);
        program.args(arguments);
        for (name, value) in &self.environment {
            program.env(name, value);
        }
        program
    }

    /// Runs the binary with arguments that are separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_all(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs the binary.
    pub(crate) fn run_all<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// Runs a command, wants this exit code, and gives its report.
    pub(crate) fn json(&self, arguments: &str, code: i32) -> Report {
        let run = self.run(&format!("{arguments} --format json"));
        run.exits(code);
        Report::of(&run.stdout)
    }

    /// Runs a command and wants it to succeed.
    pub(crate) fn ok(&self, arguments: &str) -> Run {
        let run = self.run(arguments);
        run.exits(0);
        run
    }
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Runs a command to its end.
    pub(crate) fn of(program: &mut Program) -> Self {
        Self::from(program.run())
    }

    /// No run may panic, whatever it was given.
    pub(crate) fn from(output: Ended) -> Self {
        let stdout = String::from_utf8(output.stdout).expect("standard output is UTF-8");
        let stderr = String::from_utf8(output.stderr).expect("standard error is UTF-8");
        for word in ["panicked", "RUST_BACKTRACE", "stack backtrace"] {
            assert!(!stderr.contains(word), "{stderr}");
        }
        let code = output.status.code().expect("it ends by itself");
        assert_ne!(code, 101, "{stdout}\n{stderr}");
        Self {
            code,
            stdout,
            stderr,
        }
    }

    /// Wants an exit code.
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Wants an exit code, and all these words on standard error.
    pub(crate) fn fails(&self, code: i32, words: &[&str]) -> &Self {
        self.exits(code);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "{word:?} is not in\n{}",
                self.stderr
            );
        }
        self
    }
}

/// A report in JSON.
pub(crate) struct Report(pub(crate) Value);

impl Report {
    /// Reads one.
    pub(crate) fn of(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}\n{json}")))
    }

    /// What it says of a page.
    pub(crate) fn page(&self, path: &str) -> &Value {
        let pages = self.0["pages"].as_array().unwrap();
        let page = pages.iter().find(|page| page["path"] == path);
        page.unwrap_or_else(|| panic!("no page {path} in {:#}", self.0))
    }

    /// The paths of all pages, in the order of the report.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let pages = self.0["pages"].as_array().unwrap();
        pages.iter().map(|p| p["path"].as_str().unwrap()).collect()
    }

    /// A page's outcome.
    pub(crate) fn outcome(&self, path: &str) -> &str {
        self.page(path)["outcome"].as_str().unwrap()
    }

    /// Why a page was skipped, refused or failed.
    pub(crate) fn reason(&self, path: &str) -> &str {
        self.page(path)["reason"].as_str().unwrap_or_default()
    }

    /// The ids of the rules that a page breaks, in the order of the alphabet.
    pub(crate) fn rules(&self, path: &str) -> Vec<&str> {
        rules(&self.page(path)["findings"])
    }

    /// The ids of the rules that the site as a whole breaks, in the order of the alphabet.
    pub(crate) fn site_rules(&self) -> Vec<&str> {
        rules(&self.0["siteFindings"])
    }

    /// All findings of a rule, on pages and on the site.
    pub(crate) fn findings(&self, rule: &str) -> Vec<&Value> {
        let pages = self.0["pages"].as_array().unwrap();
        let all = pages.iter().map(|page| &page["findings"]);
        all.chain([&self.0["siteFindings"]])
            .flat_map(|findings| findings.as_array().unwrap())
            .filter(|finding| finding["rule"] == rule)
            .collect()
    }
}

fn rules(findings: &Value) -> Vec<&str> {
    let findings = findings.as_array().unwrap();
    let mut rules: Vec<&str> = findings
        .iter()
        .map(|f| f["rule"].as_str().unwrap())
        .collect();
    rules.sort_unstable();
    rules
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder,
    Link(PathBuf),
    File {
        content: Vec<u8>,
        modified: SystemTime,
    },
    Other,
}

/// Everything in a folder, by relative path.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let kind = if metadata.is_dir() {
                folders.push(path);
                Entry::Folder
            } else if metadata.is_symlink() {
                Entry::Link(fs::read_link(&path).unwrap())
            } else if metadata.is_file() {
                Entry::File {
                    content: fs::read(&path).unwrap(),
                    modified: metadata.modified().unwrap(),
                }
            } else {
                Entry::Other
            };
            entries.insert(name, kind);
        }
    }
    entries
}

/// The same without times: what two sites have to share to be the same.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Entry> {
    let without_time = |entry| match entry {
        Entry::File { content, .. } => Entry::File {
            content,
            modified: UNIX_EPOCH,
        },
        other => other,
    };
    let entries = snapshot(folder).into_iter();
    entries.map(|(path, e)| (path, without_time(e))).collect()
}
