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

use super::reporter::{Reporter, Row};
use super::text::is_unsafe;
use crate::event::{self, Event, Finding, Organizations, OutcomeKind, PageReport, Pages};

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
    pub site_findings: Vec<Finding>,
    /// What the whole run came to.
    pub summary: Summary<'a>,
}

/// One page of the site.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<'a> {
    /// Path relative to the site, with `/` on every platform; bytes that are not UTF-8 as `\xNN`. Of a site on its server, the address.
    pub path: &'a str,
    /// What happened to it, or would in a dry run.
    pub outcome: OutcomeKind,
    /// Why it was skipped, refused or failed.
    pub reason: Option<String>,
    /// The organizations that it is assigned to.
    #[schemars(with = "Vec<String>")]
    pub organizations: &'a Organizations,
    /// What chose the organizations, such as a rule and its place in the configuration.
    pub because: Option<&'a str>,
    /// What was changed, one phrase each.
    pub changes: &'a [String],
    /// What `verify` holds against it.
    pub findings: &'a [Finding],
    /// Unified diff of the change, when asked for; secrets are masked.
    pub diff: Option<&'a str>,
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
    pub total: &'a Pages,
    /// The same by organization; several organizations of one page are one key, joined with ` + `; pages that are
    /// to have no chat stand under `-`.
    pub by_organization: BTreeMap<String, &'a Pages>,
    /// How many pages were judged: those that were neither skipped nor unreadable.
    pub judged: u64,
    /// How many were not, by the reason; past 64 reasons the rest stand under `other reasons`.
    pub not_judged: &'a BTreeMap<String, u64>,
    /// How many findings are errors; those of the baseline are not counted here.
    pub errors: u64,
    /// How many findings are warnings; those of the baseline are not counted here.
    pub warnings: u64,
    /// How many findings are notes; those of the baseline are not counted here.
    pub notes: u64,
    /// How many findings are in the baseline.
    pub baselined: u64,
    /// Sentences that must be read, such as that a credential is being published.
    pub notices: &'a [String],
    /// Files other than pages that were written or deleted.
    pub files: &'a [String],
    /// Unified diffs of such files, when asked for; secrets are masked.
    pub diffs: &'a [String],
}

impl<'a> From<&'a PageReport> for Page<'a> {
    fn from(page: &'a PageReport) -> Self {
        Self {
            path: &page.path,
            outcome: page.outcome.kind(),
            reason: page.outcome.reason(),
            organizations: &page.organizations,
            because: page.because.as_deref(),
            changes: &page.changes,
            findings: &page.findings,
            diff: page.diff.as_deref(),
        }
    }
}

/// What pages are assigned to, as a key.
fn key(organizations: &Organizations) -> String {
    match organizations {
        Organizations::Unassigned | Organizations::None => "-".to_owned(),
        Organizations::ByEndpoint => "*".to_owned(),
        Organizations::Named(names) => names.join(" + "),
    }
}

impl<'a> From<&'a event::Summary> for Summary<'a> {
    fn from(summary: &'a event::Summary) -> Self {
        let tally = &summary.tally;
        let organizations = tally.by_organization.iter();
        Self {
            command: summary.command.name(),
            site: &summary.site,
            mode: summary.mode,
            dry_run: summary.dry_run,
            interrupted: summary.interrupted,
            exit_code: summary.exit_code,
            elapsed_ms: u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
            total: &tally.total,
            by_organization: organizations
                .map(|(them, of)| (key(them), &of.pages))
                .collect(),
            judged: tally.judged(),
            not_judged: &tally.not_judged,
            errors: tally.findings.errors,
            warnings: tally.findings.warnings,
            notes: tally.findings.notes,
            baselined: tally.baselined,
            notices: &summary.notices,
            files: &summary.files,
            diffs: &summary.diffs,
        }
    }
}

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "json",
    help: "One JSON document, described by `schemas/report-v1.schema.json`",
    mark: Some("\"schemaVersion\":"),
    make: |out, _| Box::new(Json::new(out)),
};

/// Writes a [`Document`] piece by piece: one page a line, so that the file can be looked at and compared.
struct Json<W> {
    out: W,
    pages: u64,
    findings: u64,
}

impl<W: Write + Send> Json<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            pages: 0,
            findings: 0,
        }
    }

    /// What stands between two values, or before the first.
    fn separator(before: u64) -> &'static [u8] {
        if before == 0 { b"\n" } else { b",\n" }
    }

    /// What stands between the pages and the first finding.
    fn end_pages(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n],\"siteFindings\":[")
    }
}

impl<W: Write + Send> Reporter for Json<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Started(started) => {
                write!(
                    self.out,
                    "{{\"schemaVersion\":{SCHEMA_VERSION},\"command\":"
                )?;
                write_value(&mut self.out, &started.command.name())?;
                self.out.write_all(b",\"pages\":[")
            }
            Event::Page(page) => {
                self.out.write_all(Self::separator(self.pages))?;
                self.pages += 1;
                write_value(&mut self.out, &Page::from(*page))
            }
            Event::Finding(finding) => {
                if self.findings == 0 {
                    self.end_pages()?;
                }
                self.out.write_all(Self::separator(self.findings))?;
                self.findings += 1;
                write_value(&mut self.out, finding)
            }
            // They are part of what the run came to.
            Event::Notice(_) => Ok(()),
            Event::Finished(summary) => {
                if self.findings == 0 {
                    self.end_pages()?;
                }
                self.out.write_all(b"\n],\"summary\":")?;
                write_value(&mut self.out, &Summary::from(*summary))?;
                self.out.write_all(b"}\n")?;
                self.out.flush()
            }
        }
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
