//! Findings: what is wrong with pages and the site.
//!
//! A page is right when its plan is empty; what a plan would change is what is found. Beside that stand the checks
//! that no plan can fix: tokens, secrets, copies, and the site as a whole.

mod baseline;
pub mod catalog;
mod difference;
mod files;
mod lists;
mod page;
mod published;
mod redirects;
mod routes;
mod sample;
mod scripted;
mod secrets;
mod served;
mod severities;
mod site;
mod step;

pub use baseline::Baseline;
pub use catalog::{ALL, ids, page, rule};
pub use page::VerifyStep;
pub use sample::{SampleSize, Sampled};
pub use severities::Severities;

use jiff::Timestamp;
use std::ops::Range;

use crate::event::{Command, Finding, Findings, Rule, Severity};
use crate::redact::{self, Hidden};
use crate::run::LineIndex;
use crate::settings::{Config, FailOn};

/// Environment variables that hold secrets of this tool's users, and what they are called.
pub const SECRET_VARIABLES: [(&str, &str); 2] = [
    ("CHATHUB_COMPANY_TOKEN", "company token"),
    ("CHATHUB_PASSWORD", "password"),
];

/// What `verify` demands.
pub struct Demands<'a> {
    /// How much findings weigh.
    pub severities: &'a Severities,
    /// Seconds for which a token must still be valid.
    pub min_ttl: i64,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// Strings that must not be in the site, with what they are called.
    pub secrets: &'a [(&'static str, secrecy::SecretString)],
    /// SHA-256 of tokens that may be in the site.
    pub allow_secrets: &'a [String],
}

/// How many of these findings make the run fail.
#[must_use]
pub fn failing(findings: Findings, fail_on: FailOn) -> u64 {
    findings.at_least(least_failing(fail_on))
}

/// The least severity of findings that make a run of a command fail. Other commands than `verify` fail by what happens to pages; of
/// what they find, errors are failures.
#[must_use]
pub fn fails_on(command: Command, fail_on: FailOn) -> Severity {
    if command.only_looks() {
        least_failing(fail_on)
    } else {
        Severity::Error
    }
}

/// The least severity of findings that make `verify` fail.
fn least_failing(fail_on: FailOn) -> Severity {
    match fail_on {
        FailOn::Error => Severity::Error,
        FailOn::Warning => Severity::Warning,
        FailOn::Note => Severity::Note,
    }
}

impl<'a> Demands<'a> {
    /// Those of a configuration, now, with these severities and secrets.
    #[must_use]
    pub fn of(
        config: &'a Config,
        severities: &'a Severities,
        secrets: &'a [(&'static str, secrecy::SecretString)],
    ) -> Self {
        Self {
            severities,
            min_ttl: i64::try_from(config.verify.min_ttl.as_secs()).unwrap_or(i64::MAX),
            now: Timestamp::now().as_second(),
            secrets,
            allow_secrets: &config.verify.allow_secrets,
        }
    }

    /// A finding without a place; none if the rule is off there.
    fn finding(&self, rule: &'static Rule, path: Option<String>, message: &str) -> Option<Finding> {
        Some(Finding {
            rule,
            severity: self.severities.weigh(rule, path.as_deref())?,
            baselined: false,
            path: path.map(|path| redact::mask(&path)),
            place: None,
            message: redact::of_page(message),
            remedy: rule.remedy.into(),
            excerpt: None,
        })
    }

    /// A finding at a place in a page's text.
    fn finding_at(
        &self,
        rule: &'static Rule,
        page: &Subject<'_>,
        span: &Range<usize>,
        message: &str,
    ) -> Option<Finding> {
        self.finding_hiding(rule, page, span, message, &[])
    }

    /// The same where more of the text is known to be secret than can be seen by its looks.
    fn finding_hiding(
        &self,
        rule: &'static Rule,
        page: &Subject<'_>,
        span: &Range<usize>,
        message: &str,
        hidden: &[Hidden],
    ) -> Option<Finding> {
        let mut finding = self.finding(rule, Some(page.path.to_owned()), message)?;
        let place = page.places.place(span);
        let text = page.places.text();
        finding.excerpt = Some(redact::excerpt_hiding(text, span, place.line, hidden));
        finding.place = Some(place);
        Some(finding)
    }
}

/// A page to point into.
struct Subject<'a> {
    path: &'a str,
    places: LineIndex<'a>,
}
