//! What chathub adds where a file says nothing about pages' contents, so that it changes when they do: a mark after a revision
//! that is not a digest, and a stamp at the end of a worker. Both are taken away again without a trace.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// Comes before the digest in a revision.
const MARK: &str = ".chathub-";
/// How many hexadecimal digits are kept of a digest.
const DIGITS: usize = 16;
/// A comment, on a line of its own: the last one of a script may be a comment without a line break.
const BEFORE: &[u8] = b"\n/* chathub: pages ";
const AFTER: &[u8] = b" */";

/// A revision with the digest of a page.
#[must_use]
pub fn mark(revision: &str, page: &[u8]) -> String {
    format!("{}{MARK}{}", unmarked(revision), digest(page))
}

/// A revision as its author wrote it.
#[must_use]
pub fn unmarked(revision: &str) -> &str {
    match revision.rsplit_once(MARK) {
        Some((author, digest)) if is_digest(digest.as_bytes()) => author,
        _ => revision,
    }
}

/// The stamp at the end of a worker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Where it is; where there is none, where one would be.
    pub span: Range<usize>,
    /// What it is; empty: there is none.
    pub text: String,
}

impl Stamp {
    /// The one at the end of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let start = Self::start(bytes).unwrap_or(bytes.len());
        Self {
            span: start..bytes.len(),
            text: String::from_utf8_lossy(&bytes[start..]).into_owned(),
        }
    }

    fn start(bytes: &[u8]) -> Option<usize> {
        let (author, digest) = bytes.strip_suffix(AFTER)?.split_last_chunk::<DIGITS>()?;
        let author = author.strip_suffix(BEFORE)?;
        is_digest(digest).then_some(author.len())
    }

    /// The one for pages of these digests, in an order that does not change.
    #[must_use]
    pub fn for_pages<'p>(pages: impl Iterator<Item = (&'p [u8], [u8; 32])>) -> String {
        let mut all = Sha256::new();
        for (path, digest) in pages {
            all.update((path.len() as u64).to_be_bytes());
            all.update(path);
            all.update(digest);
        }
        let digest = &hex::encode(all.finalize())[..DIGITS];
        let (before, after) = (
            String::from_utf8_lossy(BEFORE),
            String::from_utf8_lossy(AFTER),
        );
        format!("{before}{digest}{after}")
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))[..DIGITS].to_owned()
}

fn is_digest(text: &[u8]) -> bool {
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == DIGITS && text.iter().all(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_one_whatever_was_marked_before_and_comes_off() {
        let once = mark("build-7", b"a");
        let twice = mark(&once, b"b");
        assert_ne!(once, twice);
        assert_eq!(twice, mark("build-7", b"b"));
        assert_eq!(unmarked(&twice), "build-7");
        for author in [
            "",
            "x",
            ".chathub-",
            "a.chathub-0",
            "é.chathub-0123456789ABCDEF",
        ] {
            assert_eq!(unmarked(author), author);
            assert_eq!(unmarked(&mark(author, b"a")), author);
        }
    }

    #[test]
    fn a_stamp_is_known_again() {
        let stamp = Stamp::for_pages([(&b"a.html"[..], [1; 32])].into_iter());
        let worker = format!("self.x = 1; // end{stamp}");
        let found = Stamp::of(worker.as_bytes());
        assert_eq!((found.span, found.text), (18..worker.len(), stamp));
        for other in [&worker[..17], &worker[..worker.len() - 1], ""] {
            let found = Stamp::of(other.as_bytes());
            assert_eq!((found.span, &*found.text), (other.len()..other.len(), ""));
        }
    }
}
