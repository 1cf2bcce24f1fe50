//! Places in a page.

use std::cell::Cell;
use std::ops::Range;

use crate::event::Location;

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
}
