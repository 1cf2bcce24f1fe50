//! Tokens that outlast a restart: where the system gives the service a folder for its state (`STATE_DIRECTORY`, which systemd's
//! `StateDirectory=` sets), the last token of each organization is kept there, for its user alone.
//!
//! They are not encrypted: the key would have to lie beside them, or in the environment with the company's credential, which is
//! worth more than a token that lives for a day.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::renewer::{Fresh, Persisted};
use crate::api::{Client, OperatorToken, Validity};
use crate::settings::Organization;
use crate::token::Judge;
use crate::tokens::{Cache, Key};

/// How long the API may take to say whether a kept token is still valid: less than visitors wait.
const TIME: Duration = Duration::from_secs(5);

/// The folder that the system gives for what is to stay, if any. It may give several, with colons between.
fn folder() -> Option<PathBuf> {
    let folders = env::var_os("STATE_DIRECTORY")?;
    let first = env::split_paths(&folders).next()?;
    first.is_absolute().then(|| first.join("tokens"))
}

/// Where tokens are kept, if anywhere.
pub(super) fn store() -> Option<Cache> {
    folder().map(Cache::at)
}

/// Keeps a token.
pub(super) fn put(store: &Cache, key: &Key, name: &str, token: &OperatorToken) {
    if let Err(error) = store.keep(key, token) {
        tracing::warn!(
            organization = name,
            error = format!("{store}: {error}"),
            "the token is not kept for a restart"
        );
    }
}

/// The kept token of an organization, if it may be given out: the API is asked, and where it does not answer, the token counts
/// until there is another one.
pub(super) async fn get(
    store: &Cache,
    key: &Key,
    name: &str,
    organization: &Organization,
    client: &Client,
) -> Option<Persisted> {
    let token = store.get(key, Duration::ZERO)?;
    let now = Timestamp::now().as_second();
    let passed_over = |why: String| {
        tracing::warn!(organization = name, why, "the kept token is not given out");
    };
    if let Err(why) = Judge::at(now).judge(token.secret().expose_secret()) {
        passed_over(why.to_string());
        return None;
    }
    let is_confirmed = match timeout(TIME, client.validate(token.secret())).await {
        Ok(Ok(Validity::Valid { operator, .. })) if is_whose(organization, operator) => true,
        Ok(Ok(Validity::Valid { operator, .. })) => {
            passed_over(format!("it is operator {operator}'s"));
            return None;
        }
        Ok(Ok(Validity::Invalid { error })) => {
            passed_over(error);
            return None;
        }
        Ok(Err(_)) | Err(_) => false,
    };
    let fresh = Fresh {
        token: token.secret().clone(),
        expires_at: token.expires_at(),
    };
    Some(Persisted {
        fresh,
        is_confirmed,
    })
}

/// Whether an operator can be the one that the configuration names.
fn is_whose(organization: &Organization, operator: u64) -> bool {
    match &organization.operator {
        Some(crate::settings::Operator::Id(id)) => *id == operator,
        // A name was looked up when it was minted, and is part of the key.
        _ => true,
    }
}
