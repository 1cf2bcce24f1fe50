//! The site's folder: finding its pages, reading them, and writing them so that every page is old or new, never half.

mod cancel;
mod content;
mod entry;
mod file;
mod keep;
mod links;
mod lock;
mod manner;
mod mirror;
mod path;
mod sibling;
mod walk;

pub use cancel::Cancel;
pub(crate) use cancel::is_stop;
pub use entry::{Alias, Entry, Skipped, WalkOptions};
pub use file::{
    LEFTOVER_PREFIX, LEFTOVER_SUFFIX, PageFile, Staged, Stamp, WriteError, read, stage,
};
pub use keep::{Like, Role, make_folder};
pub use lock::{Lock, lock};
pub use manner::Manner;
pub use mirror::Mirror;
pub use path::PagePath;
pub use sibling::{Coding, Sibling};
pub use walk::Walk;
