//! Walks a site: one folder's listing at a time, in a fixed order, without opening a file.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::file::{Temporary, temporary};
use super::links::{Leads, Links, Target, is_not_site};
use super::lists::{list, of_scripts};
use crate::store::coding::Coding;
use crate::store::entry::{
    Alias, Entry, FolderConfig, Handle, ListOptions, PageFile, Reach, Skipped,
};
use crate::store::path::PagePath;

/// Iterates over a site. A folder's listing is held while the walk is in it, so memory grows with the largest
/// folder, not with the site.
pub(super) struct Walk {
    root: PathBuf,
    options: ListOptions,
    stack: Vec<Folder>,
    links: Links,
    /// The rules files of folders that have one.
    configs: HashMap<PagePath, Rules>,
    ready: Vec<Entry>,
}

/// The innermost rules file in force.
type Rules = Option<Arc<FolderConfig>>;

struct Folder {
    path: PagePath,
    rules: Rules,
    kind: FolderKind,
    entries: std::vec::IntoIter<DirEntry>,
    /// Names of its compressed files.
    compressed: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, Default)]
struct FolderKind {
    /// Its pages do not count.
    hidden: bool,
    /// A link leads to it, or to a folder above it.
    linked: bool,
    /// It is outside the site.
    outside: bool,
}

