//! This program, and whether the runtime in the site is of its version.

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::runtime::FILES;
use crate::steps::{AssetState, Assets};
use crate::store::{Dry, Folder};

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let us = format!("chathub {}", env!("CARGO_PKG_VERSION"));
    let ok = |message: String| vec![Check::new(Topic::Version, Status::Ok, message)];
    let Some((site, _)) = seen.judged_site() else {
        return ok(us);
    };
    let store = Dry(Folder::new(site));
    let assets = Assets::new(&store, seen.config());
    let states = FILES.iter().map(|file| {
        let name = file.hashed_name();
        assets.state(file, &name)
    });
    let states: Vec<AssetState> = states.collect();
    if states.iter().all(|state| *state == AssetState::Right) {
        ok(format!("{us}, which also wrote the runtime in the site"))
    } else if states.contains(&AssetState::Missing) && assets.has_others() {
        let message = format!("{us}, and another version wrote the runtime in the site");
        let check = Check::new(Topic::Version, Status::Warning, message);
        vec![check.remedy(
            "Run `chathub inject` with this version, or use the version that the pipeline uses.",
        )]
    } else {
        ok(us)
    }
}
