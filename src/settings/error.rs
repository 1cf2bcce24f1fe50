//! What is wrong with a configuration, and how that is shown.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::source::SourceSpan;

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// What is wrong, one sentence without a full stop.
    pub(super) title: String,
    /// Where; none: the file as a whole, or nothing that was read from a file.
    pub(super) at: Option<SourceSpan>,
    /// What stands at the place.
    pub(super) label: String,
    /// What to do about it.
    pub(super) help: String,
}

impl Problem {
    /// A problem at a place.
    pub(super) fn at(
        at: SourceSpan,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            at: Some(at),
            label: label.into(),
            help: help.into(),
        }
    }

    /// A problem that has no place in a text.
    pub(super) fn nowhere(title: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            at: None,
            label: String::new(),
            help: help.into(),
        }
    }

    /// Order of reading: by source, then by position.
    fn position(&self) -> (usize, usize) {
        self.at
            .as_ref()
            .map_or((0, 0), |at| (at.source.rank, at.span.start))
    }

    /// Without what stands at the place.
    fn line(&self) -> ProblemLine {
        let text = match &self.at {
            Some(at) => format!("{}: {}", at.name(), self.title),
            None => self.title.clone(),
        };
        // A quoted key may have an escape sequence in it; `render` takes care of those itself.
        let shown = |text: &str| text.replace(char::is_control, "\u{fffd}");
        ProblemLine {
            text: shown(&text),
            help: shown(&self.help),
        }
    }

    fn render(&self, renderer: &Renderer) -> String {
        let file = self.at.as_ref().filter(|at| at.source.is_file);
        let title = match &self.at {
            // A variable or a flag has no lines to show: it is named instead.
            Some(at) if !at.source.is_file => format!("{}: {}", at.source.name, self.title),
            _ => self.title.clone(),
        };
        let mut group = Group::with_title(Level::ERROR.primary_title(title));
        if let Some(at) = file {
            let mut annotation = AnnotationKind::Primary.span(at.span.clone());
            if !self.label.is_empty() {
                annotation = annotation.label(&self.label);
            }
            group = group.element(
                Snippet::source(&at.source.masked)
                    .path(&*at.source.name)
                    .annotation(annotation),
            );
        } else if !self.label.is_empty() {
            group = group.element(Level::NOTE.message(&self.label));
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(&self.help));
        }
        renderer.render(&[group])
    }
}

/// Everything that is wrong with a configuration: at least one problem, each with its place, the line itself, the
/// reason and what to do.
///
/// No secret is in it, not even in its `Debug` form: source lines are kept masked, and values appear in sentences
/// only where they are names.
#[derive(Debug, Clone, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    /// All problems, in the order of reading.
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(Problem::position);
        Self { problems }
    }

    /// The error with all its problems, rustc's way; `color` adds ANSI escape sequences.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let problems: Vec<String> = self
            .problems
            .iter()
            .map(|problem| problem.render(&renderer))
            .collect();
        problems.join("\n\n")
    }

    /// The first problem in one line, such as ``chathub.toml:3: unknown key `sit` ``, for a report about a file.
    #[must_use]
    pub fn summary(&self) -> String {
        let Some(first) = self.problems.first() else {
            return String::new();
        };
        let more = match self.problems.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        first.line().text + &more
    }

    /// All problems, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<ProblemLine> {
        self.problems.iter().map(Problem::line).collect()
    }
}

/// One thing that is wrong with a configuration, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemLine {
    /// Where, and what, such as ``chathub.toml:3: unknown key `sit` ``.
    pub text: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self::new(vec![problem])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}
