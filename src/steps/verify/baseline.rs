//! Findings that are known: a team that adopts `verify` on a site with many of them lists them, and only new ones fail a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Demands;
use super::catalog as rules;
use crate::event::{Finding, Outcome, PageReport, Rule, fingerprint};
use crate::redact;
use crate::settings::{BASELINE_VERSION, BaselineEntry};
use crate::store::Coding;

/// What stands at the beginning of the file.
const HEAD: &str = "# Findings of `chathub verify` that are known and do not fail it; new ones do. `chathub verify --write-baseline`\n\
                    # writes this file, `--prune-baseline` takes out what is fixed.\n";

/// Findings of these rules are never known. A credential in a page has to be revoked, and not to be got used to; and what a
/// number or a list of exceptions asks for is changed there.
static NEVER: [&Rule; 5] = [
    &rules::SECRET_IN_SITE,
    &rules::TOKEN_IN_PLACEHOLDER_PAGE,
    &rules::TOO_FEW_PAGES,
    &rules::TOO_MANY_WARNINGS,
    &rules::UNUSED_BASELINE_ENTRY,
];

/// Findings that are known, and which of them have been met.
#[derive(Debug, Default)]
pub struct Baseline {
    /// Every finding becomes known.
    learns: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the fingerprint.
    known: BTreeMap<String, Known>,
    /// The files that the baseline speaks of.
    paths: BTreeSet<String>,
    /// Those of them that could not be judged, so nobody knows whether their findings are still there.
    open: BTreeSet<String>,
}

/// Findings of one fingerprint.
#[derive(Debug)]
struct Known {
    rule: String,
    path: Option<String>,
    /// How many there may be.
    count: u64,
    met: u64,
    /// Where it stands; none: it stands nowhere yet.
    place: Option<String>,
}

impl Baseline {
    /// One that a file holds. Where a merge has left an entry twice, the greater number counts.
    #[must_use]
    pub fn of(entries: Vec<BaselineEntry>) -> Self {
        let mut state = State::default();
        for entry in entries {
            state.paths.extend(entry.path.clone());
            let one = state.known.entry(entry.fingerprint);
            let one = one.or_insert_with(|| Known {
                rule: entry.rule,
                path: entry.path,
                count: 0,
                met: 0,
                place: Some(entry.place.to_string()),
            });
            one.count = one.count.max(entry.count);
        }
        Self {
            learns: false,
            state: Mutex::new(state),
        }
    }

    /// One that every finding of the run goes into.
    #[must_use]
    pub fn learning() -> Self {
        Self {
            learns: true,
            state: Mutex::default(),
        }
    }

    /// Whether this is the text of one, however a merge may have left it.
    #[must_use]
    pub fn is_text(text: &str) -> bool {
        text.starts_with(HEAD)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a finding if it is known. Of several that are alike, as many are as there were.
    pub(super) fn judge(&self, finding: &mut Finding) {
        if NEVER.iter().any(|rule| rule.id == finding.rule.id) {
            return;
        }
        let fingerprint = fingerprint(finding);
        let known = &mut self.state().known;
        if self.learns {
            let one = known.entry(fingerprint).or_insert_with(|| Known {
                rule: finding.rule.id.to_owned(),
                path: finding.path.as_deref().map(redact::of_page),
                count: 0,
                met: 0,
                place: None,
            });
            one.count += 1;
            one.met += 1;
            finding.baselined = true;
        } else if let Some(one) = known.get_mut(&fingerprint)
            && one.met < one.count
        {
            one.met += 1;
            finding.baselined = true;
        }
    }

    /// Does so with all findings of a page.
    pub(super) fn judge_page(&self, page: &mut PageReport) {
        for finding in &mut page.findings {
            self.judge(finding);
        }
        if matches!(page.outcome, Outcome::Refused(_) | Outcome::Failed(_)) {
            let copies = Coding::ALL.map(|coding| page.path.clone() + coding.extension());
            let state = &mut *self.state();
            let files = copies.into_iter().chain([page.path.clone()]);
            state
                .open
                .extend(files.filter(|file| state.paths.contains(file)));
        }
    }

    /// Entries for more than was found, as findings. What only a browser tells is there without one, too (`in_browser`).
    pub(super) fn unused(&self, demands: &Demands<'_>, in_browser: bool) -> Vec<Finding> {
        let state = self.state();
        let known = state.known.values();
        let mut left: Vec<_> = known
            .filter(|one| one.met < one.count && !state.is_open(one))
            .filter(|one| in_browser || !one.rule.starts_with("browser-"))
            .collect();
        left.sort_by_key(|one| (&one.path, &one.rule));
        let findings = left.into_iter().filter_map(|one| {
            let number = one.count - one.met;
            let findings = if number == 1 { "finding" } else { "findings" };
            let of = match &one.path {
                Some(path) => format!("in {path}"),
                None => "on the site as a whole".to_owned(),
            };
            let place = one.place.as_deref().unwrap_or_default();
            let message = format!(
                "the baseline at {place} has {number} {findings} of {} {of} that verify does not find",
                one.rule
            );
            demands.finding(&rules::UNUSED_BASELINE_ENTRY, None, &message)
        });
        findings.collect()
    }

    /// How many findings were met.
    #[must_use]
    pub fn met(&self) -> u64 {
        self.state().known.values().map(|one| one.met).sum()
    }

    /// What was met, as the text of a file: the same to the byte for the same findings, and a line for each, so that branches that
    /// change different ones can be merged.
    #[must_use]
    pub fn text(&self) -> String {
        let state = self.state();
        let mut lines: Vec<_> = state.known.iter().collect();
        lines.sort_by_key(|(fingerprint, one)| (&one.path, &one.rule, *fingerprint));
        let mut text = format!("{HEAD}version = {BASELINE_VERSION}\nfindings = [\n");
        for (fingerprint, one) in lines {
            // What could not be judged is kept.
            let count = if state.is_open(one) {
                one.count
            } else {
                one.met
            };
            if count == 0 {
                continue;
            }
            // Writing to a string does not fail.
            let _ = write!(text, "  {{ rule = \"{}\"", one.rule);
            if let Some(path) = &one.path {
                text.push_str(", path = ");
                push_string(&mut text, path);
            }
            let _ = write!(text, ", fingerprint = \"{fingerprint}\"");
            if count > 1 {
                let _ = write!(text, ", count = {count}");
            }
            text.push_str(" },\n");
        }
        text.push_str("]\n");
        text
    }
}

impl State {
    fn is_open(&self, one: &Known) -> bool {
        let path = one.path.as_ref();
        path.is_some_and(|path| self.open.contains(path))
    }
}

/// A basic string of TOML, on one line and with nothing in it that acts on a terminal.
fn push_string(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            ' ' | '\'' => text.push(c),
            // What `escape_debug` leaves alone can be printed.
            _ if c.escape_debug().count() == 1 => text.push(c),
            _ => {
                let _ = write!(text, "\\U{:08X}", u32::from(c));
            }
        }
    }
    text.push('"');
}
