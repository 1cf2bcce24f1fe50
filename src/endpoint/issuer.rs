//! The endpoint as its routes see it: everything that a configuration says, and what outlives it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::HeaderName;

use super::EndpointError;
use super::access::{Authentication, Origins};
use super::client::{Proxies, RateLimit, Told};
use super::forward::Forward;
use super::identify::Ids;
use super::metrics::Metrics;
use super::rejection_log::RejectionLog;
use super::renewer::{Mint, Renewer};
use crate::settings::{Config, Organization};

/// Where pages ask, unless the configuration has another path.
pub const TOKEN: &str = "/api/chathub/token";

/// What one configuration leaves to the next.
pub(super) struct Shared {
    pub(super) metrics: Arc<Metrics>,
    pub(super) rejection_log: RejectionLog,
    pub(super) ids: Ids,
}

/// The endpoint by one configuration.
pub(super) struct Issuer {
    pub(super) shared: Arc<Shared>,
    /// Where it serves tokens, beside [`TOKEN`].
    pub(super) path: String,
    pub(super) renewer: Renewer,
    pub(super) origins: Origins,
    pub(super) proxies: Proxies,
    pub(super) authentication: Authentication,
    /// With the requests a minute that it lets through.
    pub(super) limit: Option<(Arc<RateLimit>, u64)>,
    /// The organization of requests that name none.
    pub(super) default: Option<String>,
    organizations: BTreeMap<String, Organization>,
    api: String,
}

impl Issuer {
    /// Opens it. What the `former` one has is taken over as far as the configuration says the same of it: tokens, and who
    /// has asked how often.
    pub(super) fn open(
        config: &Config,
        mint: &Arc<impl Mint>,
        shared: &Arc<Shared>,
        former: Option<&Self>,
    ) -> Result<Self, EndpointError> {
        let endpoint = &config.endpoint;
        // The configuration lets only names through that are names.
        let header = |name: &Option<String>| {
            let name = name.as_ref()?;
            name.parse::<HeaderName>().ok()
        };
        let authentication = match (&endpoint.forward_auth, header(&endpoint.auth_header)) {
            (Some(url), _) => Authentication::Forward(Box::new(Forward::new(url)?)),
            (None, Some(name)) => Authentication::Header(name),
            (None, None) => Authentication::None,
        };
        let per_minute = u32::try_from(endpoint.rate_limit).unwrap_or(u32::MAX);
        let limit = NonZeroU32::new(per_minute).map(|requests| {
            let same = former.and_then(|former| former.limit.as_ref());
            match same.filter(|(_, per_minute)| *per_minute == endpoint.rate_limit) {
                Some((limit, _)) => Arc::clone(limit),
                None => Arc::new(RateLimit::per_minute(requests)),
            }
        });
        shared.metrics.organizations(config.organizations.keys());
        let is_same = |name: &str| {
            former.is_some_and(|former| {
                let of = |organizations: &BTreeMap<String, Organization>| {
                    let organization = organizations.get(name)?;
                    let Organization {
                        id,
                        operator,
                        token,
                        ..
                    } = organization;
                    Some((*id, operator.clone(), token.clone()))
                };
                former.api == config.api.url
                    && of(&former.organizations) == of(&config.organizations)
            })
        };
        let renewer = Renewer::start(
            mint,
            config.organizations.keys().cloned(),
            &shared.metrics,
            former.map(|former| (&former.renewer, &is_same as &dyn Fn(&str) -> bool)),
        );
        Ok(Self {
            shared: Arc::clone(shared),
            path: path(config),
            renewer,
            origins: Origins(endpoint.origins.clone()),
            proxies: Proxies {
                trusted: endpoint.trusted_proxies.clone(),
                client_header: header(&endpoint.client_header),
                told: Told::default(),
            },
            authentication,
            limit: limit.map(|limit| (limit, endpoint.rate_limit)),
            default: config.unnamed_organization().map(str::to_owned),
            organizations: config.organizations.clone(),
            api: config.api.url.clone(),
        })
    }
}

/// The path that pages ask: that of `placeholder.endpoint`, which may be a URL.
pub(super) fn path(config: &Config) -> String {
    let endpoint = &config.placeholder.endpoint;
    let path = match endpoint.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => endpoint,
    };
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() {
        return TOKEN.to_owned();
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_that_of_the_pages_endpoint() {
        for (endpoint, wanted) in [
            ("/api/chathub/token", TOKEN),
            ("/chat/token?v=1", "/chat/token"),
            ("https://chat.example.com/token", "/token"),
            ("https://chat.example.com", "/"),
            ("https://chat.example.com/a/b?c=/d", "/a/b"),
        ] {
            let mut config = Config::default();
            config.placeholder.endpoint = endpoint.to_owned();
            assert_eq!(path(&config), wanted, "{endpoint}");
        }
    }
}
