//! The proof of a plan: what a tree builder makes of the page before and after.

use super::effort::Spent;
use super::facts::{Instance, Point, Syntax, Uncertainty};
use super::outline::{Live, Outline};
use super::parse::outline;
use super::plan::{Edit, Planner};
use super::refusal::{ProofError, Refusal};
use super::task::Task;
use super::xml;
use crate::widget::Tag;

/// Beyond this a tree would take too much memory.
const PROOF_LIMIT: usize = 256 << 20;

impl Planner<'_> {
    /// Demands that edits of what is there do what they should and nothing else, and that the scan has seen what is there.
    pub(super) fn confirm(&self, edits: &[Edit]) -> Result<(), Refusal> {
        let before = self.before()?;
        let found: Vec<&Instance> = self.instances().map(|(_, found)| found).collect();
        let (live, seen) = (before.instances.len(), found.len());
        if live != seen {
            return Err(Refusal::Disproved(ProofError::Sight { live, seen }));
        }
        let pairs = before.instances.iter().zip(found);
        let mut links = pairs.map(|(live, seen)| (live.link.is_some(), seen.link.is_some()));
        if links.any(|(live, seen)| live != seen) {
            return Err(Refusal::Disproved(ProofError::StrayLink));
        }
        self.prove(&before, edits)?.map_err(Refusal::Disproved)
    }

    /// The page as it is. Demands that the scan has seen the tags of other products, too: `remove` is to find all that is there.
    pub(super) fn before(&self) -> Result<Outline, Refusal> {
        let before = self.outline(self.source.text())?;
        let others =
            self.facts.instances.iter().filter(|found| {
                self.scope.manages(found.kind.product()) && !found.is_in(self.scope)
            });
        let (live, seen) = (before.others, others.count());
        if live == seen {
            Ok(before)
        } else {
            Err(Refusal::Disproved(ProofError::Sight { live, seen }))
        }
    }

    /// Demands that the next run's scan finds an inserted tag, takes it for live, and has nothing to change.
    pub(super) fn sees(&self, at: usize, tag: &Tag, html: &str) -> Result<(), ProofError> {
        let (before, behind) = self.source.text().split_at(at);
        let edited = [before, html.as_bytes(), behind].concat();
        let syntax = match self.facts.syntax {
            Syntax::Xml => Syntax::Xml,
            Syntax::Html | Syntax::Declared => Syntax::Html,
        };
        let facts = self.scanner.scan(&edited, syntax);
        let seen: Vec<_> = facts.instances_in(self.scope).collect();
        match seen[..] {
            [(_, only)] if only.start_tag.start == at && only.differences(tag).is_empty() => Ok(()),
            _ => Err(ProofError::Sight {
                live: 1,
                seen: seen.len(),
            }),
        }
    }

    /// Lets a tree builder judge edits: the wanted instances, and the rest of the tree as it was.
    pub(super) fn prove(
        &self,
        before: &Outline,
        edits: &[Edit],
    ) -> Result<Result<(), ProofError>, Refusal> {
        let after = match self.outline(&self.edited(edits)) {
            Err(Refusal::Unparsed(_)) => return Ok(Err(ProofError::Malformed)),
            after => after?,
        };
        Ok(self.compare(before, &after))
    }

    /// Whether what is right for a page of HTML that begins with an XML declaration is so as XML, too, if it is any.
    pub(super) fn is_right_otherwise(
        &self,
        point: &Point,
        certain: bool,
        edits: &[Edit],
    ) -> Result<bool, Refusal> {
        // Where each reading sees the body end, two parsers have said so already.
        let agreed = certain && self.facts.agreed == Some(point.offset);
        Ok(!self.facts.both || agreed || self.proves_otherwise(edits)?)
    }

    /// As [`prove`](Self::prove), by the other of the two readings that a page may have.
    pub(super) fn proves_otherwise(&self, edits: &[Edit]) -> Result<bool, Refusal> {
        let other = match self.facts.syntax {
            Syntax::Xml => Syntax::Html,
            Syntax::Html | Syntax::Declared => Syntax::Xml,
        };
        let outline = |text: &[u8]| match self.outline_as(text, other) {
            Err(Refusal::Stopped) => Err(Refusal::Stopped),
            outline => Ok(outline.ok()),
        };
        let Some(before) = outline(self.source.text())? else {
            return Ok(false);
        };
        let after = outline(&self.edited(edits))?;
        Ok(after.is_some_and(|after| self.compare(&before, &after).is_ok()))
    }

    fn edited(&self, edits: &[Edit]) -> Vec<u8> {
        let text = self.source.text();
        let mut edited = Vec::with_capacity(text.len() + 1024);
        let mut copied = 0;
        for edit in edits {
            edited.extend_from_slice(&text[copied..edit.range.start]);
            edited.extend_from_slice(edit.replacement.as_bytes());
            copied = edit.range.end;
        }
        edited.extend_from_slice(&text[copied..]);
        edited
    }

    fn compare(&self, before: &Outline, after: &Outline) -> Result<(), ProofError> {
        if before.stray_links > 0 {
            return Err(ProofError::StrayLink);
        }
        let tag = self.task.tag();
        if before.own_links > 0 && tag.is_some_and(|tag| tag.link.is_some()) {
            return Err(ProofError::OwnLink);
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
            return Err(ProofError::Instances { wanted, found });
        }
        if after.rest != before.rest || after.quirks != before.quirks {
            return Err(ProofError::Tree);
        }
        Ok(())
    }

    pub(super) fn outline(&self, text: &[u8]) -> Result<Outline, Refusal> {
        self.outline_as(text, self.facts.syntax)
    }

    fn outline_as(&self, text: &[u8], syntax: Syntax) -> Result<Outline, Refusal> {
        if text.len() > PROOF_LIMIT {
            let doubt = self.facts.doubt.unwrap_or(Uncertainty::Ambiguous);
            return Err(Refusal::TooLarge(doubt, text.len() >> 20));
        }
        let (addresses, purge) = (self.scanner.addresses(), matches!(self.task, Task::Remove));
        let spent = |spent| match spent {
            Spent::Work => Refusal::TooMuchWork,
            Spent::Stopped => Refusal::Stopped,
        };
        match syntax {
            Syntax::Html | Syntax::Declared => {
                let text = self.source.decode(text);
                outline(&text, addresses, self.scope, purge, self.effort).map_err(spent)
            }
            Syntax::Xml => {
                // The reader has seen to it that it is UTF-8.
                let text = std::str::from_utf8(text).unwrap_or_default();
                let steps = xml::steps(text.as_bytes(), u64::MAX).unwrap_or(u64::MAX);
                self.effort.spend(steps).map_err(spent)?;
                let tree = xml::tree(text).map_err(Refusal::Unparsed)?;
                tree.outline(addresses, self.scope, purge, self.effort)
                    .map_err(spent)
            }
        }
    }
}
