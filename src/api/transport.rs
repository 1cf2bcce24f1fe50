//! One request and its reply, with everything that keeps the credential where it belongs.

use std::pin::pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, DATE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{ClientBuilder, RequestBuilder, Response, Url, redirect};
use rustls::crypto::ring;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use url::Host;

use super::call::Call;
use super::clock::Clock;
use super::error::ApiError;
use super::failure::{MOST_REDIRECTS, connect_timeout, failed, innermost};
use super::pace::Pace;
use super::reply;
use super::retry::{date, retry_after};
use crate::settings::Header;

/// For how long nothing is said about a call that has no answer.
const SILENCE: Duration = Duration::from_secs(5);

/// The longest reply that is read, in bytes: tens of thousands of operators.
const LONGEST_REPLY: usize = 8 << 20;

/// Sends requests to one origin.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    header: Header,
    timeout: Duration,
    pace: Pace,
    pub(super) clock: Clock,
}

/// What a request carries.
pub(super) struct Request<'a> {
    pub(super) call: Call,
    /// Parameters of the address.
    pub(super) query: Option<(&'static str, u64)>,
    /// The body.
    pub(super) json: Option<&'a serde_json::Value>,
    /// The credential.
    pub(super) token: Option<&'a SecretString>,
}

impl Transport {
    pub(super) fn new(url: &str, header: Header, timeout: Duration) -> Result<Self, ApiError> {
        let base = base(url).map_err(|why| ApiError::Address {
            url: shown(url),
            why,
        })?;
        // A proxy would be sent the credential in the clear.
        let http = http_client(base.scheme() == "http")
            .user_agent(concat!("chathub/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect_timeout(timeout))
            .timeout(timeout)
            .redirect(redirect::Policy::custom(same_origin));
        let http = built(http).map_err(ApiError::Setup)?;
        Ok(Self {
            http,
            base,
            header,
            timeout,
            pace: Pace::new(),
            clock: Clock::default(),
        })
    }

    /// Sends a request once, when it is its turn, and reads the body of a 2xx reply.
    ///
    /// `mask` takes secrets out of what the API says about an error.
    pub(super) async fn send(
        &self,
        request: &Request<'_>,
        mask: impl Fn(&str) -> String,
    ) -> Result<String, ApiError> {
        let call = request.call;
        if let Err(left) = self.pace.turn(call).await {
            let left = Duration::from_secs(left.as_secs() + 1);
            return Err(ApiError::Refused {
                call,
                status: 429,
                words: format!(
                    ", as an earlier call did: the API wants no calls for another {} s",
                    left.as_secs()
                ),
                retry_after: Some(left),
                origin: None,
            });
        }
        let start = Instant::now();
        let mut exchange = pin!(self.exchange(request, mask));
        let result = if let Ok(result) = timeout(SILENCE, &mut exchange).await {
            result
        } else {
            if self.timeout > SILENCE {
                tracing::warn!(
                    "{call} has had no answer for {SILENCE:?}; it is given up after {:?}",
                    self.timeout
                );
            }
            exchange.await
        };
        let time = start.elapsed();
        let ended = if result.is_ok() {
            "done in"
        } else {
            "failed after"
        };
        tracing::debug!("{call}: {ended} {time:.1?}");
        result
    }

    async fn exchange(
        &self,
        request: &Request<'_>,
        mask: impl Fn(&str) -> String,
    ) -> Result<String, ApiError> {
        let call = request.call;
        let failed = |error| failed(call, &error, self.timeout);
        let request = self.build(request)?;
        let sent = Timestamp::now();
        let mut response = request.send().await.map_err(failed)?;
        let header = |name| response.headers().get(name)?.to_str().ok();
        if let Some(date) = header(DATE).and_then(date) {
            self.clock.learn(date, sent, Timestamp::now());
        }
        let status = response.status();
        let wait = header(RETRY_AFTER).and_then(|value| retry_after(value, self.clock.now()));
        match status.as_u16() {
            429 => self.pace.pause(wait),
            503 if wait.is_some() => self.pace.pause(wait),
            _ => self.pace.answered(),
        }
        if status.is_redirection() {
            return Err(ApiError::Redirected {
                call,
                to: target(&response),
            });
        }
        let text = body(&mut response).await.map_err(failed)?;
        let text = text.ok_or_else(|| ApiError::Shape {
            call,
            found: format!("more than {} MiB", LONGEST_REPLY >> 20),
        })?;
        if status.is_success() {
            return Ok(text);
        }
        // Secrets go before the rest is cut: half a secret would not be recognised.
        let mut words = reply::line(&mask(&reply::words(&text)));
        if !words.is_empty() {
            words = format!(": “{words}”");
        }
        if let Some(wait) = wait {
            // Whole seconds, as the header has them.
            words = format!("{words} (it asks to wait {} s)", wait.as_secs());
        }
        Err(ApiError::Refused {
            call,
            status: status.as_u16(),
            words,
            retry_after: wait,
            origin: None,
        })
    }

    fn build(&self, request: &Request<'_>) -> Result<RequestBuilder, ApiError> {
        let call = request.call;
        let mut url = self.base.join(call.path()).map_err(|_| ApiError::Address {
            url: self.base.to_string(),
            why: "no path can follow it",
        })?;
        if let Some((name, value)) = request.query {
            url.query_pairs_mut().append_pair(name, &value.to_string());
        }
        // The vendor's samples ask for text/plain, under which it sends JSON.
        let mut builder = self
            .http
            .request(call.method(), url)
            .header(ACCEPT, "application/json, text/plain");
        if let Some(body) = request.json {
            builder = builder.json(body);
        }
        if let Some(token) = request.token {
            let (name, value) = match self.header {
                Header::Authorization => {
                    (AUTHORIZATION, format!("Bearer {}", token.expose_secret()))
                }
                Header::AuthorizationKey => (
                    HeaderName::from_static("x-authorization-key"),
                    token.expose_secret().to_owned(),
                ),
            };
            let mut value = HeaderValue::try_from(value).map_err(|_| ApiError::Shape {
                call: Call::CompanyToken,
                found: "a token that does not fit into a header".to_owned(),
            })?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        Ok(builder)
    }
}

/// What every HTTP client of ours begins with; `plain` if it speaks http: then through no proxy, and without certificates, which
/// are not needed and which not every container has.
pub(crate) fn http_client(plain: bool) -> ClientBuilder {
    // The first of the process counts; it is this one, unless a test or another library was faster.
    let _ = ring::default_provider().install_default();
    let http = reqwest::Client::builder();
    if plain {
        http.no_proxy().tls_certs_only([])
    } else {
        http
    }
}

/// The client, or why there is none and what to do: what fails here is to find certificates, as in a container that has nothing else.
pub(crate) fn built(client: ClientBuilder) -> Result<reqwest::Client, String> {
    client.build().map_err(|error| {
        format!(
            "{}; install the system's CA certificates (in Debian the package ca-certificates), or set SSL_CERT_FILE",
            innermost(&error)
        )
    })
}

/// Whether an address is one of this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The API's address, ready for paths to follow. It is https, or http on this machine.
fn base(url: &str) -> Result<Url, &'static str> {
    let mut base = Url::parse(url).map_err(|_| "it is not a complete URL")?;
    if !base.has_host() {
        return Err("it names no host");
    }
    match base.scheme() {
        "https" => {}
        "http" if is_loopback(&base) => {}
        "http" => return Err("over plain http everybody on the way could read the credential"),
        _ => return Err("it is not https"),
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err("a login in a URL ends up in logs");
    }
    base.set_query(None);
    base.set_fragment(None);
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Ok(base)
}

/// A wrong address as it may be shown: without a login.
fn shown(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    }
}

/// Follows redirects on the origin that the request went to. Any other is left as the reply that it is: nothing goes
/// there, neither the credential nor the body, which may hold a password.
fn same_origin(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let previous = attempt.previous();
    let stays = previous
        .last()
        .is_some_and(|from| from.origin() == attempt.url().origin());
    if !stays {
        attempt.stop()
    } else if previous.len() > MOST_REDIRECTS {
        attempt.error("too many redirects")
    } else {
        attempt.follow()
    }
}

/// The origin that a redirect leads to; its path and query may hold anything.
fn target(response: &Response) -> String {
    let location = response.headers().get(LOCATION);
    location
        .and_then(|value| response.url().join(value.to_str().ok()?).ok())
        .map_or_else(
            || "nowhere".to_owned(),
            |url| url.origin().ascii_serialization(),
        )
}

/// The body as text; none if it is too long.
async fn body(response: &mut Response) -> Result<Option<String>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > LONGEST_REPLY {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    // A byte order mark is not part of the text (RFC 8259, section 8.1, lets readers ignore it).
    Ok(Some(text.trim_start_matches('\u{feff}').to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_spoken_to() {
        for (url, wanted) in [
            ("https://chatapi.smsbat.com", "https://chatapi.smsbat.com/"),
            ("https://example.com/chat?x#y", "https://example.com/chat/"),
            ("HTTPS://example.com:8443/", "https://example.com:8443/"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
            ("http://127.1.2.3/", "http://127.1.2.3/"),
            ("http://[::1]:9000", "http://[::1]:9000/"),
            ("http://localhost", "http://localhost/"),
        ] {
            assert_eq!(base(url).unwrap().as_str(), wanted, "{url}");
        }
        for url in [
            "",
            "chatapi.smsbat.com",
            "//chatapi.smsbat.com",
            "http://chatapi.smsbat.com",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "http://0.0.0.0/",
            "http://192.168.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "https://me:secret@example.com/",
            "https://me@example.com/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert!(base(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_wrong_address_is_shown_without_its_login() {
        assert_eq!(shown("http://me:secret@host/"), "…@host/");
        assert_eq!(shown("http://host/"), "http://host/");
    }
}
