//! Walks a site: one folder's listing at a time, in a fixed order, without opening a file.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::entry::{Alias, Entry, Skipped, WalkOptions};
use super::file::{PageFile, Temporary, temporary};
use super::links::{Leads, Links, Target, is_not_site};
use super::path::PagePath;
use super::sibling::Coding;

/// Iterates over a site. A folder's listing is held while the walk is in it, so memory grows with the largest
/// folder, not with the site.
pub struct Walk<F, E> {
    root: PathBuf,
    options: WalkOptions,
    /// What a folder means, given its parent's meaning and its own rules file.
    enter: E,
    stack: Vec<Folder<F>>,
    links: Links,
    /// The meanings of folders that have rules of their own.
    meanings: HashMap<PagePath, Arc<F>>,
    ready: Vec<Entry<F>>,
}

struct Folder<F> {
    path: PagePath,
    meaning: Arc<F>,
    kind: FolderKind,
    entries: std::vec::IntoIter<DirEntry>,
    /// Names of its compressed files.
    compressed: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, Default)]
struct FolderKind {
    /// Its pages are none.
    hidden: bool,
    /// A link leads to it, or to a folder above it.
    linked: bool,
    /// It is outside the site.
    outside: bool,
}

impl<F, E: FnMut(&Arc<F>, &PagePath, &Path) -> Arc<F>> Walk<F, E> {
    /// Walks `root`. `enter` is called once for each folder that has rules of its own, with its parent's meaning, its
    /// path and its rules file; other folders mean what their parent means.
    pub fn new(root: &Path, options: WalkOptions, meaning: &Arc<F>, enter: E) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        // Where there is none, no link leads to it.
        let beside = options.link_root.as_deref();
        let beside = beside.and_then(|root| fs::canonicalize(root).ok());
        let mut walk = Self {
            root: root.clone(),
            links: Links::new(root.clone(), beside, options.hidden),
            options,
            enter,
            stack: Vec::new(),
            meanings: HashMap::new(),
            ready: Vec::new(),
        };
        walk.descend(&root, PagePath::default(), meaning, FolderKind::default());
        match walk.ready.pop() {
            Some(Entry::Unreadable(_, error)) => return Err(error),
            Some(entry) => walk.ready.push(entry),
            None => {}
        }
        Ok(walk)
    }

    fn descend(&mut self, real: &Path, path: PagePath, meaning: &Arc<F>, kind: FolderKind) {
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
                    if Coding::of(name).is_some() && is_file(&entry) {
                        compressed.push(name.to_owned());
                    }
                    // Rules hold wherever a link to them leads: to read them harms nobody. What is no file cannot be read, and
                    // whoever is told so knows that it is none.
                    if !kind.hidden && name == self.options.folder_config {
                        meaning = self.enter(&meaning, &path, entry.path());
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
            kind,
            entries: entries.into_iter(),
            compressed,
        });
    }

    fn enter(&mut self, parent: &Arc<F>, folder: &PagePath, file: &Path) -> Arc<F> {
        if let Some(meaning) = self.meanings.get(folder) {
            return Arc::clone(meaning);
        }
        let meaning = (self.enter)(parent, folder, file);
        self.meanings.insert(folder.clone(), Arc::clone(&meaning));
        meaning
    }

    /// The meaning of a folder that the walk has been in, or has yet to come to.
    fn meaning(&mut self, folder: &PagePath) -> Option<Arc<F>> {
        let mut meaning = Arc::clone(&self.stack.first()?.meaning);
        let mut path = PagePath::default();
        let mut real = self.root.clone();
        for name in &folder.to_path() {
            path = path.join(name);
            real.push(name);
            let file = real.join(self.options.folder_config);
            if fs::symlink_metadata(&file).is_ok() {
                meaning = self.enter(&meaning, &path, &file);
            }
        }
        Some(meaning)
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
        let FolderKind {
            hidden,
            linked,
            outside,
        } = folder.kind;
        if kind.is_dir() {
            if is_not_site(name) {
                return None;
            }
            let dotted = name.as_encoded_bytes().starts_with(b".");
            if linked && let Some(other) = self.links.met_again(entry.path()) {
                let why = Skipped::ElsewhereFolder(other);
                return Some(Entry::Skipped(path, entry.into_path(), why));
            }
            let meaning = Arc::clone(&folder.meaning);
            let kind = FolderKind {
                hidden: hidden || (dotted && !self.options.hidden),
                ..folder.kind
            };
            self.descend(entry.path(), path.clone(), &meaning, kind);
            return self.other(path, entry);
        }
        match temporary(name) {
            Some(Temporary::InUse) => return None,
            // What is outside the site is never written.
            Some(Temporary::Leftover) => {
                return (!outside).then(|| Entry::Leftover(entry.into_path()));
            }
            None => {}
        }
        if !hidden && name == self.options.folder_config {
            return Some(if kind.is_file() || kind.is_symlink() {
                Entry::FolderConfig(path, entry.into_path())
            } else {
                Entry::Skipped(path, entry.into_path(), Skipped::NotRegular)
            });
        }
        if !hidden && self.options.everything && self.goes_with_its_page(&entry) {
            return None;
        }
        if kind.is_symlink() {
            return self.follow(path, entry);
        }
        if !self.is_page(name) {
            return self.other(path, entry);
        }
        if !kind.is_file() {
            return Some(Entry::Skipped(path, entry.into_path(), Skipped::NotRegular));
        }
        if hidden {
            return Some(Entry::Skipped(path, entry.into_path(), Skipped::Hidden));
        }
        if linked && let Some(other) = self.links.met_again(entry.path()) {
            let page = self.page(path, entry.path(), None, outside)?;
            return self.alias(page, other);
        }
        let page = self.page(path, entry.path(), None, outside)?;
        let meaning = Arc::clone(&self.stack.last()?.meaning);
        Some(Entry::Page(page, meaning))
    }

    /// A page in the folder that the walk is in.
    fn page(
        &self,
        path: PagePath,
        file: &Path,
        link: Option<&Path>,
        outside: bool,
    ) -> Option<PageFile> {
        let folder = self.stack.last()?;
        let name = link.unwrap_or(file).file_name()?;
        let is_there = |coding: &Coding| {
            let name = coding.sibling_name(name);
            folder.compressed.binary_search(&name).is_ok()
        };
        let siblings = if folder.compressed.is_empty() {
            Vec::new()
        } else {
            Coding::ALL.into_iter().filter(is_there).collect()
        };
        Some(PageFile {
            path,
            file: file.to_owned(),
            link: link.map(Path::to_owned),
            outside,
            siblings,
        })
    }

    fn alias(&mut self, page: PageFile, other: PagePath) -> Option<Entry<F>> {
        let other_folder = self.meaning(&other.parent())?;
        Some(Entry::Alias(Alias {
            page,
            folder: Arc::clone(&self.stack.last()?.meaning),
            other,
            other_folder,
        }))
    }

    /// Whether a file is the compressed copy of a page that the walk hands on with its copies.
    fn goes_with_its_page(&self, entry: &DirEntry) -> bool {
        let name = entry.file_name();
        let page = Coding::of(name).map(|coding| coding.page_name(name));
        let page = page.filter(|page| self.is_page(page) && is_file(entry));
        page.is_some_and(|page| {
            let page = entry.path().with_file_name(page);
            match fs::symlink_metadata(&page) {
                Ok(metadata) if metadata.is_symlink() => self.links.reaches_file(&page),
                Ok(metadata) => metadata.is_file(),
                Err(_) => false,
            }
        })
    }

    fn other(&self, path: PagePath, entry: DirEntry) -> Option<Entry<F>> {
        self.options
            .everything
            .then(|| Entry::Other(path, entry.into_path()))
    }

    /// A link to what the walk meets by itself is left; one to a part of the site that it does not meet is followed,
    /// once, as is one into the folder beside the site that links may lead to; one that leaves both is reported.
    fn follow(&mut self, path: PagePath, entry: DirEntry) -> Option<Entry<F>> {
        let looks_like_page = self.is_page(entry.file_name());
        let skipped = |path, why| Some(Entry::Skipped(path, entry.path().to_owned(), why));
        let folder = self.stack.last()?;
        // Else the page behind it would go by a hidden path, and rules for its public one would not hold.
        if folder.kind.hidden {
            return if looks_like_page {
                skipped(path, Skipped::Hidden)
            } else {
                self.other(path, entry)
            };
        }
        match self.links.follow(entry.path(), |name| self.is_page(name)) {
            Leads::Nowhere if looks_like_page => skipped(path, Skipped::Broken),
            Leads::Out { folder } if folder || looks_like_page => {
                skipped(path, Skipped::LeavesSite)
            }
            Leads::Elsewhere {
                path: other,
                folder: true,
                ..
            } => skipped(path, Skipped::ElsewhereFolder(other)),
            Leads::Elsewhere {
                path: other,
                target,
                folder: false,
            } if looks_like_page => {
                let page = self.page(path, &target, Some(entry.path()), false)?;
                self.alias(page, other)
            }
            Leads::On(target) if target.metadata.is_dir() => self.follow_folder(path, target),
            Leads::On(target) if looks_like_page => {
                self.links.take(&target.file, &path);
                if !target.metadata.is_file() {
                    return Some(Entry::Skipped(path, target.file, Skipped::NotRegular));
                }
                let page = self.page(path, &target.file, Some(entry.path()), target.outside)?;
                let meaning = Arc::clone(&self.stack.last()?.meaning);
                Some(Entry::Page(page, meaning))
            }
            _ => self.other(path, entry),
        }
    }

    fn follow_folder(&mut self, path: PagePath, target: Target) -> Option<Entry<F>> {
        self.links.take(&target.file, &path);
        let meaning = Arc::clone(&self.stack.last()?.meaning);
        let kind = FolderKind {
            hidden: false,
            linked: true,
            outside: target.outside,
        };
        self.descend(&target.file, path.clone(), &meaning, kind);
        let everything = self.options.everything;
        everything.then(|| Entry::Other(path, target.file))
    }
}

/// Whether an entry is a file, or a link to one.
fn is_file(entry: &DirEntry) -> bool {
    let kind = entry.file_type();
    kind.is_file() || kind.is_symlink() && fs::metadata(entry.path()).is_ok_and(|m| m.is_file())
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
