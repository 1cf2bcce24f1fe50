//! The route file in a site: written after the last page, checked, and known again.

use super::asset_folder::{AssetFolder, AssetState, Found};
use super::assets::{AssetError, Assets};
use super::routes::{ROUTES_NAME, RouteFile, is_routes};
use crate::settings::Siblings;
use crate::store::{Cancel, Coding, Kind};

impl Assets<'_> {
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
        match self.held.look(ROUTES_NAME) {
            Found::Content(content) if content == wanted.content => AssetState::Right,
            _ => self.held.routes(),
        }
    }

    /// Brings the route file and its compressed copies in line with this one. The runtime's files are there already.
    pub fn write_routes(&self, wanted: &RouteFile) -> Result<Vec<String>, AssetError> {
        let store = self.held.store;
        let mut done = Vec::new();
        // Small as it is, it is written whole.
        let cancel = Cancel::default();
        for coding in Coding::ALL {
            let copy = format!("{ROUTES_NAME}{}", coding.extension());
            let path = self.held.at(&copy);
            let is_there = !matches!(store.kind(&path), Kind::Nothing | Kind::Unknown);
            let says = || coding.says(store.open(&store.at(&path))?, &wanted.content, &cancel);
            if !is_there || self.siblings == Siblings::Leave || says().unwrap_or(false) {
                continue;
            }
            done.push(if self.siblings == Siblings::Remove {
                self.held.delete(&copy)?
            } else {
                self.put(&copy, &mut |out| coding.compress(&wanted.content, out))?
            });
        }
        if self.route_state(wanted) != AssetState::Right {
            done.push(self.put(ROUTES_NAME, &mut |out| out.write_all(&wanted.content))?);
        }
        Ok(done)
    }
}

impl AssetFolder<'_> {
    /// What the route file is, by how it begins.
    pub(super) fn routes(&self) -> AssetState {
        match self.look(ROUTES_NAME) {
            Found::Content(content) if is_routes(&content) => AssetState::Earlier,
            Found::Nothing => AssetState::Missing,
            Found::Content(_) | Found::Else => AssetState::Foreign,
        }
    }
}
