//! Which patterns of a rule are of use: an exception that nothing needs hides the day when something does.

use std::sync::atomic::{AtomicBool, Ordering};

use globset::{Candidate, GlobSet};

/// Notes which patterns have matched. Each stands where it does in its list.
#[derive(Debug)]
pub(super) struct Patterns {
    matches: Vec<AtomicBool>,
    not: Vec<AtomicBool>,
    /// All of them have.
    is_done: AtomicBool,
}

impl Patterns {
    /// Of lists with so many patterns.
    pub(super) fn of(matches: usize, not: usize) -> Self {
        let none = |patterns| (0..patterns).map(|_| AtomicBool::new(false)).collect();
        Self {
            matches: none(matches),
            not: none(not),
            is_done: AtomicBool::new(matches + not == 0),
        }
    }

    /// Notes the patterns that a path is matched by; of those in `not`, only what `match` would have taken.
    pub(super) fn note(&self, matches: &GlobSet, not: &GlobSet, path: &Candidate<'_>) {
        if self.is_done.load(Ordering::Relaxed) {
            return;
        }
        let mark = |marks: &[AtomicBool], set: &GlobSet| {
            let found = set.matches_candidate(path);
            for mark in found.iter().filter_map(|index| marks.get(*index)) {
                mark.store(true, Ordering::Relaxed);
            }
            !found.is_empty()
        };
        if self.matches.is_empty() || mark(&self.matches, matches) {
            mark(&self.not, not);
        }
        let mut all = self.matches.iter().chain(&self.not);
        if all.all(|mark| mark.load(Ordering::Relaxed)) {
            self.is_done.store(true, Ordering::Relaxed);
        }
    }

    /// Those that have matched nothing, of these lists, each with the key of its list.
    pub(super) fn unused<'p>(
        &self,
        matches: &'p [String],
        not: &'p [String],
    ) -> Vec<(&'static str, &'p str)> {
        let lists = [("match", &self.matches, matches), ("not", &self.not, not)];
        let unused = lists.into_iter().flat_map(|(key, marks, patterns)| {
            let patterns = marks.iter().zip(patterns);
            let unused = patterns.filter(|(mark, _)| !mark.load(Ordering::Relaxed));
            unused.map(move |(_, pattern)| (key, pattern.as_str()))
        });
        unused.collect()
    }
}
