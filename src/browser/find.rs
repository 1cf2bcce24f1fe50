//! Where the browser is.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::BrowserError;

/// Variables that name one, in the order in which they are asked: Debian's and our own, those of Chrome's launcher and of Karma, and
/// Puppeteer's.
pub const VARIABLES: [&str; 4] = [
    "CHROMIUM",
    "CHROME_PATH",
    "CHROME_BIN",
    "PUPPETEER_EXECUTABLE_PATH",
];

/// What it is called in PATH.
const NAMES: [&str; 8] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
];

/// Where installers put it whatever PATH says.
const PLACES: [&str; 10] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/opt/microsoft/msedge/msedge",
    "/usr/local/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

/// The installed browser.
///
/// # Errors
///
/// If there is none, or none where a variable says.
pub fn find() -> Result<PathBuf, BrowserError> {
    look(|name| env::var_os(name), is_program)
}

fn look(
    variable: impl Fn(&str) -> Option<OsString>,
    is_program: impl Fn(&Path) -> bool,
) -> Result<PathBuf, BrowserError> {
    let in_path = || {
        let path = variable("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = env::split_paths(&path).collect();
        let candidates = NAMES
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        candidates.into_iter().find(|path| is_program(path))
    };
    for name in VARIABLES {
        let Some(value) = variable(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        let named = PathBuf::from(&value);
        // A bare name is one of PATH.
        let found = if named.components().count() == 1 {
            let path = variable("PATH").unwrap_or_default();
            let mut folders = env::split_paths(&path).map(|folder| folder.join(&named));
            folders.find(|path| is_program(path))
        } else {
            Some(named.clone()).filter(|path| is_program(path))
        };
        return found.ok_or(BrowserError::NotThere { name, path: named });
    }
    let usual = || PLACES.iter().map(PathBuf::from).find(|p| is_program(p));
    in_path().or_else(usual).ok_or(BrowserError::None)
}

fn is_program(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is found where these variables are set and these files are programs.
    fn found(variables: &[(&str, &str)], programs: &[&str]) -> Result<PathBuf, String> {
        let variable = |name: &str| {
            let mut all = variables.iter();
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| value.into())
        };
        let found = look(variable, |path| {
            programs.iter().any(|p| Path::new(p) == path)
        });
        found.map_err(|error| error.to_string())
    }

    #[test]
    fn variables_come_first_then_path_then_the_usual_places() {
        let all = [
            "/mine/chrome",
            "/a/chromium",
            "/b/google-chrome",
            "/usr/bin/chromium",
            "/opt/google/chrome/chrome",
        ];
        let path = ("PATH", "/b:/a");
        for (variables, wanted) in [
            (&[path, ("CHROMIUM", "/mine/chrome")][..], "/mine/chrome"),
            (&[path, ("CHROME_PATH", "/mine/chrome")], "/mine/chrome"),
            (&[path, ("CHROMIUM", "google-chrome")], "/b/google-chrome"),
            (&[path, ("CHROMIUM", "")], "/a/chromium"),
            (&[("PATH", "/b")], "/b/google-chrome"),
            (&[], "/usr/bin/chromium"),
        ] {
            assert_eq!(
                found(variables, &all).unwrap(),
                Path::new(wanted),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn one_that_is_named_and_not_there_is_not_replaced_by_another() {
        let error = found(&[("CHROME_PATH", "/gone/chrome")], &["/usr/bin/chromium"]).unwrap_err();
        assert!(
            error.contains("CHROME_PATH") && error.contains("/gone/chrome"),
            "{error}"
        );
        let error = found(&[("PATH", "/a")], &[]).unwrap_err();
        assert!(
            error.contains("CHROMIUM") && error.contains("install"),
            "{error}"
        );
    }
}
