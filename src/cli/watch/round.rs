//! One run over the pages that a change is about: `inject`, of a site that may be being written.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;

use super::super::hosts::hosts;
use super::super::say::say;
use super::super::session::pool;
use super::extent::Extent;
use super::hand::Hand;
use super::lines::Lines;
use super::setup::Setup;
use crate::event::{Outcome, PageReport};
use crate::report::escape;
use crate::run::{
    BrokenRules, Examined, Examiner, FolderFiles, Job, Purpose, Step, Stepped, Verdict, report, run,
};
use crate::steps::{Assets, InjectStep};
use crate::store::{Folder, Handle, PagePath, Store, WriteError};
use crate::watch::QUIET;

/// How long ago a page must have been written last: the program that has just begun it may not be done, and would write the rest
/// into a file that is no longer there.
const YOUNG: Duration = QUIET;

/// What is known of the site from the runs before.
#[derive(Default)]
pub(super) struct Known {
    files: Option<FolderFiles>,
    /// What the folder of the runtime held of ours when a run found all of it right; see [`Assets::ours`]. What a run has written
    /// itself is not known to be still there, so that is looked at again.
    assets: Option<Vec<(String, u64)>>,
    /// What pages may be followed by, where the site has a route file; hashes of paths and of that.
    routes: HashMap<u64, u64>,
    /// Folders with pages.
    folders: HashSet<u64>,
    hasher: RandomState,
    /// Organizations that pages use.
    used: BTreeSet<String>,
}

/// What is left to do after a run.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Pages that somebody may still be writing.
    pub(super) young: BTreeSet<PagePath>,
    /// Pages that need a token that there is not.
    pub(super) lacking: Vec<PageReport>,
    /// The site as a whole is another, so all pages have to be looked at.
    pub(super) all: bool,
    /// How many pages there were.
    pub(super) pages: u64,
}

/// `inject`, but for pages that somebody may still be writing.
struct Careful<'a> {
    step: InjectStep<'a>,
    young: Mutex<BTreeSet<PagePath>>,
}

impl Step for Careful<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let would_write =
            matches!(&examined.verdict, Verdict::Plan(plan) if !plan.edits.is_empty());
        if would_write && examined.version.is_younger_than(YOUNG) {
            let mut young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
            young.insert(examined.path().clone());
            drop(young);
            return Stepped::Done(report(examined.path(), Outcome::Unchanged));
        }
        self.step.page(examined)
    }

    fn alias(&self, examined: &Examined<'_>, other: &PagePath, page: PageReport) -> Stepped {
        self.step.alias(examined, other, page)
    }

    fn reported(&self, page: &mut PageReport) {
        self.step.reported(page);
    }

    fn list(&self, file: &Handle) {
        self.step.list(file);
    }

    fn unseen(&self) -> BTreeSet<PagePath> {
        self.step.unseen()
    }

    fn look_again(&self, examined: &Examined<'_>) {
        self.step.look_again(examined);
    }

    fn leftover(&self, file: &Handle) {
        self.step.leftover(file);
    }

    fn folder_config(&self, file: &Handle) -> Result<(), WriteError> {
        self.step.folder_config(file)
    }
}

impl Known {
    /// Whether something of this is not as the last run left it.
    pub(super) fn is_another(&self, extent: &Extent, setup: &Setup) -> bool {
        let gone = |path: &PagePath| self.folders.contains(&self.hash(path.as_bytes()));
        let store = Folder::new(&setup.site);
        let assets = || Assets::new(&store, &setup.settings.config).ours();
        extent.gone.iter().any(gone) || extent.assets && self.assets.as_ref() != Some(&assets())
    }

