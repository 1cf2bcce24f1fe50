//! From facts to a plan: what should change in a page, as data.
//!
//! `inject` does what a plan says, `verify` holds it against the page, `explain` prints it: one opinion for all.

use std::ops::Range;

use super::effort::{Effort, Stop};
use super::facts::{Facts, Instance, Point, Position, Span, Syntax};
use super::outline::Outline;
use super::prolog::{ends_page, parts_nothing};
use super::refusal::{ProofError, Refusal};
use super::scan::Scanner;
use super::source::Source;
use super::splice::RawEdit;
use super::target::Target;
use super::task::Task;
use crate::widget::{Breach, ContactLink, Difference, Scope, Tag};

/// What should change in a page; empty: nothing.
#[derive(Debug, Default)]
pub struct Plan {
    /// Edits of the file, in order, not overlapping.
    pub edits: Vec<RawEdit>,
    /// What they amount to.
    pub changes: Vec<Change>,
    /// Why the instance goes without the contact link that it should have.
    pub without_contact_link: Option<String>,
}

/// One thing that a plan changes; indices are those of [`Facts::instances`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// There is no instance, and one is inserted.
    Insert(Point),
    /// An instance is wrong and is replaced in place.
    Replace(usize, Vec<Difference>),
    /// There is an instance already, and this one is superfluous.
    Fold(usize),
    /// There should be no instance.
    Remove(usize),
}

/// An edit of the text.
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) replacement: String,
    /// The scan alone shows that it changes nothing else.
    pub(super) certain: bool,
}

/// Says what should change in a page, whose `facts` are what the `scanner` found in it. Where that takes long it asks whether
/// to `stop`; then the answer is [`Refusal::Stopped`].
pub fn plan(
    source: &Source,
    facts: &Facts,
    task: Task<'_>,
    target: Target,
    scope: Scope,
    scanner: &Scanner,
    stop: Stop<'_>,
) -> Result<Plan, Refusal> {
    let effort = Effort::of(source.text().len(), stop);
    let for_task = |task| {
        let planner = Planner {
            source,
            facts,
            task,
            target,
            scope,
            scanner,
            effort: &effort,
        };
        planner.plan()
    };
    match (for_task(task), task) {
        (Err(Refusal::Stopped), _) => Err(Refusal::Stopped),
        // The chat matters more than a link to fall back on.
        (Err(refusal), Task::Tag(tag)) if tag.link.is_some() => Ok(Plan {
            without_contact_link: refusal.of_link(),
            ..for_task(Task::Tag(&tag.without_link()))?
        }),
        (planned, _) => planned,
    }
}

/// Makes a plan.
pub(super) struct Planner<'a> {
    pub(super) source: &'a Source,
    pub(super) facts: &'a Facts,
    pub(super) task: Task<'a>,
    target: Target,
    pub(super) scope: Scope,
    pub(super) scanner: &'a Scanner,
    pub(super) effort: &'a Effort<'a>,
}

