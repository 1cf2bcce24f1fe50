//! The site's folder: finding its pages, reading them, and writing them so that every page is old or new, never half.

mod file;
mod lock;
mod path;
mod sibling;
mod walk;

pub use file::{
    LEFTOVER_PREFIX, LEFTOVER_SUFFIX, PageFile, Staged, Stamp, WriteError, read, stage,
};
pub use lock::{Lock, lock};
pub use path::PagePath;
pub use sibling::{Coding, Sibling};
pub use walk::{Entry, Skipped, Walk, WalkOptions};
