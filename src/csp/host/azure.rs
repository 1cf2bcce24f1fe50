//! `staticwebapp.config.json` of Azure Static Web Apps. The first route that matches is the only one that counts; its headers take the
//! place of the global ones with their names, and an empty value takes one away.

use super::json::{get, named, object, objects, text};
use super::model::{Addresses, Reading, Serves};
use super::pattern::Pattern;
use super::rules::{Merge, Rule, Rules};

pub(super) fn read(source: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let addresses = Addresses {
        slash: true,
        no_slash: false,
        extension: true,
        clean: true,
    };
    let mut rules = Rules::new(Merge::First, addresses);
    object(source, false, reading, |root, reading| {
        let never = text(root, "trailingSlash").is_some_and(|(how, _)| how == "never");
        rules.addresses.slash = !never;
        rules.addresses.no_slash = never;
        rules.everywhere = named(root, "globalHeaders", reading).0;
        for route in objects(get(root, "routes")) {
            let (sets, removes) = named(route, "headers", reading);
            let Some((path, span)) = text(route, "route") else {
                continue;
            };
            let pattern = Pattern::azure(path)
                .map_err(|why| reading.unread(0, span, why))
                .ok();
            rules.list.push(Rule {
                pattern,
                sets,
                removes,
                may: get(route, "methods").is_some(),
            });
        }
    });
    rules.done(&reading.headers)
}
