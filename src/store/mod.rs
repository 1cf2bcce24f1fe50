//! Where a site is kept. Everything that reads or writes a site does it through a [`Store`], so that all of it works the same
//! on a folder, into a copy, in memory, and where nothing may be written.
//!
//! | store | reads | writes |
//! | --- | --- | --- |
//! | [`Folder`] | a folder | in place: every file is old or new, never half, and keeps its owner, mode and attributes |
//! | [`Overlay`] | a folder | another folder, with everything that stays as it is |
//! | [`Dry`] | another store | nothing |
//! | [`Memory`] | memory | memory |
//! | [`Failing`] | another store | what the test allows, and fails with the rest |

/// The methods of a store that reads what another one has.
macro_rules! reads {
    ($self:ident, $store:expr) => {
        fn read(&$self, file: &crate::store::Handle) -> std::io::Result<crate::store::Content> {
            $store.read(file)
        }

        fn open(
            &$self,
            file: &crate::store::Handle,
        ) -> std::io::Result<Box<dyn std::io::Read + '_>> {
            $store.open(file)
        }

        looks!($self, $store);
    };
}

/// Those that tell what is there in another store, and open nothing.
macro_rules! looks {
    ($self:ident, $store:expr) => {
        fn at(&$self, path: &crate::store::PagePath) -> crate::store::Handle {
            $store.at(path)
        }

        fn kind(&$self, path: &crate::store::PagePath) -> crate::store::Kind {
            $store.kind(path)
        }

        fn names(&$self, folder: &crate::store::PagePath) -> Vec<std::ffi::OsString> {
            $store.names(folder)
        }

        fn is_inside(&$self, folder: &crate::store::PagePath) -> std::io::Result<bool> {
            $store.is_inside(folder)
        }

        fn sibling(
            &$self,
            page: &crate::store::PageFile,
            coding: crate::store::Coding,
            other: Option<&crate::store::PagePath>,
        ) -> std::io::Result<crate::store::Beside> {
            $store.sibling(page, coding, other)
        }
    };
}

mod cancel;
mod coding;
mod compression;
mod dry;
mod entry;
mod error;
mod failing;
mod folder;
mod memory;
mod overlay;
mod path;
mod version;

use std::ffi::OsString;
use std::io::{self, Read, Write};

pub use cancel::Cancel;
pub(crate) use cancel::{is_stop, stop};
pub use coding::Coding;
pub use compression::Compression;
pub use dry::Dry;
pub use entry::{Alias, Entry, FolderConfig, Handle, ListOptions, PageFile, Skipped};
pub use error::WriteError;
pub use failing::{Deed, Failing};
pub use folder::{Folder, LEFTOVER_PREFIX, LEFTOVER_SUFFIX, Lock, read_file};
pub use memory::Memory;
pub use overlay::{OutputError, Overlay};
pub use path::PagePath;
pub use version::{Content, Version};

/// Lists a site, reads it, and writes to it. Files are named by [`Handle`]s, which the store that gave them understands.
///
/// Whatever is written or deleted can be held to the [`Version`] that was read: if the file is another by now, nothing
/// happens, and the answer is [`WriteError::Changed`].
pub trait Store: Send + Sync {
    /// Everything in the site, folder by folder, in an order that depends on names alone. A folder's listing is held while
    /// the walk is in it, so memory grows with the largest folder and not with the site. No file is opened.
    ///
    /// # Errors
    ///
    /// If the site itself cannot be listed. A folder in it that cannot is an [`Entry::Unreadable`].
    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>>;

    /// A whole file, and the version that goes with these very bytes.
    ///
    /// # Errors
    ///
    /// If it is not there, not a regular file, or cannot be read.
    fn read(&self, file: &Handle) -> io::Result<Content>;

    /// A file to be read piece by piece.
    ///
    /// # Errors
    ///
    /// If it is not there or cannot be opened.
    fn open(&self, file: &Handle) -> io::Result<Box<dyn Read + '_>>;

    /// What names a file by its path alone, whether it is there or not.
    fn at(&self, path: &PagePath) -> Handle;

    /// What is at a path.
    fn kind(&self, path: &PagePath) -> Kind;

    /// The names in a folder; none where it cannot be listed.
    fn names(&self, folder: &PagePath) -> Vec<OsString>;

