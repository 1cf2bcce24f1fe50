//! A store that does not write.

use std::io;

use super::{Entries, Handle, ListOptions, PagePath, Staged, Store, Version, WriteError, Writes};

/// Reads what another store has, and writes nothing, whatever is asked for.
pub struct Dry<S>(pub S);

/// A store, or what leads to one.
pub trait AsStore: Send + Sync {
    /// The store.
    fn as_store(&self) -> &dyn Store;
}

impl<S: Store> AsStore for S {
    fn as_store(&self) -> &dyn Store {
        self
    }
}

impl AsStore for &dyn Store {
    fn as_store(&self) -> &dyn Store {
        *self
    }
}

/// What is never made.
struct Nothing;

impl Staged for Nothing {
    fn commit(self: Box<Self>, _: Option<&Version>) -> Result<(), WriteError> {
        Ok(())
    }
}

impl<S: AsStore> Store for Dry<S> {
    reads!(self, self.0.as_store());

    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        self.0.as_store().list(options)
    }

    fn writable(&self, file: &Handle) -> Result<Option<&'static str>, WriteError> {
        self.0.as_store().writable(file)
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
