//! What packages for other registries are made of: a copy of their folder with what is not in there.

use std::fs;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use crate::run::root;

/// The version that their manifests carry, and that is stamped.
const NO_VERSION: &str = "version = \"0.0.0\"\n";

/// An empty folder in `target`, for the copy.
pub(crate) fn empty(name: &Path) -> Result<PathBuf> {
    let copy = root().join("target").join(name);
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    Ok(copy)
}

/// Copies the files of a folder, and of none below it.
pub(crate) fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Copies files from the top of the repository.
pub(crate) fn add(copy: &Path, names: &[&str]) -> Result<()> {
    for name in names {
        fs::copy(root().join(name), copy.join(name))?;
    }
    Ok(())
}

/// Puts the version of Cargo.toml into the manifest.
pub(crate) fn stamp(manifest: &Path) -> Result<()> {
    let text = fs::read_to_string(manifest)?;
    let line = format!("version = \"{}\"\n", version()?);
    let stamped = text.replacen(NO_VERSION, &line, 1);
    if stamped == text {
        let message = format!("{} has no {NO_VERSION}", manifest.display());
        return Err(Error::other(message));
    }
    fs::write(manifest, stamped)
}

/// The version in Cargo.toml.
pub(crate) fn version() -> Result<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let line = |line: &str| {
        let version = line.strip_prefix("version = \"")?.strip_suffix('"')?;
        Some(version.to_owned())
    };
    manifest
        .lines()
        .find_map(line)
        .ok_or_else(|| Error::other("Cargo.toml has no version"))
}
