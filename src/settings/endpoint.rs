//! `[endpoint]`: the token endpoint that `chathub endpoint` runs.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::check::{self, ValueError};
use super::table::commands::ENDPOINT;
use super::table::table;
use super::url;
use super::value::{Count, Flag, List, Text, Time};
use crate::token::LONGEST_LIFETIME;

/// Shorter, and a token would be old before it is in the page.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(10);

/// Where a server listens. Displays as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// At an address and port.
    Tcp(SocketAddr),
    /// At a socket of the file system.
    Unix(PathBuf),
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

/// What the path of a socket stands after.
const UNIX: &str = "unix:";
/// In bytes: what fits into a `sockaddr_un`, with the zero at its end.
const LONGEST_SOCKET: usize = 107;

table! {
    /// `[endpoint]`: the token endpoint that placeholder pages call.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Endpoint "endpoint." {
        /// Where it listens: an address and a port, or `unix:` and the path of a socket.
        listen "listen": Listen => Text(listen), or "127.0.0.1:8787", like "unix:/run/chathub/endpoint.sock",
            flag("--listen", "ADDRESS", ENDPOINT), guarded();

        /// Where it answers /livez, /readyz and /metrics; unset: where it serves tokens.
        admin_listen "admin-listen": Option<Listen> => Text(listen), like "127.0.0.1:8788";

        /// Origins whose pages may read tokens, a rule for browsers and no authentication; unset: pages of its own host.
        origins "origins": Vec<String> => List(origin), like ["https://www.example.com"], guarded();

        /// Give an operator token to anyone who can reach it; needed where neither auth-header nor forward-auth is set.
        allow_anyone "allow-anyone": bool => Flag, or false, like true, flag("--allow-anyone", "", ENDPOINT), guarded();

        /// Header in which a trusted proxy names the user that it has authenticated.
        ///
        /// The proxy must overwrite it.
        auth_header "auth-header": Option<String> => Text(auth_header), like "Remote-User", guarded();

        /// Address that is asked, with the visitor's cookies, who may have a token.
        ///
        /// It answers 2xx for those who may.
        forward_auth "forward-auth": Option<String> => Text(forward_auth), like "http://127.0.0.1:4180/oauth2/auth",
            guarded();

        /// Addresses and networks of proxies whose headers are believed.
        trusted_proxies "trusted-proxies": Vec<IpNet> => List(network), or ["127.0.0.0/8", "::1/128"], like ["10.0.0.0/8"],
            guarded();

        /// Header in which a trusted proxy gives the client's address, by which requests are counted.
        client_header "client-header": Option<String> => Text(header), like "X-Forwarded-For";

        /// Requests that a client may make in a minute; 0: any number.
        rate_limit "rate-limit": u64 => Count::<0, 1_000_000>, or 60, like 120;

        /// Connections at a time.
        max_connections "max-connections": u64 => Count::<1, 1_000_000>, or 1024, like 4096;

        /// Connections at a time from one address that is not a trusted proxy; 0: any number.
        max_connections_per_address "max-connections-per-address": u64 => Count::<0, 1_000_000>, or 64, like 16;

        /// How long the tokens that it mints live, 24 hours at most.
        ///
        /// They are renewed after half of it.
        token_lifetime "token-lifetime": Duration => Time(token_lifetime), or "24h", like "8h";

        /// Log in JSON, one object a line.
        log_json "log-json": bool => Flag, or false, like true, flag("--log-json", "", ENDPOINT);
    }
}

impl Endpoint {
    /// Whether anybody at all can have a token, since nobody is asked who they are. `origins` do not close it: they tell
    /// browsers whose pages may read a reply, and anyone who asks without a browser reads it anyway.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.forward_auth.is_none() && (self.auth_header.is_none() || self.trusts_everybody())
    }

    /// Whether every address counts as a proxy's, of either kind: then anyone who sends `auth-header` is that user.
    #[must_use]
    pub fn trusts_everybody(&self) -> bool {
        let networks = IpNet::aggregate(&self.trusted_proxies);
        networks.iter().any(|network| network.prefix_len() == 0)
    }
}

fn listen(text: &str) -> Result<Listen, ValueError> {
    let fault = |found: &str| {
        ValueError::new(
            "must be an address and a port, or a socket's path",
            found,
            "write `127.0.0.1:8787`, `0.0.0.0:8787` for every IPv4 address of this machine, or \
             `unix:/run/chathub/endpoint.sock`",
        )
    };
    match text.strip_prefix(UNIX) {
        Some(path) if path.starts_with('/') && path.len() <= LONGEST_SOCKET => {
            Ok(Listen::Unix(PathBuf::from(path)))
        }
        Some(path) if path.starts_with('/') => {
            Err(fault("the system allows no longer paths than 107 bytes"))
        }
        Some(_) => Err(fault("this path is not absolute")),
        None => text
            .parse()
            .map(Listen::Tcp)
            .map_err(|_| fault("this is neither")),
    }
}

