//! From what the scan noted to the places where a tag could go.

use super::facts::{Facts, PageKind, Point, Position};
use super::handlers::State;
use super::prolog::{BYTE_ORDER_MARK, ends_page};

/// Puts the insertion points and, where nothing else has been said, the page's nature into the facts.
pub(super) fn locate(text: &[u8], xml: bool, state: &mut State) {
    let sure = state.facts.doubt.is_none();
    let facts = &state.facts;
    let mut points = Vec::new();
    let mut add = |at, offset: Option<usize>, certain: bool| {
        points.extend(offset.map(|offset| Point {
            at,
            offset,
            certain: certain && sure,
            alien: false,
        }));
    };
    for (at, end_tag) in [
        (Position::BodyEnd, &state.body_end),
        (Position::HtmlEnd, &state.html_end),
    ] {
        if let Some(end_tag) = end_tag {
            add(at, Some(end_tag.start), ends_page(&text[end_tag.end..]));
        }
    }
    let body = facts.body.as_ref().map(|tag| tag.start);
    let head_certain = state.head_proved && !state.head_dirty && begins_with_head(text, facts);
    add(Position::HeadEnd, state.head_end.or(body), head_certain);
    add(
        Position::HeadStart,
        facts.head.as_ref().map(|tag| tag.end),
        false,
    );
    add(
        Position::BodyStart,
        facts.body.as_ref().map(|tag| tag.end),
        false,
    );
    // An XML parser takes no element outside the root; without a root, the page is for no XML parser.
    if !xml || facts.html.is_none() {
        // A lead byte at the very end could swallow the first byte of a tag in some encodings.
        let whole = text.is_ascii_at_end() || std::str::from_utf8(text).is_ok();
        add(Position::FileEnd, state.probe.then_some(text.len()), whole);
        add(
            Position::HtmlStart,
            facts.html.as_ref().map(|tag| tag.end),
            false,
        );
        add(
            Position::Doctype,
            facts.doctype.as_ref().map(|doctype| doctype.end),
            false,
        );
        if facts.doctype.is_none() {
            let mark = if text.starts_with(BYTE_ORDER_MARK) {
                BYTE_ORDER_MARK.len()
            } else {
                0
            };
            add(Position::FileStart, Some(mark), false);
        }
    }
    let bare = [&facts.doctype, &facts.html, &facts.head, &facts.body]
        .iter()
        .all(|tag| tag.is_none());
    if bare && facts.nature == PageKind::Page {
        state.facts.nature = PageKind::Fragment;
    }
    points.retain(|point| point.offset >= state.import_map);
    state.facts.points = points;
}

/// Whether nothing but white space and comments comes before the head, around the doctype and `<html>`.
fn begins_with_head(text: &[u8], facts: &Facts) -> bool {
    let Some(head) = &facts.head else {
        return false;
    };
    let mut from = 0;
    for tag in [&facts.doctype, &facts.html]
        .into_iter()
        .flatten()
        .chain([head])
    {
        let gap = text.get(from..tag.start).unwrap_or(b"x");
        if !ends_page(gap.strip_prefix(BYTE_ORDER_MARK).unwrap_or(gap)) {
            return false;
        }
        from = tag.end;
    }
    true
}

/// The last bytes of a text decide whether something can be appended to it.
trait AsciiAtEnd {
    fn is_ascii_at_end(&self) -> bool;
}

impl AsciiAtEnd for [u8] {
    /// Four bytes are the longest character of any encoding.
    fn is_ascii_at_end(&self) -> bool {
        self[self.len().saturating_sub(4)..].is_ascii()
    }
}
