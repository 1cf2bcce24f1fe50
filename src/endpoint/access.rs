//! Whose pages may read a reply, and who may have a token.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use std::net::IpAddr;

use super::EndpointError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How long the authentication service may take.
const AUTH_TIME: Duration = Duration::from_secs(5);

/// Whose pages may read a reply.
#[derive(Debug)]
pub(super) struct Origins(pub(super) Vec<String>);

impl Origins {
    /// What speaks against answering a request with these headers.
    pub(super) fn objection(&self, headers: &HeaderMap) -> Option<&'static str> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        if !host
            .and_then(|host| host.parse().ok())
            .is_some_and(|host| self.knows(&host))
        {
            return Some(
                "unknown host: add its origin to endpoint.origins, or let the proxy send its own",
            );
        }
        match headers.get(ORIGIN) {
            Some(origin) if !self.0.iter().any(|ours| origin == ours.as_str()) => {
                Some("origin not in endpoint.origins")
            }
            Some(_) => None,
            // Pages of this very host send no origin with a GET. Others that send none cannot read the reply either.
            None => headers
                .get(SEC_FETCH_SITE)
                .is_some_and(|site| site == "cross-site")
                .then_some("another site's page, without its origin"),
        }
    }

    /// Whether a host is one that no stranger can point here by DNS to read replies as its own: an address, a name without
    /// a dot, or the host of an allowed origin.
    fn knows(&self, host: &Authority) -> bool {
        let name = host.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let ours = || {
            let hosts = self.0.iter().filter_map(|origin| origin.split_once("://"));
            let mut authorities = hosts.filter_map(|(_, host)| host.parse::<Authority>().ok());
            authorities.any(|ours| ours.host().eq_ignore_ascii_case(name))
        };
        address.parse::<IpAddr>().is_ok() || !name.contains('.') || ours()
    }
}

/// Who may have a token.
#[derive(Debug)]
pub(super) enum Authentication {
    /// Everybody.
    None,
    /// Whoever a trusted proxy names in this header.
    Header(HeaderName),
    /// Whoever this service says yes to.
    Forward {
        /// Asks it.
        client: reqwest::Client,
        /// Its address.
        url: String,
    },
}

/// What became of a visitor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    /// Nobody can say.
    Unknown(String),
}

impl Authentication {
    pub(super) fn forward(url: &str) -> Result<Self, EndpointError> {
        // The first of the process counts.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .timeout(AUTH_TIME)
            // A redirect to a login page is a no.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if url.starts_with("http:") {
            // Not every container has certificates, and none are needed.
            http = http.tls_certs_only([]);
        }
        let client = http
            .build()
            .map_err(|error| EndpointError::Setup(error.to_string()))?;
        Ok(Self::Forward {
            client,
            url: url.to_owned(),
        })
    }

    /// Judges a visitor by the request's headers; `trusted` says whether a trusted proxy sent them.
    pub(super) async fn judge(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        client: IpAddr,
        trusted: bool,
    ) -> Verdict {
        match self {
            Self::None => Verdict::Yes,
            Self::Header(name) => {
                let mut users = headers.get_all(name).iter();
                let user = users
                    .next()
                    .filter(|user| !user.as_bytes().trim_ascii().is_empty());
                // Two of them: one could be the visitor's own.
                if trusted && user.is_some() && users.next().is_none() {
                    Verdict::Yes
                } else {
                    Verdict::No
                }
            }
            Self::Forward { client: http, url } => {
                let mut request = http.get(url);
                for name in [COOKIE, AUTHORIZATION] {
                    for value in headers.get_all(&name) {
                        request = request.header(&name, value);
                    }
                }
                let host = headers
                    .get(HOST)
                    .cloned()
                    .unwrap_or(HeaderValue::from_static(""));
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                let request = request
                    .header("x-forwarded-method", "GET")
                    .header("x-forwarded-host", host)
                    .header("x-forwarded-uri", path)
                    .header("x-forwarded-for", client.to_string());
                match request.send().await.map(|reply| reply.status()) {
                    Ok(status) if status.is_success() => Verdict::Yes,
                    Ok(status) if status.is_client_error() || status.is_redirection() => {
                        Verdict::No
                    }
                    Ok(status) => Verdict::Unknown(format!("it answered {status}")),
                    // The address stands in the configuration; the error would repeat it.
                    Err(error) => Verdict::Unknown(error.without_url().to_string()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let field = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        list.iter().map(field).collect()
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let ours = Origins(vec![
            "https://www.example.com".to_owned(),
            "http://localhost:8000".to_owned(),
        ]);
        for (list, fine) in [
            (&[("host", "127.0.0.1:8787")] as &[_], true),
            (&[("host", "[::1]:8787")], true),
            (&[("host", "localhost:8787")], true),
            (&[("host", "chathub:8787")], true),
            (&[("host", "www.example.com")], true),
            (&[("host", "WWW.example.com")], true),
            (&[("host", "evil.example")], false),
            (&[("host", "www.example.com.evil.example")], false),
            (&[("host", "")], false),
            (&[], false),
            (
                &[("host", "127.0.0.1"), ("origin", "https://www.example.com")],
                true,
            ),
            (
                &[("host", "127.0.0.1"), ("origin", "http://localhost:8000")],
                true,
            ),
            (
                &[("host", "127.0.0.1"), ("origin", "http://www.example.com")],
                false,
            ),
            (
                &[
                    ("host", "127.0.0.1"),
                    ("origin", "https://www.example.com:8443"),
                ],
                false,
            ),
            (
                &[("host", "127.0.0.1"), ("origin", "https://evil.example")],
                false,
            ),
            (&[("host", "127.0.0.1"), ("origin", "null")], false),
            (
                &[("host", "127.0.0.1"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            (
                &[("host", "127.0.0.1"), ("sec-fetch-site", "same-origin")],
                true,
            ),
        ] {
            assert_eq!(ours.objection(&headers(list)).is_none(), fine, "{list:?}");
        }
    }

    #[tokio::test]
    async fn a_user_counts_only_from_a_trusted_proxy() {
        let header = Authentication::Header(HeaderName::from_static("remote-user"));
        let uri = Uri::from_static("/");
        for (list, trusted, wanted) in [
            (&[("remote-user", "olena")] as &[_], true, Verdict::Yes),
            (&[("remote-user", "olena")], false, Verdict::No),
            (&[("remote-user", " ")], true, Verdict::No),
            (
                &[("remote-user", "me"), ("remote-user", "olena")],
                true,
                Verdict::No,
            ),
            (&[], true, Verdict::No),
        ] {
            let address = IpAddr::from([192, 0, 2, 1]);
            let mut map = HeaderMap::new();
            for (name, value) in list {
                map.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!(
                header.judge(&map, &uri, address, trusted).await,
                wanted,
                "{list:?}"
            );
        }
    }
}
