//! The token endpoint, asked once per organization as a visitor's browser asks it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::answer::Answer;
use super::client::{Client, Trouble};
use super::heads::kept;
use super::site::Site;
use crate::api::{date, is_loopback};
use crate::settings::{Config, Cookies};
use crate::token::{Judge, Unfit};
use crate::widget::{Kind, Tag};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, DATE, HeaderMap, HeaderName,
    HeaderValue, ORIGIN,
};
use serde_json::Value;
use tokio::runtime::Builder;
use url::Url;

/// The longest reply that the runtime reads, in bytes.
const LONGEST: usize = 1 << 16;
/// How long an endpoint may take to answer that is asked by itself.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many organizations are asked for.
const MOST: usize = 32;

/// An endpoint, as tags name it, and the organization that they ask for; none: the endpoint chooses.
pub(super) type Question = (String, Option<String>);

/// What the tags of pages would ask endpoints.
#[derive(Debug, Default)]
pub(super) struct Questions(BTreeSet<Question>);

impl Questions {
    /// Adds those of a page's tag.
    pub(super) fn note(&mut self, tag: &Tag) {
        if tag.kind != Kind::Loader || self.0.len() >= MOST {
            return;
        }
        let endpoint = tag.value("data-endpoint").unwrap_or_default();
        let names = tag.value("data-org").or_else(|| tag.value("data-orgs"));
        let mut names = names.into_iter().flat_map(str::split_whitespace).peekable();
        if names.peek().is_none() {
            self.0.insert((endpoint.to_owned(), None));
        }
        for name in names {
            self.0.insert((endpoint.to_owned(), Some(name.to_owned())));
        }
    }
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// What is wrong, each with the address.
    pub(super) faults: Vec<(String, String)>,
    /// What the user should know.
    pub(super) notices: Vec<String>,
}

/// Asks.
pub(super) fn ask(questions: &Questions, site: &Site, config: &Config, now: i64) -> Answers {
    let mut answers = Answers::default();
    for (endpoint, organization) in &questions.0 {
        let Ok(mut url) = site.address().join(endpoint) else {
            continue;
        };
        if let Some(organization) = organization {
            url.query_pairs_mut().append_pair("org", organization);
        }
        let same = url.origin() == site.address().origin();
        let mut fault = |why: String| answers.faults.push((url.to_string(), why));
        if !same && url.scheme() != "https" && !is_loopback(&url) {
            fault(
                "it is on another origin, and not https: the runtime asks nothing of it".to_owned(),
            );
            continue;
        }
        let origin = site.address().origin().ascii_serialization();
        match site.ask(&url, fields((!same).then_some(&*origin)), LONGEST) {
            Err(Trouble::Stopped) => return answers,
            Err(trouble) => fault(trouble.to_string()),
            Ok(answer) if matches!(answer.status, 401 | 403) => answers.notices.push(format!(
                "{url} refuses a visitor without a session ({}); whether one with a session gets a token, this run cannot tell",
                answer.status_words()
            )),
            Ok(answer) => {
                let loopback = is_loopback(site.address());
                let other = (!same).then_some((origin.as_str(), config.placeholder.cookies == Cookies::Include));
                for why in faults(&answer, other, loopback, now) {
                    fault(why);
                }
            }
        }
    }
    answers
}

/// What browsers send along; `origin`: of the page, where it is another.
fn fields(origin: Option<&str>) -> HeaderMap {
    let mut fields = HeaderMap::new();
    if let Some(Ok(origin)) = origin.map(HeaderValue::try_from) {
        fields.insert(ORIGIN, origin);
    }
    let how = match origin {
        None => "same-origin",
        Some(_) => "cross-site",
    };
    fields.insert(
        HeaderName::from_static("sec-fetch-site"),
        HeaderValue::from_static(how),
    );
    fields.insert(
        HeaderName::from_static("sec-fetch-mode"),
        HeaderValue::from_static("cors"),
    );
    fields
}

/// What an endpoint answers that is asked without its site.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// What is wrong with it, a sentence each without a full stop. That a visitor without a session is refused is not wrong.
    pub faults: Vec<String>,
    /// How far its clock is ahead of ours, if it says what time it is.
    pub ahead: Option<SignedDuration>,
}

