//! Findings on lists that say something about pages, such as a service worker's precache list.

use std::borrow::Cow;

use super::catalog as rules;
use super::page::VerifyStep;
use super::{Demands, Subject};
use crate::derived::{Page, Verdict, Wrong};
use crate::event::Finding;
use crate::run::{Examined, LineIndex};
use crate::settings::Manifests;
use crate::store::{Cancel, Coding, Kind, PagePath, Store};

impl VerifyStep<'_> {
    /// How many lists there are.
    #[must_use]
    pub fn lists(&self) -> usize {
        self.lists.paths().len()
    }

    /// Holds the lists against a page.
    pub(super) fn note_for_lists(&self, examined: &Examined<'_>) {
        if !self.lists.name(examined.path()) {
            return;
        }
        let bytes = examined.source.bytes();
        self.lists.note(&Page {
            path: examined.path(),
            old: bytes,
            new: bytes,
            has_chat: examined.instances().next().is_some(),
            bare: &|| examined.without_chat(),
        });
    }

    /// What is wrong with them, when all pages are known.
    pub(super) fn list_findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for verdict in self.lists.verdicts() {
            let content = verdict.content(self.store);
            let content = content.map(|content| content.bytes).unwrap_or_default();
            let path = verdict.path.to_string();
            let place = Subject {
                path: &path,
                places: LineIndex::new(&content),
            };
            let repairs =
                self.config.derived.manifests == Manifests::Update && verdict.kept.is_none();
            for wrong in &verdict.wrongs {
                let found = finding(&self.demands, &verdict, wrong, repairs, &place);
                findings.extend(found);
            }
        }
        for path in self.lists.paths() {
            findings.extend(copies(&self.demands, self.store, &path));
        }
        findings
    }
}

fn finding(
    demands: &Demands<'_>,
    verdict: &Verdict,
    wrong: &Wrong,
    repairs: bool,
    place: &Subject<'_>,
) -> Option<Finding> {
    let rule = &rules::STALE_PRECACHE_MANIFEST;
    let mut finding = demands.finding_at(rule, place, &wrong.span, &wrong.message)?;
    if !(wrong.is_ours && repairs) {
        let mut remedy = wrong.remedy.clone();
        remedy[..1].make_ascii_uppercase();
        let set = "set `derived.manifests = \"update\"`, or ";
        finding.remedy = Cow::Owned(match verdict.kept {
            Some(why) if wrong.is_ours => {
                format!("{remedy}; chathub does not change it, since {why}.")
            }
            None if wrong.is_ours => format!("{}{set}{}.", "Either ", wrong.remedy),
            _ => format!("{remedy}."),
        });
    }
    Some(finding)
}

/// Servers send the compressed copies of a list in its place.
fn copies(demands: &Demands<'_>, store: &dyn Store, list: &PagePath) -> Vec<Finding> {
    let copy = |coding: Coding| {
        let path = [list.as_bytes(), coding.extension().as_bytes()].concat();
        let path = PagePath::from_bytes(path);
        matches!(store.kind(&path), Kind::File(_)).then_some(())?;
        let content = store.read(&store.at(list)).ok()?;
        let copy = store.open(&store.at(&path)).ok()?;
        let says = coding.says(copy, &content.bytes, &Cancel::default());
        let message = "it does not decode to this version of the file beside it";
        let path = Some(path.to_string());
        let rule = &rules::STALE_COMPRESSED_SIBLING;
        (!says.unwrap_or(false)).then(|| demands.finding(rule, path, message))?
    };
    Coding::ALL.into_iter().filter_map(copy).collect()
}
