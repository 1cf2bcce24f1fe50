//! Keeps other sites' pages out: the browser that shows the preview shows strangers' pages, too, and loopback is as near to
//! them.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The names that the preview goes by.
#[derive(Debug, Clone)]
pub(super) struct Names {
    hosts: [String; 3],
}

impl Names {
    /// Those of a server on this port of loopback.
    pub(super) fn new(port: u16) -> Self {
        Self {
            hosts: ["127.0.0.1", "localhost", "[::1]"].map(|name| match port {
                80 => name.to_owned(),
                port => format!("{name}:{port}"),
            }),
        }
    }

    /// Why a request is refused; none if it is not.
    fn objection(&self, uri: &Uri, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        let is_ours = |host: &str| {
            self.hosts
                .iter()
                .any(|ours| host.eq_ignore_ascii_case(ours))
        };
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        // A name of somebody else's that leads here is how a page gets at what browsers keep from other sites.
        if hosts.next().is_some() || !host.is_some_and(is_ours) {
            return Some((
                StatusCode::MISDIRECTED_REQUEST,
                "the preview answers to 127.0.0.1 and localhost only",
            ));
        }
        if uri
            .authority()
            .is_some_and(|authority| !is_ours(authority.as_str()))
        {
            return Some((
                StatusCode::MISDIRECTED_REQUEST,
                "the preview is not a proxy",
            ));
        }
        let origin_is_ours = |origin: &HeaderValue| {
            origin
                .to_str()
                .ok()
                .and_then(|origin| origin.strip_prefix("http://"))
                .is_some_and(is_ours)
        };
        if !headers.get_all(ORIGIN).iter().all(origin_is_ours) {
            return Some((
                StatusCode::FORBIDDEN,
                "the preview does not answer other sites' pages",
            ));
        }
        // A link from elsewhere, or from another port, may lead here; a script or picture may not.
        let says = |name, value: &str| headers.get(name).is_some_and(|said| said == value);
        let foreign = says(SEC_FETCH_SITE, "cross-site") || says(SEC_FETCH_SITE, "same-site");
        let foreign = foreign && !says(SEC_FETCH_MODE, "navigate");
        foreign.then_some((
            StatusCode::FORBIDDEN,
            "the preview does not answer other sites' pages",
        ))
    }
}

pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Lets a request through if it is one of the user's own.
pub(super) async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let mut reply = match names.objection(request.uri(), request.headers()) {
        Some((status, why)) => {
            (status, [(CACHE_CONTROL, "no-store")], format!("{why}\n")).into_response()
        }
        None => next.run(request).await,
    };
    reply
        .headers_mut()
        .insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    reply
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn status(uri: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        let mut map = HeaderMap::new();
        map.extend(headers);
        Names::new(4242)
            .objection(&uri.parse().unwrap(), &map)
            .map(|(status, _)| status.as_u16())
    }

    #[test]
    fn answers_its_own_pages_only() {
        let ours = ("host", "127.0.0.1:4242");
        for (uri, headers, wanted) in [
            ("/", &[ours] as &[_], None),
            ("/", &[("host", "localhost:4242")], None),
            ("/", &[("host", "LOCALHOST:4242")], None),
            ("/", &[("host", "[::1]:4242")], None),
            ("/", &[], Some(421)),
            ("/", &[("host", "localhost")], Some(421)),
            ("/", &[("host", "localhost:80")], Some(421)),
            ("/", &[("host", "evil.example:4242")], Some(421)),
            ("/", &[("host", "localhost.evil.example:4242")], Some(421)),
            ("/", &[ours, ("host", "evil.example:4242")], Some(421)),
            ("http://evil.example/", &[ours], Some(421)),
            ("http://localhost:4242/", &[ours], None),
            ("/", &[ours, ("origin", "http://127.0.0.1:4242")], None),
            ("/", &[ours, ("origin", "http://evil.example")], Some(403)),
            (
                "/",
                &[ours, ("origin", "https://127.0.0.1:4242")],
                Some(403),
            ),
            ("/", &[ours, ("origin", "http://127.0.0.1:4243")], Some(403)),
            ("/", &[ours, ("origin", "null")], Some(403)),
            (
                "/",
                &[
                    ours,
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "no-cors"),
                ],
                Some(403),
            ),
            (
                "/",
                &[
                    ours,
                    ("sec-fetch-site", "same-site"),
                    ("sec-fetch-mode", "no-cors"),
                ],
                Some(403),
            ),
            (
                "/",
                &[
                    ours,
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                ],
                None,
            ),
            (
                "/",
                &[
                    ours,
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-mode", "cors"),
                ],
                None,
            ),
        ] {
            assert_eq!(status(uri, headers), wanted, "{uri} {headers:?}");
        }
    }
}
