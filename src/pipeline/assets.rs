//! The runtime's files in a site: written before the first page that loads them, checked, and taken away again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::runtime;
use crate::site::{WriteError, read, stage};

/// The folder of the runtime in a site.
#[derive(Debug)]
pub struct Assets {
    folder: PathBuf,
    root: PathBuf,
    /// The folder as the site sees it, for messages.
    name: String,
    /// What has been done, once it has.
    ensured: Mutex<Option<Result<Vec<String>, String>>>,
}

/// Why the runtime could not be written or removed.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// The folder, or one above it, is a link that leads out of the site.
    #[error(
        "the asset folder {0} leads out of the site; set placeholder.asset-dir to a folder inside it"
    )]
    Outside(String),
    /// A file of somebody else's has the name of ours.
    #[error(
        "{0} is there already and is not chathub's; set placeholder.asset-dir to a folder of its own"
    )]
    Foreign(String),
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Its reason.
        source: io::Error,
    },
    /// See [`WriteError`].
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: String,
        /// Why it could not be written.
        source: WriteError,
    },
}

impl Assets {
    /// The runtime's files under `name` in the site at `root`.
    #[must_use]
    pub fn new(root: &Path, name: &str) -> Self {
        Self {
            folder: root.join(name),
            root: root.to_owned(),
            name: name.to_owned(),
            ensured: Mutex::new(None),
        }
    }

    /// Makes sure that the runtime is there, once per run: no page may point at what is not there yet.
    pub(super) fn ensure(&self, dry_run: bool) -> Result<(), String> {
        let mut ensured = self
            .ensured
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let done =
            ensured.get_or_insert_with(|| self.write(dry_run).map_err(|error| error.to_string()));
        done.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Makes sure of the runtime once more where pages load it: with the rest of the site, an older one may have been
    /// copied over it.
    pub fn settle(&self) -> Result<(), AssetError> {
        let ensured = self
            .ensured
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if matches!(&*ensured, Some(Ok(_))) {
            self.write(false)?;
        }
        Ok(())
    }

    /// What was written to make sure of that, for the report.
    #[must_use]
    pub fn written(&self) -> Vec<String> {
        let ensured = self
            .ensured
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*ensured {
            Some(Ok(written)) => written.clone(),
            _ => Vec::new(),
        }
    }

    fn write(&self, dry_run: bool) -> Result<Vec<String>, AssetError> {
        self.check_inside()?;
        if self.state(runtime::STABLE_NAME) == AssetState::Other && !self.holds_runtime() {
            return Err(AssetError::Foreign(self.path(runtime::STABLE_NAME)));
        }
        let mut written = Vec::new();
        for name in [runtime::hashed_name(), runtime::STABLE_NAME] {
            let file = self.folder.join(name);
            if self.state(name) == AssetState::Right {
                continue;
            }
            let path = format!("{}/{name}", self.name);
            if !dry_run {
                fs::create_dir_all(&self.folder).map_err(|source| AssetError::Io {
                    path: self.name.clone(),
                    source,
                })?;
                stage(&file, None, |out| out.write_all(runtime::SOURCE))
                    .and_then(|staged| staged.commit(None))
                    .map_err(|source| AssetError::Write {
                        path: path.clone(),
                        source,
                    })?;
            }
            let verb = if dry_run { "would write" } else { "wrote" };
            written.push(format!("{verb} {path}"));
        }
        Ok(written)
    }

    /// The folder need not be there yet: then the nearest one above it that is must be inside.
    fn check_inside(&self) -> Result<(), AssetError> {
        let io = |source| AssetError::Io {
            path: self.name.clone(),
            source,
        };
        let mut above = self.folder.ancestors();
        let there = above.find(|folder| folder.exists());
        let folder = fs::canonicalize(there.unwrap_or(&self.root)).map_err(io)?;
        let root = fs::canonicalize(&self.root).map_err(io)?;
        if folder.starts_with(root) {
            Ok(())
        } else {
            Err(AssetError::Outside(self.name.clone()))
        }
    }

    /// Whether some version of the runtime is there under its name by content: it is written first, and so tells
    /// whose the file under the stable name is.
    fn holds_runtime(&self) -> bool {
        let names = fs::read_dir(&self.folder).into_iter().flatten();
        let mut names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.any(|name| runtime::is_hashed_name(&name))
    }

    /// What is the matter with one of the runtime's files.
    #[must_use]
    pub fn state(&self, name: &str) -> AssetState {
        match read(&self.folder.join(name)) {
            Ok((bytes, ..)) if bytes == runtime::SOURCE => AssetState::Right,
            Ok(_) => AssetState::Other,
            Err(_) => AssetState::Missing,
        }
    }

    /// The path of one of the runtime's files, relative to the site.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    /// Takes the runtime away: files of this version and earlier ones that nobody changed, and the folder if that
    /// empties it. With `keep_current`, only earlier ones.
    pub fn remove(&self, keep_current: bool, dry_run: bool) -> Result<Vec<String>, AssetError> {
        let mut removed = Vec::new();
        let Ok(listing) = fs::read_dir(&self.folder) else {
            return Ok(removed);
        };
        self.check_inside()?;
        let mut names: Vec<_> = listing
            .filter_map(|e| e.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        let stable_is_ours =
            self.holds_runtime() || self.state(runtime::STABLE_NAME) == AssetState::Right;
        let mut left = names.len();
        for name in names {
            let current = name == runtime::hashed_name() || name == runtime::STABLE_NAME;
            let file = self.folder.join(&name);
            let ours = if name == runtime::STABLE_NAME {
                stable_is_ours
            } else {
                is_runtime(&name, &file)
            };
            if (keep_current && current) || !ours {
                continue;
            }
            let path = self.path(&name);
            if !dry_run {
                fs::remove_file(&file).map_err(|source| AssetError::Io {
                    path: path.clone(),
                    source,
                })?;
            }
            left -= 1;
            let verb = if dry_run { "would delete" } else { "deleted" };
            removed.push(format!("{verb} {path}"));
        }
        if left == 0 && !removed.is_empty() && !dry_run {
            // Folders above it that asset-dir made stay empty at worst: they may be the generator's.
            self.remove_empty_folders();
        }
        Ok(removed)
    }

    fn remove_empty_folders(&self) {
        let mut folder = self.folder.as_path();
        while folder != self.root && fs::remove_dir(folder).is_ok() {
            match folder.parent() {
                Some(parent) => folder = parent,
                None => break,
            }
        }
    }
}

/// How one of the runtime's files is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetState {
    /// As this version writes it.
    Right,
    /// There is a file of its name with other content.
    Other,
    /// It is not there.
    Missing,
}

/// Whether a file is a runtime as some version wrote it, under its name by content.
fn is_runtime(name: &str, file: &Path) -> bool {
    runtime::is_hashed_name(name)
        && read(file).is_ok_and(|(bytes, ..)| runtime::name_of(&bytes) == name)
}
