//! What happens behind a command, on standard error.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::report::Verbosity;

/// Tells on standard error what goes wrong and is tried again, with `-v` what was done, with `-vv` every call of the API.
///
/// Only our own events are told: those of libraries could hold a secret.
pub(super) fn to_stderr(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Quiet => LevelFilter::ERROR,
        Verbosity::Normal => LevelFilter::WARN,
        Verbosity::Verbose => LevelFilter::INFO,
        Verbosity::VeryVerbose => LevelFilter::DEBUG,
    };
    let layer = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .with_target(false);
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // A second call in one process keeps the first.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(ours))
        .try_init();
}
