//! Does what a plan says: copies the untouched ranges, writes the replacements between them.

use std::io::{self, Write};
use std::ops::Range;

/// A byte range of a page's file, and what comes in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEdit {
    /// Bytes of the file that go.
    pub range: Range<usize>,
    /// Bytes that come, in the page's encoding.
    pub replacement: Vec<u8>,
}

/// Writes `bytes` with `edits`, which are in order and do not overlap.
pub fn splice(bytes: &[u8], edits: &[RawEdit], mut out: impl Write) -> io::Result<()> {
    let mut copied = 0;
    for edit in edits {
        out.write_all(&bytes[copied..edit.range.start])?;
        out.write_all(&edit.replacement)?;
        copied = edit.range.end;
    }
    out.write_all(&bytes[copied..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touches_nothing_outside_its_edits() {
        let edit = |range, replacement: &str| RawEdit {
            range,
            replacement: replacement.into(),
        };
        let mut out = Vec::new();
        let edits = [edit(0..0, "a"), edit(2..4, ""), edit(6..6, "z")];
        assert!(splice(b"\x00\xff23\r\n", &edits, &mut out).is_ok());
        assert_eq!(out, b"a\x00\xff\r\nz");
    }
}
