//! Any bytes as a token, as the parts of one, and as text with one in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chathub::internal::redact::mask;
use chathub::internal::token::{Claims, DEVELOPMENT_TOKEN, date, find, inspect, shorten};
use serde_json::{Map, Value};

/// Of a token that is shown shortened, this many characters at most are its own.
const SHOWN: usize = 10;

/// Demands of the reader what it promises; lines of the input are also taken for a token's header, claims and
/// signature, and for what stands around it.
pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    string(&text);
    masked(&text);
    found(data);
    let mut parts = data.split(|byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (header, claims, signature) = (part(), part(), part());
    let token = [header, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part));
    let token = token.join(".");
    string(&token);
    let around = parts.next().unwrap_or_default();
    let around = String::from_utf8_lossy(around);
    let text = format!("{around}{token}\"{around}");
    masked(&text);
    found(text.as_bytes());
    let object =
        token.starts_with("eyJ") && serde_json::from_slice::<Map<_, Value>>(header).is_ok();
    let joined = around.ends_with(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if object && !claims.is_empty() && !signature.is_empty() && !joined {
        let span = around.len()..around.len() + token.len();
        assert!(find(text.as_bytes()).any(|found| found == span), "{text:?}");
    }
    if let Ok(seconds) = around.parse() {
        assert!(!date(seconds).is_empty());
    }
}

/// What a string is by the words of RFC 7519 and no code of ours.
fn claims(token: &str) -> Option<Claims> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return None;
    };
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    object(header)?;
    let claims = object(claims)?;
    if signature.is_empty() || URL_SAFE_NO_PAD.decode(signature).is_err() {
        return None;
    }
    let time = |name: &str| match claims.get(name) {
        None | Some(Value::Null) => Some(None),
        #[allow(clippy::cast_possible_truncation)]
        Some(Value::Number(number)) => number.as_f64().map(|seconds| Some(seconds as i64)),
        Some(_) => None,
    };
    Some(Claims {
        expires_at: time("exp")?,
        issued_at: time("iat")?,
        not_before: time("nbf")?,
    })
}

/// A token whose claims have each name once: a reader may reject any other.
fn canonical(token: &str) -> Option<String> {
    claims(token)?;
    let (head, signature) = token.rsplit_once('.')?;
    let (header, claims) = head.split_once('.')?;
    let claims: Map<String, Value> =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let claims = URL_SAFE_NO_PAD.encode(Value::Object(claims).to_string());
    Some(format!("{header}.{claims}.{signature}"))
}

fn string(token: &str) {
    let (read, wanted) = (inspect(token).ok(), claims(token));
    if let Some(claims) = read {
        assert_eq!(read, wanted, "{token:?}");
        for seconds in [claims.expires_at, claims.issued_at].into_iter().flatten() {
            assert!(!date(seconds).is_empty());
        }
    }
    if let Some(canonical) = canonical(token) {
        assert_eq!(inspect(&canonical).ok(), wanted, "{canonical:?}");
    }
    let short = shorten(token);
    if token != DEVELOPMENT_TOKEN {
        let shown = short.chars().filter(|char| *char != '…').count();
        let all = token.chars().count();
        assert!(shown <= SHOWN && (shown == 0 || shown * 3 < all), "{short}");
    }
}

/// No token is left in a masked text, and nothing else is gone from it.
fn masked(text: &str) {
    let masked = mask(text);
    assert_eq!(find(masked.as_bytes()).count(), 0, "{text:?}: {masked:?}");
    let spans: Vec<_> = find(text.as_bytes()).collect();
    let mut rest = &*masked;
    let mut copied = 0;
    for span in spans {
        let kept = &text[copied..span.start];
        rest = rest.strip_prefix(kept).expect("what stands before a token");
        let short = shorten(&text[span.clone()]);
        rest = rest.strip_prefix(&*short).expect("the token, shortened");
        copied = span.end;
    }
    assert_eq!(rest, &text[copied..]);
}

/// Whatever is found is a token by shape, and ends where it ends.
fn found(bytes: &[u8]) {
    let mut last = 0;
    for span in find(bytes) {
        assert!(last <= span.start && span.start < span.end);
        last = span.end;
        let token = std::str::from_utf8(&bytes[span.clone()]).expect("it is ASCII");
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        let inside = token.bytes().all(|byte| part(&byte) || byte == b'.');
        assert!(inside && token.split('.').count() == 3, "{token:?}");
        assert!(token.split('.').all(|part| !part.is_empty()), "{token:?}");
        assert!(!bytes.get(span.end).is_some_and(part), "{token:?}");
    }
}
