//! What `inject` has to tell of pages that it cannot mend.

use super::consent::AwaitingConsent;
use super::examine::Examined;
use super::policy::Blocked;
use super::whereabouts::Whereabouts;

/// Gathers it; small, however many pages there are.
#[derive(Default)]
pub struct Notes {
    /// Tags that were left to consent tools.
    held: AwaitingConsent,
    /// Pages that forbid what their chat needs.
    blocked: Blocked,
}

impl Notes {
    pub(super) fn note(&self, examined: &Examined<'_>, whereabouts: &Whereabouts) {
        self.held.note(examined);
        self.blocked.note(examined, whereabouts);
    }

    /// What the user must know.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let held = self.held.notices().into_iter();
        held.chain(self.blocked.notice()).collect()
    }
}
