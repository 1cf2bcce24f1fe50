//! What a page's own Content-Security-Policy forbids of what its chat needs.
//!
//! Browsers obey a policy from its `meta` on: a tag before it still loads, and all that the runtime does afterwards is judged by it.
//! What the vendor's widget itself needs is not known.

use std::sync::{Mutex, PoisonError};

use url::Url;

use super::base_path::BasePath;
use super::routes::ROUTES_NAME;
use crate::csp::{Need, Policy, Proof};
use crate::html::{Change, Instance, Plan, Span};
use crate::run::{Examined, Verdict};
use crate::runtime;
use crate::widget::{Product, Tag};

/// The name of the policy for Trusted Types that the runtime makes.
const TYPES: &str = "chathub";
/// How much of a directive is shown, in characters: some list a hundred hashes.
const SHOWN: usize = 120;

/// What one directive of a page's policy forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// The policy's tag.
    pub span: Span,
    /// The directive, and what it blocks.
    pub message: String,
    /// What to write.
    pub remedy: String,
}

/// Something that a page's chat needs.
struct Wanted<'a> {
    what: &'static str,
    need: Need<'a>,
}

impl Wanted<'_> {
    /// What is blocked, as a message calls it.
    fn address(&self, page: &Url) -> String {
        match &self.need {
            Need::Types(name) => format!("`{name}`"),
            // Which host that is need not be known.
            Need::Tag(url, _) | Need::Script(url, _) | Need::Fetch(url) => {
                if url.origin() == page.origin() {
                    url.path().to_owned()
                } else {
                    url.to_string()
                }
            }
        }
    }

    /// What allows it, in a directive that is strict or not.
    fn source(&self, page: &Url, strict: bool) -> String {
        match &self.need {
            Need::Types(name) => (*name).to_owned(),
            Need::Tag(_, proof) if strict && !proof.integrity.is_empty() => {
                format!("'{}'", proof.integrity)
            }
            Need::Tag(..) if strict => "a nonce that the tag has, too".to_owned(),
            Need::Tag(url, _) | Need::Script(url, _) | Need::Fetch(url) => {
                if url.origin() == page.origin() {
                    "'self'".to_owned()
                } else {
                    format!("{}{}", url.origin().ascii_serialization(), url.path())
                }
            }
        }
    }
}

/// What the policies of a page forbid of what its chat needs; nothing where it has none, or is to have no chat.
#[must_use]
pub fn forbidden(examined: &Examined<'_>, base_path: &BasePath<'_>) -> Vec<Forbidden> {
    let facts = &examined.facts;
    let (Some(tag), Verdict::Plan(plan)) = (&examined.tag, &examined.verdict) else {
        return Vec::new();
    };
    if facts.policies.is_empty() {
        return Vec::new();
    }
    let kept = kept(examined, plan);
    let place = match (kept, &plan.changes[..]) {
        (Some(kept), _) => kept.start_tag.start,
        (None, [Change::Insert(point)]) => point.offset,
        (None, _) => examined.source.text().len(),
    };
    let own = kept.and_then(|kept| kept.attributes.get("nonce"));
    let nonce = tag.value("nonce").or(own).unwrap_or_default();
    let held = kept.is_some_and(|kept| kept.hold().is_some());
    // Where the site is need not be known: what is allowed at one of its addresses is allowed.
    let pages = base_path.addresses_of(examined);
    let wanted: Vec<_> = pages
        .iter()
        .map(|page| wanted(examined, tag, page, nonce, held))
        .collect();
    let (Some(page), Some(first)) = (pages.first(), wanted.first()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for policy in &facts.policies {
        let judge = Policy::of_meta(&policy.content, nonce);
        let mut blocked: Vec<(String, Vec<String>, Vec<&Wanted<'_>>)> = Vec::new();
        for (at, asked) in first.iter().enumerate() {
            let loads = matches!(asked.need, Need::Tag(..));
            if loads && place < policy.span.start {
                continue;
            }
            let mut others = pages.iter().zip(&wanted).skip(1);
            let Some(directive) = judge
                .forbids(&asked.need, page)
                .filter(|_| others.all(|(page, w)| judge.forbids(&w[at].need, page).is_some()))
            else {
                continue;
            };
            match blocked
                .iter_mut()
                .find(|(name, ..)| *name == directive.name)
            {
                Some((.., needs)) => needs.push(asked),
                None => blocked.push((directive.name, directive.value, vec![asked])),
            }
        }
        found.extend(blocked.iter().map(|(name, value, needs)| Forbidden {
            span: policy.span.clone(),
            message: message(name, value, needs, page),
            remedy: remedy(name, value, needs, page),
        }));
    }
    found
}

/// The instance that a plan leaves in the page.
fn kept<'f>(examined: &'f Examined<'_>, plan: &Plan) -> Option<&'f Instance> {
    let goes = |at: usize| {
        let mut changes = plan.changes.iter();
        changes.any(|c| matches!(c, Change::Fold(i) | Change::Remove(i) if *i == at))
    };
    let mut instances = examined.facts.instances_in(examined.scope);
    instances.find_map(|(at, instance)| (!goes(at)).then_some(instance))
}

/// What the chat of a page at this address needs.
fn wanted<'a>(
    examined: &Examined<'_>,
    tag: &'a Tag,
    page: &Url,
    nonce: &'a str,
    held: bool,
) -> Vec<Wanted<'a>> {
    let base = examined.facts.base.as_ref();
    let base = base.and_then(|(_, href)| page.join(href).ok());
    let base = base.as_ref().unwrap_or(page);
    let from = |base: &Url, address: &str| base.join(address).unwrap_or_else(|_| base.clone());
    let src = from(base, tag.value("src").unwrap_or_default());
    let proof = Proof {
        nonce,
        integrity: tag.value("integrity").unwrap_or_default(),
    };
    let by_nonce = Proof {
        nonce,
        ..Proof::default()
    };
    let wanted = |what, need| Wanted { what, need };
    // What a consent tool sets free is a tag that a script makes.
    let loads = |url: Url| {
        if held {
            Need::Script(url, proof)
        } else {
            Need::Tag(url, proof)
        }
    };
    if tag.kind.is_vendors() {
        return vec![wanted("the widget's script", loads(src))];
    }
    let beside = |name: &str| from(&src, name);
    let added = |url| Need::Script(url, by_nonce);
    let widget = from(
        base,
        tag.value("data-src").unwrap_or(Product::Operator.src()),
    );
    let endpoint = from(page, tag.value("data-endpoint").unwrap_or_default());
    let mut all = vec![
        wanted("the runtime", loads(src.clone())),
        wanted("the widget's script", added(widget)),
        wanted("the token endpoint", Need::Fetch(endpoint)),
        wanted("the runtime's policy for Trusted Types", Need::Types(TYPES)),
    ];
    if tag.sets("data-routes") {
        all.push(wanted("the route file", Need::Fetch(beside(ROUTES_NAME))));
    }
    for file in &runtime::FILES[1..] {
        let file = added(beside(&file.hashed_name()));
        all.push(wanted("the runtime's further files", file));
    }
    all
}

