//! Single pages: a line for each that is worth one, and diffs.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::look::{Look, verb};
use crate::event::{Organizations, Outcome, OutcomeKind, PageReport, Started};
use crate::report::reporter::Verbosity;
use crate::report::text::{escape, is_unsafe, push_escaped};

/// Appends the page's lines, if it is to have any.
pub(super) fn write(
    text: &mut String,
    page: &PageReport,
    started: &Started,
    verbosity: Verbosity,
    look: &Look,
) {
    let outcome = &page.outcome;
    let has_findings = !page.findings.is_empty();
    if started.command.only_looks() && (has_findings || *outcome == Outcome::Unchanged) {
        // Findings say it better, and what `verify` has nothing to say about is listed only for the most curious.
        if verbosity == Verbosity::VeryVerbose {
            let (kind, word) = if has_findings {
                (OutcomeKind::Refused, "findings")
            } else {
                (OutcomeKind::Injected, "clean")
            };
            let word = look.outcome(kind, format!("{word:width$}", width = column(started)));
            let _ = writeln!(text, "{word}  {}", escape(&page.path));
            write_because(text, page, started, verbosity, look);
        }
        return;
    }
    let kind = outcome.kind();
    let name = kind.name();
    let path = escape(&page.path);
    match (outcome, verbosity) {
        (Outcome::Refused(why) | Outcome::Failed(why), _) => {
            let width = if verbosity < Verbosity::Verbose {
                7
            } else {
                column(started)
            };
            let verb = look.outcome(kind, format!("{name:width$}"));
            let _ = writeln!(text, "{verb}  {}: {}", look.bold(path), escape(why));
        }
        (_, Verbosity::Quiet | Verbosity::Normal) => return,
        _ => {
            let width = column(started);
            let verb = look.outcome(kind, format!("{:width$}", verb(kind, started.dry_run)));
            let _ = write!(text, "{verb}  {path}");
            if let Some(why) = outcome.reason() {
                let _ = write!(text, ": {}", escape(&why));
            }
            for (index, change) in page.changes.iter().enumerate() {
                let separator = if index == 0 { look.dot() } else { ";" };
                let space = if index == 0 { " " } else { "" };
                let _ = write!(text, "{space}{} {}", look.dim(separator), escape(change));
            }
            text.push('\n');
        }
    }
    write_because(text, page, started, verbosity, look);
}

/// Appends what chose the page's organizations, for `-vv`.
fn write_because(
    text: &mut String,
    page: &PageReport,
    started: &Started,
    verbosity: Verbosity,
    look: &Look,
) {
    if let (Verbosity::VeryVerbose, Some(because)) = (verbosity, &page.because) {
        let organizations = match &page.organizations {
            Organizations::Unassigned | Organizations::None => "no widget".to_owned(),
            Organizations::ByEndpoint => "any organization".to_owned(),
            Organizations::Named(names) => escape(&names.join(" + ")).into_owned(),
        };
        let _ = writeln!(
            text,
            "{:indent$}  {}",
            "",
            look.dim(format_args!("{organizations}: {}", escape(because))),
            indent = column(started),
        );
    }
}

/// Width of the column of outcomes: the longest of them.
fn column(started: &Started) -> usize {
    if started.command.only_looks() {
        "findings".len()
    } else if started.dry_run {
        "would deduplicate".len()
    } else {
        "deduplicated".len()
    }
}

/// Appends a unified diff. Without colours it is what `patch` takes, as long as it has nothing that acts on a terminal.
pub(super) fn write_diff(text: &mut String, diff: &str, look: &Look) {
    for line in diff.split_inclusive('\n') {
        let style = match line.as_bytes() {
            [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => Style::new().bold(),
            [b'@', b'@', ..] => AnsiColor::Cyan.on_default(),
            [b'-', ..] => AnsiColor::Red.on_default(),
            [b'+', ..] => AnsiColor::Green.on_default(),
            _ => Style::new(),
        };
        // A carriage return before the line feed is the page's line ending, and does nothing at a terminal.
        let content = line.trim_end_matches('\n');
        let content = content.strip_suffix('\r').unwrap_or(content);
        let ending = &line[content.len()..];
        let mut safe = String::with_capacity(content.len());
        for c in content.chars() {
            if c == '\t' || !is_unsafe(c) {
                safe.push(c);
            } else {
                push_escaped(&mut safe, c);
            }
        }
        let _ = write!(text, "{}", look.paint(style, safe));
        text.push_str(if ending.is_empty() { "\n" } else { ending });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Options;

    fn plain() -> Look {
        Look::new(&Options::default())
    }

    #[test]
    fn a_diff_keeps_its_line_endings_and_loses_its_escape_sequences() {
        let mut text = String::new();
        write_diff(
            &mut text,
            "--- a\r\n+++ b\n@@ -1 +1 @@\n-\tx\r\n+\x1b[2Jy",
            &plain(),
        );
        assert_eq!(text, "--- a\r\n+++ b\n@@ -1 +1 @@\n-\tx\r\n+\\u{1b}[2Jy\n");
    }
}
