//! Reading what the API answers: all the shapes that its documentation and samples show.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::Call;
use super::error::ApiError;
use super::types::{Operator, Validity};

/// As much of the API's own words as an error shows, in characters.
const LONGEST_WORDS: usize = 200;

/// Reads a JSON document, whatever its content type: the API also sends JSON as `text/plain`. The error says what came
/// instead, without quoting it: it may hold a token.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        match kind(text) {
            "JSON" if is_json => format!(
                "JSON of another shape than documented (at column {})",
                error.column()
            ),
            kind => kind.to_owned(),
        }
    })
}

/// A list of operators. One that is not as documented is left out, and told, unless none is.
pub(super) fn operators(text: &str) -> Result<Vec<Operator>, String> {
    let listed: Vec<Value> = json(text)?;
    let all = listed.len();
    let mut operators = Vec::with_capacity(all);
    for (number, operator) in (1..).zip(listed) {
        if let Ok(operator) = Operator::deserialize(operator) {
            operators.push(operator);
        } else {
            tracing::warn!(
                "operator number {number} of the API's list is not as documented, and is left out"
            );
        }
    }
    if operators.is_empty() && all > 0 {
        return Err("operators of another shape than documented".to_owned());
    }
    Ok(operators)
}

/// What a text is, at a glance.
fn kind(text: &str) -> &'static str {
    let text = text.trim_start();
    if text.is_empty() {
        "nothing"
    } else if text.starts_with('<') {
        "an HTML or XML page"
    } else if text.starts_with(['{', '[', '"']) {
        "JSON"
    } else {
        "text that is not JSON"
    }
}

#[derive(Deserialize)]
struct TokenObject {
    token: String,
}

/// Reads a token: a JSON string, an object `{"token": "…", "expiration": …}`, or the bare text. A reply that was made a
/// JSON string twice, quotes and all, is unwrapped, too.
pub(super) fn token(text: &str) -> Result<SecretString, String> {
    let text = text.trim();
    let token = if text.starts_with('"') {
        let once: String = json(text)?;
        // The quotes of a second wrapping.
        serde_json::from_str(&once).unwrap_or(once)
    } else if text.starts_with('{') {
        json::<TokenObject>(text)?.token
    } else {
        text.to_owned()
    };
    if token.is_empty() {
        return Err("an empty token".to_owned());
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) || token.starts_with(['<', '[']) {
        return Err(format!("{}, where a token should be", kind(text)));
    }
    Ok(token.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValidityObject {
    valid: bool,
    operator_id: Option<u64>,
    expires_at: Option<String>,
    error: Option<String>,
}

/// Reads the reply to `validate-token`. The error in it is as the API wrote it.
pub(super) fn validity(text: &str) -> Result<Validity, String> {
    let object: ValidityObject = json(text)?;
    if !object.valid {
        let error = object.error.unwrap_or_default();
        return Ok(Validity::Invalid { error });
    }
    let operator = object
        .operator_id
        .ok_or("a valid token without its operator's id")?;
    let expires_at = object.expires_at.and_then(|time| time.parse().ok());
    Ok(Validity::Valid {
        operator,
        expires_at,
    })
}

/// The API's own words about an error: a message in JSON, or the text as it is; none in HTML. They can hold secrets.
pub(super) fn words(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => {
            let message = ["message", "error", "detail", "title"]
                .into_iter()
                .find_map(|key| object.get(key)?.as_str().filter(|text| !text.is_empty()));
            message.map_or_else(|| text.to_owned(), str::to_owned)
        }
        Ok(Value::String(message)) => message,
        _ if kind(text) == "an HTML or XML page" => String::new(),
        _ => text.to_owned(),
    }
}

/// Text on one line and not too long, without characters that could play tricks on a terminal.
pub(super) fn line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|char: char| char.is_whitespace() || char.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A time as the API writes it: RFC 3339 with milliseconds.
pub(super) fn time(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// What was read of an answer, or how it is not one.
pub(super) fn read<T>(call: Call, result: Result<T, String>) -> Result<T, ApiError> {
    result.map_err(|found| ApiError::Shape { call, found })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn tokens_of_every_shape_are_read() {
        for text in [
            r#""abc.def.ghi""#,
            " \"abc.def.ghi\"\r\n",
            r#""\"abc.def.ghi\"""#,
            r#"{"token":"abc.def.ghi","expiration":"2026-01-20T14:33:34Z"}"#,
            r#"{"expiration":1768919614,"token":"abc.def.ghi"}"#,
            "abc.def.ghi",
            "abc.def.ghi\n",
        ] {
            assert_eq!(
                token(text).unwrap().expose_secret(),
                "abc.def.ghi",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_token_is_told_and_not_quoted() {
        for (text, found) in [
            ("", "an empty token"),
            ("\"\"", "an empty token"),
            ("<!doctype html><p>secret", "an HTML or XML page"),
            ("\"secret with spaces\"", "JSON"),
            ("secret with spaces", "text that is not JSON"),
            (r#"{"jwt":"secret"}"#, "JSON of another shape"),
            (r#"{"token":null}"#, "JSON of another shape"),
            ("[\"secret\"]", "JSON"),
            ("{\"token\":\"secret", "JSON"),
        ] {
            let error = token(text).unwrap_err();
            assert!(error.contains(found), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn validity_has_two_shapes() {
        let valid = r#"{"valid":true,"operatorId":101,"expiresAt":"2026-01-20T14:33:34.147Z"}"#;
        assert_eq!(
            validity(valid).unwrap(),
            Validity::Valid {
                operator: 101,
                expires_at: Some("2026-01-20T14:33:34.147Z".parse().unwrap()),
            }
        );
        let invalid = r#"{"valid":false,"error":"Token\nexpired"}"#;
        let error = "Token\nexpired".to_owned();
        assert_eq!(validity(invalid).unwrap(), Validity::Invalid { error });
        assert!(validity(r#"{"valid":true}"#).is_err());
        assert!(validity("true").is_err());
    }

    #[test]
    fn words_are_one_line_of_what_the_api_said() {
        let words = |text: &str| line(&words(text));
        assert_eq!(
            words(r#"{"message":"no\r\nsuch\u001b[31m org"}"#),
            "no such [31m org"
        );
        assert_eq!(
            words(r#"{"title":"Bad Request","status":400}"#),
            "Bad Request"
        );
        assert_eq!(words("\"Login failed\""), "Login failed");
        assert_eq!(words("plain words"), "plain words");
        assert_eq!(words("<html><body>502</body></html>"), "");
        assert_eq!(words(""), "");
        assert_eq!(words(&"x".repeat(1000)).chars().count(), LONGEST_WORDS + 1);
    }

    #[test]
    fn times_are_written_as_the_api_does() {
        let at: Timestamp = "2026-01-20T14:33:34.147999Z".parse().unwrap();
        assert_eq!(time(at), "2026-01-20T14:33:34.147Z");
        let whole: Timestamp = "2026-01-20T14:33:34Z".parse().unwrap();
        assert_eq!(time(whole), "2026-01-20T14:33:34.000Z");
    }
}
