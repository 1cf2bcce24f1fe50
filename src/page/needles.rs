//! A first look over a page's bytes: which of the things that need a selector of their own occur in it at all.
//!
//! The scan's cost grows with its selectors, and most pages hold none of these.

use aho_corasick::{AhoCorasick, BuildError};

/// What occurs in a page, in whatever context.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
// A set of flags is what it is.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Needles {
    /// A tag, comment, `meta` or attribute that may be ours.
    pub(super) ours: bool,
    /// `svg` or `math`.
    pub(super) foreign: bool,
    /// `template`.
    pub(super) template: bool,
    /// `col` or `colgroup`.
    pub(super) columns: bool,
    /// `frameset`.
    pub(super) frameset: bool,
    /// `meta refresh`.
    pub(super) refresh: bool,
}

/// Finds all needles in one pass.
#[derive(Debug)]
pub(super) struct Finder(AhoCorasick);

/// In the order of the match in [`Finder::find`]; the widget's address comes behind them.
const PATTERNS: [&str; 10] = [
    "<svg",
    "<math",
    "<template",
    "<col",
    "<frameset",
    "refresh",
    "operator-chat-panel",
    "chathub",
    "chat-widget",
    "<script",
];

impl Finder {
    /// A finder that takes `widget_src` for a sign of our tags, too.
    pub(super) fn new(widget_src: &str) -> Result<Self, BuildError> {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(PATTERNS.into_iter().chain([widget_src]))
            .map(Self)
    }

    pub(super) fn find(&self, text: &[u8]) -> Needles {
        let mut needles = Needles::default();
        for found in self.0.find_iter(text) {
            match found.pattern().as_usize() {
                0 | 1 => needles.foreign = true,
                2 => needles.template = true,
                3 => needles.columns = true,
                4 => needles.frameset = true,
                5 => needles.refresh = true,
                9 => needles.ours |= has_reference(&text[found.end()..]),
                _ => needles.ours = true,
            }
        }
        needles
    }
}

/// Whether a start tag's attributes hold a character reference, behind which a name of ours could hide.
fn has_reference(behind: &[u8]) -> bool {
    let end = memchr::memchr(b'>', behind).unwrap_or(behind.len());
    memchr::memchr(b'&', &behind[..end]).is_some()
}
