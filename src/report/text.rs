//! Words and numbers, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

/// Whether a character may do something else at a terminal than show itself: control characters (escape sequences
/// begin with one), line separators, and those that reorder or hide text (bidi overrides and isolates, the byte
/// order mark).
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// `text` with everything that could act on a terminal written out, as `\u{1b}`; line breaks and tabs as `\n`, `\t`.
///
/// For names and sentences from outside: file names, page content, messages of other systems.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_escaped(&mut escaped, c);
    }
    Cow::Owned(escaped)
}

/// Appends one character as [`escape`] writes it.
pub(super) fn push_escaped(text: &mut String, c: char) {
    if is_unsafe(c) {
        text.extend(c.escape_default());
    } else {
        text.push(c);
    }
}

/// The source with nothing left in it that acts on a terminal (line breaks and tabs stay), and the span moved along.
///
/// Whatever the span is, the result is within the source and on character boundaries: drawing panics otherwise.
pub(super) fn source(source: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let mut escaped = String::with_capacity(source.len());
    let (mut start, mut end) = (None, None);
    let mut chars = source.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if at >= span.start {
            start.get_or_insert(escaped.len());
        }
        if at >= span.end {
            end.get_or_insert(escaped.len());
        }
        let line_end = c == '\r' && matches!(chars.peek(), Some((_, '\n')));
        if line_end {
            continue;
        }
        if matches!(c, '\n' | '\t') || !is_unsafe(c) {
            escaped.push(c);
        } else {
            push_escaped(&mut escaped, c);
        }
    }
    let start = start.unwrap_or(escaped.len());
    let end = end.unwrap_or(escaped.len()).max(start);
    (escaped, start..end)
}

/// `1234567` as `1,234,567`.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 page`, `2 pages`: for nouns whose plural is made with an s.
pub(super) fn count(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub(super) fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    if elapsed < Duration::from_millis(1) {
        "under 1 ms".to_owned()
    } else if seconds == 0 {
        format!("{} ms", elapsed.as_millis())
    } else if seconds < 60 {
        format!("{seconds}.{} s", elapsed.subsec_millis() / 100)
    } else {
        format!("{} min {} s", number(seconds / 60), seconds % 60)
    }
}

/// Pages per second, to two significant digits: more would be noise. None for times too short to say.
pub(super) fn rate(pages: u64, elapsed: Duration) -> Option<String> {
    let per_second = u128::from(pages) * 1_000_000 / elapsed.as_micros().max(1);
    if pages == 0 || elapsed < Duration::from_millis(1) || per_second == 0 {
        return None;
    }
    let mut unit = 1;
    while per_second / unit >= 100 {
        unit *= 10;
    }
    let rounded = (per_second + unit / 2) / unit * unit;
    let rounded = u64::try_from(rounded).unwrap_or(u64::MAX);
    Some(format!("{} pages/s", number(rounded)))
}

/// Joins the pieces that are not empty, as in `12 errors, 3 warnings`.
pub(super) fn list(pieces: impl IntoIterator<Item = String>) -> String {
    let mut text = String::new();
    for piece in pieces {
        // Writing to a string does not fail.
        let _ = write!(text, "{}{piece}", if text.is_empty() { "" } else { ", " });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_passes() {
        assert_eq!(escape("plain/чат.html"), "plain/чат.html");
        assert_eq!(
            escape("a\x1b[31mb\u{9b}c\n\t"),
            "a\\u{1b}[31mb\\u{9b}c\\n\\t"
        );
        assert_eq!(escape("a\u{202e}lmth"), "a\\u{202e}lmth");
        assert_eq!(escape("👩\u{200d}💻"), "👩\u{200d}💻");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "page"), "1 page");
        assert_eq!(count(2_000, "page"), "2,000 pages");
    }

    #[test]
    fn times_and_rates_read_well() {
        assert_eq!(duration(Duration::from_micros(300)), "under 1 ms");
        assert_eq!(duration(Duration::from_millis(12)), "12 ms");
        assert_eq!(duration(Duration::from_millis(3_456)), "3.4 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
        let rate_of = |pages, millis| rate(pages, Duration::from_millis(millis));
        assert_eq!(rate_of(41, 12).as_deref(), Some("3,400 pages/s"));
        assert_eq!(
            rate_of(1_000_000, 99_500).as_deref(),
            Some("10,000 pages/s")
        );
        assert_eq!(rate_of(0, 12), None);
        assert_eq!(rate_of(41, 0), None);
        assert_eq!(rate_of(1, 5_000), None);
    }
}
