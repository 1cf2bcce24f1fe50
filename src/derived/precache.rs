//! Precache lists in scripts, as Workbox, serwist and sw-precache write them: `{url:"index.html",revision:"MD5"}` in any order,
//! with any quotes, among other members, and `["index.html","MD5"]`.
//!
//! Nothing of the script is understood but such literals. One that stands in a comment or text does no harm: it is only
//! changed where it has the digest of the page that it names.

use std::ops::Range;

use super::{Claim, Written};

/// How long an entry may be; longer ones are something else.
const ENTRY: usize = 8 << 10;

/// What the lists in a script say.
pub(super) fn claims(bytes: &[u8]) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'{', b'[', &bytes[at..]) {
        let start = at + found;
        at = start + 1;
        let piece = &bytes[..bytes.len().min(start + ENTRY)];
        let mut entry = Entry { piece, at };
        let end = if bytes[start] == b'{' {
            entry.object(&mut claims)
        } else {
            entry.pair(&mut claims)
        };
        at = end.unwrap_or(at);
    }
    claims
}

/// Reads an entry, from the character after its bracket.
struct Entry<'b> {
    piece: &'b [u8],
    at: usize,
}

impl Entry<'_> {
    /// `{name: value, …}` without anything deeper; where it ends.
    fn object(&mut self, claims: &mut Vec<Claim>) -> Option<usize> {
        let mut url = None;
        let mut values = Vec::new();
        loop {
            self.space();
            if self.take(b'}') {
                break;
            }
            let name = self.name()?;
            self.space();
            self.take(b':').then_some(())?;
            self.space();
            let value = self.text();
            if value.is_none() {
                self.plain()?;
            }
            match (&self.piece[name], value) {
                (b"url", Some(value)) => url = Some(self.decoded(value)?),
                (b"revision", Some(value)) => values.push((value, false)),
                // The second is Blazor's, which asks for `{hash:"sha256-…",url}` with that as integrity.
                (b"integrity" | b"hash", Some(value)) => values.push((value, true)),
                _ => {}
            }
            self.space();
            if !self.take(b',') {
                self.take(b'}').then_some(())?;
                break;
            }
        }
        if let Some(url) = url {
            for (span, is_integrity) in values {
                let written = Written::of(&self.piece[span.clone()]);
                let is_digest = matches!(
                    (written, is_integrity),
                    (Some(Written::Sri(_)), true) | (Some(Written::Hex(_)), false)
                );
                if is_integrity && !is_digest {
                    continue;
                }
                claims.push(Claim {
                    url: url.clone(),
                    span,
                    written: written.filter(|_| is_digest).unwrap_or(Written::Opaque),
                    // A commit's hash is as long as a SHA-1.
                    is_sure: is_integrity || written == Some(Written::Hex(super::Algorithm::Md5)),
                });
            }
        }
        Some(self.at)
    }

    /// `["url", "MD5"]`; where it ends.
    fn pair(&mut self, claims: &mut Vec<Claim>) -> Option<usize> {
        self.space();
        let url = self.text()?;
        self.space();
        self.take(b',').then_some(())?;
        self.space();
        let span = self.text()?;
        self.space();
        self.take(b']').then_some(())?;
        let written = Written::of(&self.piece[span.clone()]);
        if written == Some(Written::Hex(super::Algorithm::Md5)) {
            claims.push(Claim {
                url: self.decoded(url)?,
                span,
                written: Written::Hex(super::Algorithm::Md5),
                is_sure: true,
            });
        }
        Some(self.at)
    }

    fn space(&mut self) {
        let space = |byte: &&u8| byte.is_ascii_whitespace();
        self.at += self.piece[self.at..].iter().take_while(space).count();
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.piece.get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// A member's name, with or without quotes.
    fn name(&mut self) -> Option<Range<usize>> {
        if let Some(text) = self.text() {
            return Some(text);
        }
        let start = self.at;
        let letter = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        self.at += self.piece[start..].iter().take_while(letter).count();
        (self.at > start).then_some(start..self.at)
    }

    /// What stands between quotes, or between those of a list that is itself in quotes: `JSON.parse("[{\"url\": …")`.
    fn text(&mut self) -> Option<Range<usize>> {
        const INNER: &[u8] = b"\\\"";
        if self.piece[self.at..].starts_with(INNER) {
            let start = self.at + INNER.len();
            let end = start + memchr::memchr3(b'\\', b'"', b'\n', &self.piece[start..])?;
            self.piece[end..].starts_with(INNER).then_some(())?;
            self.at = end + INNER.len();
            return Some(start..end);
        }
        let end = literal(self.piece, self.at)?;
        let inside = self.at + 1..end - 1;
        self.at = end;
        Some(inside)
    }

    /// `null`, `void 0`, `!0`, a number.
    fn plain(&mut self) -> Option<()> {
        let start = self.at;
        let letter = |byte: &&u8| byte.is_ascii_alphanumeric() || b" !-+._$".contains(byte);
        self.at += self.piece[start..].iter().take_while(letter).count();
        (self.at > start).then_some(())
    }

    fn decoded(&self, text: Range<usize>) -> Option<String> {
        decoded(&self.piece[text])
    }
}

