//! Tokens and secrets in the site.

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::settings::Mode;

const TOPIC: Topic = Topic::Secrets;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let Some((_, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    let findings = judged.gathered.on(TOPIC);
    if !findings.is_empty() {
        return findings;
    }
    let message = match seen.config().mode {
        Mode::Placeholder => "no page holds a token or a secret",
        Mode::Static => "no page holds a secret, and no token in a tag is wrong or about to expire",
    };
    vec![Check::new(TOPIC, Status::Ok, message)]
}
