//! What happened, as plain data: the steps produce it, the reports show it.
//!
//! Nothing here holds a page: an excerpt is a few clipped lines with secrets already masked, so a report over a
//! million pages stays small and can be published.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

/// A place in a file. Lines and columns count from 1; columns count characters, as editors do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Location {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the character after the last.
    pub end_line: usize,
    /// Column of the character after the last.
    pub end_column: usize,
}

/// A few lines of source around a place, fit to be shown: long lines are clipped, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, without a final line break.
    pub text: String,
    /// Number of the first of them, from 1.
    pub first_line: usize,
    /// The bytes of `text` that the finding is about; on character boundaries.
    pub span: Range<usize>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails a run.
    Note,
    /// Probably wrong; fails a run only with `--fail-on warning`.
    Warning,
    /// Wrong; fails the run.
    Error,
}

/// Something that `verify` holds against a page or the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable id of the rule that it breaks, such as `missing-instance`.
    pub rule: &'static str,
    /// How much it weighs, after the configuration's say.
    pub severity: Severity,
    /// Page path (or other file of the site), relative and with `/`; none: the whole site.
    pub path: Option<String>,
    /// Where in that file; none: the whole file.
    pub place: Option<Location>,
    /// What is wrong, one sentence with the facts of this case.
    pub message: String,
    /// What to do about it, one sentence.
    pub remedy: String,
    /// The source at `place`.
    pub excerpt: Option<Excerpt>,
}

/// What happened to one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was right already (or `verify` only looked).
    Unchanged,
    /// It had no instance and got one.
    Injected,
    /// Its instance was replaced in place.
    Updated,
    /// Superfluous instances were folded into one.
    Deduplicated,
    /// Its instances were taken out.
    Removed,
    /// It is not a page that gets a widget; the reason.
    Skipped(String),
    /// It could not be changed safely and was left as it was; the reason.
    Refused(String),
    /// It could not be read or written and is as it was; the reason.
    Failed(String),
}

impl Outcome {
    /// The outcome's name in reports, such as `injected`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Injected => "injected",
            Self::Updated => "updated",
            Self::Deduplicated => "deduplicated",
            Self::Removed => "removed",
            Self::Skipped(_) => "skipped",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
        }
    }

    /// The reason, for the outcomes that have one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Skipped(why) | Self::Refused(why) | Self::Failed(why) => Some(why),
            _ => None,
        }
    }

    /// Whether the page's bytes change (or would, in a dry run).
    #[must_use]
    pub fn is_change(&self) -> bool {
        matches!(
            self,
            Self::Injected | Self::Updated | Self::Deduplicated | Self::Removed
        )
    }
}

/// One page's part of the report.
#[derive(Debug, Clone)]
pub struct PageReport {
    /// Page path: relative to the site, `/` on every platform, bytes that are not UTF-8 as `\xNN`.
    pub path: String,
    /// What happened to it.
    pub outcome: Outcome,
    /// The organizations that it is assigned to; empty: none, or the page was not looked into. `*`: no organizations
    /// are configured, and the token endpoint decides.
    pub organizations: Vec<String>,
    /// What chose them, such as `rule 2 (chathub.toml:14)`; none when nobody asked.
    pub because: Option<String>,
    /// What its loader tag says that those of other pages may not, for the route file; not for reports.
    pub route: Option<String>,
    /// What was changed, one phrase each, such as `injected before </body> at 12:1`.
    pub changes: Vec<String>,
    /// What `verify` found.
    pub findings: Vec<Finding>,
    /// Unified diff of the change, when `--diff` asked for it; secrets masked.
    pub diff: Option<String>,
}

/// How many pages of one organization came to which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// All of them.
    pub pages: u64,
    /// By outcome name.
    pub outcomes: BTreeMap<&'static str, u64>,
}

/// How many different reasons are counted one by one. A reason that carries a fact of its page would otherwise make the
/// summary as large as the site.
const REASONS: usize = 64;
/// Stands for all further ones.
const OTHER_REASONS: &str = "other reasons";

impl Summary {
    /// Counts a page that was not judged.
    pub fn count_not_judged(&mut self, why: &str) {
        let counted = &mut self.not_judged;
        let why = if counted.contains_key(why) || counted.len() < REASONS {
            why
        } else {
            OTHER_REASONS
        };
        *counted.entry(why.to_owned()).or_default() += 1;
    }

    /// How many pages were judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        let not: u64 = self.not_judged.values().sum();
        self.total.pages.saturating_sub(not)
    }
}

/// What the whole run came to.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The command, such as `inject`.
    pub command: &'static str,
    /// The site folder as the user would type it.
    pub site: String,
    /// `placeholder` or `static`.
    pub mode: &'static str,
    /// Nothing was written: `--dry-run`, `--check` or `--diff`.
    pub dry_run: bool,
    /// All pages, and how many came to which outcome.
    pub total: Tally,
    /// By organization; several organizations of one page are one key, joined with ` + `; pages that are to have
    /// no widget stand under `-`. Skipped pages and failed ones that were never assigned are in `total` alone.
    pub by_organization: BTreeMap<String, Tally>,
    /// Pages that were not judged, being skipped or unreadable, by the reason.
    pub not_judged: BTreeMap<String, u64>,
    /// Findings of all pages and of the site, by severity.
    pub errors: u64,
    /// See `errors`.
    pub warnings: u64,
    /// See `errors`.
    pub notes: u64,
    /// Findings that belong to no single page, such as `unused-rule`.
    pub site_findings: Vec<Finding>,
    /// Sentences that the user must read, such as that a credential is being published.
    pub notices: Vec<String>,
    /// Files other than pages that were written or deleted, such as `wrote chathub-assets/runtime.js`.
    pub files: Vec<String>,
    /// The run was interrupted: the counts speak of what was done until then.
    pub interrupted: bool,
    /// Wall-clock time.
    pub elapsed: Duration,
    /// Exit code that the run ends with.
    pub exit_code: u8,
}
