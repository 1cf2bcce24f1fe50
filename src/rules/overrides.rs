//! Severities for parts of the site, by path.

use std::sync::atomic::{AtomicBool, Ordering};

use globset::GlobSet;

use super::error::RuleError;
use super::rule::{conditions, glob_set};
use super::types::UnusedRule;
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
            if !one.held.load(Ordering::Relaxed) {
                one.holds(path);
            }
        }
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
        let holds = self.matches.is_match(path) && !self.not.is_match(path);
        if holds {
            self.held.store(true, Ordering::Relaxed);
        }
        holds
    }
}
