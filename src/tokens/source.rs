//! Tokens that are ready: where the configuration says, looked at before they are published.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::publish::Token;
use crate::secret::{self, SecretError};
use crate::settings::SecretSource;
use crate::token::{self, Judge, Unfit};

/// What is wrong with a source or with what it gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It gives nothing.
    #[error(transparent)]
    Source(#[from] SecretError),
    /// It is in the folder that is published.
    #[error("{0} is inside the site: it would be published; keep it elsewhere")]
    InSite(String),
    /// It is not a token.
    #[error("{0} cannot work: {1}; take the operator token as the API's get-token call returns it")]
    Malformed(String, token::Malformed),
    /// Nobody could tell how long it works.
    #[error("{0} does not say when it expires (no exp claim)")]
    NoExpiry(String),
    /// It does not work any more.
    #[error("{0} expired at {1}; get a fresh one")]
    Expired(String, String),
    /// It does not work yet.
    #[error("{0} does not work before {1}; get one that works now")]
    NotYet(String, String),
    /// It cannot be one of the API's.
    #[error(
        "{0} claims to live longer than 24 hours, which the API refuses; ask it for a shorter one"
    )]
    TooLong(String),
}

/// The token that a source gives.
pub fn token(source: &SecretSource, site: &Path) -> Result<Token, SourceError> {
    outside(source, site)?;
    let secret = secret::read(source)?;
    check(secret, format!("the token in {}", secret::name(source)))
}

/// Refuses a file that lies in the site.
pub fn outside(source: &SecretSource, site: &Path) -> Result<(), SourceError> {
    if let SecretSource::File(file) = source
        && let (Ok(real), Ok(site)) = (fs::canonicalize(file), fs::canonicalize(site))
        && real.starts_with(site)
    {
        return Err(SourceError::InSite(file.display().to_string()));
    }
    Ok(())
}

fn check(secret: SecretString, origin: String) -> Result<Token, SourceError> {
    let text = secret.expose_secret();
    let shown = token::shorten(text);
    let expires_at = match Judge::at(Timestamp::now().as_second()).judge(text) {
        Ok(at) => Some(at),
        Err(Unfit::Development) => None,
        Err(Unfit::Malformed(why)) => return Err(SourceError::Malformed(origin, why)),
        Err(Unfit::NoExpiry) => return Err(SourceError::NoExpiry(origin)),
        Err(Unfit::Expired(at) | Unfit::ExpiresSoon { at, .. }) => {
            return Err(SourceError::Expired(origin, token::date(at)));
        }
        Err(Unfit::NotYet(from)) => return Err(SourceError::NotYet(origin, token::date(from))),
        Err(Unfit::TooLong(_)) => return Err(SourceError::TooLong(origin)),
    };
    let expires = expires_at.map_or_else(
        || "the vendor stops accepting it, which is on loopback only".to_owned(),
        token::date,
    );
    Ok(Token {
        secret,
        shown,
        expires,
        expires_at: expires_at.and_then(|at| Timestamp::from_second(at).ok()),
    })
}