    /// Whether a folder, or the nearest one above it that is there, is in the site and not behind a link out of it.
    ///
    /// # Errors
    ///
    /// If the site is not there.
    fn is_inside(&self, _folder: &PagePath) -> io::Result<bool> {
        Ok(true)
    }

    /// The compressed copy beside a page. `other`: the path by which the page is handled, if that is another one.
    ///
    /// # Errors
    ///
    /// If it is not there any more.
    fn sibling(
        &self,
        page: &PageFile,
        coding: Coding,
        other: Option<&PagePath>,
    ) -> io::Result<Beside>;

    /// Whether a file may be written at all, and what there is to be told of it.
    ///
    /// # Errors
    ///
    /// [`WriteError::Outside`]
    fn writable(&self, _file: &Handle) -> Result<Option<&'static str>, WriteError> {
        Ok(None)
    }

    /// Makes a new version of a file. Nobody sees it until it is committed; dropped, it leaves nothing behind. `like`: the
    /// version whose owner, mode and attributes it keeps.
    ///
    /// # Errors
    ///
    /// If it cannot be made, or not with all that it must keep.
    fn stage(
        &self,
        file: &Handle,
        like: &Version,
        write: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError>;

    /// Writes a file of our own for those who may read the file that `like` names. Folders on the way are made.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn put(
        &self,
        path: &PagePath,
        like: (&Handle, &Version),
        write: Writes<'_>,
    ) -> Result<(), WriteError>;

    /// Deletes a file, if it is still the version that was `seen`.
    ///
    /// # Errors
    ///
    /// If it cannot be deleted, or has changed.
    fn delete(&self, file: &Handle, seen: Option<&Version>) -> Result<(), WriteError>;

    /// Deletes a folder that is empty; whether it was.
    fn delete_folder(&self, _folder: &PagePath) -> bool {
        false
    }

    /// A file stays as it is: a store that writes elsewhere takes it over. `bytes`: its content, where that is known.
    ///
    /// # Errors
    ///
    /// If it cannot be written there.
    fn keep(
        &self,
        _file: &Handle,
        _version: &Version,
        _bytes: Option<&[u8]>,
    ) -> Result<(), WriteError> {
        Ok(())
    }

    /// The same of anything else that is in the site.
    ///
    /// # Errors
    ///
    /// If it cannot be written there.
    fn carry(&self, _file: &Handle, _what: Carried<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Where it writes, if that is not where it reads.
    fn copy(&self) -> Option<&dyn Store> {
        None
    }

    /// Whether nothing is written, whatever is asked for.
    fn is_dry(&self) -> bool {
        false
    }

    /// Holds the site, until what is returned is dropped, against other runs that write. `waiting` is called if another one
    /// holds it.
    fn lock(&self, _waiting: &dyn Fn()) -> Lock {
        Lock::default()
    }

    /// Ends a run that was not interrupted. Returns what the user must know of it.
    ///
    /// # Errors
    ///
    /// If what was written cannot be completed.
    fn finish(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// What a store lists.
pub type Entries<'a> = Box<dyn Iterator<Item = Entry> + Send + 'a>;

/// Writes a file's content.
pub type Writes<'a> = &'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

/// A new version of a file, complete but not yet in its place.
pub trait Staged {
    /// Puts it in its place, in one step, if the file there is still the version that was `seen`.
    ///
    /// # Errors
    ///
    /// If it cannot be put there, or the file has changed.
    fn commit(self: Box<Self>, seen: Option<&Version>) -> Result<(), WriteError>;
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, not even a broken link.
    Nothing,
    /// A regular file, of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A FIFO, socket or device.
    Special,
    /// Something that cannot be inspected, such as a link to nothing.
    Unknown,
}

/// The compressed copy beside a page.
#[derive(Debug)]
pub struct Beside {
    /// The file.
    pub file: Handle,
    /// As it is now.
    pub version: Version,
    /// It belongs to the path by which the page is handled, and this is a link to it.
    pub is_elsewhere: bool,
}

/// How something that stays as it is gets into a store that writes elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried<'a> {
    /// As it is: a file, folder or link.
    AsItIs,
    /// As a link to what the site has by this path.
    LinkTo(&'a PagePath),
    /// As a file, even if it is a link.
    AsFile,
}
