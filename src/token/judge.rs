//! Whether a token may be given out: the one rule for every token, wherever it comes from and whatever it is for.

use std::time::Duration;

use super::margin::TOLERANCE;
use super::{Claims, DEVELOPMENT_TOKEN, Malformed, date, inspect};

/// The longest that the API lets an operator token live.
pub const LONGEST_LIFETIME: Duration = Duration::from_hours(24);

/// Why a token is not to be given out. Times are in seconds, those of day since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is the vendor's [`DEVELOPMENT_TOKEN`].
    #[error("it is the vendor's development token, which is accepted on loopback only")]
    Development,
    /// It is not a token.
    #[error("it cannot work: {0}")]
    Malformed(#[from] Malformed),
    /// Nobody could tell how long it works.
    #[error("it does not say when it expires (no exp claim)")]
    NoExpiry,
    /// It works no more, by the clock that it was judged by.
    #[error("it expired at {}", date(*.0))]
    Expired(i64),
    /// It works for a shorter time than was asked for.
    #[error("it expires at {}", date(*.at))]
    ExpiresSoon {
        /// When.
        at: i64,
        /// How long it still works.
        left: i64,
    },
    /// It does not work yet, by more than clocks differ; from when on it does.
    #[error("it does not work before {}", date(*.0))]
    NotYet(i64),
    /// It cannot be one of the API's; how long it claims to live.
    #[error("it claims to live longer than 24 hours, which the API refuses")]
    TooLong(i64),
}

/// What tokens are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge {
    now: i64,
    min_ttl: i64,
    otherwise: Option<i64>,
}

impl Judge {
    /// At this time, in seconds since 1970.
    #[must_use]
    pub const fn at(now: i64) -> Self {
        Self {
            now,
            min_ttl: 0,
            otherwise: None,
        }
    }

    /// A token must still work for so many seconds.
    #[must_use]
    pub const fn for_at_least(self, min_ttl: i64) -> Self {
        Self { min_ttl, ..self }
    }

    /// Where a token does not say when it expires, it is known to expire at this time.
    #[must_use]
    pub const fn expiring_at(self, otherwise: i64) -> Self {
        Self {
            otherwise: Some(otherwise),
            ..self
        }
    }

    /// Until when a token works, if it is fit.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn judge(&self, token: &str) -> Result<i64, Unfit> {
        let times = self.times(token)?;
        let mut problems = self.problems_of(times);
        problems.next().map_or(Ok(times.expires_at), Err)
    }

    /// All that is wrong with a token.
    #[must_use]
    pub fn problems(&self, token: &str) -> Vec<Unfit> {
        match self.times(token) {
            Ok(times) => self.problems_of(times).collect(),
            Err(why) => vec![why],
        }
    }

    /// When it expires, and how long it lives in all; without an issue time, what is left is the least that it was meant to live.
    fn times(&self, token: &str) -> Result<Times, Unfit> {
        if token == DEVELOPMENT_TOKEN {
            return Err(Unfit::Development);
        }
        let claims = inspect(token)?;
        let expires_at = claims.expires_at.or(self.otherwise);
        let expires_at = expires_at.ok_or(Unfit::NoExpiry)?;
        let from = claims.issued_at.unwrap_or(self.now);
        Ok(Times {
            not_before: claims.not_before,
            expires_at,
            lifetime: expires_at.saturating_sub(from),
        })
    }

    fn problems_of(&self, times: Times) -> impl Iterator<Item = Unfit> {
        let Times {
            not_before,
            expires_at,
            lifetime,
        } = times;
        let left = expires_at.saturating_sub(self.now);
        let time = if left <= 0 {
            Some(Unfit::Expired(expires_at))
        } else if left < self.min_ttl {
            let at = expires_at;
            Some(Unfit::ExpiresSoon { at, left })
        } else {
            None
        };
        let tolerance = i64::try_from(TOLERANCE.as_secs()).unwrap_or_default();
        let ahead = |from: &i64| from.saturating_sub(self.now) > tolerance;
        let not_yet = not_before.filter(ahead).map(Unfit::NotYet);
        let most = (LONGEST_LIFETIME + TOLERANCE).as_secs();
        let long = lifetime > i64::try_from(most).unwrap_or(i64::MAX);
        time.into_iter()
            .chain(not_yet)
            .chain(long.then_some(Unfit::TooLong(lifetime)))
    }
}

