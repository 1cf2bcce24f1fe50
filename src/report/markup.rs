//! Text in XML and HTML.

use xml::escape::escape_str_attribute;

use super::text;

/// What starts each file.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// `text` as an attribute's value or an element's content. Line breaks stay; other characters that act on a terminal, and those that
/// XML does not allow at all, are written out.
pub(super) fn xml(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(text::escape).collect();
    let mut text = lines.join("\n");
    for forbidden in ['\u{fffe}', '\u{ffff}'] {
        if text.contains(forbidden) {
            text = text.replace(forbidden, &forbidden.escape_default().to_string());
        }
    }
    escape_str_attribute(&text).into_owned()
}

/// The same on one line.
pub(super) fn xml_line(text: &str) -> String {
    xml(&text::escape(text))
}

/// `text` as an attribute's value or an element's content in HTML. Line breaks stay.
pub(super) fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push('\n'),
            c if is_noncharacter(c) => html.extend(c.escape_default()),
            c => text::push_escaped(&mut html, c),
        }
    }
    html
}

/// Code points that stand for nothing, and are errors in HTML.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}