    /// Runs over these pages. `announced`: what it comes to is said even if nothing changes.
    pub(super) fn round(
        &mut self,
        setup: &Setup,
        extent: &Extent,
        hand: &Hand,
        lines: &mut Lines,
        announced: bool,
    ) -> anyhow::Result<Left> {
        let config = &setup.settings.config;
        let store = Folder::new(&setup.site);
        let _lock = store.lock(&|| {
            say(format_args!(
                "another chathub is at work on {}: waiting for it",
                escape(&setup.site.display().to_string())
            ));
        });
        let in_hand = hand.take();
        let examiner = Examiner::new(config, setup.tags(), setup.purpose())?;
        let files = FolderFiles::after(self.files.take());
        let hosts = match setup.purpose() {
            Purpose::Ensure => hosts(config, &setup.site)?,
            _ => Vec::new(),
        };
        let step = InjectStep::new(&store, config, setup.purpose()).served_by(hosts);
        let hosting = step.begin()?;
        let careful = Careful {
            step,
            young: Mutex::default(),
        };
        let job = Job {
            store: &store,
            config,
            rules: &setup.rules,
            examiner: &examiner,
            cancel: hand.cancel(),
            folder_files: &files,
        };
        let mut left = Left::default();
        let mut missing = extent.pages.clone();
        let found = extent.all.then(|| Assets::new(&store, config).ours());
        if extent.all {
            self.forget();
        }
        let mut incomplete = false;
        let mut said = lines.run(extent.all, announced);
        let sink = |page: PageReport| {
            missing.remove(&PagePath::from(&*page.path));
            let young = careful.young.lock().unwrap_or_else(PoisonError::into_inner);
            let is_young = young.iter().any(|young| young.to_string() == page.path);
            drop(young);
            // A page that is left for the moment has the route that it had.
            left.all |= !is_young && self.note(&page, config.has_routes()) && !extent.all;
            incomplete |= matches!(page.outcome, Outcome::Failed(_) | Outcome::Refused(_));
            match &page.outcome {
                // A page that changes again and again, or is gone, is being written.
                Outcome::Failed(_) if is_in_flux(&store, &setup.site, &page) => {
                    left.young.insert(PagePath::from(&*page.path));
                }
                Outcome::Refused(_) if lacks_token(setup, &page) => left.lacking.push(page),
                _ => said.page(&page),
            }
        };
        let ran = pool(&setup.settings)?.install(|| run(&job, extent.selection(), &careful, sink));
        if let Err(error) = ran {
            drop(in_hand);
            self.files = Some(files);
            // It is about to be written anew.
            return if error.kind() == io::ErrorKind::NotFound {
                Ok(left)
            } else {
                Err(error).with_context(|| setup.site.display().to_string())
            };
        }
        left.pages = said.pages;
        left.all |= missing.iter().any(|page| self.forget_page(page)) && !extent.all;
        let young = careful.young.into_inner();
        left.young
            .extend(young.unwrap_or_else(PoisonError::into_inner));
        let ending = if extent.all {
            careful
                .step
                .end(false, hand.cancel().is_set(), !incomplete)?
        } else {
            careful.step.end_of_some()
        };
        said.end(&ending.files);
        drop(in_hand);
        if !ending.files.is_empty() {
            self.assets = None;
        } else if found.is_some() {
            self.assets = found;
        }
        let mut notices: Vec<String> = hosting.into_iter().chain(ending.notices).collect();
        if extent.all {
            notices.extend(setup.notices(|name| self.used.contains(name)));
            notices.extend(ending.remarks);
            let brackets = files.brackets(&setup.rules);
            notices.extend(brackets.iter().map(ToString::to_string));
        }
        for notice in notices {
            lines.notice(&notice);
        }
        for error in files.take_broken() {
            match error {
                BrokenRules::Config(error) => say(error.render(setup.settings.color_errors)),
                other => say(format_args!("error: {}", escape(&other.to_string()))),
            }
        }
        self.files = Some(files);
        Ok(left)
    }

    fn forget(&mut self) {
        self.routes.clear();
        self.folders.clear();
        self.used.clear();
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        self.hasher.hash_one(bytes)
    }

    /// Takes note of a page; whether the route file may have to say something else of it.
    fn note(&mut self, page: &PageReport, has_routes: bool) -> bool {
        for organization in page.organizations.names() {
            if !self.used.contains(organization) {
                self.used.insert(organization.to_owned());
            }
        }
        if !has_routes {
            return false;
        }
        let path = self.hash(page.path.as_bytes());
        let Some(route) = &page.route else {
            return self.routes.remove(&path).is_some();
        };
        let folders = page.path.match_indices('/').map(|(at, _)| &page.path[..at]);
        for folder in folders {
            let hash = self.hash(folder.as_bytes());
            self.folders.insert(hash);
        }
        let route = self.hash(route.as_bytes());
        self.routes.insert(path, route) != Some(route)
    }

    /// Takes note that there is no such page; whether there was.
    fn forget_page(&mut self, page: &PagePath) -> bool {
        let hash = self.hash(page.as_bytes());
        self.routes.remove(&hash).is_some()
    }
}

/// Whether a page that failed is one that somebody is writing, or has deleted.
fn is_in_flux(store: &Folder, site: &Path, page: &PageReport) -> bool {
    let path = PagePath::from(&*page.path);
    match fs::metadata(site.join(path.to_path())) {
        Ok(_) => store
            .read(&store.at(&path))
            .is_ok_and(|content| content.version.is_younger_than(YOUNG * 2)),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn lacks_token(setup: &Setup, page: &PageReport) -> bool {
    let mut organizations = page.organizations.names();
    organizations.any(|organization| !setup.has_token_of(organization))
}
