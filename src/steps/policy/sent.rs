//! What the policies that really came with a page forbid.

use url::Url;

use super::blocking::Needs;
use super::needs::{Chat, message, remedy};
use crate::csp::{Kind, Policy};
use crate::run::Examined;
use crate::settings::Config;

/// What these headers, which came with the page at this address, forbid of what its chat needs: each as a message and a remedy.
#[must_use]
pub fn forbidden_by(
    examined: &Examined<'_>,
    page: &Url,
    config: &Config,
    sent: &[(Kind, &str)],
) -> Vec<(String, String)> {
    let Some(chat) = Chat::of(examined).filter(|_| !sent.is_empty()) else {
        return Vec::new();
    };
    let base = examined.facts.base.as_ref().map(|(_, href)| href.as_str());
    let needs = Needs::of(&chat, base, vec![page.clone()], config);
    let mut found = Vec::new();
    for (kind, value) in sent {
        let (policy, of) = match kind {
            Kind::Policy => (
                Policy::of_header(value, chat.nonce),
                "of the header `Content-Security-Policy`",
            ),
            Kind::Integrity => (
                Policy::of_integrity(value),
                "of the header `Integrity-Policy`",
            ),
        };
        let blocked = needs.blocked_by(&policy, |_| true).into_iter();
        found.extend(blocked.map(|one| {
            let message = message(&one.name, &one.value, &one.lacks);
            (
                format!("{}: {message}", kind.name()),
                remedy(&one.name, &one.value, &one.lacks, of),
            )
        }));
    }
    found
}