/// Where the literal ends that begins here: with a quote of any kind, on one line, and nothing is put into it.
pub(super) fn literal(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = *bytes.get(start)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            byte if byte == quote => return Some(at + 1),
            b'\\' => at += 2,
            b'\n' | b'\r' => return None,
            b'$' if quote == b'`' && bytes.get(at + 1) == Some(&b'{') => return None,
            _ => at += 1,
        }
    }
}

/// What a literal says; none where it takes more than JSON's rules to tell.
pub(super) fn decoded(inside: &[u8]) -> Option<String> {
    let inside = std::str::from_utf8(inside).ok()?;
    if !inside.contains('\\') {
        return Some(inside.to_owned());
    }
    let plain = inside.replace("\\'", "'").replace("\\`", "`");
    serde_json::from_str(&format!("\"{plain}\"")).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::derived::Algorithm;

    const MD5: &str = "5d41402abc4b2a76b9719d911017c592";

    fn said(text: &str) -> Vec<(String, String, Written, bool)> {
        let claims = claims(text.as_bytes()).into_iter();
        claims
            .map(|claim| {
                let value = text[claim.span].to_owned();
                (claim.url, value, claim.written, claim.is_sure)
            })
            .collect()
    }

    #[test]
    fn every_shape_that_tools_write_is_read() {
        for text in [
            format!("e.precacheAndRoute([{{url:\"a.html\",revision:\"{MD5}\"}}],{{}})"),
            format!("[{{\"revision\":\"{MD5}\",\"url\":\"a.html\"}}]"),
            format!("[{{\r\n  'url': 'a.html',\r\n  'revision': '{MD5}',\r\n}}]"),
            format!("[{{url:`a.html`,revision:`{MD5}`,size:12,x:null,y:void 0,z:!0}}]"),
            format!("{{broken: [ {{ revision : \"{MD5}\" , url : \"a\\u002ehtml\" }}"),
            format!("var precacheConfig=[[\"a.html\",\"{MD5}\"],[\"b.js\",1]];"),
            format!(r#"JSON.parse("[{{\"url\": \"a.html\",\"revision\":\"{MD5}\",\"n\":null}}]")"#),
        ] {
            let expected = (
                "a.html".to_owned(),
                MD5.to_owned(),
                Written::Hex(Algorithm::Md5),
                true,
            );
            assert_eq!(said(&text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_not_a_digest_is_known_as_such() {
        let commit = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";
        for (revision, written) in [
            ("build-7", Written::Opaque),
            (commit, Written::Hex(Algorithm::Sha1)),
        ] {
            let text = format!("[{{url:\"/\",revision:\"{revision}\"}}]");
            let expected = ("/".to_owned(), revision.to_owned(), written, false);
            assert_eq!(said(&text), [expected]);
        }
        let integrity = "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let text = format!("[{{url:\"/\",revision:null,integrity:\"{integrity}\"}}]");
        let written = Written::Sri(Algorithm::Sha256);
        assert_eq!(
            said(&text),
            [("/".to_owned(), integrity.to_owned(), written, true)]
        );
    }

    #[test]
    fn blazors_entries_have_a_hash_that_is_an_integrity() {
        let hash = "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let text = format!(
            "{{\"hash\": \"{hash}\",\n \"url\": \"a.html\"}},{{hash:\"no\",url:\"b.html\"}}"
        );
        let written = Written::Sri(Algorithm::Sha256);
        assert_eq!(
            said(&text),
            [("a.html".to_owned(), hash.to_owned(), written, true)]
        );
    }

    #[test]
    fn what_only_looks_like_an_entry_is_none() {
        for text in [
            "{url:\"a.html\",revision:null}",
            "{url:`${a}.html`,revision:\"1\"}",
            "{url:a,revision:\"1\"}",
            "{url:\"a\nb\",revision:\"1\"}",
            "{url:\"a.html\",revision:f()}",
            "{url:\"a.html\"",
            "{url:\"\\x\",revision:\"1\"}",
            "[\"a.html\",\"b.html\"]",
            "{",
            "[",
            "{\"",
            "{url:\"\\",
            r#"{\"url\":\"a\n\",\"revision\":\"1\"}"#,
            r#"{\"url\":\"a"#,
        ] {
            assert_eq!(said(text), [], "{text}");
        }
    }

    #[test]
    fn the_work_is_linear() {
        // Each bracket is looked at once, and as far as an entry may be long.
        let text = "{a:\"".repeat(50_000);
        assert_eq!(said(&text), []);
    }
}
