//! Tags of the vendor's that run where this tool changes nothing: in a declarative shadow root, and as a `script` of `svg`,
//! which takes its address from `href`.
//!
//! Whether a `template` becomes a shadow root depends on the element that the tree builder finds it in. So html5ever parses the
//! few pages that have such a tag.

use std::collections::HashMap;
use std::fmt::Write as _;

use html5ever::{expanded_name, local_name, ns};

use super::effort::Effort;
use super::facts::{Astray, Facts, Inert, Span};
use super::inline::is_inline;
use super::parse;
use super::tree::{Data, Node, Tree};
use crate::widget::{self, Addresses, Attributes};

/// Where a script of it stands, as messages call it.
pub(super) const IN_SVG: &str = "an <svg>, by its href,";

/// The attribute by which a tag is found again in the tree.
const MARK: &str = "chathub-at";
const SCRIPT: &str = "<script";

/// The elements of HTML that can have a shadow root, beside those with a name of the page's own.
const HOSTS: [&str; 18] = [
    "article",
    "aside",
    "blockquote",
    "body",
    "div",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "main",
    "nav",
    "p",
    "section",
    "span",
];

/// Notes the start tag of a `script` that HTML does not run where it stands. It is astray if it may run by other rules, and otherwise
/// inert, if it is a tag of ours or the vendor's. `svg`: it is an element of that language.
pub(super) fn note(
    facts: &mut Facts,
    span: Span,
    attributes: Attributes,
    inside: &'static str,
    svg: bool,
    addresses: &Addresses,
) {
    let known = widget::recognise(&attributes, addresses);
    let read = if svg {
        let href = attributes.get("href").or(attributes.get("xlink:href"));
        href.map(|href| with_address(&attributes, href))
    } else {
        Some(attributes)
    };
    match read.and_then(|read| running(span.clone(), read, inside, addresses)) {
        Some(astray) => facts.astray.push(astray),
        None => facts.inert.extend(known.map(|kind| Inert {
            span,
            product: kind.product(),
            inside,
        })),
    }
}

/// The attributes of a `script` of `svg`, as HTML would write them.
pub(super) fn with_address(attributes: &Attributes, href: &str) -> Attributes {
    let others = attributes.iter().filter(|(name, _)| *name != "src");
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    others
        .chain([("src".to_owned(), href.to_owned())])
        .collect()
}

/// A tag of the vendor's, if browsers run it where scripts run. Ours does nothing there: the runtime looks for it in the document.
pub(super) fn running(
    span: Span,
    attributes: Attributes,
    inside: &'static str,
    addresses: &Addresses,
) -> Option<Astray> {
    let kind = widget::recognise(&attributes, addresses)?;
    let get = |name: &str| attributes.get(name).map(str::to_owned);
    let runs = is_inline(|name| get(name).filter(|_| name != "src"));
    let is_one = kind.is_vendors() && attributes.get("src").is_some() && runs;
    is_one.then_some(Astray {
        span,
        kind,
        attributes,
        inside,
    })
}

/// Leaves those astray that really run, and makes inert of the others.
pub(super) fn confirm(text: &[u8], facts: &mut Facts) {
    let Some(last) = facts.astray.last() else {
        return;
    };
    let mut marked = String::new();
    let mut copied = 0;
    for (index, astray) in facts.astray.iter().enumerate() {
        let name_end = astray.span.start + SCRIPT.len();
        marked.push_str(&String::from_utf8_lossy(&text[copied..name_end]));
        // The first of two attributes with one name counts.
        let _ = write!(marked, " {MARK}={index} ");
        copied = name_end;
    }
    marked.push_str(&String::from_utf8_lossy(&text[copied..last.span.end]));
    let effort = Effort::of(marked.len(), &|| false);
    // Of markup that takes too much work, all may run.
    let Ok(tree) = parse::parse(&marked, &effort) else {
        return;
    };
    let running = marks_that_run(&tree);
    for (index, mut astray) in std::mem::take(&mut facts.astray).into_iter().enumerate() {
        if let Some(inside) = running.get(&index.to_string()) {
            astray.inside = inside;
            facts.astray.push(astray);
        } else {
            facts.inert.push(Inert {
                span: astray.span,
                product: astray.kind.product(),
                inside: astray.inside,
            });
        }
    }
}

/// The marks of scripts that run, and where they do.
fn marks_that_run(tree: &Tree) -> HashMap<String, &'static str> {
    let nodes = tree.nodes.borrow();
    let mut templates = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        if let Data::Element {
            contents: Some(contents),
            ..
        } = &node.data
        {
            templates.insert(*contents, at);
        }
    }
    let mut running = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let Some(mark) = attribute(node, MARK) else {
            continue;
        };
        let in_svg = node.name.expanded() == expanded_name!(svg "script");
        if !in_svg && node.name.expanded() != expanded_name!(html "script") {
            continue;
        }
        if let Some(shadow) = is_reached(&nodes, &templates, at)
            && (in_svg || shadow)
        {
            let inside = if shadow {
                "a declarative shadow root"
            } else {
                IN_SVG
            };
            running.insert(mark.to_owned(), inside);
        }
    }
    running
}

/// Whether a node is in the document, and then whether in a shadow root; nothing where it is in a template.
fn is_reached(nodes: &[Node], templates: &HashMap<usize, usize>, mut at: usize) -> Option<bool> {
    let mut shadow = false;
    while at != 0 {
        at = match (nodes[at].parent, templates.get(&at)) {
            (Some(parent), _) => parent,
            (None, Some(template)) => {
                shadow = true;
                host(nodes, *template)?
            }
            (None, None) => return None,
        };
    }
    Some(shadow)
}

/// The element to which a template gives a shadow root, if it does: the first that would does.
fn host(nodes: &[Node], template: usize) -> Option<usize> {
    let parent = nodes[template].parent?;
    let name = &nodes[parent].name;
    let local = &*name.local;
    let can = name.ns == ns!(html) && (HOSTS.contains(&local) || local.contains('-'));
    let mut children = nodes[parent].children.iter();
    let first = children.find(|child| {
        let mode = attribute(&nodes[**child], "shadowrootmode").unwrap_or_default();
        nodes[**child].name.expanded() == expanded_name!(html "template")
            && (mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed"))
    });
    (can && first == Some(&template)).then_some(parent)
}

fn attribute<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    let Data::Element { attributes, .. } = &node.data else {
        return None;
    };
    let mut attributes = attributes.iter();
    let found = attributes.find(|attribute| &*attribute.name.local == name)?;
    Some(&found.value)
}
