//! Links to pages that are handled by another path, and pages that visitors reach by a link to their folder as well.

use super::examine::{Examined, Verdict};
use super::folder::FolderRules;
use crate::event::{Outcome, Skip};
use crate::rules::{self, Because};
use crate::store::{Alias, PagePath};

/// What becomes of such a page. `examined` is the page by the link's path: one file cannot be right by two paths whose rules
/// ask for different things.
pub(super) fn outcome(examined: &Examined<'_>, link: &Alias, other_rules: &FolderRules) -> Outcome {
    let other = &link.other;
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
    if here.wanted == there.wanted || is_decided_behind(link, &there.because) {
        return handled();
    }
    let what = match link.through {
        Some(_) => "a symbolic link to a folder leads to it, and it is",
        None => "it is a symbolic link to",
    };
    Outcome::Refused(format!(
        "{what} {other}, and its rules ({}) ask for something else there ({}), but one file cannot be both: \
         make it a file of its own, or let the rules agree",
        here.because, there.because
    ))
}

/// Whether the rules of a page behind a link to a folder may ask for something else by its other path; the page is not read.
pub(super) fn may_differ(link: &Alias, rules: &FolderRules, other_rules: &FolderRules) -> bool {
    if rules.broken.is_some() || other_rules.broken.is_some() {
        return false;
    }
    if rules.rules.asks_language() || other_rules.rules.asks_language() {
        return true;
    }
    let page = |path| rules::Page {
        path,
        lang: None,
        directive: None,
    };
    let here = rules.rules.assign(&page(link.page.file.path.as_bytes()));
    let there = other_rules.rules.assign(&page(link.other.as_bytes()));
    here.wanted != there.wanted && !is_decided_behind(link, &there.because)
}

/// Whether a rule decides that the folder has, to which a link leads, or one below it: such rules are the same by both paths.
fn is_decided_behind(link: &Alias, because: &Because) -> bool {
    let (Some(folder), Because::Rule { place }) = (&link.through, because) else {
        return false;
    };
    let is_behind = |path: &PagePath| {
        let rest = path.as_bytes().strip_prefix(folder.as_bytes());
        rest.is_some_and(|rest| folder.as_bytes().is_empty() || matches!(rest, [] | [b'/', ..]))
    };
    let innermost = link.other_rules.as_deref();
    let mut files = std::iter::successors(innermost, |file| file.above.as_deref());
    files.any(|file| is_behind(&file.folder) && file.file.path.to_string() == *place.file)
}
