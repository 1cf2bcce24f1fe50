//! Why there is no token to publish.

use super::source::SourceError;
use crate::api::{ApiError, CredentialsError, MintError};

/// Why there is no token to publish. Never shows a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// An organization's own source does not give a token that works.
    #[error("organization `{organization}` has no usable token: {trouble}")]
    Source {
        /// The organization's name.
        organization: String,
        /// What is wrong.
        trouble: SourceError,
    },
    /// Tokens have to be minted, and there is nothing to mint them with.
    #[error(
        "organization `{organization}` needs a token from the ChatHub API, and there are no credentials: {advice}; or give [organizations.{organization}] a token of its own: \
         token = {{ env = \"CHATHUB_{}_TOKEN\" }}; builds that get no secrets, such as those of forks, pass with \
         --if-no-credentials skip",
        organization.to_uppercase().replace('-', "_")
    )]
    NoCredentials {
        /// An organization that needs one.
        organization: String,
        /// How to give some.
        advice: String,
    },
    /// The credentials cannot be used.
    #[error("the credentials for the ChatHub API cannot be used: {0}")]
    Credentials(SourceError),
    /// The credentials cannot be had.
    #[error(transparent)]
    Find(#[from] CredentialsError),
    /// There is no client.
    #[error(transparent)]
    Client(#[from] ApiError),
    /// Nobody knows which tokens are needed.
    #[error("cannot read the pages: {0}")]
    Pages(std::io::Error),
    /// There is no runtime for the client.
    #[error("the HTTP client cannot be started: {0}")]
    Start(std::io::Error),
    /// An organization's token could not be minted.
    #[error("organization `{organization}` gets no token: {error}")]
    Mint {
        /// The organization's name.
        organization: String,
        /// Why not.
        error: MintError,
    },
}

impl TokenError {
    pub(super) fn source(organization: &str, trouble: SourceError) -> Self {
        Self::Source {
            organization: organization.to_owned(),
            trouble,
        }
    }

    /// Whether the ChatHub API is the trouble, and not what it was asked.
    #[must_use]
    pub fn is_api_failure(&self) -> bool {
        match self {
            Self::Client(error) => !error.is_usage(),
            Self::Mint { error, .. } => !error.is_usage(),
            _ => false,
        }
    }
}
