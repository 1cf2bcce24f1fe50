//! Excerpts of pages, which cannot be made but masked.

use std::ops::Range;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Serialize;

use super::hidden::Hidden;
use super::{hidden_in, mask_token_attributes};

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
    excerpt_hiding(text, span, first_line, &[])
}

/// The same where more is known to be secret than what this process keeps to itself.
#[must_use]
pub fn excerpt_hiding(
    text: &[u8],
    span: &Range<usize>,
    first_line: usize,
    hidden: &[Hidden],
) -> Excerpt {
    let far = span.start.saturating_sub(LOOK);
    let line_start = memchr::memrchr(b'\n', &text[far..span.start]).map_or(far, |at| far + at + 1);
    let line_end = |from: usize| {
        let near = &text[from..text.len().min(from + LOOK)];
        from + memchr::memchr2(b'\n', b'\r', near).unwrap_or(near.len())
    };
    let marked_end = span.end.clamp(span.start, line_end(span.start));
    let end = line_end(marked_end);
    // What is hidden may reach from one of these pieces into the next.
    let near = hidden
        .iter()
        .filter(|one| one.span.start < end && one.span.end > line_start);
    let found = hidden_in(&text[line_start..end]).into_iter();
    let found = found.map(|one| one.moved(line_start));
    let hidden = Hidden::merged(near.cloned().chain(found).collect());
    let piece = |range: Range<usize>| piece(text, range, &hidden);
    let before = piece(line_start..span.start);
    let marked = piece(span.start..marked_end);
    let after = piece(marked_end..end);
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

/// A part of a text, without what is hidden.
fn piece(text: &[u8], range: Range<usize>, hidden: &[Hidden]) -> String {
    let mut shown = String::new();
    let mut at = range.start;
    let lossy = |range: Range<usize>| mask_token_attributes(&String::from_utf8_lossy(&text[range]));
    for hidden in hidden {
        let (start, end) = (hidden.span.start.max(at), hidden.span.end.min(range.end));
        if start < end {
            shown.push_str(&lossy(at..start));
            shown.push_str(&hidden.shown);
            at = end;
        }
    }
    shown + &lossy(at..range.end.max(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{Form, Leak, What};

    #[test]
    fn what_is_hidden_is_not_shown_wherever_it_begins() {
        let text = "a SECRET b SECRET c SECRET d";
        let hidden: Vec<_> = [2..8, 11..17, 20..26]
            .map(|span| {
                let (what, form) = (What::Known("password"), Form::Plain);
                Hidden::leak(&Leak { what, form, span })
            })
            .into();
        for span in [0..1, 2..8, 5..14, 11..17] {
            let excerpt = excerpt_hiding(text.as_bytes(), &span, 1, &hidden);
            assert!(!excerpt.text().contains('S'), "{}", excerpt.text());
            assert!(!excerpt.text().contains('T'), "{}", excerpt.text());
        }
        let excerpt = excerpt_hiding(text.as_bytes(), &(11..17), 1, &hidden);
        assert_eq!(excerpt.text(), "a [redacted] b [redacted] c [redacted] d");
        assert_eq!(excerpt.marked(), Some("[redacted]"));
    }

    #[test]
    fn clips_long_lines_and_marks_the_place() {
        let text = format!("{}<b>{}", "x".repeat(500), "y".repeat(500));
        let excerpt = excerpt(text.as_bytes(), &(500..503), 1);
        assert_eq!(&excerpt.text[excerpt.span.clone()], "<b>");
        assert!(excerpt.text.chars().count() < 130);
        assert!(excerpt.text.starts_with("…x") && excerpt.text.ends_with("y…"));
    }
}
