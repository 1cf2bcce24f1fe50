//! Attributes and text as they are written into pages.

use std::fmt::Write as _;

/// Says that an element is one of HTML's, where its name alone does not.
pub(super) const NAMESPACE: &str = r#" xmlns="http://www.w3.org/1999/xhtml""#;

/// An attribute with a space before it.
pub(super) fn push_attribute(html: &mut String, name: &str, value: &str) {
    html.push(' ');
    html.push_str(name);
    html.push_str("=\"");
    push_text(html, value);
    html.push('"');
}

/// Text that stands for itself, in an attribute's quotes as well as between tags.
pub(super) fn push_text(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '<' => html.push_str("&lt;"),
            // Character references read the same in every encoding that a page may be in.
            c if !c.is_ascii() || c.is_ascii_control() => {
                let _ = write!(html, "&#{};", u32::from(c));
            }
            c => html.push(c),
        }
    }
}
