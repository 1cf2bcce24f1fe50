//! The search for secrets in a text: all of them in one pass, by a few letters of each.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, packed};
use secrecy::{ExposeSecret as _, SecretString};

use super::pattern::{ANCHOR, Pattern};
use super::spelling::Form;
use crate::token::{Encoded, Reader, beginnings, plain};

/// The longest JWT that is found where it is read piece by piece: no server takes a longer header.
const LONGEST_TOKEN: usize = 64 << 10;

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What it is.
    pub what: What,
    /// How it is written.
    pub form: Form,
    /// Where.
    pub span: Range<usize>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A secret of the configuration, by what it is called.
    Known(&'static str),
    /// A JWT, without what it is wrapped in.
    Token(String),
}

/// Finds JWTs, and secrets that are known. What it knows is never shown.
pub struct Search {
    patterns: Vec<Pattern>,
    /// With what each begins to be found, and whose that is.
    anchors: Vec<(Vec<u8>, usize)>,
    letters: Letters,
    /// How far what belongs to a secret may reach before and after the letters by which it is found.
    reach: (usize, usize),
}

enum Letters {
    /// By SIMD, many bytes at a time; for no more than 64 of them.
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
    /// Neither can be built, which does not happen: then each place is looked at.
    Anywhere,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search([redacted])")
    }
}

