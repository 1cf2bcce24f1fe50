//! JWTs that are not credentials, as documentation shows them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Why nobody can use a JWT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Harmless {
    /// It is one of the samples that the JWT debugger (jwt.io) shows to everybody.
    #[error("the public sample of the JWT debugger")]
    Sample,
    /// No signature by its algorithm has this length.
    #[error("its signature cannot be one: {found} bytes, where {algorithm} makes {wanted}")]
    Signature {
        /// As its header says.
        algorithm: &'static str,
        /// How many bytes such a signature has.
        wanted: &'static str,
        /// How many bytes it has.
        found: usize,
    },
    /// Its time is over.
    #[error("it expired at {}", super::date(*.0))]
    Expired(i64),
}

/// Why nobody can use a JWT at `now`, in seconds since 1970; none: somebody may.
#[must_use]
pub fn harmless(token: &str, now: i64) -> Option<Harmless> {
    if SAMPLES.contains(&digest(token).as_str()) {
        return Some(Harmless::Sample);
    }
    let (header, _) = super::content(token)?;
    let signature = token.rsplit('.').next()?;
    let algorithm = header.get("alg")?.as_str()?;
    if let Some(fault) = signature_fault(algorithm, signature) {
        return Some(fault);
    }
    let expires_at = super::inspect(token).ok()?.expires_at?;
    (expires_at <= now).then_some(Harmless::Expired(expires_at))
}

/// The SHA-256 of a token in hexadecimal digits, which gives nothing of it away: a signature cannot be guessed.
#[must_use]
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// What is wrong with a signature by its length alone (RFC 7518, 3.1; RFC 8037; RFC 8812). Of an algorithm that is not known
/// here nothing is said.
fn signature_fault(algorithm: &str, signature: &str) -> Option<Harmless> {
    // Keys of RSA have at least 2048 bits.
    const RSA: (&str, &[usize]) = ("256 or more", &[]);
    let (algorithm, (wanted, lengths)): (_, (_, &[usize])) = match algorithm {
        "HS256" => ("HS256", ("32", &[32])),
        "HS384" => ("HS384", ("48", &[48])),
        "HS512" => ("HS512", ("64", &[64])),
        "RS256" => ("RS256", RSA),
        "RS384" => ("RS384", RSA),
        "RS512" => ("RS512", RSA),
        "PS256" => ("PS256", RSA),
        "PS384" => ("PS384", RSA),
        "PS512" => ("PS512", RSA),
        "ES256" => ("ES256", ("64", &[64])),
        "ES256K" => ("ES256K", ("64", &[64])),
        "ES384" => ("ES384", ("96", &[96])),
        "ES512" => ("ES512", ("132", &[132])),
        "EdDSA" => ("EdDSA", ("64 or 114", &[64, 114])),
        "none" => ("none", ("no", &[0])),
        _ => return None,
    };
    // Bits that are left over in the last letter say nothing of the length.
    let found = URL_SAFE_NO_PAD
        .decode(signature)
        .map_or(signature.len() * 6 / 8, |bytes| bytes.len());
    let fits = if lengths.is_empty() {
        found >= 256
    } else {
        lengths.contains(&found) || lengths.iter().any(|length| begins_with(signature, *length))
    };
    (!fits).then_some(Harmless::Signature {
        algorithm,
        wanted,
        found,
    })
}

/// Whether a signature of this length may be the beginning: letters that follow a token are taken for a part of it. Bits that
/// are left over in a signature's last letter are zero, which tells most that only begin like one.
fn begins_with(signature: &str, length: usize) -> bool {
    let letters = (length * 4).div_ceil(3);
    let start = signature.get(..letters).filter(|_| length > 0);
    start.is_some_and(|start| URL_SAFE_NO_PAD.decode(start).is_ok())
}

