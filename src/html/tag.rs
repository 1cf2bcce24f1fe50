//! Single tags and links, read as the HTML standard reads them.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use memchr::memchr;

use super::facts::Span;
use super::markup;
use crate::widget::{Attributes, ContactLink};

/// The attributes of the start tag with which `source` begins.
pub(super) fn attributes(source: &str) -> Attributes {
    as_written(source).unwrap_or_else(|| tokenized(source).0)
}

/// Where a start tag has attributes that are not ours to set; no answer where that is not plain to see.
pub(super) fn authors(
    text: &[u8],
    start_tag: &Span,
    is_ours: impl Fn(&str) -> bool,
) -> Option<Vec<(String, Span)>> {
    let mut found: Vec<(String, Span)> = Vec::new();
    let mut plain = true;
    markup::written(text, start_tag.start, 1, |written| {
        let name = &text[written.name.clone()];
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if !is_ours(&name) {
            // The second of a name is none to browsers, and what has no quotes or an odd name, lol_html takes apart otherwise.
            let is_second = found.iter().any(|(known, _)| *known == name);
            let is_odd = name.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
            let value = text[written.name.end..written.end].last();
            plain &= !is_second && !is_odd && matches!(value, None | Some(b'"' | b'\''));
            found.push((name, written.name.start..written.end));
        }
    })?;
    plain.then_some(found)
}

/// An attribute's value, its character references resolved.
pub(super) fn resolve(value: String) -> String {
    if !value.contains('&') {
        return value;
    }
    let tag = format!("<a b=\"{}\">", value.replace('"', "&quot;"));
    let (attributes, _) = tokenized(&tag);
    attributes.get("b").map_or(value, str::to_owned)
}

/// The attributes of a tag in which nothing is to be decoded, as in those that we write.
fn as_written(source: &str) -> Option<Attributes> {
    if source.contains(['&', '\r', '\0']) {
        return None;
    }
    let mut found: Vec<(String, String)> = Vec::new();
    markup::attributes(source.as_bytes(), 0, 1, |name, value| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        found.push((name, String::from_utf8_lossy(value).into_owned()));
    })?;
    Some(found.into_iter().collect())
}

/// The contact link that this tool wrote, if there is nothing but white space between it and a place in a page.
pub(super) fn contact_link(text: &[u8], from: usize) -> Option<(Span, ContactLink)> {
    let start = text.len() - text[from..].trim_ascii_start().len();
    let begins = |at: usize, with: &[u8]| text[at..].starts_with(with);
    (begins(start, b"<a") || begins(start, b"<A")).then_some(())?;
    let start_tag = markup::tag(text, start, 1)?;
    let content_end = start_tag.span.end + memchr(b'<', &text[start_tag.span.end..])?;
    begins(content_end, b"</").then_some(())?;
    let end_tag = markup::tag(text, content_end, 2)?;
    (start_tag.is("a") && end_tag.is("a")).then_some(())?;
    let span = start..end_tag.span.end;
    let (attributes, content) = tokenized(&String::from_utf8_lossy(&text[start..content_end]));
    Some((span, ContactLink::recognise(&attributes, &content)?))
}

/// A text with its character references resolved.
pub(super) fn decoded(text: &str) -> String {
    tokenized(&text.replace('<', "&lt;")).1
}

/// The attributes of the first start tag, and all text.
fn tokenized(source: &str) -> (Attributes, String) {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(source));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let Sink { tag, text } = tokenizer.sink;
    let attributes = tag.into_inner().map(|tag| tag.attrs).unwrap_or_default();
    let attributes = attributes
        .into_iter()
        .map(|a| (a.name.local.to_string(), a.value.to_string()));
    (attributes.collect(), text.into_inner())
}

#[derive(Default)]
struct Sink {
    tag: RefCell<Option<Tag>>,
    text: RefCell<String>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.tag.borrow_mut().get_or_insert(tag);
            }
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_attributes_as_the_standard_has_it() {
        let found = attributes("<SCRIPT ID=a id=b SRC='x?a=1&amp;b' data-chathub Token = \"t\" >");
        let list: Vec<_> = found.iter().collect();
        assert_eq!(
            list,
            [
                ("id", "a"),
                ("src", "x?a=1&b"),
                ("data-chathub", ""),
                ("token", "t")
            ]
        );
    }

    #[test]
    fn both_ways_of_reading_agree() {
        for tag in [
            "<script>",
            "<script/>",
            "<script a>",
            "<script a=b/>",
            "<script a=b c='d' E=\"f\"g=h>",
            "<script a = b a=c A=d>",
            "<script =a==b =>",
            "<script a=>",
            "<script a= >",
            "<script\na\t=\x0c'>'/b/c=\"=\">",
            "<script a=b'c\"d e<f=g`h>",
            "<script \u{e4}=\u{e4} \u{c4}=1>",
        ] {
            assert_eq!(as_written(tag), Some(tokenized(tag).0), "{tag}");
        }
        for tag in [
            "<script a=&lt;>",
            "<script a='\r\n'>",
            "<script a=\0>",
            "<script a='b>",
        ] {
            assert_eq!(as_written(tag), None, "{tag}");
        }
    }

    #[test]
    fn finds_the_link_behind_a_tag_and_nothing_that_is_like_it() {
        let href = "mailto:a@b.c?x=1&y=2".to_owned();
        let link = ContactLink::new(href, "Написати & <нам>".to_owned());
        let html = link.html(false);
        for source in [
            html.clone(),
            format!("{html}</body>"),
            html.replace("<a ", "<A\nclass='>' "),
            html.replace(">&", ">\n &").replace("</a>", " </A >"),
        ] {
            let (span, found) = contact_link(source.as_bytes(), 0).unwrap();
            assert_eq!(found, link, "{source}");
            assert!(source[span].to_lowercase().ends_with('>'), "{source}");
        }
        let (span, _) = contact_link(format!("x> \n{html}<p>").as_bytes(), 2).unwrap();
        assert_eq!(span, 4..4 + html.len());
        for source in [
            String::new(),
            " ".to_owned(),
            format!("x{html}"),
            format!("<!-- -->{html}"),
            html.replace("</a>", ""),
            html.replace("</a>", "<b>bold</b></a>"),
            html.replace("</a>", "</abbr>"),
            html.replace("<a ", "<abbr "),
            html.replace("injected", ""),
            html.replace("data-chathub-contact", "data-contact"),
            html[..html.len() - 1].to_owned(),
        ] {
            assert_eq!(contact_link(source.as_bytes(), 0), None, "{source}");
        }
    }
}
