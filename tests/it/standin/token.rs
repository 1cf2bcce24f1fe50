//! Signed tokens (HS256, RFC 7515), as the API hands them out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

const KEY: &[u8] = b"known to the stand-in alone";

fn signature(text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(KEY).unwrap();
    mac.update(text.as_bytes());
    mac
}

/// A token with these claims.
pub(super) fn sign(claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", part(&header), part(claims));
    let signature = signature(&text).finalize().into_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a token that was signed here.
pub(super) fn read(token: &str) -> Option<Value> {
    let (text, sign) = token.rsplit_once('.')?;
    let sign = URL_SAFE_NO_PAD.decode(sign).ok()?;
    signature(text).verify_slice(&sign).ok()?;
    let (_, claims) = text.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
