//! What a format is: a name, and something that takes the events of a run and writes as it goes.

use std::io::{self, Write};

use crate::event::Event;

/// Shows what a run does.
pub trait Reporter: Send {
    /// Takes what happens next, in the order of [`Event`]'s variants. What the run came to, by organization and by rule too, comes
    /// last: nothing has to be counted or kept for that.
    ///
    /// # Errors
    /// When the output cannot be written. A reader that went away is not an error: see `reporter`.
    fn event(&mut self, event: &Event<'_>) -> io::Result<()>;
}

/// Where a report goes. It is buffered.
pub(super) type Out = Box<dyn Write + Send>;

/// One row of the list of formats.
#[derive(Debug)]
pub(super) struct Row {
    /// The name in `--format NAME` and `--report NAME=FILE`.
    pub(super) name: &'static str,
    /// What it is, as help texts say.
    pub(super) help: &'static str,
    /// What stands near the beginning of each file of it, so that one can be told from other files; none: it begins with whatever
    /// there is to say.
    pub(super) mark: Option<&'static str>,
    /// A reporter.
    pub(super) make: fn(Out, Options) -> Box<dyn Reporter>,
}

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

/// How a report is to look. What is known of the run comes with [`Event::Started`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether to use ANSI colours. The code that opens the output decides: only they know whether it is a terminal.
    pub color: bool,
    /// How much to say.
    pub verbosity: Verbosity,
    /// Columns of the terminal, to fit tables and excerpts; none: no terminal, nothing is fitted.
    pub width: Option<usize>,
    /// Draw with ASCII characters only, for terminals and logs that are not UTF-8. Paths and messages stay as they are.
    pub ascii: bool,
}
