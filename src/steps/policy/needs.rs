//! What the chat of a page needs, and how a message calls it.

use url::Url;

use crate::csp::{Need, Proof, Resource};
use crate::html::{Change, Instance, Plan};
use crate::run::{Examined, Verdict};
use crate::runtime;
use crate::settings::Config;
use crate::steps::routes::ROUTES_NAME;
use crate::widget::{Product, Tag};

/// The name of the policy for Trusted Types that the runtime makes.
const TYPES: &str = "chathub";
/// How much of a directive is shown, in characters: some list a hundred hashes.
const SHOWN: usize = 120;

/// Something that a page's chat needs.
pub(super) struct Wanted<'a> {
    pub(super) what: &'static str,
    pub(super) need: Need<'a>,
}

/// Something that a page's chat needs, apart from the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// Its place among what the chat of its page needs.
    pub rank: usize,
    /// The directive that is about it.
    pub directive: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its address, or its name, as a message calls it.
    pub address: String,
    /// The source that allows it.
    pub source: String,
    /// The source that allows it where `'strict-dynamic'` stands; none: nothing has to be said there.
    pub strict: Option<String>,
}

impl Wanted<'_> {
    /// What is needed, seen from a page at this address.
    pub(super) fn lack(&self, rank: usize, page: &Url) -> Lack {
        let own = |url: &Url| url.origin() == page.origin();
        let address = match &self.need {
            Need::Types(name) => format!("`{name}`"),
            // Which host that is need not be known.
            Need::Tag(url, _)
            | Need::Script(url, _)
            | Need::Fetch(url)
            | Need::Resource(_, url) => {
                if own(url) {
                    url.path().to_owned()
                } else {
                    url.to_string()
                }
            }
        };
        let source = match &self.need {
            Need::Types(name) => (*name).to_owned(),
            Need::Tag(url, _)
            | Need::Script(url, _)
            | Need::Fetch(url)
            | Need::Resource(_, url) => {
                if own(url) {
                    "'self'".to_owned()
                } else {
                    format!("{}{}", url.origin().ascii_serialization(), url.path())
                }
            }
        };
        let strict = match &self.need {
            Need::Tag(_, proof) if !proof.integrity.is_empty() => {
                Some(format!("'{}'", proof.integrity))
            }
            Need::Tag(..) => Some("a nonce that the tag has, too".to_owned()),
            Need::Script(..) | Need::Resource(Resource::Script, _) => None,
            _ => Some(source.clone()),
        };
        Lack {
            rank,
            directive: self.need.directive(),
            what: self.what,
            address,
            source,
            strict,
        }
    }
}

/// What of a page decides what its chat needs.
pub(super) struct Chat<'e> {
    pub(super) tag: &'e Tag,
    /// The nonce that the tag has in the page.
    pub(super) nonce: &'e str,
    /// A consent tool makes it.
    pub(super) held: bool,
    /// Where it is in the page.
    pub(super) place: usize,
}

impl<'e> Chat<'e> {
    /// That of a page; none where it is to have no chat.
    pub(super) fn of(examined: &'e Examined<'_>) -> Option<Self> {
        let (Some(tag), Verdict::Plan(plan)) = (&examined.tag, &examined.verdict) else {
            return None;
        };
        let kept = kept(examined, plan);
        let place = match (kept, &plan.changes[..]) {
            (Some(kept), _) => kept.start_tag.start,
            (None, [Change::Insert(point)]) => point.offset,
            (None, _) => examined.source.text().len(),
        };
        let own = kept.and_then(|kept| kept.attributes.get("nonce"));
        Some(Self {
            tag,
            nonce: tag.value("nonce").or(own).unwrap_or_default(),
            held: kept.is_some_and(|kept| kept.hold().is_some()),
            place,
        })
    }

