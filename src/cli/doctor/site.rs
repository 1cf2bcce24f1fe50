//! The folder that is deployed: where it is, and whether its pages can be judged.

use std::path::Path;

use super::check::{Check, Status, Topic, sentence};
use super::seen::{Judged, Seen};
use crate::cli::stale::newer_source;

const TOPIC: Topic = Topic::Site;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let site = match &seen.site {
        Ok(site) => site,
        // Where the file could name it, nothing is known for sure.
        Err(why) if seen.invalid.is_some() => {
            let message = format!("not looked for, since the configuration is not valid: {why}");
            return vec![Check::new(TOPIC, Status::Skipped, message)];
        }
        Err(why) => {
            let (what, remedy) = why.split_once("; ").unwrap_or((why, ""));
            return vec![Check::new(TOPIC, Status::Error, what).remedy(sentence(remedy))];
        }
    };
    let Some(judged) = &seen.judged else {
        let message = format!(
            "{} is there; its pages are not judged, since the configuration is not valid",
            site.display()
        );
        return vec![Check::new(TOPIC, Status::Skipped, message)];
    };
    let mut checks = vec![pages(site, judged)];
    checks.extend(older(&seen.project(), site));
    checks.extend(judged.gathered.on(TOPIC));
    checks
}

fn pages(site: &Path, judged: &Judged) -> Check {
    let tally = &judged.tally;
    if let Some(why) = &judged.empty {
        // That a flag of other commands allows it is of no use here.
        let why = why.trim_end_matches(" (--allow-empty allows this)");
        let (what, remedy) = why.split_once("; ").unwrap_or((why, ""));
        return Check::new(TOPIC, Status::Error, what).remedy(sentence(remedy));
    }
    let pages = tally.total.pages;
    let not_judged = pages - tally.judged();
    let others = match not_judged {
        0 => String::new(),
        n => format!(", {n} of them not judged"),
    };
    let message = format!("{}: {}{others}", site.display(), count(pages));
    if judged.interrupted {
        let message = format!("{message}; interrupted, so that nothing is known about others");
        return Check::new(TOPIC, Status::Skipped, message);
    }
    let reasons = tally.not_judged.iter();
    Check::new(TOPIC, Status::Ok, message)
        .details(reasons.map(|(why, pages)| format!("{pages} × {why}")))
}

fn count(pages: u64) -> String {
    format!("{pages} page{}", if pages == 1 { "" } else { "s" })
}

/// That it was not built again since its sources changed.
fn older(project: &Path, site: &Path) -> Option<Check> {
    // A path from the project's folder: what stands in it is not a source.
    let real = site.canonicalize().ok()?;
    let project = project.canonicalize().ok()?;
    let inside = real.strip_prefix(&project).ok()?;
    let source = newer_source(&project, inside.to_str()?)?;
    let message = format!(
        "it is older than its sources: {} has changed since",
        source.display()
    );
    let check = Check::new(TOPIC, Status::Warning, message);
    Some(check.remedy("Build the site again, then run `chathub inject`."))
}
