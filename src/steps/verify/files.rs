//! What is found in files that are not pages, until all pages are done.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Demands;
use super::catalog as rules;
use crate::event::Finding;
use crate::leak::Buffers;

/// How many findings are kept until the pages are done: what comes after them in the order of paths is counted.
const MOST: usize = 10_000;

/// What is found in files, until the pages are done. Which findings are kept depends on paths alone, not on which file was
/// done first.
#[derive(Default)]
pub(super) struct Files {
    kept: Mutex<Kept>,
    pub(super) buffers: Buffers,
}

#[derive(Default)]
struct Kept {
    by_path: BTreeMap<String, Vec<Finding>>,
    count: usize,
    /// The first path of which nothing is kept, nor of those after it.
    end: Option<String>,
    /// How many findings are not kept.
    more: u64,
}

impl Files {
    pub(super) fn add(&self, path: String, findings: Vec<Finding>) {
        if findings.is_empty() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.end.as_ref().is_some_and(|end| path >= *end) {
            kept.more += findings.len() as u64;
            return;
        }
        kept.count += findings.len();
        kept.by_path.entry(path).or_default().extend(findings);
        while kept.count > MOST
            && let Some((path, findings)) = kept.by_path.pop_last()
        {
            kept.count -= findings.len();
            kept.more += findings.len() as u64;
            kept.end = Some(path);
        }
    }

    /// All of them, by path.
    pub(super) fn findings(&self, demands: &Demands<'_>) -> Vec<Finding> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let by_path = std::mem::take(&mut kept.by_path);
        let mut findings: Vec<Finding> = by_path.into_values().flatten().collect();
        if let Some(end) = &kept.end {
            let more = kept.more;
            let message = format!(
                "{more} more findings in files from {end} on: correct these first, and run verify again"
            );
            findings.extend(demands.finding(&rules::SECRET_IN_SITE, None, &message));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::verify::Severities;

    #[test]
    fn what_is_kept_does_not_depend_on_which_file_was_done_first() {
        let severities = Severities::default();
        let demands = Demands {
            severities: &severities,
            min_ttl: 0,
            now: 0,
            secrets: &[],
            allow_secrets: &[],
        };
        let finding =
            |path: &str| demands.finding(&rules::SECRET_IN_SITE, Some(path.to_owned()), "a");
        let each = MOST / 100;
        let kept = |paths: &mut dyn Iterator<Item = usize>| {
            let files = Files::default();
            for path in paths {
                let path = format!("{path:04}.js");
                // Some have more than others.
                let count = each + path.len() * usize::from(path.contains('7'));
                let findings = std::iter::repeat_with(|| finding(&path)).take(count);
                files.add(path.clone(), findings.flatten().collect());
            }
            files.findings(&demands)
        };
        let all = kept(&mut (0..300));
        assert!(all.len() <= MOST + 1 && all.len() > MOST - 2 * each);
        assert!(all.last().is_some_and(|last| last.path.is_none()));
        assert_eq!(kept(&mut (0..300).rev()), all);
        assert_eq!(kept(&mut (0..300).map(|n| n * 7 % 300)), all);
    }
}
