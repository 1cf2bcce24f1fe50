//! Why a call failed.

use std::time::Duration;

use super::call::Call;

/// Why a call failed: which one, what the API said, and what to do. Never shows a secret.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The API's address is none, or one that no credential may be sent to. Nothing was sent.
    #[error("{url} cannot be the API's address: {why}; correct `url` in [api], or CHATHUB_API_URL")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The HTTP client cannot be set up, as where the system has no certificates.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
    /// A token was to live longer than the API allows. Nothing was sent.
    #[error(
        "an operator token lives 24 hours at most: the API refuses to mint one that expires later"
    )]
    Lifetime,
    /// The API answered with an error.
    #[error("{call} failed with status {status}{words}; {}", remedy(*call, *status, origin.as_deref()))]
    Refused {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// The API's own words, cut to a line, with what leads up to them; empty if it had none.
        words: String,
        /// How long the API asks to wait.
        retry_after: Option<Duration>,
        /// Where the credential comes from that it refused, if it did and that is known.
        origin: Option<String>,
    },
    /// The API sent the call elsewhere, and it was not followed.
    #[error(
        "{call} is redirected to {to}, where the credential must not go; if that is the API's new address, set it as \
         `url` in [api] or CHATHUB_API_URL"
    )]
    Redirected {
        /// The call.
        call: Call,
        /// The origin that the redirect leads to.
        to: String,
    },
    /// There was no connection, or it broke.
    #[error("{call} failed: {why}; check the network, the proxy settings and the API's address")]
    Network {
        /// The call.
        call: Call,
        /// What happened.
        why: String,
        /// Whether the API cannot have received the call.
        unsent: bool,
    },
    /// A proxy wants to know first who asks.
    #[error(
        "{call} failed: the proxy wants a login (407); give it in HTTPS_PROXY, as in http://USER:PASSWORD@proxy.example:3128"
    )]
    Proxy {
        /// The call.
        call: Call,
    },
    /// There was no secure connection: it is not certain whose server it is, or it does not speak TLS.
    #[error(
        "{call} failed, no secure connection: {why}; check the API's address, this machine's clock and, behind a proxy \
         that opens connections, that the system trusts its certificate (or SSL_CERT_FILE names it)"
    )]
    Untrusted {
        /// The call.
        call: Call,
        /// What happened.
        why: String,
    },
    /// There was no answer in time.
    #[error("{call} failed: {why}; try again later, or raise `timeout` in [api]")]
    TimedOut {
        /// The call.
        call: Call,
        /// What was waited for, and how long.
        why: String,
    },
    /// The answer is not what the API's documentation says.
    #[error(
        "{call} was answered with {found}; check that `url` in [api] is the ChatHub API's address"
    )]
    Shape {
        /// The call.
        call: Call,
        /// What came.
        found: String,
    },
}

impl ApiError {
    /// Whether the same call may work later: the API was busy, in trouble, or out of reach.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Network { .. } | Self::TimedOut { .. } => true,
            _ => false,
        }
    }

    /// How long the API asks to wait before the next call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether what was asked for is wrong, as opposed to what came of it. Nothing was sent then.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Address { .. } | Self::Lifetime)
    }

    /// Whether it may mean that what was asked about does not exist.
    pub(super) fn may_be_unknown(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 400 | 404,
                ..
            }
        )
    }

    /// Whether the API says that the company token is not, or no longer, valid.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }

    /// Whether the API refuses login and password themselves.
    pub(super) fn is_refused_login(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                call: Call::CompanyToken,
                status: 400 | 401 | 403,
                ..
            }
        )
    }

    /// The same, with the source of the credential that the API refused.
    pub(super) fn blaming(mut self, source: Option<&str>) -> Self {
        if let Self::Refused { origin, .. } = &mut self {
            *origin = source.map(str::to_owned);
        }
        self
    }

    /// Whether the API certainly did nothing.
    pub(super) fn is_without_effect(&self) -> bool {
        matches!(
            self,
            Self::Refused { status: 429, .. } | Self::Network { unsent: true, .. }
        )
    }
}

/// What to do about a refusal; `origin` is where the refused credential comes from.
fn remedy(call: Call, status: u16, origin: Option<&str>) -> String {
    match (call, origin) {
        (Call::CompanyToken, Some(origin)) => {
            format!("correct {origin}, or set CHATHUB_COMPANY_TOKEN; nothing is asked before")
        }
        (_, Some(origin)) => {
            format!("the credential from {origin} is wrong or has expired: replace it")
        }
        (_, None) => call.remedy(status).to_owned(),
    }
}
