//! `svg` and `math`: where a scan of tags and a tree builder can part ways.

use memchr::memmem;

/// End tags that a tree builder may match with an element it implied, or that leave foreign content by themselves.
/// The scan knows only elements that have a start tag, so it would miss what these close.
const IMPLIED: [&[u8]; 8] = [
    b"html",
    b"head",
    b"body",
    b"tbody",
    b"tr",
    b"colgroup",
    b"p",
    b"br",
];

/// Whether the content of a foreign element has an end tag that may close HTML around it, and the element with it.
pub(super) fn closes_html(content: &[u8]) -> bool {
    memmem::find_iter(content, b"</").any(|at| {
        let name = &content[at + 2..];
        let end = name
            .iter()
            .position(|b| !b.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        IMPLIED
            .iter()
            .any(|implied| name[..end].eq_ignore_ascii_case(implied))
    })
}
