//! The proof of a plan: what a tree builder makes of the page before and after.

use super::facts::Doubt;
use super::plan::{Edit, Planner, Task};
use super::refusal::{Disproof, Refusal};
use super::tree::{Live, Outline, outline};
use crate::widget::Tag;

/// Beyond this a tree would take too much memory.
const PROOF_LIMIT: usize = 256 << 20;

impl Planner<'_> {
    /// Demands that edits of what is there do what they should and nothing else, and that the scan has seen what is there.
    pub(super) fn confirm(&self, edits: &[Edit]) -> Result<(), Refusal> {
        let before = self.outline(self.source.text())?;
        let (live, seen) = (before.instances.len(), self.facts.instances.len());
        if live != seen {
            return Err(Refusal::Disproved(Disproof::Sight { live, seen }));
        }
        let pairs = before.instances.iter().zip(&self.facts.instances);
        let mut links = pairs.map(|(live, seen)| (live.link.is_some(), seen.link.is_some()));
        if links.any(|(live, seen)| live != seen) {
            return Err(Refusal::Disproved(Disproof::StrayLink));
        }
        self.prove(&before, edits)?.map_err(Refusal::Disproved)
    }

    /// Demands that the next run's scan finds an inserted tag, takes it for live, and has nothing to change.
    pub(super) fn sees(&self, at: usize, tag: &Tag, html: &str) -> Result<(), Disproof> {
        let (before, behind) = self.source.text().split_at(at);
        let edited = [before, html.as_bytes(), behind].concat();
        match &self.scanner.scan(&edited, false).instances[..] {
            [only] if only.start_tag.start == at && only.differences(tag).is_empty() => Ok(()),
            instances => Err(Disproof::Sight {
                live: 1,
                seen: instances.len(),
            }),
        }
    }

    /// Lets a tree builder judge edits: the wanted instances, and the rest of the tree as it was.
    pub(super) fn prove(
        &self,
        before: &Outline,
        edits: &[Edit],
    ) -> Result<Result<(), Disproof>, Refusal> {
        if before.stray_links > 0 {
            return Ok(Err(Disproof::StrayLink));
        }
        let text = self.source.text();
        let mut edited = Vec::with_capacity(text.len() + 1024);
        let mut copied = 0;
        for edit in edits {
            edited.extend_from_slice(&text[copied..edit.range.start]);
            edited.extend_from_slice(edit.replacement.as_bytes());
            copied = edit.range.end;
        }
        edited.extend_from_slice(&text[copied..]);
        let after = self.outline(&edited)?;
        let tag = self.task.tag();
        if before.own_links > 0 && tag.is_some_and(|tag| tag.link.is_some()) {
            return Ok(Err(Disproof::OwnLink));
        }
        let right = |live: &Live| {
            tag.is_some_and(|tag| {
                tag.differences(live.kind, &live.attributes, live.link.as_ref())
                    .is_empty()
            })
        };
        let wanted = usize::from(tag.is_some());
        let found = after.instances.len();
        if found != wanted || !after.instances.iter().all(right) {
            return Ok(Err(Disproof::Instances { wanted, found }));
        }
        if after.rest != before.rest || after.quirks != before.quirks {
            return Ok(Err(Disproof::Tree));
        }
        Ok(Ok(()))
    }

    pub(super) fn outline(&self, text: &[u8]) -> Result<Outline, Refusal> {
        if text.len() > PROOF_LIMIT {
            let doubt = self.facts.doubt.unwrap_or(Doubt::Ambiguous);
            return Err(Refusal::TooLarge(doubt, text.len() >> 20));
        }
        Ok(outline(
            &self.source.decode(text),
            self.scanner.addresses(),
            matches!(self.task, Task::Purge),
        ))
    }
}
