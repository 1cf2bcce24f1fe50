//! How a list gives the content of a file: by which digest, and how that is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// A digest that lists of files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Workbox, serwist, sw-precache.
    Md5,
    /// Angular.
    Sha1,
    /// Checksum files, subresource integrity.
    Sha256,
    /// Subresource integrity.
    Sha384,
    /// Checksum files, subresource integrity.
    Sha512,
}

/// How a list says what is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A digest in lower-case hexadecimal digits.
    Hex(Algorithm),
    /// A digest as in an `integrity` attribute: `sha384-` and base64.
    Sri(Algorithm),
    /// Not by its content: a build's number, for instance. chathub adds a mark.
    Opaque,
}

impl Algorithm {
    const ALL: [Self; 5] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    fn bits(self) -> usize {
        match self {
            Self::Md5 => 128,
            Self::Sha1 => 160,
            Self::Sha256 => 256,
            Self::Sha384 => 384,
            Self::Sha512 => 512,
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

impl Written {
    /// Which digest a text looks like.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.iter().all(hex) {
            let mut all = Algorithm::ALL.into_iter();
            return all.find(|a| a.bits() / 4 == text.len()).map(Self::Hex);
        }
        let text = std::str::from_utf8(text).ok()?;
        let (name, value) = text.split_once('-')?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha384" => Algorithm::Sha384,
            "sha512" => Algorithm::Sha512,
            _ => return None,
        };
        let value = STANDARD.decode(value).ok()?;
        (value.len() * 8 == algorithm.bits()).then_some(Self::Sri(algorithm))
    }

    /// What it says about these bytes; none where that does not depend on them alone.
    #[must_use]
    pub fn says(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Hex(algorithm) => Some(hex::encode(algorithm.digest(bytes))),
            Self::Sri(algorithm) => {
                let name = algorithm.name().to_lowercase().replace('-', "");
                let value = STANDARD.encode(algorithm.digest(bytes));
                Some(format!("{name}-{value}"))
            }
            Self::Opaque => None,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hex(algorithm) | Self::Sri(algorithm) => algorithm.name(),
            Self::Opaque => "revision",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_recognised_by_how_it_is_written_and_comes_out_the_same() {
        // From `printf hello | md5sum`, `sha1sum`, and `openssl dgst -sha256 -binary | base64`.
        for (text, written) in [
            (
                "5d41402abc4b2a76b9719d911017c592",
                Written::Hex(Algorithm::Md5),
            ),
            (
                "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
                Written::Hex(Algorithm::Sha1),
            ),
            (
                "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
                Written::Sri(Algorithm::Sha256),
            ),
        ] {
            assert_eq!(Written::of(text.as_bytes()), Some(written));
            assert_eq!(written.says(b"hello").as_deref(), Some(text));
        }
        for other in [
            "",
            "1",
            "5D41402ABC4B2A76B9719D911017C592",
            "sha256-aGVsbG8=",
            "sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00=",
        ] {
            assert_eq!(Written::of(other.as_bytes()), None, "{other}");
        }
    }
}
