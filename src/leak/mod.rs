//! Secrets where they must not be: in which ways they are written, and how they are found in files of any size.

mod file;
mod kind;
mod pattern;
mod search;
mod spelling;
mod stream;

pub use file::{Buffers, Scanned, Source, scan};
pub use search::{Leak, Search, What};
pub use spelling::Form;
pub use stream::{Found, hidden};
