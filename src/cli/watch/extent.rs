//! Which pages a change is about.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::derived::Format;
use crate::run::{FOLDER_CONFIG, Found, Selection};
use crate::settings::Pages;
use crate::store::{Coding, PagePath};
use crate::watch::Changes;

/// The pages that are to be looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    /// All of them.
    pub(super) all: bool,
    /// These.
    pub(super) pages: BTreeSet<PagePath>,
    /// Those in these folders.
    folders: Vec<PagePath>,
    /// But not these.
    unfinished: BTreeSet<PagePath>,
    /// Folders, or what may have been some, that are gone.
    pub(super) gone: BTreeSet<PagePath>,
    /// A list that says something about pages.
    lists: bool,
    /// The folder of the runtime may be another.
    pub(super) assets: bool,
}

impl Extent {
    /// What these changes of a site are about. `root` is where it is, without links on the way; `assets` its folder of the
    /// runtime.
    pub(super) fn of(changes: &Changes, root: &Path, pages: &Pages, assets: &str) -> Self {
        let mut extent = Self {
            all: changes.all,
            unfinished: changes
                .unfinished
                .iter()
                .map(|path| page_path(path))
                .collect(),
            ..Self::default()
        };
        for path in &changes.paths {
            let (path, assets) = (path.as_path(), Path::new(assets));
            extent.assets |= path.starts_with(assets) || assets.starts_with(path);
            extent.add(path, root, pages);
            // The walk has a page by the path of its folder, and the system may name it by that of a link to the folder.
            if let Some(other) = without_links(path, root) {
                extent.add(&other, root, pages);
            }
        }
        extent
    }

    /// Everything.
    pub(super) fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_nothing(&self) -> bool {
        !self.all && !self.lists && self.pages.is_empty() && self.folders.is_empty()
    }

    fn add(&mut self, path: &Path, root: &Path, pages: &Pages) {
        let Some(name) = path.file_name() else {
            self.all = true;
            return;
        };
        if name == FOLDER_CONFIG {
            self.all = true;
            return;
        }
        self.lists |= Format::of(name).is_some();
        let page = Coding::of(name).map_or(name, |coding| coding.page_name(name));
        let page = is_page(page, pages).then(|| page_path(&path.with_file_name(page)));
        match fs::symlink_metadata(root.join(path)) {
            // What it leads to may be handled by its path, or not any more.
            Ok(metadata) if metadata.is_symlink() => self.all = true,
            Ok(metadata) if metadata.is_dir() => self.folders.push(page_path(path)),
            Ok(_) => self.pages.extend(page),
            Err(_) => {
                self.gone.insert(page_path(path));
                self.pages.extend(page);
            }
        }
    }

    /// Whether a page of this path is among them.
    fn has(&self, path: &PagePath) -> bool {
        let is_below = |folder: &PagePath| {
            let rest = path.as_bytes().strip_prefix(folder.as_bytes());
            rest.is_some_and(|rest| rest.starts_with(b"/"))
        };
        (self.all || self.pages.contains(path) || self.folders.iter().any(is_below))
            && !self.unfinished.contains(path)
    }

    /// The same for a run.
    pub(super) fn selection(&self) -> Selection<'_> {
        Selection::Those(Box::new(|found: &Found| {
            Some(match found.path() {
                Some(path) => {
                    self.has(path) || found.alias_of().is_some_and(|other| self.has(other))
                }
                // Lists hold for all of the site. What killed runs have left, and the rules of folders, are for those who see it.
                None => self.all || found.is_list(),
            })
        }))
    }
}

fn is_page(name: &OsStr, pages: &Pages) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| {
        let mut known = pages.extensions.iter();
        known.any(|page| extension.eq_ignore_ascii_case(page))
    })
}

fn page_path(path: &Path) -> PagePath {
    path.iter()
        .fold(PagePath::default(), |path, name| path.join(name))
}

/// A path by its folder's own path, if that is another.
fn without_links(path: &Path, root: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let real = fs::canonicalize(root.join(folder)).ok()?;
    let real = real.strip_prefix(root).ok()?;
    (real != folder).then(|| real.join(path.file_name().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn extent(root: &Path, paths: &[&str], unfinished: &[&str]) -> Extent {
        let set = |paths: &[&str]| paths.iter().map(PathBuf::from).collect();
        let changes = Changes {
            paths: set(paths),
            unfinished: set(unfinished),
            ..Changes::default()
        };
        Extent::of(&changes, root, &Pages::default(), "files/chathub")
    }

    fn has(extent: &Extent, path: &str) -> bool {
        extent.has(&PagePath::from(path))
    }

    #[test]
    fn a_change_is_about_its_page() {
        let site = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(site.path()).unwrap();
        fs::create_dir_all(root.join("blog/new")).unwrap();
        for file in ["index.html", "a.html.gz", "style.css", "blog/b.html"] {
            fs::write(root.join(file), "").unwrap();
        }
        let page = extent(&root, &["index.html"], &[]);
        assert!(has(&page, "index.html") && !has(&page, "blog/b.html"));
        assert!(
            has(&extent(&root, &["a.html.gz"], &[]), "a.html"),
            "by its copy"
        );
        assert!(extent(&root, &["style.css"], &[]).is_nothing());
        let folder = extent(&root, &["blog"], &["blog/c.html"]);
        assert!(has(&folder, "blog/b.html") && has(&folder, "blog/new/c.html"));
        assert!(!has(&folder, "blogs/b.html") && !has(&folder, "index.html"));
        assert!(!has(&folder, "blog/c.html"), "it is still being written");
        assert!(extent(&root, &["blog/.chathub.toml"], &[]).all);
        let gone = extent(&root, &["shop/gone.html", "old"], &[]);
        assert!(has(&gone, "shop/gone.html"), "it may be back by then");
        assert!(gone.gone.contains(&PagePath::from("old")));
    }

    #[test]
    fn changes_of_the_runtime_are_known() {
        let site = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(site.path()).unwrap();
        for (path, touched) in [
            ("files/chathub/runtime.js", true),
            ("files", true),
            ("files/chathub", true),
            ("files/other.js", false),
            ("file", false),
        ] {
            assert_eq!(extent(&root, &[path], &[]).assets, touched, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_what_the_walk_has() {
        let site = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(site.path()).unwrap();
        fs::create_dir(root.join("blog")).unwrap();
        fs::write(root.join("blog/a.html"), "").unwrap();
        std::os::unix::fs::symlink("blog", root.join("news")).unwrap();
        let named = extent(&root, &["news/a.html"], &[]);
        assert!(has(&named, "blog/a.html") && has(&named, "news/a.html"));
        assert!(extent(&root, &["news"], &[]).all);
    }
}
