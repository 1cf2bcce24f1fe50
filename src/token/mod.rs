//! Operator tokens, which are JSON Web Tokens: found in a page, read without a key, judged, shown without being given away.
//!
//! A widget's operator token is a JWT whose signature only the vendor can check; its own claims (`exp`,
//! `iat`) is enough to tell whether it still works. See RFC 7519.

mod encoded;
mod find;
mod harmless;
mod judge;
pub mod margin;
mod start;
#[cfg(test)]
pub(crate) mod testing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use encoded::{Encoded, letters};
pub use find::{Reader, find, plain};
pub use harmless::{Harmless, digest, harmless};
pub use judge::{Judge, LONGEST_LIFETIME, Unfit, life};
pub use start::beginnings;

/// What the vendor's samples use while there is no account; never a credential.
pub const DEVELOPMENT_TOKEN: &str = "test-token-for-development";

/// The times that a token claims, in seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// When it stops being valid (`exp`).
    pub expires_at: Option<i64>,
    /// When it was issued (`iat`).
    pub issued_at: Option<i64>,
    /// `nbf`: from when on it works.
    pub not_before: Option<i64>,
}

/// Why a string is not an operator token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// The JSON reply was taken as text, quotes and all.
    #[error(
        "it is wrapped in quotes: the API answers with a JSON string, which has to be parsed, not pasted"
    )]
    Quoted,
    /// Something that cannot stand in a token, such as a line break.
    #[error("it contains {0}, which no token contains")]
    Character(&'static str),
    /// Not three base64url parts with JSON in the first two.
    #[error("it is not a JWT (three base64url parts joined by dots, JSON in the first two)")]
    NotJwt,
}

#[derive(Deserialize)]
struct RawClaims {
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
}

/// Reads what a token says about itself. Its signature is not checked: only the vendor can.
pub fn inspect(token: &str) -> Result<Claims, Malformed> {
    if token.is_empty() {
        return Err(Malformed::Empty);
    }
    for (found, name) in [
        (['\n', '\r'].as_slice(), "a line break"),
        (&[' ', '\t'], "white space"),
    ] {
        if token.contains(found) {
            return Err(Malformed::Character(name));
        }
    }
    if token.len() > 1 && token.starts_with(['"', '\'']) && token.ends_with(['"', '\'']) {
        return Err(Malformed::Quoted);
    }
    if token.contains(['"', '\'']) {
        return Err(Malformed::Character("a quote"));
    }
    if !token.is_ascii() || token.bytes().any(|b| b.is_ascii_control()) {
        return Err(Malformed::Character(
            "a character outside ASCII's printable ones",
        ));
    }
    // The header may name any algorithm.
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Malformed::NotJwt);
    };
    let is_part = |part: &str| !part.is_empty() && URL_SAFE_NO_PAD.decode(part).is_ok();
    let is_object = |part: &str| is_json_object(part.as_bytes());
    if !is_part(signature) || !is_object(header) || !is_object(claims) {
        return Err(Malformed::NotJwt);
    }
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    let claims: RawClaims = serde_json::from_slice(&claims).map_err(|_| Malformed::NotJwt)?;
    #[allow(clippy::cast_possible_truncation)]
    // saturates; a date past the year 292 billion stays far away
    let seconds = |time: Option<f64>| time.map(|t| t as i64);
    Ok(Claims {
        expires_at: seconds(claims.exp),
        issued_at: seconds(claims.iat),
        not_before: seconds(claims.nbf),
    })
}

/// Header and claims of a token in full; none unless both are JSON objects.
#[must_use]
pub fn content(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.split('.').map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice(&json).ok()
    });
    Some((parts.next()??, parts.next()??))
}

fn is_json_object(base64url: &[u8]) -> bool {
    URL_SAFE_NO_PAD
        .decode(base64url)
        .is_ok_and(|json| serde_json::from_slice::<Map<String, Value>>(&json).is_ok())
}

/// A time as people read it, in UTC.
#[must_use]
pub fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| format!("{seconds} s after 1970"),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// A token as it may be shown: enough to tell two apart, too little to use.
#[must_use]
pub fn shorten(token: &str) -> String {
    if token == DEVELOPMENT_TOKEN {
        return token.to_owned();
    }
    let tail = token.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    match token.char_indices().nth(6) {
        Some((head, _)) if token.chars().nth(31).is_some() => {
            format!("{}…{}", &token[..head], &token[tail..])
        }
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::testing::{part, token};
    use super::*;

    #[test]
    fn reads_the_times_that_a_token_claims() {
        let claims = inspect(&token(r#"{"exp":1700000000,"iat":1699990000.5}"#)).unwrap();
        assert_eq!(claims.expires_at, Some(1_700_000_000));
        assert_eq!(claims.issued_at, Some(1_699_990_000));
    }

    #[test]
    fn names_what_is_wrong_with_a_token() {
        assert_eq!(inspect(""), Err(Malformed::Empty));
        assert_eq!(inspect("\"ey.a.b\""), Err(Malformed::Quoted));
        assert_eq!(inspect("e\"y.a.b"), Err(Malformed::Character("a quote")));
        assert_eq!(
            inspect("ey\na.b.c"),
            Err(Malformed::Character("a line break"))
        );
        assert_eq!(inspect("abc"), Err(Malformed::NotJwt));
        for token in [
            format!("{}.x", token("{}")),
            format!("{}!", token("{}")),
            // JSON is UTF-8, also where nobody looks.
            token("{}").replace(&part(b"{}"), &part(b"{\"typ\":\"\xff\"}")),
        ] {
            assert_eq!(inspect(&token), Err(Malformed::NotJwt), "{token}");
        }
    }

    #[test]
    fn finds_tokens_by_shape_and_only_them() {
        let jwt = token("{}");
        let text = format!("<p>eyJ eyJhbGciOi... honeyJar.example.com {jwt}</p> Bearer%20{jwt}");
        let found: Vec<_> = find(text.as_bytes()).map(|span| &text[span]).collect();
        assert_eq!(found, [&jwt, &jwt]);
    }

    #[test]
    fn white_space_in_a_header_hides_no_token() {
        for header in [
            r#" {"alg":"HS256"}"#,
            "{ \"alg\": \"HS256\" }",
            "{\n  \"alg\": \"HS256\"\n}\n",
            "\r\n\t{\r\n\"alg\":\"HS256\"}",
            "      {\"alg\":\"HS256\"}",
        ] {
            let jwt =
                token("{}").replacen(&part(br#"{"alg":"HS256"}"#), &part(header.as_bytes()), 1);
            for before in ["", "token=", "Bearer%20", "ICAg ICA. eyJ.", "eyI"] {
                let text = format!("<p>{before}{jwt}</p>");
                let found: Vec<_> = find(text.as_bytes()).map(|span| &text[span]).collect();
                assert_eq!(found.len(), 1, "{text}");
                assert!(found[0].ends_with(&jwt[2..]), "{text}: {found:?}");
            }
        }
        let pictures = format!("data:image/png;base64,{}.png.a", part(&[b' '; 300]));
        assert_eq!(find(pictures.as_bytes()).count(), 0);
    }

    #[test]
    fn what_is_short_to_the_eye_is_shown_as_little_as_what_is_short_in_bytes() {
        assert_eq!(shorten(&"ї".repeat(16)), "…");
    }
}
