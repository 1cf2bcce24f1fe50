//! How far clocks may differ. Each comparison of one machine's time with another's takes its margin from here, and from nowhere else.

use std::time::Duration;

/// By how much a token may claim to live longer than the API allows, and from which difference on this machine's administrator should
/// know of it: clocks that are set by themselves differ by less.
pub const TOLERANCE: Duration = Duration::from_mins(1);
/// What the longest life that is asked for is short of what the API allows: its servers' clocks differ among themselves, and
/// `Date` has whole seconds.
pub const RESERVE: Duration = Duration::from_mins(5);
/// What counts as the same time where two clocks are compared on purpose: `Date` is cut to seconds, and replies take their time.
pub const SAME: Duration = Duration::from_secs(30);
