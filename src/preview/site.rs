//! One look at the site's folder and its configuration, and the pages that come out of it.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use serde::Serialize;

use super::PreviewError;
use super::path::Roots;
use super::stand_in;
use crate::event::{Organizations, Outcome, PageReport};
use crate::redact;
use crate::rules::{Because, RuleSet};
use crate::run::{
    BrokenRules, Examined, Examiner, FolderFiles, Found, Job, Purpose, Selection, Step, Stepped,
    Tags, Verdict, report, run,
};
use crate::settings::{Config, Placeholder, Siblings};
use crate::steps::{Followed, InjectStep, RouteFile, render};
use crate::store::Cancel;
use crate::store::{Dry, Folder, Kind, PagePath, Store as _};
use crate::token::DEVELOPMENT_TOKEN;

/// A site, as a look at its folder and its configuration found it.
pub struct Site {
    /// Its folder, without links on the way.
    root: PathBuf,
    store: Dry<Folder>,
    /// The folder beside it that links may lead to, without links on the way.
    beside: Option<PathBuf>,
    /// Path on the host that it is served under; ends with `/`.
    pub(super) base: String,
    /// Path on the host that tokens are served at.
    pub(super) endpoint: String,
    /// As the pages are made: with addresses of the preview where the real ones lead elsewhere.
    pub(super) config: Config,
    rules: Arc<RuleSet>,
    examiner: Examiner,
    /// Everything that `inject` reports.
    found: HashMap<PagePath, Found>,
    folder_files: FolderFiles,
    cancel: Cancel,
}

/// A page as it is shown, and why it is so.
pub struct Page {
    /// Its content.
    pub content: Vec<u8>,
    /// What there is to say about it.
    pub account: Account,
}

/// What there is to say about a page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its path in the site.
    pub page: String,
    /// The organizations that it is assigned to.
    pub organizations: Organizations,
    /// What decided that.
    pub because: Option<String>,
    /// The conditions of the rule that did.
    pub conditions: Option<String>,
    /// Why it is shown as it is: what is not a page, or cannot be changed safely.
    pub untouched: Option<String>,
    /// Whether it carries a Content-Security-Policy of its own.
    pub has_policy: bool,
}

/// What a dry run of `inject` says about the whole site.
#[derive(Debug, Default)]
pub struct Survey {
    /// Pages.
    pub pages: u64,
    /// Pages by the organizations that they get.
    pub by_organization: BTreeMap<Organizations, u64>,
    /// Pages that are shown as they are, by the reason.
    pub untouched: BTreeMap<String, u64>,
    /// The route file, where there is to be one.
    pub routes: Option<RouteFile>,
}

impl Site {
    /// Looks. With `stand_in`, pages load the preview's own widget in place of the vendor's.
    pub fn look(folder: &Path, config: &Config, stand_in: bool) -> Result<Self, PreviewError> {
        let trouble = |source| PreviewError::Folder {
            folder: folder.to_owned(),
            source,
        };
        let root = fs::canonicalize(folder).map_err(trouble)?;
        let beside = config.pages.link_root.as_deref();
        let shown = shown(config, stand_in);
        let development = |name: &String| (name.clone(), SecretString::from(DEVELOPMENT_TOKEN));
        let tokens = config.organizations.keys().map(development).collect();
        let mut site = Self {
            base: shown.placeholder.base_url.clone(),
            endpoint: path_of(&shown.placeholder.endpoint).to_owned(),
            rules: Arc::new(RuleSet::new(config)?),
            // Tags that are there already are known by the real address.
            examiner: Examiner::new(config, Tags::new(&shown, Some(&tokens)), Purpose::Ensure)?,
            config: shown,
            found: HashMap::new(),
            folder_files: FolderFiles::default(),
            cancel: Cancel::default(),
            store: Dry(Folder::new(&root)),
            root,
            // Where there is none, no link leads to it.
            beside: beside.and_then(|folder| fs::canonicalize(folder).ok()),
        };
        let found = site.job().list(Selection::All).map_err(trouble)?;
        let found = found.filter_map(|found| Some((found.path()?.clone(), found)));
        site.found = found.collect();
        Ok(site)
    }

