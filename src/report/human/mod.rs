//! `human`: the report that people look at.
//!
//! Pages that need attention, page lines (`-v`) and diffs are written as they come; findings are grouped by rule and
//! written at the end, with what the run came to as the last line, where a terminal leaves it in sight.

mod ending;
mod excerpt;
mod findings;
mod look;
mod pages;
mod table;

use std::io::{self, Write};

use self::findings::Groups;
use self::look::Look;
use super::reporter::{Options, Reporter, Row, Verbosity};
use crate::event::{Event, Finding, OutcomeKind, PageReport, Started, Summary};

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "human",
    help: "Text for people, at a terminal or in a log",
    mark: None,
    make: |out, options| Box::new(Human::new(out, options)),
};

/// Writes for people.
struct Human<W> {
    out: W,
    verbosity: Verbosity,
    started: Option<Started>,
    look: Look,
    groups: Groups,
    /// Whether anything was written, so that a blank line goes between it and what follows.
    written: bool,
}

impl<W: Write + Send> Human<W> {
    fn new(out: W, options: Options) -> Self {
        Self {
            out,
            look: Look::new(&options),
            groups: Groups::new(options.verbosity),
            verbosity: options.verbosity,
            started: None,
            written: false,
        }
    }

    /// Writes a block of lines, a blank line before it unless it is the first.
    fn block(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.written {
            self.out.write_all(b"\n")?;
        }
        self.written = true;
        self.out.write_all(text.as_bytes())
    }

    fn quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    fn page(&mut self, page: &PageReport) -> io::Result<()> {
        let mut text = String::new();
        if let Some(started) = &self.started {
            pages::write(&mut text, page, started, self.verbosity, &self.look);
        }
        if let (Some(diff), false) = (&page.diff, self.quiet()) {
            pages::write_diff(&mut text, diff, &self.look);
        }
        for finding in &page.findings {
            self.finding(&mut text, finding);
        }
        if text.is_empty() {
            return Ok(());
        }
        self.written = true;
        self.out.write_all(text.as_bytes())?;
        match page.outcome.kind() {
            // Anyone who watches a long run should see these when they happen.
            OutcomeKind::Refused | OutcomeKind::Failed => self.out.flush(),
            _ => Ok(()),
        }
    }

    /// Writes it at once, or keeps it for its group. What is in the baseline is for those who want to see all.
    fn finding(&mut self, text: &mut String, finding: &Finding) {
        if finding.baselined && self.verbosity < Verbosity::Verbose {
            return;
        }
        if self.quiet() {
            findings::write_line(text, finding, &self.look);
        } else {
            self.groups.add(finding);
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let look = self.look;
        let mut text = String::new();
        if self.quiet() {
            ending::write_interrupted(&mut text, summary, &look);
            self.out.write_all(text.as_bytes())?;
            return self.out.flush();
        }
        self.groups.write(&mut text, &look);
        self.block(&text)?;

        text.clear();
        for diff in &summary.diffs {
            pages::write_diff(&mut text, diff, &look);
        }
        self.block(&text)?;

        text.clear();
        ending::write_files(&mut text, &summary.files, self.verbosity, &look);
        self.block(&text)?;

        text.clear();
        let tallies = &summary.tally.by_organization;
        if !tallies.is_empty() {
            if summary.command.only_looks() {
                table::write_findings(&mut text, tallies, summary.left_out, &look);
            } else {
                table::write_outcomes(&mut text, tallies, &look);
            }
        }
        self.block(&text)?;

        text.clear();
        ending::write_notices(&mut text, &summary.notices, &look);
        ending::write_baselined(&mut text, summary, self.verbosity, &look);
        ending::write_interrupted(&mut text, summary, &look);
        ending::write_summary(&mut text, summary, &look);
        self.block(&text)?;
        self.out.flush()
    }
}

impl<W: Write + Send> Reporter for Human<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Started(started) => {
                self.started = Some((*started).clone());
                Ok(())
            }
            Event::Page(page) => self.page(page),
            Event::Finding(finding) => {
                let mut text = String::new();
                self.finding(&mut text, finding);
                self.out.write_all(text.as_bytes())
            }
            // They are to be in sight when all is done.
            Event::Notice(_) => Ok(()),
            Event::Finished(summary) => self.finish(summary),
        }
    }
}
