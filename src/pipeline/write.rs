//! The last step of `inject` and `remove`: does what the plans say, in place or into another folder, or only shows it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::assets::Assets;
use super::consent::AwaitingConsent;
use super::diff::unified;
use super::examine::{Examined, Verdict};
use super::excerpt::{Excerpts, place};
use super::run::{Step, Stepped, report};
use crate::config::Siblings;
use crate::outcome::{Outcome, PageReport};
use crate::page::{Change, Facts, Plan, splice};
use crate::site::{PagePath, Sibling, WriteError, stage};
use crate::widget::Kind;

/// Where changed pages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Nowhere: only shown.
    Nowhere,
    /// Into their own place.
    InPlace,
    /// With the whole rest of the site into this folder; the site stays as it is.
    Folder(PathBuf),
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
    /// Makes what is shown safe to show.
    pub excerpts: &'a Excerpts,
    /// Whether rules files in the site are deleted.
    pub remove_config_files: bool,
    /// Rules files that were met, and what became of them.
    pub config_files: Mutex<Vec<String>>,
    /// Tags that were left to consent tools.
    pub held: AwaitingConsent,
}

/// Why a page was not finished.
enum Trouble {
    Write(WriteError),
    Other(String),
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Other(error.to_string())
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
        match self.finish(examined, &mut page) {
            Ok(()) => {}
            Err(Trouble::Write(WriteError::Changed)) => return Stepped::Changed,
            Err(Trouble::Write(error)) => page.outcome = Outcome::Failed(error.to_string()),
            Err(Trouble::Other(error)) => page.outcome = Outcome::Failed(error),
        }
        if matches!(page.outcome, Outcome::Failed(_)) {
            page.changes.clear();
            page.diff = None;
        }
        Stepped::Done(page)
    }

    fn skipped(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        self.copy(path, file)
    }

    fn other(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        self.copy(path, file)
    }

    fn leftover(&self, file: &Path) {
        // Runs take turns, so what is left is of a run that was killed. One that cannot be deleted harms nobody.
        if self.destination == Destination::InPlace {
            let _ = fs::remove_file(file);
        }
    }

    fn folder_config(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        let mut met = self
            .config_files
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.remove_config_files {
            self.copy(path, file)?;
        }
        if self.remove_config_files {
            if self.destination == Destination::InPlace {
                fs::remove_file(file)?;
            }
            let dry_run = self.destination == Destination::Nowhere;
            let verb = if dry_run { "would delete" } else { "deleted" };
            met.push(format!("{verb} {path}"));
        } else {
            met.push(path.to_string());
        }
        Ok(())
    }
}

impl InjectStep<'_> {
    /// Takes a file over into another folder as it is; links stay links.
    fn copy(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        let Destination::Folder(folder) = &self.destination else {
            return Ok(());
        };
        let target = folder.join(path.to_path());
        let kind = fs::symlink_metadata(file)?.file_type();
        if kind.is_dir() {
            return fs::create_dir_all(target);
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        if kind.is_symlink() {
            return link(&fs::read_link(file)?, &target);
        }
        // A FIFO, socket or device is nothing that a site can publish.
        if kind.is_file() {
            fs::copy(file, target).map(drop)
        } else {
            Ok(())
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
            let dry_run = self.destination == Destination::Nowhere;
            self.assets
                .ensure(dry_run)
                .map_err(|e| Trouble::Other(format!("its runtime is missing: {e}")))?;
        }
        self.held.note(examined);
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
        match &self.destination {
            Destination::Folder(folder) => {
                let target = folder.join(examined.path().to_path());
                create_folder_of(&target)?;
                self.copies(examined, &target, new, page)?;
                stage(&target, Some(&examined.metadata), |out| out.write_all(new))?.commit(None)?;
            }
            Destination::InPlace if plan.edits.is_empty() => {
                self.copies(examined, &examined.file.file, new, page)?;
            }
            Destination::InPlace => {
                // Copies first: should the run be killed in between, the page is still seen to need its change, and
                // all is made anew.
                let file = &examined.file.file;
                let staged = stage(file, Some(&examined.metadata), |out| out.write_all(new))?;
                self.copies(examined, file, new, page)?;
                staged.commit(Some(&examined.stamp))?;
            }
            Destination::Nowhere => self.copies(examined, &examined.file.file, new, page)?,
        }
        Ok(())
    }

    /// Brings the page's compressed copies in line with its new content. `target` is where the page goes.
    fn copies(
        &self,
        examined: &Examined<'_>,
        target: &Path,
        new: &[u8],
        page: &mut PageReport,
    ) -> Result<(), Trouble> {
        let changed = page.outcome.is_change();
        for coding in &examined.file.siblings {
            let from = Sibling {
                coding: *coding,
                file: coding.path(&examined.file.file),
            };
            let into = coding.path(target);
            let touch =
                matches!(examined.verdict, Verdict::Plan(_)) && self.siblings != Siblings::Leave;
            if !touch || (!changed && from.says(new)?) {
                if let Destination::Folder(_) = self.destination {
                    fs::copy(&from.file, &into)?;
                }
                continue;
            }
            let name = format!("{}{}", page.path, coding.extension());
            if self.siblings == Siblings::Remove {
                if self.destination == Destination::InPlace {
                    fs::remove_file(&from.file)?;
                }
                page.changes.push(format!("{name} deleted"));
            } else {
                if self.destination != Destination::Nowhere {
                    let like = fs::metadata(&from.file)?;
                    stage(&into, Some(&like), |out| coding.compress(new, out))?.commit(None)?;
                }
                page.changes.push(format!("{name} compressed anew"));
            }
            if page.outcome == Outcome::Unchanged {
                page.outcome = Outcome::Updated;
            }
        }
        Ok(())
    }

    fn unified(&self, path: &str, old: &[u8], new: &[u8]) -> String {
        let text = |bytes: &[u8]| self.excerpts.mask(&String::from_utf8_lossy(bytes));
        unified(path, &text(old), &text(new))
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Links need a privilege on other systems; what they point to is as good in a copy.
#[cfg(not(unix))]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    let base = at.parent().unwrap_or(Path::new("."));
    fs::copy(base.join(to), at).map(drop)
}

fn create_folder_of(target: &Path) -> Result<(), Trouble> {
    match target.parent() {
        Some(folder) => Ok(fs::create_dir_all(folder)?),
        None => Ok(()),
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
    let at = |offset: usize| {
        let place = place(text, &(offset..offset));
        format!("{}:{}", place.line, place.column)
    };
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
