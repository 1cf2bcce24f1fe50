//! The token endpoint that placeholder pages call, for production behind a proxy that does TLS.
//!
//! [`Renewer`] has a valid token ready for every organization, by the state machine in [`Lease`]; requests only take
//! what is there. `access` and `forward` say whose pages may read a reply and who may have a token, `client` and `proxy_headers` who asks
//! and how often; `issuer` is all of it by one configuration, and `run` leads from one to the next.

mod access;
mod client;
mod clock;
mod forward;
mod identify;
mod issuer;
mod lease;
mod metrics;
mod mint;
mod persisted;
mod probe;
mod process;
mod proxy_headers;
mod queue;
mod rejection_log;
mod renewer;
mod routes;
mod run;
mod supervisor;

pub use lease::{Lease, State};
pub use metrics::Metrics;
pub use mint::Configured;
pub use probe::{Answer, answers, clock, stranger};
pub use renewer::{Failure, Former, Fresh, Mint, Nothing, Persisted, Renewer};
pub use routes::TOKEN;
pub use run::{Ending, Hooks, run};

use std::net::{IpAddr, SocketAddr};

use crate::api::{ApiError, CredentialsError};
use crate::settings::{Config, Endpoint, Listen};

/// Why the endpoint does not start.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// It would hand out tokens to everybody who asks.
    #[error(
        "nothing says which users may have tokens: everybody who can reach the endpoint, through a proxy too, would get one and be \
         that operator until it expires; set endpoint.auth-header or endpoint.forward-auth, or say --allow-anyone (or \
         endpoint.allow-anyone = true) if that is meant; endpoint.origins tells browsers whose pages may read a token, and \
         stops nobody who asks without a browser"
    )]
    Open,
    /// It would take everybody's word for who they are.
    #[error(
        "endpoint.trusted-proxies holds every address, so anyone who sends the header of endpoint.auth-header is the user that it \
         names; give the addresses or networks of your proxies, such as `172.16.0.0/12`, or say --allow-anyone (or \
         endpoint.allow-anyone = true) if that is meant"
    )]
    Trusting,
    /// Two ways to tell who a visitor is.
    #[error(
        "endpoint.auth-header and endpoint.forward-auth exclude each other: only one can decide who gets a token; keep \
         auth-header where the proxy authenticates, forward-auth where the endpoint has to ask a service"
    )]
    TwoWays,
    /// A user and an address in one header.
    #[error(
        "endpoint.auth-header and endpoint.client-header name the same header, which cannot hold both a user and an \
         address; name the one in which the proxy puts the user that it has authenticated as auth-header"
    )]
    OneHeader,
    /// Tokens and something else would be at one path.
    #[error(
        "placeholder.endpoint leads to {0}, where the endpoint answers checks; choose another path, or set \
         endpoint.admin-listen"
    )]
    Path(String),
    /// It would ask itself who a visitor is.
    #[error(
        "endpoint.forward-auth leads to this endpoint itself, which cannot say who a visitor is; set it to the address of \
         the authentication service"
    )]
    Loop,
    /// Not so many connections can be open.
    #[error(
        "endpoint.max-connections = {connections} needs {needed} open files, and the system allows {allowed}; raise that \
         (LimitNOFILE= of a systemd unit, `ulimit -n` of a shell), or lower endpoint.max-connections"
    )]
    Files {
        /// The setting.
        connections: u64,
        /// How many files it takes.
        needed: u64,
        /// How many there may be.
        allowed: u64,
    },
    /// The service manager has handed over something else than listening sockets.
    #[error(
        "the sockets that were handed over cannot be used: {0}; they must be listening stream sockets"
    )]
    HandedOver(std::io::Error),
    /// There is nobody to have tokens for.
    #[error(
        "no organizations are configured: add [organizations.NAME] with its id; `chathub orgs` lists them"
    )]
    NoOrganizations,
    /// There is nothing to mint with.
    #[error(
        "there are no credentials to mint tokens with; set CHATHUB_COMPANY_TOKEN, or CHATHUB_LOGIN and CHATHUB_PASSWORD"
    )]
    NoCredentials,
    /// See [`CredentialsError`].
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// See [`ApiError`].
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {why}; set {setting} to another address")]
    Listen {
        /// The address.
        listen: String,
        /// Where it is set.
        setting: &'static str,
        /// The system's reason.
        why: std::io::Error,
    },
    /// The client of the authentication service.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// Refuses a configuration that hands out tokens to everybody who asks without saying so, or that cannot work.
pub fn check(config: &Config) -> Result<(), EndpointError> {
    let endpoint = &config.endpoint;
    if config.organizations.is_empty() {
        return Err(EndpointError::NoOrganizations);
    }
    if endpoint.is_open() && !endpoint.allow_anyone {
        return Err(match endpoint.auth_header {
            Some(_) => EndpointError::Trusting,
            None => EndpointError::Open,
        });
    }
    if endpoint.auth_header.is_some() && endpoint.forward_auth.is_some() {
        return Err(EndpointError::TwoWays);
    }
    if endpoint.auth_header.is_some() && endpoint.auth_header == endpoint.client_header {
        return Err(EndpointError::OneHeader);
    }
    let path = issuer::path(config);
    if endpoint.admin_listen.is_none() && routes::ADMIN.contains(&path.as_str()) {
        return Err(EndpointError::Path(path));
    }
    let listens_there = match endpoint.listen {
        Listen::Tcp(address) => leads_to(endpoint, address),
        Listen::Unix(_) => false,
    };
    if listens_there || leads_through_proxy(endpoint, &path) {
        return Err(EndpointError::Loop);
    }
    Ok(())
}

/// Whether the authentication service's address is this one of ours, whatever the path: `/healthz` would let everybody in.
fn leads_to(endpoint: &Endpoint, ours: SocketAddr) -> bool {
    let service = endpoint
        .forward_auth
        .as_deref()
        .and_then(|url| url::Url::parse(url).ok());
    let Some(service) = service.filter(|url| url.port_or_known_default() == Some(ours.port()))
    else {
        return false;
    };
    let address = match service.host() {
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).to_canonical(),
        Some(url::Host::Domain(name)) => {
            let local = ours.ip().is_loopback() || ours.ip().is_unspecified();
            return local && (name == "localhost" || name.ends_with(".localhost"));
        }
        None => return false,
    };
    let is_every =
        ours.ip().is_unspecified() && (address.is_loopback() || address.is_unspecified());
    address == ours.ip().to_canonical() || is_every
}

/// Whether it is the path of tokens at one of the site's own hosts, which its proxy passes on to us.
fn leads_through_proxy(endpoint: &Endpoint, path: &str) -> bool {
    let service = endpoint
        .forward_auth
        .as_deref()
        .and_then(|url| url::Url::parse(url).ok());
    service.is_some_and(|url| {
        let origin = url.origin().ascii_serialization();
        endpoint.origins.contains(&origin) && [path, TOKEN].contains(&url.path())
    })
}
