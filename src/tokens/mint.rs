//! Tokens that are not ready: from the cache, or minted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;

use super::cache::{Cache, Key};
use super::error::TokenError;
use super::publish::{Run, Token};
use super::source;
use crate::api::{Client, Credentials, OperatorToken};
use crate::settings::{Config, Operator, Organization};
use crate::token::{self, Judge, LONGEST_LIFETIME};

/// Organizations by name.
type Named<'a> = (&'a str, &'a Organization);

/// A token from the cache, and what it is for.
pub(super) struct Cached<'a> {
    name: &'a str,
    organization: &'a Organization,
    token: OperatorToken,
}

/// What the cache has for these, and those for which it has nothing, or one of the tokens that are `refused`.
pub(super) fn from_cache<'a>(
    config: &'a Config,
    cache: Option<&Cache>,
    wanted: Vec<Named<'a>>,
    refused: &[OperatorToken],
) -> (Vec<Cached<'a>>, Vec<Named<'a>>) {
    let text = |token: &OperatorToken| token.secret().expose_secret().to_owned();
    let (mut cached, mut missing) = (Vec::new(), Vec::new());
    for (name, organization) in wanted {
        let key = Key::new(&config.api.url, name, organization);
        let min_ttl = config.verify.min_ttl;
        let found = cache
            .and_then(|cache| cache.get(&key, min_ttl))
            .filter(|token| refused.iter().all(|refused| text(refused) != text(token)));
        match found.map(|token| judge(&token, min_ttl, Timestamp::now())) {
            Some(Ok(token)) => cached.push(Cached {
                name,
                organization,
                token,
            }),
            Some(Err(why)) => {
                pass_over(name, &why);
                missing.push((name, organization));
            }
            None => missing.push((name, organization)),
        }
    }
    (cached, missing)
}

/// A cached token as far as it is fit to be published: what its file says about its expiry may be anything.
fn judge(
    token: &OperatorToken,
    min_ttl: Duration,
    now: Timestamp,
) -> Result<OperatorToken, String> {
    let said = token.expires_at();
    // The API's reply said it, when it was minted.
    let judge = Judge::at(now.as_second()).expiring_at(said.as_second());
    let expires_at = judge
        .judge(token.secret().expose_secret())
        .map_err(|why| why.to_string())?;
    let expires_at = Timestamp::from_second(expires_at).map_or(said, |at| at.min(said));
    let left = expires_at.duration_since(now);
    if left <= SignedDuration::try_from(min_ttl).unwrap_or(SignedDuration::MAX) {
        Err(format!(
            "it expires at {}",
            token::date(expires_at.as_second())
        ))
    } else {
        Ok(OperatorToken::new(token.secret().clone(), expires_at))
    }
}

fn pass_over(name: &str, why: &str) {
    tracing::warn!("the cached token of `{name}` is not used: {why}");
}

/// Takes tokens as they are.
pub(super) fn publish(cached: Vec<Cached<'_>>, tokens: &mut BTreeMap<String, Token>) {
    for Cached { name, token, .. } in cached {
        tracing::info!("the token of `{name}` is taken from the cache");
        tokens.insert(name.to_owned(), token.into());
    }
}

/// What minting needs, where something is to be minted or confirmed.
pub(super) struct Minting<'a, R> {
    pub(super) config: &'a Config,
    pub(super) run: &'a R,
    pub(super) cache: Option<&'a Cache>,
}

