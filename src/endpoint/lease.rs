//! When an organization's token has to be renewed, and for how long it may be given out: the state machine, without a
//! clock or a network of its own.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The least time between two attempts that succeed, for tokens that are nearly over when they come.
const LEAST: SignedDuration = SignedDuration::from_secs(5);
/// The wait after the first failure; it doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait of our own making.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The longest wait that the other side may ask for.
const LONGEST_PATIENCE: Duration = Duration::from_mins(10);

/// An organization's token over time. All times are the caller's.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Until when the last minted token is valid.
    expires: Option<Timestamp>,
    /// When the next attempt is due.
    due: Timestamp,
    /// Attempts that failed since one succeeded.
    failures: u32,
}

/// How an organization is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its token needs nothing.
    Fresh,
    /// Its token is valid, and it is time for the next one.
    Renewing,
    /// Its token is valid, and the next one could not be had so far.
    Stale,
    /// It has no valid token.
    Expired,
}

impl State {
    /// How it is called in replies and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Renewing => "renewing",
            Self::Stale => "stale",
            Self::Expired => "expired",
        }
    }
}

impl Lease {
    /// Nothing yet: the first attempt is due at once.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            expires: None,
            due: now,
            failures: 0,
        }
    }

    /// When the next attempt is due.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        self.due
    }

    /// There is a token that is valid until `expires`, of which `life` is all the time, if that is known. It is renewed after half
    /// of its life, however long ago it was minted: a browser that gets it the moment before still has as long.
    pub fn minted(&mut self, now: Timestamp, expires: Timestamp, life: Option<SignedDuration>) {
        let left = expires.duration_since(now);
        let half = life.unwrap_or(left).max(left) / 2;
        self.expires = Some(expires);
        self.due = later(now, (left - half).max(LEAST));
        self.failures = 0;
    }

    /// An attempt failed; the other side may have said how long to wait. `chance`, from 0 to 1, keeps many endpoints from
    /// trying all at once.
    pub fn failed(&mut self, now: Timestamp, retry_after: Option<Duration>, chance: f64) {
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.failures.min(16)));
        let own = doubled
            .min(LONGEST_WAIT)
            .mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        let asked = retry_after.unwrap_or_default().min(LONGEST_PATIENCE);
        self.failures = self.failures.saturating_add(1);
        let wait = SignedDuration::try_from(own.max(asked)).unwrap_or(SignedDuration::ZERO);
        self.due = later(now, wait);
    }

    /// Whether the last minted token is still valid.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| now < expires)
    }

    /// Something may have changed: what failed before is tried again at once.
    pub fn resume(&mut self, now: Timestamp) {
        if self.state(now) != State::Fresh {
            self.due = now;
            self.failures = 0;
        }
    }

    /// Whether there has ever been a token: whatever keeps another from working is not in the configuration alone.
    #[must_use]
    pub fn has_worked(&self) -> bool {
        self.expires.is_some()
    }

    /// How it is off.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        match (self.is_valid(now), self.failures) {
            (false, _) => State::Expired,
            (true, 1..) => State::Stale,
            (true, 0) if now < self.due => State::Fresh,
            (true, 0) => State::Renewing,
        }
    }

    /// After how many seconds somebody who got nothing should ask again: when the next attempt will have been made.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> u64 {
        let wait = self.due.duration_since(now).as_secs();
        u64::try_from(wait).unwrap_or(0) + 1
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;
