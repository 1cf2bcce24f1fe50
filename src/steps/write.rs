//! What `inject` and `remove` do with a page: what its plan says.

use std::collections::BTreeSet;
use std::io;
use std::sync::PoisonError;

use super::copies::{Copies, Task};
use super::diff::masked;
use super::inject::InjectStep;
use crate::event::{Outcome, PageReport};
use crate::html::{Change, Facts, Plan, splice};
use crate::redact;
use crate::run::LineIndex;
use crate::run::{Examined, Verdict};
use crate::run::{Step, Stepped, report};
use crate::settings::Siblings;
use crate::store::{Carried, Handle, PagePath, WriteError, is_stop};
use crate::widget::{Breach, Kind, Scope};

/// Why a page was not finished.
#[derive(Debug, thiserror::Error)]
enum PageError {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Other(String),
}

impl PageError {
    fn is_stop(&self) -> bool {
        match self {
            Self::Write(error) => error.is_stop(),
            Self::Io(error) => is_stop(error),
            Self::Other(_) => false,
        }
    }
}

impl Step for InjectStep<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let mut page = report(examined.path(), Outcome::Unchanged);
        page.organizations = examined.organizations();
        page.because = examined.assignment.as_ref().map(|a| a.because.to_string());
        page.route.clone_from(&examined.route);
        match self.finish(examined, &mut page) {
            Ok(()) => {}
            Err(PageError::Write(WriteError::Changed)) => return Stepped::Changed,
            Err(trouble) if trouble.is_stop() => return Stepped::Stopped,
            Err(trouble) => page.outcome = Outcome::Failed(trouble.to_string()),
        }
        if matches!(page.outcome, Outcome::Failed(_)) {
            page.changes.clear();
            page.diff = None;
        }
        Stepped::Done(page)
    }

    fn reported(&self, page: &mut PageReport) {
        self.following.note(page);
    }

    fn list(&self, file: &Handle) {
        self.lists.meet(file);
    }

    fn unseen(&self) -> BTreeSet<PagePath> {
        self.lists.unseen()
    }

    fn look_again(&self, examined: &Examined<'_>) {
        self.note_late(examined);
    }

    fn alias(&self, examined: &Examined<'_>, other: &PagePath, mut page: PageReport) -> Stepped {
        let mut finish = || -> Result<(), PageError> {
            self.store
                .carry(&examined.file.file, Carried::LinkTo(other))?;
            let Verdict::Plan(plan) = &examined.verdict else {
                return Ok(());
            };
            let mut new = Vec::new();
            splice(examined.source.bytes(), &plan.edits, &mut new)?;
            // The page itself may have been written by now, or not: what it says in the end is the same.
            let copies = self.copies(examined, &new, false, Some(other), &mut page)?;
            copies.commit()?;
            self.note_for_lists(examined, &new);
            Ok(())
        };
        let finished = finish();
        if let Err(trouble) = finished {
            if trouble.is_stop() {
                return Stepped::Stopped;
            }
            page.outcome = Outcome::Failed(trouble.to_string());
        }
        Stepped::Done(page)
    }

    fn leftover(&self, file: &Handle) {
        // Runs take turns, so what is left is of a run that was killed. One that cannot be deleted harms nobody.
        let _ = self.store.delete(file, None);
    }

    fn folder_config(&self, file: &Handle) -> Result<(), WriteError> {
        let met = if self.remove_config_files {
            self.store.delete(file, None)?;
            let dry = self.store.is_dry();
            let verb = if dry { "would delete" } else { "deleted" };
            format!("{verb} {}", file.path)
        } else {
            // Its rules hold wherever a copy goes.
            let carried = self.store.carry(file, Carried::AsFile);
            carried.map_err(WriteError::while_("cannot copy it"))?;
            file.path.to_string()
        };
        let mut files = self
            .config_files
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        files.push(met);
        Ok(())
    }
}