impl Walk {
    /// Walks `root`.
    pub(super) fn new(root: &Path, options: ListOptions) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        // Where there is none, no link leads to it.
        let beside = options.link_root.as_deref();
        let beside = beside.and_then(|root| fs::canonicalize(root).ok());
        let mut walk = Self {
            root: root.clone(),
            links: Links::new(root.clone(), beside, options.hidden),
            options,
            stack: Vec::new(),
            configs: HashMap::new(),
            ready: Vec::new(),
        };
        walk.descend(&root, PagePath::default(), None, FolderKind::default());
        match walk.ready.pop() {
            Some(Entry::Unreadable(_, error)) => return Err(error),
            Some(entry) => walk.ready.push(entry),
            None => {}
        }
        let lists = of_scripts(&walk.links, &root, &walk.options);
        walk.ready.extend(lists);
        Ok(walk)
    }

    fn descend(&mut self, real: &Path, path: PagePath, rules: Rules, kind: FolderKind) {
        let listing = WalkDir::new(real)
            .min_depth(1)
            .max_depth(1)
            // By name: all paths of a folder begin alike. To take names out of them is the dearer way.
            .sort_by(|a, b| a.path().as_os_str().cmp(b.path().as_os_str()));
        let mut entries = Vec::new();
        let mut compressed = Vec::new();
        let mut rules = rules;
        for entry in listing {
            match entry {
                Ok(entry) => {
                    let name = entry.file_name();
                    if Coding::of(name).is_some() && is_file(&entry) {
                        compressed.push(name.to_owned());
                    }
                    // Rules hold wherever a link to them leads: to read them harms nobody. What is not a file cannot be read, and
                    // anyone who reads the message knows that.
                    if !kind.hidden && name == self.options.folder_config {
                        rules = self.enter(rules, &path, entry.path());
                    }
                    if !kind.hidden && (self.options.lists)(name) {
                        let list = list(&self.links, &path, &entry, kind.outside);
                        self.ready.extend(list);
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
            rules,
            kind,
            entries: entries.into_iter(),
            compressed,
        });
    }

    /// The rules file of a folder, which holds together with that of the folder above.
    fn enter(&mut self, above: Rules, folder: &PagePath, file: &Path) -> Rules {
        if let Some(known) = self.configs.get(folder) {
            return known.clone();
        }
        let path = folder.join(self.options.folder_config.as_ref());
        let rules = Arc::new(FolderConfig {
            folder: folder.clone(),
            file: Handle::own(path, file.to_owned()),
            above,
        });
        self.ready.push(Entry::Rules(Arc::clone(&rules)));
        self.configs
            .insert(folder.clone(), Some(Arc::clone(&rules)));
        Some(rules)
    }

    /// The rules file in force in a folder that the walk has been in, or has yet to come to.
    fn rules_of(&mut self, folder: &PagePath) -> Rules {
        let mut rules = self.stack.first()?.rules.clone();
        let mut path = PagePath::default();
        let mut real = self.root.clone();
        for name in &folder.to_path() {
            path = path.join(name);
            real.push(name);
            let file = real.join(self.options.folder_config);
            if fs::symlink_metadata(&file).is_ok() {
                rules = self.enter(rules, &path, &file);
            }
        }
        rules
    }

    fn visit(&mut self, entry: DirEntry) -> Option<Entry> {
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
                return Some(Entry::Skipped(Handle::own(path, entry.into_path()), why));
            }
            let rules = folder.rules.clone();
            let kind = FolderKind {
                hidden: hidden || (dotted && !self.options.hidden),
                ..folder.kind
            };
            self.descend(entry.path(), path.clone(), rules, kind);
            return self.other(path, entry);
        }
        match temporary(name) {
            Some(Temporary::InUse) => return None,
            // What is outside the site is never written.
            Some(Temporary::Leftover) => {
                return (!outside).then(|| Entry::Leftover(Handle::own(path, entry.into_path())));
            }
            None => {}
        }
        if !hidden && name == self.options.folder_config {
            let rules = folder.rules.clone();
            let rules = rules.filter(|_| kind.is_file() || kind.is_symlink());
            return Some(match rules {
                Some(rules) => Entry::FolderConfig(rules),
                None => Entry::Skipped(Handle::own(path, entry.into_path()), Skipped::NotRegular),
            });
        }
        if !hidden && self.options.everything && self.goes_with_its_page(&entry) {
            return None;
        }
        if kind.is_symlink() {
            return self.follow(path, entry);
        }
        if !self.options.is_page(name) {
            return self.other(path, entry);
        }
        if !kind.is_file() {
            let file = Handle::own(path, entry.into_path());
            return Some(Entry::Skipped(file, Skipped::NotRegular));
        }
        if hidden {
            let file = Handle::own(path, entry.into_path());
            return Some(Entry::Skipped(file, Skipped::Hidden));
        }
        let other = linked.then(|| self.links.met_again(entry.path())).flatten();
        let mut file = Handle::own(path, entry.into_path());
        if outside {
            file.reach = Reach::Outside;
        }
        let page = self.page(file)?;
        match other {
            Some(other) => Some(self.alias(page, other)),
            None => Some(Entry::Page(page)),
        }
    }

    /// A page in the folder that the walk is in.
    fn page(&self, file: Handle) -> Option<PageFile> {
        let folder = self.stack.last()?;
        let name = file.place().file_name()?;
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
            siblings,
            rules: folder.rules.clone(),
            file,
        })
    }

    fn alias(&mut self, page: PageFile, other: PagePath) -> Entry {
        let other_rules = self.rules_of(&other.parent());
        Entry::Alias(Alias {
            page,
            other,
            other_rules,
        })
    }

    /// Whether a file is the compressed copy of a page that the walk hands on with its copies.
    fn goes_with_its_page(&self, entry: &DirEntry) -> bool {
        let name = entry.file_name();
        let page = Coding::of(name).map(|coding| coding.page_name(name));
        let page = page.filter(|page| self.options.is_page(page) && is_file(entry));
        page.is_some_and(|page| {
            let page = entry.path().with_file_name(page);
            match fs::symlink_metadata(&page) {
                Ok(metadata) if metadata.is_symlink() => self.links.reaches_file(&page),
                Ok(metadata) => metadata.is_file(),
                Err(_) => false,
            }
        })
    }

    fn other(&self, path: PagePath, entry: DirEntry) -> Option<Entry> {
        self.options
            .everything
            .then(|| Entry::Other(Handle::own(path, entry.into_path())))
    }

    /// A link to what the walk meets by itself is left; one to a part of the site that it does not meet is followed,
    /// once, as is one into the folder beside the site that links may lead to; one that leaves both is reported.
    fn follow(&mut self, path: PagePath, entry: DirEntry) -> Option<Entry> {
        let looks_like_page = self.options.is_page(entry.file_name());
        let skipped = |path, why| {
            Some(Entry::Skipped(
                Handle::own(path, entry.path().to_owned()),
                why,
            ))
        };
        let folder = self.stack.last()?;
        // Else the page that it leads to would go by a hidden path, and rules for its public one would not hold.
        if folder.kind.hidden {
            return if looks_like_page {
                skipped(path, Skipped::Hidden)
            } else {
                self.other(path, entry)
            };
        }
        match self
            .links
            .follow(entry.path(), |name| self.options.is_page(name))
        {
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
                let page = self.page(Handle {
                    path,
                    file: target,
                    link: Some(entry.into_path()),
                    reach: Reach::Own,
                })?;
                Some(self.alias(page, other))
            }
            Leads::On(target) if target.metadata.is_dir() => self.follow_folder(path, target),
            Leads::On(target) if looks_like_page => {
                self.links.take(&target.file, &path);
                if !target.metadata.is_file() {
                    let file = Handle::own(path, target.file);
                    return Some(Entry::Skipped(file, Skipped::NotRegular));
                }
                let reach = if target.outside {
                    Reach::Link
                } else {
                    Reach::Own
                };
                self.page(Handle {
                    path,
                    file: target.file,
                    link: Some(entry.into_path()),
                    reach,
                })
                .map(Entry::Page)
            }
            Leads::Out { .. } => self.other_link(path, entry, true),
            Leads::On(target) => self.other_link(path, entry, target.outside),
            Leads::Nowhere | Leads::Elsewhere { .. } => self.other_link(path, entry, false),
        }
    }

    /// A link to a file that is not a page.
    fn other_link(&self, path: PagePath, entry: DirEntry, outside: bool) -> Option<Entry> {
        let reach = if outside { Reach::Outside } else { Reach::Own };
        let link = entry.into_path();
        let file = Handle {
            path,
            file: link.clone(),
            link: Some(link),
            reach,
        };
        self.options.everything.then_some(Entry::Other(file))
    }

    fn follow_folder(&mut self, path: PagePath, target: Target) -> Option<Entry> {
        self.links.take(&target.file, &path);
        let rules = self.stack.last()?.rules.clone();
        let kind = FolderKind {
            hidden: false,
            linked: true,
            outside: target.outside,
        };
        self.descend(&target.file, path.clone(), rules, kind);
        let everything = self.options.everything;
        everything.then(|| Entry::Other(Handle::own(path, target.file)))
    }
}

/// Whether an entry is a file, or a link to one.
fn is_file(entry: &DirEntry) -> bool {
    let kind = entry.file_type();
    kind.is_file() || kind.is_symlink() && fs::metadata(entry.path()).is_ok_and(|m| m.is_file())
}

impl Iterator for Walk {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
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
