//! Where JWTs are in bytes: by their shape, whatever stands around them, and also where the program that wrote the text has escaped some
//! of their letters. Django's `escapejs`, for one, writes `\u002D` for each hyphen.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use super::is_json_object;
use super::start;

/// No request takes a longer one. It keeps the search linear in text that is all such letters.
const LONGEST_HEADER: usize = 16 << 10;

/// Finds every JWT in bytes, by shape: three base64url parts of which the first is a JSON object. It may begin in the
/// middle of a word, as after the `%20` of a URL or the `\n` of a string.
pub fn find(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let mut reader = Reader::default();
    iter::from_fn(move || {
        loop {
            let start = start::find(bytes, at)?;
            at = start + 1;
            if let Some(found) = reader.at(bytes, start) {
                at = found.end;
                return Some(found);
            }
            if reader.end.is_none() {
                // Nothing in this word is a header.
                at = reader.word_end.max(at);
            }
        }
    })
}

/// Tells whether a JWT begins at a place; places are asked for in their order, and none is read over twice.
#[derive(Debug, Default)]
pub struct Reader {
    /// Where the word ends that was looked at last, and the token that ends with it.
    word_end: usize,
    end: Option<usize>,
}

impl Reader {
    /// The JWT that begins here, where [`beginnings`](super::beginnings) say that one may.
    pub fn at(&mut self, bytes: &[u8], start: usize) -> Option<Range<usize>> {
        if start >= self.word_end {
            self.word_end = part(bytes, start);
            self.end = behind_header(bytes, self.word_end);
        }
        let end = self.end?;
        let header = &bytes[start..self.word_end];
        let is_header = header.len() <= LONGEST_HEADER && is_json_object(plain(header).as_bytes());
        is_header.then_some(start..end)
    }
}

/// A JWT as it is found, without the escapes in it.
#[must_use]
pub fn plain(found: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(found) {
        Ok(text)
            if found
                .iter()
                .all(|byte| is_base64url(*byte) || *byte == b'.') =>
        {
            Cow::Borrowed(text)
        }
        _ => {
            let mut plain = String::new();
            let mut at = 0;
            while let Some((letter, length)) = letter(found, at) {
                plain.push(char::from(letter));
                at += length;
            }
            Cow::Owned(plain)
        }
    }
}

/// Where the base64url that begins at a place ends.
fn part(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += rest.iter().take_while(|byte| is_base64url(**byte)).count();
        match letter(bytes, at) {
            Some((letter, length)) if is_base64url(letter) => at += length,
            _ => return at,
        }
    }
}

/// The end of the JWT whose header ends at `header_end`.
fn behind_header(bytes: &[u8], header_end: usize) -> Option<usize> {
    let claims_at = dot(bytes, header_end)?;
    let claims_end = part(bytes, claims_at);
    let signature_at = dot(bytes, claims_end)?;
    let end = part(bytes, signature_at);
    (claims_end > claims_at && end > signature_at).then_some(end)
}

fn dot(bytes: &[u8], at: usize) -> Option<usize> {
    let (letter, length) = letter(bytes, at)?;
    (letter == b'.').then_some(at + length)
}

/// A letter of a JWT, as it is or escaped as in URLs, scripts or HTML, and how long it is there.
fn letter(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = bytes.get(at..)?;
    let first = *rest.first()?;
    let (letter, length) = match first {
        b'%' => (hex(rest.get(1..3)?)?, 3),
        b'\\' => {
            // Once more for each string in a string.
            let slashes = rest.iter().take(4).take_while(|byte| **byte == b'\\');
            let slashes = slashes.count();
            let digits = match rest.get(slashes)? {
                b'u' => 4,
                b'x' => 2,
                _ => return None,
            };
            let end = slashes + 1 + digits;
            (hex(rest.get(slashes + 1..end)?)?, end)
        }
        b'&' => {
            let near = &rest[..rest.len().min("&#x0000;".len())];
            let end = memchr::memchr(b';', near)?;
            let name = std::str::from_utf8(&near[1..end]).ok()?;
            let letter = match name.strip_prefix('#') {
                Some(number) => match number.strip_prefix(['x', 'X']) {
                    Some(number) => u8::from_str_radix(number, 16).ok()?,
                    None => number.parse().ok()?,
                },
                None if name == "period" => b'.',
                None if name == "hyphen" => b'-',
                None if name == "lowbar" => b'_',
                None => return None,
            };
            (letter, end + 1)
        }
        _ => (first, 1),
    };
    (is_base64url(letter) || letter == b'.').then_some((letter, length))
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::testing::token;

    #[test]
    fn escapes_hide_no_token() {
        let jwt = token(r#"{"sub":"???>>>"}"#);
        let escaped = |dot: &str, hyphen: &str, low: &str| {
            jwt.replace('.', dot).replace('-', hyphen).replace('_', low)
        };
        for way in [
            escaped(".", "\\u002D", "_"),
            escaped("\\x2e", "\\x2D", "\\x5f"),
            escaped(".", "\\\\u002d", "_"),
            escaped("%2E", "%2d", "%5F"),
            escaped("&#46;", "&#45;", "&#095;"),
            escaped("&period;", "&hyphen;", "&lowbar;"),
            escaped("&#x2E;", "&#X2d;", "&#x5f;"),
        ] {
            let text = format!("<p>eyJ.{way}\\u003c/p>");
            let found: Vec<_> = find(text.as_bytes()).collect();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(text[found[0].clone()], way);
            assert_eq!(plain(way.as_bytes()), jwt);
        }
        for other in [
            jwt.replace('.', "\\u012e"),
            jwt.replace('.', "&#302;"),
            jwt.replace('.', "%"),
            jwt.replace('.', "\\"),
            jwt.replace('.', "&"),
        ] {
            assert_eq!(find(other.as_bytes()).count(), 0, "{other}");
        }
    }
}
