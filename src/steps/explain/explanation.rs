//! What there is to say about one page, as data.

use serde::Serialize;

use crate::event::{Organizations, Outcome, PageReport};
use crate::redact;
use crate::rules::{Tried, Wanted};
use crate::run::{Examined, LineIndex, Verdict};
#[cfg(feature = "cli")]
use crate::store::PagePath;
use crate::widget::Product;

/// Why a page gets what it gets, and what `inject` would do with it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// Page path.
    pub page: String,
    /// The outcome that `inject` would report of it; none where it would report nothing.
    pub outcome: Option<&'static str>,
    /// What was seen in it, one phrase each.
    pub facts: Vec<String>,
    /// Each rule in force, the strongest first.
    pub rules: Vec<TriedRule>,
    /// The organizations it is assigned to.
    pub organizations: Organizations,
    /// The product that it gets.
    pub widget: Option<&'static str>,
    /// What decided that.
    pub because: Option<String>,
    /// What `inject` would do, one phrase each.
    pub inject: Vec<String>,
}

/// One rule's say.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TriedRule {
    /// Where it stands.
    pub place: String,
    /// Its conditions.
    pub conditions: String,
    /// Whether all of them hold.
    pub held: bool,
    /// Whether it decided.
    pub won: bool,
    /// Why it does not hold.
    pub why_not: Option<String>,
}

impl TriedRule {
    fn of(tried: Tried) -> Self {
        Self {
            place: tried.place.to_string(),
            conditions: tried.conditions,
            held: tried.held,
            won: tried.won,
            why_not: tried.why_not,
        }
    }
}

/// What there is to say about an examined page besides what `inject` reports of it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    facts: Vec<String>,
    rules: Vec<TriedRule>,
    verbs: Vec<&'static str>,
    organizations: Organizations,
    widget: Option<&'static str>,
    because: Option<String>,
}

impl Seen {
    /// Of a page.
    pub(super) fn of(examined: &Examined<'_>) -> Self {
        let facts = facts(examined);
        let mut seen = Self {
            // They may quote the page.
            facts: facts.iter().map(|fact| redact::of_page(fact)).collect(),
            ..Self::default()
        };
        match &examined.verdict {
            Verdict::Skip(_) => return seen,
            Verdict::Refuse(_) => {}
            Verdict::Plan(plan) => seen.verbs = plan.changes.iter().map(verb).collect(),
        }
        let directive = examined.directive().ok().flatten();
        let tried = examined
            .folder
            .trace(&examined.to_rules(directive.as_ref()));
        seen.rules = tried.into_iter().map(TriedRule::of).collect();
        seen.organizations = examined.organizations();
        seen.widget = examined.tag.as_ref().map(|tag| tag.kind.product().name());
        seen.because = examined.assignment.as_ref().map(|a| a.because.to_string());
        seen
    }
}

impl Explanation {
    /// Of a page, from what `inject` reports of it in a dry run.
    pub(super) fn of(page: PageReport, seen: Seen) -> Self {
        let inject = match &page.outcome {
            Outcome::Skipped(why) => vec![format!("skip it: {why}")],
            Outcome::Refused(why) => vec![format!("leave it as it is: {why}")],
            Outcome::Failed(why) => vec![format!("fail: {why}")],
            _ => Vec::new(),
        };
        let verbs = seen.verbs.iter().copied().map(Some);
        let verbs = verbs.chain(std::iter::repeat(None));
        let changes = page.changes.iter().zip(verbs).map(|(change, verb)| {
            verb.map_or_else(
                || format!("leave {change}"),
                |verb| format!("{verb} {change}"),
            )
        });
        let mut inject: Vec<String> = inject.into_iter().chain(changes).collect();
        if inject.is_empty() {
            inject.push("change nothing".to_owned());
        }
        Self {
            page: page.path,
            outcome: Some(page.outcome.kind().name()),
            facts: seen.facts,
            rules: seen.rules,
            organizations: seen.organizations,
            widget: seen.widget,
            because: seen.because,
            inject,
        }
    }

    /// Of a file that `inject` does not come to.
    #[cfg(feature = "cli")]
    #[must_use]
    pub(crate) fn ignored(path: &PagePath, why: &str) -> Self {
        Self {
            page: path.to_string(),
            outcome: None,
            facts: Vec::new(),
            rules: Vec::new(),
            organizations: Organizations::Unassigned,
            widget: None,
            because: None,
            inject: vec![format!("not look at it: {why}")],
        }
    }

    /// What the page is to have, in words.
    #[must_use]
    pub fn wants(&self) -> String {
        match &self.organizations {
            Organizations::Unassigned => "undecided".to_owned(),
            Organizations::None => "no widget".to_owned(),
            Organizations::ByEndpoint => "the loader, for any organization".to_owned(),
            Organizations::Named(names) => {
                let other = self.widget.filter(|name| *name != Product::Operator.name());
                let other = other.map_or_else(String::new, |name| format!(" ({name})"));
                names.join(" + ") + &other
            }
        }
    }
}

fn verb(change: &crate::html::Change) -> &'static str {
    use crate::html::Change;
    match change {
        Change::Insert(_) => "inject",
        Change::Replace(..) => "update the",
        Change::Fold(_) => "fold the",
        Change::Remove(_) => "remove the",
    }
}

fn facts(examined: &Examined<'_>) -> Vec<String> {
    let facts = &examined.facts;
    let text = examined.source.text();
    let places = LineIndex::new(text);
    let at = |offset: usize| places.at(offset);
    let mut phrases = vec![format!("{} bytes", examined.source.bytes().len())];
    if let Some(lang) = &facts.lang {
        phrases.push(format!("lang={lang}"));
    }
    if let Some(directive) = &facts.directive {
        use crate::html::Directive;
        phrases.push(match directive {
            Directive::Off => "says: no widget".to_owned(),
            Directive::Organization(name) => format!("says: organization={name}"),
            Directive::Unknown(content) => format!("says: {content}"),
        });
    }
    for instance in &facts.instances {
        let hold = instance.hold();
        let hold = hold.map(|hold| format!(", {}", hold.phrase()));
        phrases.push(format!(
            "{} at {}{}",
            instance.kind.name(),
            at(instance.start_tag.start),
            hold.unwrap_or_default()
        ));
    }
    for inert in &facts.inert {
        phrases.push(format!(
            "dead tag inside {} at {}",
            inert.inside,
            at(inert.span.start)
        ));
    }
    for astray in &facts.astray {
        phrases.push(format!(
            "{} that runs inside {} at {}",
            astray.kind.name(),
            astray.inside,
            at(astray.span.start)
        ));
    }
    for scripted in &facts.scripted {
        phrases.push(format!(
            "{} that adds {} at {}",
            scripted.by,
            scripted.phrase(),
            at(scripted.span.start)
        ));
    }
    if let Some(doubt) = facts.doubt {
        phrases.push(format!("{doubt}, so a full parse confirms each change"));
    }
    if matches!(
        examined.assignment.as_ref().map(|a| &a.wanted),
        Some(Wanted::Unnamed)
    ) {
        phrases.push("no organizations are configured: the endpoint decides".to_owned());
    }
    phrases
}
