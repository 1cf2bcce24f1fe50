//! Whose pages may read a reply, and who may have a token.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::forward::Forward;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whose pages may read a reply.
#[derive(Debug)]
pub(super) struct Origins(pub(super) Vec<String>);

/// What speaks against answering a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Objection {
    Host,
    Origin,
    CrossSite,
}

impl Objection {
    /// What it is, for the server's administrator.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Host => {
                "unknown host: add its origin to endpoint.origins, or let the proxy send its own"
            }
            Self::Origin => "origin not in endpoint.origins",
            Self::CrossSite => "another site's page, without its origin",
        }
    }
}

impl Origins {
    /// What speaks against answering a request with these headers.
    pub(super) fn objection(&self, headers: &HeaderMap) -> Option<Objection> {
        if !host(headers).is_some_and(|host| self.knows(&host)) {
            return Some(Objection::Host);
        }
        match headers.get(ORIGIN) {
            Some(origin) if !self.0.iter().any(|ours| origin == ours.as_str()) => {
                Some(Objection::Origin)
            }
            Some(_) => None,
            // Pages of this very host send no origin with a GET. Others that send none cannot read the reply either.
            None => headers
                .get(SEC_FETCH_SITE)
                .is_some_and(|site| site == "cross-site")
                .then_some(Objection::CrossSite),
        }
    }

    /// The scheme by which visitors reach a host: that of its origin; else what a trusted proxy `says`, if that is one.
    pub(super) fn scheme(&self, headers: &HeaderMap, says: Option<&HeaderValue>) -> &'static str {
        let host = host(headers);
        let ours = self.0.iter().filter_map(|origin| origin.split_once("://"));
        let mut schemes = ours.filter(|(_, authority)| {
            let authority = authority.parse::<Authority>().ok();
            host.is_some() && authority == host
        });
        let says = says.and_then(|says| says.to_str().ok());
        match schemes.next().map(|(scheme, _)| scheme).or(says) {
            Some(scheme) if scheme.trim().eq_ignore_ascii_case("https") => "https",
            _ => "http",
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

fn host(headers: &HeaderMap) -> Option<Authority> {
    headers.get(HOST)?.to_str().ok()?.parse().ok()
}

/// Who may have a token.
#[derive(Debug)]
pub(super) enum Authentication {
    /// Everybody.
    None,
    /// The user whom a trusted proxy names in this header.
    Header(HeaderName),
    /// The user whom this service lets through.
    Forward(Box<Forward>),
}

/// Words that stand for nobody in logs and headers, in lower case.
const NOBODY: [&str; 17] = [
    "-",
    "\"\"",
    "''",
    "(null)",
    "null",
    "(none)",
    "none",
    "nil",
    "undefined",
    "anonymous",
    "(anonymous)",
    "guest",
    "nobody",
    "unknown",
    "(unknown)",
    "unauthenticated",
    "false",
];

/// The user that a trusted proxy names; none if it names nobody, or more than one: one of them could be the visitor's own.
pub(super) fn user<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut users = headers.get_all(name).iter();
    let (Some(user), None) = (users.next(), users.next()) else {
        return None;
    };
    let user = user.as_bytes().trim_ascii();
    // What a proxy puts there whose template names nothing.
    let is_template = user.starts_with(b"$") || user.starts_with(b"{") || user.starts_with(b"%{");
    let is_nobody = NOBODY
        .iter()
        .any(|word| user.eq_ignore_ascii_case(word.as_bytes()));
    let several = user.contains(&b',');
    (!user.is_empty() && !is_template && !is_nobody && !several).then_some(user)
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

    #[test]
    fn placeholders_and_lists_are_nobody() {
        let name = HeaderName::from_static("remote-user");
        let named = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(&name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            user(&headers, &name).map(<[u8]>::to_vec)
        };
        for one in [
            "olena",
            "Олена",
            "olena@example.com",
            "unknown-user",
            "o'brien",
            "1001",
        ] {
            assert_eq!(named(&[one]).as_deref(), Some(one.as_bytes()), "{one}");
        }
        assert_eq!(named(&[" olena "]).as_deref(), Some(&b"olena"[..]));
        for nobody in NOBODY.into_iter().chain([
            "",
            " ",
            "\t",
            "(NULL)",
            " Anonymous ",
            "$remote_user",
            "{http.auth.user.id}",
            "%{REMOTE_USER}e",
            "olena,taras",
            "olena, ",
        ]) {
            assert_eq!(named(&[nobody]), None, "{nobody:?}");
        }
        assert_eq!(named(&[]), None);
        assert_eq!(named(&["olena", "olena"]), None);
    }
}
