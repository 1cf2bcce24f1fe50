//! What Prometheus learns: <https://prometheus.io/docs/instrumenting/exposition_formats/>. Every series is there from the
//! start, so that an alert on it works before anything has gone wrong.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet, prometheus_text,
    text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::process::Process;
use super::single::{counter, gauge};
use crate::server::Slots;

/// What the standard's text is called; see <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The statuses that requests for tokens are answered with.
const STATUSES: [u16; 9] = [200, 400, 401, 403, 404, 405, 429, 503, 508];

/// Counters and gauges.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Status, Counter>,
    durations: Durations,
    authentications: Family<Judged, Counter>,
    mints: Family<Attempt, Counter>,
    expiry: Family<Whose, Gauge>,
    reloads: Family<Ended, Counter>,
    /// The organizations that have series.
    known: Mutex<BTreeSet<String>>,
    /// The one that nearly all requests count in.
    served: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Judged {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    result: &'static str,
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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// What became of who asked: a token may be had, may not, or nobody could tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Granted,
    Denied,
    Error,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Granted, Self::Denied, Self::Error];

    fn label(self) -> Judged {
        Judged {
            outcome: match self {
                Self::Granted => "granted",
                Self::Denied => "denied",
                Self::Error => "error",
            },
        }
    }
}

const RESULTS: [&str; 2] = ["ok", "error"];

fn result(ok: bool) -> &'static str {
    RESULTS[usize::from(!ok)]
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let ours = registry.sub_registry_with_prefix("chathub");
        let requests = Family::<Status, Counter>::default();
        ours.register(
            "token_requests",
            "Requests for tokens, by status",
            requests.clone(),
        );
        let durations = Durations::default();
        ours.register_with_unit(
            "token_request_duration",
            "How long requests for tokens took",
            Unit::Seconds,
            durations.clone(),
        );
        let authentications = Family::<Judged, Counter>::default();
        ours.register(
            "authentications",
            "Visitors who were authenticated, by outcome",
            authentications.clone(),
        );
        let mints = Family::<Attempt, Counter>::default();
        ours.register("mints", "Attempts to have a token minted", mints.clone());
        let expiry = Family::<Whose, Gauge>::default();
        ours.register(
            "token_expiry_timestamp_seconds",
            "When an organization's last minted token expires; 0 before the first",
            expiry.clone(),
        );
        let reloads = Family::<Ended, Counter>::default();
        ours.register(
            "reloads",
            "Configurations that were read again, by result",
            reloads.clone(),
        );
        let builds = Family::<Build, Gauge>::default();
        builds
            .get_or_create(&Build {
                version: env!("CARGO_PKG_VERSION"),
            })
            .set(1);
        ours.register("build_info", "The version that runs", builds);
        for status in STATUSES.map(u32::from) {
            drop(requests.get_or_create(&Status { status }));
        }
        for outcome in Outcome::ALL {
            drop(authentications.get_or_create(&outcome.label()));
        }
        for result in RESULTS {
            drop(reloads.get_or_create(&Ended { result }));
        }
        let served = requests.get_or_create(&Status { status: 200 }).clone();
        Self {
            registry,
            requests,
            durations,
            authentications,
            mints,
            expiry,
            reloads,
            known: Mutex::default(),
            served,
        }
    }
}

impl Metrics {
    /// Tells of connections too, and of the log: how many lines `lost` says that it had to leave out.
    pub(super) fn of_server(
        places: Arc<Slots>,
        lost: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let mut metrics = Self::default();
        let server = Server {
            places,
            lost: Box::new(lost),
        };
        let ours = metrics.registry.sub_registry_with_prefix("chathub");
        ours.register_collector(Box::new(server));
        metrics
    }

