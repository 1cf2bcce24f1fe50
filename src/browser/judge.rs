//! What is wrong with a page, by what was seen of it in a browser.

use super::answer::{Role, Site, Widget};
use super::seen::{Blocked, Frame, Seen, Tag};
use super::visit::{Chat, Visit, digest};
use crate::event::Rule;
use crate::steps::verify::catalog as rules;
use crate::widget::{Kind, Product};

/// How many errors of a page become findings of their own.
const TOLD: usize = 10;

/// Something that is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// What is wrong.
    pub message: String,
    /// What to do, where that is something else than the rule's remedy.
    pub remedy: Option<String>,
}

impl Fault {
    fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            remedy: None,
        }
    }

    fn with(self, remedy: &str) -> Self {
        Self {
            remedy: Some(remedy.to_owned()),
            ..self
        }
    }
}

/// A chat that visitors see.
struct Live {
    product: Product,
    /// What a message calls it, and where it is.
    name: String,
}

/// What is wrong with a page.
pub(super) fn judge(visit: &Visit, seen: &Seen, site: &Site) -> Vec<Fault> {
    if let Some(why) = &seen.not_loaded {
        let message = format!("it does not load in the browser: {why}");
        return vec![Fault::new(&rules::BROWSER_TIMEOUT, message)];
    }
    let page = Page { visit, seen, site };
    let blocked = page.blocked();
    let live = page.live(&seen.frames);
    let mut faults = blocked.clone();
    faults.extend(page.count(&live));
    faults.extend(page.organization());
    if blocked.is_empty() {
        faults.extend(page.no_chat(&live));
    }
    faults.extend(page.problems());
    faults
}

struct Page<'a> {
    visit: &'a Visit,
    seen: &'a Seen,
    site: &'a Site,
}

