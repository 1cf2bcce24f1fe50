//! Notices changes of a site's folder and of the configuration, and waits until a series of them is over: one build of the
//! site is to be one reload, or one run.
//!
//! [`Watch`] hears from the system what changes, or looks by itself from time to time where the system does not say; `burst` decides,
//! without a clock of its own, when a series is over.

mod burst;
mod changes;
mod error;
mod folder;
mod heard;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

pub use burst::QUIET;
pub use changes::Changes;
pub use error::WatchError;
pub use folder::{Watch, Watched};
