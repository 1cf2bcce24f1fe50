//! What the doctor keeps of a run of `verify`: how often each rule is broken, and where first; small, however large the site is.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::check::{Check, Status, Topic};
use crate::event::{Event, Finding, Organizations, Outcome, PageReport, Severity};
use crate::report::Reporter;

/// How many places are shown of what is wrong in several.
const SHOWN: usize = 3;

/// What is kept.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rules: BTreeMap<&'static str, Broken>,
    /// Sentences that `verify` would print.
    pub(super) notices: Vec<String>,
    /// Pages that are to have a chat.
    pub(super) wanting: u64,
    /// Those of them that have none.
    pub(super) lacking: u64,
    /// Findings that the baseline knows.
    pub(super) baselined: u64,
}

/// What breaks a rule.
#[derive(Debug)]
struct Broken {
    severity: Severity,
    count: u64,
    first: Vec<Finding>,
}

/// Hears of all that happens in a run.
pub(super) struct Hearing(pub(super) Arc<Mutex<Gathered>>);

impl Reporter for Hearing {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Page(page) => gathered.page(page),
            Event::Finding(finding) => gathered.finding(finding),
            Event::Notice(notice) => gathered.notices.push((*notice).to_owned()),
            Event::Started(_) | Event::Finished(_) => {}
        }
        Ok(())
    }
}

impl Gathered {
    fn page(&mut self, page: &PageReport) {
        let wants = matches!(
            page.organizations,
            Organizations::Named(_) | Organizations::ByEndpoint
        );
        if wants && page.outcome == Outcome::Unchanged {
            self.wanting += 1;
            let lacks = |finding: &Finding| finding.rule.id == "missing-instance";
            self.lacking += u64::from(page.findings.iter().any(lacks));
        }
        for finding in &page.findings {
            self.finding(finding);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        if finding.baselined {
            self.baselined += 1;
            return;
        }
        let broken = self.rules.entry(finding.rule.id).or_insert(Broken {
            severity: finding.severity,
            count: 0,
            first: Vec::new(),
        });
        broken.severity = broken.severity.max(finding.severity);
        broken.count += 1;
        if broken.first.len() < SHOWN {
            broken.first.push(finding.clone());
        }
    }

    /// What was found on a topic, the worst first.
    pub(super) fn on(&self, topic: Topic) -> Vec<Check> {
        let rules = self.rules.values().filter_map(|broken| {
            let first = broken.first.first()?;
            (Topic::of(first.rule.id) == topic).then(|| check(topic, broken, first))
        });
        let mut checks: Vec<Check> = rules.collect();
        checks.sort_by_key(|check| std::cmp::Reverse(check.status));
        checks
    }
}

fn check(topic: Topic, broken: &Broken, first: &Finding) -> Check {
    let status = match broken.severity {
        Severity::Error => Status::Error,
        Severity::Warning => Status::Warning,
        Severity::Note => Status::Note,
    };
    let check = match broken.count {
        1 => Check::new(topic, status, place(first)),
        count => {
            let finds = first.rule.finds;
            let mut sentences = finds.split_inclusive(". ");
            let finds = sentences.next().unwrap_or(finds).trim_end();
            let finds = finds.strip_suffix('.').unwrap_or(finds);
            let check = Check::new(topic, status, format!("{count} times: {finds}"));
            let more = count - broken.first.len() as u64;
            let more = (more > 0).then(|| format!("and {more} more, which `chathub verify` lists"));
            check.details(broken.first.iter().map(place).chain(more))
        }
    };
    Check {
        rule: Some(first.rule.id),
        ..check.remedy(&first.remedy)
    }
}

/// A finding in a line.
fn place(finding: &Finding) -> String {
    match (&finding.path, &finding.place) {
        (None, _) => finding.message.clone(),
        (Some(path), None) => format!("{path}: {}", finding.message),
        (Some(path), Some(at)) => {
            format!("{path}:{}:{}: {}", at.line, at.column, finding.message)
        }
    }
}
