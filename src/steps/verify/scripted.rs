//! Findings on chats that inline scripts add by code.

use super::Subject;
use super::catalog as rules;
use super::page::{VerifyStep, because, until_stop};
use crate::event::Finding;
use crate::run::Examined;

impl VerifyStep<'_> {
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
            let message = format!("a script adds {}, {beside}", scripted.phrase());
            findings.extend(self.demands.finding_at(
                &rules::DYNAMIC_LOADER_SUSPECTED,
                page,
                &scripted.span,
                &message,
            ));
        }
    }
}
