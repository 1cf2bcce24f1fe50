//! From a request's path to a file, as static hosts do it, and never to one outside the site or a hidden one.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::store::PagePath;

/// The one hidden folder that sites publish: RFC 8615.
const WELL_KNOWN: &str = ".well-known";

/// What a folder shows.
const INDEX: [&str; 2] = ["index.html", "index.htm"];

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A file.
    File(Found),
    /// A folder, asked for without its final slash: links relative to it would lead astray.
    Folder,
    /// Nothing, or nothing that is served.
    Nothing,
}

/// A file of the site.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is, without links on the way.
    pub file: PathBuf,
    /// Its path as it was asked for.
    pub asked: PagePath,
    /// Its path without links on the way.
    pub real: PagePath,
}

/// The folders that are served from. Neither has links on the way.
#[derive(Debug, Clone, Copy)]
pub struct Roots<'a> {
    /// The site.
    pub site: &'a Path,
    /// The folder beside the site that links may lead to.
    pub beside: Option<&'a Path>,
}

/// What is in the site at a request's path, of which `path` is the part after the site's base.
///
/// `about` is `about`, else `about.html`, else the folder `about/`; `about/` is its `index.html`.
#[must_use]
pub fn resolve(roots: Roots<'_>, path: &str) -> Target {
    let (names, is_folder) = match path.strip_suffix('/') {
        Some(names) => (names, true),
        None => (path, path.is_empty()),
    };
    let Some(names) = segments(names) else {
        return Target::Nothing;
    };
    let found = if is_folder {
        let index = |name: &&str| find(roots, &[&names[..], &[OsString::from(name)]].concat());
        INDEX.iter().find_map(index)
    } else {
        let mut page = names.clone();
        if let Some(name) = page.last_mut() {
            name.push(".html");
        }
        find(roots, &names).or_else(|| find(roots, &page))
    };
    match found {
        Some(found) => Target::File(found),
        None if !is_folder && is_dir(roots, &names) => Target::Folder,
        None => Target::Nothing,
    }
}

/// The names that a path is made of; none if it could be read as leading anywhere but down, or to what is hidden.
fn segments(path: &str) -> Option<Vec<OsString>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/').map(segment).collect()
}

fn segment(encoded: &str) -> Option<OsString> {
    let name = decoded(encoded)?;
    let leads_on = |byte: &u8| b"/\\\0".contains(byte) || (cfg!(windows) && *byte == b':');
    let leads_on = name.as_encoded_bytes().iter().any(leads_on);
    (!name.is_empty() && !leads_on && is_public(&name)).then_some(name)
}

/// The name as the file system has it, which need not be text.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn decoded(encoded: &str) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(OsString::from_vec(percent_decode_str(encoded).collect()))
}

#[cfg(not(unix))]
fn decoded(encoded: &str) -> Option<OsString> {
    let name = percent_decode_str(encoded).decode_utf8().ok()?;
    Some(name.into_owned().into())
}

fn is_public(name: &OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b".") || name == WELL_KNOWN
}

fn find(roots: Roots<'_>, names: &[OsString]) -> Option<Found> {
    let (file, real) = real(roots, names)?;
    // Anything other than a regular file could block the process that opens it.
    fs::metadata(&file).ok()?.is_file().then_some(())?;
    let asked = names
        .iter()
        .fold(PagePath::default(), |path, name| path.join(name));
    Some(Found { file, asked, real })
}

fn is_dir(roots: Roots<'_>, names: &[OsString]) -> bool {
    real(roots, names).is_some_and(|(folder, _)| folder.is_dir())
}

