//! What a published operator token says about itself.

use std::ops::Range;

use super::catalog as rules;
use crate::event::Rule;
use crate::run::Examined;
use crate::token::{Judge, Malformed, Unfit, date};

/// The rules that a token breaks, by this judge.
pub(super) fn check(token: &str, judge: &Judge) -> Vec<(&'static Rule, String)> {
    let problems = judge.problems(token).into_iter();
    problems.filter_map(broken).collect()
}

fn broken(why: Unfit) -> Option<(&'static Rule, String)> {
    Some(match why {
        Unfit::Development => (
            &rules::DEVELOPMENT_TOKEN,
            "it carries the development token".to_owned(),
        ),
        // An empty one is found as a difference already.
        Unfit::Malformed(Malformed::Empty) => return None,
        Unfit::Malformed(why) => (
            &rules::TOKEN_MALFORMED,
            format!("its token cannot work: {why}"),
        ),
        Unfit::NoExpiry => (
            &rules::TOKEN_MALFORMED,
            "its token has no exp: it does not say when it expires".to_owned(),
        ),
        Unfit::Expired(at) => (
            &rules::TOKEN_EXPIRED,
            format!("its token expired at {}", date(at)),
        ),
        Unfit::ExpiresSoon { at, left } => (
            &rules::TOKEN_EXPIRES_SOON,
            format!("its token expires in {} min, at {}", left / 60, date(at)),
        ),
        Unfit::NotYet(from) => (
            &rules::TOKEN_NOT_YET_VALID,
            format!("its token does not work before {}", date(from)),
        ),
        Unfit::TooLong(lifetime) => (
            &rules::TOKEN_LIFETIME_OVER_24H,
            format!("its token claims to live {} h", lifetime / 3600),
        ),
    })
}

/// Tokens in widget tags have rules of their own; those in an attribute that is not for one do not.
pub(super) fn published_on_purpose(
    examined: &Examined<'_>,
    span: &Range<usize>,
    token: &str,
) -> bool {
    let tags = &examined.facts.instances;
    let before = tags.partition_point(|tag| tag.start_tag.start <= span.start);
    let tag = before.checked_sub(1).and_then(|last| tags.get(last));
    tag.filter(|tag| span.end <= tag.start_tag.end && tag.is_in(examined.scope))
        .and_then(|tag| tag.attributes.get("token"))
        .is_some_and(|published| published.contains(token))
}
