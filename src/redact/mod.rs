//! What must not be shown: secrets are known from the moment at which they are read, and taken out of whatever is said.

mod excerpt;
mod hidden;
mod pattern;
mod search;
mod spelling;

use std::collections::BTreeSet;
use std::sync::{LazyLock, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};

use crate::token::DEVELOPMENT_TOKEN;

pub use excerpt::{Excerpt, excerpt, excerpt_hiding};
pub use hidden::Hidden;
pub use search::{Leak, Search, What};
pub use spelling::Form;

/// Shorter ones are words that anybody may say.
const SHORTEST: usize = 8;

/// The secrets of this process. There are few: those that the configuration names.
static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(|| {
    RwLock::new(Known {
        secrets: BTreeSet::new(),
        search: Search::new(&[]),
    })
});

struct Known {
    secrets: BTreeSet<String>,
    /// Finds them, and all that looks like a token.
    search: Search,
}

/// Makes a secret known: from now on it is shown nowhere. What reads one does this, so that nobody can forget to. What the API mints
/// need not be: it is known by its shape.
pub fn register(secret: &SecretString) {
    let secret = secret.expose_secret();
    if secret.len() < SHORTEST || secret == DEVELOPMENT_TOKEN {
        return;
    }
    let is_known = |known: &Known| known.secrets.contains(secret);
    if is_known(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.secrets.insert(secret.to_owned());
    let all = known.secrets.iter();
    let all: Vec<_> = all.map(|one| ("secret", one.as_str().into())).collect();
    known.search = Search::new(&all);
}

/// Text with every secret in it masked, in whatever way it is written there: those that are known, and all that looks like a token.
#[must_use]
pub fn mask(text: &str) -> String {
    Hidden::taken_out(text.as_bytes(), &hidden_in(text.as_bytes()))
}

fn hidden_in(text: &[u8]) -> Vec<Hidden> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    Hidden::found(&known.search, text)
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
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::token::testing::token;

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
        let secret = "a&b<c \"d' +/";
        register(&secret.into());
        for way in [
            "a&b<c \"d' +/",
            "a&amp;b<c \"d' +/",
            "a&amp;b&lt;c \"d' +/",
            "a&amp;b&lt;c &quot;d' +/",
            "a&amp;b&lt;c &quot;d&#39; +/",
            "a&amp;b&lt;c &#34;d&#39; &#43;/",
            "a&b<c \\\"d' +/",
            "a&b<c \\\"d' +\\/",
            "a\\u0026b\\u003cc \\\"d' +/",
            "a%26b%3Cc%20%22d%27%20%2B%2F",
            "a%26b%3Cc+%22d%27+%2B%2F",
        ] {
            assert_eq!(mask(&format!("({way})")), "([redacted])");
        }
        register(&"tab\tand\nline\\end".into());
        assert_eq!(
            mask(&format!("{:?}", "tab\tand\nline\\end")),
            "\"[redacted]\""
        );
    }

    #[test]
    fn base64_hides_no_secret() {
        let (secret, jwt) = ("tell-nobody-2026", token(r#"{"sub":"operator 101"}"#));
        register(&secret.into());
        for before in 0..4 {
            for (secret, shown) in [(secret, "[redacted]"), (&jwt, "eyJhbG…")] {
                let text = format!("{}{secret}???>>>", "u:".repeat(before));
                for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                    for text in [
                        format!("<a data-x=\"{encoded}\">"),
                        encoded.replace('+', "%2B").replace('/', "\\/"),
                        format!("a line\n{encoded}\nanother"),
                    ] {
                        let masked = of_page(&text);
                        assert!(masked.contains(shown), "{text}: {masked}");
                        let hidden = &encoded[encoded.len() / 2 - 6..encoded.len() / 2 + 6];
                        assert!(!masked.contains(hidden), "{text}: {masked}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_secret_in_a_token_leaves_nothing_of_either() {
        let secret = "in-the-claims-2026";
        register(&secret.into());
        let jwt = token(&format!(r#"{{"key":"{secret}"}}"#));
        assert_eq!(mask(&format!("<{jwt}>")), "<[redacted]>");
    }

    #[test]
    fn words_and_the_development_token_are_no_secrets() {
        for word in ["admin", DEVELOPMENT_TOKEN] {
            register(&word.into());
            assert_eq!(mask(word), word);
        }
    }
}
