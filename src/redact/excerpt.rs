//! Excerpts of pages, which cannot be made but masked.

use std::ops::Range;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Serialize;

use super::of_page;

/// How much of a line is shown on each side of a place: minified pages are one line.
const CONTEXT: usize = 60;
/// How much of the place itself.
const MARKED: usize = 160;
/// Within this, a token is seen whole and so masked before the line is clipped.
const LOOK: usize = 16 << 10;

/// A few lines of source; long lines are clipped, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// Number of the first line.
    first_line: usize,
    /// The lines, without a final line break.
    text: String,
    /// The bytes of `text` that it is about; on character boundaries.
    #[serde(skip)]
    span: Range<usize>,
}

impl Excerpt {
    /// Number of the first line, from 1.
    #[must_use]
    pub fn first_line(&self) -> usize {
        self.first_line
    }

    /// The lines, without a final line break.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of the text that it is about.
    #[must_use]
    pub fn marked(&self) -> Option<&str> {
        self.text.get(self.span())
    }

    /// The bytes of the text that it is about.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What no page gives: several lines, spans that lie.
    #[cfg(test)]
    pub(crate) fn made_up(text: String, first_line: usize, span: Range<usize>) -> Self {
        Self {
            first_line,
            text,
            span,
        }
    }
}

/// The line at a place, clipped; it is the `first_line`-th.
#[must_use]
pub fn excerpt(text: &[u8], span: &Range<usize>, first_line: usize) -> Excerpt {
    let far = span.start.saturating_sub(LOOK);
    let line_start = memchr::memrchr(b'\n', &text[far..span.start]).map_or(far, |at| far + at + 1);
    let line_end = |from: usize| {
        let near = &text[from..text.len().min(from + LOOK)];
        from + memchr::memchr2(b'\n', b'\r', near).unwrap_or(near.len())
    };
    let marked_end = span.end.clamp(span.start, line_end(span.start));
    let piece = |range: Range<usize>| of_page(&String::from_utf8_lossy(&text[range]));
    let before = piece(line_start..span.start);
    let marked = piece(span.start..marked_end);
    let after = piece(marked_end..line_end(marked_end));
    let mut shown = String::new();
    let skipped = before.chars().count().saturating_sub(CONTEXT);
    if skipped > 0 {
        shown.push('…');
    }
    shown.extend(before.chars().skip(skipped));
    let start = shown.len();
    shown.extend(marked.chars().take(MARKED));
    if marked.chars().nth(MARKED).is_some() {
        shown.push('…');
    }
    let end = shown.len();
    shown.extend(after.chars().take(CONTEXT));
    if after.chars().nth(CONTEXT).is_some() {
        shown.push('…');
    }
    Excerpt {
        text: shown,
        first_line,
        span: start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_long_lines_and_marks_the_place() {
        let text = format!("{}<b>{}", "x".repeat(500), "y".repeat(500));
        let excerpt = excerpt(text.as_bytes(), &(500..503), 1);
        assert_eq!(&excerpt.text[excerpt.span.clone()], "<b>");
        assert!(excerpt.text.chars().count() < 130);
        assert!(excerpt.text.starts_with("…x") && excerpt.text.ends_with("y…"));
    }
}
