//! Trying again: what failed for a passing reason, a few times, further and further apart.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::call::Call;
use super::error::ApiError;

/// Attempts after the first one.
const RETRIES: usize = 3;

/// Pause before the second attempt; each further one is twice as long, and chance adds up to as much again.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest that the API may ask to wait. Beyond it, the caller decides.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Makes the attempts of a call until one succeeds, or fails for good.
pub(super) async fn persist<T, F>(call: Call, attempt: impl FnMut() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let backoff = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_times(RETRIES)
        .with_jitter();
    attempt
        .retry(backoff)
        .sleep(tokio::time::sleep)
        .when(|error| error.is_transient() && (call.is_repeatable() || error.is_without_effect()))
        .adjust(|error, pause| match (pause, error.retry_after()) {
            (Some(pause), Some(asked)) if asked <= LONGEST_PAUSE => Some(pause.max(asked)),
            (_, Some(_)) => None,
            (pause, None) => pause,
        })
        .notify(|error, pause| tracing::warn!("{error}; trying again in {pause:.1?}"))
        .await
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // A date that has passed means now.
    Some(Duration::try_from(date(value)?.duration_since(now)).unwrap_or_default())
}

/// Reads an HTTP date (RFC 9110, section 5.6.7).
pub(crate) fn date(value: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(value).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::Cell;

    use tokio::time::Instant;

    use super::*;

    fn refused(status: u16, retry_after: Option<u64>) -> ApiError {
        ApiError::Refused {
            call: Call::Organizations,
            status,
            words: String::new(),
            retry_after: retry_after.map(Duration::from_secs),
            origin: None,
        }
    }

    /// How many attempts are made, and how long it takes, if each fails with this error.
    async fn attempts(call: Call, error: impl Fn() -> ApiError) -> (usize, Duration) {
        let (count, start) = (Cell::new(0), Instant::now());
        let result: Result<(), _> = persist(call, || {
            count.set(count.get() + 1);
            std::future::ready(Err(error()))
        })
        .await;
        assert!(result.is_err());
        (count.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn passing_troubles_are_tried_again_with_growing_pauses() {
        for status in [429, 500, 503] {
            let (count, time) = attempts(Call::Organizations, || refused(status, None)).await;
            assert_eq!(count, 4, "{status}");
            let seconds = time.as_secs_f32();
            assert!((3.5..7.1).contains(&seconds), "{status}: {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_change_is_not_tried_again() {
        for status in [400, 401, 403, 404] {
            let (count, time) = attempts(Call::Organizations, || refused(status, Some(1))).await;
            assert_eq!((count, time), (1, Duration::ZERO), "{status}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_that_the_api_asks_for_is_kept_unless_it_is_too_long() {
        let (count, time) = attempts(Call::Organizations, || refused(429, Some(20))).await;
        assert_eq!((count, time.as_secs()), (4, 60));
        let (count, time) = attempts(Call::Organizations, || refused(503, Some(61))).await;
        assert_eq!((count, time), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn operators_are_added_again_only_if_they_cannot_have_been_added() {
        let network = |unsent| ApiError::Network {
            call: Call::Synchronize,
            why: String::new(),
            unsent,
        };
        assert_eq!(
            attempts(Call::Synchronize, || refused(500, None)).await.0,
            1
        );
        assert_eq!(attempts(Call::Synchronize, || network(false)).await.0, 1);
        assert_eq!(attempts(Call::Synchronize, || network(true)).await.0, 4);
        assert_eq!(
            attempts(Call::Synchronize, || refused(429, None)).await.0,
            4
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-20T14:33:34Z".parse().unwrap();
        let read = |text| retry_after(text, now).map(|pause| pause.as_secs());
        assert_eq!(read("7"), Some(7));
        assert_eq!(read(" 0 "), Some(0));
        assert_eq!(read("Tue, 20 Jan 2026 14:34:04 GMT"), Some(30));
        assert_eq!(read("Tue, 20 Jan 2026 14:00:00 GMT"), Some(0));
        for wrong in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
