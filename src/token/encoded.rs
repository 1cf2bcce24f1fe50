//! JWTs in base64, as in a `data:` URL, a source map inside a script, or a secret of Kubernetes. Three letters of base64 are two and a
//! quarter bytes, so the beginning of every token looks in one of three ways, by where it stands.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::find::{Reader, plain};

/// With what a JWT begins: `{"`, and more.
const BEGINNING: &[u8] = b"eyJ";
/// Its letters where none, one or two bytes stand before it, and how many are before those.
static BEGINNINGS: LazyLock<[(String, usize); 3]> =
    LazyLock::new(|| [0, 1, 2].map(|before| letters(BEGINNING, before)));
/// How much is decoded at once.
const STRETCH: usize = 24 << 10;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The letters of base64 that these bytes alone decide, where `before` others stand before them, and the letters before those.
#[must_use]
pub fn letters(bytes: &[u8], before: usize) -> (String, usize) {
    let mut whole = vec![0; before];
    whole.extend_from_slice(bytes);
    let encoded = LENIENT.encode(&whole);
    let first = (before * 8).div_ceil(6);
    let last = whole.len() * 8 / 6;
    (encoded[first..last].to_owned(), first)
}

/// Finds JWTs in base64; places are asked for in their order, and nothing is decoded more than twice.
#[derive(Debug, Default)]
pub struct Encoded {
    /// What was decoded last, by the place of its first letter modulo four.
    stretches: [Stretch; 4],
}

#[derive(Debug, Default)]
struct Stretch {
    letters: Range<usize>,
    decoded: Vec<u8>,
    reader: Reader,
}

impl Encoded {
    /// With which letters one begins.
    #[must_use]
    pub fn beginnings() -> [String; 3] {
        let [first, second, third] = &*BEGINNINGS;
        [first, second, third].map(|(letters, _)| letters.clone())
    }

    /// Where the JWT is whose beginning is found at a place, and what it is.
    pub fn at(&mut self, bytes: &[u8], place: usize) -> Option<(Range<usize>, String)> {
        let mut beginnings = BEGINNINGS.iter().enumerate();
        beginnings.find_map(|(before, (beginning, first))| {
            let rest = bytes.get(place..)?;
            let start = place.checked_sub(*first)?;
            let begins = rest.starts_with(beginning.as_bytes());
            begins.then(|| self.found(bytes, start, before))?
        })
    }

    fn found(
        &mut self,
        bytes: &[u8],
        start: usize,
        before: usize,
    ) -> Option<(Range<usize>, String)> {
        let stretch = &mut self.stretches[start % 4];
        let near = stretch.letters.end.saturating_sub(STRETCH / 2);
        let is_whole = stretch.letters.len() < STRETCH;
        if !stretch.letters.contains(&start) || start >= near && !is_whole {
            *stretch = Stretch::of(bytes, start)?;
        }
        let from = (start - stretch.letters.start) / 4 * 3 + before;
        let found = stretch.reader.at(&stretch.decoded, from)?;
        let token = plain(stretch.decoded.get(found.clone())?).into_owned();
        let letter = |byte: usize| stretch.letters.start + (byte * 8).div_ceil(6);
        let end = letter(found.end).min(stretch.letters.end);
        Some((letter(found.start)..end, token))
    }
}

impl Stretch {
    fn of(bytes: &[u8], start: usize) -> Option<Self> {
        let rest = bytes.get(start..bytes.len().min(start + STRETCH))?;
        let letters: Vec<u8> = rest
            .iter()
            .map_while(|byte| match byte {
                b'-' => Some(b'+'),
                b'_' => Some(b'/'),
                b'+' | b'/' => Some(*byte),
                _ => byte.is_ascii_alphanumeric().then_some(*byte),
            })
            .collect();
        // One letter alone does not make a byte.
        let whole = letters.len() - usize::from(letters.len() % 4 == 1);
        Some(Self {
            letters: start..start + letters.len(),
            decoded: LENIENT.decode(&letters[..whole]).ok()?,
            reader: Reader::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::token::testing::token;

    #[test]
    fn a_token_is_found_wherever_it_stands_in_base64() {
        let jwt = token(r#"{"sub":"4711"}"#);
        for before in 0..7 {
            let text = format!("{}\"{jwt}\"???>>>", "x".repeat(before));
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let text = format!("base64,{encoded}\"");
                let mut search = Encoded::default();
                let found: Vec<_> = (0..text.len())
                    .filter_map(|at| search.at(text.as_bytes(), at))
                    .collect();
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(found[0].1, jwt);
                let whole = STANDARD.encode(&jwt).trim_end_matches('=').len();
                assert!(found[0].0.len().abs_diff(whole) <= 1);
            }
        }
        let other = STANDARD.encode("eyJ is how they begin; eyJhbGciOi.");
        let mut search = Encoded::default();
        assert!((0..other.len()).all(|at| search.at(other.as_bytes(), at).is_none()));
    }

    #[test]
    fn many_in_one_long_word_are_all_found() {
        let jwt = token("{}");
        let text = STANDARD.encode(format!("{jwt} ").repeat(900));
        let mut search = Encoded::default();
        let found = (0..text.len()).filter(|at| search.at(text.as_bytes(), *at).is_some());
        assert_eq!(found.count(), 900);
    }
}
