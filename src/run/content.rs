//! What a file under a page's name is if it is not text: decided by its bytes, never by a magic word that text may begin with.

use encoding_rs::Encoding;

/// How much of a file is looked at.
const WINDOW: usize = 8000;
/// One control character that is in no text among so many bytes is still taken for a slip.
const SLIP: usize = 64;

/// What a file is that is not HTML; nothing if it may be HTML.
pub(super) fn not_html(bytes: &[u8]) -> Option<&'static str> {
    if Encoding::for_bom(bytes).is_some() {
        return None;
    }
    let window = &bytes[..bytes.len().min(WINDOW)];
    if is_unmarked_utf_16(window) {
        return Some("UTF-16 without a byte order mark, which browsers do not read as HTML");
    }
    if begins_as_markup(bytes) {
        return None;
    }
    if is_gzip(bytes) {
        return Some("gzip file under a page's name");
    }
    let controls = window.iter().filter(|byte| is_binary(**byte)).count();
    let binary = memchr::memchr(0, window).is_some() || controls > window.len() / SLIP;
    binary.then_some("binary file")
}

/// Whether a file begins as markup does, and no other kind of file.
fn begins_as_markup(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'<')
}

/// Magic number, the one method that there is, and no flags that are not defined (RFC 1952, 2.3.1).
fn is_gzip(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1f, 0x8b, 8, flags, ..] if flags & 0xE0 == 0)
}

/// "Binary data byte" of the MIME Sniffing standard (3): not among them are tabs, line breaks, and the escape character,
/// which ISO-2022-JP has.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F)
}

/// Whether nearly every other byte is NUL, as in Latin text and in markup, and none of those between.
fn is_unmarked_utf_16(window: &[u8]) -> bool {
    // No page but such has any, and the rest takes long.
    if memchr::memchr(0, window).is_none() {
        return false;
    }
    let (pairs, _) = window.as_chunks::<2>();
    let nuls = |place: usize| pairs.iter().filter(|pair| pair[place] == 0).count();
    let (high, low) = (nuls(0), nuls(1));
    let is_space = |pair: &[u8; 2]| pair.iter().any(u8::is_ascii_whitespace);
    let first = pairs.iter().find(|pair| !is_space(pair));
    let markup = first.is_some_and(|pair| pair.contains(&b'<') && pair.contains(&0));
    markup && high.min(low) == 0 && high.max(low) * 4 > pairs.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    #[test]
    fn text_may_begin_with_any_letters() {
        for page in [
            &b"BMW dealers<!doctype html>"[..],
            b"MZ news",
            b"ID3 tags",
            b"FWS club",
            b"GIF89 art",
            b"GIF89a art",
            b"%PDF as text",
            b"%!PS",
            b"PK 1",
            b"RIFF and WEBP",
            b"\x1b$B$3$s\x1b(B",
            b"\x0c\x0c<p>",
            b"\xff\xd8 in some encoding of old",
            b"\xfe\xff\0B\0M",
            b"\xef\xbb\xbfMZ",
            b"<p>a\0b",
            b" \n<p>\x01\x02\x03",
            b"",
        ] {
            assert_eq!(not_html(page), None, "{page:?}");
        }
        let slip = format!("{}\x07\x0b{}", "text ".repeat(50), "text ".repeat(50));
        assert_eq!(not_html(slip.as_bytes()), None);
        let late = format!("{}\0", "text ".repeat(WINDOW));
        assert_eq!(not_html(late.as_bytes()), None);
    }

    #[test]
    fn other_files_are_known_by_what_no_text_has() {
        for file in [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            b"\xff\xd8\xff\xe0\0\x10JFIF",
            b"GIF89a\x01\0\x01\0",
            b"BM\x36\x00\x0c",
            b"MZ\x90\0\x03",
            b"a\0b",
            b"\x01\x02\x03",
            b"\x28\xb5\x2f\xfd\x04\x01\x02",
        ] {
            assert_eq!(not_html(file), Some("binary file"), "{file:?}");
        }
        let gzip = Some("gzip file under a page's name");
        assert_eq!(not_html(b"\x1f\x8b\x08\0\0\0\0\0\0\x03"), gzip);
        assert_eq!(not_html(b"\x1f\x8b\x08\x08abcdefg"), gzip);
        assert_ne!(not_html(b"\x1f\x8b\x07 text"), gzip);
    }

    #[test]
    fn utf_16_is_no_binary_file() {
        let page = "\n<!doctype html><p lang=uk>Привіт, усім</p>";
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let why = not_html(&utf_16(page, to));
            assert!(why.is_some_and(|why| why.starts_with("UTF-16")));
            assert_eq!(not_html(&utf_16(&format!("\u{feff}{page}"), to)), None);
        }
    }
}
