//! One compiled rule: its conditions, and what it wants.

use std::sync::atomic::{AtomicBool, Ordering};

use globset::{Candidate, GlobSet};

use crate::config::{BadGlob, RuleSpec, compile_glob, matches_language};

use super::types::Wanted;

/// A rule that is ready to be asked.
pub(super) struct Rule {
    pub(super) spec: RuleSpec,
    pub(super) wanted: Wanted,
    matches: GlobSet,
    not: GlobSet,
    /// Whether it has held on any page so far.
    held: AtomicBool,
}

impl Rule {
    /// Compiles a rule; what it wants has been resolved by the caller.
    pub(super) fn new(spec: RuleSpec, wanted: Wanted) -> Result<Self, BadGlob> {
        Ok(Self {
            matches: glob_set(&spec.matches)?,
            not: glob_set(&spec.not)?,
            spec,
            wanted,
            held: AtomicBool::new(false),
        })
    }

    /// Whether all conditions hold. `path` is relative to the folder that carries the rule.
    pub(super) fn holds(&self, path: &Candidate<'_>, lang: Option<&str>) -> bool {
        (self.spec.lang.is_empty() || self.speaks(lang))
            && (self.spec.matches.is_empty() || self.matches.is_match_candidate(path))
            && !self.not.is_match_candidate(path)
    }

    /// The first condition that does not hold, as a sentence.
    pub(super) fn why_not(&self, path: &Candidate<'_>, lang: Option<&str>) -> Option<String> {
        if !self.spec.matches.is_empty() && !self.matches.is_match_candidate(path) {
            return Some(match self.spec.matches.as_slice() {
                [one] => format!("`{one}` does not match the path"),
                _ => "none of the `match` globs matches the path".to_owned(),
            });
        }
        if let Some(index) = self.not.matches_candidate(path).first() {
            // The set has one glob per pattern, in the same order.
            let pattern = self.spec.not.get(*index).map_or("", String::as_str);
            return Some(format!("`not` excludes it: `{pattern}` matches the path"));
        }
        if !self.spec.lang.is_empty() && !self.speaks(lang) {
            return Some(match lang.filter(|lang| !lang.is_empty()) {
                Some(lang) => format!("the page's language is `{}`", lang.escape_debug()),
                None => "the page has no language".to_owned(),
            });
        }
        None
    }

    /// Whether the rule has held on any page so far.
    pub(super) fn has_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// Notes that the rule held on a page.
    pub(super) fn note_held(&self) {
        // Most pages find it noted already: reading first keeps the cache line shared between threads.
        if !self.has_held() {
            self.held.store(true, Ordering::Relaxed);
        }
    }

    /// The conditions as text, such as `match "shop/**", not "shop/terms/**", lang "uk"`.
    pub(super) fn conditions(&self) -> String {
        let conditions: Vec<String> = [
            ("match", &self.spec.matches),
            ("not", &self.spec.not),
            ("lang", &self.spec.lang),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| {
            let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
            format!("{key} {}", values.join(" or "))
        })
        .collect();
        if conditions.is_empty() {
            "every page".to_owned()
        } else {
            conditions.join(", ")
        }
    }

    fn speaks(&self, lang: Option<&str>) -> bool {
        let Some(lang) = lang.filter(|lang| !lang.is_empty()) else {
            return false;
        };
        let mut ranges = self.spec.lang.iter();
        ranges.any(|range| matches_language(range, lang))
    }
}

fn glob_set(patterns: &[String]) -> Result<GlobSet, BadGlob> {
    let globs: Vec<_> = patterns
        .iter()
        .map(|pattern| compile_glob(pattern))
        .collect::<Result<_, _>>()?;
    GlobSet::new(globs).map_err(|error| BadGlob {
        found: error.kind().to_string(),
        help: "use simpler patterns, or fewer in one rule".to_owned(),
    })
}
