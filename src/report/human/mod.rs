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
use super::{Options, Reporter, Verbosity};
use crate::outcome::{Outcome, PageReport, Summary};

/// Writes for people.
pub(super) struct Human<W> {
    out: W,
    options: Options,
    look: Look,
    groups: Groups,
    by_organization: table::Findings,
    /// Pages with findings.
    unclean: u64,
    /// Whether anything was written, so that a blank line goes between it and what follows.
    written: bool,
}

impl<W: Write + Send> Human<W> {
    pub(super) fn new(out: W, options: Options) -> Self {
        Self {
            out,
            look: Look::new(&options),
            groups: Groups::new(options.verbosity),
            options,
            by_organization: table::Findings::default(),
            unclean: 0,
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
        self.options.verbosity == Verbosity::Quiet
    }
}

impl<W: Write + Send> Reporter for Human<W> {
    fn page(&mut self, page: &PageReport) -> io::Result<()> {
        let mut text = String::new();
        pages::write(&mut text, page, &self.options, &self.look);
        if let (Some(diff), false) = (&page.diff, self.quiet()) {
            pages::write_diff(&mut text, diff, &self.look);
        }
        for finding in &page.findings {
            if self.quiet() {
                findings::write_line(&mut text, finding, &self.look);
            } else {
                self.groups.add(finding);
            }
        }
        self.unclean += u64::from(!page.findings.is_empty());
        self.by_organization.add(page);
        if text.is_empty() {
            return Ok(());
        }
        self.written = true;
        self.out.write_all(text.as_bytes())?;
        match page.outcome {
            // Anyone who watches a long run should see these when they happen.
            Outcome::Refused(_) | Outcome::Failed(_) => self.out.flush(),
            _ => Ok(()),
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let look = self.look;
        let mut text = String::new();
        if self.quiet() {
            for finding in &summary.site_findings {
                findings::write_line(&mut text, finding, &look);
            }
            ending::write_interrupted(&mut text, summary, &look);
            self.out.write_all(text.as_bytes())?;
            return self.out.flush();
        }
        for finding in &summary.site_findings {
            self.groups.add(finding);
        }
        self.groups.write(&mut text, &look);
        self.block(&text)?;

        text.clear();
        ending::write_files(&mut text, &summary.files, self.options.verbosity, &look);
        self.block(&text)?;

        text.clear();
        let tallies = &summary.by_organization;
        if !tallies.is_empty() {
            if ending::is_verify(summary.command) {
                table::write_findings(&mut text, tallies, &self.by_organization, &look);
            } else {
                table::write_outcomes(&mut text, tallies, &look);
            }
        }
        self.block(&text)?;

        text.clear();
        ending::write_notices(&mut text, &summary.notices, &look);
        ending::write_interrupted(&mut text, summary, &look);
        ending::write_summary(&mut text, summary, self.unclean, &look);
        self.block(&text)?;
        self.out.flush()
    }
}
