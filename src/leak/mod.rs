//! Secrets where they must not be: how they are found in files of any size and kind.

mod file;
mod kind;
mod stream;

pub use file::{Buffers, Scanned, Source, scan};
pub use stream::Found;
