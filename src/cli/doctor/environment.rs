//! Variables that begin with `CHATHUB_`: what they act on, and those that act on nothing.

use std::collections::BTreeMap;
use std::env;

use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::settings::{Config, SecretSource, nearest, setting_names};

/// Variables that are not settings, and what they are about.
const OTHERS: [(&str, &str); 5] = [
    ("CHATHUB_ORGANIZATIONS", "the organizations and their ids"),
    ("CHATHUB_COMPANY_TOKEN", "the company token"),
    ("CHATHUB_LOGIN", "the login"),
    ("CHATHUB_PASSWORD", "its password"),
    ("CHATHUB_LOG", "the level of the log"),
];

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    let known = known(seen.config());
    let set = env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?;
        let ours = name.to_ascii_uppercase().starts_with("CHATHUB_");
        ours.then(|| (name.to_owned(), value.is_empty()))
    });
    let set: BTreeMap<String, bool> = set.collect();
    let (acting, others): (Vec<_>, Vec<_>) = set
        .iter()
        .partition(|(name, is_empty)| known.contains_key(*name) && !**is_empty);
    let mut checks = Vec::new();
    let acting = acting.iter().filter_map(|(name, _)| {
        let what = known.get(*name)?;
        Some(format!("{name}: {what}"))
    });
    let acting: Vec<String> = acting.collect();
    if !acting.is_empty() {
        let message = match acting.len() {
            1 => "1 variable acts".to_owned(),
            n => format!("{n} variables act"),
        };
        checks.push(Check::new(Topic::Environment, Status::Ok, message).details(acting));
    } else if others.is_empty() {
        let message = "no CHATHUB_ variable is set";
        checks.push(Check::new(Topic::Environment, Status::Ok, message));
    }
    checks.extend(others.into_iter().map(|(name, is_empty)| {
        if *is_empty && known.contains_key(name) {
            let message = format!("{name} is empty, which is as if it were not set");
            return Check::new(Topic::Environment, Status::Note, message);
        }
        // The sources that a configuration names are not known where it cannot be read.
        if seen.invalid.is_some() && name.ends_with("_TOKEN") {
            let message = format!("{name} may be a token that chathub.toml names");
            return Check::new(Topic::Environment, Status::Skipped, message);
        }
        let message = format!("{name} acts on nothing");
        let check = Check::new(Topic::Environment, Status::Warning, message);
        check.remedy(match meant(name, &known) {
            Some(meant) => format!("Did you mean {meant}?"),
            None => {
                "Unset it; docs/configuration.md lists the variables that there are.".to_owned()
            }
        })
    }));
    checks
}

/// All variables that act, and on what.
fn known(config: &Config) -> BTreeMap<String, String> {
    let settings = setting_names().iter();
    let settings = settings.map(|row| (row.variable(), format!("sets {}", row.path)));
    let others = OTHERS.map(|(name, what)| (name.to_owned(), what.to_owned()));
    let api = &config.api;
    let sources = [&api.company_token, &api.login, &api.password];
    let tokens = config.organizations.values().map(|own| &own.token);
    let named = sources.into_iter().chain(tokens).flatten();
    let named = named.filter_map(|source| match source {
        SecretSource::Env(name) => {
            Some((name.clone(), "a secret that chathub.toml names".to_owned()))
        }
        _ => None,
    });
    settings.chain(others).chain(named).collect()
}

/// The variable that was meant: one that is written nearly so, or one whose last words these are, as people leave out the table.
fn meant<'a>(name: &str, known: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let upper = name.to_ascii_uppercase();
    let rest = upper.strip_prefix("CHATHUB_").unwrap_or(&upper);
    let known = || known.keys().map(String::as_str);
    let is_short = |known: &&str| known.ends_with(&format!("_{rest}"));
    let nearly = |known: &&str| {
        let ends = known.match_indices('_').map(|(at, _)| &known[at + 1..]);
        nearest(rest, ends).is_some()
    };
    let only = |fits: &dyn Fn(&&str) -> bool| {
        let mut all = known().filter(|known| fits(known));
        all.next().filter(|_| all.next().is_none())
    };
    // What all have in front would let anything be near.
    let ours = known().filter_map(|known| known.strip_prefix("CHATHUB_"));
    let slip = nearest(rest, ours)
        .and_then(|near| known().find(|known| known.strip_prefix("CHATHUB_") == Some(near)));
    only(&is_short).or(slip).or_else(|| only(&nearly))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_left_out_tables_are_understood() {
        let known = known(&Config::default());
        for (typed, wanted) in [
            ("CHATHUB_BASE_URL", Some("CHATHUB_PLACEHOLDER_BASE_URL")),
            (
                "CHATHUB_PLACEHOLDER_ENPOINT",
                Some("CHATHUB_PLACEHOLDER_ENDPOINT"),
            ),
            ("CHATHUB_COMPANY_TOKN", Some("CHATHUB_COMPANY_TOKEN")),
            ("chathub_mode", Some("CHATHUB_MODE")),
            ("CHATHUB_ASET_DIR", Some("CHATHUB_PLACEHOLDER_ASSET_DIR")),
            ("CHATHUB_GIT", None),
        ] {
            assert_eq!(meant(typed, &known), wanted, "{typed}");
        }
    }
}
