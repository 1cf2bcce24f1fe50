//! What a command does, on standard error.

use std::env;
use std::fmt::Result;
use std::io::{self, Write};

use anyhow::bail;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{FormatFields, Writer};
use tracing_subscriber::fmt::{self, FmtContext, FormatEvent};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::report::{Verbosity, aside};

/// The variable that sets the level by itself: `-q` and `-v` change the report as well.
const VARIABLE: &str = "CHATHUB_LOG";

/// What the variable may say.
const LEVELS: [(&str, LevelFilter); 4] = [
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
];

/// Refuses a level that there is not, before anything is begun; the value is not repeated.
pub(super) fn check() -> anyhow::Result<()> {
    match env::var_os(VARIABLE) {
        Some(value) if !value.is_empty() && asked().is_none() => {
            let [others @ .., last] = LEVELS.map(|(name, _)| name);
            bail!(
                "the environment variable {VARIABLE} holds no level of the log; it can be {} or {last}",
                others.join(", ")
            )
        }
        _ => Ok(()),
    }
}

/// The level that the variable asks for; one that is empty asks for none.
fn asked() -> Option<LevelFilter> {
    let value = env::var_os(VARIABLE)?;
    let known = LEVELS.into_iter().find(|(name, _)| value == *name);
    known.map(|(_, level)| level)
}

/// Tells on standard error what goes wrong and is tried again, with `-v` what was done, with `-vv` every call of the API;
/// more or less where `CHATHUB_LOG` says so.
pub(super) fn to_stderr(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Quiet => LevelFilter::ERROR,
        Verbosity::Normal => LevelFilter::WARN,
        Verbosity::Verbose => LevelFilter::INFO,
        Verbosity::VeryVerbose => LevelFilter::DEBUG,
    };
    begin(fmt::layer().event_format(Line).with_writer(|| Aside), level);
}

/// Standard error, on which a progress line may be shown.
struct Aside;

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        aside(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Begins to tell; only our own events, since those of libraries could hold a secret.
pub(super) fn begin(layer: impl Layer<Registry> + Send + Sync + 'static, level: LevelFilter) {
    let level = asked().unwrap_or(level);
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // A second call in one process keeps the first.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(ours))
        .try_init();
}

/// Events as the command says everything else: `warning: …`.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> Result {
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            _ => "debug",
        };
        write!(line, "{level}: ")?;
        context.format_fields(line.by_ref(), event)?;
        writeln!(line)
    }
}
