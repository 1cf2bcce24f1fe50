//! Unified diffs that `patch` takes.

use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

use crate::redact;

/// Lines around a change.
const CONTEXT: usize = 3;

/// A diff of a file's bytes as it may be shown.
pub(super) fn masked(path: &str, old: &[u8], new: &[u8]) -> String {
    let text = |bytes: &[u8]| redact::of_page(&String::from_utf8_lossy(bytes));
    unified(&redact::mask(path), &text(old), &text(new))
}

/// The change of a page as a unified diff. To `patch` a line ends in a line feed and in nothing else: not in a
/// carriage return, as libraries have it that think of people.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let (old, new) = (lines(old), lines(new));
    // A tab ends the name; without one, it ends at its first space.
    let tab = if path.contains(char::is_whitespace) {
        "\t"
    } else {
        ""
    };
    let mut text = format!("--- a/{path}{tab}\n+++ b/{path}{tab}\n");
    for hunk in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        let removed = range(first.old_range().start, last.old_range().end);
        let added = range(first.new_range().start, last.new_range().end);
        let _ = writeln!(text, "@@ -{removed} +{added} @@");
        for change in hunk
            .iter()
            .flat_map(|op: &DiffOp| op.iter_changes(&old, &new))
        {
            let line: &str = change.value();
            text.push(match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            });
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// Lines from `start` up to `end`, counted from 0, as the head of a hunk has them.
fn range(start: usize, end: usize) -> String {
    match end - start {
        // Of no lines, the place is the line before.
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        lines => format!("{},{lines}", start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn writes_what_patch_reads() {
        assert_eq!(
            unified("a b.html", "1\n2\n3\r4\n5", "1\n2\n3\r4!\n5"),
            "--- a/a b.html\t\n+++ b/a b.html\t\n@@ -1,4 +1,4 @@\n 1\n 2\n-3\r4\n+3\r4!\n 5\n\\ No newline at end of file\n"
        );
        assert_eq!(
            unified("x", "", "new\n"),
            "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+new\n"
        );
    }
}
