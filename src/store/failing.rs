//! A store that fails on demand, for tests of what happens then.

use std::io::{self, Read};

use super::{
    Carried, Content, Entries, Handle, ListOptions, PagePath, Staged, Store, Version, WriteError,
    Writes,
};

/// What a store is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// To read a file.
    Read,
    /// To make a new version of a file.
    Stage,
    /// To put the new version in its place.
    Commit,
    /// To write a file of our own.
    Put,
    /// To delete a file.
    Delete,
}

/// Does what another store does, until a test has it fail.
pub struct Failing<'a> {
    store: &'a dyn Store,
    fails: Box<Fails<'a>>,
}

type Fails<'a> = dyn Fn(Deed, &PagePath) -> Option<WriteError> + Send + Sync + 'a;

impl<'a> Failing<'a> {
    /// A store that fails where `fails` has an error. It is asked before anything is done.
    pub fn new(
        store: &'a dyn Store,
        fails: impl Fn(Deed, &PagePath) -> Option<WriteError> + Send + Sync + 'a,
    ) -> Self {
        Self {
            store,
            fails: Box::new(fails),
        }
    }

    fn ask(&self, deed: Deed, path: &PagePath) -> Result<(), WriteError> {
        (self.fails)(deed, path).map_or(Ok(()), Err)
    }

    fn ask_to_read(&self, path: &PagePath) -> io::Result<()> {
        self.ask(Deed::Read, path).map_err(|error| match error {
            WriteError::Io { source, .. } => source,
            other => io::Error::other(other),
        })
    }
}

/// A new version that may yet fail.
struct Doubtful<'s> {
    staged: Box<dyn Staged + 's>,
    path: PagePath,
    store: &'s Failing<'s>,
}

impl Staged for Doubtful<'_> {
    fn commit(self: Box<Self>, seen: Option<&Version>) -> Result<(), WriteError> {
        self.store.ask(Deed::Commit, &self.path)?;
        self.staged.commit(seen)
    }
}

impl Store for Failing<'_> {
    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        self.store.list(options)
    }

    fn read(&self, file: &Handle) -> io::Result<Content> {
        self.ask_to_read(&file.path)?;
        self.store.read(file)
    }

    fn open(&self, file: &Handle) -> io::Result<Box<dyn Read + '_>> {
        self.ask_to_read(&file.path)?;
        self.store.open(file)
    }

    looks!(self, self.store);

    fn writable(&self, file: &Handle) -> Result<Option<&'static str>, WriteError> {
        self.store.writable(file)
    }

    fn stage(
        &self,
        file: &Handle,
        like: &Version,
        write: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError> {
        self.ask(Deed::Stage, &file.path)?;
        Ok(Box::new(Doubtful {
            staged: self.store.stage(file, like, write)?,
            path: file.path.clone(),
            store: self,
        }))
    }

    fn put(
        &self,
        path: &PagePath,
        like: (&Handle, &Version),
        write: Writes<'_>,
    ) -> Result<(), WriteError> {
        self.ask(Deed::Put, path)?;
        self.store.put(path, like, write)
    }

    fn delete(&self, file: &Handle, seen: Option<&Version>) -> Result<(), WriteError> {
        self.ask(Deed::Delete, &file.path)?;
        self.store.delete(file, seen)
    }

    fn delete_folder(&self, folder: &PagePath) -> bool {
        self.store.delete_folder(folder)
    }

    fn carry(&self, file: &Handle, what: Carried<'_>) -> io::Result<()> {
        self.store.carry(file, what)
    }
}
