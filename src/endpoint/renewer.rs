//! Keeps a valid token for every organization: one task each, so that there is never more than one mint under way for
//! an organization, however many visitors ask. When another renewer follows, the tasks of this one finish what is under way, and
//! what they get is the other one's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::clock;
use super::lease::{Lease, State};
use super::metrics::Metrics;
use super::queue::{Queue, Turn};
use crate::token;

/// How long a request waits for the very first token: less than the runtime's pages wait for an answer.
const FIRST: Duration = Duration::from_secs(8);
/// The longest wait that visitors are asked for, in seconds.
const LONGEST_WAIT: u64 = 600;
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

/// A token of an earlier run.
#[derive(Debug)]
pub struct Persisted {
    /// The token.
    pub fresh: Fresh,
    /// Whether the service that minted it says that it is still valid.
    pub is_confirmed: bool,
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

    /// A token that an earlier run has kept.
    fn kept(&self, _organization: &str) -> impl Future<Output = Option<Persisted>> + Send {
        std::future::ready(None)
    }

    /// Whether it comes from the API, which mints one after the other.
    fn takes_turns(&self, _organization: &str) -> bool {
        true
    }
}

/// The tokens of all organizations, as requests see them.
#[derive(Debug)]
pub struct Renewer {
    issued: BTreeMap<String, Arc<watch::Sender<Issued>>>,
    line: Arc<Queue>,
    /// Whether its tasks are to end: with the value, or when another renewer follows.
    ended: CancellationToken,
}

impl Drop for Renewer {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

/// What there is for an organization.
#[derive(Debug, Clone)]
struct Issued {
    lease: Lease,
    /// The whole body of the reply.
    reply: Bytes,
    /// Whether there has been an attempt.
    tried: bool,
    /// When the last token expires, as it says.
    until: Option<Timestamp>,
}

impl Default for Issued {
    fn default() -> Self {
        Self {
            lease: Lease::new(clock::now()),
            reply: Bytes::new(),
            tried: false,
            until: None,
        }
    }
}

impl Issued {
    /// Gives out this token from now on.
    fn takes(&mut self, fresh: &Fresh, now: Timestamp) {
        let life = token::life(fresh.token.expose_secret()).map(SignedDuration::from_secs);
        self.lease.minted(now, clock::of(fresh.expires_at), life);
        self.reply = reply(fresh);
        self.until = Some(fresh.expires_at);
        self.tried = true;
    }
}

/// Another renewer, and whether an organization of it is the same as ours of that name.
pub type Former<'a> = (&'a Renewer, &'a dyn Fn(&str) -> bool);

/// Why a request gets no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// There is no such organization.
    Unknown,
    /// There is no valid token; ask again after so many seconds.
    Unavailable(u64),
}

impl Renewer {
    /// Starts to keep tokens for these organizations; belongs on a tokio runtime. What another renewer has, or is about to get, for
    /// one of those that it is said to share with this one is taken over, and given out until there is a newer token; where
    /// tokens do not come from the API, their source is read again. The other renewer ends.
    pub fn start(
        mint: &Arc<impl Mint>,
        organizations: impl IntoIterator<Item = String>,
        metrics: &Arc<Metrics>,
        former: Option<Former<'_>>,
    ) -> Self {
        let line = Arc::new(Queue::default());
        let ended = CancellationToken::new();
        let inherited = |name: &str| {
            let (former, shares) = former?;
            let issued = former.issued.get(name).filter(|_| shares(name))?;
            issued.send_modify(|issued| issued.lease.resume(clock::now()));
            Some(Arc::clone(issued))
        };
        let open = |name: String| {
            let inherited = inherited(&name);
            let task = Task {
                again: inherited.is_some() && !mint.takes_turns(&name),
                issued: inherited.unwrap_or_default(),
                name: name.clone(),
                mint: Arc::clone(mint),
                line: Arc::clone(&line),
                metrics: Arc::clone(metrics),
                ended: ended.clone(),
            };
            let issued = Arc::clone(&task.issued);
            tokio::spawn(task.run());
            (name, issued)
        };
        if let Some((former, _)) = former {
            former.ended.cancel();
        }
        Self {
            issued: organizations.into_iter().map(open).collect(),
            line: Arc::clone(&line),
            ended: ended.clone(),
        }
    }

    /// The reply with an organization's token. Who comes before there has been any waits for the first, if that will not take
    /// too long.
    pub async fn reply(&self, organization: &str) -> Result<Bytes, Nothing> {
        let issued = self.issued.get(organization).ok_or(Nothing::Unknown)?;
        if !issued.borrow().lease.is_valid(clock::now()) {
            self.line.asked(organization);
        }
        let soon = || {
            self.line
                .expected(organization)
                .is_none_or(|wait| wait <= FIRST)
        };
        if !issued.borrow().tried && soon() {
            let mut view = issued.subscribe();
            // Neither the time running out nor the end of the program gives a token.
            let _ = timeout(FIRST, view.wait_for(|issued| issued.tried)).await;
        }
        let issued = issued.borrow();
        let now = clock::now();
        if issued.lease.is_valid(now) {
            Ok(issued.reply.clone())
        } else {
            // What is under way ends before the next attempt.
            let wait = self.line.expected(organization);
            let wait = wait.map_or(issued.lease.retry_after(now), |wait| wait.as_secs() + 1);
            Err(Nothing::Unavailable(wait.min(LONGEST_WAIT)))
        }
    }

