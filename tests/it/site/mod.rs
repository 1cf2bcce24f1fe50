//! A site in a temporary folder, and the real binary run on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha384};
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::judge::Expected;
use crate::program::{Program, Watch};

/// Where the runtime is written unless the configuration says otherwise.
pub(crate) const ASSETS: &str = "chathub-assets";

/// Copies a folder with all that is in it; links stay links.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.unwrap();
        let to = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), to).unwrap();
        } else {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        }
    }
}

/// A working folder with `chathub.toml` (or none) and the site in `public`.
pub(crate) struct Site {
    /// Deletes the working folder with the value.
    _folder: TempDir,
    /// The site.
    pub(crate) root: PathBuf,
    environment: Vec<(String, String)>,
    watch: Arc<Watch>,
}

/// The state of one file: its content, and when it was last written.
pub(crate) type Files = BTreeMap<PathBuf, (Vec<u8>, SystemTime)>;

/// What a run of the binary said.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its exit code.
    pub(crate) code: i32,
    /// Its report in JSON.
    pub(crate) report: Value,
    /// What it wrote on standard error.
    pub(crate) errors: String,
}

/// What a report says of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// `injected`, `unchanged`, …
    pub(crate) outcome: String,
    /// Why it was skipped, refused or failed.
    pub(crate) reason: String,
    /// Whose chat it should have.
    pub(crate) organizations: Vec<String>,
    /// Rule ids of its findings that are errors.
    pub(crate) errors: Vec<String>,
}

impl Page {
    /// Whether the run wrote the page.
    pub(crate) fn changed(&self) -> bool {
        ["injected", "updated", "deduplicated", "removed"].contains(&self.outcome.as_str())
    }
}

impl Site {
    /// An empty site, and a `chathub.toml` beside it where there is a text for one.
    pub(crate) fn new(config: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("public");
        fs::create_dir(&root).unwrap();
        let above = folder.path().ancestors().skip(1);
        for above in above.map(|folder| folder.join("chathub.toml")) {
            assert!(
                !above.exists(),
                "{} would be found by all tests",
                above.display()
            );
        }
        if let Some(config) = config {
            fs::write(folder.path().join("chathub.toml"), config).unwrap();
        }
        Self {
            watch: Arc::new(Watch::new(folder.path())),
            _folder: folder,
            root,
            environment: Vec::new(),
        }
    }

    /// A site of these pages.
    pub(crate) fn of<'p>(
        config: Option<&str>,
        pages: impl IntoIterator<Item = (&'p str, &'p [u8])>,
    ) -> Self {
        let site = Self::new(config);
        for (path, bytes) in pages {
            fs::write(site.root.join(path), bytes).unwrap();
        }
        site
    }

    /// A copy of the site in `from`.
    pub(crate) fn copy(config: Option<&str>, from: &Path) -> Self {
        let site = Self::new(config);
        copy_folder(from, &site.root);
        site
    }

    /// Sets an environment variable for the runs to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Runs `chathub COMMAND … --format json public` in the working folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut program = Program::new(&self.watch);
        for (name, value) in &self.environment {
            program.env(name, value);
        }
        program.args(arguments).args(["--format", "json", "public"]);
        let output = program.run();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: no report ({error}): {errors}"));
        Run {
            code: output.status.code().expect("it ended by itself"),
            report,
            errors,
        }
    }

    /// The bytes of one file.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.root.join(path)).unwrap()
    }

    /// Every file of the site.
    pub(crate) fn files(&self) -> Files {
        let files = WalkDir::new(&self.root).into_iter().map(Result::unwrap);
        files
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(&self.root).unwrap().to_owned();
                let written = entry.metadata().unwrap().modified().unwrap();
                (path, (fs::read(entry.path()).unwrap(), written))
            })
            .collect()
    }

    /// The loader tag of placeholder mode for these organizations, by the runtime that stands in the site.
    pub(crate) fn loader(&self, organizations: &[String]) -> Expected {
        loader(&self.files(), organizations)
    }
}

/// The loader tag of placeholder mode for these organizations, by the runtime among a site's files.
pub(crate) fn loader(files: &Files, organizations: &[String]) -> Expected {
    // Its other files have other names.
    let hashed = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("runtime.") && name.split('.').count() == 3 && !name.ends_with('z')
    };
    let runtimes = files
        .iter()
        .filter(|(path, _)| path.starts_with(ASSETS) && hashed(path));
    let runtimes: Vec<_> = runtimes.collect();
    let [(path, (runtime, _))] = runtimes[..] else {
        panic!("one runtime by its hash, not {}", runtimes.len());
    };
    Expected::Loader {
        src: format!("/{ASSETS}/{}", path.file_name().unwrap().to_string_lossy()),
        integrity: format!("sha384-{}", STANDARD.encode(Sha384::digest(runtime))),
        endpoint: "/api/chathub/token".to_owned(),
        organizations: organizations.to_vec(),
        link: None,
    }
}

impl Run {
    /// What it says of each page, by path.
    pub(crate) fn pages(&self) -> BTreeMap<String, Page> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let pages = list(&self.report["pages"]).into_iter().map(|page| {
            let findings = list(&page["findings"]).into_iter();
            let errors = findings.filter(|finding| finding["severity"] == "error");
            let read = Page {
                outcome: text(&page["outcome"]),
                reason: text(&page["reason"]),
                organizations: list(&page["organizations"]).iter().map(text).collect(),
                errors: errors.map(|finding| text(&finding["rule"])).collect(),
            };
            (text(&page["path"]), read)
        });
        pages.collect()
    }
}
