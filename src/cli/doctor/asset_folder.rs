//! The runtime's files: whether they are in the site, and whether its host publishes them.

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::runtime::{FILES, File};
use crate::steps::{AssetState, Assets, hosting_notice};
use crate::store::{Dry, Folder};

const TOPIC: Topic = Topic::AssetFolder;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let Some((site, judged)) = seen.judged_site() else {
        return Vec::new();
    };
    let config = seen.config();
    if !config.may_need_runtime() {
        let message = "pages load nothing of chathub's, so there is none";
        return vec![Check::new(TOPIC, Status::Skipped, message)];
    }
    let store = Dry(Folder::new(site));
    let assets = Assets::new(&store, config);
    let mut checks = judged.gathered.on(TOPIC);
    // What is in the way of files is of no interest where they are found to be wrong.
    if checks.is_empty()
        && let Err(error) = assets.check()
    {
        let message = format!("inject would do nothing: {error}");
        checks.push(Check::new(TOPIC, Status::Error, message));
    }
    if let Some(notice) = hosting_notice(&store, config) {
        let (found, remedy) = notice.split_once(": choose").unwrap_or((&notice, ""));
        let check = Check::new(TOPIC, Status::Warning, found);
        checks.push(check.remedy(match remedy {
            "" => String::new(),
            remedy => format!("Choose{remedy}."),
        }));
    }
    if checks.is_empty() {
        let folder = &config.placeholder.asset_dir;
        let is_missing = |file: &File| {
            let name = file.hashed_name();
            assets.state(file, &name) == AssetState::Missing
        };
        checks.push(if FILES.iter().all(is_missing) {
            let message = format!("no page loads the runtime; inject writes it to {folder}");
            Check::new(TOPIC, Status::Skipped, message)
        } else {
            let message = format!("{folder} has what pages load; every host publishes it");
            Check::new(TOPIC, Status::Ok, message)
        });
    }
    let left_behind = assets.left_behind();
    if !left_behind.is_empty() {
        let message = format!("{}/ has earlier versions", left_behind.join("/ and "));
        let check = Check::new(TOPIC, Status::Note, message);
        checks.push(
            check.remedy("They stay for pages in caches; `chathub inject --prune` deletes them."),
        );
    }
    checks
}
