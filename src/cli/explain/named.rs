//! Pages as people name them.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::run::FOLDER_CONFIG;
use crate::settings::{Pages, nearest};
use crate::steps::verify;
use crate::store::PagePath;

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

/// That there is no such page, and which one may be meant.
pub(super) fn is_not_there(site: &Path, named: &Path, pages: &[String]) -> anyhow::Error {
    let name = named.display().to_string();
    let site = site.display();
    if let Some(rule) = nearest(&name, verify::ids()) {
        return anyhow!("there is no page {name} in {site}; did you mean the rule {rule}?");
    }
    let hint = nearest(&name, pages.iter().map(String::as_str));
    let hint = hint
        .map(|path| format!("; did you mean {path}?"))
        .unwrap_or_default();
    anyhow!("there is no page {name} in {site}{hint}")
}
