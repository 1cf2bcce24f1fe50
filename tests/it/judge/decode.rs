//! The encoding that a browser reads a page in.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, expanded_name, local_name, ns, parse_document};
use markup5ever_rcdom::{NodeData, RcDom};
use memchr::memmem;

/// How much of a page a browser looks at before it starts.
const PRESCAN: usize = 1024;

/// Decodes a page: by its byte order mark, by what it declares, else as browsers do.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static Encoding) {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => declared(&bytes[..bytes.len().min(PRESCAN)])
            // A declaration further down makes the browser start over.
            .or_else(|| declared_in_tree(bytes))
            // As browsers do; every byte is a character of its own, so that none can change unseen.
            .unwrap_or(WINDOWS_1252),
    };
    (encoding.decode(bytes).0, encoding)
}

/// The encoding of the first `meta` that a parser meets which declares one.
fn declared_in_tree(bytes: &[u8]) -> Option<&'static Encoding> {
    memmem::find(&bytes.to_ascii_lowercase(), b"charset")?;
    let text = WINDOWS_1252.decode(bytes).0;
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(&*text);
    let mut nodes = vec![dom.document.clone()];
    while let Some(node) = nodes.pop() {
        if let NodeData::Element {
            name,
            attrs,
            template_contents,
            ..
        } = &node.data
        {
            if name.expanded() == expanded_name!(html "meta") {
                let attributes = attrs.borrow();
                let attributes = attributes.iter().map(|attribute| {
                    let value = attribute.value.to_ascii_lowercase();
                    (attribute.name.local.as_bytes().to_vec(), value.into_bytes())
                });
                if let Some(encoding) = by_attributes(attributes) {
                    return Some(encoding);
                }
            }
            nodes.extend(template_contents.borrow().iter().cloned());
        }
        nodes.extend(node.children.borrow().iter().rev().cloned());
    }
    None
}

/// "Prescan a byte stream to determine its encoding" of the HTML standard.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            // The two hyphens of the opening may be those of the end.
            at += 2 + memmem::find(&rest[2..], b"-->")? + 2;
        } else if rest.len() > 5
            && rest[..5].eq_ignore_ascii_case(b"<meta")
            && (rest[5].is_ascii_whitespace() || rest[5] == b'/')
        {
            at += 5;
            let mut attributes = Vec::new();
            while let Next::Attribute(name, value) = attribute(bytes, &mut at)? {
                attributes.push((name, value));
            }
            if let Some(encoding) = by_attributes(attributes) {
                return Some(encoding);
            }
        } else if rest[0] == b'<'
            && (rest.get(1).is_some_and(u8::is_ascii_alphabetic)
                || (rest.get(1) == Some(&b'/') && rest.get(2).is_some_and(u8::is_ascii_alphabetic)))
        {
            let name = rest
                .iter()
                .position(|b| b.is_ascii_whitespace() || *b == b'>')?;
            at += name;
            while let Next::Attribute(..) = attribute(bytes, &mut at)? {}
        } else if rest[0] == b'<' && rest.get(1).is_some_and(|b| b"!/?".contains(b)) {
            at += rest.iter().position(|b| *b == b'>')?;
        }
        at += 1;
    }
    None
}

/// The encoding that a `meta` with these attributes declares.
fn by_attributes(
    attributes: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
) -> Option<&'static Encoding> {
    let (mut pragma, mut need_pragma, mut label) = (false, None, None);
    let mut seen = Vec::new();
    for (name, value) in attributes {
        if seen.contains(&name) {
            continue;
        }
        match &name[..] {
            b"http-equiv" => pragma |= value == b"content-type",
            b"content" if label.is_none() => {
                if let Some(found) = from_content(&value) {
                    label = Some(found);
                    need_pragma = Some(true);
                }
            }
            b"charset" => {
                label = Some(value.clone());
                need_pragma = Some(false);
            }
            _ => {}
        }
        seen.push(name);
    }
    if need_pragma? && !pragma {
        return None;
    }
    let encoding = Encoding::for_label(&label?)?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    })
}

/// What comes next in a tag: the name and value of an attribute, or its end.
enum Next {
    Attribute(Vec<u8>, Vec<u8>),
    End,
}

/// "Get an attribute" of the same algorithm: name and value in lower case. Nothing where the bytes end, and with
/// them the algorithm.
fn attribute(bytes: &[u8], at: &mut usize) -> Option<Next> {
    let space = |b: u8| b.is_ascii_whitespace();
    let peek = |at: usize| bytes.get(at).copied();
    while peek(*at).is_some_and(|b| space(b) || b == b'/') {
        *at += 1;
    }
    if peek(*at)? == b'>' {
        return Some(Next::End);
    }
    let start = *at;
    while peek(*at)
        .is_some_and(|b| !(space(b) || b == b'/' || b == b'>' || (b == b'=' && *at > start)))
    {
        *at += 1;
    }
    let name = bytes[start..*at].to_ascii_lowercase();
    while space(peek(*at)?) {
        *at += 1;
    }
    if peek(*at)? != b'=' {
        return Some(Next::Attribute(name, Vec::new()));
    }
    *at += 1;
    while space(peek(*at)?) {
        *at += 1;
    }
    let quote = peek(*at)?;
    if quote == b'"' || quote == b'\'' {
        let start = *at + 1;
        let length = bytes[start..].iter().position(|b| *b == quote)?;
        *at = start + length + 1;
        let value = bytes[start..start + length].to_ascii_lowercase();
        return Some(Next::Attribute(name, value));
    }
    let start = *at;
    while !(space(peek(*at)?) || peek(*at)? == b'>') {
        *at += 1;
    }
    let value = bytes[start..*at].to_ascii_lowercase();
    Some(Next::Attribute(name, value))
}

/// The label in the `content` of a `meta http-equiv=content-type`.
fn from_content(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = content;
    loop {
        rest = rest[memmem::find(rest, b"charset")? + b"charset".len()..].trim_ascii_start();
        if let Some(value) = rest.strip_prefix(b"=") {
            rest = value.trim_ascii_start();
            break;
        }
    }
    let first = *rest.first()?;
    if first == b'"' || first == b'\'' {
        let end = rest[1..].iter().position(|b| *b == first)?;
        return Some(rest[1..=end].to_vec());
    }
    let end = rest
        .iter()
        .position(|b| b.is_ascii_whitespace() || *b == b';');
    Some(rest[..end.unwrap_or(rest.len())].to_vec())
}
