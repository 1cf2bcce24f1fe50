//! The folder that a copy is written to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Overlay;
use crate::store::Cancel;

/// Why a folder cannot take a copy of the site.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// One of them is inside the other, so that the copy would become a part of what is copied, or take its place.
    #[error("the output {output} and {what} {other} are one inside the other")]
    NotApart {
        /// The folder.
        output: String,
        /// What the other one is.
        what: &'static str,
        /// The other one.
        other: String,
    },
    /// Something is in it.
    #[error(
        "{0} is not empty: files that the site no longer has would stay in it; delete it first, or name another"
    )]
    NotEmpty(String),
    /// The file system refused.
    #[error("{0}")]
    Io(String, #[source] io::Error),
}

impl Overlay {
    /// A copy of `site` in `output`, which is made if it is not there, must be empty, and must be apart from the site and
    /// what links in it may lead to.
    ///
    /// # Errors
    ///
    /// If that is not so, or it cannot be made.
    pub fn create(
        site: &Path,
        output: &Path,
        link_root: Option<&Path>,
        cancel: Arc<Cancel>,
    ) -> Result<Self, OutputError> {
        // Before anything is created; and again after it, for a path that leads back through folders that were missing.
        let apart = |output: &Path| {
            apart(output, "the site", site)?;
            match link_root {
                Some(root) => apart(output, "the folder of --link-root", root),
                None => Ok(()),
            }
        };
        apart(&real(output)?)?;
        let empty = fs::read_dir(output).map(|mut entries| entries.next().is_none());
        let was_there = empty.is_ok();
        match empty {
            Ok(true) => {}
            Ok(false) => return Err(OutputError::NotEmpty(output.display().to_string())),
            Err(_) => fs::create_dir_all(output).map_err(|error| {
                OutputError::Io(format!("cannot create {}", output.display()), error)
            })?,
        }
        let output = real(output)?;
        apart(&output)?;
        Self::new(site, &output, was_there, link_root, cancel).map_err(of(&output))
    }
}

/// The path without links. What is not there yet is as it is named, below the nearest folder that is there.
fn real(path: &Path) -> Result<PathBuf, OutputError> {
    let path = std::path::absolute(path).map_err(of(path))?;
    let there = path.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(&path);
    let below = path.strip_prefix(there).unwrap_or(Path::new(""));
    let real = fs::canonicalize(there).map_err(of(there))?;
    Ok(if below.as_os_str().is_empty() {
        real
    } else {
        real.join(below)
    })
}

fn apart(output: &Path, what: &'static str, other: &Path) -> Result<(), OutputError> {
    let other = real(other)?;
    if output.starts_with(&other) || other.starts_with(output) {
        return Err(OutputError::NotApart {
            output: output.display().to_string(),
            what,
            other: other.display().to_string(),
        });
    }
    Ok(())
}

/// Says which path an error is about.
fn of(path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.display().to_string();
    move |error| OutputError::Io(path, error)
}
