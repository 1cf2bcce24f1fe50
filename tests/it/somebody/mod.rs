//! Somebody to whom modes and owners mean something: nothing is denied to root, as whom tests may run.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use crate::common::{Run, Site};

/// A user who is nobody in particular, for what root may do and others may not.
pub(crate) const NOBODY: u32 = 65534;

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::metadata(folder.path()).unwrap().uid() == 0
}

/// Runs the binary as a user to whom modes mean something.
pub(crate) fn run_as_user(site: &Site, arguments: &str) -> Run {
    if !is_root() {
        return site.run(arguments);
    }
    let command = site.command(arguments.split_whitespace());
    Run::of(command.copied().by(NOBODY).env_clear())
}

/// Gives everything to the user as whom [`run_as_user`] runs.
pub(crate) fn hand_over(folder: &Path) {
    if !is_root() {
        return;
    }
    chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            hand_over(&path);
        } else {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}
