//! The lists of one site, held against its pages while these are handled, so that none is read a second time.
//!
//! A folder's lists are met before its pages, and only pages that a list names are hashed: before and after what the run does
//! with them. Where a list has the digest of the page as it was, or as it is without its chat, the list was right and is brought in
//! line. Where it has neither, some other step changed the page after the list was written: that is somebody else's mistake, which
//! is reported and never covered up.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use super::judge::{Judge, Page, State};
use super::{Addresses, Claim, Format, List, MOST, Stamp, Unreadable};
use crate::settings::Config;
use crate::store::{Handle, Kind, PagePath, Store};

/// Gathers what the lists of a site say about its pages.
pub struct Lists<'a> {
    store: &'a dyn Store,
    config: &'a Config,
    /// There is a list.
    any: AtomicBool,
    /// Which lists name a page.
    named: RwLock<HashMap<PagePath, Vec<Place>>>,
    found: Mutex<Vec<Found>>,
}

/// A list, and a claim in it; none: it names the page and no more.
type Place = (usize, Option<usize>);

/// A list that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PagePath,
    pub(super) format: Format,
    /// It is not written, for this reason.
    pub(super) kept: Option<&'static str>,
    pub(super) unreadable: Option<Unreadable>,
    /// Of its content.
    pub(super) digest: [u8; 32],
    pub(super) claims: Vec<Judged>,
    /// Pages that it keeps by name alone, by their paths.
    pub(super) kept_pages: Vec<KeptPage>,
    /// The stamp that it has, and where that is, or would be.
    pub(super) stamp: Stamp,
}

/// A page that a worker keeps by its name alone.
#[derive(Debug)]
pub(super) struct KeptPage {
    pub(super) path: PagePath,
    /// Once it has been seen.
    pub(super) seen: Option<Seen>,
}

/// A page that has been seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) digest: [u8; 32],
    pub(super) has_chat: bool,
}

/// A claim about a page, and what came of it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) claim: Claim,
    /// What it says.
    pub(super) said: String,
    pub(super) page: PagePath,
    /// It is not about a page but about a file of the runtime.
    pub(super) is_asset: bool,
    pub(super) state: State,
}

impl<'a> Lists<'a> {
    /// Those of a site.
    #[must_use]
    pub fn new(store: &'a dyn Store, config: &'a Config) -> Self {
        Self {
            store,
            config,
            any: AtomicBool::new(false),
            named: RwLock::default(),
            found: Mutex::default(),
        }
    }

    /// Takes up a file that may be a list, before the pages in its folder, and what it imports.
    pub fn meet(&self, file: &Handle) {
        let Some(format) = Format::of(&file.path.file_name()) else {
            return;
        };
        for imported in self.meet_as(file, format) {
            // Lists that tools write import no others.
            let format = Format::of(&imported.file_name()).unwrap_or(Format::Worker);
            self.meet_as(&self.store.at(&imported), format);
        }
    }

    /// Takes up a file of this format; the scripts of the site that it imports.
    fn meet_as(&self, file: &Handle, format: Format) -> Vec<PagePath> {
        let is_known = |lists: &[Found]| lists.iter().any(|found| found.path == file.path);
        if is_known(&self.lists()) {
            return Vec::new();
        }
        let mut found = Found {
            path: file.path.clone(),
            format,
            kept: None,
            unreadable: None,
            digest: [0; 32],
            claims: Vec::new(),
            kept_pages: Vec::new(),
            stamp: Stamp::default(),
        };
        let list = self.read(file, format, &mut found);
        let list = list.unwrap_or_else(|unreadable| {
            // Whether it is one at all, nothing but its content tells; of this name alone it is known.
            found.unreadable = (format == Format::Angular).then_some(unreadable);
            (Vec::new(), List::default())
        });
        let imports = self.resolve(list, &mut found);
        let is_empty =
            found.claims.is_empty() && found.kept_pages.is_empty() && found.stamp.text.is_empty();
        if !is_empty || found.unreadable.is_some() {
            found.kept = self.kept(file, format);
            self.add(found);
        }
        imports
    }

    fn read(
        &self,
        file: &Handle,
        format: Format,
        found: &mut Found,
    ) -> Result<(Vec<u8>, List), Unreadable> {
        let failed = |why: String| Unreadable { why, at: 0 };
        if let Kind::File(size) = self.store.kind(&file.path)
            && size > MOST
        {
            let most = MOST >> 20;
            return Err(failed(format!("it has more than {most} MiB")));
        }
        let content = self.store.read(file);
        let bytes = content.map_err(|error| failed(error.to_string()))?.bytes;
        found.digest = Sha256::digest(&bytes).into();
        let list = format.read(&bytes)?;
        Ok((bytes, list))
    }