    /// These organizations are there from now on, and no others.
    pub(super) fn organizations<'a>(&self, names: impl Iterator<Item = &'a String> + Clone) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in std::mem::replace(&mut *known, names.clone().cloned().collect()) {
            if known.contains(&gone) {
                continue;
            }
            for result in RESULTS {
                let organization = gone.clone();
                self.mints.remove(&Attempt {
                    organization,
                    result,
                });
            }
            self.expiry.remove(&Whose { organization: gone });
        }
        drop(known);
        for organization in names {
            for result in RESULTS {
                drop(self.mints.get_or_create(&Attempt {
                    organization: organization.clone(),
                    result,
                }));
            }
            drop(self.expiry.get_or_create(&Whose {
                organization: organization.clone(),
            }));
        }
    }

    /// Counts a request for a token.
    pub(super) fn answered(&self, status: u16, took: Duration) {
        self.durations.observe(took);
        if status == 200 {
            self.served.inc();
        } else {
            let status = u32::from(status);
            self.requests.get_or_create(&Status { status }).inc();
        }
    }

    /// Counts a visitor who had to be authenticated.
    pub(super) fn authenticated(&self, outcome: Outcome) {
        self.authentications.get_or_create(&outcome.label()).inc();
    }

    /// Counts a configuration that was read again.
    pub(super) fn reloaded(&self, ok: bool) {
        let result = result(ok);
        self.reloads.get_or_create(&Ended { result }).inc();
    }

    /// Counts an attempt, with the expiry of what it brought.
    pub(super) fn minted(&self, organization: &str, expires: Option<Timestamp>) {
        let organization = organization.to_owned();
        let result = result(expires.is_some());
        if let Some(expires) = expires {
            self.expires(&organization, expires);
        }
        self.mints
            .get_or_create(&Attempt {
                organization,
                result,
            })
            .inc();
    }

    /// Tells when the token expires that an organization has now.
    pub(super) fn expires(&self, organization: &str, expires: Timestamp) {
        let organization = organization.to_owned();
        let whose = Whose { organization };
        self.expiry.get_or_create(&whose).set(expires.as_second());
    }

    /// All of it, as the standard's text where that is asked for and as Prometheus' own else; with its content type.
    pub(super) fn text(&self, accept: &str) -> (&'static str, String) {
        let mut text = String::new();
        // Writing to a string does not fail.
        if accept.contains("application/openmetrics-text") {
            let _ = text::encode(&mut text, &self.registry);
            (OPEN_METRICS, text)
        } else {
            let _ = prometheus_text::encode(&mut text, &self.registry);
            (prometheus_text::CONTENT_TYPE, text)
        }
    }
}

/// Bounds of the histogram's buckets, in microseconds: from a token that is there to one that is waited for.
const BOUNDS: [u64; 12] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000, 10_000_000,
];

/// A histogram that takes no lock: it counts every request.
#[derive(Debug, Clone, Default)]
struct Durations(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// One for each bound, and one for what took longer.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

impl Durations {
    fn observe(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().take_while(|bound| took > **bound).count();
        self.0.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.0.microseconds.fetch_add(took, Ordering::Relaxed);
    }
}

impl EncodeMetric for Durations {
    // Nobody needs a sum of microseconds to the last bit.
    #[allow(clippy::cast_precision_loss)]
    fn encode(&self, mut encoder: MetricEncoder) -> fmt::Result {
        let counts = self.0.buckets.each_ref().map(|n| n.load(Ordering::Relaxed));
        let seconds = |microseconds: u64| microseconds as f64 / 1e6;
        let bounds = BOUNDS.into_iter().map(seconds).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let sum = seconds(self.0.microseconds.load(Ordering::Relaxed));
        encoder.encode_histogram::<NoLabelSet>(sum, counts.iter().sum(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// What the server and the log count themselves.
struct Server {
    places: Arc<Slots>,
    lost: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.places.fmt(f)
    }
}

impl Collector for Server {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let places = &self.places;
        gauge(
            &mut encoder,
            "connections",
            "Open connections",
            number(places.taken()),
        )?;
        gauge(
            &mut encoder,
            "max_connections",
            "Connections that there can be at a time",
            number(places.most()),
        )?;
        counter(
            &mut encoder,
            "connections_refused",
            "Connections that were closed because their address had too many",
            places.refused(),
        )?;
        counter(
            &mut encoder,
            "log_lines_lost",
            "Lines of the log that nobody was there to read",
            (self.lost)(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_texts_have_every_series_from_the_start() {
        let metrics = Metrics::default();
        metrics.organizations(["sales".to_owned(), "support".to_owned()].iter());
        metrics.answered(200, Duration::from_micros(300));
        metrics.answered(503, Duration::from_secs(20));
        metrics.organizations(["sales".to_owned()].iter());
        let (_, plain) = metrics.text("*/*");
        let (_, open) = metrics.text("application/openmetrics-text; version=1.0.0");
        for line in [
            "chathub_token_requests_total{status=\"503\"} 1",
            "chathub_token_requests_total{status=\"429\"} 0",
            "chathub_authentications_total{outcome=\"denied\"} 0",
            "chathub_mints_total{organization=\"sales\",result=\"error\"} 0",
            "chathub_token_expiry_timestamp_seconds{organization=\"sales\"} 0",
            "chathub_reloads_total{result=\"ok\"} 0",
            "chathub_token_request_duration_seconds_bucket{le=\"0.00025\"} 0",
            "chathub_token_request_duration_seconds_bucket{le=\"0.0005\"} 1",
            "chathub_token_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "chathub_token_request_duration_seconds_sum 20.0003",
        ] {
            for text in [&plain, &open] {
                assert!(text.lines().any(|found| found == line), "{line}\n{text}");
            }
        }
        assert!(!plain.contains("support"), "{plain}");
        assert!(!plain.contains("# EOF") && open.ends_with("# EOF\n"));
    }
}
