//! Whether a folder holds built pages.

use std::collections::VecDeque;
use std::fs::{self, DirEntry, File, ReadDir};
use std::io::Read;
use std::iter;
use std::path::Path;
use std::time::SystemTime;

use memchr::memmem;

/// How many entries are looked at: what counts lies near the top of what generators read and write.
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

/// What lies in a folder and below it but for folders, what is near the top first. Folders that `enters` does not let in are
/// left out, and so is what links lead to.
pub(crate) fn below(
    folder: &Path,
    enters: impl Fn(&Path) -> bool,
) -> impl Iterator<Item = DirEntry> {
    let mut folders = VecDeque::from([folder.to_owned()]);
    let mut open = None;
    let entries = iter::from_fn(move || {
        loop {
            let next = open
                .as_mut()
                .and_then(|open: &mut ReadDir| open.find_map(Result::ok));
            if let Some(entry) = next {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && enters(&entry.path()) {
                    folders.push_back(entry.path());
                }
                return Some((entry, is_folder));
            }
            open = fs::read_dir(folders.pop_front()?).ok();
        }
    });
    let entries = entries.take(ENTRIES);
    entries.filter_map(|(entry, is_folder)| (!is_folder).then_some(entry))
}

/// Whether there are built pages in a folder or below it.
pub(super) fn has_pages(folder: &Path) -> bool {
    let enters = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        !name.as_encoded_bytes().starts_with(b".") && name != "node_modules"
    };
    below(folder, enters).any(|entry| is_built_page(&entry.path()))
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

/// One that cannot be read may be a page: anyone who wants to change it reads why not.
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
pub(crate) fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let times = entries.filter_map(|entry| entry.metadata().ok()?.modified().ok());
    times.max()
}
