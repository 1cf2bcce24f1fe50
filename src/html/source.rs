//! A page's bytes, and the view of them that is scanned.
//!
//! Nearly every page is scanned as it is: in UTF-8 and all the legacy encodings that are supersets of ASCII, markup
//! is ASCII. UTF-16 and ISO-2022-JP are not: such a page is scanned as UTF-8, and offsets are mapped back, so that no
//! character is ever split. So is every page of XML that is not in UTF-8, since parsers of XML take nothing else. See <https://encoding.spec.whatwg.org/>.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

use super::facts::Syntax;
use super::prescan::{PRESCAN, declared};
use super::splice::{RawEdit, splice};

/// A page as read, with what its scan needs.
#[derive(Debug)]
pub struct Source {
    bytes: Vec<u8>,
    /// Set for the encodings in which markup is not ASCII.
    recoded: Option<Recoded>,
}

#[derive(Debug)]
struct Recoded {
    encoding: &'static Encoding,
    /// Length of the byte order mark.
    mark: usize,
    text: String,
    /// Some of the bytes mean nothing; what stands for them in the text does not lead back to them.
    lossy: bool,
}

/// Why a page's bytes cannot be scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// They are not what they are said to be.
    #[error("its bytes are not valid {0}, in which markup cannot be changed byte by byte")]
    Malformed(&'static str),
    /// Nobody decodes them: <https://encoding.spec.whatwg.org/#replacement>.
    #[error(
        "it declares an encoding that browsers do not read (such as iso-2022-kr or hz-gb-2312), so they show nothing of it; save \
         it as UTF-8 and declare that"
    )]
    Replacement,
}

impl Source {
    /// Takes the bytes of a page's file; with an error, they come back as a source that shows what browsers make of them and cannot be edited.
    pub fn new(bytes: Vec<u8>, syntax: Syntax) -> Result<Self, (Self, Undecodable)> {
        if is_replaced(&bytes, syntax) {
            let source = Self {
                bytes,
                recoded: None,
            };
            return Err((source, Undecodable::Replacement));
        }
        let encoding = match syntax {
            Syntax::Html | Syntax::Declared => not_ascii(&bytes),
            Syntax::Xml => not_utf_8(&bytes),
        };
        let Some((encoding, mark)) = encoding else {
            return Ok(Self {
                bytes,
                recoded: None,
            });
        };
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
        match text.map(Cow::into_owned) {
            Some(text) => Ok(Self {
                bytes,
                recoded: Some(Recoded {
                    encoding,
                    mark,
                    text,
                    lossy: false,
                }),
            }),
            None => Err((
                Self {
                    recoded: Some(Recoded {
                        encoding,
                        mark,
                        text: encoding
                            .decode_without_bom_handling(&bytes[mark..])
                            .0
                            .into_owned(),
                        lossy: true,
                    }),
                    bytes,
                },
                Undecodable::Malformed(encoding.name()),
            )),
        }
    }

    /// The page as in its file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What is scanned, and what spans count in: bytes in which markup is ASCII.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        match &self.recoded {
            Some(recoded) => recoded.text.as_bytes(),
            None => &self.bytes,
        }
    }

    /// Whether a browser reads the edited file in the encoding of this one: with the same byte order mark, or none, and a
    /// declaration that it finds as before, which must not be pushed too far down.
    #[must_use]
    pub(super) fn keeps_encoding(&self, edits: &[RawEdit]) -> bool {
        if edits.first().is_none_or(|edit| edit.range.start >= PRESCAN) {
            return true;
        }
        let mut edited = Vec::with_capacity(self.bytes.len());
        // Writing to memory does not fail.
        let written = splice(&self.bytes, edits, &mut edited);
        written.is_ok()
            && Encoding::for_bom(&edited) == Encoding::for_bom(&self.bytes)
            && declared(&edited) == declared(&self.bytes)
    }

    /// A text like this page's, as a parser reads it: in the encoding that the page declares.
    #[must_use]
    pub fn decode<'t>(&self, text: &'t [u8]) -> Cow<'t, str> {
        let declared = if self.recoded.is_none() {
            declared(text)
        } else {
            None
        };
        let encoding = declared
            .filter(|encoding| encoding.is_ascii_compatible())
            .unwrap_or(UTF_8);
        encoding.decode(text).0
    }

    /// Turns an edit of the text into one of the file; none where the encoding has no way to say it there.
    #[must_use]
    pub fn raw(&self, range: Range<usize>, replacement: &str) -> Option<RawEdit> {
        let Some(recoded) = &self.recoded else {
            return Some(RawEdit {
                range,
                replacement: replacement.as_bytes().to_vec(),
            });
        };
        if recoded.lossy {
            return None;
        }
        let raw = RawEdit {
            range: recoded.offset(&self.bytes, range.start)?
                ..recoded.offset(&self.bytes, range.end)?,
            replacement: recoded.encode(replacement),
        };
        // The proof that nothing shifted: the edited file reads as the edited text.
        let (text, bytes) = (&recoded.text, &self.bytes[recoded.mark..]);
        let start = raw.range.start - recoded.mark;
        let end = raw.range.end - recoded.mark;
        let edited = [&bytes[..start], &raw.replacement, &bytes[end..]].concat();
        let wanted = [&text[..range.start], replacement, &text[range.end..]].concat();
        let reread = recoded
            .encoding
            .decode_without_bom_handling_and_without_replacement(&edited)?;
        (reread == wanted).then_some(raw)
    }
}

