//! The token endpoint that placeholder pages call, for production behind a proxy that does TLS.
//!
//! [`Keeper`] has a valid token ready for every organization, by the state machine in [`Lease`]; requests only take
//! what is there. `access` says whose pages may read a reply and who may have a token, `client` who asks and how often.

mod access;
mod client;
mod keeper;
mod lease;
mod metrics;
mod mint;
mod routes;

pub use keeper::{Failure, Fresh, Keeper, Mint, Nothing};
pub use lease::{Lease, State};
pub use metrics::Metrics;
pub use mint::Configured;
pub use routes::TOKEN;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use governor::{Quota, RateLimiter};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::api::{ApiError, CredentialsError};
use crate::config::Config;
use crate::server::{Limits, serve};
use access::{Authentication, Origins};
use client::{Proxies, RateLimit};
use routes::Desk;

/// How long a client may take to send a request's head.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long requests under way may take when the endpoint is to end.
const GRACE: Duration = Duration::from_secs(10);

/// How many refused requests are logged in a minute.
const COMPLAINTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// Why the endpoint does not start.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// It would hand out tokens to the whole world.
    #[error(
        "endpoint.listen = \"{0}\" is open to other machines, and nothing says whose pages or which users may have tokens; set \
         endpoint.origins, endpoint.auth-header or endpoint.forward-auth, or say --allow-anyone"
    )]
    Open(SocketAddr),
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
    #[error("cannot listen on {address}: {source}; set endpoint.listen to another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The client of the authentication service.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// Refuses a configuration that hands out tokens to whoever asks.
pub fn check(config: &Config) -> Result<(), EndpointError> {
    let endpoint = &config.endpoint;
    if config.organizations.is_empty() {
        return Err(EndpointError::NoOrganizations);
    }
    let local = endpoint.listen.ip().to_canonical().is_loopback();
    if !local && endpoint.is_open() && !endpoint.allow_anyone {
        return Err(EndpointError::Open(endpoint.listen));
    }
    Ok(())
}

/// Listens, and serves tokens from `mint` until `stop` comes true.
pub async fn run(config: &Config, mint: impl Mint, stop: impl Future) -> Result<(), EndpointError> {
    check(config)?;
    let endpoint = &config.endpoint;
    let trouble = |source| EndpointError::Listen {
        address: endpoint.listen,
        source,
    };
    let listener = TcpListener::bind(endpoint.listen).await.map_err(trouble)?;
    let address = listener.local_addr().map_err(trouble)?;
    let metrics = Arc::new(Metrics::default());
    let most = usize::try_from(endpoint.max_connections)
        .unwrap_or(usize::MAX)
        .clamp(1, Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    // The configuration lets only names through that are names.
    let header = |name: &Option<String>| {
        name.as_ref()
            .and_then(|name| name.parse::<HeaderName>().ok())
    };
    let authentication = match (&endpoint.forward_auth, header(&endpoint.auth_header)) {
        (Some(url), _) => Authentication::forward(url)?,
        (None, Some(name)) => Authentication::Header(name),
        (None, None) => Authentication::None,
    };
    let per_minute = u32::try_from(endpoint.rate_limit).unwrap_or(u32::MAX);
    let desk = Desk {
        keeper: Keeper::start(
            &Arc::new(mint),
            config.organizations.keys().cloned(),
            &metrics,
        ),
        origins: Origins(endpoint.origins.clone()),
        proxies: Proxies {
            trusted: endpoint.trusted_proxies.clone(),
            client_header: header(&endpoint.client_header),
        },
        authentication,
        limit: NonZeroU32::new(per_minute).map(RateLimit::per_minute),
        complaints: RateLimiter::direct(Quota::per_minute(COMPLAINTS)),
        default: config.unnamed_organization().map(str::to_owned),
        metrics,
        places: Arc::clone(&places),
        most,
    };
    let limits = Limits {
        connections: places,
        head_time: HEAD_TIME,
        grace: GRACE,
    };
    tracing::info!(
        address = format!("http://{address}{TOKEN}"),
        organizations = config.organizations.len(),
        "listening"
    );
    serve(listener, routes::routes(desk), limits, stop).await;
    tracing::info!("ended");
    Ok(())
}
