//! `json`: one document, written while pages come. Its structs are the contract with its readers.
//!
//! The contract is `schemas/report-v1.schema.json`, generated from these structs: fields may be added within a
//! version, nothing is renamed or removed. Every field is always there; what does not apply is `null` or empty.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use super::Reporter;
use super::text::is_unsafe;
use crate::outcome;
use crate::outcome::{Severity, Tally};

/// Version of the contract; a change that could break a reader makes a new one.
pub const SCHEMA_VERSION: u32 = 1;

/// The `json` format: what one run did.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document<'a> {
    /// Version of this schema.
    pub schema_version: u32,
    /// The command that ran, such as `inject` or `verify`.
    pub command: &'a str,
    /// All pages, in path order.
    pub pages: Vec<Page<'a>>,
    /// Findings that belong to no single page.
    pub site_findings: Vec<Finding<'a>>,
    /// What the whole run came to.
    pub summary: Summary<'a>,
}

/// One page of the site.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<'a> {
    /// Path relative to the site, with `/` on every platform; bytes that are not UTF-8 as `\xNN`.
    pub path: &'a str,
    /// What happened to it, or would in a dry run.
    pub outcome: Outcome,
    /// Why it was skipped, refused or failed.
    pub reason: Option<&'a str>,
    /// The organizations that it is assigned to.
    pub organizations: &'a [String],
    /// What chose the organizations, such as a rule and its place in the configuration.
    pub because: Option<&'a str>,
    /// What was changed, one phrase each.
    pub changes: &'a [String],
    /// What `verify` holds against it.
    pub findings: Vec<Finding<'a>>,
    /// Unified diff of the change, when asked for; secrets are masked.
    pub diff: Option<&'a str>,
}

/// What happened to a page.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It was right already, or was only looked at.
    Unchanged,
    /// It had no chat and got one.
    Injected,
    /// Its chat was replaced in place.
    Updated,
    /// Superfluous chats were folded into one.
    Deduplicated,
    /// Its chats were taken out.
    Removed,
    /// It is not a page that gets a chat; `reason` says why.
    Skipped,
    /// It could not be changed safely and is as it was; `reason` says why.
    Refused,
    /// It could not be read or written and is as it was; `reason` says why.
    Failed,
}

/// Something that is wrong with a page or the site.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding<'a> {
    /// Stable id of the rule that is broken, such as `missing-instance`.
    pub rule: &'a str,
    /// How much it weighs.
    pub severity: Severity,
    /// The file, relative to the site; null: the whole site.
    pub path: Option<&'a str>,
    /// Where in the file; null: the whole file.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: &'a str,
    /// What to do about it.
    pub remedy: &'a str,
    /// The source at the place.
    pub excerpt: Option<Excerpt<'a>>,
}

/// A place in a file; lines and columns count from 1, columns count characters.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the character after the last.
    pub end_line: usize,
    /// Column of the character after the last.
    pub end_column: usize,
}

/// A few lines of source; long lines are clipped, secrets masked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt<'a> {
    /// Number of the first line.
    pub first_line: usize,
    /// The lines, without a final line break.
    pub text: &'a str,
}

/// What the whole run came to.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary<'a> {
    /// The command that ran.
    pub command: &'a str,
    /// The site folder.
    pub site: &'a str,
    /// `placeholder` or `static`.
    pub mode: &'a str,
    /// Nothing was written: outcomes say what would have happened.
    pub dry_run: bool,
    /// The run was stopped before its end: the counts speak of what was done until then.
    pub interrupted: bool,
    /// Exit code that the run ends with.
    pub exit_code: u8,
    /// Wall-clock time in milliseconds.
    pub elapsed_ms: u64,
    /// All pages, and how many came to which outcome.
    pub total: &'a Tally,
    /// The same by organization; several organizations of one page are one key, joined with ` + `; pages that are
    /// to have no chat stand under `-`.
    pub by_organization: &'a BTreeMap<String, Tally>,
    /// How many pages were judged: those that were neither skipped nor unreadable.
    pub judged: u64,
    /// How many were not, by the reason; past 64 reasons the rest stand under `other reasons`.
    pub not_judged: &'a BTreeMap<String, u64>,
    /// How many findings are errors.
    pub errors: u64,
    /// How many findings are warnings.
    pub warnings: u64,
    /// How many findings are notes.
    pub notes: u64,
    /// Sentences that must be read, such as that a credential is being published.
    pub notices: &'a [String],
    /// Files other than pages that were written or deleted.
    pub files: &'a [String],
}

