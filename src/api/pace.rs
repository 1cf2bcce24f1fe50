//! The rate limits that the API asks for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::call::Call;

/// Between any two requests: five a second.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(200);

/// Between two calls that hand out tokens.
const BETWEEN_AUTHENTICATIONS: Duration = Duration::from_secs(1);

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
}

impl Pace {
    /// The first request may go out at once.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            next: Mutex::new(Next {
                any: now,
                authentication: now,
            }),
        }
    }

    /// Waits until this call may go out. Who asks first goes first.
    pub(super) async fn turn(&self, call: Call) {
        sleep_until(self.reserve(call)).await;
    }

    fn reserve(&self, call: Call) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = Instant::now().max(next.any);
        if call.is_authentication() {
            at = at.max(next.authentication);
            next.authentication = at + BETWEEN_AUTHENTICATIONS;
        }
        next.any = at + BETWEEN_REQUESTS;
        at
    }
}

#[cfg(test)]
mod tests {
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
            pace.turn(call).await;
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
        pace.turn(Call::CompanyToken).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let start = Instant::now();
        pace.turn(Call::OperatorToken).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
