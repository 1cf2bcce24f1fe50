//! What must not be shown: secrets are known from the moment at which they are read, and taken out of whatever is said.

mod excerpt;
mod written;

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};

use crate::token::{self, DEVELOPMENT_TOKEN};

pub use excerpt::{Excerpt, Hidden, excerpt, excerpt_hiding};
pub use written::written;

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";
/// Shorter ones are words that anybody may say.
const SHORTEST: usize = 8;

/// The secrets of this process, in all ways to write them. There are few: those that the configuration names.
static KNOWN: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// Makes a secret known: from now on it is shown nowhere. What reads one does this, so that nobody can forget to. What the API mints
/// need not be: it is known by its shape.
pub fn register(secret: &SecretString) {
    let secret = secret.expose_secret();
    if secret.len() < SHORTEST || secret == DEVELOPMENT_TOKEN {
        return;
    }
    if KNOWN
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .contains(secret)
    {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    for way in written(secret) {
        // As messages quote it, too.
        known.insert(way.escape_debug().to_string());
        known.insert(way);
    }
}

/// Text with every secret in it masked: those that are known, and whatever looks like a token.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut text = token::mask(text).into_owned();
    // A longer one may begin with a shorter one.
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    for secret in known.iter().rev() {
        if text.contains(secret.as_str()) {
            text = text.replace(secret, REDACTED);
        }
    }
    text
}

/// The same for text that quotes a page, whose tags may hold what should be a token and does not look like one.
#[must_use]
pub fn of_page(text: &str) -> String {
    mask_token_attributes(&mask(text))
}

/// Shortens what stands in a `token` attribute, even if it does not look like a token: it may be a mistyped one.
fn mask_token_attributes(text: &str) -> String {
    const SHOWN: usize = 12;
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("token=") {
        let (before, value) = rest.split_at(at + "token=".len());
        masked.push_str(before);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = quote.map_or(value, |_| &value[1..]);
        masked.extend(quote);
        let end = match quote {
            Some(quote) => value.find(quote),
            None => value.find([' ', '>']),
        };
        let (token, behind) = value.split_at(end.unwrap_or(value.len()));
        let shown = token
            .char_indices()
            .nth(SHOWN)
            .map_or(token.len(), |(at, _)| at);
        let known = token.contains('…') || token == DEVELOPMENT_TOKEN;
        masked.push_str(if known { token } else { &token[..shown] });
        if !known && shown < token.len() {
            masked.push('…');
        }
        rest = behind;
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_secret() {
        register(&"hunter\"2\\".into());
        let text = format!("says {:?}, {}", "<hunter\"2\\>", "hunter\"2\\");
        assert_eq!(of_page(&text), "says \"<[redacted]>\", [redacted]");
        register(&"hunter2hunter2".into());
        let text = "a hunter2hunter2 <script token=\"not-a-jwt-but-a-secret\" token=x>";
        assert_eq!(
            of_page(text),
            "a [redacted] <script token=\"not-a-jwt-bu…\" token=x>"
        );
        assert_eq!(mask("token=\"a hunter2hunter2\""), "token=\"a [redacted]\"");
    }

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
        register(&"se&cret<\"quoted".into());
        for way in written("se&cret<\"quoted") {
            assert_eq!(mask(&format!("({way})")), "([redacted])");
        }
    }

    #[test]
    fn words_and_the_development_token_are_no_secrets() {
        for word in ["admin", DEVELOPMENT_TOKEN] {
            register(&word.into());
            assert_eq!(mask(word), word);
        }
    }
}
