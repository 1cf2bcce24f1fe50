//! Which request a line of the log is about.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Where a request's id stands.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C Trace Context: <https://www.w3.org/TR/trace-context/>.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The longest id that is taken over.
const LONGEST: usize = 128;

/// Makes ids.
#[derive(Debug)]
pub(super) struct Ids {
    /// Of this process.
    seed: u64,
    next: AtomicU64,
}

impl Default for Ids {
    fn default() -> Self {
        Self {
            seed: RandomState::new().hash_one(std::process::id()),
            next: AtomicU64::new(0),
        }
    }
}

impl Ids {
    /// The id that a trusted proxy gave the request, or one of our own.
    pub(super) fn of(&self, headers: &HeaderMap, trusted: bool) -> HeaderValue {
        let given = headers
            .get(X_REQUEST_ID)
            .filter(|id| trusted && is_plain(id));
        given.cloned().unwrap_or_else(|| {
            // A multiplication by an odd number reaches every value once.
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let mixed = self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut text = [0; 16];
            for (place, digit) in text.iter_mut().enumerate() {
                let nibble = u8::try_from((mixed >> (4 * place)) & 15).unwrap_or(0);
                *digit = b"0123456789abcdef"[usize::from(nibble)];
            }
            HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("-"))
        })
    }
}

/// Whether an id is short and made of what needs no escaping anywhere.
fn is_plain(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(byte);
    (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(fits)
}

/// The trace and the span that a request belongs to, if it says so rightly.
pub(super) fn trace(headers: &HeaderMap) -> Option<(&str, &str)> {
    let mut parts = headers.get(TRACEPARENT)?.to_str().ok()?.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next()?;
    let is_id = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            && text.bytes().any(|b| b != b'0')
    };
    (version.len() == 2 && version != "ff" && is_id(trace, 32) && is_id(span, 16))
        .then_some((trace, span))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_are_taken_from_trusted_proxies_or_made() {
        let ids = Ids::default();
        let with = |id: &'static str, trusted| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_static(id));
            ids.of(&headers, trusted).to_str().unwrap().to_owned()
        };
        assert_eq!(with("req-1/a", true), "req-1/a");
        let made = [
            with("req-1/a", false),
            with("a b", true),
            with("", true),
            with("a\"b", true),
        ];
        for one in &made {
            assert!(
                one.len() == 16 && one.bytes().all(|b| b.is_ascii_hexdigit()),
                "{one}"
            );
        }
        assert!(made.iter().collect::<std::collections::HashSet<_>>().len() == made.len());
    }

    #[test]
    fn a_trace_is_what_the_standard_says() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(TRACEPARENT, HeaderValue::from_static(text));
            trace(&headers).map(|(trace, span)| format!("{trace} {span}"))
        };
        assert_eq!(
            of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7")
        );
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-x-y-z",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