    /// Why a list is not written, even if it is wrong.
    fn kept(&self, file: &Handle, format: Format) -> Option<&'static str> {
        if !file.is_own() {
            return Some("a symbolic link leads to it");
        }
        match format {
            Format::Precache => {
                Some("its name has the digest of its content, and browsers may keep it by its name")
            }
            Format::Sums | Format::Json => {
                let signed = [".asc", ".gpg", ".sig", ".sign", ".minisig"]
                    .iter()
                    .any(|end| {
                        let path = [file.path.as_bytes(), end.as_bytes()].concat();
                        matches!(self.store.kind(&PagePath::from_bytes(path)), Kind::File(_))
                    });
                signed.then_some("it is signed")
            }
            Format::Angular | Format::Worker => None,
        }
    }

    /// Finds the files that a list names; those that it imports.
    fn resolve(&self, (bytes, list): (Vec<u8>, List), found: &mut Found) -> Vec<PagePath> {
        let asset_dir = &self.config.placeholder.asset_dir;
        let base_url = &self.config.placeholder.base_url;
        let extensions = &self.config.pages.extensions;
        let is_file = |path: &PagePath| matches!(self.store.kind(path), Kind::File(_));
        let urls = list.claims.iter().map(|claim| claim.url.as_str());
        let urls = urls.chain(list.names.iter().map(String::as_str));
        let addresses = Addresses::new(&found.path, base_url, extensions, &is_file, urls);
        for claim in list.claims {
            let said = String::from_utf8_lossy(&bytes[claim.span.clone()]).into_owned();
            let page = addresses.file(&claim.url);
            let is_asset = page.is_none();
            let Some(page) = page.or_else(|| addresses.asset(&claim.url, asset_dir)) else {
                continue;
            };
            let state = if is_asset {
                self.asset(&page, &claim, &said)
            } else {
                State::Unseen
            };
            found.claims.push(Judged {
                claim: Claim {
                    url: String::new(),
                    ..claim
                },
                said,
                page,
                is_asset,
                state,
            });
        }
        let pages = list.names.iter().filter_map(|url| addresses.file(url));
        let pages: BTreeSet<PagePath> = pages.collect();
        let kept = |path| KeptPage { path, seen: None };
        found.kept_pages = pages.into_iter().map(kept).collect();
        found.stamp = list.stamp;
        let imports = list.imports.iter();
        imports.filter_map(|url| addresses.script(url)).collect()
    }

    /// What a list says about a file of the runtime: as it is before the run.
    fn asset(&self, asset: &PagePath, claim: &Claim, said: &str) -> State {
        let bytes = self.store.read(&self.store.at(asset));
        match bytes.map(|content| claim.written.says(&content.bytes)) {
            Ok(Some(now)) if now == *said => State::Right,
            Ok(Some(_)) if claim.is_sure => State::Foreign,
            Ok(_) => State::Right,
            Err(_) => State::Gone,
        }
    }

    fn add(&self, found: Found) {
        // In this order, as wherever both are held.
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let mut lists = self.lists();
        let list = lists.len();
        for (index, judged) in found.claims.iter().enumerate() {
            if judged.state == State::Unseen {
                let claims = named.entry(judged.page.clone()).or_default();
                claims.push((list, Some(index)));
            }
        }
        for page in &found.kept_pages {
            let places = named.entry(page.path.clone()).or_default();
            places.push((list, None));
        }
        lists.push(found);
        self.any.store(true, Ordering::Release);
    }

    pub(super) fn lists(&self) -> MutexGuard<'_, Vec<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a page is named by a list.
    #[must_use]
    pub fn name(&self, path: &PagePath) -> bool {
        self.any.load(Ordering::Acquire)
            && self
                .named
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains_key(path)
    }

    /// Holds the lists against a page that they [name](Self::name).
    pub fn note(&self, page: &Page<'_>) {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let Some(places) = named.get(page.path) else {
            return;
        };
        let asked: Vec<Option<(Claim, String, Format)>> = {
            let lists = self.lists();
            let claim = |(list, index): &Place| {
                let found = &lists[*list];
                let judged = &found.claims[(*index)?];
                Some((judged.claim.clone(), judged.said.clone(), found.format))
            };
            places.iter().map(claim).collect()
        };
        // Hashing needs nobody else to wait.
        let mut judge = Judge::of(page);
        let answers: Vec<Option<State>> = asked
            .iter()
            .map(|claim| {
                let (claim, said, format) = claim.as_ref()?;
                Some(judge.state(claim, said, *format))
            })
            .collect();
        let seen = answers.contains(&None).then(|| Seen {
            digest: Sha256::digest(page.new).into(),
            has_chat: page.has_chat,
        });
        let mut lists = self.lists();
        for ((list, index), state) in places.iter().zip(answers) {
            let found = &mut lists[*list];
            if let (Some(index), Some(state)) = (index, state) {
                found.claims[*index].state = state;
                continue;
            }
            let kept = &mut found.kept_pages;
            if let Ok(at) = kept.binary_search_by(|kept| kept.path.cmp(page.path)) {
                kept[at].seen = seen;
            }
        }
    }

    /// Pages that lists name and that were handled before these were met.
    #[must_use]
    pub fn unseen(&self) -> BTreeSet<PagePath> {
        let mut pages = BTreeSet::new();
        if self.any.load(Ordering::Acquire) {
            for found in self.lists().iter() {
                let claims = found.claims.iter();
                let claims = claims.filter(|judged| judged.state == State::Unseen);
                pages.extend(claims.map(|judged| judged.page.clone()));
                let kept = found.kept_pages.iter();
                let kept = kept.filter(|kept| kept.seen.is_none());
                pages.extend(kept.map(|kept| kept.path.clone()));
            }
        }
        pages
    }
}
