//! What a server does, on standard error.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt;

use super::log::begin;
use super::log_json::OpenTelemetry;
use crate::report::Verbosity;

/// A server's log while it is written; what waits to be written is written with its end.
pub(super) struct ServerLog {
    lost: ErrorCounter,
    _guard: WorkerGuard,
}

impl ServerLog {
    /// Tells how many lines were lost so far because nobody read standard error.
    pub(super) fn lost(&self) -> impl Fn() -> u64 + Send + Sync + 'static {
        let lost = self.lost.clone();
        move || u64::try_from(lost.dropped_lines()).unwrap_or(u64::MAX)
    }
}

/// Lines that wait for the reader of standard error; further ones are lost, and counted.
const WAITING_LINES: usize = 4096;

/// The log of a server, on standard error: a line for everything that matters to who runs it, with its time; `-v` for
/// every request and every call of the API, and `CHATHUB_LOG` as for other commands. Nothing waits for it to be read.
pub(super) fn of_server(verbosity: Verbosity, json: bool) -> ServerLog {
    let level = match verbosity {
        Verbosity::Quiet => LevelFilter::WARN,
        Verbosity::Normal => LevelFilter::INFO,
        Verbosity::Verbose | Verbosity::VeryVerbose => LevelFilter::DEBUG,
    };
    let (to_stderr, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .thread_name("log")
        .finish(io::stderr());
    let log = ServerLog {
        lost: to_stderr.error_counter(),
        _guard: guard,
    };
    let layer = fmt::layer()
        .with_writer(to_stderr)
        .with_ansi(false)
        .with_target(false);
    if json {
        begin(layer.event_format(OpenTelemetry), level);
    } else {
        begin(layer, level);
    }
    log
}
