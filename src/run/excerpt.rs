//! Places in a page, and what stands there, fit to be shown.

use std::cell::Cell;
use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};

use crate::event::{Excerpt, Location};
use crate::token;

/// How much of a line is shown on each side of a place: minified pages are one line.
const CONTEXT: usize = 60;
/// How much of the place itself.
const MARKED: usize = 160;
/// Within this, a token is seen whole and so masked before the line is clipped.
const LOOK: usize = 16 << 10;

/// Makes excerpts without secrets.
#[derive(Default)]
pub struct Excerpts {
    secrets: Vec<SecretString>,
}

impl Excerpts {
    /// `secrets` are strings that must never be shown, whatever they look like.
    #[must_use]
    pub fn new(secrets: Vec<SecretString>) -> Self {
        Self {
            secrets: secrets
                .into_iter()
                .filter(|s| !s.expose_secret().is_empty())
                .collect(),
        }
    }

    /// Text with all that is secret in it masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let mut text = token::mask(text).into_owned();
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            text = text.replace(secret, "[redacted]");
            // As messages quote it.
            let quoted = secret.escape_debug().to_string();
            if quoted != secret {
                text = text.replace(&quoted, "[redacted]");
            }
        }
        mask_token_attributes(&text)
    }

    /// The line at a place, clipped; it is the `first_line`-th.
    #[must_use]
    pub fn excerpt(&self, text: &[u8], span: &Range<usize>, first_line: usize) -> Excerpt {
        let far = span.start.saturating_sub(LOOK);
        let line_start =
            memchr::memrchr(b'\n', &text[far..span.start]).map_or(far, |at| far + at + 1);
        let line_end = |from: usize| {
            let near = &text[from..text.len().min(from + LOOK)];
            from + memchr::memchr2(b'\n', b'\r', near).unwrap_or(near.len())
        };
        let marked_end = span.end.clamp(span.start, line_end(span.start));
        let piece = |range: Range<usize>| self.mask(&String::from_utf8_lossy(&text[range]));
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
}

/// Shortens what stands in a `token` attribute, even if it does not look like a token: it may be a mistyped one.
fn mask_token_attributes(text: &str) -> String {
    const SHOWN: usize = 12;
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("token=") {
        let (before, value) = rest.split_at(at + "token=".len());
        masked.push_str(before);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = quote.map_or(value, |_| &value[1..]);
        masked.extend(quote);
        let end = match quote {
            Some(quote) => value.find(quote),
            None => value.find([' ', '>']),
        };
        let (token, behind) = value.split_at(end.unwrap_or(value.len()));
        let shown = token
            .char_indices()
            .nth(SHOWN)
            .map_or(token.len(), |(at, _)| at);
        let known = token.contains('…') || token == token::DEVELOPMENT_TOKEN;
        masked.push_str(if known { token } else { &token[..shown] });
        if !known && shown < token.len() {
            masked.push('…');
        }
        rest = behind;
    }
    masked + rest
}

/// Line and column of a span; columns count characters, a character that cannot be decoded as one.
#[must_use]
pub fn place(text: &[u8], span: &Range<usize>) -> Location {
    LineIndex::new(text).place(span)
}

/// Finds places in one page. Those that are asked for in their order are found in one pass over it, however many they are.
pub struct LineIndex<'t> {
    text: &'t [u8],
    /// The last that was found.
    last: Cell<Cursor>,
}

/// An offset, and its line and column from 0.
#[derive(Clone, Copy, Default)]
struct Cursor {
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> LineIndex<'t> {
    /// The lines of this text.
    #[must_use]
    pub fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            last: Cell::default(),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t [u8] {
        self.text
    }

    /// See [`place`].
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Location {
        let (line, column) = self.position(span.start);
        let (end_line, end_column) = if span.is_empty() {
            (line, column)
        } else {
            self.position(span.end)
        };
        Location {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// Line and column, for messages.
    #[must_use]
    pub fn at(&self, offset: usize) -> String {
        let (line, column) = self.position(offset);
        format!("{line}:{column}")
    }

    fn position(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let mut last = self.last.get();
        if last.at > at {
            last = Cursor::default();
        }
        let between = &self.text[last.at..at];
        let lines = memchr::memchr_iter(b'\n', between).count();
        let in_line = match memchr::memrchr(b'\n', between) {
            Some(end) => {
                last.column = 0;
                &between[end + 1..]
            }
            None => between,
        };
        let characters = String::from_utf8_lossy(in_line);
        let characters = characters.chars().filter(|c| *c != '\u{feff}').count();
        last = Cursor {
            at,
            line: last.line + lines,
            column: last.column + characters,
        };
        self.last.set(last);
        (last.line + 1, last.column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let text = "é<p>\r\n  <b>\n".as_bytes();
        let place = place(text, &(text.len() - 4..text.len() - 1));
        assert_eq!(
            (place.line, place.column, place.end_line, place.end_column),
            (2, 3, 2, 6)
        );
    }

    #[test]
    fn places_are_the_same_in_any_order() {
        let text = "a\n\u{feff}é<p>\r\n  <b>\n\nü".as_bytes();
        let places = LineIndex::new(text);
        let offsets = [0, 2, 5, 7, 3, 2, 14, 13, text.len(), 0];
        for at in offsets {
            assert_eq!(places.place(&(at..at)), place(text, &(at..at)), "{at}");
        }
        assert_eq!(places.at(7), "2:2");
        assert_eq!(places.at(text.len()), "5:2");
    }

    #[test]
    fn clips_long_lines_and_marks_the_place() {
        let text = format!("{}<b>{}", "x".repeat(500), "y".repeat(500));
        let excerpt = Excerpts::new(Vec::new()).excerpt(text.as_bytes(), &(500..503), 1);
        assert_eq!(&excerpt.text[excerpt.span.clone()], "<b>");
        assert!(excerpt.text.chars().count() < 130);
        assert!(excerpt.text.starts_with("…x") && excerpt.text.ends_with("y…"));
    }

    #[test]
    fn shows_no_secret() {
        let excerpts = Excerpts::new(vec!["hunter\"2\\".into()]);
        let text = format!("says {:?}, {}", "<hunter\"2\\>", "hunter\"2\\");
        assert_eq!(excerpts.mask(&text), "says \"<[redacted]>\", [redacted]");
        let excerpts = Excerpts::new(vec!["hunter2hunter2".into()]);
        let text = "a hunter2hunter2 <script token=\"not-a-jwt-but-a-secret\" token=x>";
        let masked = excerpts.mask(text);
        assert_eq!(
            masked,
            "a [redacted] <script token=\"not-a-jwt-bu…\" token=x>"
        );
    }
}
