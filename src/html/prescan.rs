//! The encoding that a page declares near its beginning, as browsers find it before they parse: "prescan a byte stream to
//! determine its encoding" of the HTML standard (13.2.3.2).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use memchr::{memchr, memmem};

use super::markup::attributes;

/// How far into a page a declaration must stand to be found.
pub(super) const PRESCAN: usize = 1024;

/// The encoding that the first `meta` declares which a browser takes for one, before it knows of scripts and titles.
#[must_use]
pub fn declared(page: &[u8]) -> Option<&'static Encoding> {
    let bytes = &page[..page.len().min(PRESCAN)];
    let mut at = 0;
    loop {
        at += memchr(b'<', &bytes[at..])?;
        let rest = &bytes[at..];
        let letter = rest.get(1 + usize::from(rest.get(1) == Some(&b'/')));
        at = if rest.starts_with(b"<!--") {
            // The two hyphens of the opening may be those of the end.
            at + 2 + memmem::find(&rest[2..], b"-->")? + 3
        } else if begins_meta(rest) {
            let mut meta = Meta::default();
            let end = attributes(bytes, at, 1, |name, value| meta.add(name, value))?;
            if let Some(encoding) = meta.encoding() {
                return Some(encoding);
            }
            end.span.end
        } else if letter.is_some_and(u8::is_ascii_alphabetic) {
            // Here a slash does not end a name.
            let name = rest
                .iter()
                .position(|b| b.is_ascii_whitespace() || *b == b'>')?;
            attributes(bytes, at + name, 0, |_, _| ())?.span.end
        } else if matches!(rest.get(1), Some(b'!' | b'/' | b'?')) {
            at + memchr(b'>', rest)? + 1
        } else {
            at + 1
        };
    }
}

fn begins_meta(rest: &[u8]) -> bool {
    let name = rest.split_first_chunk::<5>();
    name.is_some_and(|(name, behind)| {
        let ends = behind.first();
        name.eq_ignore_ascii_case(b"<meta")
            && ends.is_some_and(|b| b.is_ascii_whitespace() || *b == b'/')
    })
}

/// What a `meta` says.
#[derive(Default)]
struct Meta<'t> {
    seen: Vec<&'t [u8]>,
    /// `http-equiv` is `content-type`, without which `content` means nothing.
    pragma: bool,
    content: Option<&'static Encoding>,
    /// There is a `charset`, beside which `content` means nothing either.
    has_charset: bool,
    charset: Option<&'static Encoding>,
}

impl<'t> Meta<'t> {
    fn add(&mut self, name: &'t [u8], value: &[u8]) {
        // Of two with one name the first counts.
        if self.seen.iter().any(|seen| seen.eq_ignore_ascii_case(name)) {
            return;
        }
        self.seen.push(name);
        if name.eq_ignore_ascii_case(b"http-equiv") {
            self.pragma = value.eq_ignore_ascii_case(b"content-type");
        } else if name.eq_ignore_ascii_case(b"content") {
            self.content = of_content(value);
        } else if name.eq_ignore_ascii_case(b"charset") {
            self.has_charset = true;
            self.charset = Encoding::for_label(value);
        }
    }

    fn encoding(&self) -> Option<&'static Encoding> {
        let named = if self.has_charset {
            self.charset
        } else {
            self.content.filter(|_| self.pragma)
        };
        // The declaration was read as ASCII, which these are not.
        named.map(|encoding| match encoding {
            e if e == UTF_16LE || e == UTF_16BE => UTF_8,
            e if e == X_USER_DEFINED => WINDOWS_1252,
            e => e,
        })
    }
}

/// The encoding in a value such as `text/html; charset=utf-8`.
fn of_content(value: &[u8]) -> Option<&'static Encoding> {
    let lower = value.to_ascii_lowercase();
    let mut rest = &lower[..];
    let label = loop {
        rest = rest[memmem::find(rest, b"charset")? + b"charset".len()..].trim_ascii_start();
        if let Some(label) = rest.strip_prefix(b"=") {
            break label.trim_ascii_start();
        }
    };
    let label = if let quote @ (b'"' | b'\'') = label.first()? {
        &label[1..=memchr(*quote, &label[1..])?]
    } else {
        let end = |b: &u8| b.is_ascii_whitespace() || *b == b';';
        &label[..label.iter().position(end).unwrap_or(label.len())]
    };
    Encoding::for_label(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_browsers_find() {
        for (page, wanted) in [
            ("<meta charset=utf-8>", Some("UTF-8")),
            (
                "<!doctype html><html lang=x><META/CHARSET = 'Windows-1251' >",
                Some("windows-1251"),
            ),
            (
                "<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'>",
                Some("windows-1252"),
            ),
            (
                "<meta content=\"a charset; charset = 'koi8-r' \" http-equiv=content-type>",
                Some("KOI8-R"),
            ),
            ("<meta content='text/html; charset=koi8-r'>", None),
            (
                "<meta charset=nonsense><meta charset=utf-16le>",
                Some("UTF-8"),
            ),
            ("<meta charset=x-user-defined>", Some("windows-1252")),
            ("<meta charset=koi8-r charset=utf-8>", Some("KOI8-R")),
            ("<!--><meta charset=utf-8>", Some("UTF-8")),
            (
                "<!-- <meta charset=koi8-r> --><meta charset=utf-8>",
                Some("UTF-8"),
            ),
            (
                "<p title='<meta charset=koi8-r>'></p x='>'><? x><!x>< <meta charset=utf-8>",
                Some("UTF-8"),
            ),
            // It knows nothing of what stands in scripts and titles.
            (
                "<title><meta charset=koi8-r></title><meta charset=utf-8>",
                Some("KOI8-R"),
            ),
            ("<a/b='><meta charset=utf-8>", Some("UTF-8")),
            ("<meta charset=utf-8", None),
            ("<metal charset=utf-8>", None),
            ("<p title='><meta charset=utf-8>", None),
            ("", None),
        ] {
            assert_eq!(
                declared(page.as_bytes()).map(Encoding::name),
                wanted,
                "{page}"
            );
        }
    }

    #[test]
    fn looks_no_further_than_browsers_do() {
        let tag = "<meta charset=utf-8>";
        let page = |before: usize| format!("{}{tag}", "x".repeat(before));
        let last = PRESCAN - tag.len();
        assert_eq!(declared(page(last).as_bytes()), Some(UTF_8));
        assert_eq!(declared(page(last + 1).as_bytes()), None);
    }
}
