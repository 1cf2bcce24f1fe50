//! `svg` and `math`: where a scan of tags and a tree builder can part ways.

use memchr::memmem;

use super::markup::Tag;
use super::names::TEXT_POINTS;

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

/// Elements of `svg` whose content is HTML.
const HTML_POINTS: [&str; 3] = ["foreignobject", "desc", "title"];

/// Start tags that leave foreign content by themselves (HTML standard, 13.2.6.5).
const LEAVE: [&str; 43] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "ul",
    "var",
];

/// Which of the elements are open that decide whether a tag is of HTML, as far as tags tell.
#[derive(Default)]
pub(super) struct Foreign<'t> {
    open: Vec<(&'t [u8], bool)>,
}

impl<'t> Foreign<'t> {
    /// Takes a start tag; whether it is of `svg` or `math`.
    pub(super) fn open(&mut self, tag: &Tag<'t>) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| tag.is(name));
        let is_root = is_one_of(&["svg", "math"]);
        let inside = self.open.last().is_some_and(|(_, foreign)| *foreign);
        if inside && is_one_of(&LEAVE) {
            let html = self.open.iter().rposition(|(_, foreign)| !*foreign);
            self.open.truncate(html.map_or(0, |at| at + 1));
            return false;
        }
        if tag.self_closing && (is_root || inside) {
            return true;
        }
        if is_root {
            self.open.push((tag.name, true));
        } else if !inside && tag.is("template") {
            // With its end, all that is open in it ends.
            self.open.push((tag.name, false));
        } else if inside
            && (is_one_of(&HTML_POINTS) || is_one_of(&TEXT_POINTS) || tag.is("annotation-xml"))
        {
            self.open.push((tag.name, false));
        }
        is_root || inside
    }

    /// Takes an end tag.
    pub(super) fn close(&mut self, tag: &Tag<'t>) {
        let is_it = |(name, _): &(&[u8], bool)| name.eq_ignore_ascii_case(tag.name);
        if let Some(at) = self.open.iter().rposition(is_it) {
            self.open.truncate(at);
        }
    }
}
