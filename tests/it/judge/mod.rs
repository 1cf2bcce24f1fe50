//! The judge of every change that chathub makes to a page: a second, spec-compliant parser (html5ever), and a
//! comparison of bytes.
//!
//! It shares no code with chathub's own scan, tree or recognition of tags: what an instance is, where it runs and what
//! must stay as it was is written here once more, from the product's promises and the HTML standard.

// Each test crate uses its own part of the judge.

mod bytes;
mod decode;
mod instance;
mod xml;

pub(crate) use bytes::{inserted_once, kept_outside, kept_outside_as};
pub(crate) use decode::decode;
pub(crate) use instance::Found;
use instance::{address_of_svg, attaches, instance, right};
pub(crate) use xml::{judge_xml, judge_xml_as, read_xml, read_xml_as};

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use html5ever::interface::QuirksMode;
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, expanded_name, local_name, ns, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// What one page should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The loader tag of placeholder mode.
    Loader {
        /// Address of the runtime.
        src: String,
        /// Its subresource integrity.
        integrity: String,
        /// Where it fetches tokens.
        endpoint: String,
        /// None, one, or several to choose from.
        organizations: Vec<String>,
        /// Address and text of the link behind it, where the page has a safe place for one.
        link: Option<(String, String)>,
    },
    /// The vendor's tag of static mode.
    Widget {
        /// Address of the vendor's script.
        src: String,
        /// Whose chat it opens.
        organization: String,
        /// The operator token that it carries.
        token: String,
    },
    /// The vendor's tag of the customer widget, in either mode.
    Customer {
        /// Address of the vendor's script.
        src: String,
        /// Whose chat it opens.
        organization: String,
        /// The public guid that says so to the vendor.
        guid: String,
        /// What else is configured, by name.
        attributes: Vec<(String, String)>,
    },
}

impl Expected {
    /// The attributes that are not an author's, beside those of all tags.
    fn configured(&self) -> Vec<&str> {
        match self {
            Self::Customer { attributes, .. } => {
                let names = attributes.iter().map(|(name, _)| name.as_str());
                names.chain(["guid", "data-attributes"]).collect()
            }
            Self::Loader { .. } | Self::Widget { .. } => Vec::new(),
        }
    }
}

/// Which tags chathub answers for in a page. Those of its own that it wrote are always among them; what an author pasted is,
/// if the page is to have that product, or is to have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// A page for the operator widget; or for none, where no organization has the customer widget.
    Operator,
    /// A page for the customer widget.
    Customer,
    /// A page for none, where an organization has the customer widget.
    Both,
}

impl Answers {
    /// For a page that is to have these.
    fn of(expected: &[Expected]) -> Self {
        match expected {
            [Expected::Customer { .. }, ..] => Self::Customer,
            _ => Self::Operator,
        }
    }
}

/// What becomes of the comment above the vendor's snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VendorComment {
    /// It is a comment like any other.
    Stays,
    /// `remove` takes it out with the tag below it.
    MayGo,
}

/// A page as a browser with scripting sees it.
#[derive(Debug, PartialEq)]
pub(crate) struct Reading {
    /// The encoding that it is read in.
    pub(crate) encoding: &'static Encoding,
    /// The scripts that would start a chat.
    pub(crate) instances: Vec<Found>,
    /// All other nodes in document order; neighbouring texts are one.
    pub(crate) rest: Vec<String>,
    /// How its layout is done.
    pub(crate) quirks: QuirksMode,
}

/// Judges a change of a page: exactly the expected instances afterwards, all else as before.
pub(crate) fn judge(
    before: &[u8],
    after: &[u8],
    expected: &[Expected],
    comments: VendorComment,
) -> Result<(), String> {
    judge_as(before, after, expected, Answers::of(expected), comments)
}

/// The same, in a site in which chathub answers for these.
pub(crate) fn judge_as(
    before: &[u8],
    after: &[u8],
    expected: &[Expected],
    answers: Answers,
    comments: VendorComment,
) -> Result<(), String> {
    let (mut old, mut new) = (read_as(before, answers), read_as(after, answers));
    // What may be served as XML, too, has a tag that runs there.
    if before.starts_with(b"<?xml") && read_xml(before).is_ok() {
        for found in old.instances.iter_mut().chain(&mut new.instances) {
            found.attributes.remove("async");
        }
    }
    compare(old, new, expected, comments)
}

fn compare(
    mut before: Reading,
    mut after: Reading,
    expected: &[Expected],
    comments: VendorComment,
) -> Result<(), String> {
    if after.instances.len() != expected.len() {
        let (found, wanted) = (after.instances.len(), expected.len());
        return Err(format!("{found} live instances in place of {wanted}"));
    }
    for (found, expected) in after.instances.iter().zip(expected) {
        right(found, expected)?;
    }
    if let ([found], [_, ..]) = (&after.instances[..], &before.instances[..]) {
        let configured = expected.iter().flat_map(Expected::configured);
        let configured: Vec<&str> = configured.collect();
        let mut kept = before.instances.iter();
        if !kept.any(|kept| kept.authors(&configured) == found.authors(&configured)) {
            return Err(format!("its author's attributes were not kept: {found:?}"));
        }
    }
    if comments == VendorComment::MayGo {
        drop_vendor_comments(&mut before.rest);
        drop_vendor_comments(&mut after.rest);
    }
    if before.encoding != after.encoding {
        let (old, new) = (before.encoding.name(), after.encoding.name());
        return Err(format!("its encoding was {old} and is {new}"));
    }
    if before.quirks != after.quirks {
        let (old, new) = (before.quirks, after.quirks);
        return Err(format!("its mode was {old:?} and is {new:?}"));
    }
    let pairs = before.rest.iter().zip(&after.rest);
    let same = pairs.take_while(|(old, new)| old == new).count();
    match (before.rest.get(same), after.rest.get(same)) {
        (None, None) => Ok(()),
        (old, new) => Err(format!("node {same} was {old:?} and is {new:?}")),
    }
}

