//! What one policy forbids of what a chat needs.

use url::Url;

use super::needs::{Chat, Lack, Wanted};
use crate::csp::{Need, Policy};
use crate::settings::Config;

/// A directive, and what it blocks.
pub(super) struct Blocking {
    pub(super) name: String,
    pub(super) value: Vec<String>,
    pub(super) lacks: Vec<Lack>,
}

/// What a chat needs, wherever its page may be.
pub(super) struct Needs<'e> {
    pages: Vec<Url>,
    /// For each of the pages.
    wanted: Vec<Vec<Wanted<'e>>>,
}

impl<'e> Needs<'e> {
    pub(super) fn of(
        chat: &Chat<'e>,
        base: Option<&str>,
        pages: Vec<Url>,
        config: &Config,
    ) -> Self {
        let wanted = pages.iter().map(|page| chat.wanted(base, page, config));
        let wanted = wanted.collect();
        Self { pages, wanted }
    }

    /// What a policy forbids at each address; only what is `asked` counts.
    pub(super) fn blocked_by(
        &self,
        judge: &Policy,
        asked: impl Fn(&Need<'_>) -> bool,
    ) -> Vec<Blocking> {
        let mut blocked: Vec<Blocking> = Vec::new();
        let (Some(page), Some(first)) = (self.pages.first(), self.wanted.first()) else {
            return blocked;
        };
        for (at, wanted) in first.iter().enumerate() {
            if !asked(&wanted.need) {
                continue;
            }
            // Where the site is need not be known: what is allowed at one of its addresses is allowed.
            let mut others = self.pages.iter().zip(&self.wanted).skip(1);
            let Some(directive) = judge
                .forbids(&wanted.need, page)
                .filter(|_| others.all(|(page, w)| judge.forbids(&w[at].need, page).is_some()))
            else {
                continue;
            };
            let lack = wanted.lack(at, page);
            match blocked.iter_mut().find(|one| one.name == directive.name) {
                Some(one) => one.lacks.push(lack),
                None => blocked.push(Blocking {
                    name: directive.name,
                    value: directive.value,
                    lacks: vec![lack],
                }),
            }
        }
        blocked
    }
}
