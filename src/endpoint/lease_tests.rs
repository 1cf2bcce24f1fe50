//! A day and more of simulated time, with an API that fails in every way that matters here.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// Runs a lease for so many seconds against an API that mints tokens of this life when it is `up`, and takes `slow`
/// seconds for every attempt. Gives the seconds without a valid token after the first one, and the attempts.
fn run(
    seconds: i64,
    life: i64,
    slow: i64,
    mut up: impl FnMut(i64) -> bool,
) -> (Vec<i64>, Vec<i64>) {
    let mut lease = Lease::new(at(0));
    let (mut gaps, mut attempts) = (Vec::new(), Vec::new());
    let mut begun: Option<i64> = None;
    let mut first = None;
    for now in 0..seconds {
        if let Some(start) = begun.filter(|start| now >= start + slow) {
            begun = None;
            if up(start) {
                lease.minted(at(now), at(start + life), None);
                first.get_or_insert(now);
            } else {
                lease.failed(at(now), None, 0.5);
            }
        }
        if begun.is_none() && at(now) >= lease.due() {
            begun = Some(now);
            attempts.push(now);
        }
        if first.is_some() && !lease.is_valid(at(now)) {
            gaps.push(now);
        }
    }
    (gaps, attempts)
}

#[test]
fn a_day_without_trouble_takes_few_calls_and_has_no_gap() {
    let (gaps, attempts) = run(48 * HOUR, 24 * HOUR, 2, |_| true);
    assert!(gaps.is_empty());
    assert_eq!(attempts.len(), 4, "{attempts:?}");
}

#[test]
fn as_long_as_the_api_recovers_before_the_token_expires_there_is_no_gap() {
    // Down from just before the renewal until five minutes before the end.
    let (gaps, attempts) = run(72 * HOUR, 24 * HOUR, 30, |now| {
        !(12 * HOUR - 60..24 * HOUR - 300).contains(&now)
    });
    assert!(gaps.is_empty(), "{gaps:?}");
    // Once a minute or so while it is down.
    assert!(attempts.len() < 12 * 60 + 20, "{}", attempts.len());
}

#[test]
fn down_for_a_whole_life_fails_nobody_until_the_token_expires() {
    let down = 100;
    let (gaps, _) = run(30 * HOUR, 24 * HOUR, 1, |now| now < down);
    // Minted in the first second, so it is valid for 24 hours from there.
    assert_eq!(gaps.first(), Some(&(24 * HOUR)));
    // And once the API is back, within a minute and its answer.
    let (gaps, _) = run(30 * HOUR, 24 * HOUR, 1, |now| {
        now < down || now >= 25 * HOUR
    });
    assert!(*gaps.last().unwrap() < 25 * HOUR + 62, "{:?}", gaps.last());
}

#[test]
fn states_follow_each_other() {
    let mut lease = Lease::new(at(0));
    assert_eq!(lease.state(at(0)), State::Expired);
    lease.minted(at(0), at(100), None);
    assert_eq!(lease.state(at(0)), State::Fresh);
    assert_eq!(lease.state(at(49)), State::Fresh);
    assert_eq!(lease.state(at(50)), State::Renewing);
    lease.failed(at(50), None, 1.0);
    assert_eq!(lease.state(at(50)), State::Stale);
    assert_eq!(lease.state(at(99)), State::Stale);
    assert_eq!(lease.state(at(100)), State::Expired);
    lease.minted(at(100), at(200), None);
    assert_eq!(lease.state(at(100)), State::Fresh);
}

#[test]
fn waits_double_and_respect_what_the_api_asks() {
    let mut lease = Lease::new(at(0));
    let mut waits = Vec::new();
    for _ in 0..9 {
        lease.failed(at(0), None, 1.0);
        waits.push(lease.due().duration_since(at(0)).as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    lease.failed(at(0), Some(Duration::from_mins(2)), 0.0);
    assert_eq!(lease.retry_after(at(0)), 121);
    // But not for ever, on the word of the server that answers.
    lease.failed(at(0), Some(Duration::from_hours(24)), 0.0);
    assert_eq!(lease.due(), at(600));
    assert_eq!(lease.retry_after(at(5000)), 1);
}

#[test]
fn a_token_that_comes_nearly_over_makes_no_loop() {
    let (_, attempts) = run(100, 3, 0, |_| true);
    assert!(attempts.len() <= 21, "{attempts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Failures at random, for any time up to a third of the life: there is never a gap.
    #[test]
    fn no_gap_while_outages_are_shorter_than_what_is_left(
        life in 4_i64..24,
        outages in prop::collection::vec((0_i64..26 * HOUR, 1_i64..HOUR), 0..12),
        luck in prop::collection::vec(any::<bool>(), 64),
    ) {
        let life = life * HOUR;
        let mut n = 0;
        let (gaps, _) = run(26 * HOUR, life, 3, |now| {
            n += 1;
            // At least one attempt in eight succeeds outside of outages.
            let lucky = n % 8 == 0 || luck[n % luck.len()];
            now < 60 || lucky && !outages.iter().any(|(from, length)| {
                (*from..from + (*length).min(life / 8)).contains(&now)
            })
        });
        // Twelve outages one after the other can outlast the half of a short life; those are not asked for.
        let total: i64 = outages.iter().map(|(_, length)| (*length).min(life / 8)).sum();
        prop_assume!(total < life / 2 - HOUR / 2);
        prop_assert!(gaps.is_empty(), "{} s from {}", gaps.len(), gaps[0]);
    }
}

#[test]
fn a_token_is_renewed_after_half_of_its_own_life() {
    let due = |now: i64, expires: i64, life: Option<i64>| {
        let mut lease = Lease::new(at(0));
        lease.minted(at(now), at(expires), life.map(SignedDuration::from_secs));
        lease.due().as_second() - at(0).as_second()
    };
    assert_eq!(due(0, 24 * HOUR, Some(24 * HOUR)), 12 * HOUR);
    // Of an earlier run, or of a file that somebody else fills.
    assert_eq!(due(HOUR, 23 * HOUR, Some(24 * HOUR)), 11 * HOUR);
    assert_eq!(due(0, 4 * HOUR, Some(24 * HOUR)), 5);
    // Where it does not say, or cannot be right, half of what is left.
    assert_eq!(due(0, 4 * HOUR, None), 2 * HOUR);
    assert_eq!(due(0, 4 * HOUR, Some(HOUR)), 2 * HOUR);
}
