//! Tags that stay held back for consent by tools that may not be able to start them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::run::{Examined, Verdict};

/// Pages by the tool that holds their tag: how many, and one of them.
#[derive(Default)]
pub(super) struct AwaitingConsent(Mutex<BTreeMap<&'static str, (u64, String)>>);

impl AwaitingConsent {
    pub(super) fn note(&self, examined: &Examined<'_>) {
        if examined.tag.is_none() || !matches!(examined.verdict, Verdict::Plan(_)) {
            return;
        }
        let instances = examined.instances();
        let mut holds = instances.filter_map(crate::html::Instance::hold);
        let Some(hold) = holds.find(|hold| !hold.tool.starts_modules) else {
            return;
        };
        let mut by_tool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let path = examined.path().to_string();
        let (pages, first) = by_tool.entry(hold.tool.name).or_insert((0, path.clone()));
        *pages += 1;
        // Whatever order the pages are done in, the same one is named.
        if path < *first {
            *first = path;
        }
    }

    /// What the user must know of them.
    #[must_use]
    pub(super) fn notices(&self) -> Vec<String> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notice = |(tool, (pages, first)): (&&str, &(u64, String))| {
            let which = match pages {
                1 => format!("the tag of {first} stays"),
                more => format!("the tags of {more} pages, such as {first}, stay"),
            };
            format!(
                "{which} held back for consent by {tool}, which is not known to start ES modules: check that the chat starts \
                 when a visitor consents (`chathub explain held-instance`)"
            )
        };
        held.iter().map(notice).collect()
    }
}
