//! Keeps a valid token for every organization: one task each, so that there is never more than one mint under way for
//! an organization, however many visitors ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::lease::{Lease, State};
use super::metrics::Metrics;

/// How long a request waits for the very first token.
const FIRST: Duration = Duration::from_secs(10);
/// The longest sleep: a machine that was suspended, or whose clock was set, looks at the time again.
const NAP: Duration = Duration::from_secs(30);

/// A token that was minted.
#[derive(Debug)]
pub struct Fresh {
    /// The token.
    pub token: SecretString,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

/// Why there is none.
#[derive(Debug)]
pub struct Failure {
    /// What happened and what to do, without any secret.
    pub why: String,
    /// How long the other side asks to wait.
    pub retry_after: Option<Duration>,
}

/// Where tokens come from.
pub trait Mint: Send + Sync + 'static {
    /// A new token for the organization of this name.
    fn mint(&self, organization: &str) -> impl Future<Output = Result<Fresh, Failure>> + Send;
}

/// The tokens of all organizations, as requests see them.
#[derive(Debug)]
pub struct Keeper {
    desks: BTreeMap<String, watch::Receiver<Desk>>,
}

/// What there is for an organization.
#[derive(Debug, Clone)]
struct Desk {
    lease: Lease,
    /// The whole body of the reply.
    reply: Bytes,
    /// Whether there has been an attempt.
    tried: bool,
}

/// Why a request gets no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// There is no such organization.
    Unknown,
    /// There is no valid token; ask again after so many seconds.
    Unavailable(u64),
}

impl Keeper {
    /// Starts to keep tokens for these organizations; belongs on a tokio runtime.
    pub fn start(
        mint: &Arc<impl Mint>,
        organizations: impl IntoIterator<Item = String>,
        metrics: &Arc<Metrics>,
    ) -> Self {
        let open = |name: String| {
            let (desk, view) = watch::channel(Desk {
                lease: Lease::new(Timestamp::now()),
                reply: Bytes::new(),
                tried: false,
            });
            tokio::spawn(keep(
                name.clone(),
                Arc::clone(mint),
                desk,
                Arc::clone(metrics),
            ));
            (name, view)
        };
        Self {
            desks: organizations.into_iter().map(open).collect(),
        }
    }

    /// The reply with an organization's token. Who comes before there has been any waits for the first.
    pub async fn reply(&self, organization: &str) -> Result<Bytes, Nothing> {
        let view = self.desks.get(organization).ok_or(Nothing::Unknown)?;
        if !view.borrow().tried {
            let mut view = view.clone();
            // Neither the time running out nor the end of the program gives a token.
            let _ = timeout(FIRST, view.wait_for(|desk| desk.tried)).await;
        }
        let desk = view.borrow();
        let now = Timestamp::now();
        if desk.lease.is_valid(now) {
            Ok(desk.reply.clone())
        } else {
            Err(Nothing::Unavailable(desk.lease.retry_after(now)))
        }
    }

    /// How every organization is off.
    pub fn states(&self) -> impl Iterator<Item = (&str, State)> {
        let now = Timestamp::now();
        self.desks
            .iter()
            .map(move |(name, view)| (name.as_str(), view.borrow().lease.state(now)))
    }
}

/// Mints when it is time, as long as somebody looks.
async fn keep(
    name: String,
    mint: Arc<impl Mint>,
    desk: watch::Sender<Desk>,
    metrics: Arc<Metrics>,
) {
    while !desk.is_closed() {
        let wait = desk.borrow().lease.due().duration_since(Timestamp::now());
        if wait.is_positive() {
            sleep(Duration::try_from(wait).unwrap_or_default().min(NAP)).await;
            continue;
        }
        let minted = mint.mint(&name).await;
        let now = Timestamp::now();
        let minted = minted.and_then(|fresh| still_valid(fresh, now));
        metrics.minted(&name, minted.as_ref().ok().map(|fresh| fresh.expires_at));
        desk.send_modify(|desk| {
            desk.tried = true;
            match &minted {
                Ok(fresh) => {
                    desk.lease.minted(now, fresh.expires_at);
                    desk.reply = reply(fresh);
                }
                Err(failure) => desk.lease.failed(now, failure.retry_after, chance(now)),
            }
        });
        let (state, due) = (
            desk.borrow().lease.state(now).name(),
            desk.borrow().lease.due(),
        );
        match minted {
            Ok(fresh) => {
                tracing::info!(organization = name, expires = %fresh.expires_at, renewal = %due, "token minted");
            }
            Err(failure) => {
                tracing::warn!(organization = name, state, retry = %due, error = failure.why, "no token minted");
            }
        }
    }
}

fn still_valid(fresh: Fresh, now: Timestamp) -> Result<Fresh, Failure> {
    if fresh.expires_at > now {
        return Ok(fresh);
    }
    Err(Failure {
        why: format!(
            "the token expired at {}; is this machine's clock right?",
            fresh.expires_at
        ),
        retry_after: None,
    })
}

fn reply(fresh: &Fresh) -> Bytes {
    // Whole seconds, rounded down: never later than the truth.
    let expires = fresh.expires_at.round(
        jiff::TimestampRound::new()
            .smallest(jiff::Unit::Second)
            .mode(jiff::RoundMode::Floor),
    );
    let expires = expires.unwrap_or(fresh.expires_at);
    json!({ "token": fresh.token.expose_secret(), "expiresAt": expires.to_string() })
        .to_string()
        .into()
}

/// Anything from 0 to 1: the digits of the time below a millisecond.
fn chance(now: Timestamp) -> f64 {
    let digits = u32::try_from(now.as_nanosecond().rem_euclid(1_000_000)).unwrap_or(0);
    f64::from(digits) / 1e6
}
