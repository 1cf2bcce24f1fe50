//! Walks a site: one folder's listing at a time, in a fixed order, without opening a file.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::DirEntry;

use super::file::{Temporary, temporary};
use super::links::{Leads, Links, Target, is_file, is_not_site, listing};
use super::lists::{list, of_scripts};
use super::rules::{Rules, RulesFiles};
use super::through::Through;
use crate::store::coding::Coding;
use crate::store::entry::{Alias, Entry, Handle, ListOptions, PageFile, Reach, Skipped};
use crate::store::path::PagePath;

/// Iterates over a site. A folder's listing is held while the walk is in it, so memory grows with the largest
/// folder, not with the site.
pub(super) struct Walk {
    options: ListOptions,
    stack: Vec<Folder>,
    links: Links,
    /// The rules files of folders that have one.
    configs: RulesFiles,
    ready: Vec<Entry>,
    /// Behind a link to a folder that the walk meets by another path.
    through: Option<Through>,
}

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
            links: Links::new(root.clone(), beside, options.hidden),
            configs: RulesFiles::new(root.clone(), options.folder_config),
            options,
            stack: Vec::new(),
            ready: Vec::new(),
            through: None,
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
        let mut entries = Vec::new();
        let mut compressed = Vec::new();
        let mut rules = rules;
        for entry in listing(real) {
            match entry {
                Ok(entry) => {
                    let name = entry.file_name();
                    if Coding::of(name).is_some() && is_file(&entry) {
                        compressed.push(name.to_owned());
                    }
                    // Rules hold wherever a link to them leads: to read them harms nobody. What is not a file cannot be read, and
                    // anyone who reads the message knows that.
                    if !kind.hidden && name == self.options.folder_config {
                        let (configs, ready) = (&mut self.configs, &mut self.ready);
                        rules = configs.enter(rules, &path, entry.path(), ready);
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

    /// The rules file in force in a folder that the walk has been in, or has yet to come to.
    fn rules_of(&mut self, folder: &PagePath) -> Rules {
        let site = self.stack.first()?.rules.clone();
        self.configs.of(folder, site, &mut self.ready)
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
                return self.elsewhere(path, entry.into_path(), other, None);
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
            let page = self.page_of(&entry).filter(|_| !hidden);
            if page.is_some_and(|page| fs::symlink_metadata(page).is_err()) {
                let file = Handle::own(path, entry.into_path());
                return Some(Entry::Skipped(file, Skipped::Alone));
            }
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
            through: None,
        })
    }

    /// A folder whose pages are handled by another path. The rules of both paths have to agree on them.
    fn elsewhere(
        &mut self,
        path: PagePath,
        place: PathBuf,
        other: PagePath,
        target: Option<PathBuf>,
    ) -> Option<Entry> {
        let here = self.stack.last()?.rules.is_some();
        if self.options.rules || here || self.rules_of(&other.parent()).is_some() {
            let real = target.unwrap_or_else(|| place.clone());
            self.through = Some(Through::new(path.clone(), real, other.clone()));
        }
        let why = Skipped::ElsewhereFolder(other);
        Some(Entry::Skipped(Handle::own(path, place), why))
    }

    /// The next page that such a link leads to.
    fn next_through(&mut self) -> Option<Entry> {
        let Some(met) = self.through.as_mut()?.next(&self.links, &self.options) else {
            self.through = None;
            return None;
        };
        let page = PageFile {
            file: met.file,
            siblings: Vec::new(),
            rules: self.stack.last()?.rules.clone(),
        };
        let Entry::Alias(alias) = self.alias(page, met.other) else {
            return None;
        };
        let through = Some(met.target);
        Some(Entry::Alias(Alias { through, ..alias }))
    }

    /// Where the page is that a file is the compressed copy of, whether or not there is one.
    fn page_of(&self, entry: &DirEntry) -> Option<PathBuf> {
        let name = entry.file_name();
        let page = Coding::of(name).map(|coding| coding.page_name(name));
        let page = page.filter(|page| self.options.is_page(page) && is_file(entry));
        page.map(|page| entry.path().with_file_name(page))
    }

    /// Whether a file is the compressed copy of a page that the walk hands on with its copies.
    fn goes_with_its_page(&self, entry: &DirEntry) -> bool {
        let page = self.page_of(entry);
        page.is_some_and(|page| match fs::symlink_metadata(&page) {
            Ok(metadata) if metadata.is_symlink() => self.links.reaches_file(&page),
            Ok(metadata) => metadata.is_file(),
            Err(_) => false,
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
                target,
            } => self.elsewhere(path, entry.into_path(), other, Some(target)),
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
        self.options
            .everything
            .then(|| Entry::Other(Handle::own(path, target.file)))
    }
}

impl Iterator for Walk {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some(entry) = self.ready.pop() {
                return Some(entry);
            }
            if let Some(entry) = self.next_through() {
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
