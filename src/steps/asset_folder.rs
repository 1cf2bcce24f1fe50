//! What is in a folder that may hold the runtime's files, and whose it is: by content, never by name alone.
//!
//! - `runtime.HASH.js` is ours if the hash is that of its content and the content has the [mark](runtime::File::wrote)
//!   that every version has. Bundlers write files of such names, with such hashes.
//! - `runtime.js` is ours if its content is this version's, or that of a `runtime.HASH.js` beside it which is ours: each
//!   version is written under both names, and `--prune` leaves those of this version.
//! - A compressed copy is ours if what it decodes to would be ours under the name without the extension.

use super::routes::{ROUTES_NAME, is_routes};
use crate::runtime::{self, File, MOST};
use crate::store::{Coding, Kind, PagePath, Store};

/// A folder that may hold the runtime's files.
#[derive(Clone, Copy)]
pub(super) struct AssetFolder<'a> {
    pub(super) store: &'a dyn Store,
    /// The folder's path in the site.
    pub(super) name: &'a str,
}

/// How one of the runtime's files is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetState {
    /// As this version writes it.
    Right,
    /// As an earlier or later version wrote it.
    Earlier,
    /// Ours, and changed by somebody.
    Damaged,
    /// Somebody else's.
    Foreign,
    /// It is not there.
    Missing,
}

/// What is at a name.
pub(super) enum Found {
    Content(Vec<u8>),
    /// Something else than a file that can be read and may be ours.
    Else,
    Nothing,
}

impl AssetFolder<'_> {
    /// The path of a file in it, as the site sees it.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    /// The same for the store.
    pub(super) fn at(&self, name: &str) -> PagePath {
        PagePath::from(&*self.path(name))
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> PagePath {
        PagePath::from(self.name)
    }

    /// What is at a name.
    pub(super) fn look(&self, name: &str) -> Found {
        let path = self.at(name);
        match self.store.kind(&path) {
            Kind::File(length) if length <= MOST as u64 => {
                match self.store.read(&self.store.at(&path)) {
                    Ok(content) => Found::Content(content.bytes),
                    Err(_) => Found::Else,
                }
            }
            Kind::Nothing => Found::Nothing,
            _ => Found::Else,
        }
    }

    /// What is the matter with a file under one of its names.
    pub(super) fn state(&self, file: &File, name: &str) -> AssetState {
        self.judge(file, name, self.look(name))
    }

    /// The same of its compressed copy.
    pub(super) fn copy_state(&self, file: &File, name: &str, coding: Coding) -> AssetState {
        self.judge(file, name, self.decoded(name, coding))
    }

    fn judge(&self, file: &File, name: &str, found: Found) -> AssetState {
        let content = match found {
            Found::Nothing => return AssetState::Missing,
            Found::Else => return AssetState::Foreign,
            Found::Content(content) => content,
        };
        if content == file.content {
            AssetState::Right
        } else if file.stable_name == Some(name) {
            if self.is_kept(file, &content) {
                AssetState::Earlier
            } else {
                AssetState::Foreign
            }
        } else if file.is_marked(&content) || file.content.starts_with(&content) {
            // Its name by content: an optimizer was at it, or a disk was full.
            AssetState::Damaged
        } else {
            AssetState::Foreign
        }
    }

    /// Whether some version wrote this content: it stands under its name by content, too.
    fn is_kept(&self, file: &File, content: &[u8]) -> bool {
        if !file.is_marked(content) {
            return false;
        }
        let kept = self.look(&file.name_of(content));
        matches!(kept, Found::Content(kept) if kept == content)
    }

    fn decoded(&self, name: &str, coding: Coding) -> Found {
        let name = format!("{name}{}", coding.extension());
        let copy = match self.look(&name) {
            Found::Content(copy) => copy,
            other => return other,
        };
        match coding.decoded(&*copy, MOST) {
            Ok(content) => Found::Content(content),
            Err(_) => Found::Else,
        }
    }

    /// The names of all files in it that some version wrote, those under stable names first: whose they are is recognised by
    /// the others. With `but_current`, without this version's.
    pub(super) fn ours(&self, but_current: bool) -> Vec<String> {
        let listing = self.store.names(&self.folder()).into_iter();
        let mut names: Vec<String> = listing
            .filter_map(|name| name.into_string().ok())
            .filter(|name| {
                runtime::FILES
                    .iter()
                    .any(|f| self.is_ours(f, name, but_current))
                    || (!but_current && self.is_of_routes(name))
            })
            .collect();
        names.sort_by_key(|name| (is_hashed(name), name.clone()));
        names
    }

    /// Whether it is the route file, or a compressed copy of one.
    fn is_of_routes(&self, entry: &str) -> bool {
        if entry == ROUTES_NAME {
            return self.routes() == AssetState::Earlier;
        }
        let coding = Coding::of(entry.as_ref());
        let name = coding.and_then(|c| entry.strip_suffix(c.extension()).zip(Some(c)));
        name.is_some_and(|(name, coding)| {
            name == ROUTES_NAME
                && matches!(self.decoded(name, coding), Found::Content(content) if is_routes(&content))
        })
    }

    fn is_ours(&self, file: &File, entry: &str, but_current: bool) -> bool {
        let coding = Coding::of(entry.as_ref());
        let name = match coding {
            Some(coding) => entry.strip_suffix(coding.extension()).unwrap_or(entry),
            None => entry,
        };
        let stable = file.stable_name == Some(name);
        let current = stable || name == file.hashed_name();
        if !(stable || file.may_be_named(name)) || (but_current && current) {
            return false;
        }
        let found = match coding {
            Some(coding) => self.decoded(name, coding),
            None => self.look(name),
        };
        match found {
            Found::Content(content) if stable => {
                content == file.content || self.is_kept(file, &content)
            }
            Found::Content(content) => file.wrote(name, &content),
            Found::Else | Found::Nothing => false,
        }
    }
}

/// Whether one of our names, or that of a copy, is one by content.
fn is_hashed(entry: &str) -> bool {
    let name = Coding::ALL
        .iter()
        .find_map(|coding| entry.strip_suffix(coding.extension()));
    let name = name.unwrap_or(entry);
    runtime::FILES.iter().any(|file| file.may_be_named(name))
}
