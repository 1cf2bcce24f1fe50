//! `vercel.json`. All rules that match count, and a later one's value takes the place of an earlier one's (`convertHeaders` of
//! `@vercel/routing-utils` makes of each a route that continues). `routes`, the older form, ends at the first that does not.

use jsonc_parser::ast::Object;

use super::json::{flag, get, named, object, objects, pairs, text};
use super::model::{Addresses, Reading, Serves};
use super::pattern::Pattern;
use super::rules::{Merge, Rule, Rules};

pub(super) fn read(source: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let rules = object(source, false, reading, |root, reading| {
        let clean = flag(root, "cleanUrls") == Some(true);
        let slash = flag(root, "trailingSlash");
        let addresses = Addresses {
            slash: slash != Some(false),
            no_slash: slash != Some(true),
            extension: !clean,
            clean,
        };
        let mut rules = Rules::new(Merge::Last, addresses);
        for rule in objects(get(root, "headers")) {
            rules.list.extend(header(rule, reading));
        }
        for route in objects(get(root, "routes")) {
            rules.list.extend(route_rule(route, reading));
        }
        rules
    });
    let rules = rules.unwrap_or_else(|| Rules::new(Merge::Last, ANY));
    rules.done(&reading.headers)
}

const ANY: Addresses = Addresses {
    slash: true,
    no_slash: true,
    extension: true,
    clean: false,
};

/// A rule of `headers`.
fn header(rule: &Object<'_>, reading: &mut Reading) -> Option<Rule> {
    let sets = pairs(rule, reading);
    let (source, span) = text(rule, "source").filter(|_| !sets.is_empty())?;
    let pattern = Pattern::vercel(source)
        .map_err(|why| reading.unread(0, span, why))
        .ok();
    Some(Rule {
        pattern,
        sets,
        removes: Vec::new(),
        may: get(rule, "has").is_some() || get(rule, "missing").is_some(),
    })
}

/// A rule of `routes`.
fn route_rule(route: &Object<'_>, reading: &mut Reading) -> Option<Rule> {
    let (sets, _) = named(route, "headers", reading);
    let (source, span) = text(route, "src").filter(|_| !sets.is_empty())?;
    let pattern = Pattern::regex(&format!("^(?:{source})$"), false);
    let pattern = pattern.map_err(|why| reading.unread(0, span, why)).ok();
    // Without `continue`, whether later routes count depends on what this one leads to.
    Some(Rule {
        pattern,
        sets,
        removes: Vec::new(),
        may: ["has", "missing", "methods"]
            .iter()
            .any(|key| get(route, key).is_some()),
    })
}
