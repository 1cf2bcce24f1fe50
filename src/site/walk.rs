//! Walks a site: one folder's listing at a time, in a fixed order, without opening a file.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::file::{PageFile, Temporary, temporary};
use super::path::PagePath;
use super::sibling::Coding;

/// Folders of version control: never part of a site, and too large to look into.
const NOT_SITE: [&str; 3] = [".git", ".hg", ".svn"];

/// What counts as a page.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// File name extensions of pages, without the dot; compared without regard to case.
    pub extensions: Vec<String>,
    /// Pages in folders whose name begins with a dot are pages, too.
    pub hidden: bool,
    /// Name of the files that carry a folder's own rules.
    pub folder_config: &'static str,
    /// Whether files that are no pages are wanted as well.
    pub everything: bool,
}

/// What the walk comes across. `F` is what a folder means to its pages, such as the rules in force there.
#[derive(Debug)]
pub enum Entry<F> {
    /// A page, with its folder's meaning.
    Page(PageFile, Arc<F>),
    /// A page by its name, but not to be touched.
    Skipped(PagePath, PathBuf, Skipped),
    /// A folder that cannot be listed, or an entry that vanished.
    Unreadable(PagePath, io::Error),
    /// A temporary file that a killed run left behind.
    Leftover(PathBuf),
    /// A folder's own rules.
    FolderConfig(PagePath, PathBuf),
    /// Anything else; only with [`WalkOptions::everything`].
    Other(PagePath, PathBuf),
}

/// Why a file that looks like a page is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skipped {
    /// In a folder whose name begins with a dot.
    #[error("in a hidden folder")]
    Hidden,
    /// A FIFO, socket or device.
    #[error("not a regular file")]
    NotRegular,
    /// A symbolic link to something outside the site.
    #[error("a symbolic link that leaves the site")]
    LeavesSite,
    /// A symbolic link to nothing.
    #[error("a broken symbolic link")]
    Broken,
    /// A symbolic link to what the walk meets by itself, or has met.
    #[error("a symbolic link to {0}, which is handled there")]
    Elsewhere(PagePath),
}

/// Iterates over a site. A folder's listing is held while the walk is in it, so memory grows with the largest
/// folder, not with the site.
pub struct Walk<F, E> {
    root: PathBuf,
    options: WalkOptions,
    /// What a folder means, given its parent's meaning and its own rules file.
    enter: E,
    stack: Vec<Folder<F>>,
    /// Targets of links that the walk does not meet otherwise.
    linked: HashSet<PathBuf>,
    ready: Vec<Entry<F>>,
}

struct Folder<F> {
    path: PagePath,
    meaning: Arc<F>,
    hidden: bool,
    entries: std::vec::IntoIter<DirEntry>,
    /// Names of its compressed files.
    compressed: Vec<OsString>,
}

