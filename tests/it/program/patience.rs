//! How tests wait: until something holds, never for a time. This is the one place that sleeps, which `tests/sources/waiting.rs` sees to.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. It is long because it is only ever used up by what never comes: a busy
/// machine must not make a difference.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until this holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || holds().then_some(()));
}

/// Waits until there is such a thing, and gives it.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "it never came to this: {what}");
        thread::sleep(PAUSE);
    }
}
