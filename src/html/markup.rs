//! Tags, read by the rules of the HTML standard's tokenizer (13.2.5.6 to 13.2.5.40), as they are written: no entity is decoded.

use memchr::memchr;

use super::facts::Span;

/// A tag, as written.
pub(super) struct Tag<'t> {
    pub(super) name: &'t [u8],
    pub(super) span: Span,
    pub(super) self_closing: bool,
}

impl Tag<'_> {
    /// Whether it has this name, in lower case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Length and first letter of the name, by which most names are ruled out at once.
    pub(super) fn key(&self) -> (usize, u8) {
        (self.name.len(), self.name[0].to_ascii_lowercase())
    }
}

/// What ends a name in a tag. Asked for nearly every byte of every tag, so it is looked up rather than compared.
#[inline]
pub(super) fn ends_name(byte: u8) -> bool {
    const ENDS: [bool; 256] = {
        let mut ends = [false; 256];
        let mut byte = 0;
        while byte < ends.len() {
            // White space, `/` and `>`.
            ends[byte] = matches!(byte, 0x09 | 0x0A | 0x0C | 0x0D | 0x20 | 0x2F | 0x3E);
            byte += 1;
        }
        ends
    };
    ENDS[usize::from(byte)]
}

/// The tag that begins at `start` and its name `before` bytes later. No answer if the file ends in it.
#[inline]
pub(super) fn tag(text: &[u8], start: usize, before: usize) -> Option<Tag<'_>> {
    attributes(text, start, before, |_, _| ())
}

/// An attribute as it is written: where its name and its value stand, and where it ends.
pub(super) struct Written {
    pub(super) name: Span,
    pub(super) value: Span,
    pub(super) end: usize,
}

/// As [`tag`]; `on` gets the names and values of the tag's attributes as they are written.
// Without it, the compiler makes a call of it for every tag, which is a tenth of a page's time.
#[allow(clippy::inline_always)]
#[inline(always)]
pub(super) fn attributes<'t>(
    text: &'t [u8],
    start: usize,
    before: usize,
    mut on: impl FnMut(&'t [u8], &'t [u8]),
) -> Option<Tag<'t>> {
    written(text, start, before, |found| {
        on(&text[found.name], &text[found.value]);
    })
}

/// As [`attributes`]; `on` gets their places instead.
#[allow(clippy::inline_always)]
#[inline(always)]
pub(super) fn written(
    text: &[u8],
    start: usize,
    before: usize,
    mut on: impl FnMut(Written),
) -> Option<Tag<'_>> {
    let length_to = |at: usize, ends: fn(u8) -> bool| text[at..].iter().position(|b| ends(*b));
    let skip_space = |at| Some(at + length_to(at, |b| !b.is_ascii_whitespace())?);
    let name = start + before;
    let mut at = name + length_to(name, ends_name)?;
    let name = &text[name..at];
    let mut slash = 0;
    loop {
        match *text.get(at)? {
            b'>' => {
                return Some(Tag {
                    name,
                    span: start..at + 1,
                    self_closing: slash == at - 1,
                });
            }
            b if ends_name(b) => {
                if b == b'/' {
                    slash = at;
                }
                at += 1;
            }
            _ => {
                // Whatever the name of an attribute begins with belongs to it, even `=`.
                let attribute = at;
                at += 1 + length_to(at + 1, |b| ends_name(b) || b == b'=')?;
                let name = attribute..at;
                at = skip_space(at)?;
                if text[at] != b'=' {
                    let end = name.end;
                    let value = end..end;
                    on(Written { name, value, end });
                    continue;
                }
                at = skip_space(at + 1)?;
                let (value, end) = match text[at] {
                    quote @ (b'"' | b'\'') => {
                        let close = at + 1 + memchr(quote, &text[at + 1..])?;
                        (at + 1..close, close + 1)
                    }
                    b'>' => (at..at, at),
                    _ => {
                        let end = at + length_to(at, |b| b.is_ascii_whitespace() || b == b'>')?;
                        (at..end, end)
                    }
                };
                on(Written { name, value, end });
                at = end;
            }
        }
    }
}
