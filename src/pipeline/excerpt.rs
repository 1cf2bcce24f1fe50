//! Places in a page, and what stands there, fit to be shown.

use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};

use crate::jwt;
use crate::outcome::{Excerpt, Place};

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
        let mut text = jwt::mask(text).into_owned();
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

    /// The line at a place, clipped.
    #[must_use]
    pub fn excerpt(&self, text: &[u8], span: &Range<usize>) -> Excerpt {
        let line_start = memchr::memrchr(b'\n', &text[..span.start]).map_or(0, |at| at + 1);
        let line_end = memchr::memchr2(b'\n', b'\r', &text[span.start..])
            .map_or(text.len(), |at| span.start + at);
        let marked_end = span.end.clamp(span.start, line_end);
        let piece = |range: Range<usize>| self.mask(&String::from_utf8_lossy(&text[range]));
        let before = piece(line_start.max(span.start.saturating_sub(LOOK))..span.start);
        let marked = piece(span.start..marked_end.min(span.start + LOOK));
        let after = piece(marked_end..line_end.min(marked_end + LOOK));
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
        let first_line = memchr::memchr_iter(b'\n', &text[..line_start]).count() + 1;
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
        let known = token.contains('…') || token == jwt::DEVELOPMENT_TOKEN;
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
pub fn place(text: &[u8], span: &Range<usize>) -> Place {
    let (line, column) = position(text, span.start);
    let (end_line, end_column) = if span.is_empty() {
        (line, column)
    } else {
        position(text, span.end)
    };
    Place {
        line,
        column,
        end_line,
        end_column,
    }
}

fn position(text: &[u8], at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', &before[..start]).count() + 1;
    let column = String::from_utf8_lossy(&before[start..])
        .chars()
        .filter(|c| *c != '\u{feff}')
        .count()
        + 1;
    (line, column)
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
    fn clips_long_lines_and_marks_the_place() {
        let text = format!("{}<b>{}", "x".repeat(500), "y".repeat(500));
        let excerpt = Excerpts::new(Vec::new()).excerpt(text.as_bytes(), &(500..503));
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
