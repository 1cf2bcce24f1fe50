//! From what the scan noted to the places where a tag could go.

use memchr::memmem;

use super::facts::{At, Nature, Point};
use super::handlers::State;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

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
        }));
    };
    for (at, end_tag) in [
        (At::BodyEnd, &state.body_end),
        (At::HtmlEnd, &state.html_end),
    ] {
        if let Some(end_tag) = end_tag {
            add(at, Some(end_tag.start), ends_page(&text[end_tag.end..]));
        }
    }
    let body = facts.body.as_ref().map(|tag| tag.start);
    let head_certain = facts.head.is_some() && !state.head_dirty && state.head_proved;
    add(At::HeadEnd, state.head_end.or(body), head_certain);
    add(At::HeadStart, facts.head.as_ref().map(|tag| tag.end), false);
    add(At::BodyStart, facts.body.as_ref().map(|tag| tag.end), false);
    // An XML parser takes no element outside the root.
    if !xml {
        // A lead byte at the very end could swallow the first byte of a tag in some encodings.
        let whole = text.is_ascii_at_end() || std::str::from_utf8(text).is_ok();
        add(At::FileEnd, state.probe.then_some(text.len()), whole);
        add(At::HtmlStart, facts.html.as_ref().map(|tag| tag.end), false);
        add(
            At::Doctype,
            facts.doctype.as_ref().map(|doctype| doctype.end),
            false,
        );
        if facts.doctype.is_none() {
            let mark = if text.starts_with(BYTE_ORDER_MARK) {
                BYTE_ORDER_MARK.len()
            } else {
                0
            };
            add(At::FileStart, Some(mark), false);
        }
    }
    let bare = [&facts.doctype, &facts.html, &facts.head, &facts.body]
        .iter()
        .all(|tag| tag.is_none());
    if bare && facts.nature == Nature::Page {
        state.facts.nature = Nature::Fragment;
    }
    state.facts.points = points;
}

/// Whether what follows a tag to the end of the page stays where it is without that tag. White space may belong to text
/// before the tag, which goes elsewhere from within a table; and it may be the tag that starts the head, with which
/// comments go from the document into the page.
pub(super) fn parts_nothing(behind: &[u8], in_body: bool) -> bool {
    ends_page(behind)
        && !behind.first().is_some_and(u8::is_ascii_whitespace)
        && (in_body || memmem::find(behind, b"<!--").is_none())
}

/// Whether nothing comes but white space, comments, and the end tags of `body` and `html`.
fn ends_page(mut rest: &[u8]) -> bool {
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return true;
        }
        let behind = comment(rest)
            .or_else(|| end_tag(rest, b"</body"))
            .or_else(|| end_tag(rest, b"</html"));
        match behind {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
}

/// What comes behind a comment of the plain form.
fn comment(rest: &[u8]) -> Option<&[u8]> {
    let content = rest.strip_prefix(b"<!--")?;
    let end = memmem::find(content, b"-->")?;
    // `<!-->`, `<!--->` and `--!>` end a comment, too.
    let plain = !content.starts_with(b">")
        && !content.starts_with(b"->")
        && memmem::find(&content[..end], b"--!>").is_none();
    plain.then_some(&content[end + 3..])
}

fn end_tag<'t>(rest: &'t [u8], tag: &[u8]) -> Option<&'t [u8]> {
    let (start, behind) = rest.split_at_checked(tag.len())?;
    start
        .eq_ignore_ascii_case(tag)
        .then(|| behind.trim_ascii_start().strip_prefix(b">"))?
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

#[cfg(test)]
mod tests {
    use super::ends_page;

    #[test]
    fn knows_the_end_of_a_page() {
        for end in [
            "",
            " \n",
            "</html>\n",
            "</BODY ></html>",
            "<!-- built by x --></html>",
        ] {
            assert!(ends_page(end.as_bytes()), "{end}");
        }
        for more in [
            "x",
            "<p>",
            "<!--x",
            "<!--><p>-->",
            "<!--a--!><p>-->",
            "</html x>",
            "</htmlx>",
            "\u{a0}",
        ] {
            assert!(!ends_page(more.as_bytes()), "{more}");
        }
    }
}