impl Search {
    /// A search for JWTs and these secrets, each with what it is called.
    #[must_use]
    pub fn new(secrets: &[(&'static str, SecretString)]) -> Self {
        let mut known = BTreeSet::new();
        let fresh = secrets.iter().filter(|(_, secret)| {
            let secret = secret.expose_secret();
            !secret.is_empty() && known.insert(secret.to_owned())
        });
        let patterns: Vec<Pattern> = fresh
            .flat_map(|(name, secret)| Pattern::of(name, secret.expose_secret()))
            .collect();
        let anchors: Vec<(Vec<u8>, usize)> = patterns
            .iter()
            .enumerate()
            .flat_map(|(index, pattern)| {
                let anchors = pattern.anchors().into_iter();
                anchors.map(move |anchor| (anchor, index))
            })
            .collect();
        let tokens = beginnings().into_iter().chain(Encoded::beginnings());
        let letters = tokens.map(String::into_bytes);
        let letters = letters.chain(anchors.iter().map(|(anchor, _)| anchor.clone()));
        let letters: BTreeSet<Vec<u8>> = letters
            .map(|mut letters| {
                letters.truncate(ANCHOR);
                letters
            })
            .collect();
        let reach = patterns.iter().map(Pattern::reach);
        let reach = reach.fold((STRETCH_BEFORE, LONGEST_TOKEN), |all, one| {
            (all.0.max(one.0), all.1.max(one.1))
        });
        Self {
            letters: Letters::new(&letters),
            patterns,
            anchors,
            reach,
        }
    }

    /// How far what belongs to a secret may reach before and after the place by which [`find`](Self::find) goes.
    #[must_use]
    pub fn reach(&self) -> (usize, usize) {
        self.reach
    }

    /// Everything that is found by letters at these places, in their order; until it is to stop.
    #[must_use]
    pub fn find(&self, text: &[u8], places: Range<usize>, stop: &dyn Fn() -> bool) -> Vec<Leak> {
        let (mut all, mut tokens) = self.known_and_tokens(text, places, stop);
        // Of a company token, which is one as well, its name says more.
        let mut at = 0;
        tokens.retain(|token| {
            let ends_before = |known: &Leak| known.span.end <= token.span.start;
            while all.get(at).is_some_and(ends_before) {
                at += 1;
            }
            let known = all.get(at);
            known.is_none_or(|known| known.span.start >= token.span.end)
        });
        all.extend(tokens);
        all.sort_by_key(|leak| (leak.span.start, leak.span.end));
        all.dedup_by(|one, other| one.what == other.what && one.span.start < other.span.end);
        all
    }

    /// Secrets that are known and JWTs, both in the order of the text, whether they overlap or not.
    pub(super) fn known_and_tokens(
        &self,
        text: &[u8],
        places: Range<usize>,
        stop: &dyn Fn() -> bool,
    ) -> (Vec<Leak>, Vec<Leak>) {
        let mut known: Vec<Leak> = Vec::new();
        let mut tokens: Vec<Leak> = Vec::new();
        let mut reader = Reader::default();
        let mut encoded = Encoded::default();
        let mut from = places.start;
        // Where the last token ends: what is in it is a part of it.
        let mut behind = 0;
        while let Some(place) = self.letters.find(text, from..places.end) {
            if stop() {
                break;
            }
            from = place + 1;
            for (anchor, pattern) in &self.anchors {
                if !text[place..].starts_with(anchor) {
                    continue;
                }
                let pattern = &self.patterns[*pattern];
                let found = pattern.at(text, place).map(|(span, form)| Leak {
                    what: What::Known(pattern.name),
                    form,
                    span,
                });
                known.extend(found);
            }
            if place < behind {
                continue;
            }
            let token = if let Some(span) = reader.at(text, place) {
                let token = plain(&text[span.clone()]);
                let is_plain = token.len() == span.len();
                Some((span, token.into_owned(), is_plain))
            } else {
                let found = encoded.at(text, place);
                found.map(|(span, token)| (span, token, false))
            };
            tokens.extend(token.map(|(span, token, is_plain)| {
                behind = span.end;
                Leak {
                    form: form(&text[span.clone()], is_plain),
                    what: What::Token(token),
                    span,
                }
            }));
        }
        known.sort_by_key(|leak| (leak.span.start, leak.span.end));
        (known, tokens)
    }
}

/// What the letters that are searched for may have before them that belongs to a JWT in base64.
const STRETCH_BEFORE: usize = 8;

/// How a JWT is written, as far as its letters tell.
fn form(written: &[u8], is_plain: bool) -> Form {
    let has = |byte: u8| memchr::memchr(byte, written).is_some();
    match () {
        () if is_plain => Form::Plain,
        () if has(b'\\') => Form::Script,
        () if has(b'%') => Form::Url,
        () if has(b'&') => Form::Html,
        () => Form::Base64,
    }
}

impl Letters {
    fn new(letters: &BTreeSet<Vec<u8>>) -> Self {
        if let Some(search) = packed::Searcher::new(letters) {
            return Self::Packed(search);
        }
        AhoCorasick::new(letters).map_or(Self::Anywhere, Self::Automaton)
    }

    /// The first of them that begins at one of these places.
    fn find(&self, text: &[u8], places: Range<usize>) -> Option<usize> {
        if places.is_empty() {
            return None;
        }
        // One that begins at the last place ends after it.
        let seen = places.start..text.len().min(places.end + ANCHOR - 1);
        let found = match self {
            Self::Packed(search) => search
                .find_in(text, aho_corasick::Span::from(seen))?
                .start(),
            Self::Automaton(search) => search.find(Input::new(text).range(seen))?.start(),
            Self::Anywhere => places.start,
        };
        (found < places.end).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Vec<(&'static str, SecretString)> {
        vec![
            ("company token", "company-0123456789-abcdef".into()),
            ("password", "correct horse \"battery\"".into()),
            ("password", "correct horse \"battery\"".into()),
        ]
    }

    #[test]
    fn everything_is_found_in_one_pass_and_once() {
        let search = Search::new(&secrets());
        assert!(matches!(search.letters, Letters::Packed(_)) || cfg!(not(target_arch = "x86_64")));
        let text = "a company-0123456789-abcdef b correct horse &quot;battery&quot; Y29tcGFueS0wMTIzNDU2Nzg5LWFiY2RlZg==";
        let found = search.find(text.as_bytes(), 0..text.len(), &|| false);
        let names: Vec<_> = found
            .iter()
            .map(|leak| (leak.what.clone(), leak.form))
            .collect();
        assert_eq!(
            names,
            [
                (What::Known("company token"), Form::Plain),
                (What::Known("password"), Form::Html),
                (What::Known("company token"), Form::Base64),
            ]
        );
        assert!(!format!("{search:?}").contains("company"));
    }

    #[test]
    fn a_place_is_looked_at_in_one_range_alone() {
        let search = Search::new(&secrets());
        let text = b"x company-0123456789-abcdef x";
        for cut in 0..text.len() {
            let (one, other) = (
                search.find(text, 0..cut, &|| false),
                search.find(text, cut..text.len(), &|| false),
            );
            assert_eq!(one.len() + other.len(), 1, "{cut}");
        }
    }
}