impl<'a, R: Run> Minting<'a, R> {
    /// Publishes what is cached, once it is confirmed, and mints the rest, as far as pages use it.
    pub(super) fn finish(
        &self,
        mut cached: Vec<Cached<'a>>,
        mut missing: Vec<Named<'a>>,
        tokens: &mut BTreeMap<String, Token>,
    ) -> Result<(), TokenError> {
        let looked = !missing.is_empty();
        if looked {
            let names = cached.iter().map(|cached| cached.name);
            let used = self.used(names.chain(missing.iter().map(|(name, _)| *name)))?;
            cached.retain(|cached| used.contains(cached.name));
            missing.retain(|(name, _)| used.contains(*name));
        }
        if cached.is_empty() && missing.is_empty() {
            return Ok(());
        }
        let Some(credentials) = credentials(self.config, self.run.site())? else {
            // Nobody can be asked about them.
            publish(cached, tokens);
            return match missing.first() {
                None => Ok(()),
                Some((name, _)) => Err(TokenError::NoCredentials {
                    organization: (*name).to_owned(),
                    advice: Credentials::advice(&self.config.api),
                }),
            };
        };
        let client = Client::following(&self.config.api, credentials)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(TokenError::Start)?;
        let (mut again, refused) = self.confirm(&client, &runtime, cached, tokens);
        if !again.is_empty() && !looked {
            let used = self.used(again.iter().map(|(name, _)| *name))?;
            again.retain(|(name, _)| used.contains(*name));
        }
        missing.extend(again);
        if missing.is_empty() {
            return Ok(());
        }
        self.mint(&client, &runtime, missing, &refused, tokens)
    }

    fn used<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<BTreeSet<String>, TokenError> {
        let names = names.map(str::to_owned).collect();
        self.run.in_use(names).map_err(TokenError::Pages)
    }

    /// Has the API confirm what the cache has: an operator may have been deactivated since. Gives back whose tokens are to be minted
    /// anew, with the tokens that were refused. While the API does not answer, a token counts until it expires.
    fn confirm(
        &self,
        client: &Client,
        runtime: &Runtime,
        cached: Vec<Cached<'a>>,
        tokens: &mut BTreeMap<String, Token>,
    ) -> (Vec<Named<'a>>, Vec<OperatorToken>) {
        let (mut again, mut refused) = (Vec::new(), Vec::new());
        let mut silent = false;
        for found in cached {
            let operator = match &found.organization.operator {
                Some(Operator::Id(id)) => Some(*id),
                // A name was looked up when it was minted, and is part of the key.
                Some(Operator::Name(_)) | None => None,
            };
            if !silent {
                self.run.asking(found.name);
                match runtime.block_on(client.still(&found.token, operator)) {
                    Ok(answer) => {
                        let min_ttl = self.config.verify.min_ttl;
                        let fit = answer.and_then(|token| judge(&token, min_ttl, client.now()));
                        if let Err(why) = fit {
                            pass_over(found.name, &why);
                            again.push((found.name, found.organization));
                            refused.push(found.token);
                            continue;
                        }
                    }
                    Err(error) => {
                        silent = true;
                        tracing::warn!("cached tokens are published unconfirmed: {error}");
                    }
                }
            }
            publish(vec![found], tokens);
        }
        (again, refused)
    }

    /// Mints. Runs at the same time take turns, and take what the one before has minted.
    fn mint(
        &self,
        client: &Client,
        runtime: &Runtime,
        missing: Vec<Named<'a>>,
        refused: &[OperatorToken],
        tokens: &mut BTreeMap<String, Token>,
    ) -> Result<(), TokenError> {
        let config = self.config;
        // A cache that cannot be used costs calls, and is not a reason to fail.
        let cache = self.cache.and_then(|cache| match cache.lock() {
            Ok(lock) => Some((cache, lock)),
            Err(error) => {
                tracing::warn!("tokens are not cached: {cache}: {error}");
                None
            }
        });
        let locked = cache.as_ref().map(|(cache, _)| *cache);
        // Those were minted a moment ago.
        let (cached, missing) = from_cache(config, locked, missing, refused);
        publish(cached, tokens);
        for (name, organization) in missing {
            self.run.asking(name);
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
}

fn credentials(config: &Config, site: &Path) -> Result<Option<Credentials>, TokenError> {
    let api = &config.api;
    for source in [&api.company_token, &api.login, &api.password]
        .into_iter()
        .flatten()
    {
        source::outside(source, site).map_err(TokenError::Credentials)?;
    }
    Ok(Credentials::find(api)?)
}
