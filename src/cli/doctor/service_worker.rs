//! Lists that say something about pages, such as a service worker's precache list.

use super::check::{Check, Status, Topic};
use super::seen::Seen;

const TOPIC: Topic = Topic::ServiceWorker;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let Some((_, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    let findings = judged.gathered.on(TOPIC);
    if !findings.is_empty() {
        return findings;
    }
    let message = match judged.lists {
        0 => "no service worker keeps a list of pages".to_owned(),
        1 => "the list of files that it keeps agrees with the pages".to_owned(),
        n => format!("{n} lists of files agree with the pages"),
    };
    vec![Check::new(TOPIC, Status::Ok, message)]
}
