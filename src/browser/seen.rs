//! What is seen of a page in a browser.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::answer::Role;
use crate::widget::{Addresses, Attributes, Kind, recognise};

/// What is seen of a page.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Why it did not load; none: it did.
    pub(super) not_loaded: Option<String>,
    /// Its document and those in its frames, when nothing more was to come.
    pub(super) frames: Vec<Frame>,
    /// The same before the visitor's consent was given for them, where it was.
    pub(super) before_consent: Option<Vec<Frame>>,
    /// The chat was still under way when the time was over.
    pub(super) is_late: bool,
    /// Requests that the chat depends on.
    pub(super) requests: Vec<Request>,
    /// How many of them there were before consent.
    pub(super) requests_before_consent: usize,
    /// Errors on the page.
    pub(super) problems: Vec<Problem>,
    /// Requests to other hosts, which got nothing.
    pub(super) cut: usize,
}

/// A document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Frame {
    pub(super) url: String,
    pub(super) is_top: bool,
    /// Attributes of scripts that may be tags of chats.
    scripts: Vec<BTreeMap<String, String>>,
    /// The stand-ins that have started.
    pub(super) stand_ins: usize,
    /// The runtime's state, where there is one.
    pub(super) state: Option<String>,
    /// The codes of the errors that it has announced.
    pub(super) errors: Vec<String>,
    pub(super) blocked: Vec<Blocked>,
}

/// What a policy has blocked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Blocked {
    /// An address, or a word such as `inline`.
    pub(super) what: String,
    pub(super) directive: String,
    /// Where it is not an address, the beginning of it.
    pub(super) sample: String,
    /// The script that wanted it.
    pub(super) source: String,
}

/// A tag of a chat that is in the document.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) kind: Kind,
    pub(super) attributes: Attributes,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_default()
    }

    /// Whether browsers run it.
    pub(super) fn is_live(&self) -> bool {
        let kind = self.get("type").trim();
        kind.eq_ignore_ascii_case("module") && !self.get("src").trim().is_empty()
    }
}

impl Frame {
    /// The tags of chats in it.
    pub(super) fn tags(&self, addresses: &Addresses) -> Vec<Tag> {
        let scripts = self.scripts.iter().filter_map(|script| {
            let attributes: Attributes = script.clone().into_iter().collect();
            let kind = recognise(&attributes, addresses)?;
            Some(Tag { kind, attributes })
        });
        scripts.collect()
    }

    /// What a message calls it.
    pub(super) fn name(&self) -> String {
        if self.is_top {
            return "the page".to_owned();
        }
        let url = Url::parse(&self.url).ok();
        let shown = url.filter(|url| url.host_str().is_some());
        let shown = shown.map_or_else(|| self.url.clone(), |url| url.path().to_owned());
        format!("the frame {shown}")
    }
}

/// A request that the chat depends on.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) role: Role,
    pub(super) url: String,
    /// The status of the reply.
    pub(super) status: Option<u16>,
    /// Why there was none.
    pub(super) failure: Option<String>,
}

impl Request {
    /// What went wrong with it.
    pub(super) fn fault(&self) -> Option<String> {
        match (&self.failure, self.status) {
            (_, Some(status)) if status >= 400 => Some(format!("it is answered by {status}")),
            (Some(why), _) => Some(why.clone()),
            _ => None,
        }
    }
}

/// An error on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// What kind of error it is, such as `uncaught exception`.
    pub(super) kind: &'static str,
    pub(super) text: String,
    /// The file that it is about.
    pub(super) url: String,
}