/// As browsers write it: RFC 6454, section 6.2.
fn origin(text: &str) -> Result<String, ValueError> {
    plain_origin(text).map_err(|found| {
        ValueError::new(
            "takes origins: scheme, host, and the port unless it is the usual one",
            found,
            "write `https://www.example.com`, one for each host that serves your pages; http is for loopback hosts alone",
        )
    })
}

fn plain_origin(text: &str) -> Result<String, String> {
    url::secure_url(text)?;
    let origin = text.to_ascii_lowercase();
    let (scheme, host) = origin.split_once("://").unwrap_or_default();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    if host.ends_with('/') && host.find('/') == Some(host.len() - 1) {
        return Err("browsers send no slash at the end".to_owned());
    } else if host.contains(['/', '?']) {
        return Err("this has a path".to_owned());
    } else if host.ends_with(usual) {
        return Err("browsers leave the usual port out".to_owned());
    } else if host.contains('*') {
        return Err("there are no wildcards".to_owned());
    }
    // Names in other scripts are sent in ASCII, addresses in one form.
    match ::url::Url::parse(&origin).map(|url| url.origin().ascii_serialization()) {
        Ok(sent) if sent == origin => Ok(origin),
        Ok(sent) => Err(format!("browsers send it as `{sent}`")),
        Err(_) => Err("this is not a host name".to_owned()),
    }
}

/// The header in which a proxy names the user. Those that every client sends, or that every proxy sets for every client, would
/// let everybody in.
fn auth_header(text: &str) -> Result<String, ValueError> {
    let name = header(text)?;
    let about_users = [
        "x-forwarded-user",
        "x-forwarded-email",
        "x-forwarded-preferred-username",
    ];
    let names_nobody = NEVER_A_USER.split(' ').any(|other| other == name)
        || NEVER_A_USERS_PREFIX
            .split(' ')
            .any(|prefix| name.starts_with(prefix));
    if !names_nobody || about_users.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(ValueError::new(
        "must be a header that only an authenticated user's request has",
        "visitors whom nobody has authenticated send this one too, or the proxy sets it for everybody",
        "write the one in which the proxy names the user after authentication, such as `Remote-User`, \
         `X-Forwarded-User` or `X-Auth-Request-User`",
    ))
}

/// Headers of everyday requests, and what proxies add to every one.
const NEVER_A_USER: &str = "\
    authorization cache-control cdn-loop client-ip connection cookie cookie2 date dnt downlink dpr ect expect \
    fastly-client-ip forwarded from front-end-https host keep-alive last-event-id max-forwards origin pragma \
    priority proxy-authorization proxy-connection purpose range referer referrer rtt save-data te traceparent \
    tracestate trailer transfer-encoding true-client-ip upgrade upgrade-insecure-requests user-agent via warning \
    x-client-ip x-cluster-client-ip x-correlation-id x-real-ip x-request-id x-requested-with x-scheme";
/// Families of such headers.
const NEVER_A_USERS_PREFIX: &str = "\
    accept access-control- b3 baggage cf-connecting cf-ray content- if- sec- x-amzn-trace x-b3- x-cloud-trace \
    x-forwarded- x-original-";

/// A header field's name: RFC 9110, section 5.1.
fn header(text: &str) -> Result<String, ValueError> {
    let fits = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    if !text.is_empty() && text.chars().all(fits) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(ValueError::new(
        "must be the name of a header field",
        "this is none",
        "write the bare name, such as `X-Forwarded-For` or `Remote-User`",
    ))
}

fn forward_auth(text: &str) -> Result<String, ValueError> {
    match url::web(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(found) => Err(ValueError::new(
            "must be an http or https URL",
            found,
            "write the address that answers 2xx for visitors who may chat, such as `http://127.0.0.1:4180/oauth2/auth`",
        )),
    }
}

fn network(text: &str) -> Result<IpNet, ValueError> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| {
        ValueError::new(
            "takes addresses and networks",
            "this is neither",
            "write `10.0.0.5`, `10.0.0.0/8` or `fd00::/8`; names are not looked up",
        )
    })
}

fn token_lifetime(text: &str) -> Result<Duration, ValueError> {
    let lifetime = check::duration(text)?;
    let found = if lifetime > LONGEST_LIFETIME {
        "the API lets no token live longer than 24 hours"
    } else if lifetime < SHORTEST_LIFETIME {
        "this is too short to be of use"
    } else {
        return Ok(lifetime);
    };
    Err(ValueError::new(
        "must be from 10 s to 24 h",
        found,
        "write `8h`, or leave it out for 24 hours",
    ))
}
