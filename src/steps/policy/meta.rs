//! What the policies in a page itself forbid.

use std::sync::{Mutex, PoisonError};

use super::blocking::Needs;
use super::needs::{Chat, Lack, message, remedy};
use crate::csp::{Need, Policy};
use crate::html::Span;
use crate::run::Examined;
use crate::settings::Config;
use crate::steps::base_path::BasePath;

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

/// What the policies in a page forbid of what its chat needs; nothing where it has none, or is to have no chat.
#[must_use]
pub fn forbidden(
    examined: &Examined<'_>,
    base_path: &BasePath<'_>,
    config: &Config,
) -> Vec<Forbidden> {
    let facts = &examined.facts;
    let Some(chat) = Chat::of(examined).filter(|_| !facts.policies.is_empty()) else {
        return Vec::new();
    };
    let base = base_path.base_of(examined).map(|(_, href)| href.as_str());
    let needs = Needs::of(&chat, base, base_path.addresses_of(examined), config);
    let mut found = Vec::new();
    for policy in &facts.policies {
        let judge = Policy::of_meta(&policy.content, chat.nonce);
        let before = chat.place < policy.span.start;
        let blocked = needs.blocked_by(&judge, |need| !(before && matches!(need, Need::Tag(..))));
        found.extend(blocked.iter().map(|one| Forbidden {
            span: policy.span.clone(),
            message: message(&one.name, &one.value, &one.lacks),
            remedy: remedy(
                &one.name,
                &one.value,
                &one.lacks,
                "of that policy, in the page's template",
            ),
        }));
    }
    found
}

/// What the chat of a page needs, each once; nothing where it is to have none.
#[must_use]
pub fn needed(examined: &Examined<'_>, base_path: &BasePath<'_>, config: &Config) -> Vec<Lack> {
    let Some(chat) = Chat::of(examined) else {
        return Vec::new();
    };
    let base = base_path.base_of(examined).map(|(_, href)| href.as_str());
    let Some(page) = base_path.addresses_of(examined).into_iter().next() else {
        return Vec::new();
    };
    let wanted = chat.wanted(base, &page, config);
    let wanted = wanted.iter().enumerate();
    wanted.map(|(at, wanted)| wanted.lack(at, &page)).collect()
}

/// Pages whose own policy forbids what their chat needs: how many, and the first of them, with what it forbids.
#[derive(Default)]
pub(in crate::steps) struct Blocked(Mutex<Option<(u64, String, String)>>);

impl Blocked {
    pub(in crate::steps) fn note(
        &self,
        examined: &Examined<'_>,
        base_path: &BasePath<'_>,
        config: &Config,
    ) {
        let Some(forbidden) = forbidden(examined, base_path, config).into_iter().next() else {
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
    pub(in crate::steps) fn notice(&self) -> Option<String> {
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
