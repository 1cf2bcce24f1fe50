//! What is in a file, by how it begins: names lie, and a site has files of any name.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::store::Coding;

/// How much of a file is looked at.
pub(super) const WINDOW: usize = 8 << 10;
/// One control character that is in no text among so many bytes is still taken for a slip.
const SLIP: usize = 64;

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in which what ASCII has is written as in ASCII.
    Text,
    /// Text of two bytes each.
    Utf16(&'static Encoding),
    /// Something that is compressed, as a whole.
    Compressed(Coding),
    /// A picture, a font, a program, an archive.
    Binary,
}

impl Kind {
    /// By the first bytes of a file.
    pub(super) fn of(beginning: &[u8]) -> Self {
        let window = &beginning[..beginning.len().min(WINDOW)];
        match Encoding::for_bom(window) {
            Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
                return Self::Utf16(encoding);
            }
            _ => {}
        }
        // RFC 1952, 2.3.1, with no flags that are not defined; RFC 8878, 3.1.1.
        match window {
            [0x1F, 0x8B, 8, flags, ..] if flags & 0xE0 == 0 => {
                return Self::Compressed(Coding::Gzip);
            }
            [0x28, 0xB5, 0x2F, 0xFD, ..] => return Self::Compressed(Coding::Zstandard),
            _ => {}
        }
        if let Some(encoding) = unmarked(window) {
            return Self::Utf16(encoding);
        }
        let controls = window.iter().filter(|byte| is_binary(**byte)).count();
        if controls > window.len().div_ceil(SLIP) {
            Self::Binary
        } else {
            Self::Text
        }
    }
}

/// "Binary data byte" of the MIME Sniffing standard (3): not among them are tabs, line breaks, and the escape character,
/// which ISO-2022-JP has.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F)
}

/// UTF-16 without a byte order mark: nearly every other byte is NUL, as in Latin text, and none of those between.
fn unmarked(window: &[u8]) -> Option<&'static Encoding> {
    if window.len() < 8 {
        return None;
    }
    let (pairs, _) = window.as_chunks::<2>();
    let nuls = |place: usize| pairs.iter().filter(|pair| pair[place] == 0).count();
    match (nuls(0), nuls(1)) {
        (0, low) if low * 4 > pairs.len() * 3 => Some(UTF_16LE),
        (high, 0) if high * 4 > pairs.len() * 3 => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_content() {
        for text in [
            &b""[..],
            b"{\"a\":1}",
            b"a\0b",
            b"\x1b$B$3$s\x1b(B",
            b"\xff\xd8 in some encoding of old",
            "пароль".as_bytes(),
        ] {
            assert_eq!(Kind::of(text), Kind::Text, "{text:?}");
        }
        for binary in [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            b"\0asm\x01\0\0\0",
            b"wOF2\0\x01\0\0",
            b"GIF89a\x01\0\x01\0",
        ] {
            assert_eq!(Kind::of(binary), Kind::Binary, "{binary:?}");
        }
        assert_eq!(
            Kind::of(b"\x1f\x8b\x08\0abc"),
            Kind::Compressed(Coding::Gzip)
        );
        assert_eq!(
            Kind::of(b"\x28\xb5\x2f\xfdabc"),
            Kind::Compressed(Coding::Zstandard)
        );
        for (bytes, encoding) in [
            (&b"\xff\xfe\x01\x04"[..], UTF_16LE),
            (b"\xfe\xff\x04\x01", UTF_16BE),
            (b"k\0e\0y\0 \0=\0", UTF_16LE),
            (b"\0k\0e\0y\0 \0=", UTF_16BE),
        ] {
            assert_eq!(Kind::of(bytes), Kind::Utf16(encoding), "{bytes:?}");
        }
    }
}
