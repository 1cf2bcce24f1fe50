//! The judge of pages that browsers read as XML, by a third parser of XML: quick-xml.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use html5ever::interface::QuirksMode;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::{Answers, Expected, Reading, VendorComment, compare, instance, push_text};

const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// As [`judge`](super::judge), for a page that is served as XML; and Chromium has to run the instance there, too.
pub(crate) fn judge_xml(
    before: &[u8],
    after: &[u8],
    expected: &[Expected],
    comments: VendorComment,
) -> Result<(), String> {
    judge_xml_as(before, after, expected, Answers::of(expected), comments)
}

/// The same, in a site in which chathub answers for these.
pub(crate) fn judge_xml_as(
    before: &[u8],
    after: &[u8],
    expected: &[Expected],
    answers: Answers,
    comments: VendorComment,
) -> Result<(), String> {
    let (mut before, mut after) = (read_xml_as(before, answers)?, read_xml_as(after, answers)?);
    for found in &after.instances {
        if !found.attributes.contains_key("async") {
            return Err(format!("it is not async, so Chromium leaves it: {found:?}"));
        }
    }
    // Elsewhere it is its author's.
    for found in before.instances.iter_mut().chain(&mut after.instances) {
        found.attributes.remove("async");
    }
    compare(before, after, expected, comments)
}

/// One node, or the end of one.
#[derive(Debug)]
enum Piece {
    Start(Name, Vec<(String, String)>),
    End,
    Text(String),
    /// Whatever else, as it is written.
    Other(String),
}

#[derive(Debug, PartialEq)]
struct Name {
    namespace: String,
    local: String,
}

impl Name {
    fn is(&self, local: &str) -> bool {
        self.namespace == XHTML && self.local == local
    }
}

/// Reads a page that may have the operator widget, if it is well-formed.
pub(crate) fn read_xml(bytes: &[u8]) -> Result<Reading, String> {
    read_xml_as(bytes, Answers::Operator)
}

/// Reads a page in which chathub answers for these, if it is well-formed.
pub(crate) fn read_xml_as(bytes: &[u8], answers: Answers) -> Result<Reading, String> {
    let (text, encoding) = decode(bytes);
    let pieces = pieces(&text)?;
    let mut reading = Reading {
        encoding,
        instances: Vec::new(),
        rest: Vec::new(),
        quirks: QuirksMode::NoQuirks,
    };
    // How deep in templates, and in what.
    let mut open: Vec<bool> = Vec::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match piece {
            Piece::Start(name, attributes) => {
                let inert = open.last() == Some(&true);
                let found = instance(attributes, answers).filter(|_| name.is("script") && !inert);
                if let Some(mut found) = found {
                    at += end_of(&pieces[at..]);
                    if let Some((link, length)) = link(&pieces[at..]) {
                        found.link = Some(link);
                        let blank = length.0;
                        for piece in &pieces[at..at + blank] {
                            if let Piece::Text(text) = piece {
                                push_text(&mut reading.rest, text);
                            }
                        }
                        at += length.1;
                    }
                    reading.instances.push(found);
                    continue;
                }
                open.push(inert || name.is("template"));
                let element = format!("<{} {} {attributes:?}", name.namespace, name.local);
                reading.rest.push(element);
            }
            Piece::End => {
                open.pop();
                reading.rest.push("/".to_owned());
            }
            Piece::Text(text) => push_text(&mut reading.rest, text),
            Piece::Other(other) => reading.rest.push(other.clone()),
        }
    }
    Ok(reading)
}

/// How many pieces go to the end of the element that has just begun.
fn end_of(pieces: &[Piece]) -> usize {
    let mut depth = 1;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Start(..) => depth += 1,
            Piece::End => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    pieces.len()
}

