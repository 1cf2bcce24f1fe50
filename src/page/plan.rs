//! From facts to a plan: what should change in a page, as data.
//!
//! `inject` does what a plan says, `verify` holds it against the page, `explain` prints it: one opinion for all.

use std::ops::Range;

use super::facts::{At, Doubt, Facts, Instance, Point, Span};
use super::prolog::parts_nothing;
use super::scan::Scanner;
use super::source::{RawEdit, Source};
use super::tree::{Outline, outline};
use crate::widget::{Difference, Kind, Tag};

/// What is asked of a page.
#[derive(Debug, Clone, Copy)]
pub enum Task<'a> {
    /// Exactly this one instance.
    Tag(&'a Tag),
    /// No instance.
    Nothing,
    /// No instance, nor what the vendor's snippet brings along where it was pasted by hand: its comment.
    Purge,
}

impl<'a> Task<'a> {
    fn tag(self) -> Option<&'a Tag> {
        match self {
            Self::Tag(tag) => Some(tag),
            Self::Nothing | Self::Purge => None,
        }
    }
}

/// Where a new tag goes if the page lets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The end of the body.
    BodyEnd,
    /// The end of the head.
    HeadEnd,
}

impl Target {
    /// All places, the best first.
    fn order(self) -> [At; 9] {
        use At::{
            BodyEnd, BodyStart, Doctype, FileEnd, FileStart, HeadEnd, HeadStart, HtmlEnd, HtmlStart,
        };
        match self {
            Self::BodyEnd => [
                BodyEnd, HtmlEnd, FileEnd, HeadEnd, BodyStart, HeadStart, HtmlStart, Doctype,
                FileStart,
            ],
            Self::HeadEnd => [
                HeadEnd, HeadStart, BodyStart, BodyEnd, HtmlEnd, FileEnd, HtmlStart, Doctype,
                FileStart,
            ],
        }
    }
}

/// What should change in a page; empty: nothing.
#[derive(Debug, Default)]
pub struct Plan {
    /// Edits of the file, in order, not overlapping.
    pub edits: Vec<RawEdit>,
    /// What they amount to.
    pub changes: Vec<Change>,
}

/// One thing that a plan changes; indices are those of [`Facts::instances`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// There is no instance, and one is inserted.
    Insert(Point),
    /// An instance is not as it should be and is replaced in place.
    Replace(usize, Vec<Difference>),
    /// There is an instance already, and this one is superfluous.
    Fold(usize),
    /// There should be no instance.
    Remove(usize),
}

/// Why a page is left as it is although something should change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An instance's start tag swallows the rest of the page.
    #[error("its tag is never closed and swallows the rest of the page")]
    Unclosed(usize),
    /// An instance holds markup, which would go with it.
    #[error("its tag swallows markup behind it (in HTML, <script …/> does not close itself)")]
    Swallows(usize),
    /// The page's encoding cannot say the edit at its place.
    #[error("its encoding has no way to write a tag there")]
    Unwritable(usize),
    /// Where the tag would run, the rest of the page would not stay as it is.
    #[error("no place in it is safe for a script ({0})")]
    NoPlace(Disproof),
    /// A change of tags that are there would change something else.
    #[error("changing its tags would change more than them ({0})")]
    Disproved(Disproof),
    /// Too large for a second parser, and the scan alone does not settle it.
    #[error("{0}, and at {1} MiB it is too large for a full parse to confirm a change")]
    TooLarge(Doubt, usize),
}

impl Refusal {
    /// Where in the page's text the trouble is.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Unclosed(at) | Self::Swallows(at) | Self::Unwritable(at) => Some(*at),
            Self::NoPlace(_) | Self::Disproved(_) | Self::TooLarge(..) => None,
        }
    }
}

/// What a tree builder holds against an edited page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disproof {
    /// The instances are not the ones that were asked for.
    #[error("a browser would find {found} live instances in place of {wanted}")]
    Instances {
        /// Asked for.
        wanted: usize,
        /// Found.
        found: usize,
    },
    /// The rest is another tree.
    #[error("a browser would build another tree from the rest of the page")]
    Tree,
    /// The scan takes other tags for live than a browser does, so that not even the next run could be trusted.
    #[error("a browser finds {live} live instances where the scan finds {seen}")]
    Sight {
        /// By the tree builder.
        live: usize,
        /// By the scan.
        seen: usize,
    },
    /// There is no place at all.
    #[error("it has no end of body, head or file outside raw text, comments and attributes")]
    Nowhere,
}