    /// How every organization is off, and whether it has ever had a token.
    pub fn states(&self) -> impl Iterator<Item = (&str, State, bool)> {
        let now = clock::now();
        self.issued.iter().map(move |(name, issued)| {
            let lease = &issued.borrow().lease;
            (name.as_str(), lease.state(now), lease.has_worked())
        })
    }
}

/// What keeps one organization's token.
struct Task<M> {
    name: String,
    mint: Arc<M>,
    line: Arc<Queue>,
    issued: Arc<watch::Sender<Issued>>,
    metrics: Arc<Metrics>,
    ended: CancellationToken,
    /// Whether to look for a token before it is time: its source may hold another one.
    again: bool,
}

impl<M: Mint> Task<M> {
    /// Mints when it is time, until the renewer ends.
    async fn run(mut self) {
        if self.issued.borrow().until.is_none() {
            self.take_kept().await;
        }
        while !self.ended.is_cancelled() {
            let wait = self
                .issued
                .borrow()
                .lease
                .due()
                .duration_since(clock::now());
            if wait.is_positive() && !self.again {
                let nap = Duration::try_from(wait).unwrap_or_default().min(NAP);
                let _ = timeout(nap, self.ended.cancelled()).await;
                continue;
            }
            let turn = if self.mint.takes_turns(&self.name) {
                Some(self.line.turn(&self.name).await)
            } else {
                None
            };
            if !self.ended.is_cancelled() {
                self.attempt(turn).await;
            }
        }
    }

    /// Gives out the token of an earlier run, if there is one.
    async fn take_kept(&self) {
        let Some(kept) = self.mint.kept(&self.name).await else {
            return;
        };
        let now = clock::now();
        let expires = kept.fresh.expires_at;
        self.metrics.expires(&self.name, expires);
        tracing::info!(organization = self.name, %expires, confirmed = kept.is_confirmed, "token of an earlier run");
        self.issued.send_modify(|issued| {
            issued.takes(&kept.fresh, now);
            if !kept.is_confirmed {
                // Another one, as soon as there is one to be had.
                issued.lease.failed(now, None, 0.0);
            }
        });
    }

    async fn attempt(&mut self, turn: Option<Turn>) {
        let again = std::mem::take(&mut self.again);
        let before = self.issued.borrow().until;
        let minted = self.mint.mint(&self.name).await;
        drop(turn);
        let last = before.filter(|_| !again);
        let minted = minted.and_then(|fresh| newer(fresh, last, Timestamp::now()));
        let now = clock::now();
        // A follower has attempts of its own, and may have been quicker.
        let is_former = self.ended.is_cancelled();
        let mut matters = false;
        self.issued.send_modify(|issued| {
            issued.tried = true;
            match &minted {
                Ok(fresh) => {
                    let is_newer = issued.until.is_none_or(|until| until < fresh.expires_at);
                    let is_other = again && issued.reply != reply(fresh);
                    matters = is_newer || is_other;
                    if matters {
                        issued.takes(fresh, now);
                    }
                }
                Err(failure) if !is_former => {
                    matters = true;
                    let chance = chance(Timestamp::now());
                    issued.lease.failed(now, failure.retry_after, chance);
                }
                Err(_) => {}
            }
        });
        if matters {
            self.tell(minted);
        }
    }

    /// Says what came of an attempt.
    fn tell(&self, minted: Result<Fresh, Failure>) {
        let organization = &*self.name;
        let expires = minted.as_ref().ok().map(|fresh| fresh.expires_at);
        self.metrics.minted(organization, expires);
        let issued = self.issued.borrow();
        let (state, due) = (issued.lease.state(clock::now()).name(), issued.lease.due());
        match minted {
            Ok(fresh) => {
                tracing::info!(organization, expires = %fresh.expires_at, renewal = %due, "token minted");
            }
            Err(failure) => {
                tracing::warn!(organization, state, retry = %due, error = failure.why, "no token minted");
            }
        }
    }
}

/// The token, if it is valid for longer than the `last` one: a source that is not refilled gives the same one again, until
/// nobody has any.
fn newer(fresh: Fresh, last: Option<Timestamp>, now: Timestamp) -> Result<Fresh, Failure> {
    let expires = fresh.expires_at;
    let why = if expires <= now {
        format!("the token expired at {expires}; is this machine's clock right?")
    } else if last.is_some_and(|last| expires <= last) {
        format!(
            "the token has not been replaced: it still expires at {expires}; see why there is no newer one where it comes from"
        )
    } else {
        return Ok(fresh);
    };
    Err(Failure {
        why,
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