fn message(name: &str, value: &[String], needs: &[&Wanted<'_>], page: &Url) -> String {
    let mut directive = [&[name.to_owned()], value].concat().join(" ");
    if let Some((at, _)) = directive.char_indices().nth(SHOWN) {
        directive.truncate(at);
        directive.push('…');
    }
    let alike = needs.chunk_by(|one, next| one.what == next.what);
    let named: Vec<_> = alike
        .map(|alike| {
            let addresses: Vec<_> = alike.iter().map(|need| need.address(page)).collect();
            format!("{} ({})", addresses.join(" and "), alike[0].what)
        })
        .collect();
    format!("`{directive}` blocks {}", named.join(", "))
}

fn remedy(name: &str, value: &[String], needs: &[&Wanted<'_>], page: &Url) -> String {
    let says = |word: &str| value.iter().any(|said| said.eq_ignore_ascii_case(word));
    let strict = says("'strict-dynamic'");
    let mut sources: Vec<_> = needs.iter().map(|need| need.source(page, strict)).collect();
    sources.sort();
    sources.dedup();
    let instead = if says("'none'") {
        ", in place of 'none'"
    } else {
        ""
    };
    format!(
        "Allow in `{name}` of that policy, in the page's template: {}{instead}.",
        sources.join(" ")
    )
}

/// Pages whose own policy forbids what their chat needs: how many, and the first of them, with what it forbids.
#[derive(Default)]
pub(super) struct Blocked(Mutex<Option<(u64, String, String)>>);

impl Blocked {
    pub(super) fn note(&self, examined: &Examined<'_>, base_path: &BasePath<'_>) {
        let Some(forbidden) = forbidden(examined, base_path).into_iter().next() else {
            return;
        };
        let path = examined.path().to_string();
        let mut blocked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (pages, first, message) =
            blocked.get_or_insert((0, path.clone(), forbidden.message.clone()));
        *pages += 1;
        // Whatever order the pages are done in, the same one is named.
        if path < *first {
            (*first, *message) = (path, forbidden.message);
        }
    }

    /// What the user must know of them.
    #[must_use]
    pub(super) fn notice(&self) -> Option<String> {
        let blocked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (pages, first, message) = blocked.as_ref()?;
        let which = match pages {
            1 => format!("the Content-Security-Policy in {first} keeps"),
            more => format!("the Content-Security-Policies in {more} pages, such as {first}, keep"),
        };
        Some(format!(
            "{which} the chat out: {message} (`chathub explain csp-blocks-widget`)"
        ))
    }
}
