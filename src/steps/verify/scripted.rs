//! Findings on chats that are not put into a page by a tag that can be edited: by code, or out of reach.

use super::Subject;
use super::catalog as rules;
use super::page::{VerifyStep, because, until_stop};
use crate::event::Finding;
use crate::run::Examined;

impl VerifyStep<'_> {
    /// The vendor's tags that run where nothing is edited.
    pub(super) fn astray(
        &self,
        examined: &Examined<'_>,
        page: &Subject<'_>,
        findings: &mut Vec<Finding>,
    ) {
        for astray in until_stop(examined, &examined.facts.astray) {
            let rule = match (astray.is_in(examined.scope), &examined.tag) {
                (true, Some(_)) => &rules::DUPLICATE_INSTANCE,
                (true, None) => &rules::UNEXPECTED_INSTANCE,
                (false, Some(_)) => &rules::OTHER_CHAT_WIDGET,
                (false, None) => continue,
            };
            let message = format!("a {} inside {} runs", astray.kind.name(), astray.inside);
            findings.extend(self.demands.finding_at(rule, page, &astray.span, &message));
        }
    }

    /// Chats that no tag of the page tells of.
    pub(super) fn scripted(
        &self,
        examined: &Examined<'_>,
        page: &Subject<'_>,
        findings: &mut Vec<Finding>,
    ) {
        for scripted in until_stop(examined, &examined.facts.scripted) {
            let wanted = examined.tag.as_ref().map(|tag| tag.kind);
            let product = scripted.product;
            // As with its tag: where the site has none of ours, it is its author's business.
            if wanted.is_none() && product.is_some_and(|one| !examined.scope.manages(one)) {
                continue;
            }
            let beside = match wanted {
                Some(kind) => format!("beside the page's {}", kind.name()),
                None => format!("where there should be none, by {}", because(examined)),
            };
            let message = format!("{} adds {}, {beside}", scripted.by, scripted.phrase());
            findings.extend(self.demands.finding_at(
                &rules::DYNAMIC_LOADER_SUSPECTED,
                page,
                &scripted.span,
                &message,
            ));
        }
    }
}
