//! One start tag's attributes, read as the HTML standard reads them.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::markup;
use crate::widget::Attributes;

/// The attributes of the start tag with which `source` begins.
pub(super) fn attributes(source: &str) -> Attributes {
    as_written(source).unwrap_or_else(|| as_tokenized(source))
}

/// The attributes of a tag in which nothing is to be decoded, as in those that we write.
fn as_written(source: &str) -> Option<Attributes> {
    if source.contains(['&', '\r', '\0']) {
        return None;
    }
    let mut found: Vec<(String, String)> = Vec::new();
    markup::attributes(source.as_bytes(), 0, 1, |name, value| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        // The first of a name counts.
        if found.iter().all(|(other, _)| *other != name) {
            found.push((name, String::from_utf8_lossy(value).into_owned()));
        }
    })?;
    Some(found.into_iter().collect())
}

fn as_tokenized(source: &str) -> Attributes {
    let tokenizer = Tokenizer::new(FirstTag::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(source));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let tag = tokenizer.sink.0.into_inner();
    tag.map(|tag| tag.attrs)
        .unwrap_or_default()
        .into_iter()
        .map(|a| (a.name.local.to_string(), a.value.to_string()))
        .collect()
}

#[derive(Default)]
struct FirstTag(RefCell<Option<Tag>>);

impl TokenSink for FirstTag {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut first = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag && first.is_none() => {
                *first = Some(tag);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
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
            assert_eq!(as_written(tag), Some(as_tokenized(tag)), "{tag}");
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
}