/// Where these names lead once all links have been followed, if that is still in the site, or where links out of it may lead,
/// and not hidden.
fn real(roots: Roots<'_>, names: &[OsString]) -> Option<(PathBuf, PagePath)> {
    let asked = names
        .iter()
        .fold(roots.site.to_owned(), |path, name| path.join(name));
    let path = fs::canonicalize(asked).ok()?;
    let in_site = path.strip_prefix(roots.site).ok();
    let way = in_site.or_else(|| path.strip_prefix(roots.beside?).ok())?;
    way.iter().all(is_public).then_some(())?;
    // What is outside has no other path in the site.
    let real: Vec<&OsStr> = match in_site {
        Some(way) => way.iter().collect(),
        None => names.iter().map(OsString::as_os_str).collect(),
    };
    let real = real
        .into_iter()
        .fold(PagePath::default(), |path, name| path.join(name));
    Some((path, real))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn site() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap().join("public");
        for file in [
            "index.html",
            "about.html",
            "docs/index.html",
            "both.html",
            "both/index.html",
            "empty/x.css",
            ".env",
            ".git/config",
            ".well-known/security.txt",
            "old/index.htm",
            "a b.html",
        ] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        fs::write(root.with_file_name("secret.txt"), "x").unwrap();
        (folder, root)
    }

    fn shown(root: &Path, path: &str) -> String {
        let beside = root.with_file_name("store");
        let beside = Some(&*beside);
        match resolve(Roots { site: root, beside }, path) {
            Target::File(found) => found.real.to_string(),
            Target::Folder => "folder".to_owned(),
            Target::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn finds_files_as_static_hosts_do() {
        let (_folder, root) = site();
        for (path, wanted) in [
            ("", "index.html"),
            ("index.html", "index.html"),
            ("about", "about.html"),
            ("about.html", "about.html"),
            ("about/", "nothing"),
            ("docs", "folder"),
            ("docs/", "docs/index.html"),
            ("both", "both.html"),
            ("both/", "both/index.html"),
            ("old/", "old/index.htm"),
            ("empty/", "nothing"),
            ("empty/x.css", "empty/x.css"),
            ("empty/x.css/", "nothing"),
            ("a%20b", "a b.html"),
            (".well-known/security.txt", ".well-known/security.txt"),
        ] {
            assert_eq!(shown(&root, path), wanted, "{path}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_need_not_be_text() {
        use std::os::unix::ffi::OsStrExt as _;
        let (_folder, root) = site();
        let folder = root.join(OsStr::from_bytes(b"caf\xE9"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("index.html"), "x").unwrap();
        fs::write(root.join(OsStr::from_bytes(b"\xE9t\xE9.html")), "x").unwrap();
        for (path, wanted) in [
            ("%E9t%E9", "\\xE9t\\xE9.html"),
            ("%e9t%e9.html", "\\xE9t\\xE9.html"),
            ("caf%E9", "folder"),
            ("caf%E9/", "caf\\xE9/index.html"),
            ("caf%C3%A9/", "nothing"),
        ] {
            assert_eq!(shown(&root, path), wanted, "{path}");
        }
    }

    #[test]
    fn never_leaves_the_site_nor_shows_what_is_hidden() {
        let (_folder, root) = site();
        for path in [
            "../secret.txt",
            "%2e%2e/secret.txt",
            "..%2fsecret.txt",
            "..%5csecret.txt",
            "docs/../../secret.txt",
            "./index.html",
            "docs/%2e%2e/index.html",
            "//secret.txt",
            "/etc/passwd",
            "%2fetc%2fpasswd",
            ".env",
            "%2eenv",
            ".git/config",
            ".git/",
            ".git",
            "index.html%00",
            "index.html%00.css",
            "%ff",
            "docs//index.html",
            "%252e%252e/secret.txt",
            "..",
            ".",
        ] {
            assert_eq!(shown(&root, path), "nothing", "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn follows_links_only_where_they_may_lead() {
        use std::os::unix::fs::symlink;
        let (_folder, root) = site();
        symlink("../secret.txt", root.join("out.txt")).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink("/etc", root.join("etc")).unwrap();
        symlink(".git", root.join("shown")).unwrap();
        symlink("docs", root.join("manual")).unwrap();
        let store = root.with_file_name("store");
        fs::create_dir_all(store.join("guide/.git")).unwrap();
        fs::write(store.join("guide/a.html"), "x").unwrap();
        fs::write(store.join("guide/.git/config"), "x").unwrap();
        symlink("../store/guide", root.join("guide")).unwrap();
        symlink("../store/guide/.git", root.join("kept")).unwrap();
        for (path, wanted) in [
            ("out.txt", "nothing"),
            ("up/secret.txt", "nothing"),
            ("up/public/index.html", "index.html"),
            ("up", "nothing"),
            ("etc/passwd", "nothing"),
            ("shown/config", "nothing"),
            ("manual", "folder"),
            ("manual/", "docs/index.html"),
            // Where links out of the site may lead.
            ("guide/a", "guide/a.html"),
            ("guide", "folder"),
            ("kept/config", "nothing"),
        ] {
            assert_eq!(shown(&root, path), wanted, "{path}");
        }
    }
}
