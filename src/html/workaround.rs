//! What lol_html has to be given in place of a page to read it rightly.
//!
//! After a start tag that ends in `=>`, where an attribute lacks the value that its `=` announces, lol_html 3.0.3 forgets
//! that the content of `script`, `textarea` and their like is text, and takes what is in it for tags (the standard: 13.2.5.37,
//! "before attribute value state"). Such a `=` says nothing, so a space in its place makes the same tag.

use std::borrow::Cow;

use memchr::memchr_iter;

/// The page with spaces for every `=` right before a `>`; all else is as it was. Where tags begin and end is the same for
/// certain, but not what is in them: an attribute may say `=>` as well.
pub(super) fn work_around(text: &[u8]) -> Cow<'_, [u8]> {
    let mut given = Cow::Borrowed(text);
    for end in memchr_iter(b'>', text) {
        let before = text[..end].trim_ascii_end();
        if before.last() != Some(&b'=') {
            continue;
        }
        let says_nothing = |byte: &u8| *byte == b'=' || byte.is_ascii_whitespace();
        let mut start = before
            .iter()
            .rposition(|byte| !says_nothing(byte))
            .map_or(0, |at| at + 1);
        if is_in_tag_name(&before[..start]) {
            // There it is a letter like any other.
            start += before[start..].iter().take_while(|b| **b == b'=').count();
        }
        if start < before.len() {
            given.to_mut()[start..before.len()].fill(b' ');
        }
    }
    given
}

/// Whether a text ends in the name of a tag.
fn is_in_tag_name(text: &[u8]) -> bool {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"</>".contains(byte);
    match text.iter().rposition(ends) {
        Some(at) if text[at] == b'/' => text[..at].ends_with(b"<"),
        Some(at) => text[at] == b'<',
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equals_sign_without_a_value_goes() {
        for (text, given) in [
            ("<script a=></b></script>", "<script a ></b></script>"),
            ("<title a =\t= \n>", "<title a     \n>"),
            ("<p a==>", "<p a  >"),
            ("<p = =>", "<p    >"),
            ("<a href=/x/=>", "<a href=/x/ >"),
        ] {
            assert_eq!(work_around(text.as_bytes()), given.as_bytes(), "{text}");
        }
        for text in ["<a=>", "</a=>", "<a b=\"\">", "<a b=c>", ">", "="] {
            let given = work_around(text.as_bytes());
            assert!(matches!(given, Cow::Borrowed(same) if same == text.as_bytes()));
        }
    }
}