/// When a token works, in seconds since 1970, and for how many.
#[derive(Debug, Clone, Copy)]
struct Times {
    not_before: Option<i64>,
    expires_at: i64,
    lifetime: i64,
}

/// How long a token lives in all, in seconds, as it says itself.
#[must_use]
pub fn life(token: &str) -> Option<i64> {
    let Claims {
        expires_at,
        issued_at,
        ..
    } = inspect(token).ok()?;
    expires_at?.checked_sub(issued_at?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::testing::token;

    #[test]
    fn a_token_is_fit_until_it_expires_and_for_a_day_at_most() {
        let now = 1_700_000_000;
        let judged = |claims: &str| Judge::at(now).judge(&token(claims));
        assert_eq!(judged(r#"{"exp":1700003600}"#), Ok(now + 3600));
        // Minted by a clock that is ahead of ours: what counts is how long it lives.
        assert_eq!(
            judged(r#"{"iat":1700000300,"exp":1700086700}"#),
            Ok(now + 86_700)
        );
        assert_eq!(judged(r#"{"exp":1700000000}"#), Err(Unfit::Expired(now)));
        assert_eq!(judged("{}"), Err(Unfit::NoExpiry));
        for (long, lifetime) in [
            (r#"{"exp":1702592000}"#, 2_592_000),
            (r#"{"iat":1699999999,"exp":1700086800}"#, 86_801),
            (r#"{"iat":-9e300,"exp":9e300}"#, i64::MAX),
        ] {
            assert_eq!(judged(long), Err(Unfit::TooLong(lifetime)), "{long}");
        }
        let judge = Judge::at(now);
        assert_eq!(judge.judge("abc"), Err(Unfit::Malformed(Malformed::NotJwt)));
        assert_eq!(judge.judge(DEVELOPMENT_TOKEN), Err(Unfit::Development));
    }

    #[test]
    fn all_that_is_wrong_is_named_and_the_time_that_is_asked_for_counts() {
        let now = 1_700_000_000;
        let problems = |claims: &str| Judge::at(now).for_at_least(3600).problems(&token(claims));
        assert_eq!(problems(r#"{"exp":1700003600}"#), []);
        let (at, left) = (1_700_003_599, 3599);
        assert_eq!(
            problems(r#"{"exp":1700003599}"#),
            [Unfit::ExpiresSoon { at, left }]
        );
        assert_eq!(
            problems(r#"{"iat":1600000000,"exp":1699999999}"#),
            [Unfit::Expired(now - 1), Unfit::TooLong(99_999_999)]
        );
        // Clocks differ by a minute.
        assert_eq!(problems(r#"{"nbf":1700000060,"exp":1700003600}"#), []);
        assert_eq!(
            problems(r#"{"nbf":1700000061,"exp":1700003600}"#),
            [Unfit::NotYet(now + 61)]
        );
        // What others know counts where the token says nothing.
        let judge = Judge::at(now).expiring_at(now + 60);
        assert_eq!(judge.judge(&token("{}")), Ok(now + 60));
        assert_eq!(judge.judge(&token(r#"{"exp":1700000010}"#)), Ok(now + 10));
    }

    #[test]
    fn a_life_is_known_where_both_ends_are() {
        assert_eq!(life(&token(r#"{"iat":100,"exp":700}"#)), Some(600));
        assert_eq!(life(&token(r#"{"exp":700}"#)), None);
    }
}
