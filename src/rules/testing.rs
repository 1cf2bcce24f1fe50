//! What the tests of rules share.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use crate::settings::{Config, Inputs, load};

use super::{Assignment, Page, RuleSet, Wanted};

pub(super) const ORGANIZATIONS: &str =
    "[organizations.sales]\nid = 1\n[organizations.support]\nid = 2\n[organizations.uk]\nid = 3\n";

/// The configuration in a file of this text.
pub(super) fn config(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chathub.toml"), text).unwrap();
    load(&Inputs {
        folder: folder.path().to_path_buf(),
        ..Inputs::default()
    })
    .unwrap()
}

/// The rules of a file of three organizations and `rules`.
pub(super) fn rules(rules: &str) -> Arc<RuleSet> {
    let text = format!("{rules}\n{ORGANIZATIONS}");
    Arc::new(RuleSet::new(&config(&text)).unwrap())
}

pub(super) fn page<'a>(path: &'a str, lang: Option<&'a str>) -> Page<'a> {
    Page {
        path: path.as_bytes(),
        lang,
        directive: None,
    }
}

/// "sales+support because …", for short assertions.
pub(super) fn say(assignment: &Assignment) -> String {
    let wanted = match &assignment.wanted {
        Wanted::Nothing => "nothing".to_owned(),
        Wanted::Unnamed => "unnamed".to_owned(),
        Wanted::Organizations(names) => names.join("+"),
        Wanted::UnknownOrganization { name, nearest } => {
            format!("unknown {name}, near {nearest:?}")
        }
    };
    format!("{wanted}: {}", assignment.because)
}

pub(super) fn assigned(set: &RuleSet, path: &str) -> String {
    say(&set.assign(&page(path, None)))
}
