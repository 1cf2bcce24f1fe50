//! A search through text of any length: in pieces, of which each has what stands before and after it in the one before and
//! the next, so that nothing is missed or found twice where they meet.

use std::io::{self, Read};

use crate::event::Location;
use crate::redact::{Excerpt, Form, Hidden, Leak, Search, What, excerpt_hiding};
use crate::store::Cancel;

/// How much text is searched at once, at least.
const PIECE: usize = 256 << 10;
/// How much an excerpt may show on each side of a place, in bytes, and more than that.
const CONTEXT: usize = 1 << 10;
/// How many secrets of one file are reported one by one.
const MOST: usize = 100;

/// A secret in a file.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is.
    pub what: What,
    /// How it is written.
    pub form: Form,
    /// Where.
    pub place: Location,
    /// The source there, with every secret in it masked.
    pub excerpt: Excerpt,
}

/// Text in a buffer, of which more is to come.
pub(super) struct Stream<'s> {
    search: &'s Search,
    buffer: &'s mut Vec<u8>,
    /// How much of the buffer is text.
    length: usize,
    /// Up to where it has been searched.
    searched: usize,
    /// Line and column at the beginning of the buffer, from 0.
    line: usize,
    column: usize,
    /// Where secrets are that were found, as far as they are in the buffer.
    hidden: Vec<Hidden>,
    /// Found, and how many more there were.
    pub(super) found: Vec<Found>,
    pub(super) more: u64,
    /// How much text has been read.
    pub(super) read: u64,
}

impl<'s> Stream<'s> {
    /// With this buffer, whatever is in it.
    pub(super) fn new(search: &'s Search, buffer: &'s mut Vec<u8>) -> Self {
        let (before, behind) = search.reach();
        let around = before + behind + 2 * CONTEXT;
        let size = around + PIECE.max(4 * around);
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        Self {
            search,
            buffer,
            length: 0,
            searched: 0,
            line: 0,
            column: 0,
            hidden: Vec::new(),
            found: Vec::new(),
            more: 0,
            read: 0,
        }
    }

