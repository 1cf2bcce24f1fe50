//! The page for people: a mark, what was looked at, what was found, and what to do.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::check::{Check, Status};
use super::report::Report;
use crate::report::{Verbosity, escape};

/// Columns of a page: as wide as any terminal.
const WIDTH: usize = 80;
/// Columns before what was found: the mark, and the longest topic.
const INDENT: usize = 18;

pub(super) fn page(report: &Report, verbosity: Verbosity, color: bool) -> String {
    let look = Look { color };
    let mut text = String::new();
    let mut last = None;
    for check in &report.checks {
        if verbosity == Verbosity::Quiet && check.status < Status::Warning {
            continue;
        }
        let topic = if last == Some(check.topic) {
            ""
        } else {
            check.topic.title()
        };
        last = Some(check.topic);
        line(&mut text, check, topic, verbosity, &look);
    }
    if verbosity > Verbosity::Quiet {
        let _ = writeln!(text, "\n{}", ending(report, &look));
    }
    text
}

fn line(text: &mut String, check: &Check, topic: &str, verbosity: Verbosity, look: &Look) {
    let (mark, color) = match check.status {
        Status::Ok => ("✓", Some(AnsiColor::Green)),
        Status::Skipped | Status::Note => ("·", None),
        Status::Warning => ("!", Some(AnsiColor::Yellow)),
        Status::Error => ("✗", Some(AnsiColor::BrightRed)),
    };
    let style = color.map_or(Style::new().dimmed(), |color| color.on_default().bold());
    let mut message = escape(&check.message).into_owned();
    if let Some(rule) = check.rule {
        let _ = write!(message, " [{rule}]");
    }
    let lines = wrap(&message);
    let style_of_rest = if check.status == Status::Skipped {
        Style::new().dimmed()
    } else {
        Style::new()
    };
    for (at, words) in lines.iter().enumerate() {
        if at == 0 {
            let _ = write!(text, "{} {topic:<15} ", look.paint(style, mark));
        } else {
            let _ = write!(text, "{:INDENT$}", "");
        }
        let _ = writeln!(text, "{}", look.paint(style_of_rest, words));
    }
    // Of what is right, one line is enough.
    if check.status > Status::Skipped || verbosity > Verbosity::Normal {
        for detail in &check.details {
            below(text, "", &escape(detail), Style::new().dimmed(), look);
        }
    }
    if let Some(remedy) = &check.remedy {
        let style = AnsiColor::Cyan.on_default();
        below(text, "→ ", &escape(remedy), style, look);
    }
}

/// Writes lines below what was found.
fn below(text: &mut String, mark: &str, words: &str, style: Style, look: &Look) {
    for (at, line) in wrap_to(words, WIDTH - INDENT - 2).iter().enumerate() {
        let mark = if at == 0 && !mark.is_empty() {
            mark
        } else {
            "  "
        };
        let line = format!("{mark}{line}");
        let _ = writeln!(text, "{:INDENT$}{}", "", look.paint(style, line));
    }
}

/// What all of it came to.
fn ending(report: &Report, look: &Look) -> String {
    let summary = &report.summary;
    let wrong = [(summary.errors, "error"), (summary.warnings, "warning")];
    let wrong = wrong.into_iter().filter(|(n, _)| *n > 0);
    let wrong: Vec<String> = wrong
        .map(|(n, noun)| format!("{n} {noun}{}", if n == 1 { "" } else { "s" }))
        .collect();
    let skipped = match summary.skipped {
        0 => String::new(),
        n => format!("; {n} not looked at"),
    };
    let passed = format!("{} right{skipped}", summary.ok);
    if wrong.is_empty() {
        let style = AnsiColor::Green.on_default().bold();
        return format!("{}: {passed}", look.paint(style, "nothing is wrong"));
    }
    let color = if summary.errors > 0 {
        AnsiColor::BrightRed
    } else {
        AnsiColor::Yellow
    };
    let words = look.paint(color.on_default().bold(), wrong.join(", "));
    let first = if wrong.len() > 1 || summary.errors + summary.warnings > 1 {
        "\nBegin with the first: others may follow from it."
    } else {
        ""
    };
    format!("{words}; {passed}{first}")
}

struct Look {
    color: bool,
}

impl Look {
    fn paint(&self, style: Style, text: impl AsRef<str>) -> String {
        let text = text.as_ref();
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

fn wrap(text: &str) -> Vec<String> {
    wrap_to(text, WIDTH - INDENT)
}

/// Words in lines of so many columns. A longer word has a line of its own: a path that is cut leads nowhere.
fn wrap_to(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_never_cut() {
        assert_eq!(wrap_to("a bc def", 4), ["a bc", "def"]);
        assert_eq!(
            wrap_to("a longer/than/that b", 4),
            ["a", "longer/than/that", "b"]
        );
        assert_eq!(wrap_to("чат чат", 7), ["чат чат"]);
        assert_eq!(wrap_to("", 4), [""]);
    }
}
