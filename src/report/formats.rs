//! The formats: a line for each.

use std::fmt;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::pipe::Pipe;
use super::reporter::{Options, Reporter, Row};
use super::text::escape;
use super::{checkstyle, github, gitlab, html, human, json, junit, markdown, ndjson, sarif};

/// All of them, in the order in which help texts list them.
const FORMATS: &[Format] = &[
    Format(&human::FORMAT),
    Format(&json::FORMAT),
    Format(&ndjson::FORMAT),
    Format(&sarif::FORMAT),
    Format(&junit::FORMAT),
    Format(&github::FORMAT),
    Format(&gitlab::FORMAT),
    Format(&markdown::FORMAT),
    Format(&html::FORMAT),
    Format(&checkstyle::FORMAT),
];

/// A format of a report, by the name that `--format` and `--report` take.
#[derive(Clone, Copy)]
pub struct Format(&'static Row);

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: &[Self] = FORMATS;

    /// The name in `--format NAME` and `--report NAME=FILE`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What it is, as help texts say.
    #[must_use]
    pub const fn help(self) -> &'static str {
        self.0.help
    }

    /// What stands near the beginning of each file of this format; none: it begins with whatever there is to say.
    #[must_use]
    pub const fn mark(self) -> Option<&'static str> {
        self.0.mark
    }
}

impl Default for Format {
    fn default() -> Self {
        Self(&human::FORMAT)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.help()))
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

/// A reporter that writes `format` to `out`.
///
/// Output is buffered here, so `out` needs no buffer. Once the reader of a pipe has gone (`chathub verify | head`),
/// the rest of the report is dropped and every call returns `Ok`: the run itself goes on.
#[must_use]
pub fn reporter(format: Format, out: Box<dyn Write + Send>, options: Options) -> Box<dyn Reporter> {
    (format.0.make)(Box::new(BufWriter::new(Pipe::new(out))), options)
}
