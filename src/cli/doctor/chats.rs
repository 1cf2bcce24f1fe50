//! What pages have for a chat, and whether `inject` has run since they were built.

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::settings::Level;
use crate::steps::consent_notice;

const TOPIC: Topic = Topic::Chats;
const MISSING: &str = "missing-instance";

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let Some((_, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    let gathered = &judged.gathered;
    let (wanting, lacking) = (gathered.wanting, gathered.lacking);
    let mut findings = gathered.on(TOPIC);
    if lacking > 0
        && lacking == wanting
        && let Some(missing) = findings.iter_mut().find(|c| c.rule == Some(MISSING))
    {
        // One fact, and not as many as there are pages.
        missing.message = match wanting {
            1 => "the page that is to have a chat has none: inject has not run since it was built"
                .to_owned(),
            _ => format!(
                "none of {wanting} pages that are to have a chat has one: inject has not run since they were built"
            ),
        };
        missing.details.clear();
    } else if lacking > 0
        && let Some(missing) = findings.iter_mut().find(|c| c.rule == Some(MISSING))
    {
        missing.message = match lacking {
            1 => format!("1 of {wanting} pages that are to have a chat has none"),
            _ => format!("{lacking} of {wanting} pages that are to have a chat have none"),
        };
    }
    if findings.is_empty() && lacking > 0 {
        let message =
            format!("{lacking} of {wanting} pages have no chat, which the baseline knows");
        findings.push(Check::new(TOPIC, Status::Note, message));
    } else if findings.is_empty() {
        findings.push(right(seen, wanting));
    }
    let consent = consent_notice(seen.config());
    findings.extend(consent.map(|notice| Check::new(TOPIC, Status::Warning, notice)));
    let notices = gathered.notices.iter();
    findings.extend(notices.map(|notice| Check::new(TOPIC, Status::Note, notice)));
    findings
}

fn right(seen: &Seen, wanting: u64) -> Check {
    if wanting == 0 {
        let message = "no page is to have a chat: no rule gives one an organization";
        return Check::new(TOPIC, Status::Warning, message).remedy(
            "Set default-organization in chathub.toml, or write a rule; `chathub explain PAGE` shows what was tried.",
        );
    }
    let severity = &seen.config().verify.severity;
    if severity.get(MISSING) == Some(&Level::Off) {
        let message = format!(
            "{wanting} pages are to have a chat; whether they have it is turned off ({MISSING})"
        );
        return Check::new(TOPIC, Status::Skipped, message);
    }
    let message = match wanting {
        1 => "1 page is to have a chat, and has it".to_owned(),
        _ => format!("{wanting} pages are to have a chat, and all have it"),
    };
    Check::new(TOPIC, Status::Ok, message)
}
