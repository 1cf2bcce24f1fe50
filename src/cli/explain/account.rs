//! What there is to say of one page, as data.

use std::io;

use serde::Serialize;

use crate::pipeline::{Examined, FolderRules, Places, Verdict, phrases};
use crate::rules::{Tried, Wanted};
use crate::site::PagePath;

/// The account of one page; printed for people, or as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    /// Page path.
    pub(super) page: String,
    /// What was seen in it, one phrase each.
    pub(super) facts: Vec<String>,
    /// Each rule in force, the strongest first.
    pub(super) rules: Vec<RuleTried>,
    /// The organizations it is assigned to.
    pub(super) organizations: Vec<String>,
    /// What decided that.
    pub(super) because: Option<String>,
    /// What `inject` would do, one phrase each.
    pub(super) inject: Vec<String>,
}

/// One rule's say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleTried {
    /// Where it stands.
    pub(super) place: String,
    /// Its conditions.
    pub(super) conditions: String,
    /// Whether all of them hold.
    pub(super) held: bool,
    /// Whether it decided.
    pub(super) won: bool,
    /// Why it does not hold.
    pub(super) why_not: Option<String>,
}

impl From<Tried> for RuleTried {
    fn from(tried: Tried) -> Self {
        Self {
            place: tried.place.to_string(),
            conditions: tried.conditions,
            held: tried.held,
            won: tried.won,
            why_not: tried.why_not,
        }
    }
}

impl Account {
    fn bare(path: &PagePath, inject: String) -> Self {
        Self {
            page: path.to_string(),
            facts: Vec::new(),
            rules: Vec::new(),
            organizations: Vec::new(),
            because: None,
            inject: vec![inject],
        }
    }

    pub(super) fn skipped(path: &PagePath, why: &str) -> Self {
        Self::bare(path, format!("skip it: {why}"))
    }

    pub(super) fn unreadable(path: &PagePath, error: &io::Error) -> Self {
        Self::bare(path, format!("fail: {error}"))
    }

    pub(super) fn of(examined: &Examined<'_>, folder: &FolderRules) -> Self {
        let mut account = Self::bare(examined.path(), String::new());
        account.facts = facts(examined);
        account.inject = match &examined.verdict {
            Verdict::Skip(why) => {
                account.inject = vec![format!("skip it: {why}")];
                return account;
            }
            Verdict::Refuse(why) => vec![format!("leave it as it is: {why}")],
            Verdict::Plan(plan) if plan.changes.is_empty() => vec!["change nothing".to_owned()],
            Verdict::Plan(plan) => {
                let verbs = plan.changes.iter().map(|change| verb(change));
                let phrases = phrases(plan, &examined.facts, examined.source.text());
                verbs
                    .zip(phrases)
                    .map(|(verb, phrase)| format!("{verb} {phrase}"))
                    .collect()
            }
        };
        let directive = examined.directive().ok().flatten();
        let tried = folder.trace(&examined.to_rules(directive.as_ref()));
        account.rules = tried.into_iter().map(RuleTried::from).collect();
        account.organizations = examined.organizations();
        account.because = examined.assignment.as_ref().map(|a| a.because.to_string());
        account
    }

    /// What the page is to have, in words.
    pub(super) fn wants(&self) -> String {
        match (&self.organizations[..], &self.because) {
            (_, None) => "undecided".to_owned(),
            ([], Some(_)) => "no widget".to_owned(),
            ([any], Some(_)) if any == "*" => "the loader, for any organization".to_owned(),
            (names, Some(_)) => names.join(" + "),
        }
    }
}

fn verb(change: &crate::page::Change) -> &'static str {
    use crate::page::Change;
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
    let places = Places::new(text);
    let at = |offset: usize| places.at(offset);
    let mut phrases = vec![format!("{} bytes", examined.source.bytes().len())];
    if let Some(lang) = &facts.lang {
        phrases.push(format!("lang={lang}"));
    }
    if let Some(directive) = &facts.directive {
        use crate::page::Directive;
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
    for widget in &facts.customer_widgets {
        phrases.push(format!("customer widget at {}", at(widget.start)));
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
