//! Findings on the route file.

use super::Demands;
use super::catalog as rules;
use crate::event::Finding;
use crate::steps::{AssetState, Assets, Followed, ROUTES_NAME, RouteFile};

/// What is wrong with what the chat follows visitors by.
pub(super) fn route_findings(
    demands: &Demands<'_>,
    assets: &Assets<'_>,
    followed: &Followed,
) -> Vec<Finding> {
    match followed {
        Followed::Routes(wanted) => file_findings(demands, assets, wanted),
        Followed::Lost(lost) => {
            let page = Some(lost.page().to_owned());
            let finding = demands.finding(&rules::NO_ROUTE_FILE, page, &lost.says());
            finding.into_iter().collect()
        }
        Followed::Nothing => Vec::new(),
    }
}

/// What is wrong with the route file, which should be this one.
fn file_findings(demands: &Demands<'_>, assets: &Assets<'_>, wanted: &RouteFile) -> Vec<Finding> {
    let path = || Some(assets.path(ROUTES_NAME));
    let stale = match assets.route_state(wanted) {
        AssetState::Right => None,
        AssetState::Missing => Some("it is not there"),
        AssetState::Foreign => {
            Some("it is not chathub's; inject leaves it alone, so choose another asset-dir")
        }
        _ => Some("it does not say what the loader tags of the pages should say"),
    };
    let stale =
        stale.and_then(|message| demands.finding(&rules::STALE_ROUTE_FILE, path(), message));
    let over = wanted
        .is_over
        .then_some("it says nothing, since it would be longer than 64 KiB");
    let over = over.and_then(|message| demands.finding(&rules::TOO_MANY_ROUTES, path(), message));
    stale.into_iter().chain(over).collect()
}
