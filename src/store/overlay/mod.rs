//! A site in a folder that is written to another folder, with everything that stays as it is.
//!
//! What is not changed is there as it was: content, mode, access list, time, names that share a file. Only the owner is
//! the user who makes the copy. A link points to the same thing as before, and never from the copy back into the site.

mod content;
mod copy;
mod output;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use super::cancel::Cancel;
use super::entry::{Handle, ListOptions};
use super::error::WriteError;
use super::folder::{Folder, Like, Role, StagedFile};
use super::path::PagePath;
use super::version::Version;
use super::{Carried, Entries, Staged, Store, Writes};

pub use output::OutputError;

/// See the module.
#[derive(Debug)]
pub struct Overlay {
    /// What is read.
    folder: Folder,
    /// What is written.
    written: Folder,
    /// The first without links on the way.
    site: PathBuf,
    /// The second.
    output: PathBuf,
    /// Beside the site, where links may lead that are replaced by what they point to.
    link_root: Option<PathBuf>,
    /// Whether the folder of the copy was there already: then its mode is somebody's choice.
    was_there: bool,
    /// Where the first of several names of one file is, by device and number.
    shared: Mutex<HashMap<(u64, u64), Shared>>,
    notes: Mutex<Notes>,
    /// Asks it to stop, in the middle of a file as well.
    cancel: Arc<Cancel>,
}

/// Set once the first name is there; none, if it could not be made.
type Shared = Arc<OnceLock<Option<PathBuf>>>;

#[derive(Debug, Default)]
struct Notes {
    /// How many files had to go without an attribute; the first of them, and its attribute.
    lost: Option<(u64, String)>,
    /// How many links lead out of the site, and the first of them.
    leaving: Option<(u64, String)>,
}

impl Overlay {
    /// A copy of `site` in `output`, which is empty.
    fn new(
        site: &Path,
        output: &Path,
        was_there: bool,
        link_root: Option<&Path>,
        cancel: Arc<Cancel>,
    ) -> io::Result<Self> {
        Ok(Self {
            folder: Folder::new(site),
            written: Folder::like(output, site),
            site: fs::canonicalize(site)?,
            output: fs::canonicalize(output)?,
            // Where there is none, no link leads to it.
            link_root: link_root.and_then(|root| fs::canonicalize(root).ok()),
            was_there,
            shared: Mutex::default(),
            notes: Mutex::default(),
            cancel,
        })
    }
}

/// Takes the place of nothing.
struct New(StagedFile);

impl Staged for New {
    fn commit(self: Box<Self>, _: Option<&Version>) -> Result<(), WriteError> {
        self.0.commit_new()
    }
}

/// Reads the site, and writes the copy.
impl Store for Overlay {
    reads!(self, self.folder);

    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        self.folder.list(&ListOptions {
            everything: true,
            ..options.clone()
        })
    }

    fn stage(
        &self,
        file: &Handle,
        like: &Version,
        write: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError> {
        let staged = self.write(&file.path, copy_of(file, like)?, write)?;
        Ok(Box::new(New(staged)))
    }

    fn put(
        &self,
        path: &PagePath,
        like: (&Handle, &Version),
        write: Writes<'_>,
    ) -> Result<(), WriteError> {
        self.written.put(path, like, write)
    }

    /// What is deleted is not taken over.
    fn delete(&self, _: &Handle, _: Option<&Version>) -> Result<(), WriteError> {
        Ok(())
    }

    fn keep(
        &self,
        file: &Handle,
        version: &Version,
        bytes: Option<&[u8]>,
    ) -> Result<(), WriteError> {
        let like = copy_of(file, version)?;
        match bytes {
            // The bytes that were judged, whatever the file says by now; names that share a file share one in the copy.
            Some(bytes) if self.shared(like.metadata).is_none() => {
                let staged = self.write(&file.path, like, &mut |out| out.write_all(bytes))?;
                staged.dated(like.metadata)?.commit_new()
            }
            _ => {
                let copied = self.file(&file.path, &file.file, like.metadata);
                copied.map_err(WriteError::while_("cannot copy it"))
            }
        }
    }

    fn carry(&self, file: &Handle, what: Carried<'_>) -> io::Result<()> {
        match what {
            Carried::LinkTo(other) => self.link(&file.path, file.place(), Some(other)),
            Carried::AsFile => {
                let real = fs::canonicalize(file.place())?;
                self.file(&file.path, &real, &fs::metadata(&real)?)
            }
            Carried::AsItIs => match self.take(&file.path, file.place()) {
                // Today's runtime is there already.
                Err(error)
                    if error.kind() == io::ErrorKind::AlreadyExists
                        && self.written.has_put(&file.path) =>
                {
                    Ok(())
                }
                taken => taken,
            },
        }
    }

    fn copy(&self) -> Option<&dyn Store> {
        Some(&self.written)
    }

    fn finish(&self) -> io::Result<Vec<String>> {
        self.finish_folders()?;
        Ok(self.notices())
    }
}

fn copy_of<'a>(file: &'a Handle, version: &'a Version) -> Result<Like<'a>, WriteError> {
    let metadata = version.metadata();
    Ok(Like {
        metadata: metadata.map_err(WriteError::while_("cannot look at it"))?,
        file: &file.file,
        role: Role::Copy,
    })
}
