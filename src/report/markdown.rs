//! `markdown`: a summary of the run for GitHub's job summaries, merge requests and chats, in GitHub's Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::pipeline::{EachFinding, Pipeline, known, sentence};
use super::reporter::Row;
use super::text::{self, count, number};
use super::words;
use crate::event::{Event, Finding, Findings, Organizations, OutcomeKind, Severity, Summary};

/// GitHub takes a job summary of at most 1 MiB, and drops a larger one.
const SUMMARY: usize = 1024 * 1024;
/// What is kept for all but the findings.
const REST: usize = 128 * 1024;
/// How much one text from outside may take.
const CELL: usize = 600;

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "markdown",
    help: "A summary in Markdown of at most 1 MiB, such as for GITHUB_STEP_SUMMARY",
    mark: Some("## chathub "),
    make: |out, _| {
        Box::new(Markdown {
            out,
            pipeline: Pipeline::default(),
            levels: Default::default(),
        })
    },
};

struct Markdown<W> {
    out: W,
    pipeline: Pipeline,
    /// The rows of errors, warnings, notes and what is in the baseline, as many as there is room for.
    levels: [Level; 4],
}

#[derive(Default)]
struct Level {
    rows: Vec<String>,
    bytes: usize,
    found: u64,
}

const LEVELS: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

/// The table of pages by organization and outcome.
fn outcomes(text: &mut String, summary: &Summary) {
    let tally = &summary.tally;
    let columns: Vec<_> = OutcomeKind::ALL
        .into_iter()
        .filter(|kind| tally.of(*kind) > 0)
        .collect();
    let mut head = "\n| organization | pages |".to_owned();
    let mut line = "| --- | --: |".to_owned();
    for kind in &columns {
        let _ = write!(head, " {} |", kind.name());
        line.push_str(" --: |");
    }
    let _ = writeln!(text, "{head} errors | warnings |\n{line} --: | --: |");
    let mut row = |name: &str, pages: &crate::event::Pages, findings: Findings| {
        let _ = write!(text, "| {name} | {} |", number(pages.pages));
        for kind in &columns {
            let _ = write!(text, " {} |", number(pages.outcomes.of(*kind)));
        }
        let _ = writeln!(
            text,
            " {} | {} |",
            number(findings.errors),
            number(findings.warnings)
        );
    };
    let mut bytes = 0;
    for (organizations, of) in &tally.by_organization {
        let name = match organizations {
            Organizations::Named(names) => cell(&names.join(" + ")),
            Organizations::ByEndpoint => "(by the endpoint)".to_owned(),
            Organizations::None | Organizations::Unassigned => "(no widget)".to_owned(),
        };
        bytes += name.len() + 200;
        if bytes > REST / 2 {
            row("…", &crate::event::Pages::default(), Findings::default());
            break;
        }
        row(&name, &of.pages, of.findings);
    }
    row("**all**", &tally.total, tally.findings);
}

impl<W: Write + Send> EachFinding for Markdown<W> {
    fn pipeline(&mut self) -> &mut Pipeline {
        &mut self.pipeline
    }

    fn finding(&mut self, _: &Event<'_>, finding: &Finding) -> io::Result<()> {
        let index = LEVELS.iter().position(|level| *level == finding.severity);
        let index = index.filter(|_| !finding.baselined);
        let level = &mut self.levels[index.unwrap_or(LEVELS.len())];
        level.found += 1;
        if level.bytes >= SUMMARY - REST {
            return Ok(());
        }
        let mut place = cell(&self.pipeline.file(finding));
        if let Some(at) = &finding.place {
            // Writing to a string does not fail.
            let _ = write!(place, " {}\\:{}", at.line, at.column);
        }
        let row = format!(
            "| {}{} | {} | {place} | {} |\n",
            finding.severity.name(),
            known(finding),
            finding.rule.id,
            cell(&sentence(finding))
        );
        level.bytes += row.len();
        level.rows.push(row);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let tally = &summary.tally;
        let mut text = format!("## chathub {}\n\n", summary.command.name());
        if summary.command.only_looks() || tally.findings.all() > 0 {
            let _ = write!(text, "{}.", words::found(tally));
            let not_judged = tally.total.pages - tally.judged();
            if not_judged > 0 {
                let _ = write!(text, " {} not judged.", number(not_judged));
            }
            text.push('\n');
        }
        if let Some(known) = words::baselined(tally, "×") {
            let _ = writeln!(text, "\n{known}.");
        }
        let failing = self.pipeline.failing(&tally.findings);
        if summary.command.only_looks() && failing > 0 {
            let fail = if failing == 1 { "fails" } else { "fail" };
            let _ = writeln!(text, "\n**{} {fail} the run.**", count(failing, "finding"));
        }
        if summary.dry_run {
            text.push_str("\nNothing was written: this is what would have happened.\n");
        }
        if summary.interrupted {
            text.push_str("\n**The run was interrupted before its end.**\n");
        }
        for notice in &summary.notices {
            let _ = writeln!(text, "\n> {}", cell(notice));
            if text.len() > REST / 4 {
                break;
            }
        }
        outcomes(&mut text, summary);
        let mut left = 0;
        let mut table = String::new();
        let room = SUMMARY - REST;
        for level in std::mem::take(&mut self.levels) {
            let mut shown = 0;
            for row in &level.rows {
                if table.len() + row.len() > room {
                    break;
                }
                table.push_str(row);
                shown += 1;
            }
            left += level.found - shown;
        }
        if !table.is_empty() {
            text.push_str(
                "\n### Findings\n\n| severity | rule | file | finding |\n| --- | --- | --- | --- |\n",
            );
            text.push_str(&table);
        }
        if left > 0 {
            let _ = writeln!(
                text,
                "\n… and {} that this summary has no room for.",
                count(left, "more finding")
            );
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// Text from outside, as text: no character of it means anything in Markdown, makes a link, or ends the cell.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 16);
    for c in text::escape(text).chars() {
        if cell.len() > CELL {
            cell.push('…');
            break;
        }
        if c.is_ascii_punctuation() && !matches!(c, '/' | '-' | '.' | ',' | ';' | '(' | ')') {
            cell.push('\\');
        }
        cell.push(c);
    }
    cell
}
