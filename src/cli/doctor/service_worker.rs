//! Lists that say something about pages, such as a service worker's precache list.

use super::check::{Check, Topic};
use super::seen::Seen;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    seen.found(Topic::ServiceWorker, |judged| match judged.lists {
        0 => "no service worker keeps a list of pages".to_owned(),
        1 => "the list of files that it keeps agrees with the pages".to_owned(),
        n => format!("{n} lists of files agree with the pages"),
    })
}
