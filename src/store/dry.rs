//! A store that does not write.

use std::ffi::OsString;
use std::io::{self, Read};

use super::{
    Beside, Coding, Content, Entries, Handle, Kind, ListOptions, PageFile, PagePath, Staged, Store,
    Version, WriteError, Writes,
};

/// Reads what another store has, and writes nothing, whatever is asked for.
pub struct Dry<S>(pub S);

/// What is never made.
struct Nothing;

impl Staged for Nothing {
    fn commit(self: Box<Self>, _: Option<&Version>) -> Result<(), WriteError> {
        Ok(())
    }
}

impl<S: Store> Store for Dry<S> {
    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        self.0.list(options)
    }

    fn read(&self, file: &Handle) -> io::Result<Content> {
        self.0.read(file)
    }

    fn open(&self, file: &Handle) -> io::Result<Box<dyn Read + '_>> {
        self.0.open(file)
    }

    fn at(&self, path: &PagePath) -> Handle {
        self.0.at(path)
    }

    fn kind(&self, path: &PagePath) -> Kind {
        self.0.kind(path)
    }

    fn names(&self, folder: &PagePath) -> Vec<OsString> {
        self.0.names(folder)
    }

    fn is_inside(&self, folder: &PagePath) -> io::Result<bool> {
        self.0.is_inside(folder)
    }

    fn sibling(
        &self,
        page: &PageFile,
        coding: Coding,
        other: Option<&PagePath>,
    ) -> io::Result<Beside> {
        self.0.sibling(page, coding, other)
    }

    fn writable(&self, file: &Handle) -> Result<Option<&'static str>, WriteError> {
        self.0.writable(file)
    }

    fn stage(
        &self,
        _: &Handle,
        _: &Version,
        _: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError> {
        Ok(Box::new(Nothing))
    }

    fn put(&self, _: &PagePath, _: (&Handle, &Version), _: Writes<'_>) -> Result<(), WriteError> {
        Ok(())
    }

    fn delete(&self, _: &Handle, _: Option<&Version>) -> Result<(), WriteError> {
        Ok(())
    }

    fn is_dry(&self) -> bool {
        true
    }
}
