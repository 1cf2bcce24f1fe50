//! A page as a spec-compliant parser sees it: html5ever's tree, just as much of it as a proof needs.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::rc::Rc;

use html5ever::interface::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, QualName, expanded_name, local_name, ns};

use super::effort::{Effort, Spent};
use super::outline::{Live, Outline};
use crate::widget::{self, Attributes, ContactLink, Scope, VENDOR_COMMENT};

/// Steps that an element takes for itself: formatting that is never closed makes many of few tags.
const PER_ELEMENT: usize = 16;
/// How many nodes are looked at between two questions whether to go on.
const NODES_AT_ONCE: usize = 1 << 14;

/// A tree in the making: html5ever's, or that of a page of XML.
pub(super) struct Tree {
    /// The document is the first; none is ever removed from here.
    pub(super) nodes: RefCell<Vec<Node>>,
    quirks: Cell<bool>,
    /// Steps that the tree builder and this tree have taken: elements looked at, places searched.
    steps: Rc<Cell<u64>>,
}

pub(super) struct Node {
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    /// An element's; empty for all else.
    pub(super) name: QualName,
    pub(super) data: Data,
}

pub(super) enum Data {
    Document,
    Doctype(String),
    Text(StrTendril),
    Comment(StrTendril),
    Element {
        attributes: Vec<Attribute>,
        /// A template's content, which is not a child of it.
        contents: Option<usize>,
        integration_point: bool,
    },
}

impl Tree {
    pub(super) fn new(steps: Rc<Cell<u64>>) -> Self {
        let tree = Self {
            nodes: RefCell::default(),
            quirks: Cell::new(false),
            steps,
        };
        tree.add(Data::Document);
        tree
    }

    fn step(&self, steps: usize) {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.steps.set(self.steps.get().saturating_add(steps));
    }

    fn add(&self, data: Data) -> usize {
        self.add_named(QualName::new(None, ns!(), local_name!("")), data)
    }

    fn add_named(&self, name: QualName, data: Data) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node {
            parent: None,
            children: Vec::new(),
            name,
            data,
        });
        nodes.len() - 1
    }

    fn detach(&self, node: usize) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(parent) = nodes[node].parent.take() {
            let children = &mut nodes[parent].children;
            self.step(children.len());
            children.retain(|child| *child != node);
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
        let children = nodes[parent].children.len();
        let at = at.min(children);
        // What is after it moves.
        self.step(1 + (children - at) / 8);
        nodes[parent].children.insert(at, child);
    }

    /// The attributes of each `meta` right in the head, in order.
    pub(super) fn metas(self) -> Vec<Attributes> {
        let nodes = self.nodes.into_inner();
        let in_head = nodes.iter().filter(|node| {
            let parent = node.parent.map(|at| nodes[at].name.expanded());
            node.name.expanded() == expanded_name!(html "meta")
                && parent == Some(expanded_name!(html "head"))
        });
        let elements = in_head.filter_map(|node| match &node.data {
            Data::Element { attributes, .. } => Some(read(attributes)),
            _ => None,
        });
        elements.collect()
    }

    pub(super) fn outline(
        self,
        addresses: &widget::Addresses,
        scope: Scope,
        purge: bool,
        effort: &Effort<'_>,
    ) -> Result<Outline, Spent> {
        let nodes = self.nodes.into_inner();
        let mut outline = Outline {
            instances: Vec::new(),
            others: 0,
            own_links: 0,
            stray_links: 0,
            rest: Vec::new(),
            quirks: self.quirks.get(),
        };
        let mut text = String::new();
        let mut links = HashSet::new();
        // Depth first without recursion: pages nest deeper than stacks do.
        let mut steps: Vec<Step> = nodes
            .first()
            .map(|_| Step::Enter(0, 0, false))
            .into_iter()
            .collect();
        let mut seen = 0;
        while let Some(step) = steps.pop() {
            seen += 1;
            if seen % NODES_AT_ONCE == 0 {
                effort.spend(0)?;
            }
            let Step::Enter(at, place, inert) = step else {
                outline.say(&mut text);
                outline.rest.push("/".to_owned());
                continue;
            };
            let node = &nodes[at];
            let children = node
                .children
                .iter()
                .enumerate()
                .rev()
                .map(|(place, child)| Step::Enter(*child, place, inert));
            match &node.data {
                Data::Document => steps.extend(children),
                Data::Text(more) => text.push_str(more),
                Data::Comment(comment) if purge && comment.trim() == VENDOR_COMMENT => {}
                Data::Comment(comment) => {
                    outline.say(&mut text);
                    outline.rest.push(format!("<!--{comment}"));
                }
                Data::Doctype(doctype) => outline.rest.push(doctype.clone()),
                Data::Element {
                    attributes,
                    contents,
                    ..
                } => {
                    let name = &node.name;
                    let attributes = read(attributes);
                    let script = name.expanded() == expanded_name!(html "script") && !inert;
                    let kind = script
                        .then(|| widget::recognise(&attributes, addresses))
                        .flatten();
                    match kind {
                        Some(kind) if scope.covers(kind, &attributes) => {
                            let behind = link_behind(&nodes, at, place);
                            let (link_at, link) = behind.unzip();
                            links.extend(link_at);
                            outline.instances.push(Live {
                                kind,
                                attributes,
                                link,
                            });
                            continue;
                        }
                        Some(kind) if scope.manages(kind.product()) => outline.others += 1,
                        _ => {}
                    }
                    if links.contains(&at) {
                        continue;
                    }
                    let anchor = name.expanded() == expanded_name!(html "a") && !inert;
                    if anchor && ContactLink::is(&attributes) {
                        let written = ContactLink::is_injected(&attributes);
                        outline.stray_links += usize::from(written);
                        outline.own_links += usize::from(!written);
                    }
                    outline.say(&mut text);
                    let mut line = format!("<{}:{}", name.ns, name.local);
                    for (name, value) in attributes.iter() {
                        let _ = write!(line, " {name}={value:?}");
                    }
                    outline.rest.push(line);
                    steps.push(Step::Leave);
                    steps.extend(children);
                    steps.extend(contents.map(|contents| Step::Enter(contents, 0, true)));
                }
            }
        }
        outline.say(&mut text);
        Ok(outline)
    }
}