/// Reads a page that may have the operator widget.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    read_as(bytes, Answers::Operator)
}

/// Reads a page in which chathub answers for these.
pub(crate) fn read_as(bytes: &[u8], answers: Answers) -> Reading {
    let (text, encoding) = decode(bytes);
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(&*text);
    let mut reading = Reading {
        encoding,
        instances: Vec::new(),
        rest: Vec::new(),
        quirks: dom.quirks_mode.get(),
    };
    walk(&dom.document, answers, &mut reading);
    reading
}

/// A step of the walk, which keeps its own stack: pages nest deeper than threads' stacks.
enum Step {
    /// A node, and whether a template holds it.
    Enter(Handle, bool),
    Leave,
}

fn walk(document: &Handle, answers: Answers, reading: &mut Reading) {
    let mut steps = vec![Step::Enter(document.clone(), false)];
    while let Some(step) = steps.pop() {
        let Step::Enter(node, inert) = step else {
            reading.rest.push("/".to_owned());
            continue;
        };
        match &node.data {
            NodeData::Document => {}
            NodeData::Doctype {
                name,
                public_id,
                system_id,
            } => {
                let doctype = format!("<!DOCTYPE {name} {public_id:?} {system_id:?}");
                reading.rest.push(doctype);
            }
            NodeData::Text { contents } => push_text(&mut reading.rest, &contents.borrow()),
            NodeData::Comment { contents } => reading.rest.push(format!("<!--{contents}")),
            NodeData::ProcessingInstruction { target, contents } => {
                reading.rest.push(format!("<?{target} {contents}"));
            }
            NodeData::Element {
                name,
                attrs,
                template_contents,
                ..
            } => {
                let attributes: Vec<_> = attrs
                    .borrow()
                    .iter()
                    .map(|a| (a.name.local.to_string(), a.value.to_string()))
                    .collect();
                let script = name.expanded() == expanded_name!(html "script");
                let svg = name.expanded() == expanded_name!(svg "script");
                let read = if svg {
                    address_of_svg(&attributes)
                } else {
                    Some(attributes.clone())
                };
                let read = read.filter(|_| script || svg);
                let found = read.and_then(|read| instance(&read, answers));
                if let Some(mut found) = found.filter(|found| !(inert || svg && found.loader)) {
                    found.link = link_behind(&mut steps);
                    reading.instances.push(found);
                    continue;
                }
                let element = format!("<{} {} {attributes:?}", name.ns, name.local);
                reading.rest.push(element);
                steps.push(Step::Leave);
                if let Some(contents) = &*template_contents.borrow() {
                    steps.push(Step::Leave);
                    steps.push(Step::Enter(contents.clone(), inert || !attaches(&node)));
                }
            }
        }
        let children = node.children.borrow();
        steps.extend(
            children
                .iter()
                .rev()
                .cloned()
                .map(|c| Step::Enter(c, inert)),
        );
    }
}

/// Takes the link that chathub writes out of what the walk has yet to enter, if it comes next but for white space.
fn link_behind(steps: &mut Vec<Step>) -> Option<(String, String)> {
    let siblings = steps.iter().rev().map_while(|step| match step {
        Step::Enter(node, _) => Some(node),
        Step::Leave => None,
    });
    let blank = |node: &&Handle| match &node.data {
        NodeData::Text { contents } => contents.borrow().trim().is_empty(),
        _ => false,
    };
    let between = siblings.clone().take_while(blank).count();
    let node = siblings.clone().nth(between)?;
    let NodeData::Element { name, attrs, .. } = &node.data else {
        return None;
    };
    let get = |name: &str| {
        let attributes = attrs.borrow();
        let attribute = attributes.iter().find(|a| &*a.name.local == name);
        attribute.map(|a| a.value.to_string())
    };
    let ours = get("data-chathub-contact").as_deref() == Some("injected");
    (ours && name.expanded() == expanded_name!(html "a")).then_some(())?;
    let mut text = String::new();
    for child in &*node.children.borrow() {
        let NodeData::Text { contents } = &child.data else {
            return None;
        };
        text.push_str(&contents.borrow());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let link = (get("href").unwrap_or_default(), words.join(" "));
    steps.remove(steps.len() - 1 - between);
    Some(link)
}

fn push_text(rest: &mut Vec<String>, text: &str) {
    match rest.last_mut() {
        Some(last) if last.starts_with('#') => last.push_str(text),
        _ => rest.push(format!("#{text}")),
    }
}

/// Takes the vendor's comments out, and makes one text of what stood around each.
fn drop_vendor_comments(rest: &mut Vec<String>) {
    for node in std::mem::take(rest) {
        let comment = node.strip_prefix("<!--");
        match node.strip_prefix('#') {
            _ if comment.is_some_and(|comment| comment.trim() == "ChatHub Widget") => {}
            Some(text) => push_text(rest, text),
            None => rest.push(node),
        }
    }
}