impl<'a> From<&'a outcome::PageReport> for Page<'a> {
    fn from(page: &'a outcome::PageReport) -> Self {
        Self {
            path: &page.path,
            outcome: (&page.outcome).into(),
            reason: page.outcome.reason(),
            organizations: &page.organizations,
            because: page.because.as_deref(),
            changes: &page.changes,
            findings: page.findings.iter().map(Into::into).collect(),
            diff: page.diff.as_deref(),
        }
    }
}

impl From<&outcome::Outcome> for Outcome {
    fn from(outcome: &outcome::Outcome) -> Self {
        match outcome {
            outcome::Outcome::Unchanged => Self::Unchanged,
            outcome::Outcome::Injected => Self::Injected,
            outcome::Outcome::Updated => Self::Updated,
            outcome::Outcome::Deduplicated => Self::Deduplicated,
            outcome::Outcome::Removed => Self::Removed,
            outcome::Outcome::Skipped(_) => Self::Skipped,
            outcome::Outcome::Refused(_) => Self::Refused,
            outcome::Outcome::Failed(_) => Self::Failed,
        }
    }
}

impl<'a> From<&'a outcome::Finding> for Finding<'a> {
    fn from(finding: &'a outcome::Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity,
            path: finding.path.as_deref(),
            place: finding.place.as_ref().map(|place| Place {
                line: place.line,
                column: place.column,
                end_line: place.end_line,
                end_column: place.end_column,
            }),
            message: &finding.message,
            remedy: &finding.remedy,
            excerpt: finding.excerpt.as_ref().map(|excerpt| Excerpt {
                first_line: excerpt.first_line,
                text: &excerpt.text,
            }),
        }
    }
}

impl<'a> From<&'a outcome::Summary> for Summary<'a> {
    fn from(summary: &'a outcome::Summary) -> Self {
        Self {
            command: summary.command,
            site: &summary.site,
            mode: summary.mode,
            dry_run: summary.dry_run,
            interrupted: summary.interrupted,
            exit_code: summary.exit_code,
            elapsed_ms: u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
            total: &summary.total,
            by_organization: &summary.by_organization,
            judged: summary.judged(),
            not_judged: &summary.not_judged,
            errors: summary.errors,
            warnings: summary.warnings,
            notes: summary.notes,
            notices: &summary.notices,
            files: &summary.files,
        }
    }
}

/// Writes a [`Document`] piece by piece: one page a line, so that the file can be looked at and compared.
pub(super) struct Json<W> {
    out: W,
    command: &'static str,
    pages: u64,
}

impl<W: Write + Send> Json<W> {
    pub(super) fn new(out: W, command: &'static str) -> Self {
        Self {
            out,
            command,
            pages: 0,
        }
    }

    /// What stands before the first page.
    fn start(&mut self) -> io::Result<()> {
        write!(
            self.out,
            "{{\"schemaVersion\":{SCHEMA_VERSION},\"command\":"
        )?;
        write_value(&mut self.out, &self.command)?;
        self.out.write_all(b",\"pages\":[")
    }
}

impl<W: Write + Send> Reporter for Json<W> {
    fn page(&mut self, page: &outcome::PageReport) -> io::Result<()> {
        if self.pages == 0 {
            self.start()?;
        } else {
            self.out.write_all(b",")?;
        }
        self.pages += 1;
        self.out.write_all(b"\n")?;
        write_value(&mut self.out, &Page::from(page))
    }

    fn finish(&mut self, summary: &outcome::Summary) -> io::Result<()> {
        if self.pages == 0 {
            self.start()?;
        }
        self.out.write_all(b"\n],\"siteFindings\":[")?;
        for (index, finding) in summary.site_findings.iter().enumerate() {
            self.out
                .write_all(if index == 0 { b"\n" } else { b",\n" })?;
            write_value(&mut self.out, &Finding::from(finding))?;
        }
        self.out.write_all(b"\n],\"summary\":")?;
        write_value(&mut self.out, &Summary::from(summary))?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}

/// Writes one value on one line.
pub(super) fn write_value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, TerminalSafe(CompactFormatter));
    Ok(value.serialize(&mut serializer)?)
}

/// JSON's own rules leave DEL, C1 controls and bidi overrides as they are; people print JSON to terminals, so these
/// are written as `\uNNNN`, which means the same to every reader.
struct TerminalSafe(CompactFormatter);

impl Formatter for TerminalSafe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, unsafe_char)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            self.0.write_string_fragment(writer, &rest[..at])?;
            for unit in unsafe_char.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + unsafe_char.len_utf8()..];
        }
        self.0.write_string_fragment(writer, rest)
    }
}
