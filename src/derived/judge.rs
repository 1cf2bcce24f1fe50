//! Whether what a list says about a page is true, was true, or never was.

use std::cell::OnceCell;

use super::{Claim, Format, Written, mark, unmarked};
use crate::store::PagePath;

/// What becomes of a page.
pub struct Page<'p> {
    /// Its path.
    pub path: &'p PagePath,
    /// As it was before this run.
    pub old: &'p [u8],
    /// As it is after it.
    pub new: &'p [u8],
    /// Whether it has a chat then.
    pub has_chat: bool,
    /// As it would be without a chat; none where that is the same, or cannot be told.
    pub bare: &'p dyn Fn() -> Option<Vec<u8>>,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// The page has not been seen.
    Unseen,
    /// It is true.
    Right,
    /// It was true of the page before chathub changed it. This would be true now.
    Outdated(String),
    /// It was true neither of the page as it was nor of the page without its chat.
    Foreign,
    /// The file is not there any more.
    Gone,
}

/// Judges claims about one page; each of its versions is hashed once per digest.
pub(super) struct Judge<'p> {
    page: &'p Page<'p>,
    bare: OnceCell<Option<Vec<u8>>>,
    digests: Vec<(Written, Version, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Old,
    New,
    Bare,
}

impl<'p> Judge<'p> {
    pub(super) fn of(page: &'p Page<'p>) -> Self {
        Self {
            page,
            bare: OnceCell::new(),
            digests: Vec::new(),
        }
    }

    pub(super) fn state(&mut self, claim: &Claim, said: &str, format: Format) -> State {
        let written = claim.written;
        let Some(now) = self.says(written, Version::New) else {
            return self.marked(said);
        };
        if said == now {
            return State::Right;
        }
        let was = |version, judge: &mut Self| judge.says(written, version).as_deref() == Some(said);
        if was(Version::Old, self) || was(Version::Bare, self) {
            return State::Outdated(now);
        }
        match format {
            _ if claim.is_sure => State::Foreign,
            // It only looks like a digest: a commit's hash.
            Format::Worker | Format::Precache => self.marked(said),
            // It may be of anything.
            _ => State::Right,
        }
    }

    /// A revision that does not come from the page's content.
    fn marked(&self, said: &str) -> State {
        let wanted = if self.page.has_chat {
            mark(said, self.page.new)
        } else {
            unmarked(said).to_owned()
        };
        if said == wanted {
            State::Right
        } else {
            State::Outdated(wanted)
        }
    }

    fn says(&mut self, written: Written, version: Version) -> Option<String> {
        let known = self.digests.iter();
        let mut known = known.filter(|(w, v, _)| (*w, *v) == (written, version));
        if let Some((_, _, says)) = known.next() {
            return Some(says.clone());
        }
        let bytes = match version {
            Version::Old => self.page.old,
            Version::New => self.page.new,
            Version::Bare => self.bare.get_or_init(self.page.bare).as_deref()?,
        };
        let says = written.says(bytes)?;
        self.digests.push((written, version, says.clone()));
        Some(says)
    }
}
