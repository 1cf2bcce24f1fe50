//! What came of the lists of a site: what has to be changed in each, and what there is to say about it.

use std::io;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::judge::State;
use super::site::{Found, Lists};
use super::{Format, Stamp, Written, unmarked};
use crate::store::{Content, PagePath, Store};

/// How many pages a sentence names.
const NAMED: usize = 5;

/// A list that does not say what is true, or cannot be read.
#[derive(Debug)]
pub struct Verdict {
    /// The list.
    pub path: PagePath,
    /// What would make it true again, as far as chathub made it untrue; in the order of the file.
    pub edits: Vec<(Range<usize>, String)>,
    /// What there is to say about it.
    pub wrongs: Vec<Wrong>,
    /// It is not changed, for this reason.
    pub kept: Option<&'static str>,
    format: Format,
    /// The edit is that of a stamp.
    is_stamp: bool,
    digest: [u8; 32],
}

/// Something that is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where in the list.
    pub span: Range<usize>,
    /// What, and what visitors get of it.
    pub message: String,
    /// What to do, where `inject` does not do it.
    pub remedy: String,
    /// The edits put it right.
    pub is_ours: bool,
}

impl Lists<'_> {
    /// What is wrong, list by list, when all pages are known.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        let mut lists = self.lists();
        lists.sort_by(|a, b| a.path.cmp(&b.path));
        let verdicts = lists.iter().map(Found::verdict);
        verdicts.filter(|v| !v.wrongs.is_empty()).collect()
    }

    /// Where they are.
    #[must_use]
    pub fn paths(&self) -> Vec<PagePath> {
        self.lists()
            .iter()
            .map(|found| found.path.clone())
            .collect()
    }

    /// Looks once more at what lists say about the runtime's files, which this run may have written or deleted; `store`: where.
    pub fn look_again(&self, store: &dyn Store) {
        for found in self.lists().iter_mut() {
            for judged in &mut found.claims {
                if judged.state != State::Right || !judged.is_asset {
                    continue;
                }
                let content = store.read(&store.at(&judged.page));
                judged.state = match content.map(|c| judged.claim.written.says(&c.bytes)) {
                    Ok(Some(now)) if now != judged.said => State::Outdated(now),
                    Ok(_) => State::Right,
                    Err(_) => State::Gone,
                };
            }
        }
    }
}

impl Found {
    fn verdict(&self) -> Verdict {
        let mut verdict = Verdict {
            path: self.path.clone(),
            edits: Vec::new(),
            wrongs: Vec::new(),
            kept: self.kept,
            format: self.format,
            is_stamp: !self.kept_pages.is_empty(),
            digest: self.digest,
        };
        if let Some(unreadable) = &self.unreadable {
            verdict.wrongs.push(Wrong {
                span: unreadable.at..unreadable.at,
                message: format!("{}: {}", unreadable.why, self.format.harm()),
                remedy: self.format.remedy(),
                is_ours: false,
            });
            return verdict;
        }
        let (mut outdated, mut foreign, mut gone) = (Named::new(), Named::new(), Named::new());
        for judged in &self.claims {
            let (span, page) = (&judged.claim.span, &judged.page);
            match &judged.state {
                State::Unseen | State::Right => {}
                State::Outdated(now) => {
                    verdict.edits.push((span.clone(), now.clone()));
                    let is_marked = unmarked(now) != now || unmarked(&judged.said) != judged.said;
                    let written = judged.claim.written;
                    let written = if is_marked { Written::Opaque } else { written };
                    outdated.add(span, page, written);
                }
                State::Foreign => foreign.add(span, page, judged.claim.written),
                State::Gone => gone.add(span, page, judged.claim.written),
            }
        }
        let harm = self.format.harm();
        verdict
            .wrongs
            .extend(outdated.wrong(self, true, |named, what| {
                let says = if what == Written::Opaque {
                    format!("the revision of {named} does not change with the page")
                } else {
                    format!(
                        "it has the {} of {named} from before chathub changed the page",
                        what.name()
                    )
                };
                format!("{says}: {harm}")
            }));
        verdict.wrongs.extend(foreign.wrong(self, false, |named, what| {
            format!(
                "its {} of {named} is that of neither the page nor the page without its chat, so another step changed the page after \
                 the list was written: {harm}",
                what.name()
            )
        }));
        verdict.wrongs.extend(gone.wrong(self, false, |named, _| {
            format!("it lists {named}, which is not there: {harm}")
        }));
        self.stamp(&mut verdict);
        verdict
    }

