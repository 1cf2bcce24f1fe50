//! What a watch says: a line for each page that was changed, or could not be.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use jiff::Zoned;

use super::super::say::say;
use crate::event::{Organizations, Outcome, OutcomeKind, PageReport};
use crate::report::{Verbosity, escape};

/// How many pages of one run have a line of their own, but with `-v`.
const MOST: usize = 50;
const DIM: Style = Style::new().dimmed();

/// Says it.
pub(super) struct Lines {
    verbosity: Verbosity,
    /// Why pages could not be done, which is said once for each.
    complaints: BTreeMap<String, String>,
    /// What was said of the site, which is said once.
    said: HashSet<String>,
}

/// What is said of one run.
pub(super) struct Said<'a> {
    lines: &'a mut Lines,
    begun: Instant,
    /// Whether what was said of a page before need not be said again.
    all: bool,
    /// What it comes to is said whatever that is.
    announced: bool,
    pub(super) pages: u64,
    changed: usize,
}

impl Lines {
    pub(super) fn new(verbosity: Verbosity) -> Self {
        Self {
            verbosity,
            complaints: BTreeMap::new(),
            said: HashSet::new(),
        }
    }

    /// Begins a run.
    pub(super) fn run(&mut self, all: bool, announced: bool) -> Said<'_> {
        Said {
            lines: self,
            begun: Instant::now(),
            all,
            announced,
            pages: 0,
            changed: 0,
        }
    }

    /// Something that happened, with the time.
    pub(super) fn event(&self, what: impl Display) {
        if self.verbosity > Verbosity::Quiet {
            // It is not an error if nobody reads it.
            let _ = writeln!(anstream::stdout(), "{}  {what}", now());
        }
    }

    /// Something that the user must know, once.
    pub(super) fn notice(&mut self, notice: &str) {
        if self.said.insert(notice.to_owned()) {
            say(format_args!("notice: {}", escape(notice)));
        }
    }
}

impl Said<'_> {
    /// A page.
    pub(super) fn page(&mut self, page: &PageReport) {
        self.pages += 1;
        let path = escape(&page.path);
        match &page.outcome {
            Outcome::Refused(why) | Outcome::Failed(why) => {
                let before = self.lines.complaints.insert(page.path.clone(), why.clone());
                if self.all && before.as_ref() == Some(why) {
                    return;
                }
                let word = word(&page.outcome);
                let _ = writeln!(
                    anstream::stdout(),
                    "{}  {word}  {path}: {}",
                    now(),
                    escape(why)
                );
            }
            outcome => {
                self.lines.complaints.remove(&page.path);
                let is_change = outcome.kind().is_change();
                self.changed += usize::from(is_change);
                let wanted = match self.lines.verbosity {
                    Verbosity::Quiet => false,
                    Verbosity::Normal => is_change && self.changed <= MOST,
                    Verbosity::Verbose | Verbosity::VeryVerbose => true,
                };
                if wanted {
                    let (word, what) = (word(outcome), what(page));
                    let took = took(self.begun.elapsed());
                    self.lines
                        .event(format_args!("{word}  {path}  {what}  {DIM}{took}{DIM:#}"));
                }
            }
        }
    }

    /// The end of the run. `files`: what was written or deleted besides pages.
    pub(super) fn end(self, files: &[String]) {
        if let [first, others @ ..] = files {
            let others = match others.len() {
                0 => String::new(),
                1 => ", and one more".to_owned(),
                others => format!(", and {others} more"),
            };
            self.lines.event(format_args!("{}{others}", escape(first)));
        }
        if self.changed > MOST && self.lines.verbosity == Verbosity::Normal {
            let more = self.changed - MOST;
            self.lines.event(format_args!("… and {more} more"));
        }
        if self.changed > 1 || (self.announced && self.pages > 0) {
            let (changed, pages) = (self.changed, self.pages);
            let plural = if pages == 1 { "" } else { "s" };
            let took = took(self.begun.elapsed());
            self.lines.event(format_args!(
                "{changed} of {pages} page{plural} changed in {took}"
            ));
        }
    }
}

fn now() -> String {
    format!("{DIM}{}{DIM:#}", Zoned::now().strftime("%H:%M:%S"))
}

fn took(time: Duration) -> String {
    match time.as_millis() {
        ms @ ..1000 => format!("{ms} ms"),
        ms => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
    }
}

/// What happened, in colour and in a column.
fn word(outcome: &Outcome) -> String {
    let name = outcome.kind().name();
    let color = match outcome.kind() {
        OutcomeKind::Refused | OutcomeKind::Failed => AnsiColor::Red,
        OutcomeKind::Unchanged | OutcomeKind::Skipped => return format!("{DIM}{name:9}{DIM:#}"),
        OutcomeKind::Removed => AnsiColor::Yellow,
        _ => AnsiColor::Green,
    };
    let style = Style::new().fg_color(Some(color.into()));
    format!("{style}{name:9}{style:#}")
}

/// Whose chat a page has, or why it was left.
fn what(page: &PageReport) -> String {
    if let Some(why) = page.outcome.reason() {
        return escape(&why).into_owned();
    }
    match &page.organizations {
        Organizations::Unassigned | Organizations::None => "no widget".to_owned(),
        Organizations::ByEndpoint => "any organization".to_owned(),
        Organizations::Named(names) => escape(&names.join(" + ")).into_owned(),
    }
}
