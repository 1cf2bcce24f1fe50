//! `verify` as the last step of a run.

use std::collections::BTreeSet;

use super::baseline::Baseline;
use super::catalog as rules;
use super::page::VerifyStep;
use super::redirects::redirect_finding;
use super::routes::route_findings;
use super::sample::{Sample, SampleSize, Sampled};
use super::served::served_findings;
use crate::csp::Host;
use crate::event::{Finding, Outcome, PageReport, Rule, Severity, Tally};
use crate::rules::UnusedPattern;
use crate::run::{Examined, Step, Stepped, Told};
use crate::runtime;
use crate::steps::{Assets, Served};
use crate::store::{Cancel, Handle, PagePath};

impl Step for VerifyStep<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let page = self.look(examined);
        self.note_for_lists(examined);
        // What was left out of it is not known to be right.
        if examined.cancel.is_set() {
            Stepped::Stopped
        } else {
            Stepped::Done(page)
        }
    }

    fn alias(&self, examined: &Examined<'_>, _: &PagePath, mut page: PageReport) -> Stepped {
        self.note_for_lists(examined);
        match &page.outcome {
            Outcome::Refused(_) => return self.through(page),
            _ => self.copies(examined, &page.path, &mut page.findings),
        }
        if examined.cancel.is_set() {
            return Stepped::Stopped;
        }
        Stepped::Done(page)
    }

    fn through(&self, mut page: PageReport) -> Stepped {
        if let Outcome::Refused(why) = &page.outcome {
            let path = Some(page.path.clone());
            let refused = self.demands.finding(&rules::PAGE_REFUSED, path, why);
            page.findings.extend(refused);
        }
        Stepped::Done(page)
    }

    fn list(&self, file: &Handle) {
        self.lists.meet(file);
    }

    fn takes_files(&self) -> bool {
        self.looks_for_secrets() && self.config.verify.scan_all_files
    }

    fn file(&self, file: &Handle, cancel: &Cancel) {
        self.other_file(file, cancel);
    }

    fn unseen(&self) -> BTreeSet<PagePath> {
        self.lists.unseen()
    }

    fn look_again(&self, examined: &Examined<'_>) {
        self.note_for_lists(examined);
    }

    fn reported(&self, page: &mut PageReport) {
        if let Outcome::Failed(why) = &page.outcome {
            let path = Some(page.path.clone());
            let finding = self.demands.finding(&rules::PAGE_UNREADABLE, path, why);
            page.findings.extend(finding);
        }
        self.demands.severities.note(&page.path);
        self.site.count(page);
        if let Some(baseline) = self.baseline {
            baseline.judge_page(page);
        }
        self.following.note(page);
    }
}

impl<'a> VerifyStep<'a> {
    /// With the hosts whose policies pages are judged by.
    #[must_use]
    pub fn served_by(mut self, hosts: Vec<Host>) -> Self {
        self.served = Served::by(hosts);
        self
    }

    /// With findings that are known.
    #[must_use]
    pub fn known_by(mut self, baseline: Option<&'a Baseline>) -> Self {
        self.baseline = baseline;
        self
    }

    /// With a sample of pages, to be opened in a browser.
    #[must_use]
    pub fn sampling(mut self, size: Option<SampleSize>) -> Self {
        self.sample = size.map(Sample::of);
        self
    }

    /// The sample, when all pages are done.
    #[must_use]
    pub fn sample(&self) -> Vec<Sampled> {
        self.sample.as_ref().map(Sample::pages).unwrap_or_default()
    }

    /// For a site that is known to be at this address.
    #[must_use]
    pub fn at(mut self, root: url::Url) -> Self {
        self.base_path = self.base_path.at(root);
        self
    }

    /// What a rule finds in a file, weighed as is demanded; none if it is off.
    #[must_use]
    pub fn finding(&self, rule: &'static Rule, path: &str, message: &str) -> Option<Finding> {
        self.demands.finding(rule, Some(path.to_owned()), message)
    }

    /// What is wrong with the site, when all pages are done: what rules tell, and what it came to so far.
    #[must_use]
    pub fn end(&self, told: &Told, tally: &Tally) -> Vec<Finding> {
        self.end_with(told, tally, Vec::new(), |_| true)
    }

    /// The same with further findings, and only those that are to be told.
    #[must_use]
    pub fn end_with(
        &self,
        told: &Told,
        tally: &Tally,
        further: Vec<Finding>,
        is_told: impl Fn(&Finding) -> bool,
    ) -> Vec<Finding> {
        let demands = &self.demands;
        let assets = Assets::new(self.store, self.config);
        let mut findings =
            self.site
                .findings(demands, self.config, &assets, &self.base_path, told, tally);
        findings.extend(route_findings(demands, &assets, &self.following.finish()));
        if self.site.has_loaders() {
            let runtime = assets.path(runtime::hashed_name());
            findings.extend(redirect_finding(demands, self.store, &runtime));
        }
        findings.extend(self.list_findings());
        findings.extend(served_findings(demands, &self.served));
        findings.extend(self.files.findings(demands));
        let brackets = told.brackets.iter();
        findings.extend(brackets.filter_map(|one| {
            demands.finding(&rules::BRACKETS_IN_PATTERN, None, &one.to_string())
        }));
        // Of one whose brackets are why it matches nothing, that is said already.
        let is_told_of = |one: &&UnusedPattern| told.brackets.iter().any(|told| told.is_of(one));
        let patterns = demands.severities.unused_patterns();
        findings.extend(
            told.patterns
                .iter()
                .filter(|one| !is_told_of(one))
                .chain(&patterns)
                .filter_map(|one| demands.finding(&rules::UNUSED_PATTERN, None, &one.to_string())),
        );
        for one in demands.severities.unused() {
            let message = format!(
                "the override at {} ({}) matches no file",
                one.place, one.conditions
            );
            findings.extend(demands.finding(&rules::UNUSED_OVERRIDE, None, &message));
        }
        findings.extend(further);
        findings.retain(&is_told);
        if let Some(baseline) = self.baseline {
            for finding in &mut findings {
                baseline.judge(finding);
            }
            let unused = baseline.unused(demands, self.sample.is_some());
            findings.extend(unused.into_iter().filter(is_told));
        }
        findings.extend(self.warnings(&findings, tally));
        findings
    }

    /// That there are too many warnings, these of the site among them.
    fn warnings(&self, of_site: &[Finding], tally: &Tally) -> Option<Finding> {
        let most = self.config.verify.max_warnings?;
        let is_warning = |one: &&Finding| one.severity == Severity::Warning && !one.baselined;
        let of_site = of_site.iter().filter(is_warning).count() as u64;
        let warnings = tally.findings.warnings + of_site;
        let message = format!(
            "{warnings} {}, where at most {most} may be",
            if warnings == 1 { "warning" } else { "warnings" }
        );
        let rule = &rules::TOO_MANY_WARNINGS;
        (warnings > most).then(|| self.demands.finding(rule, None, &message))?
    }
}
