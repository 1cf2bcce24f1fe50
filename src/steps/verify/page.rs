//! Findings on one page: what its plan would change, and what no plan can fix.

use super::baseline::Baseline;
use super::catalog as rules;
use super::difference::broken;
use super::files::Files;
use super::sample::Sample;
use super::site::SiteFacts;
use super::{Demands, Subject, published};
use crate::derived::Lists;
use crate::event::{Finding, Organizations, Outcome, PageReport};
use crate::html::{Change, Plan};
use crate::redact::{self, Search};
use crate::run::{Examined, LineIndex, Verdict};
use crate::settings::{Config, language_fault};
use crate::steps::{BasePath, Following, Served, forbidden};
use crate::store::Store;
use crate::token::Judge;
use crate::widget::Kind;

/// The last step of a run for `verify`: says what is wrong with a page.
pub struct VerifyStep<'a> {
    /// What is demanded.
    pub(super) demands: Demands<'a>,
    pub(super) config: &'a Config,
    /// The site.
    pub(super) store: &'a dyn Store,
    /// Gathers what only the whole site shows.
    pub(super) site: SiteFacts,
    /// Gathers where it is.
    pub(super) base_path: BasePath<'a>,
    /// Gathers what the chat follows visitors by.
    pub(super) following: Following<'a>,
    /// Gathers what lists say about pages.
    pub(super) lists: Lists<'a>,
    /// Judges pages by the policies that are sent with them.
    pub(super) served: Served,
    /// Findings that are known.
    pub(super) baseline: Option<&'a Baseline>,
    /// Looks for secrets in pages and in all other files.
    pub(super) search: Search,
    /// Gathers what is found in those.
    pub(super) files: Files,
    /// Gathers pages that are to be opened in a browser.
    pub(super) sample: Option<Sample>,
}

impl<'a> VerifyStep<'a> {
    /// A step that demands this of a site.
    #[must_use]
    pub fn new(store: &'a dyn Store, config: &'a Config, demands: Demands<'a>) -> Self {
        Self {
            config,
            store,
            site: SiteFacts::default(),
            base_path: BasePath::new(store),
            following: Following::of(store, config),
            lists: Lists::new(store, config),
            served: Served::default(),
            baseline: None,
            search: Search::new(demands.secrets),
            files: Files::default(),
            demands,
            sample: None,
        }
    }
}

