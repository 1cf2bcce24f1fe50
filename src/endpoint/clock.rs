//! A clock that nobody sets: it begins with the time of day and goes on with the time since the machine was started, asleep or
//! not. Waits and lives are measured by it, so that setting the clock neither holds up an attempt nor prolongs a token.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time of day when it was first asked, and since the start of the machine.
#[derive(Debug)]
struct Begun {
    day: Timestamp,
    machine: Duration,
}

impl Begun {
    fn at(&self, machine: Duration) -> Timestamp {
        let gone = SignedDuration::try_from(machine.saturating_sub(self.machine));
        let gone = gone.unwrap_or(SignedDuration::ZERO);
        self.day.saturating_add(gone).unwrap_or(Timestamp::MAX)
    }
}

/// The time by this clock.
pub(super) fn now() -> Timestamp {
    static BEGUN: OnceLock<Begun> = OnceLock::new();
    let begun = BEGUN.get_or_init(|| Begun {
        day: Timestamp::now(),
        machine: machine(),
    });
    begun.at(machine())
}

/// What the time of day `at` is by this clock.
pub(super) fn of(at: Timestamp) -> Timestamp {
    let left = at.duration_since(Timestamp::now());
    now().saturating_add(left).unwrap_or(Timestamp::MAX)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn machine() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn machine() -> Duration {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::endpoint::Lease;

    #[test]
    fn setting_the_clock_holds_up_no_attempt_and_prolongs_no_token() {
        let day = Timestamp::from_second(1_800_000_000).unwrap();
        let begun = Begun {
            day,
            machine: Duration::from_secs(100),
        };
        let after = |seconds: u64| begun.at(Duration::from_secs(100 + seconds));
        let mut lease = Lease::new(after(0));
        lease.minted(after(0), after(3600), None);
        lease.failed(after(1800), None, 1.0);
        // Whatever the time of day is by now, a second later it is time for the next attempt, and in half an hour all is over.
        assert!(lease.due() <= after(1801));
        assert!(lease.is_valid(after(3599)) && !lease.is_valid(after(3600)));
    }

    #[test]
    fn it_goes_on() {
        let (first, second) = (now(), now());
        assert!(first <= second);
        let hour = SignedDuration::from_hours(1);
        let left = of(Timestamp::now() + hour).duration_since(now());
        assert!(left <= hour && left > SignedDuration::from_mins(30));
    }
}
