//! Walks, examines and finishes pages in parallel; hands on one report per page, in the order of the walk.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::alias;
use super::examine::{Examined, Examiner};
use super::folder::{FolderFiles, FolderRules};
use super::order::InOrder;
use crate::config::{Config, Pages};
use crate::outcome::{Outcome, PageReport};
use crate::rules::RuleSet;
use crate::site::{Cancel, Entry, PageFile, PagePath, Skipped, Walk, WalkOptions, is_stop};

/// Name of the files that carry a folder's own rules.
pub const FOLDER_CONFIG: &str = ".chathub.toml";
/// How often a page is taken up again that someone else writes at the same time.
const ATTEMPTS: usize = 5;

/// What a step made of a page.
pub enum Stepped {
    /// It is done with it.
    Done(PageReport),
    /// The file is another by now: examine it again.
    Changed,
    /// The run is to stop, and did so in the middle of this page, which is as it was.
    Stopped,
}

/// The last step of the pipeline: does, says or shows what should become of pages.
pub trait Step: Sync {
    /// Whether files that are no pages are wanted as well.
    fn everything(&self) -> bool {
        false
    }

    /// Whether it is to see what is at this path; what it does not want is not looked into.
    fn wants(&self, _path: &PagePath) -> bool {
        true
    }

    /// Finishes an examined page.
    fn page(&self, examined: &Examined<'_>) -> Stepped;

    /// Finishes a link to a page that is handled by another path. `page` says so; what is beside the link may be added.
    fn alias(&self, _examined: &Examined<'_>, _other: &PagePath, page: PageReport) -> Stepped {
        Stepped::Done(page)
    }

    /// Meets a file that looks like a page but is not looked into; an error is reported under its path.
    fn skipped(&self, _path: &PagePath, _file: &Path, _why: &Skipped) -> io::Result<()> {
        Ok(())
    }

    /// Meets a file, folder or link that is no page.
    fn other(&self, _path: &PagePath, _file: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Meets a temporary file that a killed run left behind.
    fn leftover(&self, _file: &Path) {}

    /// Meets a folder's own rules file.
    fn folder_config(&self, _path: &PagePath, _file: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// A run over a site, up to its last step.
pub struct Job<'a> {
    /// The site.
    pub root: &'a Path,
    /// The configuration.
    pub config: &'a Config,
    /// Its rules.
    pub rules: &'a Arc<RuleSet>,
    /// Decides what should become of pages.
    pub examiner: &'a Examiner,
    /// Asks the run to stop.
    pub cancel: &'a Cancel,
    /// Gathers the rules files that folders carry.
    pub folder_files: &'a FolderFiles,
}

/// How a site is walked: what counts as a page, and whether other files are wanted as well.
#[must_use]
pub fn walk_options(pages: &Pages, everything: bool) -> WalkOptions {
    WalkOptions {
        extensions: pages.extensions.clone(),
        hidden: pages.hidden,
        folder_config: FOLDER_CONFIG,
        everything,
        link_root: pages.link_root.clone(),
    }
}

/// Runs. `sink` gets a report of each page, in order; errors that it meets are its own.
pub fn run<S: Step>(
    job: &Job<'_>,
    step: &S,
    sink: impl FnMut(PageReport) + Send,
) -> io::Result<()> {
    let options = walk_options(&job.config.pages, step.everything());
    let rules = Arc::new(FolderRules::root(Arc::clone(job.rules)));
    let walk = Walk::new(
        job.root,
        options,
        &rules,
        |parent: &Arc<FolderRules>, path: &PagePath, file: &Path| {
            if !job.examiner.needs_rules() {
                return Arc::clone(parent);
            }
            Arc::new(parent.enter(path, file, job.config, job.folder_files))
        },
    )?;
    let output = Mutex::new((InOrder::default(), sink));
    let entries = walk.take_while(|_| !job.cancel.is_set());
    Batches::of(entries)
        .enumerate()
        .par_bridge()
        .for_each(|(index, batch)| {
            let entries = batch.into_iter().take_while(|_| !job.cancel.is_set());
            let reports: Vec<_> = entries
                .filter_map(|entry| finish(job, step, entry))
                .collect();
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            let (order, sink) = &mut *output;
            order.push(index, reports, |reports| {
                reports.into_iter().for_each(&mut *sink);
            });
        });
    let (order, mut sink) = output.into_inner().unwrap_or_else(PoisonError::into_inner);
    order.finish(|reports| reports.into_iter().for_each(&mut sink));
    Ok(())
}

/// Hands on several items at once, so that threads seldom wait for each other; the more the further on, so that those of a
/// small site are still shared out.
struct Batches<I> {
    items: I,
    handed_on: usize,
}

impl<I: Iterator> Batches<I> {
    fn of(items: I) -> Self {
        Self {
            items,
            handed_on: 0,
        }
    }
}

impl<I: Iterator> Iterator for Batches<I> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Vec<I::Item>> {
        let size = (self.handed_on / 64).clamp(1, 32);
        let batch: Vec<_> = self.items.by_ref().take(size).collect();
        self.handed_on += batch.len();
        (!batch.is_empty()).then_some(batch)
    }
}

fn finish<S: Step>(job: &Job<'_>, step: &S, entry: Entry<FolderRules>) -> Option<PageReport> {
    // What the run was stopped in the middle of has no report.
    let failed = |path: &PagePath, error: &io::Error| {
        (!is_stop(error)).then(|| report(path, Outcome::Failed(describe(error))))
    };
    let path = match &entry {
        Entry::Page(file, _) => Some(&file.path),
        Entry::Alias(link) => Some(&link.page.path),
        Entry::Skipped(path, ..) | Entry::Unreadable(path, _) => Some(path),
        _ => None,
    };
    if path.is_some_and(|path| !step.wants(path)) {
        return None;
    }
    match entry {
        Entry::Page(file, folder) => page(job, &file, &folder, |examined| step.page(examined)),
        Entry::Alias(link) => page(job, &link.page, &link.folder, |examined| {
            let outcome = alias::outcome(examined, &link);
            step.alias(examined, &link.other, report(&link.page.path, outcome))
        }),
        Entry::Skipped(path, file, why) => Some(match step.skipped(&path, &file, &why) {
            Ok(()) => report(&path, Outcome::Skipped(why.to_string())),
            Err(error) => failed(&path, &error)?,
        }),
        Entry::Unreadable(path, error) => failed(&path, &error),
        Entry::Leftover(file) => {
            step.leftover(&file);
            None
        }
        // A rules file that cannot be used is the user's to correct. If a step took it away, the next run would treat
        // its folder as any other.
        Entry::FolderConfig(path, file) if job.folder_files.is_broken(&path) => step
            .other(&path, &file)
            .err()
            .and_then(|e| failed(&path, &e)),
        Entry::FolderConfig(path, file) => step
            .folder_config(&path, &file)
            .err()
            .and_then(|e| failed(&path, &e)),
        Entry::Other(path, file) => step
            .other(&path, &file)
            .err()
            .and_then(|e| failed(&path, &e)),
    }
}

/// Handles a page; without a report where the run was stopped in the middle of it.
fn page(
    job: &Job<'_>,
    file: &PageFile,
    folder: &FolderRules,
    step: impl Fn(&Examined<'_>) -> Stepped,
) -> Option<PageReport> {
    let failed = |why: String| Some(report(&file.path, Outcome::Failed(why)));
    for _ in 0..ATTEMPTS {
        // A page that trips a bug, here or in a parser, is one failed page, not the end of the run.
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            job.examiner
                .examine(file, folder, job.cancel)
                .map(|examined| step(&examined))
        }));
        match attempt {
            Ok(Ok(Stepped::Done(report))) => return Some(report),
            Ok(Ok(Stepped::Changed)) => {}
            Ok(Ok(Stepped::Stopped)) => return None,
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted && job.cancel.is_set() => {
                return None;
            }
            Ok(Err(error)) => return failed(describe(&error)),
            Err(_) => {
                return failed("a bug in chathub: please report it with this page".to_owned());
            }
        }
    }
    let why = "it keeps changing while it is being processed; is a generator still running?";
    failed(why.to_owned())
}

/// A report that says no more than the outcome.
#[must_use]
pub fn report(path: &PagePath, outcome: Outcome) -> PageReport {
    PageReport {
        path: path.to_string(),
        outcome,
        organizations: Vec::new(),
        because: None,
        route: None,
        changes: Vec::new(),
        findings: Vec::new(),
        diff: None,
    }
}

fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it vanished while it was being processed".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied: it cannot be read".to_owned(),
        _ => error.to_string(),
    }
}