impl VerifyStep<'_> {
    /// Looks at a page, until the run is to stop.
    pub(super) fn look(&self, examined: &Examined<'_>) -> PageReport {
        let path = examined.path().to_string();
        let mut findings = self.secrets(examined, &path);
        if !matches!(examined.verdict, Verdict::Plan(_)) {
            for coding in &examined.file.siblings {
                self.file_beside(examined, *coding);
            }
        }
        let outcome = match &examined.verdict {
            Verdict::Skip(why) => Outcome::Skipped(why.clone()),
            Verdict::Refuse(why) => {
                self.site.note_organizations(examined);
                findings.extend(self.demands.finding(
                    &rules::PAGE_REFUSED,
                    Some(path.clone()),
                    why,
                ));
                let places = LineIndex::new(examined.source.text());
                let page = Subject {
                    path: &path,
                    places,
                };
                self.astray(examined, &page, &mut findings);
                // It may quote the page.
                Outcome::Refused(redact::of_page(why))
            }
            Verdict::Plan(plan) => {
                self.changes(examined, plan, &path, &mut findings);
                self.rest(examined, &path, &mut findings);
                self.site.note(examined);
                if let Some(sample) = &self.sample {
                    sample.note(examined, &self.base_path);
                }
                Outcome::Unchanged
            }
        };
        findings.sort_by_key(|f| f.place.as_ref().map(|p| (p.line, p.column)));
        PageReport {
            path,
            outcome,
            organizations: examined.organizations(),
            because: examined.assignment.as_ref().map(|a| a.because.to_string()),
            route: examined.route.clone(),
            changes: Vec::new(),
            findings,
            diff: None,
        }
    }

    /// What the plan would change, each as the rules that it breaks. A plan that is not empty always finds something:
    /// `verify` and `inject` never disagree.
    fn changes(
        &self,
        examined: &Examined<'_>,
        plan: &Plan,
        path: &str,
        findings: &mut Vec<Finding>,
    ) {
        let text = examined.source.text();
        let page = Subject {
            path,
            places: LineIndex::new(text),
        };
        let facts = &examined.facts;
        if let Some(why) = &plan.without_contact_link {
            let path = Some(path.to_owned());
            let finding = self
                .demands
                .finding(&rules::MISSING_CONTACT_LINK, path, why);
            findings.extend(finding);
        }
        let stays_held = facts.held_one_stays(plan, examined.scope);
        for change in until_stop(examined, &plan.changes) {
            match change {
                Change::Insert(point) => {
                    let message = match examined.organizations() {
                        Organizations::Unassigned | Organizations::None => "no instance".to_owned(),
                        Organizations::ByEndpoint => {
                            "no instance, though every page is to have one".to_owned()
                        }
                        Organizations::Named(names) => format!(
                            "no instance, though {} asks for {}",
                            because(examined),
                            names.join(" + ")
                        ),
                    };
                    let end = text.len().min(point.offset + "</body>".len());
                    let span = point.offset..if text[point.offset..end].ends_with(b">") {
                        end
                    } else {
                        point.offset
                    };
                    findings.extend(self.demands.finding_at(
                        &rules::MISSING_INSTANCE,
                        &page,
                        &span,
                        &message,
                    ));
                }
                Change::Fold(i) => {
                    let instance = &facts.instances[*i];
                    let held = stays_held && instance.hold().is_none();
                    let message = format!(
                        "one {} too many{}",
                        instance.kind.name(),
                        if held {
                            ", beside one that is held back for consent"
                        } else {
                            ""
                        }
                    );
                    let span = &facts.instances[*i].start_tag;
                    findings.extend(self.demands.finding_at(
                        &rules::DUPLICATE_INSTANCE,
                        &page,
                        span,
                        &message,
                    ));
                }
                Change::Remove(i) => {
                    let message = format!(
                        "a {} where there should be none, by {}",
                        facts.instances[*i].kind.name(),
                        because(examined)
                    );
                    let span = &facts.instances[*i].start_tag;
                    findings.extend(self.demands.finding_at(
                        &rules::UNEXPECTED_INSTANCE,
                        &page,
                        span,
                        &message,
                    ));
                }
                Change::Replace(i, differences) => {
                    let instance = &facts.instances[*i];
                    let Some(wanted) = examined.tag.as_ref().map(|tag| tag.kind) else {
                        continue;
                    };
                    for (rule, message) in broken(instance, wanted, differences) {
                        findings.extend(self.demands.finding_at(
                            rule,
                            &page,
                            &instance.start_tag,
                            &message,
                        ));
                    }
                }
            }
        }
    }

    /// What is wrong beside the plan.
    fn rest(&self, examined: &Examined<'_>, path: &str, findings: &mut Vec<Finding>) {
        let page = Subject {
            path,
            places: LineIndex::new(examined.source.text()),
        };
        let facts = &examined.facts;
        let inert = facts.inert.iter();
        let inert = inert.filter(|inert| examined.scope.manages(inert.product));
        for inert in until_stop(examined, inert) {
            let message = format!("a tag inside {} does nothing", inert.inside);
            findings.extend(self.demands.finding_at(
                &rules::INERT_INSTANCE,
                &page,
                &inert.span,
                &message,
            ));
        }
        let lang = facts.lang.as_deref().filter(|_| examined.language_counts);
        if let Some((lang, fault)) = lang.and_then(|lang| Some((lang, language_fault(lang)?))) {
            let message = format!("its language is `{lang}`, {fault}");
            findings.extend(self.demands.finding(
                &rules::INVALID_LANGUAGE,
                Some(path.to_owned()),
                &message,
            ));
        }
        let loader = examined.tag.as_ref().filter(|tag| tag.kind == Kind::Loader);
        if loader.is_some() {
            self.base_path.note(examined);
            let sends = self
                .base_path
                .led_away(examined, &self.config.placeholder.base_url);
            if let (Some(sends), Some((base, _))) = (sends, &facts.base) {
                let message = format!("it {sends}");
                let rule = &rules::UNREACHABLE_RUNTIME;
                findings.extend(self.demands.finding_at(rule, &page, base, &message));
            }
        }
        for forbidden in until_stop(examined, forbidden(examined, &self.base_path, self.config)) {
            let rule = &rules::CSP_BLOCKS_WIDGET;
            let (span, message) = (&forbidden.span, &forbidden.message);
            let finding = self.demands.finding_at(rule, &page, span, message);
            findings.extend(finding.map(|finding| Finding {
                remedy: forbidden.remedy.clone().into(),
                ..finding
            }));
        }
        self.served.note(examined, &self.base_path, self.config);
        let asked = examined.tag.is_some();
        let wanted = examined.tag.as_ref().map(|tag| tag.kind.product());
        let others = wanted.map(|wanted| examined.others().map(move |other| (wanted, other)));
        for (wanted, other) in until_stop(examined, others.into_iter().flatten()) {
            let other_product = other.kind.product().name();
            let message = format!("the vendor's {other_product}, beside the {}", wanted.name());
            findings.extend(self.demands.finding_at(
                &rules::OTHER_CHAT_WIDGET,
                &page,
                &other.start_tag,
                &message,
            ));
        }
        self.astray(examined, &page, findings);
        self.scripted(examined, &page, findings);
        // What is found of others is that they should not be there.
        let held = until_stop(examined, examined.instances()).filter(|_| asked);
        for (instance, hold) in held.filter_map(|i| Some((i, i.hold()?))) {
            if hold.tool.starts_modules {
                continue;
            }
            let message = format!(
                "a {} is {}, and that tool is not known to start ES modules",
                instance.kind.name(),
                hold.phrase()
            );
            findings.extend(self.demands.finding_at(
                &rules::HELD_INSTANCE,
                &page,
                &instance.start_tag,
                &message,
            ));
        }
        let judge = Judge::at(self.demands.now).for_at_least(self.demands.min_ttl);
        let is_static = examined
            .tag
            .as_ref()
            .is_some_and(|tag| tag.kind == Kind::Widget);
        let instances = until_stop(examined, &facts.instances);
        for instance in instances.filter(|i| is_static && i.kind == Kind::Widget) {
            let token = instance.attributes.get("token").unwrap_or_default();
            for (rule, message) in published::check(token, &judge) {
                findings.extend(self.demands.finding_at(
                    rule,
                    &page,
                    &instance.start_tag,
                    &message,
                ));
            }
        }
        self.copies(examined, path, findings);
    }

    /// Compressed copies that do not say what the page says.
    pub(super) fn copies(&self, examined: &Examined<'_>, path: &str, findings: &mut Vec<Finding>) {
        let bytes = examined.source.bytes();
        for coding in until_stop(examined, &examined.file.siblings) {
            let copy = examined.file.file.beside(*coding);
            let path = format!("{path}{}", coding.extension());
            let says = self.store.open(&copy);
            let says = says.and_then(|copy| coding.says(copy, bytes, examined.cancel));
            let message = match says {
                Ok(true) => continue,
                Ok(false) => {
                    self.file_beside(examined, *coding);
                    "it does not decode to the page beside it".to_owned()
                }
                Err(error) => format!("it cannot be read: {error}"),
            };
            findings.extend(self.demands.finding(
                &rules::STALE_COMPRESSED_SIBLING,
                Some(path),
                &message,
            ));
        }
    }
}

/// All of these, until the run is to stop: there may be very many on one page.
pub(super) fn until_stop<I: IntoIterator>(
    examined: &Examined<'_>,
    items: I,
) -> impl Iterator<Item = I::Item> {
    let items = items.into_iter();
    items.take_while(|_| !examined.cancel.is_set())
}

pub(super) fn because(examined: &Examined<'_>) -> String {
    examined
        .assignment
        .as_ref()
        .map_or_else(|| "nobody".to_owned(), |a| a.because.to_string())
}