/// Beyond this a tree would take too much memory.
const PROOF_LIMIT: usize = 256 << 20;

/// An edit of the text.
struct Edit {
    range: Range<usize>,
    replacement: String,
    certain: bool,
}

/// Says what should change in a page, whose `facts` are what the `scanner` found in it.
pub fn plan(
    source: &Source,
    facts: &Facts,
    task: Task<'_>,
    target: Target,
    scanner: &Scanner,
) -> Result<Plan, Refusal> {
    let planner = Planner {
        source,
        facts,
        task,
        target,
        scanner,
    };
    let (mut edits, mut changes) = planner.existing()?;
    match task.tag() {
        Some(tag) if facts.instances.is_empty() => {
            let (point, raw) = planner.insertion(tag)?;
            changes.push(Change::Insert(point));
            return Ok(Plan {
                edits: vec![raw],
                changes,
            });
        }
        _ => {}
    }
    edits.sort_by_key(|edit| edit.range.start);
    let raw = planner.raw(&edits)?;
    let certain = facts.doubt.is_none() && edits.iter().all(|edit| edit.certain);
    if !certain {
        let before = planner.outline(planner.source.text())?;
        let (live, seen) = (before.instances.len(), facts.instances.len());
        if live != seen {
            return Err(Refusal::Disproved(Disproof::Sight { live, seen }));
        }
        planner
            .prove(&before, &edits)?
            .map_err(Refusal::Disproved)?;
    }
    Ok(Plan {
        edits: raw,
        changes,
    })
}

struct Planner<'a> {
    source: &'a Source,
    facts: &'a Facts,
    task: Task<'a>,
    target: Target,
    scanner: &'a Scanner,
}