impl Recoded {
    /// The offset in the file of an offset in the text.
    fn offset(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let before = self.text.get(..at)?;
        if self.encoding == UTF_16LE || self.encoding == UTF_16BE {
            return Some(self.mark + before.chars().map(|c| 2 * c.len_utf16()).sum::<usize>());
        }
        // Escape sequences switch between character sets and leave nothing in the text. The offset wanted is the
        // last that reads as this much text: after the escape back to ASCII, right before the markup.
        let mut decoder = self.encoding.new_decoder_without_bom_handling();
        let mut buffer = [0; 32];
        let mut written = 0;
        let mut offset = 0;
        for (read, byte) in bytes.iter().enumerate() {
            let (_, _, n) =
                decoder.decode_to_utf8_without_replacement(&[*byte], &mut buffer, false);
            written += n;
            if written > at {
                break;
            }
            offset = read + 1;
        }
        Some(offset)
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        match self.encoding {
            e if e == UTF_16LE => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            e if e == UTF_16BE => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            // All that we write is ASCII, which all others have as it is.
            _ => text.as_bytes().to_vec(),
        }
    }
}

/// The encoding of a page in which markup is not ASCII, and the length of its byte order mark.
fn not_ascii(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding == UTF_8 => return None,
        Some(found) => return Some(found),
        None => {}
    }
    // Only pages that really switch character sets are worth the trouble.
    let switches =
        memchr::memchr_iter(0x1b, bytes).any(|at| matches!(bytes.get(at + 1), Some(b'$' | b'(')));
    if !switches {
        return None;
    }
    let declared = declared(bytes);
    (declared.is_none() || declared == Some(ISO_2022_JP)).then_some((ISO_2022_JP, 0))
}

/// Whether browsers put one character in place of the page, for its encoding is none that they read.
fn is_replaced(bytes: &[u8], syntax: Syntax) -> bool {
    if Encoding::for_bom(bytes).is_some() {
        return false;
    }
    let by_meta = || may_be_replaced(bytes).then(|| declared(bytes))?;
    let said = match syntax {
        Syntax::Html => by_meta(),
        Syntax::Declared => declared_as_xml(bytes).or_else(by_meta),
        Syntax::Xml => declared_as_xml(bytes),
    };
    said == Some(REPLACEMENT)
}

/// Whether a label of that encoding may stand where browsers look for one: few pages are worth the whole search.
fn may_be_replaced(bytes: &[u8]) -> bool {
    const WORD: &[u8] = b"replacement";
    let beginning = &bytes[..bytes.len().min(PRESCAN)];
    let is_number =
        |at| [&b"2022"[..], b"2312"].contains(&beginning.get(at..at + 4).unwrap_or_default());
    // `iso-2022-kr` and its kin, `hz-gb-2312`, and the word by its rarest letter.
    memchr::memchr_iter(b'2', beginning).any(is_number)
        || memchr::memchr2_iter(b'p', b'P', beginning).any(|at| {
            let word = at
                .checked_sub(2)
                .and_then(|start| beginning.get(start..start + WORD.len()));
            word.is_some_and(|word| word.eq_ignore_ascii_case(WORD))
        })
}

/// The encoding of a page of XML that is none of UTF-8, and the length of its byte order mark.
fn not_utf_8(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    let found = Encoding::for_bom(bytes).or_else(|| {
        // Anyone who can read the declaration as ASCII does not read UTF-16.
        let encoding = declared_as_xml(bytes)?;
        encoding.is_ascii_compatible().then_some((encoding, 0))
    });
    found.filter(|(encoding, _)| *encoding != UTF_8)
}

/// The encoding that an XML declaration names.
fn declared_as_xml(bytes: &[u8]) -> Option<&'static Encoding> {
    let end = memchr::memchr(b'>', bytes.strip_prefix(b"<?xml")?)?;
    let declaration = &bytes[..end + b"<?xml".len()];
    let (_, value) = std::str::from_utf8(declaration)
        .ok()?
        .split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| "\"'".contains(*quote))?;
    let label = value[1..].split(quote).next()?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use memchr::memmem;

    use super::*;

    fn apply(source: &Source, edit: &RawEdit) -> Vec<u8> {
        let bytes = source.bytes();
        [
            &bytes[..edit.range.start],
            &edit.replacement,
            &bytes[edit.range.end..],
        ]
        .concat()
    }

    #[test]
    fn maps_utf_16_offsets() {
        let utf16 = |s: &str| -> Vec<u8> {
            std::iter::once(0xFEFF)
                .chain(s.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect()
        };
        let source = Source::new(utf16("<p>𝄞é</p>"), Syntax::Html).unwrap();
        let at = memmem::find(source.text(), b"</p>").unwrap();
        let edit = source.raw(at..at, "<b>").unwrap();
        assert_eq!(apply(&source, &edit), utf16("<p>𝄞é<b></p>"));
    }

    #[test]
    fn never_writes_into_a_double_byte_run_of_iso_2022_jp() {
        let page = b"<meta charset=iso-2022-jp><p>\x1b$B$3$s\x1b(B</p>".to_vec();
        let source = Source::new(page.clone(), Syntax::Html).unwrap();
        let at = memmem::find(source.text(), b"</p>").unwrap();
        let edit = source.raw(at..at, "<b>").unwrap();
        assert_eq!(edit.range.start, page.len() - 4);
        // A page that ends inside such a run has no place for ASCII at its end.
        let source = Source::new(
            b"<meta charset=iso-2022-jp><p>\x1b$B$3$s".to_vec(),
            Syntax::Html,
        )
        .unwrap();
        let end = source.text().len();
        assert_eq!(source.raw(end..end, "<b>"), None);
    }

    #[test]
    fn refuses_what_it_cannot_map() {
        let lone_surrogate = vec![0xFF, 0xFE, 0x00, 0xD8];
        assert!(Source::new(lone_surrogate, Syntax::Html).is_err());
    }
}
