//! Whether a site is older than what it is built from.
//!
//! Times of files tell little: a checkout, a copy or an archive gives all of them new ones within minutes. So only a
//! difference that none of these makes counts, and only that of files which are surely content.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::generator::{USUAL_SITES, below};

/// A checkout takes no longer.
const MARGIN: Duration = Duration::from_mins(10);
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
    let (built, _) = newest(below(&output, |_| true))?;
    let enters = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let written = name.starts_with(['.', '_']) && name != "_posts" && name != "_pages";
        let others = OTHERS.contains(&&*name) || USUAL_SITES.contains(&&*name);
        path != output && !written && !others
    };
    let is_content = |file: &DirEntry| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        let (stem, extension) = name.rsplit_once('.').unwrap_or_default();
        // README.md and its like tell of the project.
        CONTENT.contains(&extension) && stem.chars().any(char::is_lowercase)
    };
    let (changed, path) = newest(below(folder, enters).filter(is_content))?;
    let since = changed.duration_since(built).ok()?;
    (since > MARGIN).then(|| {
        path.strip_prefix(folder)
            .map_or(path.clone(), Path::to_owned)
    })
}

/// The file that was written last, and when.
fn newest(entries: impl Iterator<Item = DirEntry>) -> Option<(SystemTime, PathBuf)> {
    let files = entries.filter_map(|entry| {
        let metadata = entry.metadata().ok()?;
        let time = metadata.modified().ok()?;
        metadata.is_file().then(|| (time, entry.path()))
    });
    // The first of several that were written at once.
    files.reduce(|last, file| if file.0 > last.0 { file } else { last })
}