/// SHA-256 of the debugger's samples, as it has shown them since 2015.
const SAMPLES: &[&str] = &[
    // HS256
    "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606",
    "da816f9f2c16e6c5390e7636cadc40c43551bf0bbcf8f36c65539e6633a9c5e8",
    "c794fa6d20c64efb9adf980ae93af472a1679775862d421ffe55d4a57fad5b3e",
    // HS384
    "2fd747913045713de29706fb762b3ba2190df143445281fe1387807800fb616a",
    "456d146d35bb38e7d0e005c47b599fcacf5483c440e9bdb0ea203d0a016a8531",
    "30fd6b09067a0bc60404de6979fbc2b9bf91e93cb6df76cf83f3ce7ccb410e47",
    // HS512
    "8807e19c17b2f83fd21474cb56d7c1d9f10615c5cd44d0a7cb215c99c72b9276",
    "23302102e2c9116b828078a2243df9cec6952f336f9fd63b269d2f48e6121f80",
    "fdcf9c6defc0af2a563a231fbe3615f21057f3a9adb36d02361b9ccdff5e18f9",
    // RS256
    "0672044443043ba75fe6767d263963d417ce791a6422a15fb6faeb348c548e95",
    "d843b31e0e3e1a691d10f5d1f7c191597fe003ab98ad3f193f3b16c5f4f00627",
    // ES256
    "d743e28aa96cefb9c1956713c617292b5535f7995db7e1a159c8ca90c2495f5d",
    // ES384
    "8a4a4a1c9942c7784cd046495139b6aa44b9161399580f41dbccef6ff998bcf7",
    // ES512
    "80aed3de24e7291ce7de5ebe20a0748a2f1beb024eb3d41d717616b74ed84f97",
    // PS256
    "d1fd81ea5a96eb4e62e700433d1123cb591d0c21fc2ad6468ea1d4465741a1a0",
    "3c67be3886433ffa5bb95bfa57356a600e8f9c3bb8fb839c1d7767d583c021d2",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn part(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Put together at run time, so that no secret scanner trips over this file.
    fn token(algorithm: &str, claims: &str, signature: usize) -> String {
        let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
        let signature = part(&vec![b's'; signature]);
        format!(
            "{}.{}.{signature}",
            part(header.as_bytes()),
            part(claims.as_bytes())
        )
    }

    #[test]
    fn a_signature_of_the_wrong_length_is_none() {
        for (algorithm, right) in [
            ("HS256", 32),
            ("HS384", 48),
            ("HS512", 64),
            ("RS256", 256),
            ("RS512", 256),
            ("PS384", 256),
            ("ES256", 64),
            ("ES384", 96),
            ("ES512", 132),
            ("EdDSA", 64),
        ] {
            assert_eq!(
                harmless(&token(algorithm, "{}", right), 0),
                None,
                "{algorithm}"
            );
            for wrong in [right - 1, 21] {
                let found = harmless(&token(algorithm, "{}", wrong), 0);
                assert!(
                    matches!(found, Some(Harmless::Signature { found, .. }) if found == wrong),
                    "{algorithm} {wrong} {found:?}"
                );
            }
        }
        assert_eq!(harmless(&token("RS256", "{}", 512), 0), None);
        assert!(harmless(&token("none", "{}", 1), 0).is_some());
        // Who knows.
        assert_eq!(harmless(&token("X9", "{}", 3), 0), None);
        assert_eq!(harmless(&token("hs256", "{}", 3), 0), None);
    }

    #[test]
    fn letters_behind_a_token_do_not_make_it_harmless() {
        for (algorithm, length) in [("HS256", 32), ("HS384", 48), ("ES512", 132), ("EdDSA", 64)] {
            let token = token(algorithm, "{}", length);
            for glued in [
                "x",
                "_next",
                "-v2-0123456789abcdef0123456789abcdef0123456789",
            ] {
                assert_eq!(
                    harmless(&format!("{token}{glued}"), 0),
                    None,
                    "{algorithm} {glued}"
                );
            }
        }
    }

    #[test]
    fn an_expired_one_is_none() {
        let jwt = token("HS256", r#"{"exp":1000}"#, 32);
        assert_eq!(harmless(&jwt, 1000), Some(Harmless::Expired(1000)));
        assert_eq!(harmless(&jwt, 999), None);
    }

    #[test]
    fn the_debuggers_sample_is_known_and_one_like_it_is_not() {
        // As anybody can compute it: signed with the key that stands beside it.
        use hmac::{Hmac, KeyInit, Mac};
        let signed = |key: &str| {
            let claims = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
            let whole = token("HS256", claims, 0);
            let content = whole.trim_end_matches('.');
            let mut mac =
                Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap_or_else(|_| unreachable!());
            mac.update(content.as_bytes());
            format!("{content}.{}", part(&mac.finalize().into_bytes()))
        };
        assert_eq!(
            harmless(&signed("your-256-bit-secret"), 0),
            Some(Harmless::Sample)
        );
        assert_eq!(harmless(&signed("another-secret"), 0), None);
    }
}