impl Page<'_> {
    fn top(&self) -> Option<&Frame> {
        self.seen.frames.iter().find(|frame| frame.is_top)
    }

    fn tags(&self, frame: &Frame) -> Vec<Tag> {
        frame.tags(self.site.addresses())
    }

    /// The product that the page should have.
    fn product(&self) -> Option<Product> {
        match self.visit.chat {
            Chat::Nothing => None,
            Chat::Customer { .. } => Some(Product::Customer),
            _ => Some(Product::Operator),
        }
    }

    /// The chats in these documents. A page in a frame that says in its tag that it has a chat of its own does not count.
    fn live(&self, frames: &[Frame]) -> Vec<Live> {
        let mut live = Vec::new();
        for frame in frames {
            let tags = self.tags(frame);
            let is_own = |tag: &Tag| tag.kind == Kind::Loader && !tag.get("data-frames").is_empty();
            if !frame.is_top && tags.iter().any(is_own) {
                continue;
            }
            let before = live.len();
            for tag in tags
                .iter()
                .filter(|tag| tag.kind.is_vendors() && tag.is_live())
            {
                live.push(Live {
                    product: tag.kind.product(),
                    name: format!("{} in {}", described(tag), frame.name()),
                });
            }
            // A module goes on when its tag has gone.
            let more = frame.stand_ins.saturating_sub(live.len() - before);
            for _ in 0..more {
                live.push(Live {
                    product: self.product().unwrap_or(Product::Operator),
                    name: format!("a widget without a tag in {}", frame.name()),
                });
            }
        }
        live
    }

    /// Whether the number of chats is another than it should be.
    fn count(&self, live: &[Live]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let product = self.product();
        let (own, others): (Vec<&Live>, Vec<&Live>) = live
            .iter()
            .partition(|live| product.is_none_or(|product| live.product == product));
        let names = |live: &[&Live]| {
            let names: Vec<&str> = live.iter().map(|live| live.name.as_str()).collect();
            names.join("; ")
        };
        let rule = &rules::BROWSER_INSTANCE_COUNT;
        let wanted = match &self.visit.chat {
            Chat::Nothing => 0,
            _ => 1,
        };
        if own.len() > wanted {
            let number = own.len();
            let plural = if number == 1 { "" } else { "s" };
            let should = if wanted == 0 {
                "where there should be none"
            } else {
                "where there should be one"
            };
            let message = format!("{number} live instance{plural} {should}: {}", names(&own));
            faults.push(Fault::new(rule, message));
        }
        if !others.is_empty() && !self.visit.has_others {
            let message = format!("beside the chat, {}", names(&others));
            faults.push(Fault::new(&rules::OTHER_CHAT_WIDGET, message));
        }
        let early = self.seen.before_consent.as_deref().unwrap_or_default();
        let early = self.live(early);
        let asked = &self.seen.requests[..self.seen.requests_before_consent];
        let asked = asked.iter().find(|request| request.role != Role::Runtime);
        if let Some(live) = early.first() {
            let message = format!(
                "a live instance before the visitor has agreed: {}",
                live.name
            );
            faults.push(Fault::new(rule, message));
        } else if let Some(request) = asked {
            let message = format!("it asks for {} before the visitor has agreed", request.url);
            faults.push(Fault::new(rule, message));
        }
        faults
    }

    /// Whether the chat is somebody else's.
    fn organization(&self) -> Option<Fault> {
        let rule = &rules::WRONG_ORGANIZATION;
        let remedy = "Find the script of the page that changes the tag, or adds one of its own, and take that out of it.";
        let fault = |message: String| Some(Fault::new(rule, message).with(remedy));
        let tags = self.top().map(|top| self.tags(top)).unwrap_or_default();
        let named = |name: &str| {
            if name.is_empty() {
                "none".to_owned()
            } else {
                format!("`{name}`")
            }
        };
        match &self.visit.chat {
            Chat::Loader { organizations, .. } => {
                let wanted = match &organizations[..] {
                    [] => "",
                    [one] => one,
                    // The visitor's choice.
                    _ => return None,
                };
                let asked = self
                    .seen
                    .requests
                    .iter()
                    .filter_map(|request| match &request.role {
                        Role::Endpoint(org) => Some(org.as_deref().unwrap_or_default()),
                        _ => None,
                    });
                let tagged = tags
                    .iter()
                    .filter(|tag| tag.kind == Kind::Loader && tag.is_live());
                let tagged = tagged.map(|tag| tag.get("data-org"));
                let mut all = asked.chain(tagged);
                let other = all.find(|org| *org != wanted)?;
                fault(format!(
                    "in the browser, the chat is that of organization {}, and the page's rules ask for {}",
                    named(other),
                    named(wanted)
                ))
            }
            Chat::Widget {
                organization,
                tokens,
            } => {
                let mut live = tags
                    .iter()
                    .filter(|tag| tag.kind == Kind::Widget && tag.is_live());
                live.find_map(|tag| {
                    let org = tag.get("data-org");
                    if !org.is_empty() && org != organization {
                        let (org, wanted) = (named(org), named(organization));
                        return fault(format!(
                            "in the browser, a widget tag names organization {org}, and the page's rules ask for {wanted}"
                        ));
                    }
                    (!tokens.contains(&digest(tag.get("token"))))
                        .then(|| fault("in the browser, a widget tag has another token than in the page's file".to_owned()))?
                })
            }
            Chat::Customer { guid } => {
                let mut live = tags
                    .iter()
                    .filter(|tag| tag.kind == Kind::Customer && tag.is_live());
                let other = live.find(|tag| tag.get("guid") != guid)?.get("guid");
                fault(format!(
                    "in the browser, a customer widget has the guid {}, and the page's rules ask for {guid}",
                    named(other)
                ))
            }
            Chat::Nothing | Chat::Held => None,
        }
    }

    /// What a policy blocks of what the chat needs.
    fn blocked(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for frame in &self.seen.frames {
            for blocked in frame.blocked.iter().filter(|blocked| self.is_ours(blocked)) {
                let message = format!(
                    "in the browser, {} of the policy blocks {}",
                    blocked.directive,
                    what(blocked)
                );
                let fault = Fault::new(&rules::CSP_BLOCKS_WIDGET, message);
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        faults
    }

    fn is_ours(&self, blocked: &Blocked) -> bool {
        let of_chat = |url: &str| self.site.role(url, &self.visit.url).is_some();
        let is_address = blocked.what.contains("://");
        self.visit.chat != Chat::Nothing
            && if is_address {
                of_chat(&blocked.what)
            } else {
                of_chat(&blocked.source)
            }
    }

    /// Why there is no chat.
    fn no_chat(&self, live: &[Live]) -> Option<Fault> {
        let rule = &rules::BROWSER_NO_CHAT;
        let runs = match &self.visit.chat {
            Chat::Nothing | Chat::Held => return None,
            Chat::Loader { organizations, .. } => {
                let state = self.top().and_then(|top| top.state.as_deref());
                match state {
                    Some("ready") => true,
                    Some("waiting") => organizations.len() > 1,
                    _ => false,
                }
            }
            _ => {
                let starts = self.top().map_or(0, |top| top.stand_ins);
                let is_tagged = live.iter().any(|live| Some(live.product) == self.product());
                is_tagged
                    && (starts > 0 || self.site.widget() == Widget::Real && self.loaded_widget())
            }
        };
        if runs {
            return None;
        }
        Some(Fault::new(rule, self.why_no_chat()))
    }

    fn loaded_widget(&self) -> bool {
        let mut requests = self.seen.requests.iter();
        requests.any(|request| matches!(request.role, Role::Widget(_)) && request.fault().is_none())
    }

    fn why_no_chat(&self) -> String {
        // The last one, since earlier ones may have been tried again.
        let mut requests = self.seen.requests.iter().rev();
        let failed = requests.find_map(|request| Some((request, request.fault()?)));
        if let Some((request, why)) = failed {
            let name = match &request.role {
                Role::Runtime => "the runtime",
                Role::Widget(_) => "the vendor's script",
                Role::Endpoint(_) => "the token endpoint",
            };
            let address = request.url.split('?').next().unwrap_or_default();
            return format!("no chat appears: {name} is at {address}, and {why}");
        }
        let top = self.top();
        let errors = top.map(|top| top.errors.as_slice()).unwrap_or_default();
        let state = top.and_then(|top| top.state.as_deref());
        let own = self.seen.problems.iter().find(|problem| {
            self.site.role(&problem.url, &self.visit.url).is_some()
                || problem.text.contains("integrity")
                || problem.text.contains("module script")
        });
        let said = own.map(|problem| format!("; the browser says: {}", problem.text));
        let said = said.unwrap_or_default();
        match (state, errors.last()) {
            (Some(_), Some(code)) => format!("no chat appears: the runtime reports `{code}`{said}"),
            (Some(state), None) if self.seen.is_late => {
                format!(
                    "no chat appears in the time that a page has: the runtime's state is still `{state}`{said}"
                )
            }
            (Some(state), None) => {
                format!("no chat appears: the runtime's state is `{state}`{said}")
            }
            (None, _) => {
                let what = match self.visit.chat {
                    Chat::Loader { .. } => "the runtime",
                    _ => "the vendor's script",
                };
                format!("no chat appears: {what} does not run{said}")
            }
        }
    }

    /// Errors on the page.
    fn problems(&self) -> Vec<Fault> {
        let mut texts: Vec<String> = Vec::new();
        for problem in &self.seen.problems {
            let short = problem.url.rsplit('/').next().unwrap_or_default();
            let short = short.split(['?', '#']).next().unwrap_or_default();
            let whose = if short.is_empty() {
                String::new()
            } else {
                format!(" ({short})")
            };
            texts.push(format!("{}: {}{whose}", problem.kind, problem.text));
        }
        for frame in &self.seen.frames {
            for blocked in frame
                .blocked
                .iter()
                .filter(|blocked| !self.is_ours(blocked))
            {
                let text = format!(
                    "{} of the policy blocks {}",
                    blocked.directive,
                    what(blocked)
                );
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        let more = texts.len().saturating_sub(TOLD);
        let mut faults: Vec<Fault> = texts
            .into_iter()
            .take(TOLD)
            .map(|text| Fault::new(&rules::BROWSER_ERROR, self.with_cause(text)))
            .collect();
        if more > 0 {
            let message = format!("{more} more errors");
            faults.push(Fault::new(&rules::BROWSER_ERROR, message));
        }
        faults
    }

    /// Scripts miss what was not loaded.
    fn with_cause(&self, text: String) -> String {
        match self.seen.cut {
            0 => text,
            1 => format!("{text}; 1 request to another host was cut off, which may be why"),
            cut => format!("{text}; {cut} requests to other hosts were cut off, which may be why"),
        }
    }
}

fn what(blocked: &Blocked) -> String {
    if blocked.what.contains("://") || blocked.sample.is_empty() {
        blocked.what.clone()
    } else {
        format!("{} ({})", blocked.what, blocked.sample)
    }
}

/// What a message calls a tag.
fn described(tag: &Tag) -> String {
    let id = tag.get("id");
    let id = if id.is_empty() {
        String::new()
    } else {
        format!(" #{id}")
    };
    format!("a {}{id}", tag.kind.name())
}
