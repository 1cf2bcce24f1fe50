//! What a published operator token says about itself.

use std::ops::Range;

use super::catalog as rules;
use crate::event::Rule;
use crate::jwt::{self, DEVELOPMENT_TOKEN, LONGEST_LIFETIME};
use crate::run::Examined;

/// The rules that a token breaks at `now`, in seconds since 1970.
pub(super) fn check(token: &str, now: i64, min_ttl: i64) -> Vec<(&'static Rule, String)> {
    if token == DEVELOPMENT_TOKEN {
        return vec![(
            &rules::DEVELOPMENT_TOKEN,
            "it carries the development token".to_owned(),
        )];
    }
    let claims = match jwt::inspect(token) {
        Ok(claims) => claims,
        // An empty one is found as a difference already.
        Err(jwt::Malformed::Empty) => return Vec::new(),
        Err(why) => {
            return vec![(
                &rules::TOKEN_MALFORMED,
                format!("its token cannot work: {why}"),
            )];
        }
    };
    let Some(expires_at) = claims.expires_at else {
        return vec![(
            &rules::TOKEN_MALFORMED,
            "its token has no exp: it does not say when it expires".to_owned(),
        )];
    };
    let mut broken = Vec::new();
    let left = expires_at.saturating_sub(now);
    let date = jwt::date(expires_at);
    if left <= 0 {
        broken.push((
            &rules::TOKEN_EXPIRED,
            format!("its token expired at {date}"),
        ));
    } else if left < min_ttl {
        let minutes = left / 60;
        broken.push((
            &rules::TOKEN_EXPIRES_SOON,
            format!("its token expires in {minutes} min, at {date}"),
        ));
    }
    // Without an issue time, what is left is the least that it was meant to live.
    let lifetime = claims
        .issued_at
        .map_or(left, |issued_at| expires_at.saturating_sub(issued_at));
    if lifetime > LONGEST_LIFETIME {
        let hours = lifetime / 3600;
        broken.push((
            &rules::TOKEN_LIFETIME_OVER_24H,
            format!("its token claims to live {hours} h"),
        ));
    }
    broken
}

/// Tokens in widget tags have rules of their own; those in an attribute that is not for one do not.
pub(super) fn published_on_purpose(examined: &Examined<'_>, span: &Range<usize>) -> bool {
    let tags = &examined.facts.instances;
    let before = tags.partition_point(|tag| tag.start_tag.start <= span.start);
    let tag = before.checked_sub(1).and_then(|last| tags.get(last));
    let token = String::from_utf8_lossy(&examined.source.text()[span.clone()]);
    tag.filter(|tag| span.end <= tag.start_tag.end && tag.is_in(examined.scope))
        .and_then(|tag| tag.attributes.get("token"))
        .is_some_and(|published| published.contains(&*token))
}
