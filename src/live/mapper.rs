//! Which page of the site an address is: rules match the paths of files, and hosts have their own ways to name those.

use std::sync::Arc;

use url::Url;

use super::address::below;
use crate::rules::{Page, RuleSet};
use crate::run::FOLDER_CONFIG;
use crate::settings::{Config, Pages};
use crate::store::{Entry, FolderConfig, Kind, ListOptions, PagePath, Store};

/// Tells pages by their addresses.
pub(super) struct Mapper {
    root: Url,
    pages: Pages,
    /// Of its own, since asking one notes which rules are in use.
    rules: RuleSet,
    /// The site as it was built, if it is here.
    local: Option<Box<dyn Store>>,
    /// The rules files that folders carry, by their folders.
    folders: Vec<Arc<FolderConfig>>,
}

impl Mapper {
    pub(super) fn new(
        root: &Url,
        config: &Config,
        rules: RuleSet,
        local: Option<Box<dyn Store>>,
    ) -> Self {
        let folders = local
            .as_deref()
            .map_or_else(Vec::new, |local| folders(local, &config.pages));
        Self {
            root: root.clone(),
            pages: config.pages.clone(),
            rules,
            local,
            folders,
        }
    }

    /// The site as it was built.
    pub(super) fn local(&self) -> Option<&dyn Store> {
        self.local.as_deref()
    }

    /// The path of the file that an address is, as the site has it; none where it is not below the site's root.
    pub(super) fn path(&self, url: &Url) -> Option<PagePath> {
        let path = below(&self.root, url)?;
        if path.is_empty() || path.ends_with(b"/") {
            return Some(PagePath::from_bytes([&path[..], b"index.html"].concat()));
        }
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if has_extension(name, &self.pages) {
            return Some(PagePath::from_bytes(path));
        }
        let file = PagePath::from_bytes([&path[..], b".html"].concat());
        let folder = PagePath::from_bytes([&path[..], b"/index.html"].concat());
        let built = |path: &PagePath| {
            let local = self.local.as_deref();
            local.is_some_and(|local| matches!(local.kind(path), Kind::File(_)))
        };
        Some(match (built(&file), built(&folder)) {
            (true, _) => file,
            (false, true) => folder,
            // Nobody knows which of the two it is. Most rules are about folders, and a folder that a rule is about is one.
            (false, false) => match (self.decided(&file), self.decided(&folder)) {
                (None, Some(_)) => folder,
                _ => file,
            },
        })
    }

    /// The rules file in force for a page.
    pub(super) fn rules_of(&self, path: &PagePath) -> Option<Arc<FolderConfig>> {
        let is_above = |config: &&Arc<FolderConfig>| {
            let folder = config.folder.as_bytes();
            folder.is_empty()
                || path
                    .as_bytes()
                    .strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with(b"/"))
        };
        let above = self.folders.iter().filter(is_above);
        above
            .max_by_key(|config| config.folder.as_bytes().len())
            .cloned()
    }

    /// What an address is like: the rule that decides about it, and its first folder.
    pub(super) fn group(&self, url: &Url) -> String {
        let Some(path) = self.path(url) else {
            return String::new();
        };
        let folder = path.as_bytes().split(|byte| *byte == b'/');
        let mut folders: Vec<_> = folder.collect();
        folders.pop();
        let folder = folders
            .first()
            .map(|folder| String::from_utf8_lossy(folder))
            .unwrap_or_default();
        format!("{} {folder}", self.decided(&path).unwrap_or_default())
    }

    /// The rule that decides about a page, as far as its path tells.
    fn decided(&self, path: &PagePath) -> Option<String> {
        let page = Page {
            path: path.as_bytes(),
            lang: None,
            directive: None,
        };
        let tried = self.rules.trace(&page).into_iter();
        tried
            .filter(|tried| tried.won)
            .map(|tried| tried.place.to_string())
            .next()
    }
}

/// The rules files of the folders of a site.
fn folders(local: &dyn Store, pages: &Pages) -> Vec<Arc<FolderConfig>> {
    let options = ListOptions {
        rules: false,
        extensions: Vec::new(),
        hidden: pages.hidden,
        folder_config: FOLDER_CONFIG,
        lists: |_| false,
        everything: false,
        link_root: pages.link_root.clone(),
    };
    let Ok(entries) = local.list(&options) else {
        return Vec::new();
    };
    let rules = entries.filter_map(|entry| match entry {
        Entry::Rules(config) => Some(config),
        _ => None,
    });
    rules.collect()
}

/// Whether the last part of a path is the name of a file, with its extension.
fn has_extension(name: &[u8], pages: &Pages) -> bool {
    let Some(dot) = memchr::memrchr(b'.', name) else {
        return false;
    };
    let extension = &name[dot + 1..];
    let is_page = |page: &String| extension.eq_ignore_ascii_case(page.as_bytes());
    // `release-1.2` has none.
    pages.extensions.iter().any(is_page)
        || (1..=5).contains(&extension.len())
            && extension[0].is_ascii_alphabetic()
            && extension.iter().all(u8::is_ascii_alphanumeric)
}
