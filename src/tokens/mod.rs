//! Operator tokens for static mode: from a source that the configuration names, from the cache, or minted by the API.

mod cache;
mod error;
mod mint;
mod publish;
mod source;

pub use cache::{Cache, Key};
pub use error::TokenError;
pub use publish::{Run, Token};
pub use source::{SourceError, outside, token};

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::api::Credentials;
use crate::secret;
use crate::settings::{Config, IfNoCredentials, Organization};

/// What static mode has to publish.
#[derive(Debug)]
pub enum Tokens {
    /// A token, or in a dry run what stands for one that would be minted, by organization.
    Ready {
        /// The tokens.
        published: BTreeMap<String, Token>,
        /// The organizations whose tokens a real run would mint, if pages use them.
        would_mint: BTreeSet<String>,
    },
    /// There are no credentials, and the configuration says that this is allowed: no page is to be touched.
    NoCredentials,
}

/// Gets a token for every organization that has a source of its own or a token in the cache, and has the API mint one for each
/// other one that pages use. With `dry`, nothing is minted, the network is not used, and pages are not looked at.
///
/// Pages are looked at before anything is minted, and only where something has to be: so an organization without pages costs
/// nothing, and nothing is written unless there is a token for each page.
///
/// # Errors
///
/// See [`TokenError`]. There is no page that could have been touched before.
pub fn resolve(config: &Config, run: &impl Run, dry: bool) -> Result<Tokens, TokenError> {
    let site = run.site();
    let mut published = BTreeMap::new();
    let mut to_mint = Vec::new();
    for (name, organization) in &config.organizations {
        match &organization.token {
            Some(token) if may_skip(config) && secret::absence(token).is_some() => {
                return Ok(Tokens::NoCredentials);
            }
            Some(token) => {
                let token = source::token(token, site)
                    .map_err(|trouble| TokenError::source(name, trouble))?;
                published.insert(name.clone(), token);
            }
            None => to_mint.push((name.as_str(), organization)),
        }
    }
    let mut would_mint = BTreeSet::new();
    if to_mint.is_empty() {
        return Ok(Tokens::Ready {
            published,
            would_mint,
        });
    }
    let cache = Cache::of_user().filter(|cache| is_apart(cache, site));
    let (cached, missing) = mint::from_cache(config, cache.as_ref(), to_mint, &[]);
    if !missing.is_empty() && may_skip(config) && Credentials::are_absent(&config.api) {
        return Ok(Tokens::NoCredentials);
    }
    if dry {
        mint::publish(cached, &mut published);
        for (name, _) in missing {
            published.insert(name.to_owned(), pretended());
            would_mint.insert(name.to_owned());
        }
    } else {
        let minting = mint::Minting {
            config,
            run,
            cache: cache.as_ref(),
        };
        minting.finish(cached, missing, &mut published)?;
    }
    Ok(Tokens::Ready {
        published,
        would_mint,
    })
}

/// Whether `inject` leaves all pages as they are in this environment, for want of credentials, because the
/// configuration says so. Uses no network and runs no command.
#[must_use]
pub fn are_skipped(config: &Config) -> bool {
    let lacks = |organization: &Organization| match &organization.token {
        Some(source) => secret::absence(source).is_some(),
        None => Credentials::are_absent(&config.api),
    };
    may_skip(config) && config.organizations.values().any(lacks)
}

/// Whether the cache is where nothing of it is published or committed. Says so if not.
fn is_apart(cache: &Cache, site: &Path) -> bool {
    let place = if cache.is_inside(site) {
        "the site"
    } else if std::env::current_dir().is_ok_and(|folder| cache.strays_into(&folder)) {
        "the working folder"
    } else {
        return true;
    };
    tracing::warn!(
        "tokens are not cached: {cache} is inside {place}; set XDG_CACHE_HOME to a folder elsewhere"
    );
    false
}

fn may_skip(config: &Config) -> bool {
    config.api.if_no_credentials == IfNoCredentials::Skip
}

/// What stands for a token that was not minted. It is not a page's token, so every page with one would change, as it would
/// with a new token.
fn pretended() -> Token {
    let text = "minted-by-a-real-run";
    Token {
        secret: text.into(),
        shown: text.to_owned(),
        expires: "24 hours after that".to_owned(),
        expires_at: None,
    }
}
