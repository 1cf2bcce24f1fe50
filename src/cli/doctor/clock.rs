//! This machine's clock: against files that cannot be of tomorrow, and against those who were asked.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::asked::Answers;
use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::cli::machine::clock_fault;

const TOPIC: Topic = Topic::Clock;

/// By how much a file may be ahead: file systems of other machines have other clocks.
const MARGIN: Duration = Duration::from_mins(2);

pub(super) fn checks(seen: &Seen, answers: &Answers) -> Vec<Check> {
    let mut checks = Vec::new();
    for (whose, ahead) in &answers.clocks {
        if let Some(fault) = clock_fault(*ahead, whose) {
            let (found, remedy) = fault.split_once("; s").unwrap_or((&fault, ""));
            let check = Check::new(TOPIC, Status::Error, found);
            checks.push(check.remedy(format!("S{remedy}: tokens live by the time of day.")));
        }
    }
    if let Some((name, ahead)) = from_the_future(seen) {
        let minutes = ahead.as_secs() / 60;
        let message = format!("{name} was written {minutes} min in the future, by this clock");
        let check = Check::new(TOPIC, Status::Warning, message);
        checks.push(
            check.remedy("Set the clock of this machine, or of the one that wrote the file."),
        );
    }
    if checks.is_empty() {
        let message = match &answers.clocks[..] {
            [] => "no file is from the future; no server was asked for the time".to_owned(),
            clocks => {
                let names: Vec<&str> = clocks.iter().map(|(whose, _)| whose.as_str()).collect();
                format!("the same time as {}", names.join(" and "))
            }
        };
        checks.push(Check::new(TOPIC, Status::Ok, message));
    }
    checks
}

/// The file that is furthest ahead, of those of the configuration and right in the site.
fn from_the_future(seen: &Seen) -> Option<(String, Duration)> {
    let site = seen.site.as_deref().ok();
    let entries = site.into_iter().flat_map(|site| {
        let entries = std::fs::read_dir(site).into_iter().flatten().flatten();
        entries.map(|entry| entry.path())
    });
    let files = seen.config().files.iter().cloned().chain(entries);
    let now = SystemTime::now();
    let ahead = |file: &Path| {
        let written = file.symlink_metadata().ok()?.modified().ok()?;
        written
            .duration_since(now)
            .ok()
            .filter(|ahead| *ahead > MARGIN)
    };
    let ahead = files.filter_map(|file| Some((ahead(&file)?, file)));
    let (ahead, file) = ahead.max()?;
    let name = crate::cli::settings::shorten(&file).display().to_string();
    Some((name, ahead))
}
