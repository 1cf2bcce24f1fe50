//! One secret, or its base64, as it may stand in a text: character by character, each in any of its spellings.
//!
//! A few letters that nobody escapes are the anchor: where they are found, what stands before and after them is held against the
//! rest. All places that the characters so far may lead to are followed at once, so that the work grows with the secret and
//! no further, however many ways there are to read the text.

use std::collections::HashMap;
use std::ops::Range;

use super::spelling::{Form, Spelling, spellings};
use crate::token::letters;

/// Letters that are searched for.
pub(super) const ANCHOR: usize = 3;
/// Shorter parts of base64 would be found by chance.
const SHORTEST: usize = 8;

/// See the module.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What the secret is called.
    pub(super) name: &'static str,
    base64: bool,
    /// The characters, as indices of what they may be.
    characters: Vec<usize>,
    alternatives: Vec<Vec<Spelling>>,
    /// Which characters are the anchor.
    anchor: Range<usize>,
}

/// Where the characters so far may lead to, and how they are written.
type Places = Vec<(usize, Form)>;

impl Pattern {
    /// All ways to find a secret: as text, and as base64 wherever it stands in there.
    pub(super) fn of(name: &'static str, secret: &str) -> Vec<Self> {
        let mut patterns = vec![Self::new(name, secret, false)];
        for before in 0..3 {
            let (letters, _) = letters(secret.as_bytes(), before);
            if letters.len() >= SHORTEST {
                patterns.push(Self::new(name, &letters, true));
            }
        }
        patterns
    }

    fn new(name: &'static str, text: &str, base64: bool) -> Self {
        let mut known: HashMap<char, usize> = HashMap::new();
        let mut alternatives = Vec::new();
        let characters: Vec<usize> = text
            .chars()
            .map(|c| {
                *known.entry(c).or_insert_with(|| {
                    alternatives.push(if base64 { of_base64(c) } else { spellings(c) });
                    alternatives.len() - 1
                })
            })
            .collect();
        Self {
            name,
            base64,
            anchor: anchor(text),
            characters,
            alternatives,
        }
    }

    /// What is searched for: one of these begins wherever the secret is, or the anchor in it.
    pub(super) fn anchors(&self) -> Vec<Vec<u8>> {
        let first = |at: usize| self.characters.get(at).map(|c| &self.alternatives[*c]);
        if self.anchor.is_empty() {
            let first = first(0).into_iter().flatten();
            return first.map(|way| way.bytes.clone()).collect();
        }
        let plain = self.anchor.clone().filter_map(|at| first(at)?.first());
        vec![plain.flat_map(|way| way.bytes.iter().copied()).collect()]
    }

    /// How far what belongs to the secret may reach before and after the beginning of an anchor.
    pub(super) fn reach(&self) -> (usize, usize) {
        let longest = |c: &usize| {
            let lengths = self.alternatives[*c].iter().map(|way| way.bytes.len());
            lengths.max().unwrap_or(0)
        };
        let (before, behind) = self.characters.split_at(self.anchor.start);
        (
            before.iter().map(longest).sum(),
            behind.iter().map(longest).sum(),
        )
    }

    /// The secret whose anchor begins at a place.
    pub(super) fn at(&self, text: &[u8], place: usize) -> Option<(Range<usize>, Form)> {
        let (before, behind) = self.characters.split_at(self.anchor.start);
        let mut ends: Places = vec![(place, Form::Plain)];
        for c in behind {
            ends = self.step(&ends, *c, |at, way| {
                let rest = text.get(at..)?;
                rest.starts_with(way).then(|| at + way.len())
            })?;
        }
        let mut starts: Places = vec![(place, Form::Plain)];
        for c in before.iter().rev() {
            starts = self.step(&starts, *c, |at, way| {
                text[..at].ends_with(way).then(|| at - way.len())
            })?;
        }
        let (start, one) = *starts.iter().min()?;
        let (end, other) = *ends.iter().max()?;
        let form = if self.base64 {
            Form::Base64
        } else {
            one.max(other)
        };
        Some((start..end, form))
    }

