//! The last step of `inject` and `remove`: does what the plans say, in place or into another folder, or only shows it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::assets::Assets;
use super::copies::{Copies, Task};
use super::diff::unified;
use super::examine::{Examined, Verdict};
use super::excerpt::{Excerpts, Places};
use super::notes::Notes;
use super::run::{Step, Stepped, report};
use super::whereabouts::Whereabouts;
use crate::config::Siblings;
use crate::outcome::{Outcome, PageReport};
use crate::page::{Change, Facts, Plan, splice};
use crate::site::{Mirror, PagePath, Role, Skipped, Staged, WriteError, is_stop, stage};
use crate::widget::Kind;

/// Where changed pages go.
#[derive(Debug)]
pub enum Destination {
    /// Nowhere: only shown.
    Nowhere,
    /// Into their own place.
    InPlace,
    /// With the whole rest of the site into a copy of it; the site stays as it is.
    Folder(Box<Mirror>),
}

/// Writes pages; see the module.
pub struct InjectStep<'a> {
    /// Where changed pages go.
    pub destination: Destination,
    /// Whether each change is shown as a unified diff.
    pub diff: bool,
    /// What happens to compressed copies of changed pages.
    pub siblings: Siblings,
    /// The runtime, where pages go.
    pub assets: &'a Assets,
    /// Gathers where the site is.
    pub whereabouts: &'a Whereabouts,
    /// Makes what is shown safe to show.
    pub excerpts: &'a Excerpts,
    /// Whether rules files in the site are deleted.
    pub remove_config_files: bool,
    /// Rules files that were met, and what became of them.
    pub config_files: Mutex<Vec<String>>,
    /// Gathers what the user must know of the pages.
    pub notes: Notes,
}

/// Why a page was not finished.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    fn is_stop(&self) -> bool {
        match self {
            Self::Write(error) => error.is_stop(),
            Self::Io(error) => is_stop(error),
            Self::Other(_) => false,
        }
    }
}

impl Step for InjectStep<'_> {
    fn everything(&self) -> bool {
        matches!(self.destination, Destination::Folder(_))
    }

    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let mut page = report(examined.path(), Outcome::Unchanged);
        page.organizations = examined.organizations();
        page.because = examined.assignment.as_ref().map(|a| a.because.to_string());
        page.route.clone_from(&examined.route);
        match self.finish(examined, &mut page) {
            Ok(()) => {}
            Err(Trouble::Write(WriteError::Changed)) => return Stepped::Changed,
            Err(trouble) if trouble.is_stop() => return Stepped::Stopped,
            Err(trouble) => page.outcome = Outcome::Failed(trouble.to_string()),
        }
        if matches!(page.outcome, Outcome::Failed(_)) {
            page.changes.clear();
            page.diff = None;
        }
        Stepped::Done(page)
    }

    fn alias(&self, examined: &Examined<'_>, other: &PagePath, mut page: PageReport) -> Stepped {
        let mut finish = || -> Result<(), Trouble> {
            if let Destination::Folder(mirror) = &self.destination {
                mirror.link(examined.path(), examined.file.place(), Some(other))?;
            }
            let Verdict::Plan(plan) = &examined.verdict else {
                return Ok(());
            };
            let mut new = Vec::new();
            splice(examined.source.bytes(), &plan.edits, &mut new)?;
            // The page itself may have been written by now, or not: what it says in the end is the same.
            let copies = self.copies(examined, &new, false, Some(other), &mut page)?;
            Ok(copies.commit()?)
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

    fn skipped(&self, path: &PagePath, file: &Path, why: &Skipped) -> io::Result<()> {
        match (&self.destination, why) {
            (Destination::Folder(mirror), Skipped::ElsewhereFolder(other)) => {
                mirror.link(path, file, Some(other))
            }
            _ => self.other(path, file),
        }
    }

    fn other(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        match &self.destination {
            Destination::Folder(mirror) => match mirror.take(path, file) {
                // Today's runtime is there already.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && self.assets.is_at(path) => {
                    Ok(())
                }
                taken => taken,
            },
            Destination::Nowhere | Destination::InPlace => Ok(()),
        }
    }

    fn leftover(&self, file: &Path) {
        // Runs take turns, so what is left is of a run that was killed. One that cannot be deleted harms nobody.
        if matches!(self.destination, Destination::InPlace) {
            let _ = fs::remove_file(file);
        }
    }

    fn folder_config(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        let mut met = self
            .config_files
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.remove_config_files {
            self.keep_rules(path, file)?;
        }
        if self.remove_config_files {
            if matches!(self.destination, Destination::InPlace) {
                fs::remove_file(file)?;
            }
            let dry_run = matches!(self.destination, Destination::Nowhere);
            let verb = if dry_run { "would delete" } else { "deleted" };
            met.push(format!("{verb} {path}"));
        } else {
            met.push(path.to_string());
        }
        Ok(())
    }
}