impl<F, E: FnMut(&Arc<F>, &PagePath, &Path) -> Arc<F>> Walk<F, E> {
    /// Walks `root`. `enter` is called for each folder that has rules of its own, with its parent's meaning, its
    /// path and its rules file; other folders mean what their parent means.
    pub fn new(root: &Path, options: WalkOptions, meaning: &Arc<F>, enter: E) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        let mut walk = Self {
            root: root.clone(),
            options,
            enter,
            stack: Vec::new(),
            linked: HashSet::new(),
            ready: Vec::new(),
        };
        walk.descend(&root, PagePath::default(), meaning, false);
        match walk.ready.pop() {
            Some(Entry::Unreadable(_, error)) => return Err(error),
            Some(entry) => walk.ready.push(entry),
            None => {}
        }
        Ok(walk)
    }

    fn descend(&mut self, real: &Path, path: PagePath, meaning: &Arc<F>, hidden: bool) {
        let listing = WalkDir::new(real)
            .min_depth(1)
            .max_depth(1)
            // By name: all paths of a folder begin alike. To take names out of them is the dearer way.
            .sort_by(|a, b| a.path().as_os_str().cmp(b.path().as_os_str()));
        let mut entries = Vec::new();
        let mut compressed = Vec::new();
        let mut meaning = Arc::clone(meaning);
        for entry in listing {
            match entry {
                Ok(entry) => {
                    let name = entry.file_name();
                    if Coding::of(name).is_some() && entry.file_type().is_file() {
                        compressed.push(name.to_owned());
                    }
                    if name == self.options.folder_config && entry.file_type().is_file() && !hidden
                    {
                        meaning = (self.enter)(&meaning, &path, entry.path());
                    }
                    entries.push(entry);
                }
                Err(error) => {
                    let error = error
                        .into_io_error()
                        .unwrap_or_else(|| io::Error::other("a loop of links"));
                    self.ready.push(Entry::Unreadable(path.clone(), error));
                }
            }
        }
        self.stack.push(Folder {
            path,
            meaning,
            hidden,
            entries: entries.into_iter(),
            compressed,
        });
    }

    fn is_page(&self, name: &OsStr) -> bool {
        let extension = Path::new(name).extension();
        extension.is_some_and(|e| {
            self.options
                .extensions
                .iter()
                .any(|page| e.eq_ignore_ascii_case(page))
        })
    }

    fn visit(&mut self, entry: DirEntry) -> Option<Entry<F>> {
        let folder = self.stack.last()?;
        let name = entry.file_name();
        let path = folder.path.join(name);
        let kind = entry.file_type();
        let hidden = folder.hidden;
        let dotted = name.as_encoded_bytes().starts_with(b".");
        if kind.is_dir() {
            if NOT_SITE.iter().any(|folder| name == *folder) {
                return None;
            }
            let meaning = Arc::clone(&folder.meaning);
            self.descend(
                entry.path(),
                path.clone(),
                &meaning,
                hidden || (dotted && !self.options.hidden),
            );
            return self.other(path, entry);
        }
        if kind.is_symlink() {
            return self.follow(path, entry);
        }
        match temporary(name) {
            Some(Temporary::InUse) => return None,
            Some(Temporary::Leftover) => return Some(Entry::Leftover(entry.into_path())),
            None => {}
        }
        if name == self.options.folder_config && !hidden {
            return Some(Entry::FolderConfig(path, entry.into_path()));
        }
        if !self.is_page(name) {
            if self.options.everything && !hidden && self.goes_with_its_page(&entry) {
                return None;
            }
            return self.other(path, entry);
        }
        if !kind.is_file() {
            return Some(Entry::Skipped(path, entry.into_path(), Skipped::NotRegular));
        }
        if hidden {
            return Some(Entry::Skipped(path, entry.into_path(), Skipped::Hidden));
        }
        let siblings = Coding::ALL
            .into_iter()
            .filter(|coding| {
                folder
                    .compressed
                    .binary_search(&coding.sibling_name(name))
                    .is_ok()
            })
            .collect();
        let meaning = Arc::clone(&folder.meaning);
        Some(Entry::Page(
            PageFile {
                path,
                file: entry.into_path(),
                siblings,
            },
            meaning,
        ))
    }

    /// Whether a file is the compressed copy of a page that the walk hands on with its copies.
    fn goes_with_its_page(&self, entry: &DirEntry) -> bool {
        let name = entry.file_name();
        let page = Coding::of(name).map(|coding| coding.page_name(name));
        let page = page.filter(|page| entry.file_type().is_file() && self.is_page(page));
        page.is_some_and(|page| {
            let page = entry.path().with_file_name(page);
            fs::symlink_metadata(page).is_ok_and(|metadata| metadata.is_file())
        })
    }

    fn other(&self, path: PagePath, entry: DirEntry) -> Option<Entry<F>> {
        self.options
            .everything
            .then(|| Entry::Other(path, entry.into_path()))
    }

    /// A link to what the walk meets by itself is left; one to a part of the site that it does not meet is followed,
    /// once; one that leaves the site is reported.
    fn follow(&mut self, path: PagePath, entry: DirEntry) -> Option<Entry<F>> {
        let looks_like_page = self.is_page(entry.file_name());
        let link = entry.path().to_owned();
        let everything = self.options.everything;
        let left = |is_page: bool, why| {
            if everything {
                Some(Entry::Other(path.clone(), link.clone()))
            } else {
                is_page.then(|| Entry::Skipped(path.clone(), link.clone(), why))
            }
        };
        // Else the page behind it would go by a hidden path, and rules for its public one would not hold.
        if self.stack.last()?.hidden {
            return left(looks_like_page, Skipped::Hidden);
        }
        let Ok(target) = fs::canonicalize(entry.path()) else {
            return left(looks_like_page, Skipped::Broken);
        };
        let Ok(metadata) = fs::metadata(&target) else {
            return left(looks_like_page, Skipped::Broken);
        };
        let Ok(inside) = target.strip_prefix(&self.root) else {
            return left(metadata.is_dir() || looks_like_page, Skipped::LeavesSite);
        };
        let target_path = inside
            .components()
            .fold(PagePath::default(), |p, c| p.join(c.as_os_str()));
        let hidden = inside
            .components()
            .any(|c| c.as_os_str().as_encoded_bytes().starts_with(b"."));
        let met = (!hidden || self.options.hidden)
            && (metadata.is_dir() || target.file_name().is_some_and(|name| self.is_page(name)));
        let overlaps = |other: &PathBuf| target.starts_with(other) || other.starts_with(&target);
        if met || target == self.root || self.linked.iter().any(overlaps) {
            return left(looks_like_page, Skipped::Elsewhere(target_path));
        }
        let folder = self.stack.last()?;
        let meaning = Arc::clone(&folder.meaning);
        if metadata.is_dir() {
            self.linked.insert(target.clone());
            self.descend(&target, path, &meaning, false);
            return None;
        }
        if !looks_like_page {
            return self.other(path, entry);
        }
        self.linked.insert(target.clone());
        if !metadata.is_file() {
            return Some(Entry::Skipped(path, target, Skipped::NotRegular));
        }
        Some(Entry::Page(
            PageFile {
                path,
                file: target,
                siblings: Vec::new(),
            },
            meaning,
        ))
    }
}

impl<F, E: FnMut(&Arc<F>, &PagePath, &Path) -> Arc<F>> Iterator for Walk<F, E> {
    type Item = Entry<F>;

    fn next(&mut self) -> Option<Entry<F>> {
        loop {
            if let Some(entry) = self.ready.pop() {
                return Some(entry);
            }
            let folder = self.stack.last_mut()?;
            match folder.entries.next() {
                Some(entry) => {
                    if let Some(entry) = self.visit(entry) {
                        return Some(entry);
                    }
                }
                None => {
                    self.stack.pop();
                }
            }
        }
    }
}
