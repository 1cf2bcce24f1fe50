//! What Prometheus is told: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::sync::Arc;

use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;

/// Counters and gauges.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Status, Counter>,
    mints: Family<Attempt, Counter>,
    expiry: Family<Whose, Gauge>,
    connections: Gauge,
    /// The one that nearly all requests count in.
    served: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    organization: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Whose {
    organization: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Status, Counter>::default();
        let mints = Family::<Attempt, Counter>::default();
        let expiry = Family::<Whose, Gauge>::default();
        let connections = Gauge::default();
        let mut registry = Registry::with_prefix("chathub");
        registry.register(
            "token_requests",
            "Requests for tokens, by status",
            requests.clone(),
        );
        registry.register("mints", "Attempts to have a token minted", mints.clone());
        registry.register(
            "token_expiry_timestamp_seconds",
            "When an organization's last minted token expires",
            expiry.clone(),
        );
        registry.register("connections", "Open connections", connections.clone());
        let served = requests.get_or_create(&Status { status: 200 }).clone();
        Self {
            registry,
            requests,
            mints,
            expiry,
            connections,
            served,
        }
    }
}

impl Metrics {
    /// Counts a request for a token.
    pub(super) fn answered(&self, status: u16) {
        if status == 200 {
            self.served.inc();
        } else {
            let status = u32::from(status);
            self.requests.get_or_create(&Status { status }).inc();
        }
    }

    /// Counts an attempt, with the expiry of what it brought.
    pub(super) fn minted(&self, organization: &str, expires: Option<Timestamp>) {
        let organization = organization.to_owned();
        let result = if expires.is_some() { "ok" } else { "error" };
        if let Some(expires) = expires {
            let whose = Whose {
                organization: organization.clone(),
            };
            self.expiry.get_or_create(&whose).set(expires.as_second());
        }
        self.mints
            .get_or_create(&Attempt {
                organization,
                result,
            })
            .inc();
    }

    /// All of it as text. Of `places` for connections, those that are not free are taken.
    pub(super) fn text(&self, places: &Arc<Semaphore>, most: usize) -> String {
        let taken = most.saturating_sub(places.available_permits());
        self.connections
            .set(i64::try_from(taken).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