    /// Reads on until there is this much text, or no more. Whether there may be more.
    pub(super) fn fill(&mut self, text: &mut dyn Read, size: usize) -> io::Result<bool> {
        while self.length < size {
            match text.read(&mut self.buffer[self.length..size]) {
                Ok(0) => return Ok(false),
                Ok(more) => {
                    self.length += more;
                    self.read += more as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The text in the buffer.
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// Searches what is in the buffer, and then all that can be read; `goes_on` is asked for each piece, with the length so far.
    pub(super) fn run(
        &mut self,
        text: &mut dyn Read,
        cancel: &Cancel,
        mut goes_on: impl FnMut(u64) -> io::Result<()>,
    ) -> io::Result<()> {
        loop {
            cancel.check()?;
            let more = self.fill(text, self.buffer.len());
            let is_end = !matches!(more, Ok(true));
            self.piece(is_end, cancel);
            // What could be read has been searched.
            if !more? {
                return Ok(());
            }
            goes_on(self.read)?;
        }
    }

    fn piece(&mut self, is_end: bool, cancel: &Cancel) {
        let stop = || cancel.is_set();
        let (before, behind) = self.search.reach();
        let text = &self.buffer[..self.length];
        let mut end = if is_end {
            self.length
        } else {
            self.length.saturating_sub(behind + CONTEXT)
        };
        let mut leaks = self.search.find(text, self.searched..end, &stop);
        // What reaches into the next piece is found there as a whole.
        let cut = leaks.iter().filter(|leak| leak.span.end > end);
        if let Some(first) = cut.map(|leak| leak.span.start).min().filter(|_| !is_end) {
            let earlier = first.saturating_sub(before);
            if earlier > self.searched {
                end = earlier;
                leaks = self.search.find(text, self.searched..end, &stop);
            }
        }
        // An excerpt shows a little of what comes after.
        let near = self.length.min(end + CONTEXT);
        let next = self.search.find(text, end..near, &stop);
        self.hidden
            .extend(leaks.iter().chain(&next).map(Hidden::leak));
        self.tell(leaks);
        if !is_end {
            self.keep(end, before + CONTEXT);
        }
    }

    fn tell(&mut self, leaks: Vec<Leak>) {
        let text = &self.buffer[..self.length];
        let mut last = (0, self.line, self.column);
        for leak in leaks {
            if self.found.len() == MOST {
                self.more += 1;
                continue;
            }
            let mut at = |place: usize| {
                if place < last.0 {
                    last = (0, self.line, self.column);
                }
                let (line, column) = advance((last.1, last.2), &text[last.0..place]);
                last = (place, line, column);
                (line + 1, column + 1)
            };
            let (line, column) = at(leak.span.start);
            let (end_line, end_column) = at(leak.span.end);
            self.found.push(Found {
                excerpt: excerpt_hiding(text, &leak.span, line, &self.hidden),
                what: leak.what,
                form: leak.form,
                place: Location {
                    line,
                    column,
                    end_line,
                    end_column,
                },
            });
        }
    }

    /// Makes room: what is so far before the end of what was searched is not needed any more.
    fn keep(&mut self, searched: usize, before: usize) {
        let from = searched.saturating_sub(before);
        (self.line, self.column) = advance((self.line, self.column), &self.buffer[..from]);
        self.buffer.copy_within(from..self.length, 0);
        self.length -= from;
        self.searched = searched - from;
        self.hidden.retain_mut(|hidden| {
            let span = &mut hidden.span;
            *span = span.start.saturating_sub(from)..span.end.saturating_sub(from);
            span.start < span.end
        });
        let end = self.searched;
        // These are found once more.
        self.hidden.retain(|hidden| hidden.span.start < end);
    }
}

/// Line and column after a text, from those before it.
fn advance((line, column): (usize, usize), text: &[u8]) -> (usize, usize) {
    let lines = memchr::memchr_iter(b'\n', text).count();
    let (column, rest) = match memchr::memrchr(b'\n', text) {
        Some(end) => (0, &text[end + 1..]),
        None => (column, text),
    };
    let rest = rest.strip_prefix("\u{feff}".as_bytes()).unwrap_or(rest);
    // Characters, by the bytes that begin one.
    let characters = rest.iter().filter(|byte| (**byte).cast_signed() >= -0x40);
    (line + lines, column + characters.count())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Slowly<'t> {
        text: &'t [u8],
        most: usize,
    }

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(self.most);
            self.text.read(&mut buffer[..length])
        }
    }

    const PASSWORD: &str = "correct \"horse\" + battery/staple";

    fn search() -> Search {
        Search::new(&[("password", PASSWORD.into())])
    }

    /// Put together at run time, so that no secret scanner trips over this file.
    fn token() -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!(
            "{}.{}.{}",
            part(r#"{"alg":"HS256"}"#),
            part("{}"),
            part("a signature of no key that is long")
        )
    }

    fn needles() -> Vec<String> {
        vec![
            PASSWORD.to_owned(),
            "correct &quot;horse&quot; + battery/staple".to_owned(),
            "correct%20%22horse%22%20%2B%20battery%2Fstaple".to_owned(),
            STANDARD.encode(PASSWORD),
            token(),
            token().replace('.', "\\u002e"),
            STANDARD.encode(token()),
        ]
    }

    /// What is found in pieces, as line, column and what it is.
    fn in_pieces(search: &Search, text: &[u8], most: usize) -> Vec<(usize, usize, What)> {
        let mut buffer = Vec::new();
        let mut stream = Stream::new(search, &mut buffer);
        let mut text = Slowly { text, most };
        stream
            .run(&mut text, &Cancel::default(), |_| Ok(()))
            .unwrap();
        for found in &stream.found {
            let shown = found.excerpt.text();
            for needle in needles() {
                assert!(!shown.contains(&needle[8..20]), "{shown}");
            }
        }
        let found = stream.found.iter();
        found
            .map(|found| (found.place.line, found.place.column, found.what.clone()))
            .collect()
    }

    /// The same, from the whole text at once.
    fn at_once(search: &Search, text: &[u8]) -> Vec<(usize, usize, What)> {
        let leaks = search.find(text, 0..text.len(), &|| false);
        let place = |leak: &Leak| {
            let before = &text[..leak.span.start];
            let line = before.split(|byte| *byte == b'\n').next_back().unwrap();
            let lines = memchr::memchr_iter(b'\n', before).count();
            (lines + 1, String::from_utf8_lossy(line).chars().count() + 1)
        };
        let found = leaks.into_iter();
        found
            .map(|leak| {
                let (line, column) = place(&leak);
                (line, column, leak.what)
            })
            .collect()
    }

    fn filled(length: usize) -> Vec<u8> {
        let line = "тут нічого немає, nothing is here; \"a\": 1,\n";
        let mut text = line.repeat(length / line.len() + 1).into_bytes();
        text.truncate(length);
        text
    }

    #[test]
    fn a_secret_at_any_place_around_the_end_of_a_piece_is_found_once() {
        let search = search();
        let mut buffer = Vec::new();
        let size = Stream::new(&search, &mut buffer).buffer.len();
        let (before, behind) = search.reach();
        let text = filled(size + (4 << 10));
        let places = [
            size - behind - CONTEXT,
            size - behind - CONTEXT - before,
            size,
        ];
        for needle in needles() {
            let length = needle.len() + 3;
            // At every place where pieces meet, and here and there where buffers do.
            let around = |end: usize, step| (end - length..end + 4).step_by(step);
            let all = around(places[0], 1)
                .chain(around(places[1], 7))
                .chain(around(places[2], 7));
            for place in all {
                let mut text = text.clone();
                text.splice(place..place, format!(" {needle} ").into_bytes());
                let found = in_pieces(&search, &text, size);
                assert_eq!(found.len(), 1, "{needle} at {place} of {size}");
                assert_eq!(found, at_once(&search, &text[..place + length + 9]));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_found_in_pieces_is_what_is_found_at_once(
            parts in prop::collection::vec((0_usize..200_000, 0_usize..7), 1..20),
            most in 1_000_usize..100_000,
        ) {
            let search = search();
            let needles = needles();
            let mut text = Vec::new();
            for (length, needle) in parts {
                text.extend(filled(length));
                text.push(b' ');
                text.extend(needles[needle].as_bytes());
                text.push(b' ');
            }
            prop_assert_eq!(in_pieces(&search, &text, most), at_once(&search, &text));
        }
    }

    #[test]
    fn more_than_anybody_reads_are_counted() {
        let search = search();
        let text = format!("{PASSWORD}\n").repeat(MOST + 20_000);
        let mut buffer = Vec::new();
        let mut stream = Stream::new(&search, &mut buffer);
        let mut text = text.as_bytes();
        stream
            .run(&mut text, &Cancel::default(), |_| Ok(()))
            .unwrap();
        assert_eq!((stream.found.len(), stream.more), (MOST, 20_000));
        assert_eq!(stream.found[MOST - 1].place.line, MOST);
    }
}
