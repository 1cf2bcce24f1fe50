//! A page as a spec-compliant parser sees it: html5ever's tree, just as much of it as a proof needs.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};

use html5ever::interface::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, QualName, expanded_name, local_name, ns, parse_document};

use crate::widget::{self, Attributes, Kind, Script, VENDOR_COMMENT};

/// What a proof compares.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outline {
    /// The live instances.
    pub(super) instances: Vec<(Kind, Attributes)>,
    /// Everything else, one string per node; neighbouring texts are one.
    pub(super) rest: Vec<String>,
    /// The quirks mode, which decides how the page is laid out.
    pub(super) quirks: bool,
}

/// Parses a page as a browser with scripting does.
pub(super) fn outline(html: &str, widget_src: &str) -> Outline {
    let tree = parse_document(Tree::default(), html5ever::ParseOpts::default()).one(html);
    tree.outline(widget_src)
}

#[derive(Default)]
struct Tree {
    /// The document is the first; none is ever removed from here.
    nodes: RefCell<Vec<Node>>,
    quirks: RefCell<bool>,
}

struct Node {
    parent: Option<usize>,
    children: Vec<usize>,
    data: Data,
}

enum Data {
    Document,
    Doctype(String),
    Text(StrTendril),
    Comment(StrTendril),
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
        /// A template's content, which is no child of it.
        contents: Option<usize>,
        integration_point: bool,
    },
}

impl Tree {
    fn add(&self, data: Data) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        if nodes.is_empty() {
            nodes.push(Node { parent: None, children: Vec::new(), data: Data::Document });
        }
        nodes.push(Node { parent: None, children: Vec::new(), data });
        nodes.len() - 1
    }

    fn detach(&self, node: usize) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(parent) = nodes[node].parent.take() {
            nodes[parent].children.retain(|child| *child != node);
        }
    }

    fn insert(&self, parent: usize, at: usize, child: NodeOrText<usize>) {
        let child = match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                node
            }
            NodeOrText::AppendText(text) => self.add(Data::Text(text)),
        };
        let mut nodes = self.nodes.borrow_mut();
        nodes[child].parent = Some(parent);
        let at = at.min(nodes[parent].children.len());
        nodes[parent].children.insert(at, child);
    }

    fn outline(self, widget_src: &str) -> Outline {
        let nodes = self.nodes.into_inner();
        let mut outline = Outline { instances: Vec::new(), rest: Vec::new(), quirks: self.quirks.into_inner() };
        // Depth first without recursion: pages nest deeper than stacks do.
        enum Step {
            Enter(usize, bool),
            Leave,
        }
        let mut steps = if nodes.is_empty() { Vec::new() } else { vec![Step::Enter(0, false)] };
        let mut text = String::new();
        while let Some(step) = steps.pop() {
            let Step::Enter(at, inert) = step else {
                flush(&mut text, &mut outline.rest);
                outline.rest.push("/".to_owned());
                continue;
            };
            let node = &nodes[at];
            let mut inside = inert;
            let line = match &node.data {
                Data::Document => continue_with(&mut steps, node, inert),
                Data::Text(more) => {
                    text.push_str(more);
                    continue;
                }
                Data::Comment(comment) if comment.trim() == VENDOR_COMMENT => continue,
                Data::Comment(comment) => format!("<!--{comment}"),
                Data::Doctype(doctype) => doctype.clone(),
                Data::Element { name, attributes, contents, .. } => {
                    let found: Attributes = attributes
                        .iter()
                        .map(|a| (a.name.local.to_string(), a.value.to_string()))
                        .collect();
                    let script = name.expanded() == expanded_name!(html "script") && !inert;
                    if script && let Some(Script::Instance(kind)) = widget::recognise(&found, widget_src) {
                        outline.instances.push((kind, found));
                        continue;
                    }
                    if let Some(contents) = contents {
                        inside = true;
                        steps.push(Step::Leave);
                        steps.push(Step::Enter(*contents, true));
                    }
                    let mut line = format!("<{:?}:{}", name.ns, name.local);
                    for (name, value) in found.iter() {
                        line.push_str(&format!(" {name}={value:?}"));
                    }
                    line
                }
            };
            if line.is_empty() {
                continue;
            }
            flush(&mut text, &mut outline.rest);
            outline.rest.push(line);
            steps.push(Step::Leave);
            steps.extend(node.children.iter().rev().map(|child| Step::Enter(*child, inside && inert)));
        }
        flush(&mut text, &mut outline.rest);
        outline
    }
}
