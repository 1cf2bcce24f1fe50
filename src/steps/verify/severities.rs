//! How much findings weigh.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::catalog as rules;
use super::least_failing;
use crate::event::{Rule, Severity};
use crate::rules::{Overrides, RuleError, UnusedPattern, UnusedRule};
use crate::settings::{Config, Level};

/// Rules about credentials that anybody can read.
const CREDENTIALS: [&Rule; 2] = [&rules::SECRET_IN_SITE, &rules::TOKEN_IN_PLACEHOLDER_PAGE];

/// The severities that a configuration gives to findings.
#[derive(Debug, Default)]
pub struct Severities {
    by_rule: BTreeMap<String, Level>,
    overrides: Overrides,
    /// What must be said about them.
    notices: Vec<String>,
    /// How many findings there would be of rules that are off.
    off: Mutex<BTreeMap<&'static str, u64>>,
}

impl Severities {
    /// Those of a configuration.
    ///
    /// # Errors
    ///
    /// Never for a configuration that was read.
    pub fn of(config: &Config) -> Result<Self, RuleError> {
        Ok(Self {
            by_rule: config.verify.severity.clone(),
            overrides: Overrides::new(&config.verify.overrides)?,
            notices: notices(config),
            off: Mutex::default(),
        })
    }

    /// With another level of a rule, unless the configuration has one.
    #[must_use]
    pub fn or(mut self, rule: &str, level: Level) -> Self {
        self.by_rule.entry(rule.to_owned()).or_insert(level);
        self
    }

    /// That credentials in pages do not fail the run: it must not be green without a word.
    pub fn notices(&self) -> impl Iterator<Item = String> {
        self.notices.iter().cloned()
    }

    /// What is wrong with pages and not told, since their rules are off: which, and how many findings they would have.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let off = self.off.lock().unwrap_or_else(PoisonError::into_inner);
        let told = off.iter().map(|(rule, findings)| {
            let noun = if *findings == 1 {
                "finding"
            } else {
                "findings"
            };
            format!("{findings} {noun} of {rule} not told: the configuration turns that rule off")
        });
        told.collect()
    }

    /// The same as [`severity`](Self::severity), for a finding that there is.
    pub(super) fn weigh(&self, rule: &'static Rule, path: Option<&str>) -> Option<Severity> {
        let severity = self.severity(rule, path);
        if severity.is_none() && rule.severity == Severity::Error {
            let mut off = self.off.lock().unwrap_or_else(PoisonError::into_inner);
            *off.entry(rule.id).or_default() += 1;
        }
        severity
    }

    /// How much a finding of a rule in a file weighs; none: it is none.
    pub(super) fn severity(&self, rule: &Rule, path: Option<&str>) -> Option<Severity> {
        let there = path.and_then(|path| self.overrides.level(rule.id, path));
        match there.or_else(|| self.by_rule.get(rule.id).copied()) {
            None => Some(rule.severity),
            Some(level) => severity(level),
        }
    }

    /// Notes a page of the site.
    pub(super) fn note(&self, page: &str) {
        self.overrides.note(page);
    }

    /// Patterns of other overrides that were of no use.
    pub(super) fn unused_patterns(&self) -> Vec<UnusedPattern> {
        self.overrides.unused_patterns()
    }

    /// Overrides for files that there are not.
    pub(super) fn unused(&self) -> Vec<UnusedRule> {
        self.overrides.unused()
    }
}

fn severity(level: Level) -> Option<Severity> {
    match level {
        Level::Error => Some(Severity::Error),
        Level::Warning => Some(Severity::Warning),
        Level::Note => Some(Severity::Note),
        Level::Off => None,
    }
}

fn notices(config: &Config) -> Vec<String> {
    let verify = &config.verify;
    let least = least_failing(verify.fail_on);
    let lowered = |of: &BTreeMap<String, Level>, by: &str| {
        let rules = CREDENTIALS.iter().filter_map(|rule| {
            let level = of.get(rule.id)?;
            let passes = severity(*level).is_none_or(|severity| severity < least);
            passes.then(|| {
                format!(
                    "{by} sets {} to {level}: a credential that anybody can read there does not fail this run",
                    rule.id
                )
            })
        });
        rules.collect::<Vec<_>>()
    };
    let mut notices = lowered(&verify.severity, "verify.severity");
    for one in &verify.overrides {
        let by = format!("the override at {} ({})", one.place, one.matches.join(", "));
        notices.extend(lowered(&one.severity, &by));
    }
    notices
}
