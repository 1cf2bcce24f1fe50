//! Pages as people name them.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use crate::config::{Config, Pages, nearest};
use crate::pipeline::{FOLDER_CONFIG, walk_options};
use crate::site::{Entry, PagePath, Walk};
use crate::verify;

/// The path of what is named by its path in the site or from the working folder, links as they are named; none where nothing
/// is there.
pub(super) fn find(site: &Path, named: &Path) -> anyhow::Result<Option<PagePath>> {
    let here = env::current_dir().context("the working folder cannot be found")?;
    let from_here = here.join(named);
    // By way of links above the site, and as its folder is written.
    let above = |path: &Path| {
        let folders = path.ancestors();
        folders
            .filter_map(|folder| {
                let inside = path.strip_prefix(folder).ok()?;
                let real = fs::canonicalize(folder).ok()?;
                let from_site = real.strip_prefix(site).ok()?;
                Some(from_site.join(inside))
            })
            .last()
    };
    let candidates = [above(&site.join(plain(named))), above(&plain(&from_here))];
    let candidates = candidates.into_iter().flatten();
    Ok(candidates
        .map(|path| {
            if site.join(&path).is_dir() {
                path.join("index.html")
            } else {
                path
            }
        })
        .find(|path| fs::symlink_metadata(site.join(path)).is_ok())
        .map(|path| {
            let parts = path.components().map(Component::as_os_str);
            parts.fold(PagePath::default(), |path, part| path.join(part))
        }))
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// A path, and those of the folders above it.
pub(super) fn and_above(path: &PagePath) -> impl Iterator<Item = PagePath> + use<> {
    let first = Some(path.clone());
    std::iter::successors(first, |path| Some(path.parent()))
        .take_while(|path| !path.as_bytes().is_empty())
}

/// Why the walk over the site does not come to a file that is there.
pub(super) fn why_not(path: &PagePath, pages: &Pages) -> String {
    let real = path.to_path();
    let extension = real.extension();
    let is_page = |extension: &std::ffi::OsStr| {
        let mut pages = pages.extensions.iter();
        pages.any(|page| extension.eq_ignore_ascii_case(page))
    };
    if real.file_name().is_some_and(|name| name == FOLDER_CONFIG) {
        "it is the rules file of its folder".to_owned()
    } else if extension.is_some_and(is_page) {
        "it is in a folder that is never part of a site".to_owned()
    } else {
        format!(
            "it is not a page, since its name ends in none of .{} (pages.extensions)",
            pages.extensions.join(", .")
        )
    }
}

/// Says that there is no such page, and which one may be meant.
pub(super) fn is_not_there<T>(site: &Path, named: &Path, config: &Config) -> anyhow::Result<T> {
    let name = named.display().to_string();
    let site_name = site.display();
    if let Some(rule) = nearest(&name, verify::ids()) {
        bail!("there is no page {name} in {site_name}; did you mean the rule {rule}?");
    }
    let options = walk_options(&config.pages, false);
    let walk = Walk::new(site, options, &std::sync::Arc::new(()), |nothing, _, _| {
        std::sync::Arc::clone(nothing)
    });
    let walk = walk.with_context(|| site_name.to_string())?;
    let paths: Vec<String> = walk
        .filter_map(|entry| match entry {
            Entry::Page(page, _) => Some(page.path.to_string()),
            Entry::Alias(alias) => Some(alias.page.path.to_string()),
            Entry::Skipped(path, ..) => Some(path.to_string()),
            _ => None,
        })
        .collect();
    let hint = nearest(&name, paths.iter().map(String::as_str));
    let hint = hint
        .map(|path| format!("; did you mean {path}?"))
        .unwrap_or_default();
    bail!("there is no page {name} in {site_name}{hint}")
}
