//! The runtime's files in a site: written before the first page that loads them, checked, and taken away again. Whose the
//! files are that are there already, [`held`](super::held) tells.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::held::{AssetState, Held};
use crate::config::{Config, DEFAULT_ASSET_DIR, EARLIER_ASSET_DIR, Siblings};
use crate::runtime::{self, File};
use crate::site::{Coding, Like, PagePath, Role, WriteError, make_folder, stage};

/// The folder of the runtime in a site.
#[derive(Debug)]
pub struct Assets {
    pub(super) held: Held,
    root: PathBuf,
    /// What happens to compressed copies of files that change.
    pub(super) siblings: Siblings,
    /// The site is a copy that this run makes of a site that was checked.
    checked: bool,
    /// The folder whose readers may read that of the runtime.
    site: PathBuf,
    /// The page that was first to ask: whoever may read it may read the runtime.
    like: OnceLock<(Metadata, PathBuf)>,
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
        "{0} is there already, and chathub did not write its content, so it stays as it is; \
         choose another asset-dir (placeholder.asset-dir, --asset-dir), or delete the file if nothing needs it"
    )]
    Foreign(String),
    /// The folder's name differs from one in the site in case alone.
    #[error(
        "the asset folder {wanted} differs from {found} in the site in case alone, and many file systems and hosts \
         take the two for one; write it as the site does, or choose another asset-dir"
    )]
    Case {
        /// The folder, as far as it is meant.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// Something that is no folder is in the way.
    #[error(
        "{0} is not a folder, so the runtime cannot be written into it; choose another asset-dir (placeholder.asset-dir, --asset-dir)"
    )]
    NoFolder(String),
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
    /// The runtime's files in the site at `root`.
    #[must_use]
    pub fn new(root: &Path, config: &Config) -> Self {
        Self {
            held: held(root, &config.placeholder.asset_dir),
            root: root.to_owned(),
            siblings: config.compressed_siblings,
            checked: false,
            site: root.to_owned(),
            like: OnceLock::new(),
            ensured: Mutex::new(None),
        }
    }

    /// The same in a copy of `site`, whose own files have been [checked](Self::check): what comes here is from there.
    #[must_use]
    pub fn in_copy(root: &Path, site: &Path, config: &Config) -> Self {
        Self {
            checked: true,
            site: site.to_owned(),
            ..Self::new(root, config)
        }
    }

    /// Makes sure that nothing of somebody else's is in the way of the runtime's files.
    pub fn check(&self) -> Result<(), AssetError> {
        self.check_names()?;
        self.check_routes()?;
        for file in &runtime::FILES {
            for name in file.names() {
                if self.held.state(file, &name) == AssetState::Foreign {
                    return Err(AssetError::Foreign(self.held.path(&name)));
                }
                for coding in Coding::ALL {
                    if self.held.copy_state(file, &name, coding) == AssetState::Foreign {
                        let name = format!("{name}{}", coding.extension());
                        return Err(AssetError::Foreign(self.held.path(&name)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Each part of the folder's path is a folder, is not there, and is not there in another case.
    fn check_names(&self) -> Result<(), AssetError> {
        let mut folder = self.root.clone();
        let mut above = String::new();
        for part in self.held.name.split('/') {
            let entries = fs::read_dir(&folder).into_iter().flatten();
            let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
            let other = names
                .filter(|name| name != OsStr::new(part))
                .filter_map(|name| name.into_string().ok())
                .find(|name| name.to_lowercase() == part.to_lowercase());
            if let Some(other) = other {
                return Err(AssetError::Case {
                    wanted: format!("{above}{part}"),
                    found: format!("{above}{other}"),
                });
            }
            folder.push(part);
            above.push_str(part);
            match fs::metadata(&folder) {
                Ok(metadata) if !metadata.is_dir() => return Err(AssetError::NoFolder(above)),
                Ok(_) => above.push('/'),
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Whether this is the path of a file that it writes.
    pub(super) fn is_at(&self, path: &PagePath) -> bool {
        runtime::FILES.iter().any(|file| {
            let mut names = file.names();
            names.any(|name| self.path(&name).as_bytes() == path.as_bytes())
        })
    }

    /// Makes sure that the runtime is there, once per run: no page may point at what is not there yet. `like`: the page.
    pub(super) fn ensure(&self, like: Like<'_>, dry_run: bool) -> Result<(), String> {
        self.like
            .get_or_init(|| (like.metadata.clone(), like.file.to_owned()));
        let mut ensured = self.ensured.lock().unwrap_or_else(PoisonError::into_inner);
        let done =
            ensured.get_or_insert_with(|| self.write(dry_run).map_err(|error| error.to_string()));
        done.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Makes sure of the runtime once more where pages load it: with the rest of the site, an older one may have been
    /// copied over it.
    pub fn settle(&self) -> Result<(), AssetError> {
        let ensured = self.ensured.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*ensured, Some(Ok(_))) {
            self.write(false)?;
        }
        Ok(())
    }

    /// What was written to make sure of that, for the report.
    #[must_use]
    pub fn written(&self) -> Vec<String> {
        let ensured = self.ensured.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ensured {
            Some(Ok(written)) => written.clone(),
            _ => Vec::new(),
        }
    }

    fn write(&self, dry_run: bool) -> Result<Vec<String>, AssetError> {
        check_inside(&self.held, &self.root)?;
        if !self.checked {
            self.check()?;
        }
        let mut done = Vec::new();
        for file in &runtime::FILES {
            for name in file.names() {
                // Copies first: should the run be killed in between, the file is still seen to need its change.
                self.write_copies(file, &name, dry_run, &mut done)?;
                if self.held.state(file, &name) == AssetState::Right {
                    continue;
                }
                if !dry_run {
                    let made = make_folder(&self.held.folder, &self.site);
                    made.map_err(|source| AssetError::Io {
                        path: self.held.name.clone(),
                        source,
                    })?;
                    self.put(&name, |out| out.write_all(file.content))?;
                }
                done.push(self.said("write", "wrote", dry_run, &name));
            }
        }
        Ok(done)
    }

    /// Brings the compressed copies of a file in line with what it is going to be.
    fn write_copies(
        &self,
        file: &File,
        name: &str,
        dry_run: bool,
        done: &mut Vec<String>,
    ) -> Result<(), AssetError> {
        for coding in Coding::ALL {
            let state = self.held.copy_state(file, name, coding);
            if matches!(state, AssetState::Right | AssetState::Missing)
                || self.siblings == Siblings::Leave
            {
                continue;
            }
            let copy = format!("{name}{}", coding.extension());
            if self.siblings == Siblings::Remove {
                if !dry_run {
                    delete(&self.held, &copy)?;
                }
                done.push(self.said("delete", "deleted", dry_run, &copy));
            } else {
                if !dry_run {
                    self.put(&copy, |out| coding.compress(file.content, out))?;
                }
                done.push(self.said("write", "wrote", dry_run, &copy));
            }
        }
        Ok(())
    }

    pub(super) fn put(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), AssetError> {
        let io = |source| AssetError::Io {
            path: self.held.path(name),
            source,
        };
        let asked = self.like.get();
        let (metadata, file) = asked.ok_or_else(|| io(io::ErrorKind::NotFound.into()))?;
        let like = Like {
            metadata,
            file,
            role: Role::Companion,
        };
        stage(&self.held.folder.join(name), like, write)
            .and_then(|staged| staged.commit(None))
            .map_err(|source| AssetError::Write {
                path: self.held.path(name),
                source,
            })
    }

    pub(super) fn said(&self, would: &str, did: &str, dry_run: bool, name: &str) -> String {
        said(would, did, dry_run, &self.held.path(name))
    }

    /// What is the matter with a file under one of its names.
    #[must_use]
    pub fn state(&self, file: &File, name: &str) -> AssetState {
        self.held.state(file, name)
    }

    /// The same of its compressed copy.
    #[must_use]
    pub fn copy_state(&self, file: &File, name: &str, coding: Coding) -> AssetState {
        self.held.copy_state(file, name, coding)
    }

    /// The path of one of the runtime's files, relative to the site.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        self.held.path(name)
    }

    /// Takes the runtime away: the files that this version and others wrote and nobody changed, and the folder if that
    /// empties it. With `keep_current`, all but this version's. The folders in which earlier versions and
    /// configurations put them are looked into as well.
    pub fn remove(&self, keep_current: bool, dry_run: bool) -> Result<Vec<String>, AssetError> {
        let mut removed = Vec::new();
        for held in iter::once(&self.held).chain(&self.earlier()) {
            let current = held.folder == self.held.folder;
            let names = held.ours(keep_current && current);
            if names.is_empty() {
                continue;
            }
            check_inside(held, &self.root)?;
            for name in &names {
                if !dry_run {
                    delete(held, name)?;
                }
                removed.push(said("delete", "deleted", dry_run, &held.path(name)));
            }
            if !dry_run {
                self.remove_empty_folders(&held.folder);
            }
        }
        Ok(removed)
    }

    /// Folders that earlier versions or configurations put files into, and that still hold some.
    #[must_use]
    pub fn left_behind(&self) -> Vec<String> {
        let earlier = self.earlier().into_iter();
        let held = earlier.filter(|held| !held.ours(false).is_empty());
        held.map(|held| held.name).collect()
    }

    fn earlier(&self) -> Vec<Held> {
        [EARLIER_ASSET_DIR, DEFAULT_ASSET_DIR]
            .into_iter()
            .filter(|name| *name != self.held.name)
            .map(|name| held(&self.root, name))
            .collect()
    }

    /// Up to the first folder that holds something else.
    fn remove_empty_folders(&self, folder: &Path) {
        let mut folder = folder;
        while folder != self.root && fs::remove_dir(folder).is_ok() {
            match folder.parent() {
                Some(parent) => folder = parent,
                None => break,
            }
        }
    }
}

fn held(root: &Path, name: &str) -> Held {
    Held {
        folder: root.join(name),
        name: name.to_owned(),
    }
}

pub(super) fn delete(held: &Held, name: &str) -> Result<(), AssetError> {
    fs::remove_file(held.folder.join(name)).map_err(|source| AssetError::Io {
        path: held.path(name),
        source,
    })
}

fn said(would: &str, did: &str, dry_run: bool, path: &str) -> String {
    if dry_run {
        format!("would {would} {path}")
    } else {
        format!("{did} {path}")
    }
}

/// The folder need not be there yet: then the nearest one above it that is must be inside.
fn check_inside(held: &Held, root: &Path) -> Result<(), AssetError> {
    let io = |source| AssetError::Io {
        path: held.name.clone(),
        source,
    };
    let mut above = held.folder.ancestors();
    let there = above.find(|folder| folder.exists());
    let folder = fs::canonicalize(there.unwrap_or(root)).map_err(io)?;
    let root = fs::canonicalize(root).map_err(io)?;
    if folder.starts_with(root) {
        Ok(())
    } else {
        Err(AssetError::Outside(held.name.clone()))
    }
}