impl Planner<'_> {
    fn plan(&self) -> Result<Plan, Refusal> {
        if let Some(obstacle) = &self.facts.obstacle {
            // Where nothing is and nothing is wanted, nothing has to change.
            return match self.task.tag() {
                None if self.instances().next().is_none() => Ok(Plan::default()),
                _ => Err(obstacle.into()),
            };
        }
        if let Some(astray) = self.facts.first_astray(self.scope) {
            return Err(astray.into());
        }
        let (mut edits, mut changes) = self.existing()?;
        match self.task.tag() {
            Some(tag) if self.instances().next().is_none() => {
                let (point, raw) = self.insertion(tag)?;
                changes.push(Change::Insert(point));
                return Ok(Plan {
                    edits: vec![raw],
                    changes,
                    without_contact_link: None,
                });
            }
            _ => {}
        }
        edits.sort_by_key(|edit| edit.range.start);
        let raw = self.raw(&edits)?;
        if !self.source.keeps_encoding(&raw) {
            return Err(Refusal::Disproved(ProofError::Encoding));
        }
        // What XML says about a page, two parsers have to say.
        let certain = self.facts.doubt.is_none()
            && edits.iter().all(|edit| edit.certain)
            && (!self.is_xml() || edits.is_empty());
        if !certain {
            self.confirm(&edits)?;
        }
        Ok(Plan {
            edits: raw,
            changes,
            without_contact_link: None,
        })
    }

    /// The instances that the task is about; all others are a part of the page like the rest.
    pub(super) fn instances(&self) -> impl Iterator<Item = (usize, &Instance)> {
        self.facts.instances_in(self.scope)
    }

    /// What becomes of the instances that are there: one is kept or made right, the others go.
    fn existing(&self) -> Result<(Vec<Edit>, Vec<Change>), Refusal> {
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        let of = |tag| move |(at, found): (usize, &Instance)| (at, found.differences(tag));
        let differences = self
            .task
            .tag()
            .into_iter()
            .flat_map(|tag| self.instances().map(of(tag)));
        // One that its author holds back for consent, which one that runs at once would bypass; of those the one that is right
        // already; else the first of the right kind; else the first.
        let kept = differences.min_by_key(|(i, differences)| {
            let free = self.facts.instances[*i].hold().is_none();
            let other_kind = differences.iter().any(|d| d.breaks == Breach::Kind);
            (free, !differences.is_empty(), other_kind, *i)
        });
        for (i, instance) in self.instances() {
            let differences = kept.as_ref().filter(|(kept, _)| *kept == i);
            let Some((_, differences)) = differences else {
                self.take_out(instance, &mut edits)?;
                changes.push(if kept.is_some() {
                    Change::Fold(i)
                } else {
                    Change::Remove(i)
                });
                continue;
            };
            // However right its attributes: a browser does not run a script that the end of the file cuts off.
            let end_tag = self.end_tag(instance)?;
            self.waits_for_body(instance)?;
            let Some(tag) = self.task.tag().filter(|_| !differences.is_empty()) else {
                continue;
            };
            let tag = &*tag.in_place_of(&instance.attributes);
            self.keeps_hold(instance)?;
            changes.push(Change::Replace(i, differences.clone()));
            self.edit_link(instance, end_tag, &mut edits)?;
            if differences
                .iter()
                .any(|difference| difference.attribute != ContactLink::NAME)
            {
                let mut edit = |range, replacement| {
                    edits.push(Edit {
                        range,
                        replacement,
                        certain: true,
                    });
                };
                // Around its author's attributes, which stay as they are.
                let name = self.facts.name(instance, self.source.text());
                let mut replacement = tag.opening(name);
                let mut start = instance.start_tag.start;
                let authors = instance.authors.iter().filter(|(name, _)| !tag.sets(name));
                for (_, authors) in authors {
                    // After a space, a name that starts with `=` would be the value of the attribute before it.
                    let equals = self.source.text()[authors.start] == b'=';
                    replacement.push_str(if equals { " /" } else { " " });
                    edit(start..authors.start, std::mem::take(&mut replacement));
                    start = authors.end;
                }
                replacement.push('>');
                // What stands between the tags is never run beside a `src`, and stays.
                let end = if instance.blank {
                    replacement += "</";
                    replacement += name;
                    replacement.push('>');
                    end_tag.end
                } else {
                    instance.start_tag.end
                };
                edit(start..end, replacement);
            }
        }
        Ok((edits, changes))
    }

    /// Demands that a tag of the vendor's in XML, which nothing but a consent tool makes wait, does not run before there is a body.
    fn waits_for_body(&self, instance: &Instance) -> Result<(), Refusal> {
        let start = instance.start_tag.start;
        let tag = self.task.tag();
        let is_vendors = tag.is_some_and(|tag| tag.kind.is_vendors());
        let mut body = self.facts.body.iter();
        if self.is_xml()
            && is_vendors
            && instance.hold().is_none()
            && body.any(|body| start < body.start)
        {
            return Err(Refusal::TooEarly(start));
        }
        Ok(())
    }

    /// Demands that a consent tool can still tell a held tag, and where its script is, by what will stand in it.
    fn keeps_hold(&self, instance: &Instance) -> Result<(), Refusal> {
        let Some(hold) = instance.hold() else {
            return Ok(());
        };
        let sets_source = self.task.tag().is_some_and(|tag| tag.sets("data-src"));
        match hold.conflict.or(sets_source.then_some("data-src")) {
            None => Ok(()),
            Some(attribute) => Err(Refusal::Held(instance.start_tag.start, attribute)),
        }
    }

    /// Brings the link after an instance in line. What a start tag other than a script's does to a page depends on all
    /// that comes before it, so this is never certain.
    fn edit_link(
        &self,
        instance: &Instance,
        end_tag: &Span,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Refusal> {
        let wanted = self.task.tag().and_then(|tag| tag.link.as_ref());
        let (range, found) = match &instance.link {
            Some((span, link)) => (span.clone(), Some(link)),
            None => (end_tag.end..end_tag.end, None),
        };
        let behind = || {
            self.facts
                .without_instances(self.source.text(), self.scope, range.end)
        };
        if found.is_none() && wanted.is_some() && !ends_page(&behind()) {
            return Err(Refusal::Disproved(ProofError::Middle));
        }
        if wanted != found {
            edits.push(Edit {
                range,
                replacement: wanted
                    .map(|link| link.html(instance.alien))
                    .unwrap_or_default(),
                certain: false,
            });
        }
        Ok(())
    }

    /// Where a tag should go. In XML the vendor's module does not wait for the body, which it needs.
    fn target(&self, tag: &Tag) -> Target {
        if self.is_xml() && tag.kind.is_vendors() {
            Target::BodyEnd
        } else {
            self.target
        }
    }

    fn is_xml(&self) -> bool {
        self.facts.syntax == Syntax::Xml
    }

    /// The end tag of an instance that swallows nothing of the page.
    fn end_tag<'i>(&self, instance: &'i Instance) -> Result<&'i Span, Refusal> {
        let start = instance.start_tag.start;
        let end_tag = instance.end_tag.as_ref().ok_or(Refusal::Unclosed(start))?;
        let content = &self.source.text()[instance.start_tag.end..end_tag.start];
        // In XML it swallows nothing: what is in it is nested in it.
        if !self.is_xml() && memchr::memchr(b'<', content).is_some() {
            return Err(Refusal::Swallows(start));
        }
        Ok(end_tag)
    }

    fn take_out(&self, instance: &Instance, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
        let text = self.source.text();
        let start = instance.start_tag.start;
        let end = self.end_tag(instance)?.end;
        // What could be put in without doubt can be taken out without doubt.
        let at_head_end = |p: &Point| p.at == Position::HeadEnd && p.certain && p.offset == end;
        let in_body = self.facts.body.as_ref().is_some_and(|tag| tag.end <= start);
        let certain =
            parts_nothing(&text[end..], in_body) || self.facts.points.iter().any(at_head_end);
        edits.push(Edit {
            range: start..end,
            replacement: String::new(),
            certain,
        });
        edits.extend(instance.link.as_ref().map(|(span, _)| Edit {
            range: span.clone(),
            replacement: String::new(),
            certain: false,
        }));
        // Above a tag that we wrote it may be all that somebody else left of theirs.
        let pasted = !instance.kind.is_written(&instance.attributes);
        if let (Task::Remove, true, Some(comment)) = (self.task, pasted, &instance.comment) {
            edits.push(Edit {
                range: comment.clone(),
                replacement: String::new(),
                certain: certain && comment.end == start,
            });
        }
        Ok(())
    }

    /// The best place for a new tag: the first that is certain or can be proved. Of a page that may be read both ways, the first
    /// that is right both ways.
    fn insertion(&self, tag: &Tag) -> Result<(Point, RawEdit), Refusal> {
        let mut before: Option<Outline> = None;
        let mut refusal = Refusal::NoPlace(ProofError::Nowhere);
        let mut found = None;
        // A link is content: it stands at the end of the body or nowhere.
        let end = |at: &Position| {
            matches!(
                at,
                Position::BodyEnd | Position::HtmlEnd | Position::FileEnd
            )
        };
        let order = self.target(tag).order().into_iter();
        let order = order.filter(|at| tag.link.is_none() || end(at));
        let points = |at| self.facts.points.iter().filter(move |point| point.at == at);
        for point in order.flat_map(points) {
            let edit = Edit {
                range: point.offset..point.offset,
                replacement: tag.html(point.alien),
                certain: false,
            };
            let Some(raw) = self.source.raw(edit.range.clone(), &edit.replacement) else {
                refusal = Refusal::Unwritable(point.offset);
                continue;
            };
            if !self.source.keeps_encoding(std::slice::from_ref(&raw)) {
                refusal = Refusal::NoPlace(ProofError::Encoding);
                continue;
            }
            // The certainty is a script's alone, and HTML's.
            let certain = point.certain && tag.link.is_none() && !self.is_xml();
            let edits = [edit];
            if !certain {
                if before.is_none() {
                    before = Some(self.before()?);
                }
                let [edit] = &edits;
                let Some(before) = &before else { continue };
                let proof = match self.prove(before, &edits) {
                    // What is proved already is not given up for a better one.
                    Err(Refusal::TooMuchWork) if found.is_some() => break,
                    proof => proof?,
                };
                let proof = proof.and_then(|()| self.sees(point.offset, tag, &edit.replacement));
                if let Err(disproof) = proof {
                    // The reason why the best place is none says most.
                    if refusal == Refusal::NoPlace(ProofError::Nowhere) {
                        refusal = Refusal::NoPlace(disproof);
                    }
                    continue;
                }
            }
            match self.facts.syntax {
                Syntax::Html => return Ok((*point, raw)),
                Syntax::Declared if self.is_right_otherwise(point, certain, &edits)? => {
                    return Ok((*point, raw));
                }
                Syntax::Declared => refusal = Refusal::NoPlace(ProofError::Readings),
                // As HTML such a page may be beyond help: then no place is right both ways. The head is none for it, where
                // a module that does not wait may run before there is a body.
                Syntax::Xml => {
                    let here = found.is_none()
                        || !matches!(point.at, Position::HeadEnd | Position::HeadStart);
                    if here && self.proves_otherwise(&edits)? {
                        return Ok((*point, raw));
                    }
                    found.get_or_insert((*point, raw));
                }
            }
        }
        found.ok_or(refusal)
    }

    fn raw(&self, edits: &[Edit]) -> Result<Vec<RawEdit>, Refusal> {
        let raw = |edit: &Edit| {
            let raw = self.source.raw(edit.range.clone(), &edit.replacement);
            raw.ok_or(Refusal::Unwritable(edit.range.start))
        };
        edits.iter().map(raw).collect()
    }
}
