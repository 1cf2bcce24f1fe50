//! What a folder means to its pages: the rules in force there.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::rules::{
    self, Brackets, LeastPages, RuleError, RuleSet, Tried, UnusedPattern, UnusedRule,
};
use crate::settings::{Config, ConfigError, load_folder};
use crate::store::{FolderConfig, Kind, PagePath, Store};

/// The rules in force in a folder.
pub struct FolderRules {
    pub(super) rules: Arc<RuleSet>,
    /// The folder's own rules file, where it cannot be used: nobody knows what its pages should have.
    pub(super) broken: Option<String>,
}

/// Why a folder's rules file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrokenRules {
    /// It says what it may not say.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its rules do not go together with the configuration.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// It cannot be read.
    #[error("{file}: {source}")]
    Unreadable {
        /// The file's path in the site.
        file: String,
        /// The reason.
        source: std::io::Error,
    },
}

/// What rules tell of themselves when all pages are done.
pub struct Told {
    /// Those that held on no page.
    pub unused: Vec<UnusedRule>,
    /// Patterns that were of no use.
    pub patterns: Vec<UnusedPattern>,
    /// Those that must decide about a number of pages.
    pub least: Vec<LeastPages>,
    /// Patterns whose brackets seem to be meant as letters.
    pub brackets: Vec<Brackets>,
}

/// The rules files that a run meets.
#[derive(Default)]
pub struct FolderFiles {
    broken: Mutex<Vec<(PagePath, BrokenRules)>>,
    sets: Mutex<Vec<Arc<RuleSet>>>,
    /// What stands for a file that cannot be used: what it said when it last could.
    good: Option<Mutex<HashMap<PagePath, Vec<u8>>>>,
}

impl FolderFiles {
    /// For one of several runs over a site, whose pages keep the rules of a file that cannot be used any more. `before`: what
    /// the run before has met.
    #[must_use]
    pub fn after(before: Option<Self>) -> Self {
        Self {
            good: Some(before.and_then(|before| before.good).unwrap_or_default()),
            ..Self::default()
        }
    }

    /// Keeps what a file says that can be used.
    fn keep(&self, path: &PagePath, content: &[u8]) {
        if let Some(good) = &self.good {
            let mut good = good.lock().unwrap_or_else(PoisonError::into_inner);
            good.insert(path.clone(), content.to_owned());
        }
    }

    fn last_good(&self, path: &PagePath) -> Option<Vec<u8>> {
        let good = self.good.as_ref()?.lock();
        good.unwrap_or_else(PoisonError::into_inner)
            .get(path)
            .cloned()
    }

    /// What is wrong with them, in the order of the walk.
    #[must_use]
    pub fn take_broken(&self) -> Vec<BrokenRules> {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.drain(..).map(|(_, error)| error).collect()
    }

    /// Whether one of them cannot be used.
    #[must_use]
    pub fn has_broken(&self) -> bool {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        !broken.is_empty()
    }

    /// Whether the rules file at this path cannot be used.
    #[must_use]
    pub fn is_broken(&self, path: &PagePath) -> bool {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.iter().any(|(file, _)| file == path)
    }

    /// The patterns of the site's rules and of theirs whose brackets seem to be meant as letters.
    #[must_use]
    pub fn brackets(&self, site: &RuleSet) -> Vec<Brackets> {
        self.of_all(site, RuleSet::brackets)
    }

    /// What the site's rules and theirs tell of themselves when all pages are done.
    #[must_use]
    pub fn told(&self, site: &RuleSet) -> Told {
        Told {
            unused: self.of_all(site, RuleSet::unused),
            patterns: self.of_all(site, RuleSet::unused_patterns),
            least: self.of_all(site, RuleSet::least_pages),
            brackets: self.brackets(site),
        }
    }

    /// What there is of the site's rules and of all folders'; each once, since a set tells of those above it as well.
    fn of_all<T: Ord>(&self, site: &RuleSet, told: fn(&RuleSet) -> Vec<T>) -> Vec<T> {
        let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = told(site);
        all.extend(sets.iter().flat_map(|set| told(set)));
        all.sort();
        all.dedup();
        all
    }
}

