//! What the nodes of a page of XML are to this tool.

use roxmltree::Node;

use crate::html::astray;
use crate::html::facts::{Astray, Span};
use crate::html::names::{HTML_NAMESPACE, SVG_NAMESPACE};
use crate::widget::{Addresses, Attributes};

/// Whether a node is this element of HTML.
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element()
        && node.tag_name().name() == name
        && node.tag_name().namespace() == Some(HTML_NAMESPACE)
}

/// Whether a node is this element of HTML and not in a template, whose content is not part of the page. Inside
/// `noscript` it is: that is an element like any other to an XML parser.
pub(super) fn is_live(node: Node<'_, '_>, name: &str) -> bool {
    is(node, name) && !in_template(node)
}

fn in_template(node: Node<'_, '_>) -> bool {
    node.ancestors().any(|ancestor| is(ancestor, "template"))
}

/// The language that an element says it is in, `xml:lang` before `lang`.
pub(super) fn language(element: Node<'_, '_>) -> Option<String> {
    let said = element
        .attribute((roxmltree::NS_XML_URI, "lang"))
        .or_else(|| element.attribute("lang"));
    let said = said.map(|said| said.trim().to_owned());
    said.filter(|said| !said.is_empty())
}

/// The text that stands right in an element.
pub(super) fn text_of(element: Node<'_, '_>) -> String {
    let children = element.children().filter(Node::is_text);
    children.filter_map(|child| child.text()).collect()
}

/// Whether a node is nothing but white space.
pub(super) fn is_blank(node: Node<'_, '_>) -> bool {
    node.is_text() && node.text().is_some_and(|text| text.trim().is_empty())
}

/// An element's attributes, those with a prefix aside.
pub(super) fn attributes(element: Node<'_, '_>) -> Attributes {
    let attributes = element.attributes();
    attributes
        .filter(|attribute| attribute.namespace().is_none())
        .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()))
        .collect()
}

/// A script of `svg` that runs as one of the vendor's.
pub(super) fn astray_in(
    script: Node<'_, '_>,
    attributes: &Attributes,
    start_tag: &Span,
    addresses: &Addresses,
) -> Option<Astray> {
    let of_svg = script.tag_name().namespace() == Some(SVG_NAMESPACE);
    if !of_svg || in_template(script) {
        return None;
    }
    let href = script.attribute("href");
    let href = href.or_else(|| script.attribute(("http://www.w3.org/1999/xlink", "href")))?;
    let attributes = astray::with_address(attributes, href);
    astray::running(start_tag.clone(), attributes, astray::IN_SVG, addresses)
}

/// How far a start tag goes: its first `>` outside quotes.
pub(super) fn tag_end(tag: &[u8]) -> usize {
    let mut quote = None;
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// Where a start tag has attributes that are not ours to set, declarations of namespaces among them.
pub(super) fn authors(
    text: &str,
    start_tag: &Span,
    is_ours: impl Fn(&str) -> bool,
) -> Vec<(String, Span)> {
    let tag = &text[start_tag.clone()];
    let mut authors = Vec::new();
    let mut at = tag
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(tag.len());
    // Each is a name, an equals sign and a value in quotes: the parser has seen to that.
    while let Some(equals) = tag[at..].find('=').map(|equals| at + equals) {
        let name = tag[at..equals].trim();
        let start = at + tag[at..].len() - tag[at..].trim_start().len();
        let Some(open) = tag[equals..].find(['"', '\'']).map(|open| equals + open) else {
            break;
        };
        let quote = &tag[open..=open];
        let Some(end) = tag[open + 1..].find(quote).map(|end| open + 1 + end + 1) else {
            break;
        };
        if !is_ours(name) {
            let span = start_tag.start + start..start_tag.start + end;
            authors.push((name.to_owned(), span));
        }
        at = end;
    }
    authors
}
