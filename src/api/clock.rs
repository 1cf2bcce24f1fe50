//! The API's clock, as its replies tell it: tokens live by that one, not by ours.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::token::LONGEST_LIFETIME;
use crate::token::margin::{RESERVE, TOLERANCE};

/// What is known of the API's clock.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// How far it is ahead of ours.
    ahead: SignedDuration,
    /// Whether a remarkable difference has been told.
    told: bool,
}

impl Clock {
    /// The time by the API's clock.
    pub(super) fn now(&self) -> Timestamp {
        let ahead = self.known().ahead;
        let now = Timestamp::now();
        now.saturating_add(ahead).unwrap_or(now)
    }

    /// What a time of the API's is by our clock.
    pub(super) fn ours(&self, at: Timestamp) -> Timestamp {
        at.saturating_sub(self.known().ahead).unwrap_or(at)
    }

    /// When a token is to expire that shall live this long: as long as the API allows, at most.
    pub(super) fn expiry(&self, lifetime: Duration) -> Timestamp {
        let life = lifetime.min(LONGEST_LIFETIME.saturating_sub(RESERVE));
        let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::ZERO);
        self.now().saturating_add(life).unwrap_or(Timestamp::MAX)
    }

    /// A reply to a request of the time `sent`, which came at the time `received`, was made at `date`.
    pub(super) fn learn(&self, date: Timestamp, sent: Timestamp, received: Timestamp) {
        let ahead = difference(date, sent, received);
        let mut known = self.known();
        known.ahead = ahead;
        if ahead.unsigned_abs() > TOLERANCE && !std::mem::replace(&mut known.told, true) {
            let (seconds, word) = (
                ahead.abs().as_secs(),
                if ahead.is_negative() {
                    "ahead of"
                } else {
                    "behind"
                },
            );
            tracing::warn!(
                "this machine's clock is {seconds} s {word} the API's; tokens are minted by the API's clock; set this machine's"
            );
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far the API's clock certainly is ahead of ours, or behind; zero where ours may be right. `Date` is cut to whole seconds,
/// and the reply was made at some time between the two of ours.
fn difference(date: Timestamp, sent: Timestamp, received: Timestamp) -> SignedDuration {
    let least = date.duration_since(received);
    let most = date.duration_since(sent) + SignedDuration::from_secs(1);
    SignedDuration::ZERO.clamp(least.min(most), most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn the_clock_is_corrected_by_what_is_certain() {
        for (date, sent, received, ahead) in [
            // It may be right: cut to the second, and any time between the two.
            (0, 0, 10, 0),
            (0, 900, 950, 0),
            (0, 900, 5_000, 0),
            // Ours is a second ahead.
            (0, 1_300, 1_310, -300),
            (0, 7_200_500, 7_200_510, -7_199_500),
            // Ours is behind.
            (7_200_000, 0, 10, 7_199_990),
        ] {
            let found = difference(at(date), at(sent), at(received));
            assert_eq!(found.as_millis(), ahead, "{date} {sent} {received}");
        }
    }

    #[test]
    fn the_margin_is_kept_of_the_longest_life_alone() {
        let clock = Clock::default();
        let left = |lifetime| clock.expiry(lifetime).duration_since(Timestamp::now());
        let day = left(LONGEST_LIFETIME);
        assert!(day <= SignedDuration::from_mins(24 * 60 - 5), "{day}");
        assert!(day > SignedDuration::from_hours(23), "{day}");
        assert!(left(Duration::from_hours(1)) <= SignedDuration::from_hours(1));
        // The API is two hours behind: so is the time at which its token expires.
        clock.learn(at(0), at(7_200_000), at(7_200_000));
        let day = left(LONGEST_LIFETIME);
        assert!(day < SignedDuration::from_hours(22), "{day}");
    }
}
