//! What is in a folder that may hold the runtime's files, and whose it is: by content, never by name alone.
//!
//! - `runtime.HASH.js` is ours if the hash is that of its content and the content has the [mark](runtime::File::wrote)
//!   that every version has. Bundlers write files of such names, with such hashes.
//! - `runtime.js` is ours if its content is this version's, or that of a `runtime.HASH.js` beside it which is ours: each
//!   version is written under both names, and `--prune` leaves those of this version.
//! - A compressed copy is ours if what it decodes to would be ours under the name without the extension.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::routes::{ROUTES_NAME, is_routes};
use crate::runtime::{self, File, MOST};
use crate::site::{Coding, Sibling, read};

/// A folder that may hold the runtime's files.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) folder: PathBuf,
    /// The folder as the site sees it, for messages.
    pub(super) name: String,
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
enum Found {
    Content(Vec<u8>),
    /// Something else than a file that can be read and may be ours.
    Else,
    Nothing,
}

impl Held {
    /// The path of a file in it, as the site sees it.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    /// What is the matter with a file under one of its names.
    pub(super) fn state(&self, file: &File, name: &str) -> AssetState {
        self.judge(file, name, look(&self.folder.join(name)))
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
        let kept = look(&self.folder.join(file.name_of(content)));
        matches!(kept, Found::Content(kept) if kept == content)
    }

    fn decoded(&self, name: &str, coding: Coding) -> Found {
        let file = coding.path(&self.folder.join(name));
        match look(&file) {
            Found::Content(_) => {}
            other => return other,
        }
        match (Sibling { coding, file }).decoded(MOST) {
            Ok(content) => Found::Content(content),
            Err(_) => Found::Else,
        }
    }

    /// The names of all files in it that some version wrote, those under stable names first: whose they are is told by
    /// the others. With `but_current`, without this version's.
    pub(super) fn ours(&self, but_current: bool) -> Vec<String> {
        let listing = fs::read_dir(&self.folder).into_iter().flatten();
        let mut names: Vec<String> = listing
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
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
            None => look(&self.folder.join(name)),
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

/// The content of a file that is short enough to be ours.
pub(super) fn look_at(file: &Path) -> Option<Vec<u8>> {
    match look(file) {
        Found::Content(content) => Some(content),
        _ => None,
    }
}

fn look(file: &Path) -> Found {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MOST as u64 => match read(file) {
            Ok((content, ..)) => Found::Content(content),
            Err(_) => Found::Else,
        },
        // A link to nothing is something, too.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(file).is_err() =>
        {
            Found::Nothing
        }
        _ => Found::Else,
    }
}
