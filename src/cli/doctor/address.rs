//! Where the site is published, by what its pages and its generator say.

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::generator::Found;

const TOPIC: Topic = Topic::BasePath;

pub(super) fn checks(seen: &Seen, generator: &Found) -> Vec<Check> {
    let Some((_, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    if !seen.config().may_need_runtime() {
        let message = "pages load nothing of chathub's, so it does not matter";
        return vec![Check::new(TOPIC, Status::Skipped, message)];
    }
    let findings = judged.gathered.on(TOPIC);
    if !findings.is_empty() {
        return findings;
    }
    let base_url = &seen.config().placeholder.base_url;
    let said = generator.base.as_deref().unwrap_or("/");
    // Where the runtime comes from another host, its path is that host's affair.
    match (&generator.generator, base_url.contains("://")) {
        (Some(by), false) if said != base_url => {
            let message = format!(
                "{}'s configuration says that the site is below {said}, and base-url is {base_url}",
                by.name
            );
            let check = Check::new(TOPIC, Status::Warning, message);
            vec![check.remedy(format!(
                "Set placeholder.base-url = \"{said}\", unless the site is published elsewhere."
            ))]
        }
        _ => {
            let message = format!("{base_url}, and neither pages nor generator say otherwise");
            vec![Check::new(TOPIC, Status::Ok, message)]
        }
    }
}
