//! Tokens from where the configuration says: an organization's own source, else the ChatHub API.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::EndpointError;
use super::persisted;
use super::renewer::{Failure, Fresh, Mint, Persisted};
use crate::api::{Client, Credentials, MintError, OperatorToken};
use crate::secret;
use crate::settings::{Config, Organization, SecretSource};
use crate::token::Judge;
use crate::tokens::{Cache, Key};

/// The organizations of a configuration.
pub struct Configured {
    organizations: BTreeMap<String, Organization>,
    /// None where every organization has a source of its own.
    client: Option<Arc<Client>>,
    lifetime: Duration,
    /// The API's address.
    api: String,
    /// Where tokens outlast a restart, if anywhere.
    store: Option<Cache>,
}

impl Configured {
    /// Looks for the credentials that minting needs. Nothing is sent yet. What a `former` one knows of the API is kept where address
    /// and credentials are the same: its clock, how fast it may be asked, and that it wants to hear nothing for a while.
    pub fn new(config: &Config, former: Option<&Self>) -> Result<Self, EndpointError> {
        let needs_api = config
            .organizations
            .values()
            .any(|organization| organization.token.is_none());
        let client = if needs_api {
            let credentials =
                Credentials::find(&config.api)?.ok_or(EndpointError::NoCredentials)?;
            let former = former.and_then(|former| former.client.as_ref());
            match former.filter(|client| client.is_for(&config.api, &credentials)) {
                Some(client) => Some(Arc::clone(client)),
                None => Some(Client::following(&config.api, credentials)?.into()),
            }
        } else {
            None
        };
        Ok(Self {
            organizations: config.organizations.clone(),
            client,
            lifetime: config.endpoint.token_lifetime,
            api: config.api.url.clone(),
            store: persisted::store(),
        })
    }
}

impl Mint for Configured {
    fn takes_turns(&self, name: &str) -> bool {
        let organization = self.organizations.get(name);
        organization.is_some_and(|organization| organization.token.is_none())
    }

    async fn kept(&self, name: &str) -> Option<Persisted> {
        let organization = self.organizations.get(name)?;
        let (store, client) = (self.store.as_ref()?, self.client.as_ref()?);
        if organization.token.is_some() {
            return None;
        }
        let key = Key::new(&self.api, name, organization);
        persisted::get(store, &key, name, organization, client).await
    }

    async fn mint(&self, name: &str) -> Result<Fresh, Failure> {
        let failure = |why: String| Failure {
            why,
            retry_after: None,
        };
        let organization = self
            .organizations
            .get(name)
            .ok_or_else(|| failure("it is not configured".to_owned()))?;
        if let Some(source) = organization.token.clone() {
            let read = secret::in_background(move |stopped| ready(&source, stopped));
            return read
                .await
                .unwrap_or_else(|| Err("its source cannot be read".to_owned()))
                .map_err(failure);
        }
        let client = self
            .client
            .as_ref()
            .ok_or_else(|| failure("there are no credentials".to_owned()))?;
        let minted = client
            .token_for(
                organization.id,
                organization.operator.as_ref(),
                self.lifetime,
            )
            .await;
        let token = minted.map_err(|error| Failure {
            retry_after: match &error {
                MintError::Api(error) => error.retry_after(),
                _ => None,
            },
            why: error.to_string(),
        })?;
        let secret = token.token.secret().clone();
        let expires_at = client.by_our_clock(token.token.expires_at());
        if let Some(store) = &self.store {
            let key = Key::new(&self.api, name, organization);
            let token = OperatorToken::new(secret.clone(), expires_at);
            persisted::put(store, &key, name, &token);
        }
        Ok(Fresh {
            token: secret,
            expires_at,
        })
    }
}

/// A token that somebody else has minted.
fn ready(source: &SecretSource, stopped: &AtomicBool) -> Result<Fresh, String> {
    let token = secret::read_unless(source, stopped).map_err(|error| error.to_string())?;
    let from = secret::name(source);
    let expires = Judge::at(Timestamp::now().as_second()).judge(token.expose_secret());
    let expires = expires.map_err(|why| format!("the token in {from} is not given out: {why}"))?;
    let expires_at = Timestamp::from_second(expires).unwrap_or(Timestamp::MAX);
    Ok(Fresh { token, expires_at })
}
