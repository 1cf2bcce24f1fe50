//! Operator tokens for static mode, from where the configuration says: environment, file, or a program's output.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, SecretSource, Wants};
use crate::jwt::{self, DEVELOPMENT_TOKEN, LONGEST_LIFETIME};
use crate::secret::{self, SecretError};

/// A token that is fit to be published.
#[derive(Debug)]
pub struct Token {
    /// The token itself.
    pub secret: SecretString,
    /// Enough of it to tell it from others.
    pub shown: String,
    /// When it expires, as people read it.
    pub expires: String,
}

/// Why an organization has no token.
#[derive(Debug, thiserror::Error)]
#[error("organization `{organization}` has no usable token: {trouble}")]
pub struct TokenError {
    organization: String,
    trouble: Trouble,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(
        "static mode publishes one, and no source is configured; add to [organizations.{0}]: \
         token = {{ env = \"CHATHUB_{1}_TOKEN\" }} (or file, or command), or use placeholder mode"
    )]
    NoSource(String, String),
    #[error(transparent)]
    Source(#[from] SecretError),
    #[error("{0} is inside the site: it would be published; keep it elsewhere")]
    InSite(String),
    #[error("{0} cannot work: {1}; take the operator token as the API's get-token call returns it")]
    Malformed(String, jwt::Malformed),
    #[error("{0} does not say when it expires (no exp claim)")]
    NoExpiry(String),
    #[error("{0} expired at {1}; get a fresh one")]
    Expired(String, String),
    #[error(
        "{0} claims to live longer than 24 hours, which the API refuses; ask it for a shorter one"
    )]
    TooLong(String),
}

/// Reads the tokens of all organizations that have a source, and demands one for each that the rules name.
pub fn resolve(config: &Config, site: &Path) -> Result<BTreeMap<String, Token>, TokenError> {
    let mut tokens = BTreeMap::new();
    for (name, organization) in &config.organizations {
        let error = |trouble| TokenError {
            organization: name.clone(),
            trouble,
        };
        if let Some(source) = &organization.token {
            let (text, origin) = read(source, site).map_err(error)?;
            tokens.insert(name.clone(), check(text, origin).map_err(error)?);
        } else if is_named(config, name) {
            let variable = name.to_uppercase().replace('-', "_");
            return Err(error(Trouble::NoSource(name.clone(), variable)));
        }
    }
    Ok(tokens)
}

fn is_named(config: &Config, name: &str) -> bool {
    let by_rule = config.rules.iter().any(|rule| match &rule.wants {
        Wants::Organizations(names) => names.iter().any(|n| n == name),
        Wants::Nothing | Wants::Default => false,
    });
    by_rule || config.default_organization.as_deref() == Some(name)
}

/// The token's text, and where it came from for messages.
fn read(source: &SecretSource, site: &Path) -> Result<(SecretString, String), Trouble> {
    if let SecretSource::File(file) = source
        && let (Ok(real), Ok(site)) = (fs::canonicalize(file), fs::canonicalize(site))
        && real.starts_with(site)
    {
        return Err(Trouble::InSite(file.display().to_string()));
    }
    let secret = secret::read(source)?;
    Ok((secret, format!("the token in {}", secret::name(source))))
}

fn check(secret: SecretString, origin: String) -> Result<Token, Trouble> {
    let text = secret.expose_secret();
    let shown = jwt::shorten(text);
    if text == DEVELOPMENT_TOKEN {
        let expires = "the vendor stops accepting it, which is on loopback only".to_owned();
        return Ok(Token {
            secret,
            shown,
            expires,
        });
    }
    let claims = jwt::inspect(text).map_err(|why| Trouble::Malformed(origin.clone(), why))?;
    let expires_at = claims
        .expires_at
        .ok_or_else(|| Trouble::NoExpiry(origin.clone()))?;
    let now = Timestamp::now().as_second();
    let expires = jwt::date(expires_at);
    if expires_at <= now {
        return Err(Trouble::Expired(origin, expires));
    }
    if expires_at - claims.issued_at.unwrap_or(now) > LONGEST_LIFETIME {
        return Err(Trouble::TooLong(origin));
    }
    Ok(Token {
        secret,
        shown,
        expires,
    })
}
