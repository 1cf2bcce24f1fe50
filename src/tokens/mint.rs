//! Tokens that are not ready: from the cache, or minted.

use std::collections::BTreeMap;

use super::Token;
use super::cache::{Cache, Key};
use super::error::TokenError;
use crate::api::{Client, Credentials, LONGEST_LIFETIME};
use crate::config::{Config, Organization};

/// Takes what the cache has, and gives the rest back.
pub(super) fn from_cache<'a>(
    config: &'a Config,
    cache: Option<&Cache>,
    wanted: Vec<(&'a str, &'a Organization)>,
    tokens: &mut BTreeMap<String, Token>,
) -> Vec<(&'a str, &'a Organization)> {
    let mut missing = Vec::new();
    for (name, organization) in wanted {
        let key = Key::new(&config.api.url, name, organization);
        match cache.and_then(|cache| cache.get(&key, config.verify.min_ttl)) {
            Some(token) => {
                tracing::info!("the token of `{name}` is taken from the cache");
                tokens.insert(name.to_owned(), token.into());
            }
            None => missing.push((name, organization)),
        }
    }
    missing
}

/// Mints the missing tokens. Runs at the same time take turns, and take what the one before has minted.
pub(super) fn mint(
    config: &Config,
    credentials: Credentials,
    cache: Option<&Cache>,
    missing: Vec<(&str, &Organization)>,
    tokens: &mut BTreeMap<String, Token>,
) -> Result<(), TokenError> {
    let client = Client::following(&config.api, credentials)?;
    // A cache that cannot be used costs calls, and is no reason to fail.
    let cache = cache.and_then(|cache| match cache.lock() {
        Ok(lock) => Some((cache, lock)),
        Err(error) => {
            tracing::warn!("tokens are not cached: {cache}: {error}");
            None
        }
    });
    let missing = from_cache(
        config,
        cache.as_ref().map(|(cache, _)| *cache),
        missing,
        tokens,
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(TokenError::Start)?;
    for (name, organization) in missing {
        let operator = organization.operator.as_ref();
        let minting = client.token_for(organization.id, operator, LONGEST_LIFETIME);
        let minted = runtime
            .block_on(minting)
            .map_err(|error| TokenError::Mint {
                organization: name.to_owned(),
                error,
            })?;
        tracing::info!(
            "a token for `{name}` was minted for operator {}",
            minted.operator.id
        );
        if let Some((cache, _)) = &cache {
            let key = Key::new(&config.api.url, name, organization);
            if let Err(error) = cache.put(&key, &minted.token) {
                tracing::warn!("the token of `{name}` is not cached: {cache}: {error}");
            }
        }
        tokens.insert(name.to_owned(), minted.token.into());
    }
    Ok(())
}
