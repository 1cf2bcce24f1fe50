//! The last lines: what the run came to.

use std::fmt::Write as _;

use super::look::Look;
use crate::event::{OutcomeKind, Severity, Summary};
use crate::report::reporter::Verbosity;
use crate::report::text::{count, duration, escape, list, number, rate};
use crate::report::words;

/// How many files are listed without `-v`.
const FILES: usize = 10;

/// How many reasons for not judging pages are shown.
const REASONS: usize = 8;

/// Appends the files that were written beside the pages.
pub(super) fn write_files(text: &mut String, files: &[String], verbosity: Verbosity, look: &Look) {
    let shown = if verbosity < Verbosity::Verbose {
        FILES
    } else {
        usize::MAX
    };
    for file in files.iter().take(shown) {
        let _ = writeln!(text, "{}", escape(file));
    }
    let hidden = files.len().saturating_sub(shown) as u64;
    if hidden > 0 {
        let more = format!(
            "{} and {} more (-v shows all)",
            look.ellipsis(),
            count(hidden, "file")
        );
        let _ = writeln!(text, "{}", look.dim(more));
    }
}

/// Appends the sentences that must be read.
pub(super) fn write_notices(text: &mut String, notices: &[String], look: &Look) {
    for notice in notices {
        let _ = writeln!(
            text,
            "{}: {}",
            look.severity(Severity::Warning, "notice"),
            escape(notice)
        );
    }
}

/// Appends how many findings are known, by rule.
pub(super) fn write_baselined(
    text: &mut String,
    summary: &Summary,
    verbosity: Verbosity,
    look: &Look,
) {
    let Some(known) = words::baselined(&summary.tally, look.times()) else {
        return;
    };
    let _ = write!(text, "{known}");
    if verbosity < Verbosity::Verbose {
        let _ = write!(text, " {}", look.dim("(-v shows them)"));
    }
    text.push('\n');
}

/// Appends that the run did not get to its end, if so.
pub(super) fn write_interrupted(text: &mut String, summary: &Summary, look: &Look) {
    if summary.interrupted {
        let word = look.severity(Severity::Warning, "interrupted");
        let _ = writeln!(text, "{word}: only the pages counted below were done");
    }
}

/// Appends the line that sums up the run.
pub(super) fn write_summary(text: &mut String, summary: &Summary, look: &Look) {
    let result = if summary.command.only_looks() {
        verified(summary, look)
    } else {
        changed(summary, look)
    };
    let not_judged = not_judged(summary, look);
    let pages = summary.tally.total.pages;
    let time = match rate(pages, summary.elapsed) {
        Some(rate) => format!("{} ({rate})", duration(summary.elapsed)),
        None => duration(summary.elapsed),
    };
    let _ = writeln!(
        text,
        "{result}{not_judged} {}",
        look.dim(format_args!("{} {time}", look.dot()))
    );
    if summary.dry_run && !summary.command.only_looks() {
        let _ = writeln!(text, "{}", look.bold("Dry run: nothing was written."));
    }
}

/// `; 4 not judged: 2 × redirect stub, 1 × AMP page`. No plurals: the reasons are others' words.
fn not_judged(summary: &Summary, look: &Look) -> String {
    let mut reasons: Vec<_> = summary.tally.not_judged.iter().collect();
    let total: u64 = reasons.iter().map(|(_, pages)| **pages).sum();
    if total == 0 {
        return String::new();
    }
    // Stable: equal counts stay in the order of the alphabet.
    reasons.sort_by_key(|(_, pages)| std::cmp::Reverse(**pages));
    let left_out: u64 = reasons.iter().skip(REASONS).map(|(_, pages)| **pages).sum();
    let shown = reasons.into_iter().take(REASONS).map(|(why, pages)| {
        if *pages == total {
            escape(why).into_owned()
        } else {
            format!("{} {} {}", number(*pages), look.times(), escape(why))
        }
    });
    let mut shown = list(shown);
    if left_out > 0 {
        let _ = write!(
            shown,
            ", {} for other reasons (-v lists them)",
            number(left_out)
        );
    }
    let words = format!("{} not judged", number(total));
    format!("; {}: {shown}", look.outcome(OutcomeKind::Skipped, words))
}

fn outcome(summary: &Summary, kind: OutcomeKind) -> u64 {
    summary.tally.of(kind)
}

/// `41 pages: 33 injected, 5 unchanged, 3 skipped`
fn changed(summary: &Summary, look: &Look) -> String {
    // In a dry run, and said once: `2 would be injected, 1 updated`.
    let mut would = if summary.dry_run { "would be " } else { "" };
    let outcomes = list(OutcomeKind::ALL.iter().filter_map(|kind| {
        let pages = outcome(summary, *kind);
        if pages == 0 {
            return None;
        }
        let would = if kind.is_change() {
            std::mem::take(&mut would)
        } else {
            ""
        };
        let words = format!("{} {would}{}", number(pages), kind.name());
        Some(look.outcome(*kind, words).to_string())
    }));
    let mut text = look
        .bold(count(summary.tally.total.pages, "page"))
        .to_string();
    if !outcomes.is_empty() {
        let _ = write!(text, ": {outcomes}");
    }
    let findings = findings(summary, look);
    if !findings.is_empty() {
        let _ = write!(text, "; {findings}");
    }
    text
}

/// `12 errors, 3 warnings on 9 of 41 pages`, or that all is well.
fn verified(summary: &Summary, look: &Look) -> String {
    let (skipped, failed) = (
        outcome(summary, OutcomeKind::Skipped),
        outcome(summary, OutcomeKind::Failed) + outcome(summary, OutcomeKind::Refused),
    );
    let pages = summary.tally.total.pages;
    let findings = findings(summary, look);
    let known = summary.tally.baselined > 0;
    let whole = !summary.interrupted && !summary.left_out;
    let clean = findings.is_empty() && !known && failed == 0 && whole;
    let mut text = if clean && summary.tally.judged() == 0 {
        look.severity(Severity::Warning, "no page judged")
            .to_string()
    } else if clean {
        let clean = pages.saturating_sub(skipped);
        let have = if clean == 1 {
            "has exactly what its rules ask for"
        } else {
            "have exactly what their rules ask for"
        };
        format!(
            "{}: {} {have}",
            look.paint(anstyle::AnsiColor::Green.on_default().bold(), "clean"),
            count(clean, "page")
        )
    } else {
        let what = if findings.is_empty() {
            if known {
                "no new findings"
            } else {
                "no findings"
            }
            .to_owned()
        } else {
            findings
        };
        format!("{what} {}", words::place(&summary.tally))
    };
    let refused = outcome(summary, OutcomeKind::Refused);
    if refused > 0 {
        let words = format!("{} refused", number(refused));
        let _ = write!(text, ", {}", look.outcome(OutcomeKind::Refused, words));
    }
    text
}

fn findings(summary: &Summary, look: &Look) -> String {
    let found = summary.tally.findings;
    let severities = [
        (found.errors, "error", Severity::Error),
        (found.warnings, "warning", Severity::Warning),
        (found.notes, "note", Severity::Note),
    ];
    list(
        severities
            .into_iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, noun, severity)| look.severity(severity, count(n, noun)).to_string()),
    )
}
