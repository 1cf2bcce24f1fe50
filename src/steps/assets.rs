//! The runtime's files in a site: written before the first page that loads them, checked, and taken away again. Whose the
//! files are that are there already, [`asset_folder`](super::asset_folder) tells.

use std::ffi::OsStr;
use std::io;
use std::iter;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::asset_folder::{AssetFolder, AssetState};
use crate::runtime::{self, File};
use crate::settings::{Config, DEFAULT_ASSET_DIR, EARLIER_ASSET_DIR, Siblings};
use crate::store::{Coding, Handle, Kind, PagePath, Store, Version, WriteError, Writes};

/// The folder of the runtime in a site.
pub struct Assets<'a> {
    pub(super) held: AssetFolder<'a>,
    /// What happens to compressed copies of files that change.
    pub(super) siblings: Siblings,
    /// The site is a copy that this run makes of a site that was checked.
    checked: bool,
    /// The page that was first to ask: anyone who may read it may read the runtime.
    like: OnceLock<(Handle, Version)>,
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
    /// Something that is not a folder is in the way.
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

impl<'a> Assets<'a> {
    /// The runtime's files in a site.
    #[must_use]
    pub fn new(store: &'a dyn Store, config: &'a Config) -> Self {
        Self {
            held: AssetFolder {
                store,
                name: &config.placeholder.asset_dir,
            },
            siblings: config.compressed_siblings,
            checked: false,
            like: OnceLock::new(),
            ensured: Mutex::new(None),
        }
    }

    /// The same where a run writes. What comes into a copy is from the site, whose own files have been
    /// [checked](Self::check).
    #[must_use]
    pub fn written(store: &'a dyn Store, config: &'a Config) -> Self {
        let copy = store.copy();
        Self {
            checked: copy.is_some(),
            ..Self::new(copy.unwrap_or(store), config)
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
        let mut folder = PagePath::default();
        for part in self.held.name.split('/') {
            let names = self.held.store.names(&folder).into_iter();
            let other = names
                .filter(|name| name != OsStr::new(part))
                .filter_map(|name| name.into_string().ok())
                .find(|name| name.to_lowercase() == part.to_lowercase());
            let inside = folder.join(part.as_ref());
            if let Some(other) = other {
                return Err(AssetError::Case {
                    wanted: inside.to_string(),
                    found: folder.join(other.as_ref()).to_string(),
                });
            }
            folder = inside;
            match self.held.store.kind(&folder) {
                Kind::Folder => {}
                Kind::File(_) | Kind::Special => {
                    return Err(AssetError::NoFolder(folder.to_string()));
                }
                Kind::Nothing | Kind::Unknown => return Ok(()),
            }
        }
        Ok(())
    }

    /// Makes sure that the runtime is there, once per run: no page may point at what is not there yet. `like`: the page.
    pub(super) fn ensure(&self, page: &Handle, version: &Version) -> Result<(), String> {
        self.like.get_or_init(|| (page.clone(), version.clone()));
        let mut ensured = self.ensured.lock().unwrap_or_else(PoisonError::into_inner);
        let done = ensured.get_or_insert_with(|| self.write().map_err(|error| error.to_string()));
        done.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Makes sure of the runtime once more where pages load it: with the rest of the site, an older one may have been
    /// copied over it.
    pub fn settle(&self) -> Result<(), AssetError> {
        let ensured = self.ensured.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*ensured, Some(Ok(_))) {
            self.write()?;
        }
        Ok(())
    }

    /// What was written to make sure of that, for the report.
    #[must_use]
    pub fn done(&self) -> Vec<String> {
        let ensured = self.ensured.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ensured {
            Some(Ok(written)) => written.clone(),
            _ => Vec::new(),
        }
    }

    fn write(&self) -> Result<Vec<String>, AssetError> {
        self.held.check_inside()?;
        if !self.checked {
            self.check()?;
        }
        let mut done = Vec::new();
        for file in &runtime::FILES {
            for name in file.names() {
                // Copies first: should the run be killed in between, the file is still seen to need its change.
                self.write_copies(file, &name, &mut done)?;
                if self.held.state(file, &name) != AssetState::Right {
                    done.push(self.put(&name, &mut |out| out.write_all(file.content))?);
                }
            }
        }
        Ok(done)
    }

    /// Brings the compressed copies of a file in line with what it is going to be.
    fn write_copies(
        &self,
        file: &File,
        name: &str,
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
            done.push(if self.siblings == Siblings::Remove {
                self.held.delete(&copy)?
            } else {
                self.put(&copy, &mut |out| coding.compress(file.content, out))?
            });
        }
        Ok(())
    }

    /// Writes a file, and says so.
    pub(super) fn put(&self, name: &str, write: Writes<'_>) -> Result<String, AssetError> {
        let failed = |source| AssetError::Write {
            path: self.held.path(name),
            source,
        };
        if !self.held.store.is_dry() {
            let asked = self.like.get().ok_or(WriteError::Changed);
            let (page, version) = asked.map_err(failed)?;
            let put = self
                .held
                .store
                .put(&self.held.at(name), (page, version), write);
            put.map_err(failed)?;
        }
        Ok(self.held.said("would write", "wrote", name))
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
    pub fn remove(&self, keep_current: bool) -> Result<Vec<String>, AssetError> {
        let mut removed = Vec::new();
        for held in iter::once(self.held).chain(self.earlier()) {
            let current = held.name == self.held.name;
            let names = held.ours(keep_current && current);
            if names.is_empty() {
                continue;
            }
            held.check_inside()?;
            for name in &names {
                removed.push(held.delete(name)?);
            }
            // Up to the first folder that holds something else.
            let mut folder = held.folder();
            while !folder.as_bytes().is_empty() && held.store.delete_folder(&folder) {
                folder = folder.parent();
            }
        }
        Ok(removed)
    }

    /// Whether there are files that another version wrote.
    #[must_use]
    pub fn has_others(&self) -> bool {
        !self.held.ours(true).is_empty()
    }

    /// Folders that earlier versions or configurations put files into, and that still hold some.
    #[must_use]
    pub fn left_behind(&self) -> Vec<String> {
        let held = self.earlier().filter(|held| !held.ours(false).is_empty());
        held.map(|held| held.name.to_owned()).collect()
    }

    fn earlier(&self) -> impl Iterator<Item = AssetFolder<'a>> + use<'a> {
        let AssetFolder { store, name } = self.held;
        [EARLIER_ASSET_DIR, DEFAULT_ASSET_DIR]
            .into_iter()
            .filter(move |earlier| *earlier != name)
            .map(move |name| AssetFolder { store, name })
    }
}

impl AssetFolder<'_> {
    /// Deletes a file, and says so.
    pub(super) fn delete(&self, name: &str) -> Result<String, AssetError> {
        let deleted = self.store.delete(&self.store.at(&self.at(name)), None);
        deleted.map_err(|source| AssetError::Write {
            path: self.path(name),
            source,
        })?;
        Ok(self.said("would delete", "deleted", name))
    }

    fn said(&self, would: &str, did: &str, name: &str) -> String {
        let verb = if self.store.is_dry() { would } else { did };
        format!("{verb} {}", self.path(name))
    }

    /// Makes sure that the folder is in the site, or will be.
    fn check_inside(&self) -> Result<(), AssetError> {
        match self.store.is_inside(&self.folder()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(AssetError::Outside(self.name.to_owned())),
            Err(source) => Err(AssetError::Io {
                path: self.name.to_owned(),
                source,
            }),
        }
    }
}
