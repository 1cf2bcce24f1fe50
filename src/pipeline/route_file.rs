//! The route file in a site: written after the last page, checked, and known again.

use super::assets::{AssetError, Assets, delete};
use super::held::{AssetState, Held, look_at};
use super::routes::{ROUTES_NAME, RouteFile, is_routes};
use crate::config::Siblings;
use crate::site::{Cancel, Coding, Sibling};

impl Assets {
    /// Makes sure that no file of somebody else's has the route file's name.
    pub(super) fn check_routes(&self) -> Result<(), AssetError> {
        match self.held.routes() {
            AssetState::Foreign => Err(AssetError::Foreign(self.held.path(ROUTES_NAME))),
            _ => Ok(()),
        }
    }

    /// What is the matter with the route file, which should be this one.
    #[must_use]
    pub fn route_state(&self, wanted: &RouteFile) -> AssetState {
        match look_at(&self.held.folder.join(ROUTES_NAME)) {
            Some(content) if content == wanted.content => AssetState::Right,
            _ => self.held.routes(),
        }
    }

    /// Brings the route file and its compressed copies in line with this one. The runtime's files are there already.
    pub fn write_routes(
        &self,
        wanted: &RouteFile,
        dry_run: bool,
    ) -> Result<Vec<String>, AssetError> {
        let mut done = Vec::new();
        // Small as it is, it is written whole.
        let cancel = Cancel::default();
        for coding in Coding::ALL {
            let copy = format!("{ROUTES_NAME}{}", coding.extension());
            let file = self.held.folder.join(&copy);
            let sibling = Sibling { coding, file };
            if !sibling.file.exists()
                || self.siblings == Siblings::Leave
                || sibling.says(&wanted.content, &cancel).unwrap_or(false)
            {
                continue;
            }
            let remove = self.siblings == Siblings::Remove;
            match (remove, dry_run) {
                (_, true) => {}
                (true, _) => delete(&self.held, &copy)?,
                (false, _) => self.put(&copy, |out| coding.compress(&wanted.content, out))?,
            }
            let (would, did) = if remove {
                ("delete", "deleted")
            } else {
                ("write", "wrote")
            };
            done.push(self.said(would, did, dry_run, &copy));
        }
        if self.route_state(wanted) != AssetState::Right {
            if !dry_run {
                self.put(ROUTES_NAME, |out| out.write_all(&wanted.content))?;
            }
            done.push(self.said("write", "wrote", dry_run, ROUTES_NAME));
        }
        Ok(done)
    }
}

impl Held {
    /// What the route file is, by how it begins.
    pub(super) fn routes(&self) -> AssetState {
        let file = self.folder.join(ROUTES_NAME);
        match look_at(&file) {
            Some(content) if is_routes(&content) => AssetState::Earlier,
            None if std::fs::symlink_metadata(&file).is_err() => AssetState::Missing,
            _ => AssetState::Foreign,
        }
    }
}