    /// What it needs at this address.
    pub(super) fn wanted(
        &self,
        base: Option<&str>,
        page: &Url,
        config: &Config,
    ) -> Vec<Wanted<'e>> {
        let base = base.and_then(|href| page.join(href).ok());
        let base = base.as_ref().unwrap_or(page);
        let from = |base: &Url, address: &str| base.join(address).unwrap_or_else(|_| base.clone());
        let (tag, nonce) = (self.tag, self.nonce);
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
            if self.held {
                Need::Script(url, proof)
            } else {
                Need::Tag(url, proof)
            }
        };
        let mut all = Vec::new();
        if tag.kind.is_vendors() {
            all.push(wanted("the widget's script", loads(src)));
        } else {
            let beside = |name: &str| from(&src, name);
            let added = |url| Need::Script(url, by_nonce);
            let widget = from(
                base,
                tag.value("data-src").unwrap_or(Product::Operator.src()),
            );
            let endpoint = from(page, tag.value("data-endpoint").unwrap_or_default());
            all.extend([
                wanted("the runtime", loads(src.clone())),
                wanted("the widget's script", added(widget)),
                wanted("the token endpoint", Need::Fetch(endpoint)),
                wanted("the runtime's policy for Trusted Types", Need::Types(TYPES)),
            ]);
            if tag.sets("data-routes") {
                all.push(wanted("the route file", Need::Fetch(beside(ROUTES_NAME))));
            }
            for file in &runtime::FILES[1..] {
                let file = added(beside(&file.hashed_name()));
                all.push(wanted("the runtime's further files", file));
            }
        }
        for listed in &config.csp.widget {
            let Some((directive, address)) = listed.split_once(' ') else {
                continue;
            };
            let resource = Resource::ALL.iter().find(|(_, name)| *name == directive);
            if let (Some((resource, _)), Ok(url)) = (resource, Url::parse(address)) {
                let need = match resource {
                    Resource::Script => Need::Script(url, by_nonce),
                    resource => Need::Resource(*resource, url),
                };
                all.push(wanted("what the widget loads", need));
            }
        }
        all
    }
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

/// What a directive blocks, in words.
pub(super) fn message<'l>(
    name: &str,
    value: &[String],
    lacks: impl IntoIterator<Item = &'l Lack>,
) -> String {
    let mut directive = [&[name.to_owned()], value].concat().join(" ");
    if let Some((at, _)) = directive.char_indices().nth(SHOWN) {
        directive.truncate(at);
        directive.push('…');
    }
    let lacks: Vec<_> = lacks.into_iter().collect();
    let alike = lacks.chunk_by(|one, next| one.what == next.what);
    let named: Vec<_> = alike
        .map(|alike| {
            let mut addresses: Vec<_> = alike.iter().map(|lack| lack.address.as_str()).collect();
            addresses.dedup();
            format!("{} ({})", addresses.join(" and "), alike[0].what)
        })
        .collect();
    format!("`{directive}` blocks {}", named.join(", "))
}

/// What has to stand in a directive, so that it blocks nothing of this.
#[must_use]
pub fn sources<'l>(value: &[String], lacks: impl IntoIterator<Item = &'l Lack>) -> Vec<String> {
    let strict = says(value, "'strict-dynamic'");
    let needed = |lack: &Lack| {
        if strict {
            lack.strict.clone()
        } else {
            Some(lack.source.clone())
        }
    };
    let mut sources: Vec<_> = lacks.into_iter().filter_map(needed).collect();
    sources.sort();
    sources.dedup();
    sources
}

pub(super) fn says(value: &[String], word: &str) -> bool {
    value.iter().any(|said| said.eq_ignore_ascii_case(word))
}

/// What to write in a directive; `of` says in which.
pub(super) fn remedy<'l>(
    name: &str,
    value: &[String],
    lacks: impl IntoIterator<Item = &'l Lack>,
    of: &str,
) -> String {
    match name {
        "sandbox" => return format!("Write `allow-scripts allow-same-origin` in `sandbox` {of}."),
        "blocked-destinations" => {
            return format!(
                "Take `script` out of `blocked-destinations` {of}: the vendor's script changes, so nothing can have its `integrity`."
            );
        }
        _ => {}
    }
    let instead = if says(value, "'none'") {
        ", in place of 'none'"
    } else {
        ""
    };
    format!(
        "Allow in `{name}` {of}: {}{instead}.",
        sources(value, lacks).join(" ")
    )
}
