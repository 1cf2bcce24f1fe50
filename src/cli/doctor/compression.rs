//! Compressed copies: what compresses has to come after `inject`.

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::settings::Siblings;

const TOPIC: Topic = Topic::Compression;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let Some((_, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    let mut findings = judged.gathered.on(TOPIC);
    if findings.is_empty() {
        let message = "no compressed copy (.gz, .br, .zst) is older than its page";
        findings.push(Check::new(TOPIC, Status::Ok, message));
    } else if seen.config().compressed_siblings == Siblings::Leave {
        let message = "compressed-siblings = \"leave\": inject does not compress them again";
        findings.push(Check::new(TOPIC, Status::Note, message));
    }
    findings
}