impl InjectStep<'_> {
    fn finish(&self, examined: &Examined<'_>, page: &mut PageReport) -> Result<(), PageError> {
        let nothing = Plan::default();
        let plan = match &examined.verdict {
            Verdict::Plan(plan) => {
                page.outcome = outcome(plan);
                plan
            }
            Verdict::Skip(why) => {
                page.outcome = Outcome::Skipped(why.clone());
                &nothing
            }
            Verdict::Refuse(why) => {
                // It may quote the page.
                page.outcome = Outcome::Refused(redact::of_page(why));
                &nothing
            }
        };
        if examined
            .tag
            .as_ref()
            .is_some_and(|tag| tag.kind == Kind::Loader)
        {
            self.base_path.note(examined);
            self.assets
                .ensure(&examined.file.file, &examined.version)
                .map_err(|e| PageError::Other(format!("its runtime is missing: {e}")))?;
        }
        self.notes.note(examined, &self.base_path, self.config);
        page.changes = phrases(
            plan,
            &examined.facts,
            examined.scope,
            examined.source.text(),
        );
        let bytes = examined.source.bytes();
        let mut edited = Vec::new();
        let new: &[u8] = if plan.edits.is_empty() {
            bytes
        } else {
            edited.reserve_exact(bytes.len() + 1024);
            splice(bytes, &plan.edits, &mut edited)?;
            if self.diff {
                page.diff = Some(masked(&page.path, bytes, &edited));
            }
            &edited
        };
        let unchanged = plan.edits.is_empty();
        let changed = page.outcome.kind().is_change();
        let file = &examined.file.file;
        // Everything is made before the first of it takes its place.
        let staged = if unchanged {
            None
        } else {
            let noted = self.store.writable(file)?;
            page.changes.extend(noted.map(str::to_owned));
            let mut write = |out: &mut dyn io::Write| out.write_all(new);
            Some(self.store.stage(file, &examined.version, &mut write)?)
        };
        let copies = self.copies(examined, new, changed, None, page)?;
        match staged {
            None => {
                self.store.keep(file, &examined.version, Some(bytes))?;
                copies.commit()?;
            }
            // Copies first: should the run be killed in between, the page is still seen to need its change, and all is
            // made anew.
            Some(staged) => copies.commit_with(bytes, || staged.commit(Some(&examined.version)))?,
        }
        self.note_for_lists(examined, new);
        Ok(())
    }

    /// Brings the page's compressed copies in line with its new content.
    fn copies(
        &self,
        examined: &Examined<'_>,
        new: &[u8],
        changed: bool,
        other: Option<&PagePath>,
        page: &mut PageReport,
    ) -> Result<Copies<'_>, PageError> {
        let judged = matches!(examined.verdict, Verdict::Plan(_));
        let how = if judged {
            self.siblings
        } else {
            Siblings::Leave
        };
        let copies = Copies::make(&Task {
            store: self.store,
            examined,
            new,
            changed,
            how,
            other,
        })?;
        if !copies.phrases.is_empty() {
            page.changes.extend_from_slice(&copies.phrases);
            if !changed {
                page.outcome = Outcome::Updated;
            }
        }
        Ok(copies)
    }
}

fn outcome(plan: &Plan) -> Outcome {
    let any = |kind: fn(&Change) -> bool| plan.changes.iter().any(kind);
    if any(|c| matches!(c, Change::Insert(_))) {
        Outcome::Injected
    } else if any(|c| matches!(c, Change::Remove(_))) {
        Outcome::Removed
    } else if any(|c| matches!(c, Change::Fold(_))) {
        Outcome::Deduplicated
    } else if any(|c| matches!(c, Change::Replace(..))) {
        Outcome::Updated
    } else {
        Outcome::Unchanged
    }
}

/// What a plan changes, one phrase each, with the places in the page as it was.
#[must_use]
pub fn phrases(plan: &Plan, facts: &Facts, scope: Scope, text: &[u8]) -> Vec<String> {
    let places = LineIndex::new(text);
    let at = |offset: usize| places.at(offset);
    let instance = |i: usize| &facts.instances[i];
    let stays_held = facts.held_one_stays(plan, scope);
    let phrase = |change: &Change| match change {
        Change::Insert(point) => format!("{} at {}", point.at.name(), at(point.offset)),
        Change::Replace(i, differences) => {
            let tag = instance(*i);
            let names: Vec<&str> = differences.iter().map(|d| &*d.attribute).collect();
            let what = if differences.iter().any(|d| d.breaks == Breach::Kind) {
                "becomes another kind of tag".to_owned()
            } else {
                names.join(", ")
            };
            let held = tag
                .hold()
                .map(|hold| format!("; it stays {}", hold.phrase()));
            format!(
                "{} at {}: {what}{}",
                tag.kind.name(),
                at(tag.start_tag.start),
                held.unwrap_or_default()
            )
        }
        Change::Fold(i) => {
            let held = stays_held && instance(*i).hold().is_none();
            format!(
                "superfluous {} at {}{}",
                instance(*i).kind.name(),
                at(instance(*i).start_tag.start),
                if held {
                    ", since the one held back for consent stays"
                } else {
                    ""
                }
            )
        }
        Change::Remove(i) => format!(
            "{} at {}",
            instance(*i).kind.name(),
            at(instance(*i).start_tag.start)
        ),
    };
    let without_contact_link = plan
        .without_contact_link
        .as_ref()
        .filter(|_| !plan.changes.is_empty());
    let without_contact_link = without_contact_link.map(|why| format!("no contact link: {why}"));
    plan.changes
        .iter()
        .map(phrase)
        .chain(without_contact_link)
        .collect()
}
