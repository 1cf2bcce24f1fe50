//! `inject` and `remove` as the last step of a run: what they do with a site before its pages, and after them. What they do
//! with a page stands in [`write`](super::write).

use std::io;
use std::sync::{Mutex, PoisonError};

use super::assets::{AssetError, Assets};
use super::base_path::BasePath;
use super::following::{Followed, Following};
use super::hosting::{address_notices, consent_notice, hosting_notice, left_behind};
use super::notes::Notes;
use super::policy::Served;
use crate::csp::Host;
use crate::derived::Lists;
use crate::redact;
use crate::run::Purpose;
use crate::settings::{Config, Manifests, Siblings};
use crate::store::Store;

/// Writes pages; see the module.
pub struct InjectStep<'a> {
    /// Whether each change is shown as a unified diff.
    pub diff: bool,
    /// What happens to compressed copies of changed pages.
    pub siblings: Siblings,
    /// Where pages go.
    pub(super) store: &'a dyn Store,
    pub(super) config: &'a Config,
    pub(super) purpose: Purpose,
    /// Whether rules files in the site are deleted.
    pub(super) remove_config_files: bool,
    /// The runtime, where pages go.
    pub(super) assets: Assets<'a>,
    /// Gathers where the site is.
    pub(super) base_path: BasePath<'a>,
    /// Gathers what the chat follows visitors by.
    pub(super) following: Following<'a>,
    /// Rules files that were met, and what became of them.
    pub(super) config_files: Mutex<Vec<String>>,
    /// Gathers what the user must know of the pages.
    pub(super) notes: Notes,
    /// Gathers what lists say about pages.
    pub(super) lists: Lists<'a>,
    /// What happens to them.
    pub(super) manifests: Manifests,
}

/// What there is to be told of a site when all pages are done.
#[derive(Debug, Default)]
pub struct Ending {
    /// Files other than pages that were written or deleted.
    pub files: Vec<String>,
    /// Sentences that the user must read.
    pub notices: Vec<String>,
    /// Sentences that the user may want to read.
    pub remarks: Vec<String>,
    /// Unified diffs of files other than pages, where they were asked for.
    pub diffs: Vec<String>,
    /// Something could not be written.
    pub is_incomplete: bool,
}

/// Why a site could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// See [`AssetError`].
    #[error("the runtime cannot be written")]
    Runtime(#[source] AssetError),
    /// See [`AssetError`].
    #[error("the route file cannot be written")]
    Routes(#[source] AssetError),
    /// See [`AssetError`].
    #[error("the runtime cannot be deleted")]
    RemoveAssets(#[source] AssetError),
    /// The file system refused.
    #[error("the folders of the copy cannot be given their modes")]
    Copy(#[source] io::Error),
}

impl<'a> InjectStep<'a> {
    /// A step that writes to this store.
    #[must_use]
    pub fn new(store: &'a dyn Store, config: &'a Config, purpose: Purpose) -> Self {
        Self {
            diff: false,
            purpose,
            remove_config_files: config.remove_config_files && purpose == Purpose::Ensure,
            siblings: config.compressed_siblings,
            store,
            config,
            assets: Assets::written(store, config),
            base_path: BasePath::new(store),
            following: Following::of(store, config),
            config_files: Mutex::default(),
            notes: Notes::default(),
            lists: Lists::new(store, config),
            manifests: config.derived.manifests,
        }
    }

    /// With the hosts whose policies pages are to be judged by.
    #[must_use]
    pub fn served_by(mut self, hosts: Vec<Host>) -> Self {
        self.notes.served = Served::by(hosts);
        self
    }

    /// Makes sure, before a page gets anything, that nothing is in the way. Returns what the user must know.
    ///
    /// # Errors
    ///
    /// See [`AssetError`].
    pub fn begin(&self) -> Result<Option<String>, AssetError> {
        if !self.config.may_need_runtime() || self.purpose != Purpose::Ensure {
            return Ok(None);
        }
        Assets::new(self.store, self.config).check()?;
        Ok(hosting_notice(self.store, self.config))
    }

    /// What the chat follows visitors by, when all pages are done.
    #[must_use]
    pub fn followed(&self) -> Followed {
        self.following.finish()
    }

    /// Ends a run over some of the pages, and all lists. What follows from all pages, such as the route file, stays as it is.
    #[must_use]
    pub fn end_of_some(self) -> Ending {
        let mut ending = Ending {
            files: self.assets.done(),
            ..Ending::default()
        };
        self.end_lists(&mut ending);
        ending.notices.extend(self.notes.notices());
        ending
    }

    /// Completes the site when all pages are done. `prune`: the runtime's files of other versions go. `interrupted`: pages
    /// are left; `whole`: none had to be left as it was.
    ///
    /// # Errors
    ///
    /// If a file cannot be written or deleted.
    pub fn end(self, prune: bool, interrupted: bool, whole: bool) -> Result<Ending, EndError> {
        let takes_out = self.purpose == Purpose::Remove;
        let mut ending = Ending::default();
        let (files, notices) = (&mut ending.files, &mut ending.notices);
        if self.store.copy().is_some() {
            self.assets.settle().map_err(EndError::Runtime)?;
        }
        files.extend(self.assets.done());
        if !interrupted {
            match self.followed() {
                Followed::Routes(routes) => {
                    files.extend(self.assets.write_routes(&routes).map_err(EndError::Routes)?);
                }
                Followed::Lost(lost) => notices.push(format!(
                    "{}: visitors keep the chat of the page by which they entered; set placeholder.route-file = \"always\"",
                    lost.says()
                )),
                Followed::Nothing => {}
            }
        }
        // Only when no page is left that loads it.
        if whole && !interrupted && (takes_out || prune) {
            let removed = self.assets.remove(!takes_out);
            files.extend(removed.map_err(EndError::RemoveAssets)?);
        }
        // A copy that was interrupted is for nobody.
        if !(interrupted && self.store.copy().is_some()) {
            self.end_lists(&mut ending);
        }
        let notices = &mut ending.notices;
        if self.purpose == Purpose::Ensure {
            let address = address_notices(&self.base_path, self.config);
            notices.extend(address.iter().map(|notice| redact::of_page(notice)));
            notices.extend(left_behind(&self.assets, self.config));
            notices.extend(consent_notice(self.config));
        }
        notices.extend(self.notes.notices());
        // A copy that was interrupted is for nobody.
        if !interrupted {
            notices.extend(self.store.finish().map_err(EndError::Copy)?);
        }
        let config_files = self.config_files.into_inner();
        let mut config_files = config_files.unwrap_or_else(PoisonError::into_inner);
        config_files.sort();
        if self.remove_config_files {
            ending.files.extend(config_files);
        } else if self.purpose == Purpose::Ensure && !config_files.is_empty() {
            ending.remarks.push(format!(
                "{} would be deployed with the site; --remove-config-files, in the last run before that, deletes such files",
                config_files.join(", ")
            ));
        }
        Ok(ending)
    }
}
