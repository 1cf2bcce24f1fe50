//! Severities for parts of the site, by path.

use std::sync::atomic::{AtomicBool, Ordering};

use globset::{Candidate, GlobSet};

use super::error::RuleError;
use super::patterns::Patterns;
use super::rule::{conditions, glob_set};
use super::types::{UnusedPattern, UnusedRule};
use crate::settings::{Level, Override};

/// The overrides of severities, ready to be asked.
#[derive(Debug, Default)]
pub struct Overrides(Vec<Compiled>);

#[derive(Debug)]
struct Compiled {
    spec: Override,
    matches: GlobSet,
    not: GlobSet,
    /// Whether it has matched any file so far.
    held: AtomicBool,
    patterns: Patterns,
}

impl Overrides {
    /// Compiles them; they stand weakest first.
    ///
    /// # Errors
    ///
    /// Never for what the configuration was read from.
    pub fn new(specs: &[Override]) -> Result<Self, RuleError> {
        let compile = |spec: &Override| {
            let globs = |patterns: &[String]| {
                glob_set(patterns).map_err(|source| RuleError::Glob {
                    place: spec.place.clone(),
                    source,
                })
            };
            Ok(Compiled {
                matches: globs(&spec.matches)?,
                not: globs(&spec.not)?,
                spec: spec.clone(),
                held: AtomicBool::new(false),
                patterns: Patterns::of(spec.matches.len(), spec.not.len()),
            })
        };
        Ok(Self(specs.iter().map(compile).collect::<Result<_, _>>()?))
    }

    /// The level of a rule for a file of the site, by the last override that matches it and names the rule.
    #[must_use]
    pub fn level(&self, rule: &str, path: &str) -> Option<Level> {
        // All are asked, so that each has held where it holds.
        let holding = self.0.iter().filter(|one| one.holds(path));
        let levels = holding.filter_map(|one| one.spec.severity.get(rule).copied());
        levels.last()
    }

    /// Notes a page of the site.
    pub fn note(&self, path: &str) {
        for one in &self.0 {
            one.holds(path);
        }
    }

    /// Patterns that were of no use, of those that have matched a file.
    #[must_use]
    pub fn unused_patterns(&self) -> Vec<UnusedPattern> {
        let held = self.0.iter().filter(|one| one.held.load(Ordering::Relaxed));
        let unused = held.flat_map(|one| {
            let unused = one.patterns.unused(&one.spec.matches, &one.spec.not);
            unused.into_iter().map(|(key, pattern)| UnusedPattern {
                place: one.spec.place.clone(),
                key,
                pattern: pattern.to_owned(),
            })
        });
        unused.collect()
    }

    /// Those that have matched no file.
    #[must_use]
    pub fn unused(&self) -> Vec<UnusedRule> {
        let unused = self
            .0
            .iter()
            .filter(|one| !one.held.load(Ordering::Relaxed));
        let unused = unused.map(|one| UnusedRule {
            place: one.spec.place.clone(),
            conditions: conditions(&[("match", &one.spec.matches), ("not", &one.spec.not)]),
        });
        unused.collect()
    }
}

impl Compiled {
    fn holds(&self, path: &str) -> bool {
        let path = Candidate::new(path);
        self.patterns.note(&self.matches, &self.not, &path);
        let holds = self.matches.is_match_candidate(&path) && !self.not.is_match_candidate(&path);
        if holds {
            self.held.store(true, Ordering::Relaxed);
        }
        holds
    }
}