impl Planner<'_> {
    /// What becomes of the instances that are there: one is kept or made right, the others go.
    fn existing(&self) -> Result<(Vec<Edit>, Vec<Change>), Refusal> {
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        let differences: Vec<_> = match self.task.tag() {
            Some(tag) => {
                let instances = self.facts.instances.iter();
                instances
                    .map(|i| tag.differences(i.kind, &i.attributes))
                    .collect()
            }
            None => Vec::new(),
        };
        // The one that is right already; else the first of the right kind; else the first.
        let kept = (0..differences.len()).min_by_key(|i| {
            let other_kind = differences[*i].iter().any(|d| d.attribute.is_empty());
            (!differences[*i].is_empty(), other_kind, *i)
        });
        for (i, instance) in self.facts.instances.iter().enumerate() {
            if kept != Some(i) {
                self.take_out(instance, &mut edits)?;
                changes.push(if kept.is_some() {
                    Change::Fold(i)
                } else {
                    Change::Remove(i)
                });
                continue;
            }
            // However right its attributes: a browser does not run a script that the end of the file cuts off.
            let end_tag = self.end_tag(instance)?;
            if let (Some(tag), false) = (self.task.tag(), differences[i].is_empty()) {
                let mut edit = |range, replacement| {
                    edits.push(Edit {
                        range,
                        replacement,
                        certain: true,
                    });
                };
                // Around its author's attributes, which stay as they are.
                let mut replacement = tag.opening();
                let mut start = instance.start_tag.start;
                for authors in &instance.authors {
                    // Behind a space, a name that starts with `=` would be the value of the attribute before it.
                    let equals = self.source.text()[authors.start] == b'=';
                    replacement.push_str(if equals { " /" } else { " " });
                    edit(start..authors.start, std::mem::take(&mut replacement));
                    start = authors.end;
                }
                replacement.push('>');
                // What stands between the tags is never run beside a `src`, and stays.
                let end = if instance.blank {
                    replacement.push_str("</script>");
                    end_tag.end
                } else {
                    instance.start_tag.end
                };
                edit(start..end, replacement);
                changes.push(Change::Replace(i, differences[i].clone()));
            }
        }
        Ok((edits, changes))
    }

    /// The end tag of an instance that swallows nothing of the page.
    fn end_tag<'i>(&self, instance: &'i Instance) -> Result<&'i Span, Refusal> {
        let start = instance.start_tag.start;
        let end_tag = instance.end_tag.as_ref().ok_or(Refusal::Unclosed(start))?;
        let content = &self.source.text()[instance.start_tag.end..end_tag.start];
        if memchr::memchr(b'<', content).is_some() {
            return Err(Refusal::Swallows(start));
        }
        Ok(end_tag)
    }

    fn take_out(&self, instance: &Instance, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
        let text = self.source.text();
        let start = instance.start_tag.start;
        let end = self.end_tag(instance)?.end;
        // What could be put in without doubt can be taken out without doubt.
        let at_head_end = |p: &Point| p.at == At::HeadEnd && p.certain && p.offset == end;
        let in_body = self.facts.body.as_ref().is_some_and(|tag| tag.end <= start);
        let certain =
            parts_nothing(&text[end..], in_body) || self.facts.points.iter().any(at_head_end);
        edits.push(Edit {
            range: start..end,
            replacement: String::new(),
            certain,
        });
        // Above a tag that we wrote it may be all that somebody else left of theirs.
        let pasted = instance.kind == Kind::Widget && instance.attributes.get("data-org").is_none();
        if let (Task::Purge, true, Some(comment)) = (self.task, pasted, &instance.comment) {
            edits.push(Edit {
                range: comment.clone(),
                replacement: String::new(),
                certain: certain && comment.end == start,
            });
        }
        Ok(())
    }

    /// The best place for a new tag: the first that is certain or can be proved.
    fn insertion(&self, tag: &Tag) -> Result<(Point, RawEdit), Refusal> {
        let replacement = tag.html();
        let mut before: Option<Outline> = None;
        let mut refusal = Refusal::NoPlace(Disproof::Nowhere);
        for at in self.target.order() {
            let Some(point) = self.facts.points.iter().find(|point| point.at == at) else {
                continue;
            };
            let range = point.offset..point.offset;
            let Some(raw) = self.source.raw(range.clone(), &replacement) else {
                refusal = Refusal::Unwritable(point.offset);
                continue;
            };
            if point.certain {
                return Ok((*point, raw));
            }
            if before.is_none() {
                before = Some(self.outline(self.source.text())?);
            }
            let edit = Edit {
                range,
                replacement: replacement.clone(),
                certain: false,
            };
            if let Some(before) = &before {
                let proof = self.prove(before, &[edit])?;
                match proof.and_then(|()| self.sees(point.offset, &replacement)) {
                    Ok(()) => return Ok((*point, raw)),
                    // The reason why the best place is none says most.
                    Err(disproof) if refusal == Refusal::NoPlace(Disproof::Nowhere) => {
                        refusal = Refusal::NoPlace(disproof);
                    }
                    Err(_) => {}
                }
            }
        }
        Err(refusal)
    }

    /// Demands that the next run's scan finds an inserted tag, and takes it for live.
    fn sees(&self, at: usize, tag: &str) -> Result<(), Disproof> {
        let (before, behind) = self.source.text().split_at(at);
        let edited = [before, tag.as_bytes(), behind].concat();
        match &self.scanner.scan(&edited, false).instances[..] {
            [only] if only.start_tag.start == at => Ok(()),
            instances => Err(Disproof::Sight {
                live: 1,
                seen: instances.len(),
            }),
        }
    }

    fn raw(&self, edits: &[Edit]) -> Result<Vec<RawEdit>, Refusal> {
        let raw = |edit: &Edit| {
            let raw = self.source.raw(edit.range.clone(), &edit.replacement);
            raw.ok_or(Refusal::Unwritable(edit.range.start))
        };
        edits.iter().map(raw).collect()
    }

    /// Lets a tree builder judge edits: the wanted instances, and the rest of the tree as it was.
    fn prove(&self, before: &Outline, edits: &[Edit]) -> Result<Result<(), Disproof>, Refusal> {
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
        let right = |(kind, attributes)| {
            tag.is_some_and(|tag| tag.differences(kind, attributes).is_empty())
        };
        let wanted = usize::from(tag.is_some());
        let found = after.instances.len();
        if found != wanted
            || !after
                .instances
                .iter()
                .all(|(kind, attributes)| right((*kind, attributes)))
        {
            return Ok(Err(Disproof::Instances { wanted, found }));
        }
        if after.rest != before.rest || after.quirks != before.quirks {
            return Ok(Err(Disproof::Tree));
        }
        Ok(Ok(()))
    }

    fn outline(&self, text: &[u8]) -> Result<Outline, Refusal> {
        if text.len() > PROOF_LIMIT {
            let doubt = self.facts.doubt.unwrap_or(Doubt::Ambiguous);
            return Err(Refusal::TooLarge(doubt, text.len() >> 20));
        }
        Ok(outline(
            &self.source.decode(text),
            self.scanner.widget_src(),
        ))
    }
}
