//! One look at the site's folder and its configuration, and the pages that come out of it.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde::Serialize;

use super::PreviewError;
use super::path::Roots;
use super::stand_in;
use crate::config::{Config, Placeholder, Siblings};
use crate::jwt::{self, DEVELOPMENT_TOKEN};
use crate::outcome::{Outcome, PageReport};
use crate::pipeline::{
    Assets, BrokenRules, Cancel, Destination, Examined, Examiner, Excerpts, FolderFiles,
    FolderRules, InjectStep, Job, Notes, Purpose, RouteFile, Routes, Tags, Verdict, Whereabouts,
    render, run, walk_options,
};
use crate::rules::{Because, RuleSet};
use crate::site::{Entry, PageFile, PagePath, Walk};

/// A site, as a look at its folder and its configuration found it.
pub struct Site {
    /// Its folder, without links on the way.
    root: PathBuf,
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
    pages: HashMap<PagePath, (PageFile, Arc<FolderRules>)>,
    folder_files: FolderFiles,
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
    /// The organizations that it is assigned to; `*` where none is configured.
    pub organizations: Vec<String>,
    /// What decided that.
    pub because: Option<String>,
    /// The conditions of the rule that did.
    pub conditions: Option<String>,
    /// Why it is shown as it is: what is no page, or cannot be changed safely.
    pub untouched: Option<String>,
    /// Whether it carries a Content-Security-Policy of its own.
    pub has_policy: bool,
}

/// What a dry run of `inject` says of the whole site.
#[derive(Debug, Default)]
pub struct Survey {
    /// Pages.
    pub pages: u64,
    /// Pages by the organizations that they get.
    pub by_organization: BTreeMap<String, u64>,
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
            pages: HashMap::new(),
            folder_files: FolderFiles::default(),
            root,
            // Where there is none, no link leads to it.
            beside: beside.and_then(|folder| fs::canonicalize(folder).ok()),
        };
        site.pages = site.index().map_err(trouble)?;
        Ok(site)
    }

    /// Every file that `inject` takes for a page, with the rules in force there.
    fn index(&self) -> io::Result<HashMap<PagePath, (PageFile, Arc<FolderRules>)>> {
        let options = walk_options(&self.config.pages, false);
        let rules = Arc::new(FolderRules::root(Arc::clone(&self.rules)));
        let enter = |parent: &Arc<FolderRules>, path: &PagePath, file: &Path| {
            Arc::new(parent.enter(path, file, &self.config, &self.folder_files))
        };
        let pages =
            Walk::new(&self.root, options, &rules, enter)?.filter_map(|entry| match entry {
                Entry::Page(file, rules) => Some((file.path.clone(), (file, rules))),
                _ => None,
            });
        Ok(pages.collect())
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

    /// Whether `inject` takes the file at this path for a page.
    pub(super) fn is_page(&self, path: &PagePath) -> bool {
        self.pages.contains_key(path)
    }

    /// The page at this path, with `extra` markup where there is a place for it; none where there is no page.
    pub fn page(&self, path: &PagePath, extra: &str) -> Option<io::Result<Page>> {
        let (file, rules) = self.pages.get(path)?;
        let cancel = Cancel::default();
        let examined = self.examiner.examine(file, rules, &cancel);
        Some(examined.and_then(|examined| {
            Ok(Page {
                content: render(&examined, extra)?,
                account: account(&examined, rules),
            })
        }))
    }

    /// What `inject` would do with the whole site; stops early when `cancel` is set.
    pub fn survey(&self, cancel: &Cancel) -> io::Result<Survey> {
        let assets = Assets::new(&self.root, &self.config);
        let step = InjectStep {
            destination: Destination::Nowhere,
            diff: false,
            siblings: Siblings::Leave,
            assets: &assets,
            whereabouts: &Whereabouts::new(&self.root),
            excerpts: &Excerpts::new(Vec::new()),
            remove_config_files: false,
            config_files: Mutex::default(),
            notes: Notes::default(),
        };
        let job = Job {
            root: &self.root,
            config: &self.config,
            rules: &self.rules,
            examiner: &self.examiner,
            cancel,
            // Broken ones have been met before.
            folder_files: &FolderFiles::default(),
        };
        let mut survey = Survey::default();
        let mut routes = Routes::new(&self.root, &self.base, &self.config.pages.extensions);
        run(&job, &step, |page| {
            survey.count(&page);
            if self.config.has_routes()
                && let Some(options) = &page.route
            {
                routes.note(&page.path, options);
            }
        })?;
        survey.routes = routes.finish();
        Ok(survey)
    }
}

impl Survey {
    fn count(&mut self, page: &PageReport) {
        self.pages += 1;
        let (tally, name) = match &page.outcome {
            Outcome::Skipped(why) => (&mut self.untouched, why.clone()),
            Outcome::Refused(_) => (
                &mut self.untouched,
                "refused (chathub explain says why)".to_owned(),
            ),
            // One that only could not be written is shown like all others.
            Outcome::Failed(_) if page.because.is_none() => {
                (&mut self.untouched, "cannot be read".to_owned())
            }
            _ => (&mut self.by_organization, page.organizations.join(" + ")),
        };
        *tally.entry(name).or_default() += 1;
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

fn account(examined: &Examined<'_>, rules: &FolderRules) -> Account {
    let conditions = |because: &Because| match because {
        Because::Rule { .. } => {
            let tried = rules.trace(&examined.to_rules(None));
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
            Verdict::Skip(why) => Some((*why).to_owned()),
            // It may quote the page.
            Verdict::Refuse(why) => Some(jwt::mask(why).into_owned()),
        },
        has_policy: !examined.facts.policies.is_empty(),
    }
}
