//! What is logged of requests that are refused: of very many a few, and how many were left out, so that nobody can fill the
//! log. The metrics count them all.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// How many lines of a kind there are in a minute.
const A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// The statuses whose lines are counted each for themselves; one that is not among them counts as the last.
const KINDS: [StatusCode; 6] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::LOOP_DETECTED,
];

/// The lines of each kind.
pub(super) struct RejectionLog([Kind; KINDS.len()]);

struct Kind {
    limiter: DefaultDirectRateLimiter,
    left_out: AtomicU64,
}

impl Default for RejectionLog {
    fn default() -> Self {
        Self(KINDS.map(|_| Kind {
            limiter: RateLimiter::direct(Quota::per_minute(A_MINUTE)),
            left_out: AtomicU64::new(0),
        }))
    }
}

impl RejectionLog {
    /// Whether a refusal with this status may be logged; if not, it is counted.
    pub(super) fn may_log(&self, status: StatusCode) -> bool {
        let place = KINDS.iter().position(|kind| *kind == status);
        let kind = &self.0[place.unwrap_or(KINDS.len() - 1)];
        let may = kind.limiter.check().is_ok();
        if !may {
            kind.left_out.fetch_add(1, Ordering::Relaxed);
        }
        may
    }

    /// Logs how many were left out since the last time.
    pub(super) fn sum_up(&self) {
        for (status, kind) in KINDS.iter().zip(&self.0) {
            let left_out = kind.left_out.swap(0, Ordering::Relaxed);
            if left_out > 0 {
                tracing::warn!(
                    http.response.status_code = status.as_u16(),
                    left_out,
                    "further requests were refused"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kind_does_not_silence_another() {
        let rejection_log = RejectionLog::default();
        let logged = (0..100).filter(|_| rejection_log.may_log(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(logged.count(), 20);
        assert!(rejection_log.may_log(StatusCode::FORBIDDEN));
        let left_out = |n: usize| rejection_log.0[n].left_out.load(Ordering::Relaxed);
        assert_eq!((left_out(3), left_out(1)), (80, 0));
        rejection_log.sum_up();
        assert_eq!(left_out(3), 0);
    }
}
