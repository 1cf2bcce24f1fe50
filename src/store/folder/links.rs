//! Where symbolic links lead. What a link points to is one thing, however many links lead to it: the walk takes it up once.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::store::path::PagePath;

/// Folders of version control: never part of a site, and too large to walk.
const NOT_SITE: [&str; 3] = [".git", ".hg", ".svn"];

/// Whether a folder of this name is never part of a site.
pub(in crate::store) fn is_not_site(name: &OsStr) -> bool {
    NOT_SITE.iter().any(|folder| name == *folder)
}

/// What is in a folder, in the order in which it is walked.
pub(super) fn listing(folder: &Path) -> WalkDir {
    WalkDir::new(folder)
        .min_depth(1)
        .max_depth(1)
        // By name: all paths of a folder begin alike. To take names out of them is the dearer way.
        .sort_by(|a, b| a.path().as_os_str().cmp(b.path().as_os_str()))
}

/// Where a link leads.
#[derive(Debug)]
pub(super) enum Leads {
    /// To nothing, or in a circle.
    Nowhere,
    /// Out of the site, and not below the folder that links may lead to.
    Out {
        /// Whether to a folder.
        folder: bool,
    },
    /// To what the walk takes up by this path.
    Elsewhere {
        /// The path.
        path: PagePath,
        /// Where it really is.
        target: PathBuf,
        /// Whether it is a folder.
        folder: bool,
    },
    /// To what the walk has not met and does not meet otherwise.
    On(Target),
}

/// What a link points to.
#[derive(Debug)]
pub(super) struct Target {
    /// Where it is.
    pub(super) file: PathBuf,
    /// What it is.
    pub(super) metadata: Metadata,
    /// Whether it is outside the site.
    pub(super) outside: bool,
}

/// The links of a site.
#[derive(Debug)]
pub(super) struct Links {
    root: PathBuf,
    /// The folder beside the site that links may lead to.
    beside: Option<PathBuf>,
    /// Whether the walk takes up what is hidden.
    hidden: bool,
    /// What links led to that the walk does not meet otherwise, and by which path it was taken up.
    taken: HashMap<PathBuf, PagePath>,
}

impl Links {
    pub(super) fn new(root: PathBuf, beside: Option<PathBuf>, hidden: bool) -> Self {
        Self {
            root,
            beside,
            hidden,
            taken: HashMap::new(),
        }
    }

    /// Where a link leads. `is_page`: whether a file of this name is a page.
    pub(super) fn follow(&self, link: &Path, is_page: impl Fn(&OsStr) -> bool) -> Leads {
        let Ok(file) = fs::canonicalize(link) else {
            return Leads::Nowhere;
        };
        let Ok(metadata) = fs::metadata(&file) else {
            return Leads::Nowhere;
        };
        let folder = metadata.is_dir();
        let inside = file.strip_prefix(&self.root).ok();
        let outside = inside.is_none();
        let is_site = |way: &Path| !way.iter().any(is_not_site);
        if !inside.map_or_else(|| self.is_beside(&file), is_site) {
            return Leads::Out { folder };
        }
        let is_met = folder || file.file_name().is_some_and(is_page);
        let met = inside.filter(|way| is_met && self.is_walked(way));
        let path = met.map(|way| joined(PagePath::default(), way));
        match path.or_else(|| self.taken_up(&file, is_met)) {
            Some(path) => Leads::Elsewhere {
                path,
                target: file,
                folder,
            },
            None => Leads::On(Target {
                file,
                metadata,
                outside,
            }),
        }
    }

    fn is_beside(&self, file: &Path) -> bool {
        let beside = self.beside.as_deref();
        beside.is_some_and(|beside| file.starts_with(beside))
    }

    /// Whether the pages of a folder of this name are pages of the site.
    pub(super) fn is_entered(&self, name: &OsStr) -> bool {
        !is_not_site(name) && (self.hidden || !name.as_encoded_bytes().starts_with(b"."))
    }

    /// Whether the walk goes this way below a folder.
    fn is_walked(&self, way: &Path) -> bool {
        way.iter().all(|name| self.is_entered(name))
    }

    /// By which path a link to this, or to a folder that it is in, was followed. `is_met`: whether it is taken up in such a
    /// folder.
    fn taken_up(&self, file: &Path, is_met: bool) -> Option<PagePath> {
        if self.taken.is_empty() {
            return None;
        }
        file.ancestors().find_map(|above| {
            let path = self.taken.get(above)?;
            let way = file.strip_prefix(above).ok()?;
            let met = way.as_os_str().is_empty() || is_met && self.is_walked(way);
            met.then(|| joined(path.clone(), way))
        })
    }

    /// Notes by which path a target is taken up.
    pub(super) fn take(&mut self, target: &Path, path: &PagePath) {
        self.taken.insert(target.to_owned(), path.clone());
    }

    /// By which other path something is taken up that the walk meets behind a link.
    pub(super) fn met_again(&self, real: &Path) -> Option<PagePath> {
        if real == self.root {
            return Some(PagePath::default());
        }
        self.taken.get(real).cloned()
    }

    /// Whether what this link points to is a page's file in reach.
    pub(super) fn reaches_file(&self, link: &Path) -> bool {
        let leads = self.follow(link, |_| false);
        match leads {
            Leads::On(target) => target.metadata.is_file(),
            Leads::Elsewhere { folder, .. } => !folder,
            Leads::Out { .. } | Leads::Nowhere => false,
        }
    }
}

/// Whether an entry is a file, or a link to one.
pub(super) fn is_file(entry: &DirEntry) -> bool {
    let kind = entry.file_type();
    kind.is_file() || kind.is_symlink() && fs::metadata(entry.path()).is_ok_and(|m| m.is_file())
}

fn joined(path: PagePath, way: &Path) -> PagePath {
    way.iter().fold(path, |path, name| path.join(name))
}