    /// A worker that keeps pages by name has a stamp that changes with them, as long as they have a chat.
    fn stamp(&self, verdict: &mut Verdict) {
        let pages = self.kept_pages.iter();
        let pages = pages.filter_map(|kept| Some((&kept.path, kept.seen?)));
        let has_chat = pages.clone().any(|(_, seen)| seen.has_chat);
        let wanted = has_chat.then(|| {
            let pages = pages.clone();
            Stamp::for_pages(pages.map(|(page, seen)| (page.as_bytes(), seen.digest)))
        });
        let Stamp { span, text } = &self.stamp;
        if wanted.as_deref().unwrap_or("") == text {
            return;
        }
        let mut named = Named::new();
        for (page, _) in pages {
            named.add(span, page, Written::Opaque);
        }
        let wrong = named.wrong(self, true, |named, _| {
            format!(
                "it keeps {named} by name, and browsers take up a worker only if its own bytes change, which they do not when chathub \
                 changes the page: {}",
                self.format.harm()
            )
        });
        verdict.wrongs.extend(wrong);
        verdict
            .edits
            .push((span.clone(), wanted.unwrap_or_default()));
    }
}

/// The pages that something is wrong about.
struct Named {
    first: Option<(Range<usize>, Written)>,
    names: Vec<String>,
    count: usize,
}

impl Named {
    fn new() -> Self {
        Self {
            first: None,
            names: Vec::new(),
            count: 0,
        }
    }

    fn add(&mut self, span: &Range<usize>, page: &PagePath, written: Written) {
        self.first.get_or_insert_with(|| (span.clone(), written));
        let name = format!("`{page}`");
        if !self.names.contains(&name) {
            self.count += 1;
            if self.names.len() < NAMED {
                self.names.push(name);
            }
        }
    }

    fn wrong(
        self,
        found: &Found,
        is_ours: bool,
        message: impl FnOnce(&str, Written) -> String,
    ) -> Option<Wrong> {
        let (span, written) = self.first?;
        let more = self.count - self.names.len();
        let mut listed = self.names;
        if more > 0 {
            let noun = if more == 1 { "file" } else { "files" };
            listed.push(format!("{more} more {noun}"));
        }
        let named = match listed.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        };
        Some(Wrong {
            span,
            message: message(&named, written),
            remedy: found.format.remedy(),
            is_ours,
        })
    }
}

impl Verdict {
    /// The list with its edits, from its content; none, if that is another by now.
    #[must_use]
    pub fn edited(&self, content: &[u8]) -> Option<Vec<u8>> {
        let digest: [u8; 32] = Sha256::digest(content).into();
        if digest != self.digest {
            return None;
        }
        let mut edited = Vec::with_capacity(content.len() + 64);
        let mut at = 0;
        for (span, text) in &self.edits {
            edited.extend_from_slice(content.get(at..span.start)?);
            edited.extend_from_slice(text.as_bytes());
            at = span.end;
        }
        edited.extend_from_slice(content.get(at..)?);
        Some(edited)
    }

    /// The list's content.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn content(&self, store: &dyn Store) -> io::Result<Content> {
        store.read(&store.at(&self.path))
    }

    /// What is changed in it, for the report.
    #[must_use]
    pub fn says(&self) -> String {
        let count = self.edits.len();
        match self.format {
            Format::Worker if self.is_stamp => "the stamp of the pages that it keeps".to_owned(),
            _ if count == 1 => "the digest of 1 file".to_owned(),
            _ => format!("the digests of {count} files"),
        }
    }
}

impl Format {
    /// What a visitor gets of a list that is wrong.
    fn harm(self) -> &'static str {
        match self {
            Self::Angular => {
                "Angular's service worker refuses this version, so returning visitors keep the pages that they have, and offline they \
                 get an error"
            }
            Self::Worker | Self::Precache => {
                "returning visitors keep the page that their browser has, with an old chat or none"
            }
            Self::Json | Self::Sums => "anyone who checks the files takes them for damaged",
        }
    }

    /// What makes it anew.
    fn remedy(self) -> String {
        match self {
            Self::Angular => "run `npx ngsw-config SITE ngsw-config.json` (with the base href, if there is one) after the last step that changes pages, or build the site anew and run `chathub inject` directly after that",
            Self::Worker | Self::Precache => "run what wrote it (`workbox injectManifest`, `workbox generateSW`, or the generator's plugin) after the last step that changes pages, or build the site anew and run `chathub inject` directly after that",
            Self::Json | Self::Sums => "run what wrote it after the last step that changes pages",
        }
        .to_owned()
    }
}
