//! A page as a second XML parser sees it, as much of it as a proof compares.

use std::rc::Rc;

use html5ever::interface::tree_builder::{ElementFlags, NodeOrText, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, Prefix, QualName};
use xml::attribute::OwnedAttribute;
use xml::name::OwnedName;
use xml::reader::{EventReader, ParserConfig, XmlEvent};

use super::dtd::Dtd;
use crate::html::names::HTML_NAMESPACE;
use crate::html::tree::Tree;

/// Parses a page as XML; where it is not well-formed, what the parser says.
pub(in crate::html) fn tree(text: &str) -> Result<Tree, String> {
    let dtd = Dtd::read(text).map_err(|obstacle| obstacle.why.to_string())?;
    let tree = Tree::new(Rc::default());
    // Where children go: an element, or what a template holds.
    let mut open = vec![0];
    let mut config = ParserConfig::new()
        .ignore_comments(false)
        .cdata_to_characters(true)
        .whitespace_to_characters(true)
        .add_entities(dtd.named);
    config.allow_multiple_root_elements = false;
    // It has been decoded, whatever its declaration says.
    config.override_encoding = Some(xml::Encoding::Utf8);
    config.ignore_invalid_encoding_declarations = true;
    let text = text.trim_start_matches('\u{feff}');
    let reader = EventReader::new_with_config(text.as_bytes(), config);
    for event in reader {
        let parent = open.last().copied().unwrap_or_default();
        match event.map_err(|error| error.to_string())? {
            XmlEvent::StartElement {
                name, attributes, ..
            } => {
                let mut flags = ElementFlags::default();
                flags.template = name.local_name == "template" && is_html(&name);
                let attributes = attributes.into_iter().map(attribute).collect();
                let element = tree.create_element(qualified(name), attributes, flags);
                tree.append(&parent, NodeOrText::AppendNode(element));
                open.push(tree.get_template_contents(&element));
            }
            XmlEvent::EndElement { .. } => {
                open.pop();
            }
            XmlEvent::Characters(text) | XmlEvent::CData(text) | XmlEvent::Whitespace(text) => {
                tree.append(&parent, NodeOrText::AppendText(text.into()));
            }
            XmlEvent::Comment(text) => {
                let comment = tree.create_comment(text.into());
                tree.append(&parent, NodeOrText::AppendNode(comment));
            }
            XmlEvent::ProcessingInstruction { name, data } => {
                let instruction = tree.create_pi(name.into(), data.unwrap_or_default().into());
                tree.append(&parent, NodeOrText::AppendNode(instruction));
            }
            XmlEvent::Doctype { syntax } => {
                let nothing = StrTendril::new();
                tree.append_doctype_to_document(syntax.into(), nothing.clone(), nothing);
            }
            XmlEvent::StartDocument { .. } | XmlEvent::EndDocument => {}
        }
    }
    Ok(tree)
}

fn is_html(name: &OwnedName) -> bool {
    name.namespace.as_deref() == Some(HTML_NAMESPACE)
}

fn qualified(name: OwnedName) -> QualName {
    QualName::new(
        name.prefix.map(Prefix::from),
        name.namespace.map(Namespace::from).unwrap_or_default(),
        LocalName::from(name.local_name),
    )
}

fn attribute(attribute: OwnedAttribute) -> Attribute {
    Attribute {
        name: qualified(attribute.name),
        value: attribute.value.into(),
    }
}
