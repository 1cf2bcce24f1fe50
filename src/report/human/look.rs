//! Colours and drawing characters: what depends on the terminal and not on the report.

use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::event::{OutcomeKind, Severity};
use crate::report::reporter::Options;

/// How text is to look at this terminal. The colours are those that rustc and annotate-snippets use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    color: bool,
    pub(super) ascii: bool,
    pub(super) width: Option<usize>,
}

/// Text with its style around it.
pub(super) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.style;
        write!(f, "{style}{}{style:#}", self.text)
    }
}

impl Look {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            color: options.color,
            ascii: options.ascii,
            width: options.width,
        }
    }

    /// The text in the style, or as it is where there are no colours.
    pub(super) fn paint<T: fmt::Display>(&self, style: Style, text: T) -> Painted<T> {
        let style = if self.color { style } else { Style::new() };
        Painted { style, text }
    }

    pub(super) fn bold<T: fmt::Display>(&self, text: T) -> Painted<T> {
        self.paint(Style::new().bold(), text)
    }

    /// For what need not be read.
    pub(super) fn dim<T: fmt::Display>(&self, text: T) -> Painted<T> {
        self.paint(Style::new().dimmed(), text)
    }

    pub(super) fn severity<T: fmt::Display>(&self, severity: Severity, text: T) -> Painted<T> {
        let color = match severity {
            Severity::Error => AnsiColor::BrightRed,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Note => AnsiColor::BrightGreen,
        };
        self.paint(color.on_default().bold(), text)
    }

    /// `text` in the colour of this outcome.
    pub(super) fn outcome<T: fmt::Display>(&self, kind: OutcomeKind, text: T) -> Painted<T> {
        let style = match kind {
            OutcomeKind::Injected => AnsiColor::Green.on_default(),
            OutcomeKind::Updated | OutcomeKind::Deduplicated => AnsiColor::Cyan.on_default(),
            OutcomeKind::Removed => AnsiColor::Magenta.on_default(),
            OutcomeKind::Refused => AnsiColor::Yellow.on_default().bold(),
            OutcomeKind::Failed => AnsiColor::BrightRed.on_default().bold(),
            _ => Style::new().dimmed(),
        };
        self.paint(style, text)
    }

    pub(super) fn help<T: fmt::Display>(&self, text: T) -> Painted<T> {
        self.paint(AnsiColor::BrightCyan.on_default().bold(), text)
    }

    /// Between two facts on one line.
    pub(super) fn dot(&self) -> &'static str {
        if self.ascii { "-" } else { "·" }
    }

    /// Before what was left out.
    pub(super) fn ellipsis(&self) -> &'static str {
        if self.ascii { "..." } else { "…" }
    }

    /// Between a count and what is counted.
    pub(super) fn times(&self) -> &'static str {
        if self.ascii { "x" } else { "×" }
    }

    /// Whether there are colours.
    pub(super) fn color(&self) -> bool {
        self.color
    }
}

/// What is said about a page; in a dry run nothing has happened to it yet.
pub(super) fn verb(outcome: OutcomeKind, dry_run: bool) -> &'static str {
    match outcome {
        OutcomeKind::Injected if dry_run => "would inject",
        OutcomeKind::Updated if dry_run => "would update",
        OutcomeKind::Deduplicated if dry_run => "would deduplicate",
        OutcomeKind::Removed if dry_run => "would remove",
        other => other.name(),
    }
}
