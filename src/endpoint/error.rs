//! Why the endpoint does not start.

use crate::api::{ApiError, CredentialsError};

/// Why the endpoint does not start.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// It would hand out tokens to everybody who asks.
    #[error(
        "nothing says which users may have tokens: everybody who can reach the endpoint, through a proxy too, would get one and be \
         that operator until it expires; set endpoint.auth-header or endpoint.forward-auth, or pass --allow-anyone (or \
         endpoint.allow-anyone = true) if that is meant; endpoint.origins tells browsers whose pages may read a token, and \
         stops nobody who asks without a browser"
    )]
    Open,
    /// It would take everybody's word for who they are.
    #[error(
        "endpoint.trusted-proxies holds every address, so anyone who sends the header of endpoint.auth-header is the user that it \
         names; give the addresses or networks of your proxies, such as `172.16.0.0/12`, or pass --allow-anyone (or \
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