    fn step(
        &self,
        places: &Places,
        character: usize,
        to: impl Fn(usize, &[u8]) -> Option<usize>,
    ) -> Option<Places> {
        let mut next = Places::new();
        for (at, form) in places {
            for way in &self.alternatives[character] {
                let Some(to) = to(*at, &way.bytes) else {
                    continue;
                };
                if next.iter().all(|(known, _)| *known != to) {
                    next.push((to, way.form.max(*form)));
                }
            }
        }
        (!next.is_empty()).then_some(next)
    }
}

/// A letter of base64: two of them are others in URLs, and have to be escaped in places.
fn of_base64(c: char) -> Vec<Spelling> {
    if c.is_ascii_alphanumeric() {
        let bytes = vec![c as u8];
        return vec![Spelling {
            bytes,
            form: Form::Base64,
        }];
    }
    let mut ways = spellings(c);
    ways.extend(spellings(if c == '+' { '-' } else { '_' }));
    ways
}

/// The rarest letters of a text that nobody escapes, as characters; none: each of its characters may be escaped.
fn anchor(text: &str) -> Range<usize> {
    let letters: Vec<char> = text.chars().collect();
    let rarity = |window: &[char]| {
        let rare = window.iter().filter(|c| !c.is_ascii_lowercase());
        rare.count()
    };
    for length in (1..=ANCHOR).rev() {
        let windows = letters.windows(length).enumerate();
        let plain = windows.filter(|(_, window)| window.iter().all(char::is_ascii_alphanumeric));
        if let Some((at, _)) = plain.max_by_key(|(_, window)| rarity(window)) {
            return at..at + length;
        }
    }
    0..0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    fn found(secret: &str, text: &str) -> Vec<(Range<usize>, Form)> {
        let mut found: Vec<_> = Pattern::of("password", secret)
            .iter()
            .flat_map(|pattern| {
                let anchors = pattern.anchors();
                let begins = |at: &usize| {
                    let rest = &text.as_bytes()[*at..];
                    anchors.iter().any(|anchor| rest.starts_with(anchor))
                };
                let places: Vec<usize> = (0..text.len()).filter(begins).collect();
                places
                    .into_iter()
                    .filter_map(|at| pattern.at(text.as_bytes(), at))
                    .collect::<Vec<_>>()
            })
            .collect();
        found.sort_by_key(|(span, _)| span.start);
        found
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "p&ss<w \"ord' +/";
        for (way, form) in [
            ("p&ss<w \"ord' +/", Form::Plain),
            ("p&amp;ss&lt;w &quot;ord&#39; +/", Form::Html),
            ("p&amp;ss&lt;w &#34;ord&#039; &#43;/", Form::Html),
            ("p\\u0026amp;ss\\u0026lt;w \\\"ord' +/", Form::Script),
            ("p&ss<w \\\"ord' +\\/", Form::Script),
            (
                "p\\u0026ss\\u003cw \\u0022ord\\u0027 \\u002B/",
                Form::Script,
            ),
            ("p%26ss%3Cw%20%22ord%27%20%2B%2F", Form::Url),
            ("p%26ss%3cw+%22ord%27+%2b%2f", Form::Url),
        ] {
            let text = format!("&amp;{way}&amp;");
            assert_eq!(found(secret, &text), [(5..5 + way.len(), form)], "{way}");
        }
        assert!(found(secret, "p&ss<w \"ord' +").is_empty());
        assert!(found(secret, "&ss<w \"ord' +/").is_empty());
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands_there() {
        for secret in ["hunter2hunter2", "ÿ>?~ÿ>?~ÿ>?", "пароль-ще-й-який"] {
            for before in 0..7 {
                let text = format!("{}{secret}???", "u:".repeat(before));
                for encoded in [
                    STANDARD.encode(&text),
                    URL_SAFE_NO_PAD.encode(&text),
                    STANDARD.encode(&text).replace('/', "\\/"),
                    STANDARD.encode(&text).replace('+', "%2B"),
                ] {
                    let found = found(secret, &encoded);
                    assert_eq!(found.len(), 1, "{secret} {encoded}");
                    assert_eq!(found[0].1, Form::Base64);
                }
            }
        }
    }

    #[test]
    fn a_secret_without_a_letter_is_found_too() {
        for secret in ["!?-!?-!?-!", "пароль"] {
            for way in [secret.to_owned(), secret.replace('!', "&#33;")] {
                assert_eq!(found(secret, &format!("x{way}x")).len(), 1, "{way}");
            }
        }
    }
}
