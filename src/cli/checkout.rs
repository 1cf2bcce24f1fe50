//! Where a pipeline finds the files that a report names.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::live::is_url;

/// The variables in which GitHub Actions and GitLab CI give the folder with the checked-out repository.
const TOPS: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The path of the site from the top of the checkout, or else from the working folder; absolute if it lies in neither. An address stays one.
pub(super) fn path(site: &Path) -> String {
    if let Some(url) = site.to_str().filter(|site| is_url(site)) {
        return url.to_owned();
    }
    let tops = TOPS
        .into_iter()
        .filter_map(|variable| Some(PathBuf::from(env::var_os(variable)?)))
        .chain(env::current_dir());
    from(site, tops)
}

fn from(site: &Path, tops: impl IntoIterator<Item = PathBuf>) -> String {
    let Ok(site) = fs::canonicalize(site) else {
        return slashes(site);
    };
    let tops = tops
        .into_iter()
        .filter_map(|top| fs::canonicalize(top).ok());
    // The root of the file system is not a checkout: a path from there is an absolute one.
    let mut tops = tops.filter(|top| top.parent().is_some());
    match tops.find_map(|top| Some(site.strip_prefix(top).ok()?.to_owned())) {
        Some(path) => slashes(&path),
        None => slashes(&site),
    }
}

fn slashes(path: &Path) -> String {
    if path.is_absolute() {
        return path.display().to_string().replace('\\', "/");
    }
    let names: Vec<_> = path.iter().map(OsStr::to_string_lossy).collect();
    names.join("/")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_from_the_first_folder_that_it_lies_in() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("repository");
        let site = top.join("docs/public");
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir_all(&site).unwrap();
        fs::create_dir_all(&elsewhere).unwrap();
        let named = |tops: &[&Path]| from(&site, tops.iter().map(|top| top.to_path_buf()));
        assert_eq!(named(&[&top, &top.join("docs")]), "docs/public");
        assert_eq!(named(&[&elsewhere, &top.join("docs")]), "public");
        assert_eq!(named(&[&site]), "");
        assert_eq!(
            named(&[&elsewhere, Path::new("/"), Path::new("missing")]),
            fs::canonicalize(&site).unwrap().to_str().unwrap()
        );
        let detour = top.join("docs/../docs/./public");
        assert_eq!(from(&detour, [top.clone()]), "docs/public");
    }
}
