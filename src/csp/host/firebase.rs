//! `firebase.json`. All rules that match count, and a later one's value takes the place of an earlier one's (`superstatic`, which its
//! emulator serves by). Several sites may be configured; which of them this is, nobody says, so each may be it.

use jsonc_parser::ast::{Object, Value};

use super::json::{flag, get, object, objects, pairs, text};
use super::model::{Addresses, Reading, Serves};
use super::pattern::Pattern;
use super::rules::{Merge, Rule, Rules};

/// The sites of one file.
struct Sites(Vec<Box<dyn Serves>>);

impl Serves for Sites {
    fn sent(&self, path: &str) -> Vec<Vec<usize>> {
        self.0.iter().flat_map(|site| site.sent(path)).collect()
    }
}

pub(super) fn read(source: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let sites = object(source, true, reading, |root, reading| {
        let hosting = get(root, "hosting");
        let one = hosting.and_then(Value::as_object).into_iter();
        let all: Vec<_> = one.chain(objects(hosting)).collect();
        let rules: Vec<_> = all
            .into_iter()
            .map(|site| site_rules(site, reading))
            .collect();
        let headers = &reading.headers;
        rules.into_iter().map(|rules| rules.done(headers)).collect()
    });
    Box::new(Sites(sites.unwrap_or_default()))
}

fn site_rules(site: &Object<'_>, reading: &mut Reading) -> Rules {
    let clean = flag(site, "cleanUrls") == Some(true);
    let slash = flag(site, "trailingSlash");
    let addresses = Addresses {
        slash: slash != Some(false),
        no_slash: slash == Some(false),
        extension: !clean,
        clean,
    };
    let mut rules = Rules::new(Merge::Last, addresses);
    for rule in objects(get(site, "headers")) {
        let sets = pairs(rule, reading);
        if sets.is_empty() {
            continue;
        }
        let glob = text(rule, "source").or_else(|| text(rule, "glob"));
        let regex = text(rule, "regex");
        let pattern = match (glob, regex) {
            (Some((glob, span)), _) => Pattern::firebase(glob).map_err(|why| (span, why)),
            (None, Some((regex, span))) => Pattern::regex(regex, false).map_err(|why| (span, why)),
            (None, None) => {
                let span = rule.range.start..rule.range.end;
                Err((
                    span,
                    "a rule for headers has neither `source` nor `regex`".to_owned(),
                ))
            }
        };
        let pattern = pattern
            .map_err(|(span, why)| reading.unread(0, span, why))
            .ok();
        rules.list.push(Rule {
            pattern,
            sets,
            removes: Vec::new(),
            may: false,
        });
    }
    rules
}
