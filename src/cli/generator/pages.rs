//! Whether a folder holds built pages.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

use memchr::memmem;

/// How many entries are looked at: pages lie near the top of what generators write.
const ENTRIES: usize = 20_000;
/// How much of a page: templates say early that they are templates.
const LOOK: u64 = 16 << 10;

/// What stands in pages that a generator has still to build.
const TEMPLATES: [&[u8]; 8] = [
    b"%PUBLIC_URL%",
    b"%BASE_URL%",
    b"%sveltekit.",
    b"<%= ",
    b"{{content-for ",
    b"src=\"/src/",
    b"src=\"./src/",
    b"src=\"src/",
];

/// Whether there are built pages in a folder or below it.
pub(super) fn has_pages(folder: &Path) -> bool {
    let mut folders = VecDeque::from([folder.to_owned()]);
    let mut seen = 0;
    while let Some(folder) = folders.pop_front() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > ENTRIES {
                return false;
            }
            let name = entry.file_name();
            let hidden = name.as_encoded_bytes().starts_with(b".");
            let path = entry.path();
            if path.is_dir() {
                let foreign = name == "node_modules" || entry.path().is_symlink();
                if !hidden && !foreign {
                    folders.push_back(path);
                }
            } else if is_built_page(&path) {
                return true;
            }
        }
    }
    false
}

/// Whether a built page lies right in a folder.
pub(super) fn holds_page(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .any(|path| is_built_page(&path))
}

/// Whether what may be a page lies right in a folder, built or not.
pub(super) fn holds_page_file(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| is_page(&path))
}

fn is_page(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    let mut pages = ["html", "htm", "xhtml"].iter();
    pages.any(|page| extension.eq_ignore_ascii_case(page)) && path.is_file()
}

/// One that cannot be read may be a page: whoever wants to change it is told why not.
fn is_built_page(path: &Path) -> bool {
    let mut text = Vec::new();
    let mut read = || File::open(path)?.take(LOOK).read_to_end(&mut text);
    is_page(path)
        && (read().is_err()
            || !TEMPLATES
                .iter()
                .any(|sign| memmem::find(&text, sign).is_some()))
}

/// When something right in a folder was last written.
pub(in crate::cli) fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let times = entries.filter_map(|entry| entry.metadata().ok()?.modified().ok());
    times.max()
}
