//! One compiled rule: its conditions, and what it wants.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use globset::{Candidate, GlobMatcher, GlobSet};

use crate::settings::{BadGlob, RuleSpec, compile_glob, literal_readings, matches_language};

use super::patterns::Patterns;
use super::types::{UnusedPattern, Wanted};

/// A rule that is ready to be asked.
pub(super) struct Rule {
    pub(super) spec: RuleSpec,
    pub(super) wanted: Wanted,
    matches: GlobSet,
    not: GlobSet,
    /// Whether it has held on any page so far.
    held: AtomicBool,
    /// Patterns whose brackets may have been meant as letters.
    doubtful: Vec<Doubtful>,
    patterns: Patterns,
}

/// A pattern whose brackets may have been meant as letters.
struct Doubtful {
    pattern: String,
    /// The pattern as it would have to be written for that.
    reading: String,
    meant: GlobMatcher,
    /// Whether it is one of `not`.
    not: bool,
    /// The first page that is named so, which the pattern leaves out.
    page: OnceLock<Vec<u8>>,
}

impl Rule {
    /// Compiles a rule; what it wants has been resolved by the caller.
    pub(super) fn new(spec: RuleSpec, wanted: Wanted) -> Result<Self, BadGlob> {
        Ok(Self {
            matches: glob_set(&spec.matches)?,
            not: glob_set(&spec.not)?,
            doubtful: doubtful(&spec.matches, false)
                .chain(doubtful(&spec.not, true))
                .collect(),
            patterns: Patterns::of(spec.matches.len(), spec.not.len()),
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

    /// Notes the patterns that a page is matched by.
    pub(super) fn note_patterns(&self, path: &Candidate<'_>) {
        self.patterns.note(&self.matches, &self.not, path);
    }

    /// Patterns that have been of no use, once the rule has held: before, all of it is unused.
    pub(super) fn unused_patterns(&self) -> Vec<UnusedPattern> {
        if !self.has_held() {
            return Vec::new();
        }
        let unused = self.patterns.unused(&self.spec.matches, &self.spec.not);
        let unused = unused.into_iter().map(|(key, pattern)| UnusedPattern {
            place: self.spec.place.clone(),
            key,
            pattern: pattern.to_owned(),
        });
        unused.collect()
    }

    /// Notes a page whose name has the brackets of a pattern that does not match it.
    pub(super) fn note_brackets(&self, path: &Candidate<'_>, page: &[u8]) {
        for doubtful in &self.doubtful {
            let set = if doubtful.not {
                &self.not
            } else {
                &self.matches
            };
            if doubtful.page.get().is_none()
                && doubtful.meant.is_match_candidate(path)
                && !set.is_match_candidate(path)
            {
                let _ = doubtful.page.set(page.to_vec());
            }
        }
    }

    /// What has been noted of that: a pattern, how it would have to be written, and a page that it leaves out.
    pub(super) fn brackets(&self) -> impl Iterator<Item = (&str, &str, &[u8])> {
        self.doubtful.iter().filter_map(|doubtful| {
            let page = doubtful.page.get()?;
            Some((&*doubtful.pattern, &*doubtful.reading, &**page))
        })
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
        conditions(&[
            ("match", &self.spec.matches),
            ("not", &self.spec.not),
            ("lang", &self.spec.lang),
        ])
    }

    fn speaks(&self, lang: Option<&str>) -> bool {
        let Some(lang) = lang.filter(|lang| !lang.is_empty()) else {
            return false;
        };
        let mut ranges = self.spec.lang.iter();
        ranges.any(|range| matches_language(range, lang))
    }
}

/// Conditions as text, by their keys.
pub(super) fn conditions(all: &[(&str, &Vec<String>)]) -> String {
    let conditions = all.iter().filter(|(_, values)| !values.is_empty());
    let conditions = conditions.map(|(key, values)| {
        let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        format!("{key} {}", values.join(" or "))
    });
    let conditions: Vec<String> = conditions.collect();
    if conditions.is_empty() {
        "every page".to_owned()
    } else {
        conditions.join(", ")
    }
}

fn doubtful(patterns: &[String], not: bool) -> impl Iterator<Item = Doubtful> {
    let readings = patterns.iter().flat_map(|pattern| {
        let readings = literal_readings(pattern).into_iter();
        readings.map(move |reading| (pattern, reading))
    });
    readings.filter_map(move |(pattern, reading)| {
        let glob = compile_glob(&reading).ok()?;
        Some(Doubtful {
            pattern: pattern.clone(),
            meant: glob.compile_matcher(),
            reading,
            not,
            page: OnceLock::new(),
        })
    })
}

pub(super) fn glob_set(patterns: &[String]) -> Result<GlobSet, BadGlob> {
    let globs: Vec<_> = patterns
        .iter()
        .map(|pattern| compile_glob(pattern))
        .collect::<Result<_, _>>()?;
    GlobSet::new(globs).map_err(|error| BadGlob {
        found: error.kind().to_string(),
        help: "use simpler patterns, or fewer in one rule".to_owned(),
    })
}
