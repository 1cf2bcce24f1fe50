//! The compressed copies beside a page: made anew with it, or deleted, or left.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::examine::Examined;
use super::write::Destination;
use crate::config::Siblings;
use crate::site::{
    Cancel, Coding, Like, Manner, PagePath, Role, Sibling, Staged, WriteError, read, stage,
};

/// What is to become of a page's copies, made but not yet in place.
#[derive(Default)]
pub(super) struct Copies {
    made: Vec<Made>,
    deleted: Vec<PathBuf>,
    in_place: bool,
    /// What that is, for the report.
    pub(super) phrases: Vec<String>,
}

struct Made {
    coding: Coding,
    manner: Manner,
    place: PathBuf,
    role: Role,
    old: Old,
    staged: Staged,
}

/// A copy that is in its place, and how it was there before.
struct Done {
    manner: Manner,
    place: PathBuf,
    role: Role,
    was: Old,
}

/// A copy as it was.
struct Old {
    /// Without links on the way.
    file: PathBuf,
    metadata: Metadata,
    is_link: bool,
}

impl Old {
    fn of(place: &Path) -> io::Result<Self> {
        let is_link = fs::symlink_metadata(place)?.is_symlink();
        let file = if is_link {
            fs::canonicalize(place)?
        } else {
            place.to_owned()
        };
        Ok(Self {
            metadata: fs::metadata(&file)?,
            file,
            is_link,
        })
    }

    fn like(&self, role: Role) -> Like<'_> {
        Like {
            metadata: &self.metadata,
            file: &self.file,
            role,
        }
    }
}

/// What is to become of the copies of a page.
pub(super) struct Task<'a> {
    /// Where they go.
    pub(super) destination: &'a Destination,
    /// The page, as it is.
    pub(super) examined: &'a Examined<'a>,
    /// What it will say.
    pub(super) new: &'a [u8],
    /// Whether that is something else than what it says now.
    pub(super) changed: bool,
    /// What happens to copies.
    pub(super) how: Siblings,
    /// The path by which the page itself is handled, if the copies are beside a link to it.
    pub(super) other: Option<&'a PagePath>,
}

impl Copies {
    /// Makes what has to become of the copies of a page. In another folder, copies that stay as they are are taken over.
    pub(super) fn make(task: &Task<'_>) -> Result<Self, WriteError> {
        let mut copies = Self {
            in_place: matches!(task.destination, Destination::InPlace),
            ..Self::default()
        };
        for coding in &task.examined.file.siblings {
            copies
                .add(*coding, task)
                .map_err(|error| error.of_copy(coding.extension()))?;
        }
        Ok(copies)
    }

    fn add(&mut self, coding: Coding, task: &Task<'_>) -> Result<(), WriteError> {
        let page = task.examined.file;
        let name = [page.path.as_bytes(), coding.extension().as_bytes()].concat();
        let path = PagePath::from_bytes(name);
        let place = coding.path(page.place());
        let old = Old::of(&place).map_err(WriteError::while_("cannot look at it"))?;
        let copied = WriteError::while_("cannot copy it");
        // The link to a page, and a link to its copy: what they point to belongs together.
        let with_page = old.is_link && page.link.is_some() && old.file == coding.path(&page.file);
        if with_page
            && task
                .other
                .is_some_and(|other| page.file.ends_with(other.to_path()))
        {
            return match task.destination {
                Destination::Folder(mirror) => mirror.take(&path, &place).map_err(copied),
                Destination::Nowhere | Destination::InPlace => Ok(()),
            };
        }
        let sibling = Sibling {
            coding,
            file: place,
        };
        let says = || sibling.says(task.new, task.examined.cancel);
        if task.how == Siblings::Leave
            || !task.changed && says().map_err(WriteError::while_("cannot read it"))?
        {
            return match task.destination {
                Destination::Folder(mirror) => {
                    let taken = mirror.file(&path, &old.file, &old.metadata);
                    taken.map_err(copied)
                }
                Destination::Nowhere | Destination::InPlace => Ok(()),
            };
        }
        if self.in_place && page.outside && page.link.is_none() {
            return Err(WriteError::Outside);
        }
        if task.how == Siblings::Remove {
            self.deleted.push(sibling.file);
            self.phrases.push(format!("{path} deleted"));
            return Ok(());
        }
        self.phrases.push(format!("{path} compressed anew"));
        if matches!(task.destination, Destination::Nowhere) {
            return Ok(());
        }
        let cancel = task.examined.cancel;
        let copy = read(&old.file).map_err(WriteError::while_("cannot read it"))?;
        let manner = Manner::of(coding, &copy.0, task.examined.source.bytes(), cancel);
        let write = |out: &mut dyn io::Write| manner.compress(task.new, out, cancel);
        // Any other link to a copy becomes a file: what it points to may be the copy of another page.
        let role = if old.is_link && (page.outside || !with_page) {
            Role::Copy
        } else {
            Role::Successor
        };
        let place = if role == Role::Copy {
            sibling.file
        } else {
            old.file.clone()
        };
        let staged = match task.destination {
            Destination::Nowhere | Destination::InPlace => stage(&place, old.like(role), write)?,
            Destination::Folder(mirror) => mirror.write(&path, old.like(Role::Copy), write)?,
        };
        self.made.push(Made {
            coding,
            manner,
            place,
            role,
            old,
            staged,
        });
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
        let mut done = Vec::new();
        let put = self.put(&mut done).and_then(|()| page());
        // A page that somebody else has changed is judged again, with its copies.
        if put.is_err() && !matches!(put, Err(WriteError::Changed)) && !old.is_empty() {
            for Done {
                manner,
                place,
                role,
                was,
            } in done
            {
                // As well as can be: the page's own trouble is what is told. Not even an interrupt may leave it undone.
                let write = |out: &mut dyn io::Write| manner.compress(old, out, &Cancel::default());
                let _ = stage(&place, was.like(role), write).and_then(|staged| staged.commit(None));
            }
        }
        put
    }

    fn put(self, done: &mut Vec<Done>) -> Result<(), WriteError> {
        for made in self.made {
            let put = if self.in_place {
                made.staged.commit(None)
            } else {
                made.staged.commit_new()
            };
            put.map_err(|error| error.of_copy(made.coding.extension()))?;
            done.push(Done {
                manner: made.manner,
                place: made.place,
                role: made.role,
                was: made.old,
            });
        }
        // In another folder, deleted is what is not taken over.
        for file in self.deleted.iter().filter(|_| self.in_place) {
            fs::remove_file(file).map_err(WriteError::while_("cannot delete its copy"))?;
        }
        Ok(())
    }
}
