//! When a series of changes is over: one build of the site is to be one reload.

use std::time::{Duration, Instant};

/// How long nothing must happen after a single change.
pub const QUIET: Duration = Duration::from_millis(200);
/// How long at most after many: a generator that has been writing for a while may think for a while.
const LONGEST_QUIET: Duration = Duration::from_secs(2);
/// How long a folder may be gone, as where a generator deletes what it is about to write.
const AWAY: Duration = Duration::from_secs(3);
/// How long a series may be, whatever happens: somebody may write all the time.
const LONGEST: Duration = Duration::from_secs(20);

/// Changes that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Burst {
    first: Instant,
    last: Instant,
}

impl Burst {
    /// One that begins now.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            first: now,
            last: now,
        }
    }

    /// Takes another change.
    pub(super) fn goes_on(&mut self, now: Instant) {
        self.last = now;
    }

    /// Whether it is as long as one may be.
    pub(super) fn is_long(&self, now: Instant) -> bool {
        self.first + LONGEST <= now
    }

    /// How long it may still go on; none: it is over. Where the folder is gone, it is waited for.
    pub(super) fn left(&self, now: Instant, is_there: bool) -> Option<Duration> {
        let quiet = if is_there {
            ((self.last - self.first) / 4).clamp(QUIET, LONGEST_QUIET)
        } else {
            AWAY
        };
        let end = (self.last + quiet).min(self.first + LONGEST);
        end.checked_duration_since(now)
            .filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many times pages are notified of these changes, in milliseconds from the first, if each is met when it comes.
    fn told(changes: impl IntoIterator<Item = u64>) -> usize {
        // Any instant: what counts is what follows.
        let zero = Instant::now();
        let mut changes = changes
            .into_iter()
            .map(|at| zero + Duration::from_millis(at));
        let mut next = changes.next();
        let mut told = 0;
        while let Some(first) = next {
            let mut burst = Burst::new(first);
            next = changes.next();
            while let Some(at) = next.filter(|at| burst.left(*at, true).is_some()) {
                burst.goes_on(at);
                next = changes.next();
            }
            told += 1;
        }
        told
    }

    #[test]
    fn one_build_is_one_reload() {
        assert_eq!(told([0]), 1);
        assert_eq!(told([0, 10, 150]), 1);
        assert_eq!(told([0, 500]), 2, "two changes by hand");
        // 20,000 pages in six seconds.
        assert_eq!(told((0..20_000).map(|page| page * 3 / 10)), 1);
        // A generator that writes for four seconds, thinks for one, and goes on.
        assert_eq!(
            told((0..4_000).step_by(50).chain((4_900..8_000).step_by(50))),
            1
        );
        // The pause after a single change is none that is waited for.
        assert_eq!(told([0].into_iter().chain((900..2_000).step_by(50))), 2);
    }

    #[test]
    fn who_writes_all_the_time_is_told_of_in_between() {
        assert_eq!(told((0..60_000).step_by(10)), 3);
    }

    #[test]
    fn a_folder_that_is_gone_is_waited_for() {
        let zero = Instant::now();
        let burst = Burst::new(zero);
        let left = |after: u64, is_there| burst.left(zero + Duration::from_millis(after), is_there);
        assert_eq!(left(100, true), Some(Duration::from_millis(100)));
        assert_eq!(left(200, true), None);
        assert_eq!(left(2_999, false), Some(Duration::from_millis(1)));
        assert_eq!(left(3_000, false), None);
    }
}
