//! Files that may say something about pages, such as a service worker's precache list: found before the pages.

use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::links::{Leads, Links};
use crate::store::entry::{Entry, Handle, ListOptions, Reach};
use crate::store::path::PagePath;

/// Folders of scripts, from which a worker may be about the pages of the whole site. The walk comes to them after those.
const SCRIPTS: [&str; 12] = [
    "assets",
    "build",
    "dist",
    "javascript",
    "js",
    "lib",
    "public",
    "pwa",
    "scripts",
    "static",
    "sw",
    "workers",
];

/// The entry of a file that may be a list. What is outside the site is read only where links may lead.
pub(super) fn list(
    links: &Links,
    folder: &PagePath,
    entry: &DirEntry,
    outside: bool,
) -> Option<Entry> {
    let path = folder.join(entry.file_name());
    let mut file = Handle::own(path, entry.path().to_owned());
    if entry.file_type().is_symlink() {
        match links.follow(entry.path(), |_| false) {
            Leads::On(target) if target.metadata.is_file() => file.file = target.file,
            _ => return None,
        }
        file.link = Some(entry.path().to_owned());
    } else if !entry.file_type().is_file() {
        return None;
    }
    if outside {
        file.reach = Reach::Outside;
    }
    Some(Entry::List(file))
}

/// Those in the site's folders of scripts. The walk hands them on once more.
pub(super) fn of_scripts(links: &Links, root: &Path, options: &ListOptions) -> Vec<Entry> {
    let mut lists = Vec::new();
    for name in SCRIPTS {
        let folder = root.join(name);
        // A link to a folder is followed by the walk alone.
        if !folder.symlink_metadata().is_ok_and(|m| m.is_dir()) {
            continue;
        }
        let listing = WalkDir::new(&folder).min_depth(1).max_depth(1);
        let entries = listing.into_iter().filter_map(Result::ok);
        let entries = entries.filter(|entry| (options.lists)(entry.file_name()));
        let path = PagePath::from(name);
        lists.extend(entries.filter_map(|entry| list(links, &path, &entry, false)));
    }
    lists
}
