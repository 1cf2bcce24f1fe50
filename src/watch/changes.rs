//! What has changed since somebody last asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// More paths than these are not worth a list: everything is looked at then.
const MOST: usize = 10_000;

/// What has changed. Paths are relative to the site, as the file system has them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Nobody knows what: everything has to be looked at.
    pub all: bool,
    /// A configuration file.
    pub config: bool,
    /// Files and folders of the site. What is in a folder that is new need not be named by itself.
    pub paths: BTreeSet<PathBuf>,
    /// Files that somebody is still writing, as far as the system says so. When that is over, it is a change of its own.
    pub unfinished: BTreeSet<PathBuf>,
}

impl Changes {
    /// Everything may be another.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            all: true,
            config: true,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, path: &Path) {
        if self.all {
            return;
        }
        self.paths.insert(path.to_owned());
        if self.paths.len() > MOST {
            self.add_all();
        }
    }

    pub(super) fn add_all(&mut self) {
        self.all = true;
        self.paths.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_paths_are_everything() {
        let mut changes = Changes::default();
        for page in 0..MOST {
            changes.add(Path::new(&page.to_string()));
        }
        assert!(!changes.all);
        changes.add(Path::new("one more"));
        assert!(changes.all && changes.paths.is_empty());
    }
}
