//! The token endpoint that placeholder pages call, for production behind a proxy that does TLS.
//!
//! [`Renewer`] has a valid token ready for every organization, by the state machine in [`Lease`]; requests only take
//! what is there. `access` and `forward` say whose pages may read a reply and who may have a token, `client` and `proxy_headers` who asks
//! and how often; `issuer` is all of it by one configuration, and `run` leads from one to the next.

mod access;
mod client;
mod clock;
mod error;
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
mod single;
mod supervisor;

pub use error::EndpointError;
pub use issuer::TOKEN;
pub use lease::{Lease, State};
pub use metrics::Metrics;
pub use mint::Configured;
pub use probe::{Answer, answers, clock, stranger};
pub use renewer::{Failure, Former, Fresh, Mint, Nothing, Persisted, Renewer};
pub use run::{Ending, Hooks, run};

use std::net::{IpAddr, SocketAddr};

use crate::settings::{Config, Endpoint, Listen};

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
