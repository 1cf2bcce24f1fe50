//! With which letters the header of a JWT begins: it is an object of JSON in base64url, with white space wherever JSON lets it be.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What JSON takes for white space (RFC 8259, 2).
const SPACE: &[u8] = b" \t\n\r";
/// What the name of a member may begin with, as far as the first letters tell: a sign or a number, a letter, one beyond ASCII.
const IN_NAME: &[u8] = &[b' ', b'a', 0xC3];

/// None where it cannot be built, which does not happen: then each place is looked at.
static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(beginnings()).ok());

/// With which three letters the header of a JWT may begin. So many are as two bytes and the highest bits of a third decide.
#[must_use]
pub fn beginnings() -> BTreeSet<String> {
    let mut texts = Vec::new();
    for space in SPACE {
        texts.extend(
            SPACE
                .iter()
                .flat_map(|more| [[*space, *more, b' '], [*space, *more, b'{']]),
        );
        texts.extend([[*space, b'{', b'"'], [b'{', *space, b'"']]);
    }
    texts.extend(IN_NAME.iter().map(|letter| [b'{', b'"', *letter]));
    let letters = texts.iter().map(|text| {
        let mut letters = URL_SAFE_NO_PAD.encode(text);
        letters.truncate(3);
        letters
    });
    letters.collect()
}

/// The first place from `at` on where a header may begin.
pub(super) fn find(bytes: &[u8], at: usize) -> Option<usize> {
    match &*SEARCH {
        Some(search) => Some(search.find(Input::new(bytes).range(at..))?.start()),
        None => (at < bytes.len()).then_some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_begins_so() {
        let beginnings = beginnings();
        for header in [
            r#"{"alg":"HS256"}"#,
            r#" {"alg":"HS256"}"#,
            "\n{\"alg\":1}",
            "\r\n  {\"alg\":1}",
            "\t \t{ \"alg\":1}",
            "{ \"alg\":1}",
            "{\n  \"alg\":1}",
            "{\r\n\t\"alg\":1}",
            "{\t\"alg\":1}",
            "{\"ї\":1}",
            "{\"1\":1}",
            "{\"\":1}",
        ] {
            let encoded = URL_SAFE_NO_PAD.encode(header);
            assert!(beginnings.contains(&encoded[..3]), "{header:?}: {encoded}");
            assert_eq!(
                find(format!("x.{encoded}").as_bytes(), 0),
                Some(2),
                "{header:?}"
            );
        }
        // So few that many bytes are looked at at once.
        assert!(beginnings.len() <= 64, "{}", beginnings.len());
    }
}
