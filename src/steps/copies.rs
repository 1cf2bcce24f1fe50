//! The compressed copies beside a page: made anew with it, or deleted, or left.

use std::io;

use crate::run::Examined;
use crate::settings::Siblings;
use crate::store::{
    Beside, Cancel, Carried, Coding, Compression, Handle, PagePath, Staged, Store, Version,
    WriteError,
};

/// What is to become of a page's copies, made but not yet in place.
pub(super) struct Copies<'a> {
    store: &'a dyn Store,
    made: Vec<(Made, Box<dyn Staged + 'a>)>,
    deleted: Vec<Made>,
    /// What that is, for the report.
    pub(super) phrases: Vec<String>,
}

/// A copy, as it was.
struct Made {
    coding: Coding,
    compression: Compression,
    file: Handle,
    version: Version,
}

/// What is to become of the copies of a page.
pub(super) struct Task<'t, 'a> {
    /// Where they go.
    pub(super) store: &'a dyn Store,
    /// The page, as it is.
    pub(super) examined: &'t Examined<'t>,
    /// What it will say.
    pub(super) new: &'t [u8],
    /// Whether that is something else than what it says now.
    pub(super) changed: bool,
    /// What happens to copies.
    pub(super) how: Siblings,
    /// The path by which the page itself is handled, if the copies are beside a link to it.
    pub(super) other: Option<&'t PagePath>,
}

impl<'a> Copies<'a> {
    /// Makes what has to become of the copies of a page. In another folder, copies that stay as they are are taken over.
    pub(super) fn make(task: &Task<'_, 'a>) -> Result<Self, WriteError> {
        let mut copies = Self {
            store: task.store,
            made: Vec::new(),
            deleted: Vec::new(),
            phrases: Vec::new(),
        };
        for coding in &task.examined.file.siblings {
            copies
                .add(*coding, task)
                .map_err(|error| error.of_copy(coding.extension()))?;
        }
        Ok(copies)
    }

    fn add(&mut self, coding: Coding, task: &Task<'_, 'a>) -> Result<(), WriteError> {
        let Task {
            store, examined, ..
        } = task;
        let found = store.sibling(examined.file, coding, task.other);
        let Beside {
            file,
            version,
            is_elsewhere,
        } = found.map_err(WriteError::while_("cannot look at it"))?;
        if is_elsewhere {
            let carried = store.carry(&file, Carried::AsItIs);
            return carried.map_err(WriteError::while_("cannot copy it"));
        }
        let says = || coding.says(store.open(&file)?, task.new, examined.cancel);
        if task.how == Siblings::Leave
            || !task.changed && says().map_err(WriteError::while_("cannot read it"))?
        {
            return store.keep(&file, &version, None);
        }
        store.writable(&file)?;
        let mut made = Made {
            coding,
            compression: Compression::best(coding),
            file,
            version,
        };
        if task.how == Siblings::Remove {
            self.phrases.push(format!("{} deleted", made.file.path));
            self.deleted.push(made);
            return Ok(());
        }
        self.phrases
            .push(format!("{} compressed anew", made.file.path));
        if store.is_dry() {
            return Ok(());
        }
        let copy = store.read(&made.file);
        let copy = copy.map_err(WriteError::while_("cannot read it"))?;
        let said = examined.source.bytes();
        made.compression = Compression::of(coding, &copy.bytes, said, examined.cancel);
        let staged = made.stage(*store, task.new, examined.cancel)?;
        self.made.push((made, staged));
        Ok(())
    }

    /// Puts all in place.
    pub(super) fn commit(self) -> Result<(), WriteError> {
        self.commit_with(&[], || Ok(()))
    }

    /// Puts all in place, and then the page. Where the page must stay as it was, so must its copies: they are made
    /// once more, to say what it says, `old`.
    pub(super) fn commit_with(
        self,
        old: &[u8],
        page: impl FnOnce() -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let store = self.store;
        let mut done = Vec::new();
        let put = self.put(&mut done).and_then(|()| page());
        // A page that somebody else has changed is judged again, with its copies.
        if put.is_err() && !matches!(put, Err(WriteError::Changed)) && !old.is_empty() {
            for made in done {
                // As well as can be: the page's own trouble is what is reported. Not even an interrupt may leave it undone.
                let staged = made.stage(store, old, &Cancel::default());
                let _ = staged.and_then(|staged| staged.commit(None));
            }
        }
        put
    }

    fn put(self, done: &mut Vec<Made>) -> Result<(), WriteError> {
        for (made, staged) in self.made {
            let put = staged.commit(None);
            put.map_err(|error| error.of_copy(made.coding.extension()))?;
            done.push(made);
        }
        for copy in self.deleted {
            let deleted = self.store.delete(&copy.file, Some(&copy.version));
            deleted.map_err(|error| match error {
                WriteError::Changed => error,
                error => error.of_copy(copy.coding.extension()),
            })?;
        }
        Ok(())
    }
}

impl Made {
    /// The copy of a page that says this.
    fn stage<'a>(
        &self,
        store: &'a dyn Store,
        says: &[u8],
        cancel: &Cancel,
    ) -> Result<Box<dyn Staged + 'a>, WriteError> {
        let mut write = |out: &mut dyn io::Write| self.compression.compress(says, out, cancel);
        store.stage(&self.file, &self.version, &mut write)
    }
}
