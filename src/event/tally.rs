//! How many of what there were: counted once, for every report.

use std::collections::BTreeMap;

#[cfg(feature = "cli")]
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::finding::{Finding, Rule, Severity};
use super::page::{Organizations, Outcome, OutcomeKind, PageReport};

/// How many different reasons are counted one by one. A reason that carries a fact of its page would otherwise make the
/// tally as large as the site.
const REASONS: usize = 64;
/// Stands for all further ones.
const OTHER_REASONS: &str = "other reasons";

/// How many pages of one organization came to which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[cfg_attr(feature = "cli", schemars(rename = "Tally"))]
#[non_exhaustive]
pub struct Pages {
    /// All of them.
    pub pages: u64,
    /// By outcome name.
    pub outcomes: Outcomes,
}

/// How many pages came to which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes([u64; OutcomeKind::ALL.len()]);

impl Outcomes {
    /// Those of one outcome.
    #[must_use]
    pub fn of(&self, kind: OutcomeKind) -> u64 {
        self.0[kind as usize]
    }
}

impl Serialize for Outcomes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = OutcomeKind::ALL.map(|kind| (kind.name(), self.of(kind)));
        let occurring: BTreeMap<_, _> = named.into_iter().filter(|(_, pages)| *pages > 0).collect();
        occurring.serialize(serializer)
    }
}

#[cfg(feature = "cli")]
impl JsonSchema for Outcomes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Outcomes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, u64>::json_schema(generator)
    }
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Findings {
    /// Those that are wrong.
    pub errors: u64,
    /// Those that are probably wrong.
    pub warnings: u64,
    /// Those that are worth knowing.
    pub notes: u64,
}

impl Findings {
    fn count(&mut self, severity: Severity) {
        *match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        } += 1;
    }

    /// Those that weigh at least so much.
    #[must_use]
    pub fn at_least(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.errors + self.warnings,
            Severity::Note => self.all(),
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.errors + self.warnings + self.notes
    }
}

/// What the pages of one organization came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrganizationTally {
    /// The pages.
    pub pages: Pages,
    /// Pages with a finding, or that could not be judged.
    pub unclean: u64,
    /// What was found on them; what is in the baseline is counted apart.
    pub findings: Findings,
    /// Findings on them that are in the baseline.
    pub baselined: u64,
}

/// What a rule came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleTally {
    /// The rule.
    pub rule: &'static Rule,
    /// What it found; a finding may weigh something else than its rule. What is in the baseline is counted apart.
    pub findings: Findings,
    /// Findings of it that are in the baseline.
    pub baselined: u64,
}

/// What the pages and findings of a run came to. As large as the configuration and the catalogue of rules, not as the site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// All pages.
    pub total: Pages,
    /// By what they are assigned to, where organizations are configured: skipped pages and those that were never assigned are in
    /// `total` alone.
    pub by_organization: BTreeMap<Organizations, OrganizationTally>,
    /// By the id of the rule.
    pub by_rule: BTreeMap<&'static str, RuleTally>,
    /// Pages that were not judged, being skipped or unreadable, by the reason.
    pub not_judged: BTreeMap<String, u64>,
    /// Findings of all pages and of the site; what is in the baseline is counted apart.
    pub findings: Findings,
    /// Findings of all pages and of the site that are in the baseline.
    pub baselined: u64,
    /// Pages with a finding that is not in the baseline.
    pub unclean: u64,
    /// Findings that belong to no page and are not in the baseline.
    pub of_site: u64,
}

impl Tally {
    /// Counts a page with its findings. `named`: organizations are configured. Otherwise every page gets the same loader, and there
    /// is nothing to count them by.
    pub fn page(&mut self, page: &PageReport, named: bool) {
        let kind = page.outcome.kind();
        let count = |pages: &mut Pages| {
            pages.pages += 1;
            pages.outcomes.0[kind as usize] += 1;
        };
        count(&mut self.total);
        match &page.outcome {
            Outcome::Skipped(why) => self.not_judged(&why.to_string()),
            // Why is said once, of the page.
            Outcome::Failed(_) => self.not_judged("cannot be read or written"),
            _ => {}
        }
        for finding in &page.findings {
            self.finding(finding);
        }
        self.unclean += u64::from(page.findings.iter().any(|finding| !finding.baselined));
        let assigned =
            kind != OutcomeKind::Skipped && page.organizations != Organizations::Unassigned;
        if !(assigned && named) {
            return;
        }
        // Asked for before it is made, since there are few and pages are many.
        let tally = match self.by_organization.get_mut(&page.organizations) {
            Some(tally) => tally,
            None => self
                .by_organization
                .entry(page.organizations.clone())
                .or_default(),
        };
        count(&mut tally.pages);
        let unseen = matches!(kind, OutcomeKind::Refused | OutcomeKind::Failed);
        tally.unclean += u64::from(unseen || !page.findings.is_empty());
        for finding in &page.findings {
            if finding.baselined {
                tally.baselined += 1;
            } else {
                tally.findings.count(finding.severity);
            }
        }
    }

    /// Counts a finding that belongs to no page.
    pub fn site_finding(&mut self, finding: &Finding) {
        self.of_site += u64::from(!finding.baselined);
        self.finding(finding);
    }

    fn finding(&mut self, finding: &Finding) {
        let rule = finding.rule;
        let by_rule = self.by_rule.entry(rule.id).or_insert_with(|| RuleTally {
            rule,
            findings: Findings::default(),
            baselined: 0,
        });
        if finding.baselined {
            self.baselined += 1;
            by_rule.baselined += 1;
        } else {
            self.findings.count(finding.severity);
            by_rule.findings.count(finding.severity);
        }
    }

    fn not_judged(&mut self, why: &str) {
        let counted = &mut self.not_judged;
        if let Some(pages) = counted.get_mut(why) {
            *pages += 1;
            return;
        }
        let why = if counted.len() < REASONS {
            why
        } else {
            OTHER_REASONS
        };
        *counted.entry(why.to_owned()).or_default() += 1;
    }

    /// Whether a page has this organization.
    #[must_use]
    pub fn uses(&self, organization: &str) -> bool {
        let mut all = self.by_organization.keys().flat_map(Organizations::names);
        all.any(|name| name == organization)
    }

    /// How many pages came to this outcome.
    #[must_use]
    pub fn of(&self, kind: OutcomeKind) -> u64 {
        self.total.outcomes.of(kind)
    }

    /// How many pages were judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        let not: u64 = self.not_judged.values().sum();
        self.total.pages.saturating_sub(not)
    }
}