/// Address and text of the link that chathub writes, if it comes next but for white space; how many pieces that is, and how many
/// with the link.
#[allow(clippy::type_complexity)]
fn link(pieces: &[Piece]) -> Option<((String, String), (usize, usize))> {
    let blank = |piece: &&Piece| matches!(piece, Piece::Text(text) if text.trim().is_empty());
    let start = pieces.iter().take_while(blank).count();
    let Piece::Start(name, attributes) = pieces.get(start)? else {
        return None;
    };
    let get = |name: &str| {
        let mut attributes = attributes.iter();
        attributes.find(|(n, _)| n == name).map(|(_, v)| v.clone())
    };
    let ours = get("data-chathub-contact").as_deref() == Some("injected");
    (name.is("a") && ours).then_some(())?;
    let length = end_of(&pieces[start + 1..]);
    let mut said = String::new();
    for piece in &pieces[start + 1..start + length] {
        match piece {
            Piece::Text(text) => said.push_str(text),
            _ => return None,
        }
    }
    // References are as they were written; those that chathub writes stand for themselves in every page.
    let said = quick_xml::escape::unescape(&said).ok()?;
    let words: Vec<&str> = said.split_whitespace().collect();
    let link = (get("href").unwrap_or_default(), words.join(" "));
    Some((link, (start, start + 1 + length)))
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    reader.config_mut().expand_empty_elements = true;
    let mut pieces = Vec::new();
    let (mut depth, mut roots) = (0, 0);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|e| format!("at {at}: {e}"))?;
        match event {
            Event::Start(start) => {
                roots += usize::from(depth == 0);
                depth += 1;
                let (namespace, local) = reader.resolver().resolve_element(start.name());
                let name = Name {
                    namespace: namespace_of(&namespace)?,
                    local: local.as_ref().to_owned(),
                };
                pieces.push(Piece::Start(name, attributes(&reader, &start)?));
            }
            Event::End(_) => {
                depth -= 1;
                pieces.push(Piece::End);
            }
            Event::Empty(_) => unreachable!("they are expanded"),
            Event::Text(text) => {
                let text = text.to_string();
                if depth == 0 && !text.trim_matches('\u{feff}').trim().is_empty() {
                    return Err(format!("at {at}: text outside the root"));
                }
                pieces.push(Piece::Text(text));
            }
            Event::CData(text) => pieces.push(Piece::Text(text.to_string())),
            // As it is written: what it stands for is the same before and after.
            Event::GeneralRef(name) => pieces.push(Piece::Text(format!("&{};", &*name))),
            Event::Comment(text) => pieces.push(Piece::Other(format!("<!--{}", &*text))),
            Event::PI(text) => pieces.push(Piece::Other(format!("<?{}", &*text))),
            Event::DocType(text) => pieces.push(Piece::Other(format!("<!{}", &*text))),
            Event::Decl(text) => pieces.push(Piece::Other(format!("<?xml {}", &*text))),
            Event::Eof => break,
        }
    }
    match (depth, roots) {
        (0, 1) => Ok(pieces),
        _ => Err(format!("{roots} roots, and {depth} elements still open")),
    }
}

fn attributes(
    reader: &NsReader<&[u8]>,
    start: &BytesStart<'_>,
) -> Result<Vec<(String, String)>, String> {
    let mut read = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let namespace = namespace_of(&namespace)?;
        let name = if namespace.is_empty() {
            local.as_ref().to_owned()
        } else {
            format!("{namespace} {}", local.as_ref())
        };
        let known = |name: &str| {
            quick_xml::escape::resolve_predefined_entity(name).or(Some("(an entity of the page)"))
        };
        let value = attribute
            .normalized_value_with(XmlVersion::Explicit1_0, 1, known)
            .map_err(|error| error.to_string())?;
        read.push((name, value.into_owned()));
    }
    Ok(read)
}

fn namespace_of(namespace: &ResolveResult<'_>) -> Result<String, String> {
    match namespace {
        ResolveResult::Bound(namespace) => Ok(namespace.as_ref().to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(format!("the prefix {prefix:?} is not declared")),
    }
}

/// Decodes a page of XML: by its byte order mark, else by its declaration, else as UTF-8.
fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static Encoding) {
    let declaration = bytes.split(|byte| *byte == b'>').next().unwrap_or_default();
    let declaration = String::from_utf8_lossy(declaration).replace('\'', "\"");
    let label = declaration.split("encoding=\"").nth(1);
    let label = label.and_then(|rest| rest.split('"').next());
    let declared = label.filter(|_| declaration.starts_with("<?xml"));
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => declared
            .and_then(|label| Encoding::for_label(label.as_bytes()))
            .unwrap_or(UTF_8),
    };
    (encoding.decode(bytes).0, encoding)
}
