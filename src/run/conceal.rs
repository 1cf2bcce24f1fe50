//! What reports of pages must not show.

use crate::event::{Outcome, PageReport, Skip};
use crate::redact;

/// Paths are shown, and names of files may hold what must not be.
pub(super) fn conceal(page: &mut PageReport) {
    page.path = redact::mask(&page.path);
    match &mut page.outcome {
        Outcome::Skipped(Skip::LinkTo(other) | Skip::LinkToFolder(other)) => {
            *other = redact::mask(other);
        }
        Outcome::Refused(why) | Outcome::Failed(why) => *why = redact::mask(why),
        _ => {}
    }
    for change in &mut page.changes {
        *change = redact::mask(change);
    }
}
