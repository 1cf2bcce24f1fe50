//! A service that says who may have a token, asked as Traefik's `ForwardAuth` and Caddy's `forward_auth` ask it:
//! <https://doc.traefik.io/traefik/middlewares/http/forwardauth/>, <https://caddyserver.com/docs/caddyfile/directives/forward_auth>.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, FORWARDED, HOST, LOCATION,
    PROXY_AUTHORIZATION, RANGE, RETRY_AFTER, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    VIA,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use reqwest::{Response, Url};
use tokio::time::timeout;

use super::EndpointError;
use crate::api::{built, connect_timeout, http_client, innermost, retry_after, too_slow};

/// What became of a visitor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    /// It is not known who this is.
    Unauthorized,
    /// It is known, and may not.
    Forbidden,
    /// Nobody can say; ask again after so many seconds, if anybody knows.
    Unknown(String, Option<u64>),
}

/// How long the service may take.
const AUTH_TIME: Duration = Duration::from_secs(5);
/// The longest wait that it may ask visitors for, in seconds.
const LONGEST_WAIT: u64 = 600;

/// The longest body that is worth reading for the sake of its connection, in bytes.
const LONGEST_BODY: usize = 64 << 10;

/// Of one connection or one body, so not for the service (RFC 9110, section 7.6.1); and what we say ourselves.
const KEPT: [HeaderName; 18] = [
    HOST,
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    CONTENT_ENCODING,
    FORWARDED,
    VIA,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-auth-request-redirect"),
];
/// Headers of these families are ours to set, whatever a visitor says: a service could judge by them what is asked for.
const OURS: [&str; 2] = ["x-forwarded-", "x-original-"];

/// The service.
#[derive(Debug)]
pub(super) struct Forward {
    client: reqwest::Client,
    url: Url,
    /// What the service learns about us, by which a request that comes back is known.
    via: HeaderValue,
}

/// Who asks, for the service.
pub(super) struct Visitor<'a> {
    pub(super) request: &'a Parts,
    pub(super) address: IpAddr,
    /// `https` or `http`, as the visitor's browser has it.
    pub(super) scheme: &'a str,
    pub(super) request_id: &'a HeaderValue,
}

impl Forward {
    pub(super) fn new(url: &str) -> Result<Self, EndpointError> {
        let setup = |why: String| EndpointError::Setup(why);
        let url = Url::parse(url).map_err(|error| setup(error.to_string()))?;
        let client = http_client(url.scheme() == "http")
            .connect_timeout(connect_timeout(AUTH_TIME))
            .timeout(AUTH_TIME)
            // A redirect to a login page is a no.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let client = built(client).map_err(setup)?;
        let name = RandomState::new().hash_one(std::process::id());
        let via = format!("1.1 chathub-{name:016x}");
        Ok(Self {
            client,
            url,
            via: HeaderValue::try_from(via).map_err(|error| setup(error.to_string()))?,
        })
    }

    /// Whether a request is one of ours that has come back: the service's address leads here.
    pub(super) fn is_loop(&self, headers: &HeaderMap) -> bool {
        let ours = self.via.as_bytes();
        let mut vias = headers.get_all(VIA).iter();
        vias.any(|via| memchr::memmem::find(via.as_bytes(), ours).is_some())
    }

    /// What the service says about a visitor, and the cookies that it sets.
    pub(super) async fn judge(&self, visitor: &Visitor<'_>) -> (Verdict, Vec<HeaderValue>) {
        match timeout(AUTH_TIME, self.ask(visitor)).await {
            Ok(Ok(reply)) => {
                let cookies = reply.headers().get_all(SET_COOKIE).iter().cloned();
                let judged = (self.verdict(&reply), cookies.collect());
                tokio::spawn(timeout(AUTH_TIME, drain(reply)));
                judged
            }
            // The address stands in the configuration; the error would repeat it.
            Ok(Err(error)) => (Verdict::Unknown(words(&error, AUTH_TIME), None), Vec::new()),
            Err(_) => {
                let why = format!("no answer within {AUTH_TIME:?}");
                (Verdict::Unknown(why, None), Vec::new())
            }
        }
    }

    /// Asks, once more if the service had closed the connection meanwhile.
    async fn ask(&self, visitor: &Visitor<'_>) -> reqwest::Result<Response> {
        let headers = self.headers(visitor);
        let send = || {
            self.client
                .get(self.url.clone())
                .headers(headers.clone())
                .send()
        };
        match send().await {
            Err(error) if !error.is_timeout() && !error.is_connect() => send().await,
            result => result,
        }
    }

