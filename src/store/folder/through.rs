//! Pages behind a link to a folder that the walk meets by another path: visitors reach each by both paths.

use std::path::{Path, PathBuf};

use walkdir::DirEntry;

use super::links::{Leads, Links, listing};
use crate::store::entry::{Handle, ListOptions};
use crate::store::path::PagePath;

/// Walks such a folder, one folder's listing at a time. It follows a link to a folder that is none of those in which the walk is, unless
/// the way to it leads through another such link: folders that link to each other have endless ways through them.
pub(super) struct Through {
    stack: Vec<Folder>,
}

struct Folder {
    /// By the link's path.
    path: PagePath,
    /// By the path by which its pages are handled.
    other: PagePath,
    /// That of the folder that the last link on the way leads to.
    target: PagePath,
    real: PathBuf,
    /// How many links are on the way.
    links: usize,
    entries: std::vec::IntoIter<DirEntry>,
}

/// A page that is met so.
pub(super) struct Met {
    /// Its file, by the link's path.
    pub(super) file: Handle,
    /// The path by which it is handled.
    pub(super) other: PagePath,
    /// That of the folder that the link leads to.
    pub(super) target: PagePath,
}

impl Through {
    /// Behind the link at `path`; the walk meets the folder at `other`.
    pub(super) fn new(path: PagePath, real: PathBuf, other: PagePath) -> Self {
        let mut through = Self { stack: Vec::new() };
        through.descend(path, real, other.clone(), other, 1);
        through
    }

    fn descend(
        &mut self,
        path: PagePath,
        real: PathBuf,
        other: PagePath,
        target: PagePath,
        links: usize,
    ) {
        let is_above = |folder: &Folder| folder.real == real;
        if self.stack.iter().any(is_above) {
            return;
        }
        // What cannot be listed is reported by its other path.
        let entries = listing(&real).into_iter().filter_map(Result::ok);
        let entries: Vec<_> = entries.collect();
        self.stack.push(Folder {
            path,
            other,
            target,
            real,
            links,
            entries: entries.into_iter(),
        });
    }

    /// The next page.
    pub(super) fn next(&mut self, links: &Links, options: &ListOptions) -> Option<Met> {
        loop {
            let Some(entry) = self.stack.last_mut()?.entries.next() else {
                self.stack.pop();
                continue;
            };
            let met = self.visit(&entry, links, options);
            if met.is_some() {
                return met;
            }
        }
    }

    fn visit(&mut self, entry: &DirEntry, links: &Links, options: &ListOptions) -> Option<Met> {
        let name = entry.file_name();
        let folder = self.stack.last()?;
        let (path, other) = (folder.path.join(name), folder.other.join(name));
        let target = folder.target.clone();
        let met = |file: &Path, link: Option<&Path>| {
            let mut handle = Handle::own(path.clone(), file.to_owned());
            handle.link = link.map(Path::to_owned);
            Met {
                file: handle,
                other: other.clone(),
                target: target.clone(),
            }
        };
        let kind = entry.file_type();
        if kind.is_dir() {
            let behind = folder.links;
            if links.is_entered(name) {
                self.descend(path, entry.path().to_owned(), other, target, behind);
            }
            return None;
        }
        if kind.is_file() {
            return options.is_page(name).then(|| met(entry.path(), None));
        }
        let nested = folder.links < 2;
        match links.follow(entry.path(), |name| options.is_page(name)) {
            Leads::Elsewhere {
                path: there,
                target: real,
                folder: true,
            } if nested => {
                self.descend(path, real, there.clone(), there, 2);
                None
            }
            Leads::Elsewhere {
                target: file,
                folder: false,
                ..
            } if options.is_page(name) => Some(met(&file, Some(entry.path()))),
            _ => None,
        }
    }
}
