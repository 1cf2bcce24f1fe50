//! What `inject` reports about pages that it cannot fix.

use super::base_path::BasePath;
use super::consent::AwaitingConsent;
use super::policy::{Blocked, Served};
use crate::redact;
use crate::run::Examined;
use crate::settings::Config;

/// Gathers it; small, however many pages there are.
#[derive(Default)]
pub(super) struct Notes {
    /// Tags that were left to consent tools.
    held: AwaitingConsent,
    /// Pages that forbid what their chat needs.
    blocked: Blocked,
    /// Hosts that forbid it.
    pub(super) served: Served,
}

impl Notes {
    pub(super) fn note(&self, examined: &Examined<'_>, base_path: &BasePath<'_>, config: &Config) {
        self.held.note(examined);
        self.blocked.note(examined, base_path, config);
        self.served.note(examined, base_path, config);
    }

    /// What the user must know, fit to be shown.
    pub(super) fn notices(&self) -> Vec<String> {
        let notices = self.held.notices().into_iter();
        let notices = notices.chain(self.blocked.notice());
        let blocks = self.served.blocks().into_iter().take(1);
        let notices = notices.chain(blocks.filter_map(|block| block.notice(&self.served)));
        notices.map(|notice| redact::of_page(&notice)).collect()
    }
}
