//! What the formats of pipelines share: which files they name, and what they say about a page that could not be handled.

use std::borrow::Cow;
use std::io;

use crate::event::{
    Event, Finding, Findings, Fingerprints, Outcome, OutcomeKind, PageReport, Rule, Severity,
    Started, Summary, is_address,
};
use crate::report::reporter::Reporter;

/// The rules of `verify` for pages that cannot be handled; other commands say so by the outcome alone.
const UNREADABLE: &str = "page-unreadable";
const REFUSED: &str = "page-refused";

/// What is known of the run since it started.
#[derive(Default)]
pub(super) struct Pipeline {
    root: String,
    rules: &'static [&'static Rule],
    /// The least severity that fails the run; none before it has started.
    fail_on: Option<Severity>,
    /// There is a baseline of findings that are known.
    has_baseline: bool,
    fingerprints: Fingerprints,
}

/// A format that takes one finding after the other, whatever it is about.
pub(super) trait EachFinding {
    /// What it knows of the run.
    fn pipeline(&mut self) -> &mut Pipeline;

    /// The run starts.
    fn start(&mut self, _started: &Started) -> io::Result<()> {
        Ok(())
    }

    /// The next finding, which came with this event.
    fn finding(&mut self, event: &Event<'_>, finding: &Finding) -> io::Result<()>;

    /// The run has come to this.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

impl<T: EachFinding + Send> Reporter for T {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Started(started) => {
                *self.pipeline() = Pipeline::new(started);
                self.start(started)
            }
            Event::Page(_) | Event::Finding(_) => {
                let findings = self.pipeline().findings(event);
                findings
                    .iter()
                    .try_for_each(|finding| self.finding(event, finding))
            }
            // They are part of what the run came to.
            Event::Notice(_) => Ok(()),
            Event::Finished(summary) => self.finish(summary),
        }
    }
}

impl Pipeline {
    pub(super) fn new(started: &Started) -> Self {
        Self {
            root: started.root.clone(),
            rules: started.rules,
            fail_on: Some(started.fail_on),
            has_baseline: started.has_baseline,
            fingerprints: Fingerprints::default(),
        }
    }

    /// The findings that an event comes with.
    pub(super) fn findings<'a>(&self, event: &Event<'a>) -> Vec<Cow<'a, Finding>> {
        match event {
            Event::Page(page) if page.findings.is_empty() => {
                self.trouble(page).map(Cow::Owned).into_iter().collect()
            }
            Event::Page(page) => page.findings.iter().map(Cow::Borrowed).collect(),
            Event::Finding(finding) => vec![Cow::Borrowed(*finding)],
            Event::Started(_) | Event::Notice(_) | Event::Finished(_) => Vec::new(),
        }
    }

    /// A page without findings that could not be handled, as `verify` would find it.
    fn trouble(&self, page: &PageReport) -> Option<Finding> {
        let (Outcome::Refused(why) | Outcome::Failed(why)) = &page.outcome else {
            return None;
        };
        let id = match page.outcome.kind() {
            OutcomeKind::Refused => REFUSED,
            _ => UNREADABLE,
        };
        let rule = self.rules.iter().find(|rule| rule.id == id)?;
        Some(Finding {
            rule,
            severity: rule.severity,
            baselined: false,
            path: Some(page.path.clone()),
            place: None,
            message: why.clone(),
            remedy: rule.remedy.into(),
            excerpt: None,
        })
    }

    /// The fingerprint of the next finding; they must be asked for in order.
    pub(super) fn fingerprint(&mut self, event: &Event<'_>, finding: &Finding) -> String {
        let page = match event {
            Event::Page(page) => Some(page.path.as_str()),
            _ => None,
        };
        self.fingerprints.next(page, finding)
    }

    /// Whether a finding fails the run.
    pub(super) fn fails(&self, finding: &Finding) -> bool {
        !finding.baselined && self.fail_on.is_some_and(|least| finding.severity >= least)
    }

    /// Whether findings are held against a baseline.
    pub(super) fn has_baseline(&self) -> bool {
        self.has_baseline
    }

    /// How many of these findings fail the run.
    pub(super) fn failing(&self, findings: &Findings) -> u64 {
        self.fail_on.map_or(0, |least| findings.at_least(least))
    }

    /// The folder of the site from the top of the checkout.
    pub(super) fn root(&self) -> &str {
        match self.root.as_str() {
            "" => ".",
            root => root,
        }
    }

    /// Where a rule stands among all.
    pub(super) fn index(&self, rule: &Rule) -> Option<usize> {
        self.rules.iter().position(|other| other.id == rule.id)
    }

    /// A file of the site from the top of the checkout. Of a site on its server, pages have their addresses already.
    pub(super) fn join(&self, path: &str) -> String {
        match self.root.as_str() {
            _ if is_address(path) => path.to_owned(),
            "" => path.to_owned(),
            root => format!("{root}/{path}"),
        }
    }

    /// The file of a finding from the top of the checkout; that of a finding without a file is the folder of the site.
    pub(super) fn file(&self, finding: &Finding) -> String {
        match &finding.path {
            Some(path) => self.join(path),
            None => self.root().to_owned(),
        }
    }
}

/// What follows the words about a finding of the baseline where a format has no word of its own for that.
pub(super) fn known(finding: &Finding) -> &'static str {
    if finding.baselined {
        " (in the baseline)"
    } else {
        ""
    }
}

/// What is wrong and what to do about it, on two lines.
pub(super) fn message(finding: &Finding) -> String {
    if finding.remedy.is_empty() {
        return finding.message.clone();
    }
    format!("{}\nhelp: {}", finding.message, finding.remedy)
}

/// The same on one line.
pub(super) fn sentence(finding: &Finding) -> String {
    if finding.remedy.is_empty() {
        return finding.message.clone();
    }
    // What ends with the parenthesis needs no full stop before it.
    let remedy = finding.remedy.trim_end_matches('.');
    format!("{} (help: {remedy})", finding.message)
}
