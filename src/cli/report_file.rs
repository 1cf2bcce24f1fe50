//! Files that reports may be written to: a mistyped path must not cost a page or a source.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, bail};

use crate::report::Format;
use crate::run::FOLDER_CONFIG;
use crate::settings::Pages;

/// How much of a file tells whether it is a report: each format for machines has its mark within that.
const BEGINNING: u64 = 256;

/// Creates the file of a report, or overwrites an earlier report of that name.
pub(super) fn create(
    format: Format,
    file: &Path,
    site: &Path,
    pages: &Pages,
) -> anyhow::Result<File> {
    let in_site = is_in(file, site);
    if is_page(file, site, pages) {
        bail!(
            "cannot write the report {}: it would be a page of the site; give it another extension, or write it elsewhere",
            file.display()
        );
    }
    let name = file.file_name().unwrap_or_default();
    let configuration = name == "chathub.toml" || name == FOLDER_CONFIG;
    if is_something(file) && (configuration || !may_be_report(format, file, in_site)) {
        bail!(
            "cannot write the report {}: a file of that name is there, and it is not a report; name another file, or delete that one",
            file.display()
        );
    }
    File::create(file).with_context(|| format!("cannot write the report {}", file.display()))
}

/// Whether a file would be a page of the site.
pub(super) fn is_page(file: &Path, site: &Path, pages: &Pages) -> bool {
    let extension = file.extension().unwrap_or_default();
    let is_page = |page: &String| extension.eq_ignore_ascii_case(page);
    pages.extensions.iter().any(is_page) && is_in(file, site)
}

/// Whether there is a file with something in it.
fn is_something(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
}

/// Reports for people begin with whatever they have to say, so outside of the site they are taken for what they are called.
fn may_be_report(format: Format, file: &Path, in_site: bool) -> bool {
    let Some(mark) = format.mark() else {
        return !in_site;
    };
    let mut beginning = Vec::new();
    let read = File::open(file).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    read.is_ok() && memchr::memmem::find(&beginning, mark.as_bytes()).is_some()
}

fn is_in(file: &Path, site: &Path) -> bool {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (fs::canonicalize(folder), fs::canonicalize(site)) {
        (Ok(folder), Ok(site)) => folder.starts_with(site),
        // There is no such folder: creating the file says so.
        _ => false,
    }
}