impl FolderRules {
    /// The rules of the configuration, for the site itself.
    fn root(rules: Arc<RuleSet>) -> Self {
        Self {
            rules,
            broken: None,
        }
    }

    /// The rules themselves.
    #[must_use]
    pub fn set(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// What each rule in force says about a page, the strongest first.
    #[must_use]
    pub fn trace(&self, page: &rules::Page<'_>) -> Vec<Tried> {
        self.rules.trace(page)
    }

    /// The rules of a folder with a rules file of its own.
    fn enter(
        &self,
        file: &FolderConfig,
        store: &dyn Store,
        config: &Config,
        files: &FolderFiles,
    ) -> Self {
        let path = &file.file.path;
        let used = |rules: Arc<RuleSet>| {
            let mut sets = files.sets.lock().unwrap_or_else(PoisonError::into_inner);
            sets.push(Arc::clone(&rules));
            Self {
                rules,
                broken: self.broken.clone(),
            }
        };
        let read = read(file, store).and_then(|content| {
            let rules = self.parse(file, &content, config)?;
            files.keep(path, &content);
            Ok(rules)
        });
        match read {
            Ok(rules) => used(rules),
            Err(error) => {
                files
                    .broken
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((path.clone(), error));
                let good = files.last_good(path);
                if let Some(rules) = good.and_then(|good| self.parse(file, &good, config).ok()) {
                    return used(rules);
                }
                let broken = Some(format!("the rules in {path} cannot be used"));
                Self {
                    rules: Arc::clone(&self.rules),
                    broken,
                }
            }
        }
    }

    fn parse(
        &self,
        file: &FolderConfig,
        content: &[u8],
        config: &Config,
    ) -> Result<Arc<RuleSet>, BrokenRules> {
        let name = file.file.path.to_string();
        let specs = load_folder(Path::new(&name), content, config)?;
        Ok(self.rules.with_folder(file.folder.as_bytes(), specs)?)
    }
}

/// What a rules file says.
fn read(file: &FolderConfig, store: &dyn Store) -> Result<Vec<u8>, BrokenRules> {
    let content = store
        .read(&file.file)
        .map_err(|source| BrokenRules::Unreadable {
            file: file.file.path.to_string(),
            source: match source.kind() {
                io::ErrorKind::NotFound => {
                    io::Error::new(source.kind(), "it is a symbolic link to nothing")
                }
                // A socket cannot even be opened.
                _ if matches!(store.kind(&file.file.path), Kind::Folder | Kind::Special) => {
                    io::Error::new(source.kind(), "it is not a regular file")
                }
                _ => source,
            },
        })?;
    Ok(content.bytes)
}

/// The rules in force in the folders of a site, read when the first entry asks for them.
pub(super) struct Folders<'a> {
    root: Arc<FolderRules>,
    /// By the folder of the rules file.
    known: HashMap<PagePath, Arc<FolderRules>>,
    store: &'a dyn Store,
    config: &'a Config,
    files: &'a FolderFiles,
}

impl<'a> Folders<'a> {
    pub(super) fn new(
        rules: &Arc<RuleSet>,
        store: &'a dyn Store,
        config: &'a Config,
        files: &'a FolderFiles,
    ) -> Self {
        Self {
            root: Arc::new(FolderRules::root(Arc::clone(rules))),
            known: HashMap::new(),
            store,
            config,
            files,
        }
    }

    /// The rules where this file is the innermost one.
    pub(super) fn under(&mut self, file: Option<&FolderConfig>) -> Arc<FolderRules> {
        let Some(file) = file else {
            return Arc::clone(&self.root);
        };
        if let Some(known) = self.known.get(&file.folder) {
            return Arc::clone(known);
        }
        let above = self.under(file.above.as_deref());
        let rules = Arc::new(above.enter(file, self.store, self.config, self.files));
        self.known.insert(file.folder.clone(), Arc::clone(&rules));
        rules
    }
}
