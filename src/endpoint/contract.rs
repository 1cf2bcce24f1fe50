//! What an endpoint has to answer to a page, as its visitor's browser sees it: docs/own-endpoint.md.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, DATE, LOCATION, ORIGIN,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value;

use super::forward::words;
use crate::api::{connect_timeout, date, http_client};
use crate::redact;
use crate::token::{Judge, Unfit};

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest reply that the runtime reads, in bytes.
const LONGEST: usize = 1 << 16;

/// What came of asking.
#[derive(Debug, Default)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// What is wrong with it, a sentence each without a full stop.
    pub faults: Vec<String>,
    /// How far its clock is ahead of ours, if it says what time it is.
    pub ahead: Option<SignedDuration>,
}

/// Asks an endpoint once for a token of this organization, or of the one that it chooses, as a page of this origin does. The token is
/// judged and forgotten.
///
/// # Errors
///
/// Why it cannot be reached.
pub async fn ask(
    endpoint: &url::Url,
    organization: Option<&str>,
    origin: Option<&str>,
) -> Result<Reply, String> {
    let told = |error: reqwest::Error| words(&error, PATIENCE);
    let mut url = endpoint.clone();
    if let Some(organization) = organization {
        url.query_pairs_mut().append_pair("org", organization);
    }
    let client = http_client(url.scheme() == "http")
        .connect_timeout(connect_timeout(PATIENCE))
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(told)?;
    let mut request = client.get(url);
    if let Some(origin) = origin {
        request = request.header(ORIGIN, origin);
    }
    let mut reply = request.send().await.map_err(told)?;
    let received = Timestamp::now();
    let mut body = Vec::new();
    while body.len() <= LONGEST
        && let Some(part) = reply.chunk().await.map_err(told)?
    {
        body.extend_from_slice(&part);
    }
    let said = reply.headers().get(DATE);
    let said = said.and_then(|said| date(said.to_str().ok()?));
    let is_local = matches!(endpoint.host(), Some(url::Host::Domain("localhost")))
        || matches!(endpoint.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback())
        || matches!(endpoint.host(), Some(url::Host::Ipv6(ip)) if ip.is_loopback());
    let status = reply.status().as_u16();
    Ok(Reply {
        status,
        faults: faults(status, reply.headers(), &body, origin, is_local),
        ahead: said.map(|said| said.duration_since(received)),
    })
}

/// What is wrong with a reply. A visitor without a session may be refused.
fn faults(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    origin: Option<&str>,
    is_local: bool,
) -> Vec<String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match status {
        200 => {}
        401 | 403 => return Vec::new(),
        404 => {
            return vec![
                "it answers 404: it is elsewhere, or does not know the organization".to_owned(),
            ];
        }
        300..=399 => {
            let to = header(LOCATION).unwrap_or("nowhere");
            return vec![format!(
                "it answers {status} and leads to {}; tokens are not fetched by redirects",
                redact::mask(to)
            )];
        }
        status => return vec![format!("it answers {status}")],
    }
    let mut found = Vec::new();
    let is_html = header(CONTENT_TYPE).is_some_and(|kind| kind.contains("html"));
    match token(body) {
        _ if body.len() > LONGEST => found.push("its answer is too long for a token".to_owned()),
        None if is_html => found
            .push("it answers with a page of HTML, so the request does not reach it".to_owned()),
        None => found.push("there is no token in its answer".to_owned()),
        Some(token) => {
            let token = SecretString::from(token);
            redact::register(&token);
            let judge = Judge::at(Timestamp::now().as_second());
            let problems = judge.problems(secrecy::ExposeSecret::expose_secret(&token));
            let problems = problems.into_iter();
            let problems = problems.filter(|why| !(is_local && *why == Unfit::Development));
            found.extend(problems.map(|why| format!("nobody can chat with its token: {why}")));
        }
    }
    let cache = header(CACHE_CONTROL)
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !cache.split(',').any(|word| word.trim() == "no-store") {
        found.push("it sends no `Cache-Control: no-store`, so somebody else may get the token from a cache".to_owned());
    }
    if let Some(origin) = origin {
        let allowed = header(ACCESS_CONTROL_ALLOW_ORIGIN).unwrap_or_default();
        if allowed != origin && allowed != "*" {
            found.push(format!(
                "it does not allow {origin} by `Access-Control-Allow-Origin`"
            ));
        }
    }
    found
}

/// The token in a reply, in the ways in which the runtime takes one.
fn token(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    match serde_json::from_str(text) {
        Ok(Value::Object(reply)) => Some(reply.get("token")?.as_str()?.to_owned()),
        Ok(Value::String(token)) => Some(token),
        Ok(_) => None,
        Err(_) => {
            let is_text = |c: char| c.is_whitespace() || c == '<';
            (!text.is_empty() && !text.contains(is_text)).then(|| text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::token::DEVELOPMENT_TOKEN;

    fn count(
        status: u16,
        body: &str,
        fields: &[(&str, &str)],
        origin: Option<&str>,
        is_local: bool,
    ) -> usize {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            let name = axum::http::HeaderName::try_from(*name).unwrap();
            headers.append(name, value.parse().unwrap());
        }
        faults(status, &headers, body.as_bytes(), origin, is_local).len()
    }

    #[test]
    fn a_reply_is_held_to_the_contract() {
        let right = format!(r#"{{"token":"{DEVELOPMENT_TOKEN}"}}"#);
        let no_store = ("cache-control", "private, no-store");
        assert_eq!(count(200, &right, &[no_store], None, true), 0);
        assert_eq!(count(200, DEVELOPMENT_TOKEN, &[no_store], None, true), 0);
        assert_eq!(count(200, &right, &[no_store], None, false), 1);
        assert_eq!(count(200, &right, &[], None, true), 1);
        assert_eq!(count(200, "{}", &[no_store], None, true), 1);
        assert_eq!(
            count(
                200,
                "<!doctype html>",
                &[no_store, ("content-type", "text/html")],
                None,
                true
            ),
            1
        );
        for (status, wrong) in [(401, 0), (403, 0), (404, 1), (302, 1), (500, 1), (503, 1)] {
            assert_eq!(count(status, "", &[], None, true), wrong, "{status}");
        }
        let site = "https://www.example.com";
        for (allowed, wrong) in [(site, 0), ("*", 0), ("https://other.example", 1)] {
            let fields = [no_store, ("access-control-allow-origin", allowed)];
            assert_eq!(
                count(200, &right, &fields, Some(site), true),
                wrong,
                "{allowed}"
            );
        }
    }
}
