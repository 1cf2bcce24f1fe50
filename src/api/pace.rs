//! The rate limits that the API asks for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::call::Call;
use super::retry::LONGEST_PAUSE;

/// Between any two requests: five a second.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(200);

/// Between two calls that hand out tokens.
const BETWEEN_AUTHENTICATIONS: Duration = Duration::from_secs(1);

/// The first pause after a 429 that does not say how long; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause of our own making.
const LONGEST_OWN: Duration = Duration::from_mins(1);

/// The longest that all calls stop on the word of the server that answers.
const LONGEST_PATIENCE: Duration = Duration::from_mins(10);

/// Gives every request its turn.
#[derive(Debug)]
pub(super) struct Pace {
    next: Mutex<Next>,
}

/// When the next request may go out at the earliest.
#[derive(Debug)]
struct Next {
    any: Instant,
    authentication: Instant,
    /// Until when the API wants to hear nothing at all.
    paused: Instant,
    /// How often in a row it said so.
    strikes: u32,
}

impl Pace {
    /// The first request may go out at once.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            next: Mutex::new(Next {
                any: now,
                authentication: now,
                paused: now,
                strikes: 0,
            }),
        }
    }

    /// Waits until this call may go out. Who asks first goes first. Where the API wants to hear nothing for longer than a call
    /// waits, the time that is left of that.
    pub(super) async fn turn(&self, call: Call) -> Result<(), Duration> {
        loop {
            let at = self.reserve(call)?;
            sleep_until(at).await;
            // Another call may have been told to wait meanwhile.
            if self.next().paused <= Instant::now() {
                return Ok(());
            }
        }
    }

    fn reserve(&self, call: Call) -> Result<Instant, Duration> {
        let mut next = self.next();
        let now = Instant::now();
        let left = next.paused.saturating_duration_since(now);
        if left > LONGEST_PAUSE {
            return Err(left);
        }
        let mut at = now.max(next.any).max(next.paused);
        if call.is_authentication() {
            at = at.max(next.authentication);
            next.authentication = at + BETWEEN_AUTHENTICATIONS;
        }
        next.any = at + BETWEEN_REQUESTS;
        Ok(at)
    }

    /// The API has too much to do, and may have said for how long: that holds for every call.
    pub(super) fn pause(&self, asked: Option<Duration>) {
        let mut next = self.next();
        let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(next.strikes.min(16)));
        next.strikes = next.strikes.saturating_add(1);
        let pause = asked.unwrap_or(doubled.min(LONGEST_OWN));
        let end = Instant::now() + pause.min(LONGEST_PATIENCE);
        next.paused = next.paused.max(end);
    }

    /// The API has answered a call.
    pub(super) fn answered(&self) {
        self.next().strikes = 0;
    }

    fn next(&self) -> MutexGuard<'_, Next> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_requests_a_second_and_one_authentication() {
        let pace = Pace::new();
        let start = Instant::now();
        let mut turns = Vec::new();
        for call in [
            Call::CompanyToken,
            Call::Organizations,
            Call::Operators,
            Call::OperatorToken,
            Call::Validate,
            Call::OperatorToken,
        ] {
            pace.turn(call).await.unwrap();
            turns.push(start.elapsed().as_millis());
        }
        // The paused clock counts whole milliseconds, and may wake one late.
        let wanted = [0, 200, 400, 1000, 1200, 2000];
        for (turn, wanted) in turns.iter().zip(wanted) {
            assert!((wanted..wanted + 10).contains(turn), "{turns:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_has_passed_counts() {
        let pace = Pace::new();
        pace.turn(Call::CompanyToken).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        let start = Instant::now();
        pace.turn(Call::OperatorToken).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_call_is_told_to_wait_all_wait() {
        let pace = Pace::new();
        let waited = async |call| {
            let start = Instant::now();
            let turn = pace.turn(call).await;
            turn.map(|()| start.elapsed().as_secs())
        };
        pace.pause(Some(Duration::from_secs(20)));
        assert_eq!(waited(Call::Operators).await, Ok(20));
        // A longer pause is for the caller to wait for.
        pace.pause(Some(Duration::from_secs(90)));
        assert_eq!(waited(Call::Validate).await, Err(Duration::from_secs(90)));
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert_eq!(waited(Call::Validate).await, Ok(0));
        // But not for ever, on the word of the server that answers.
        pace.pause(Some(Duration::from_hours(24)));
        assert_eq!(waited(Call::Validate).await, Err(Duration::from_mins(10)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_no_length_grows_until_there_is_an_answer() {
        let pace = Pace::new();
        let mut waits = Vec::new();
        for _ in 0..8 {
            pace.pause(None);
            let start = Instant::now();
            pace.turn(Call::Operators).await.unwrap();
            waits.push(start.elapsed().as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        pace.answered();
        pace.pause(None);
        let start = Instant::now();
        pace.turn(Call::Operators).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 1);
    }
}
