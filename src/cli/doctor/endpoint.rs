//! Where pages get their tokens.

use super::check::{Check, Status, Topic};
use super::seen::Seen;

const TOPIC: Topic = Topic::Endpoint;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let config = seen.config();
    if seen.invalid.is_some() {
        return Vec::new();
    }
    if !config.may_need_runtime() {
        let message = "pages ask none for a token";
        return vec![Check::new(TOPIC, Status::Skipped, message)];
    }
    let endpoint = &config.placeholder.endpoint;
    let message = format!("pages ask {endpoint} for tokens; it was not asked");
    vec![Check::new(TOPIC, Status::Skipped, message)]
}