/// Asks an endpoint for a token of an organization, or of the one that it chooses, as a page does. `origin`: of the page, where it is
/// another than the endpoint's, and whether cookies go along. The token is judged and forgotten.
///
/// # Errors
///
/// Why there is no answer.
pub fn ask_endpoint(
    endpoint: &Url,
    organization: Option<&str>,
    origin: Option<(&str, bool)>,
) -> Result<Reply, String> {
    let mut url = endpoint.clone();
    if let Some(organization) = organization {
        url.query_pairs_mut().append_pair("org", organization);
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let client = Client::new(&url, PATIENCE, &Arc::default()).map_err(|error| error.to_string())?;
    let asked = client.ask(&url, fields(origin.map(|(origin, _)| origin)), LONGEST);
    let answer = runtime.block_on(asked).map_err(|why| why.to_string())?;
    let now = Timestamp::now();
    let said = answer.header(&DATE).and_then(date);
    Ok(Reply {
        status: answer.status,
        faults: match answer.status {
            401 | 403 => Vec::new(),
            _ => faults(&answer, origin, is_loopback(&url), now.as_second()),
        },
        ahead: said.map(|said| said.duration_since(now)),
    })
}

/// What is wrong with a reply. `other`: it came from another origin than the site's, which is this one, and whether cookies go along.
fn faults(answer: &Answer, other: Option<(&str, bool)>, loopback: bool, now: i64) -> Vec<String> {
    if answer.status != 200 {
        let more = match answer.status {
            404 => "; it does not know the organization, or is somewhere else",
            300..=399 => "; tokens are not fetched by redirects",
            _ => "",
        };
        return vec![format!("it answers {}{more}", answer.status_words())];
    }
    let mut found = Vec::new();
    let text = String::from_utf8_lossy(&answer.body);
    match token(&text, 0) {
        None if answer.looks_like_html() => {
            found.push("it answers with a page of HTML, not with a token".to_owned());
        }
        None => found.push("there is no token in its answer".to_owned()),
        Some(token) => {
            let problems = Judge::at(now).problems(&token).into_iter();
            let problems = problems.filter(|why| !(loopback && matches!(why, Unfit::Development)));
            found.extend(problems.map(|why| format!("its token is not one to chat with: {why}")));
        }
    }
    if !kept(answer, now).no_store {
        found.push("it sends no `Cache-Control: no-store`, so a token may be kept and given to somebody else".to_owned());
    }
    if let Some((origin, cookies)) = other {
        let allowed = answer
            .header(&ACCESS_CONTROL_ALLOW_ORIGIN)
            .unwrap_or_default();
        if allowed != origin && (cookies || allowed != "*") {
            found.push(format!("it does not allow {origin} by `Access-Control-Allow-Origin`, so browsers keep the answer from the page"));
        }
        let with_cookies = answer.header(&ACCESS_CONTROL_ALLOW_CREDENTIALS) == Some("true");
        if cookies && !with_cookies {
            found.push("it does not send `Access-Control-Allow-Credentials: true`, and placeholder.cookies is \"include\"".to_owned());
        }
    }
    found
}

/// The token in a reply, in all the ways in which the runtime takes one.
fn token(text: &str, depth: u8) -> Option<String> {
    let text = text.trim();
    match serde_json::from_str(text) {
        Ok(Value::Object(reply)) => Some(reply.get("token")?.as_str()?.to_owned()),
        // As often as the runtime does.
        Ok(Value::String(inner)) if depth < 3 => token(&inner, depth + 1),
        Ok(_) => None,
        Err(_) => (!text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '<'))
            .then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use reqwest::header::CACHE_CONTROL;

    use super::*;

    fn reply(status: u16, body: &str, fields: &[(HeaderName, &str)]) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::try_from(*value).unwrap());
        }
        Answer {
            url: Url::parse("https://example.com/api/chathub/token").unwrap(),
            status,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn every_shape_that_the_runtime_takes_is_a_token() {
        for text in [
            r#"{"token":"abc","expiresAt":"x"}"#,
            r#""abc""#,
            "abc\n",
            r#""\"abc\"""#,
            r#""{\"token\":\"abc\"}""#,
        ] {
            assert_eq!(token(text, 0).as_deref(), Some("abc"), "{text}");
        }
        for text in [
            "",
            "{}",
            "[1]",
            "<!doctype html>",
            "not a token",
            r#"{"token":1}"#,
        ] {
            assert_eq!(token(text, 0), None, "{text}");
        }
    }

    #[test]
    fn a_reply_is_held_to_the_contract() {
        let no_store = (CACHE_CONTROL, "no-store");
        let development = crate::token::DEVELOPMENT_TOKEN;
        let count = |reply: &Answer, other, loopback| faults(reply, other, loopback, 0).len();
        let right = reply(200, development, std::slice::from_ref(&no_store));
        assert_eq!(count(&right, None, true), 0);
        assert_eq!(count(&right, None, false), 1);
        assert_eq!(count(&reply(200, development, &[]), None, true), 1);
        assert_eq!(count(&reply(404, "", &[]), None, true), 1);
        let site = "https://www.example.com";
        for (allowed, credentials, cookies, wanted) in [
            ("", "", false, 1),
            ("*", "", false, 0),
            ("*", "true", true, 1),
            (site, "true", true, 0),
            (site, "", true, 1),
            ("https://other.example", "", false, 1),
        ] {
            let fields = [
                no_store.clone(),
                (ACCESS_CONTROL_ALLOW_ORIGIN, allowed),
                (ACCESS_CONTROL_ALLOW_CREDENTIALS, credentials),
            ];
            let reply = reply(200, development, &fields);
            assert_eq!(
                count(&reply, Some((site, cookies)), true),
                wanted,
                "{allowed} {credentials}"
            );
        }
    }
}
