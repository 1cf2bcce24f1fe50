//! What a folder means to its pages: the rules in force there.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::config::{Config, ConfigError, load_folder};
use crate::rules::RuleSet;
use crate::site::PagePath;

/// The rules in force in a folder.
pub struct FolderRules {
    pub(super) rules: Arc<RuleSet>,
    /// The folder's own rules file, where it cannot be used: nobody knows what its pages should have.
    pub(super) broken: Option<String>,
}

/// Rules files that cannot be used, gathered over a run.
#[derive(Default)]
pub struct BrokenFolder(Mutex<Vec<ConfigError>>);

impl BrokenFolder {
    /// What is wrong with them, in the order of the walk.
    #[must_use]
    pub fn into_errors(self) -> Vec<ConfigError> {
        self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn add(&self, error: ConfigError) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(error);
    }
}

impl FolderRules {
    /// The rules of the configuration, for the site itself.
    #[must_use]
    pub fn root(rules: Arc<RuleSet>) -> Self {
        Self { rules, broken: None }
    }

    /// The rules of a folder with a rules file of its own.
    pub(super) fn enter(
        parent: &Self,
        folder: &PagePath,
        file: &Path,
        config: &Config,
        broken: &BrokenFolder,
    ) -> Self {
        let rules = load_folder(file, config)
            .and_then(|specs| parent.rules.with_folder(folder.as_bytes(), specs));
        match rules {
            Ok(rules) => Self { rules, broken: parent.broken.clone() },
            Err(error) => {
                let name = folder.join(file.file_name().unwrap_or_default());
                broken.add(error);
                let rules = Arc::clone(&parent.rules);
                Self { rules, broken: Some(format!("the rules in {name} cannot be used")) }
            }
        }
    }
}
