//! Reports: one file per format behind one streaming trait.
//!
//! Pages are handed over one by one as the run finishes them and are written (or counted) at once, so that a
//! report over a million pages needs no more memory than one over ten. This room sees only [`crate::outcome`].
//!
//! To add a format: a variant of [`Format`] with its name, a file with its [`Reporter`], a line in [`reporter`], and
//! its expected output on the shared sample in `tests.rs`.

mod frame;
mod human;
pub mod json;
pub mod ndjson;
mod pipe;
mod progress;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod sample;
pub mod schema;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
mod text;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::str::FromStr;

use clap::ValueEnum;

use crate::outcome::{PageReport, Summary};

pub use frame::frame;
pub use progress::{Progress, aside};
pub use text::escape;

/// Shows what a run did, page by page and then as a whole.
pub trait Reporter: Send {
    /// Takes one page's part. Pages come in path order.
    ///
    /// # Errors
    /// When the output cannot be written. A reader that went away is not an error: see [`reporter`].
    fn page(&mut self, page: &PageReport) -> io::Result<()>;

    /// Takes what the whole run came to and completes the output. To be called once, after the last page.
    ///
    /// # Errors
    /// As for [`Reporter::page`].
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// The formats of a report, by the names that `--format` and `--report` take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, ValueEnum)]
pub enum Format {
    /// Text for people, at a terminal or in a log
    #[default]
    Human,
    /// One JSON document, described by `schemas/report-v1.schema.json`
    Json,
    /// One JSON object a line, as pages are done; same schema
    Ndjson,
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: &[Self] = &[Self::Human, Self::Json, Self::Ndjson];

    /// The name in `--format NAME` and `--report NAME=FILE`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(escape(name).into_owned()))
    }
}

/// No format has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no report format `{0}`; the formats are {known}",
    known = Format::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
)]
pub struct UnknownFormat(String);

/// How much the report for people says. The machine formats always say everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Verbosity {
    /// `-q`: pages that failed or were refused, and findings, one line each; nothing else.
    Quiet,
    /// What needs attention, and what the run came to.
    #[default]
    Normal,
    /// `-v`: every page, every finding.
    Verbose,
    /// `-vv`: also what chose each page's organizations.
    VeryVerbose,
}

impl Verbosity {
    /// What `-q` and the number of `-v` ask for; `-q` wins, since who asked for silence would not see the other.
    #[must_use]
    pub const fn from_flags(quiet: bool, verbose: u8) -> Self {
        match (quiet, verbose) {
            (true, _) => Self::Quiet,
            (false, 0) => Self::Normal,
            (false, 1) => Self::Verbose,
            (false, _) => Self::VeryVerbose,
        }
    }
}

/// How a report is to look, and what of the run is known before its first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The command, as in [`Summary::command`].
    pub command: &'static str,
    /// Nothing is written, as in [`Summary::dry_run`]: pages "would be" injected.
    pub dry_run: bool,
    /// Whether to use ANSI colours. The code that opens the output decides: only they know whether it is a terminal.
    pub color: bool,
    /// How much to say.
    pub verbosity: Verbosity,
    /// Columns of the terminal, to fit tables and excerpts; none: no terminal, nothing is fitted.
    pub width: Option<usize>,
    /// Draw with ASCII characters only, for terminals and logs that are not UTF-8. Paths and messages stay as they are.
    pub ascii: bool,
}

/// A reporter that writes `format` to `out`.
///
/// Output is buffered here, so `out` needs no buffer. Once the reader of a pipe has gone (`chathub verify | head`),
/// the rest of the report is dropped and every call returns `Ok`: the run itself goes on.
#[must_use]
pub fn reporter(format: Format, out: Box<dyn Write + Send>, options: Options) -> Box<dyn Reporter> {
    let out = BufWriter::new(pipe::Pipe::new(out));
    match format {
        Format::Human => Box::new(human::Human::new(out, options)),
        Format::Json => Box::new(json::Json::new(out, options.command)),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(out, options.command)),
    }
}
