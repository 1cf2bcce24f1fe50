//! `[[verify.overrides]]`: severities for a part of the site.

use std::collections::BTreeMap;

use super::error::Problem;
use super::model::Level;
use super::rule::glob;
use super::section::Section;
use super::source::FileLine;
use super::table::{Table, table};
use super::value::List;

table! {
    /// `[[verify.overrides]]`: severities of what is found in some files of the site.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Override "verify.overrides.*." {
        /// Files of the site whose path one of these globs matches, as in a rule.
        matches "match": Vec<String> => List(glob), like "blog/**", file_only();

        /// But none whose path one of these matches.
        not "not": Vec<String> => List(glob), like "blog/new/**", file_only();
    }
    tables {
        /// The severities there, by rule id.
        severity "severity": BTreeMap<String, Level>;
    }
    and {
        /// Where it stands.
        place: FileLine;
    }
}

/// All of them, weakest first.
impl Table for Vec<Override> {
    const REPEATS: bool = true;

    fn read(&mut self, section: &mut Section<'_>) {
        let mut one = Override::default();
        one.read(section);
        let Some(at) = section.at.clone() else {
            return;
        };
        one.place = at.place();
        let what = if section.place("match").is_none() {
            (
                "no `match`",
                "write `match = \"blog/**\"`; severities for the whole site stand in `[verify.severity]`",
            )
        } else if section.place("severity").is_none() {
            (
                "no `severity`",
                "write `severity = { wrong-id = \"warning\" }`",
            )
        } else {
            self.push(one);
            return;
        };
        if !section.has_unknown_keys() {
            let title = format!("the override has {}", what.0);
            section.refuse(Problem::at(at, title, "", what.1));
        }
    }
}