    fn headers(&self, visitor: &Visitor<'_>) -> HeaderMap {
        let request = visitor.request;
        // RFC 9110, section 7.6.1: what Connection names is of this connection alone.
        let is_hop = |name: &HeaderName| {
            let connection = request.headers.get_all(CONNECTION).iter();
            let mut hops = connection
                .filter_map(|names| names.to_str().ok())
                .flat_map(|names| names.split(','));
            hops.any(|hop| hop.trim().eq_ignore_ascii_case(name.as_str()))
        };
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 10);
        for (name, value) in &request.headers {
            let ours = OURS.iter().any(|family| name.as_str().starts_with(family));
            // A service that answers 304, or a part, has said neither yes nor no.
            let conditional = *name == RANGE || name.as_str().starts_with("if-");
            if !ours && !conditional && !KEPT.contains(name) && !is_hop(name) {
                headers.append(name, value.clone());
            }
        }
        for via in request.headers.get_all(VIA) {
            headers.append(VIA, via.clone());
        }
        headers.append(VIA, self.via.clone());
        let empty = HeaderValue::from_static("");
        let host = request.headers.get(HOST).cloned().unwrap_or(empty);
        let path = request
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let url = format!("{}://{}{path}", visitor.scheme, host.to_str().unwrap_or(""));
        let address = visitor.address.to_string();
        headers.insert("x-request-id", visitor.request_id.clone());
        headers.insert("x-forwarded-host", host);
        for (name, value) in [
            ("x-forwarded-method", request.method.as_str()),
            ("x-forwarded-proto", visitor.scheme),
            ("x-forwarded-uri", path),
            ("x-forwarded-for", &address),
            ("x-real-ip", &address),
            ("x-original-method", request.method.as_str()),
            ("x-original-url", &url),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers
    }

    fn verdict(&self, reply: &Response) -> Verdict {
        let status = reply.status();
        match status {
            _ if status.is_success() => Verdict::Yes,
            StatusCode::UNAUTHORIZED => Verdict::Unauthorized,
            StatusCode::FORBIDDEN => Verdict::Forbidden,
            StatusCode::LOOP_DETECTED => {
                let why = "its address leads back to this endpoint; correct endpoint.forward-auth";
                Verdict::Unknown(why.to_owned(), None)
            }
            _ if status.is_redirection() => match self.moved(reply) {
                // To a login page. Following it would give the page a login form in place of a token.
                None => Verdict::Unauthorized,
                Some(why) => Verdict::Unknown(why, None),
            },
            _ => {
                let mut why = format!("it answered {status}");
                if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
                    why.push_str("; is endpoint.forward-auth the right address?");
                }
                let wait = reply.headers().get(RETRY_AFTER);
                let wait = wait.and_then(|wait| retry_after(wait.to_str().ok()?, Timestamp::now()));
                let wait = wait.map(|wait| wait.as_secs().clamp(1, LONGEST_WAIT));
                Verdict::Unknown(why, wait)
            }
        }
    }

    /// What is wrong with a redirect that leads to no login page: nowhere, or to the same path at another scheme or host
    /// or with a slash, so the configured address is not quite right.
    fn moved(&self, reply: &Response) -> Option<String> {
        let location = reply.headers().get(LOCATION);
        let target = location.and_then(|to| self.url.join(to.to_str().ok()?).ok());
        let Some(target) = target else {
            return Some(format!("it answered {} and named no place", reply.status()));
        };
        let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
        (path(&target) == path(&self.url) && target.query() == self.url.query()).then(|| {
            format!(
                "it has moved to {}{}; correct endpoint.forward-auth",
                target.origin().ascii_serialization(),
                target.path()
            )
        })
    }
}

/// Reads what nobody needs, as far as it is short: so the connection serves the next visitor.
async fn drain(mut reply: Response) {
    let mut read = 0;
    while let Ok(Some(part)) = reply.chunk().await {
        read += part.len();
        if read > LONGEST_BODY {
            break;
        }
    }
}

/// What happened to a request that may take `time`.
pub(super) fn words(error: &reqwest::Error, time: Duration) -> String {
    too_slow(error, time).unwrap_or_else(|| innermost(error))
}
