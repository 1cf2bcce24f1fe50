//! Links to pages that are handled by another path.

use super::examine::{Examined, Verdict};
use super::folder::FolderRules;
use crate::event::{Outcome, Skip};
use crate::rules;
use crate::store::PagePath;

/// What becomes of such a link. `examined` is the page by the link's path: one file cannot be right by two paths whose rules
/// ask for different things.
pub(super) fn outcome(
    examined: &Examined<'_>,
    other: &PagePath,
    other_rules: &FolderRules,
) -> Outcome {
    let handled = || Outcome::Skipped(Skip::LinkTo(other.to_string()));
    let here = match (&examined.verdict, &examined.assignment) {
        // Nobody knows what it should have by this path.
        (Verdict::Refuse(why), None) => return Outcome::Refused(why.clone()),
        (_, Some(here)) if other_rules.broken.is_none() => here,
        _ => return handled(),
    };
    let directive = examined.directive().ok().flatten();
    let page = rules::Page {
        path: other.as_bytes(),
        ..examined.to_rules(directive.as_ref())
    };
    let there = other_rules.rules.assign(&page);
    if here.wanted == there.wanted {
        return handled();
    }
    Outcome::Refused(format!(
        "it is a symbolic link to {other}, and its rules ({}) ask for something else there ({}), but one file cannot be both: \
         make it a file of its own, or let the rules agree",
        here.because, there.because
    ))
}
