//! Whether a site is older than what it is built from.
//!
//! Times of files tell little: a checkout, a copy or an archive gives all of them new ones within minutes. So only a
//! difference that none of these makes counts, and only that of files which are surely content.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cli::generator::USUAL_SITES;

/// A checkout takes no longer.
const MARGIN: Duration = Duration::from_mins(10);
/// How many entries are looked at, on either side.
const ENTRIES: usize = 20_000;
/// What pages are written in.
const CONTENT: [&str; 10] = [
    "md", "markdown", "mdx", "mdoc", "rst", "adoc", "asciidoc", "org", "njk", "liquid",
];
/// Folders of what others wrote, beside those that generators write.
const OTHERS: [&str; 6] = [
    "node_modules",
    "vendor",
    "target",
    "bower_components",
    "venv",
    "themes",
];

/// A file of content that was changed after the site was built, if there is one: the newest.
pub(super) fn newer_source(folder: &Path, site: &str) -> Option<PathBuf> {
    let output = folder.join(site);
    let (built, _) = newest(&output, |_, _| true)?;
    let is_source = |path: &Path, is_folder: bool| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if is_folder {
            let written = name.starts_with(['.', '_']) && name != "_posts" && name != "_pages";
            let others = OTHERS.contains(&&*name) || USUAL_SITES.contains(&&*name);
            return path != output && !written && !others;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or_default();
        // README.md and its like tell of the project.
        CONTENT.contains(&extension) && stem.chars().any(char::is_lowercase)
    };
    let (changed, path) = newest(folder, is_source)?;
    let since = changed.duration_since(built).ok()?;
    (since > MARGIN).then(|| {
        path.strip_prefix(folder)
            .map_or(path.clone(), Path::to_owned)
    })
}

/// The file that was written last of those that count, and when; folders that do not count are not entered, nor are links.
fn newest(folder: &Path, counts: impl Fn(&Path, bool) -> bool) -> Option<(SystemTime, PathBuf)> {
    let mut folders = VecDeque::from([folder.to_owned()]);
    let (mut newest, mut seen) = (None, 0);
    while let Some(folder) = folders.pop_front() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > ENTRIES {
                return newest;
            }
            let path = entry.path();
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if !counts(&path, metadata.is_dir()) {
                continue;
            }
            if metadata.is_dir() {
                folders.push_back(path);
            } else if metadata.is_file()
                && let Ok(time) = metadata.modified()
                && newest.as_ref().is_none_or(|(last, _)| time > *last)
            {
                newest = Some((time, path));
            }
        }
    }
    newest
}
