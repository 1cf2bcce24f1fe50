//! `chathub.toml`: where it is, whether it is valid, what wins where, and what of it is of no use.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::{Check, Status, Topic, sentence};
use super::seen::Seen;
use crate::cli::machine::open_mode;
use crate::cli::settings::shorten;
use crate::run::BrokenRules;
use crate::settings::{Config, ConfigError, Level};

const TOPIC: Topic = Topic::Configuration;

/// How many mistakes are shown: the first ones cause others.
const SHOWN: usize = 5;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    if let Some(invalid) = &seen.invalid {
        return mistakes(invalid);
    }
    let config = seen.config();
    let mut checks = vec![found(config)];
    checks.extend(config.files.iter().filter_map(|file| open_to_all(file)));
    let trusted = config.trust(&["api", "organizations", "endpoint"]);
    checks.extend(trusted.err().iter().flat_map(mistakes));
    if let Some(judged) = &seen.judged {
        for broken in &judged.broken {
            match broken {
                BrokenRules::Config(invalid) => checks.extend(mistakes(invalid)),
                other => checks.push(Check::new(TOPIC, Status::Error, other.to_string())),
            }
        }
        if judged.gathered.baselined > 0 {
            let message = format!(
                "{} that the baseline knows: they are left out below",
                count_of(judged.gathered.baselined)
            );
            checks.push(Check::new(TOPIC, Status::Note, message));
        }
        checks.extend(judged.gathered.on(TOPIC));
    }
    checks
}

/// What is wrong with it, a check each.
fn mistakes(invalid: &ConfigError) -> Vec<Check> {
    let all = invalid.lines();
    let shown = all.iter().take(SHOWN);
    let shown =
        shown.map(|one| Check::new(TOPIC, Status::Error, &one.text).remedy(sentence(&one.help)));
    let mut checks: Vec<Check> = shown.collect();
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        let message = format!("and {more} more mistakes, which `chathub verify` shows");
        checks.push(Check::new(TOPIC, Status::Error, message));
    }
    checks
}

fn found(config: &Config) -> Check {
    let files = config.files.iter();
    let files: Vec<String> = files
        .map(|file| shorten(file).display().to_string())
        .collect();
    if files.is_empty() && config.names().next().is_none() {
        let message = "there is no chathub.toml: each page gets a chat that names no organization";
        return Check::new(TOPIC, Status::Note, message)
            .remedy("Run `chathub init`, unless this is what you want.");
    }
    let from = if files.is_empty() {
        "variables alone".to_owned()
    } else {
        files.join(", ")
    };
    let (organizations, rules) = (config.names().count(), config.rules.len());
    let message = format!(
        "{from}: {} mode, {}, {}",
        config.mode,
        count(organizations, "organization"),
        count(rules, "rule")
    );
    let overruled = config.overruled.iter();
    let overruled = overruled.map(|one| {
        format!(
            "{} is what the {} says, not {}",
            one.setting, one.by, one.former
        )
    });
    let severity = config.verify.severity.iter();
    let off: BTreeSet<&str> = severity
        .filter(|(_, level)| **level == Level::Off)
        .map(|(rule, _)| rule.as_str())
        .collect();
    let off = off.into_iter().map(|rule| format!("{rule} is turned off"));
    let details: Vec<String> = overruled.chain(off).collect();
    // What is turned off is not known to be right.
    let status = if details.is_empty() {
        Status::Ok
    } else {
        Status::Note
    };
    Check::new(TOPIC, status, message).details(details)
}

fn count_of(findings: u64) -> String {
    match findings {
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    }
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// A file that everybody can change decides what is published.
fn open_to_all(file: &Path) -> Option<Check> {
    let mode = open_mode(file, 0o002).ok()?.err()?;
    let name = shorten(file).display().to_string();
    let message = format!("everybody on this machine can change {name} (mode {mode:03o})");
    let check = Check::new(TOPIC, Status::Warning, message);
    Some(check.remedy(format!("Run `chmod o-w {name}`.")))
}