impl InjectStep<'_> {
    /// Takes a rules file over into a copy; where a link leads to it, as a file, so that its rules hold wherever the copy
    /// goes.
    fn keep_rules(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        match &self.destination {
            Destination::Folder(mirror) => {
                let file = fs::canonicalize(file)?;
                mirror.file(path, &file, &fs::metadata(&file)?)
            }
            Destination::Nowhere | Destination::InPlace => Ok(()),
        }
    }

    fn finish(&self, examined: &Examined<'_>, page: &mut PageReport) -> Result<(), Trouble> {
        let nothing = Plan::default();
        let plan = match &examined.verdict {
            Verdict::Plan(plan) => {
                page.outcome = outcome(plan);
                plan
            }
            Verdict::Skip(why) => {
                page.outcome = Outcome::Skipped((*why).to_owned());
                &nothing
            }
            Verdict::Refuse(why) => {
                // It may quote the page.
                page.outcome = Outcome::Refused(self.excerpts.mask(why));
                &nothing
            }
        };
        if examined
            .tag
            .as_ref()
            .is_some_and(|tag| tag.kind == Kind::Loader)
        {
            self.whereabouts.note(examined);
            let dry_run = matches!(self.destination, Destination::Nowhere);
            self.assets
                .ensure(examined.like(Role::Companion), dry_run)
                .map_err(|e| Trouble::Other(format!("its runtime is missing: {e}")))?;
        }
        self.notes.note(examined, self.whereabouts);
        page.changes = phrases(plan, &examined.facts, examined.source.text());
        let bytes = examined.source.bytes();
        let mut edited = Vec::new();
        let new: &[u8] = if plan.edits.is_empty() {
            bytes
        } else {
            edited.reserve_exact(bytes.len() + 1024);
            splice(bytes, &plan.edits, &mut edited)?;
            if self.diff {
                page.diff = Some(self.unified(&page.path, bytes, &edited));
            }
            &edited
        };
        let unchanged = plan.edits.is_empty();
        let changed = page.outcome.is_change();
        let file = examined.file;
        let in_copy = matches!(self.destination, Destination::Folder(_));
        if !unchanged && file.outside && !in_copy {
            if file.link.is_none() {
                return Err(WriteError::Outside.into());
            }
            page.changes
                .push("a file in place of a link out of the site".to_owned());
        }
        // Everything is made before the first of it takes its place.
        let staged = match &self.destination {
            Destination::InPlace if !unchanged => Some(Self::successor(examined, new)?),
            Destination::Folder(mirror) if !unchanged => {
                let write = |out: &mut dyn io::Write| out.write_all(new);
                Some(mirror.write(&file.path, examined.like(Role::Copy), write)?)
            }
            _ => None,
        };
        let copies = self.copies(examined, new, changed, None, page)?;
        match (&self.destination, staged) {
            (Destination::Folder(mirror), None) => {
                mirror.unchanged(&file.path, examined.like(Role::Copy), bytes)?;
                copies.commit()?;
            }
            (Destination::Folder(_), Some(staged)) => {
                staged.commit_new()?;
                copies.commit()?;
            }
            // Copies first: should the run be killed in between, the page is still seen to need its change, and all is
            // made anew.
            (Destination::InPlace, Some(staged)) => {
                copies.commit_with(bytes, || staged.commit(Some(&examined.stamp)))?;
            }
            (Destination::InPlace | Destination::Nowhere, _) => copies.commit()?,
        }
        Ok(())
    }

    /// What takes the place of a page, or of the link to one that is not the site's to write.
    fn successor(examined: &Examined<'_>, new: &[u8]) -> Result<Staged, WriteError> {
        let write = |out: &mut dyn io::Write| out.write_all(new);
        let file = examined.file;
        if !file.outside {
            return stage(&file.file, examined.like(Role::Successor), write);
        }
        let staged = stage(file.place(), examined.like(Role::Copy), write)?;
        match &staged.lost {
            None => Ok(staged),
            Some(name) => Err(WriteError::Attribute {
                name: name.to_string_lossy().into_owned(),
                source: io::Error::from(io::ErrorKind::Unsupported),
            }),
        }
    }

    /// Brings the page's compressed copies in line with its new content.
    fn copies(
        &self,
        examined: &Examined<'_>,
        new: &[u8],
        changed: bool,
        other: Option<&PagePath>,
        page: &mut PageReport,
    ) -> Result<Copies, Trouble> {
        let judged = matches!(examined.verdict, Verdict::Plan(_));
        let how = if judged {
            self.siblings
        } else {
            Siblings::Leave
        };
        let copies = Copies::make(&Task {
            destination: &self.destination,
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

    fn unified(&self, path: &str, old: &[u8], new: &[u8]) -> String {
        let text = |bytes: &[u8]| self.excerpts.mask(&String::from_utf8_lossy(bytes));
        unified(path, &text(old), &text(new))
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
pub fn phrases(plan: &Plan, facts: &Facts, text: &[u8]) -> Vec<String> {
    let places = Places::new(text);
    let at = |offset: usize| places.at(offset);
    let instance = |i: usize| &facts.instances[i];
    let stays_held = facts.held_one_stays(plan);
    let phrase = |change: &Change| match change {
        Change::Insert(point) => format!("{} at {}", point.at.name(), at(point.offset)),
        Change::Replace(i, differences) => {
            let tag = instance(*i);
            let names: Vec<&str> = differences.iter().map(|d| d.attribute).collect();
            let what = if names.contains(&"") {
                "becomes the other kind of tag".to_owned()
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
    let linkless = plan.linkless.as_ref().filter(|_| !plan.changes.is_empty());
    let linkless = linkless.map(|why| format!("no contact link: {why}"));
    plan.changes.iter().map(phrase).chain(linkless).collect()
}
