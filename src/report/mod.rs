//! Reports: one file per format behind one streaming trait.
//!
//! What happens is handed over event by event and is written (or counted) at once, so that a report over a million pages needs no
//! more memory than one over ten. This room sees only [`crate::event`].
//!
//! To add a format: a file with its [`Reporter`] and its row, a line in `formats.rs`, and its expected output on the shared
//! sample in `tests.rs`.

mod checkstyle;
mod formats;
mod frame;
mod github;
mod gitlab;
mod html;
mod human;
pub mod json;
mod junit;
mod markdown;
mod markup;
pub mod ndjson;
mod pipe;
mod pipeline;
mod progress;
mod reporter;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod sample;
mod sarif;
pub mod schema;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
mod text;
mod words;

pub use formats::{Format, UnknownFormat, reporter};
pub use frame::frame;
pub use progress::{Progress, aside};
pub use reporter::{Options, Reporter, Verbosity};
pub use text::escape;
