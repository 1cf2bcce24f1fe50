//! Text in XML.

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
