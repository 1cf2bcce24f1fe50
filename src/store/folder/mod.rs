//! A site in a folder, written in place.

mod file;
mod keep;
mod links;
mod lists;
mod lock;
mod rules;
mod through;
mod walk;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::coding::Coding;
use super::entry::{Handle, ListOptions, PageFile, Reach};
use super::error::WriteError;
use super::path::PagePath;
use super::version::{Content, Version};
use super::{Beside, Entries, Kind, Staged, Store, Writes};

pub use file::{LEFTOVER_PREFIX, LEFTOVER_SUFFIX, read_file};
pub(super) use file::{StagedFile, open, stage, taken};
pub(super) use keep::{Like, Role, keep, open_folder, times};
pub(super) use links::is_not_site;
pub use lock::Lock;

/// A site in a folder; see the module.
#[derive(Debug)]
pub struct Folder {
    pub(super) root: PathBuf,
    /// The folder whose readers and writers may read and write what is made here.
    like: PathBuf,
    /// What of our own has been put here.
    put: Mutex<BTreeSet<PagePath>>,
}

impl Folder {
    /// The site in this folder.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            like: root.to_owned(),
            put: Mutex::default(),
        }
    }

    /// A folder for those who may read and write another one.
    pub(super) fn like(root: &Path, other: &Path) -> Self {
        Self {
            like: other.to_owned(),
            ..Self::new(root)
        }
    }

    fn real(&self, path: &PagePath) -> PathBuf {
        self.root.join(path.to_path())
    }

    /// Whether [`put`](Store::put) has written this.
    pub(super) fn has_put(&self, path: &PagePath) -> bool {
        let put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        put.contains(path)
    }
}

impl Store for Folder {
    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        Ok(Box::new(walk::Walk::new(&self.root, options.clone())?))
    }

    fn read(&self, file: &Handle) -> io::Result<Content> {
        read_file(&file.file)
    }

    fn open(&self, file: &Handle) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(open(&file.file)?))
    }

    fn at(&self, path: &PagePath) -> Handle {
        Handle::own(path.clone(), self.real(path))
    }

    fn kind(&self, path: &PagePath) -> Kind {
        let file = self.real(path);
        match fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() => Kind::File(metadata.len()),
            Ok(metadata) if metadata.is_dir() => Kind::Folder,
            Ok(_) => Kind::Special,
            // A link to nothing is something, too.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && fs::symlink_metadata(&file).is_err() =>
            {
                Kind::Nothing
            }
            Err(_) => Kind::Unknown,
        }
    }

    fn names(&self, folder: &PagePath) -> Vec<OsString> {
        let listing = fs::read_dir(self.real(folder)).into_iter().flatten();
        listing
            .filter_map(|entry| Some(entry.ok()?.file_name()))
            .collect()
    }

    fn is_inside(&self, folder: &PagePath) -> io::Result<bool> {
        let folder = self.real(folder);
        let there = folder.ancestors().find(|folder| folder.exists());
        let real = fs::canonicalize(there.unwrap_or(&self.root))?;
        Ok(real.starts_with(fs::canonicalize(&self.root)?))
    }

    fn sibling(
        &self,
        page: &PageFile,
        coding: Coding,
        other: Option<&PagePath>,
    ) -> io::Result<Beside> {
        let mut copy = page.file.beside(coding);
        let (page, place) = (&page.file, copy.file.clone());
        let is_link = fs::symlink_metadata(&place)?.is_symlink();
        if is_link {
            copy.file = fs::canonicalize(&place)?;
        }
        let metadata = fs::metadata(&copy.file)?;
        // The link to a page, and a link to its copy: what they point to belongs together.
        let with_page = is_link && page.link.is_some() && copy.file == coding.path(&page.file);
        let listed = |other: &PagePath| page.file.ends_with(other.to_path());
        let is_elsewhere = with_page && other.is_some_and(listed);
        // Any other link to a copy becomes a file: what it points to may be the copy of another page.
        copy.reach = match page.reach {
            Reach::Outside => Reach::Outside,
            Reach::Link if is_link => Reach::Link,
            Reach::Own if is_link && !with_page => Reach::Link,
            Reach::Link | Reach::Own => Reach::Own,
        };
        copy.link = is_link.then_some(place);
        Ok(Beside {
            file: copy,
            version: Version::of(metadata),
            is_elsewhere,
        })
    }

    fn writable(&self, file: &Handle) -> Result<Option<&'static str>, WriteError> {
        match file.reach {
            Reach::Own => Ok(None),
            Reach::Link => Ok(Some("a file in place of a link out of the site")),
            Reach::Outside => Err(WriteError::Outside),
        }
    }

    fn stage(
        &self,
        file: &Handle,
        like: &Version,
        write: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError> {
        let metadata = like
            .metadata()
            .map_err(WriteError::while_("cannot look at it"))?;
        let like = |role| Like {
            metadata,
            file: &file.file,
            role,
        };
        let staged = match file.reach {
            Reach::Own => stage(&file.file, like(Role::Successor), write)?,
            Reach::Link => stage(file.place(), like(Role::Copy), write)?,
            Reach::Outside => return Err(WriteError::Outside),
        };
        match &staged.lost {
            None => Ok(Box::new(staged)),
            Some(name) => Err(WriteError::Attribute {
                name: name.to_string_lossy().into_owned(),
                source: io::Error::from(io::ErrorKind::Unsupported),
            }),
        }
    }

    fn put(
        &self,
        path: &PagePath,
        (file, version): (&Handle, &Version),
        write: Writes<'_>,
    ) -> Result<(), WriteError> {
        let metadata = version
            .metadata()
            .map_err(WriteError::while_("cannot look at its page"))?;
        let made = keep::make_folder(&self.real(&path.parent()), &self.root, &self.like);
        made.map_err(WriteError::while_("cannot create its folder"))?;
        let like = Like {
            metadata,
            file: &file.file,
            role: Role::Companion,
        };
        let staged = stage(&self.real(path), like, write)?;
        let mut put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
        put.insert(path.clone());
        drop(put);
        Box::new(staged).commit(None)
    }

    fn delete(&self, file: &Handle, seen: Option<&Version>) -> Result<(), WriteError> {
        file::check(file.place(), seen)?;
        fs::remove_file(file.place()).map_err(WriteError::while_("cannot delete it"))
    }

    fn delete_folder(&self, folder: &PagePath) -> bool {
        fs::remove_dir(self.real(folder)).is_ok()
    }

    fn lock(&self, waiting: &dyn Fn()) -> Lock {
        lock::lock(&self.root, waiting)
    }
}