/// The link that this tool wrote after an instance, as the scan has it: white space may be between, and it holds
/// nothing but text.
fn link_behind(nodes: &[Node], instance: usize, place: usize) -> Option<(usize, ContactLink)> {
    let siblings = &nodes[nodes[instance].parent?].children;
    let text = |at: usize| match &nodes[at].data {
        Data::Text(text) => Some(&**text),
        _ => None,
    };
    let blank = |at: &&usize| text(**at).is_some_and(|text| text.trim().is_empty());
    let at = *siblings[place + 1..].iter().find(|at| !blank(at))?;
    let Data::Element { attributes, .. } = &nodes[at].data else {
        return None;
    };
    (nodes[at].name.expanded() == expanded_name!(html "a")).then_some(())?;
    let texts = nodes[at].children.iter().map(|child| text(*child));
    let content: String = texts.collect::<Option<_>>()?;
    Some((at, ContactLink::recognise(&read(attributes), &content)?))
}

enum Step {
    /// A node, its place among its parent's children, and whether it stands in a template.
    Enter(usize, usize, bool),
    Leave,
}

fn read(attributes: &[Attribute]) -> Attributes {
    attributes
        .iter()
        .map(|a| {
            let name = &a.name;
            let known = if name.ns == ns!() {
                name.local.to_string()
            } else {
                // Of another language than the elements of HTML, so none of theirs.
                format!("{} {}", name.ns, name.local)
            };
            (known, a.value.to_string())
        })
        .collect()
}

impl TreeSink for Tree {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Ref<'a, QualName> {
        self.step(1);
        Ref::map(self.nodes.borrow(), |nodes| &nodes[*target].name)
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> usize {
        self.step(PER_ELEMENT);
        let contents = flags.template.then(|| self.add(Data::Document));
        let integration_point = flags.mathml_annotation_xml_integration_point;
        self.add_named(
            name,
            Data::Element {
                attributes,
                contents,
                integration_point,
            },
        )
    }

    fn create_comment(&self, text: StrTendril) -> usize {
        self.add(Data::Comment(text))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> usize {
        self.add(Data::Comment(StrTendril::from(format!("?{target} {data}"))))
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.insert(*parent, usize::MAX, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        previous: &usize,
        child: NodeOrText<usize>,
    ) {
        let has_parent = self.nodes.borrow()[*element].parent.is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(
        &self,
        name: StrTendril,
        public_id: StrTendril,
        system_id: StrTendril,
    ) {
        let doctype = self.add(Data::Doctype(format!(
            "<!{name} {public_id:?} {system_id:?}"
        )));
        self.insert(0, usize::MAX, NodeOrText::AppendNode(doctype));
    }

    fn get_template_contents(&self, target: &usize) -> usize {
        match self.nodes.borrow()[*target].data {
            Data::Element {
                contents: Some(contents),
                ..
            } => contents,
            _ => *target,
        }
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        self.step(1);
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.quirks.set(mode == QuirksMode::Quirks);
    }

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        // A node that moves leaves its old place first, which may be before its sibling.
        if let NodeOrText::AppendNode(node) = &child {
            self.detach(*node);
        }
        let place = {
            let nodes = self.nodes.borrow();
            let parent = nodes[*sibling].parent;
            parent.and_then(|parent| {
                let at = nodes[parent]
                    .children
                    .iter()
                    .position(|child| child == sibling)?;
                self.step(at);
                Some((parent, at))
            })
        };
        if let Some((parent, at)) = place {
            self.insert(parent, at, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &usize, more: Vec<Attribute>) {
        if let Data::Element { attributes, .. } = &mut self.nodes.borrow_mut()[*target].data {
            for attribute in more {
                if !attributes.iter().any(|a| a.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let mut nodes = self.nodes.borrow_mut();
        let children = std::mem::take(&mut nodes[*node].children);
        self.step(children.len());
        for child in &children {
            nodes[*child].parent = Some(*new_parent);
        }
        nodes[*new_parent].children.extend(children);
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &usize) -> bool {
        matches!(
            self.nodes.borrow()[*target].data,
            Data::Element {
                integration_point: true,
                ..
            }
        )
    }
}