    fn job(&self) -> Job<'_> {
        Job {
            store: &self.store,
            config: &self.config,
            rules: &self.rules,
            examiner: &self.examiner,
            cancel: &self.cancel,
            folder_files: &self.folder_files,
        }
    }

    /// Path on the host that the site is served under; ends with `/`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Rules files of folders that cannot be used.
    #[must_use]
    pub fn take_broken(&self) -> Vec<BrokenRules> {
        self.folder_files.take_broken()
    }

    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        &self.root
    }

    /// Whether its folder is not there any more.
    pub(super) fn is_gone(&self) -> bool {
        !self.root.is_dir()
    }

    /// What is served.
    pub(super) fn roots(&self) -> Roots<'_> {
        Roots {
            site: &self.root,
            beside: self.beside.as_deref(),
        }
    }

    /// Whether `inject` takes the file at this path for a page, or for a link to one.
    pub(super) fn is_page(&self, path: &PagePath) -> bool {
        let found = self.found.get(path);
        found.is_some_and(|found| match found.alias_of() {
            Some(other) => self.found.get(other).is_some_and(Found::is_page),
            None => found.is_page(),
        })
    }

    /// The page at this path, with `extra` markup where there is a place for it; none where there is no page.
    pub fn page(&self, path: &PagePath, extra: &str) -> Option<io::Result<Page>> {
        let found = self.found.get(path).filter(|_| self.is_page(path))?;
        let show = Show {
            extra,
            shown: Mutex::default(),
        };
        let report = self.job().handle(&show, found);
        let Some(other) = found.alias_of() else {
            let report = report?;
            let shown = show.shown.into_inner();
            let shown = shown.unwrap_or_else(PoisonError::into_inner);
            return Some(shown.unwrap_or_else(|| Err(self.failure(path, &report.outcome))));
        };
        let page = self.page(other, extra)?;
        Some(page.map(|mut page| {
            // It is one file, which `inject` handles by its other path.
            if let Some(Outcome::Refused(why)) = report.as_ref().map(|report| &report.outcome) {
                page.account.page = path.to_string();
                // It may quote the page.
                page.account.untouched = Some(redact::of_page(why));
            }
            page
        }))
    }

    /// Why a page cannot be shown.
    fn failure(&self, path: &PagePath, outcome: &Outcome) -> io::Error {
        let kind = match self.store.kind(path) {
            Kind::Nothing => io::ErrorKind::NotFound,
            _ => io::ErrorKind::Other,
        };
        match outcome {
            Outcome::Failed(why) => io::Error::new(kind, why.clone()),
            _ => kind.into(),
        }
    }

    /// What `inject` would do with the whole site; stops early when `cancel` is set.
    pub fn survey(&self, cancel: &Cancel) -> io::Result<Survey> {
        let mut step = InjectStep::new(&self.store, &self.config, Purpose::Ensure);
        step.siblings = Siblings::Leave;
        let job = Job {
            cancel,
            // Broken ones have been met before.
            folder_files: &FolderFiles::default(),
            ..self.job()
        };
        let mut survey = Survey::default();
        run(&job, Selection::All, &step, |page| survey.count(&page))?;
        if let Followed::Routes(file) = step.followed() {
            survey.routes = Some(file);
        }
        Ok(survey)
    }
}

/// Makes the page that is shown.
struct Show<'a> {
    extra: &'a str,
    shown: Mutex<Option<io::Result<Page>>>,
}

impl Step for Show<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let shown = render(examined, self.extra).map(|content| Page {
            content,
            account: account(examined),
        });
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        Stepped::Done(report(examined.path(), Outcome::Unchanged))
    }
}

impl Survey {
    fn count(&mut self, page: &PageReport) {
        self.pages += 1;
        let untouched = match &page.outcome {
            Outcome::Skipped(why) => why.to_string(),
            Outcome::Refused(_) => "refused (chathub explain says why)".to_owned(),
            // One that only could not be written is shown like all others.
            Outcome::Failed(_) if page.because.is_none() => "cannot be read".to_owned(),
            _ => {
                let organizations = page.organizations.clone();
                *self.by_organization.entry(organizations).or_default() += 1;
                return;
            }
        };
        *self.untouched.entry(untouched).or_default() += 1;
    }
}

/// The configuration with the preview's own addresses: nothing on a page may lead to the real site.
fn shown(config: &Config, stand_in: bool) -> Config {
    let mut shown = config.clone();
    let placeholder = &mut shown.placeholder;
    if !placeholder.endpoint.starts_with('/') {
        placeholder.endpoint = Placeholder::default().endpoint;
    }
    placeholder.base_url = path_of(&placeholder.base_url).to_owned();
    if stand_in {
        stand_in::WIDGET.clone_into(&mut shown.widget.src);
        stand_in::CUSTOMER_WIDGET.clone_into(&mut shown.customer_widget.src);
    }
    shown
}

/// The path of a URL, or of what is a path already; without a query.
fn path_of(url: &str) -> &str {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => url,
    };
    path.split('?').next().unwrap_or(path)
}

fn account(examined: &Examined<'_>) -> Account {
    let conditions = |because: &Because| match because {
        Because::Rule { .. } => {
            let tried = examined.folder.trace(&examined.to_rules(None));
            tried
                .into_iter()
                .find(|rule| rule.won)
                .map(|rule| rule.conditions)
        }
        _ => None,
    };
    let because = examined.assignment.as_ref().map(|a| &a.because);
    Account {
        page: examined.path().to_string(),
        organizations: examined.organizations(),
        because: because.map(ToString::to_string),
        conditions: because.and_then(conditions),
        untouched: match &examined.verdict {
            Verdict::Plan(_) => None,
            Verdict::Skip(why) => Some(why.to_string()),
            // It may quote the page.
            Verdict::Refuse(why) => Some(redact::of_page(why)),
        },
        has_policy: !examined.facts.policies.is_empty(),
    }
}
