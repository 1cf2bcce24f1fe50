//! One start tag's attributes, read as the HTML standard reads them.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::widget::Attributes;

/// The attributes of the start tag with which `source` begins.
pub(super) fn attributes(source: &str) -> Attributes {
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
}
