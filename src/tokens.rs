//! Operator tokens for static mode, from where the configuration says: environment, file, or a program's output.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, TokenSource, Wants};
use crate::jwt::{self, DEVELOPMENT_TOKEN, LONGEST_LIFETIME};

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
    #[error(
        "the environment variable {0} is not set; set it to an operator token in the step that runs inject"
    )]
    Unset(String),
    #[error("the environment variable {0} is not text")]
    NotText(String),
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error("{0} is inside the site: it would be published; keep it elsewhere")]
    InSite(String),
    #[error("`{0}` cannot be run: {1}")]
    Run(String, std::io::Error),
    #[error("`{0}` failed ({1}); run it by hand to see why")]
    Exit(String, std::process::ExitStatus),
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
fn read(source: &TokenSource, site: &Path) -> Result<(SecretString, String), Trouble> {
    match source {
        TokenSource::Env(variable) => match env::var(variable) {
            Ok(value) if value.is_empty() => Err(Trouble::Unset(variable.clone())),
            Ok(value) => Ok((value.into(), format!("the token in {variable}"))),
            Err(env::VarError::NotPresent) => Err(Trouble::Unset(variable.clone())),
            Err(env::VarError::NotUnicode(_)) => Err(Trouble::NotText(variable.clone())),
        },
        TokenSource::File(file) => {
            let name = file.display().to_string();
            if let (Ok(file), Ok(site)) = (fs::canonicalize(file), fs::canonicalize(site))
                && file.starts_with(site)
            {
                return Err(Trouble::InSite(name));
            }
            let text =
                fs::read_to_string(file).map_err(|error| Trouble::File(name.clone(), error))?;
            Ok((last_line_break_off(&text), format!("the token in {name}")))
        }
        TokenSource::Command(command) => {
            let name = command.first().cloned().unwrap_or_default();
            let output = Command::new(&name)
                .args(command.iter().skip(1))
                .stdin(Stdio::null())
                .stderr(Stdio::inherit())
                .output()
                .map_err(|error| Trouble::Run(name.clone(), error))?;
            if !output.status.success() {
                return Err(Trouble::Exit(name, output.status));
            }
            let text = SecretString::from(String::from_utf8_lossy(&output.stdout).into_owned());
            Ok((
                last_line_break_off(text.expose_secret()),
                format!("the output of `{name}`"),
            ))
        }
    }
}

/// Files and programs end their last line; that line break is not the token's.
fn last_line_break_off(text: &str) -> SecretString {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).into()
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
