//! The rules files of a site's folders, each met once.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::store::entry::{Entry, FolderConfig, Handle};
use crate::store::path::PagePath;

/// The innermost rules file in force.
pub(super) type Rules = Option<Arc<FolderConfig>>;

/// Those of folders that have one.
pub(super) struct RulesFiles {
    root: PathBuf,
    /// What they are called.
    name: &'static str,
    known: HashMap<PagePath, Rules>,
    /// What was last looked up.
    last: Option<(PagePath, Rules)>,
}

impl RulesFiles {
    pub(super) fn new(root: PathBuf, name: &'static str) -> Self {
        Self {
            root,
            name,
            known: HashMap::new(),
            last: None,
        }
    }

    /// The rules file of a folder, which holds together with that of the folder above. What is met for the first time is an entry.
    pub(super) fn enter(
        &mut self,
        above: Rules,
        folder: &PagePath,
        file: &Path,
        entries: &mut Vec<Entry>,
    ) -> Rules {
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }
        let path = folder.join(self.name.as_ref());
        let rules = Arc::new(FolderConfig {
            folder: folder.clone(),
            file: Handle::own(path, file.to_owned()),
            above,
        });
        entries.push(Entry::Rules(Arc::clone(&rules)));
        self.known.insert(folder.clone(), Some(Arc::clone(&rules)));
        Some(rules)
    }

    /// The rules file in force in a folder that the walk has been in, or has yet to come to. `site`: that of the site.
    pub(super) fn of(&mut self, folder: &PagePath, site: Rules, entries: &mut Vec<Entry>) -> Rules {
        if let Some((_, rules)) = self.last.as_ref().filter(|(last, _)| last == folder) {
            return rules.clone();
        }
        let mut rules = site;
        let mut path = PagePath::default();
        let mut real = self.root.clone();
        for name in &folder.to_path() {
            path = path.join(name);
            real.push(name);
            let file = real.join(self.name);
            if fs::symlink_metadata(&file).is_ok() {
                rules = self.enter(rules, &path, &file, entries);
            }
        }
        self.last = Some((folder.clone(), rules.clone()));
        rules
    }
}
