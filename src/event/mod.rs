//! What happens in a run, as typed events: the steps produce them, the reports word them.
//!
//! Nothing here holds a page: an excerpt is a few clipped lines with secrets already masked, so a report over a
//! million pages stays small and can be published.

mod finding;
mod fingerprint;
mod page;
mod tally;

pub use crate::redact::Excerpt;
pub use finding::{Finding, Location, Rule, Severity, is_address};
pub use fingerprint::{Fingerprints, fingerprint};
pub use page::{Organizations, Outcome, OutcomeKind, PageReport, Skip};
pub use tally::{Findings, OrganizationTally, Outcomes, Pages, RuleTally, Tally};

use std::time::Duration;

/// What happens in a run, in this order: it starts, pages come in the order of the listing, then what was found about other files
/// and the site as a whole, and it finishes. Notices come whenever there is something to say.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The first of all.
    Started(&'a Started),
    /// A page is done.
    Page(&'a PageReport),
    /// Something is wrong with a file that is not a page, or with the site as a whole.
    Finding(&'a Finding),
    /// A sentence that the user must read, such as that a credential is being published.
    Notice(&'a str),
    /// The last of all.
    Finished(&'a Summary),
}

/// What is known of a run before its first page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Started {
    /// The command that runs.
    pub command: Command,
    /// Path of the site from the top of what a pipeline has checked out, with `/` on every platform, for reports whose readers look
    /// files up there; absolute where it lies elsewhere, and the address of a site on its server.
    pub root: String,
    /// Nothing is written: `--dry-run`, `--check` or `--diff`.
    pub dry_run: bool,
    /// The least severity of findings that fail the run, unless they are in the baseline.
    pub fail_on: Severity,
    /// Findings are held against a baseline of those that are known.
    pub has_baseline: bool,
    /// All rules that findings may be of.
    pub rules: &'static [&'static Rule],
}

/// The commands that give a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// `chathub inject`
    #[default]
    Inject,
    /// `chathub remove`
    Remove,
    /// `chathub verify`
    Verify,
}

impl Command {
    /// As it is typed, such as `inject`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inject => "inject",
            Self::Remove => "remove",
            Self::Verify => "verify",
        }
    }

    /// Whether it only looks at pages: what it has to say is what it finds, not what happened.
    #[must_use]
    pub const fn only_looks(self) -> bool {
        matches!(self, Self::Verify)
    }
}

/// What the whole run came to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// The command that ran.
    pub command: Command,
    /// The site folder as the user would type it.
    pub site: String,
    /// What pages carry, in the configuration's word: `placeholder` or `static`.
    pub mode: &'static str,
    /// Nothing was written: `--dry-run`, `--check` or `--diff`.
    pub dry_run: bool,
    /// How many pages and findings there were.
    pub tally: Tally,
    /// Sentences that the user must read, as they came as [`Event::Notice`].
    pub notices: Vec<String>,
    /// Files other than pages that were written or deleted, such as `wrote chathub-assets/runtime.js`.
    pub files: Vec<String>,
    /// Unified diffs of such files, when `--diff` asked for them; secrets masked.
    pub diffs: Vec<String>,
    /// The run was interrupted: the counts speak of what was done until then.
    pub interrupted: bool,
    /// Something is wrong with pages that is not told, since the configuration turns its rules off; the notices say what.
    pub left_out: bool,
    /// Wall-clock time.
    pub elapsed: Duration,
    /// Exit code that the run ends with.
    pub exit_code: u8,
}

impl Summary {
    /// Of a run that is about to begin.
    pub(crate) fn of(command: Command, site: String, mode: &'static str, dry_run: bool) -> Self {
        Self {
            command,
            site,
            mode,
            dry_run,
            tally: Tally::default(),
            notices: Vec::new(),
            files: Vec::new(),
            diffs: Vec::new(),
            interrupted: false,
            left_out: false,
            elapsed: Duration::ZERO,
            exit_code: 0,
        }
    }

    /// Whether pages could not be read, or are not what they are to be. To a command that only looks, a page that `inject` would
    /// refuse is a finding like others.
    pub(crate) fn has_undone_pages(&self) -> bool {
        let has = |kind| self.tally.of(kind) > 0;
        has(OutcomeKind::Failed) || !self.command.only_looks() && has(OutcomeKind::Refused)
    }

    /// Whether the run did all that it was asked for, and `verify` found nothing that fails it.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.exit_code == 0
    }
}
