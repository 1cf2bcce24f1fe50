//! The driver: the only code that walks a site. It lists a store, examines pages in parallel, gives each to the last step,
//! and hands on one report per page in the order of the listing.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::alias;
use super::batches::Batches;
use super::conceal::conceal;
use super::examine::{Examined, Examiner};
use super::folder::{FolderFiles, FolderRules, Folders};
use super::order::InOrder;
use super::step::{Step, Stepped};
use crate::derived::Format;
use crate::event::{Organizations, Outcome, PageReport, Skip};
use crate::rules::RuleSet;
use crate::settings::{Config, Pages, RuleSpec};
use crate::store::{
    Alias, Cancel, Carried, Entry, Handle, ListOptions, PageFile, PagePath, Skipped, Store,
    WriteError, is_stop,
};

/// Name of the files that carry a folder's own rules.
pub const FOLDER_CONFIG: &str = ".chathub.toml";
/// How often a page is taken up again that someone else writes at the same time.
const ATTEMPTS: usize = 5;

/// A run over a site, up to its last step.
pub struct Job<'a> {
    /// The site.
    pub store: &'a dyn Store,
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

/// Which pages of a site a run is for.
pub enum Selection<'a> {
    /// All of them.
    All,
    /// What is at these paths.
    These(&'a BTreeSet<PagePath>),
    /// Those for which this is true. It is asked about each in the order of the listing; the listing ends at `None`.
    Those(Choice<'a>),
}

/// Whether an entry is of interest; nothing ends the listing.
pub type Choice<'a> = Box<dyn FnMut(&Found) -> Option<bool> + Send + 'a>;

/// Something that the driver came across, with the rules that are in force there.
pub struct Found(What);

enum What {
    Page(PageFile, Arc<FolderRules>),
    Alias(Alias, Arc<FolderRules>, Arc<FolderRules>),
    /// Not a page that is examined.
    Else(Entry),
}

impl Found {
    /// Its path, if it looks like a page.
    #[must_use]
    pub fn path(&self) -> Option<&PagePath> {
        match &self.0 {
            What::Page(page, _) => Some(&page.file.path),
            What::Alias(link, ..) => Some(&link.page.file.path),
            What::Else(Entry::Skipped(file, _)) => Some(&file.path),
            What::Else(Entry::Unreadable(path, _)) => Some(path),
            What::Else(_) => None,
        }
    }

    /// Whether it is examined.
    #[must_use]
    pub fn is_page(&self) -> bool {
        matches!(self.0, What::Page(..))
    }

    /// The path by which the page is handled that it is a link to.
    #[must_use]
    pub fn alias_of(&self) -> Option<&PagePath> {
        match &self.0 {
            What::Alias(link, ..) => Some(&link.other),
            _ => None,
        }
    }

    /// The file, if it is a part of the site that is not examined as a page.
    fn unexamined(&self) -> Option<&Handle> {
        match &self.0 {
            What::Else(
                Entry::Other(file)
                | Entry::Leftover(file)
                | Entry::Skipped(file, Skipped::Hidden | Skipped::LeavesSite | Skipped::Alone),
            ) => Some(file),
            What::Else(Entry::FolderConfig(config)) => Some(&config.file),
            _ => None,
        }
    }

    /// Whether it may say something about pages.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.0, What::Else(Entry::List(_)))
    }

    /// Its path, if it is a rules file.
    #[must_use]
    pub fn rules_file(&self) -> Option<&PagePath> {
        match &self.0 {
            What::Else(Entry::FolderConfig(config)) => Some(&config.file.path),
            _ => None,
        }
    }
}

/// How a site is listed: what counts as a page.
fn list_options(pages: &Pages, everything: bool, rules: bool) -> ListOptions {
    ListOptions {
        rules,
        extensions: pages.extensions.clone(),
        hidden: pages.hidden,
        folder_config: FOLDER_CONFIG,
        lists: |name| Format::of(name).is_some(),
        everything,
        link_root: pages.link_root.clone(),
    }
}

impl<'a> Job<'a> {
    /// What the site consists of, in a fixed order.
    ///
    /// # Errors
    ///
    /// If the site cannot be listed.
    pub fn list(
        &self,
        selection: Selection<'a>,
    ) -> io::Result<impl Iterator<Item = Found> + Send + use<'a>> {
        self.list_with(selection, false)
    }

    /// The same, with all other files where `everything` is wanted.
    fn list_with(
        &self,
        mut selection: Selection<'a>,
        everything: bool,
    ) -> io::Result<impl Iterator<Item = Found> + Send + use<'a>> {
        let needs_rules = self.examiner.needs_rules();
        let by_path = |rule: &RuleSpec| !rule.matches.is_empty() || !rule.not.is_empty();
        let rules = needs_rules && self.config.rules.iter().any(by_path);
        let options = list_options(&self.config.pages, everything, rules);
        let entries = self.store.list(&options)?;
        let mut folders = Folders::new(self.rules, self.store, self.config, self.folder_files);
        let found = entries.filter_map(move |entry| {
            let mut under = |config: Option<&Arc<_>>| {
                folders.under(config.filter(|_| needs_rules).map(|config| &**config))
            };
            Some(Found(match entry {
                Entry::Page(page) => {
                    let rules = under(page.rules.as_ref());
                    What::Page(page, rules)
                }
                Entry::Alias(link) if link.through.is_some() && !needs_rules => return None,
                Entry::Alias(link) => {
                    let (rules, other) = (
                        under(link.page.rules.as_ref()),
                        under(link.other_rules.as_ref()),
                    );
                    What::Alias(link, rules, other)
                }
                // They are judged, whether or not there is a page below them.
                Entry::Rules(config) => {
                    under(Some(&config));
                    return None;
                }
                other => What::Else(other),
            }))
        });
        let chosen = found.map_while(move |found| {
            let takes = match &mut selection {
                Selection::All => true,
                Selection::These(paths) => found.path().is_none_or(|path| paths.contains(path)),
                Selection::Those(takes) => takes(&found)?,
            };
            Some(takes.then_some(found))
        });
        Ok(chosen.flatten())
    }

    /// Does with one entry what the run does. No report: it is not a page, or the run was stopped in the middle of it.
    pub fn handle<S: Step + ?Sized>(&self, step: &S, found: &Found) -> Option<PageReport> {
        // What the run was stopped in the middle of has no report.
        let failed = |path: &PagePath, error: &io::Error| {
            (!is_stop(error)).then(|| report(path, Outcome::Failed(describe(error))))
        };
        let carry = |file: &Handle, what| {
            let carried = self.store.carry(file, what);
            carried.err().and_then(|error| failed(&file.path, &error))
        };
        match &found.0 {
            What::Page(page, rules) => self.page(page, rules, |examined| step.page(examined)),
            What::Alias(link, rules, other_rules) if link.through.is_some() => {
                if !alias::may_differ(link, rules, other_rules) {
                    return None;
                }
                let report = self.page(&link.page, rules, |examined| {
                    let outcome = alias::outcome(examined, link, other_rules);
                    step.through(report(examined.path(), outcome))
                });
                // The link to the folder has been reported, and that the page cannot be read is by its other path.
                report.filter(|report| matches!(report.outcome, Outcome::Refused(_)))
            }
            What::Alias(link, rules, other_rules) => self.page(&link.page, rules, |examined| {
                let outcome = alias::outcome(examined, link, other_rules);
                step.alias(examined, &link.other, report(examined.path(), outcome))
            }),
            What::Else(Entry::Skipped(file, why)) => {
                let what = match why {
                    Skipped::ElsewhereFolder(other) => Carried::LinkTo(other),
                    _ => Carried::AsItIs,
                };
                match self.store.carry(file, what) {
                    Ok(()) => Some(report(&file.path, Outcome::Skipped(skip(why)))),
                    Err(error) => failed(&file.path, &error),
                }
            }
            What::Else(Entry::Unreadable(path, error)) => failed(path, error),
            What::Else(Entry::Leftover(file)) => {
                step.leftover(file);
                None
            }
            // A rules file that cannot be used is the user's to correct. If a step took it away, the next run would treat
            // its folder as any other.
            What::Else(Entry::FolderConfig(config))
                if self.folder_files.is_broken(&config.file.path) =>
            {
                carry(&config.file, Carried::AsItIs)
            }
            What::Else(Entry::FolderConfig(config)) => match step.folder_config(&config.file) {
                Err(WriteError::Io { source, .. }) => failed(&config.file.path, &source),
                Err(error) => Some(report(
                    &config.file.path,
                    Outcome::Failed(error.to_string()),
                )),
                Ok(()) => None,
            },
            What::Else(Entry::Other(file)) => carry(file, Carried::AsItIs),
            What::Else(Entry::Page(_) | Entry::Alias(_) | Entry::Rules(_) | Entry::List(_)) => None,
        }
    }

    /// Shows a page to a step that has missed something about it. What cannot be read was reported before.
    fn look_again<S: Step + ?Sized>(&self, step: &S, found: &Found) {
        if let What::Page(page, rules)
        | What::Alias(
            Alias {
                page,
                through: None,
                ..
            },
            rules,
            _,
        ) = &found.0
        {
            self.page(page, rules, |examined| {
                step.look_again(examined);
                Stepped::Done(report(examined.path(), Outcome::Unchanged))
            });
        }
    }

    /// Handles a page; without a report where the run was stopped in the middle of it.
    fn page(
        &self,
        page: &PageFile,
        rules: &FolderRules,
        step: impl Fn(&Examined<'_>) -> Stepped,
    ) -> Option<PageReport> {
        let failed = |why: String| Some(report(&page.file.path, Outcome::Failed(why)));
        for _ in 0..ATTEMPTS {
            // A page that trips a bug, here or in a parser, is one failed page, not the end of the run.
            let attempt = catch_unwind(AssertUnwindSafe(|| {
                let content = self.store.read(&page.file)?;
                let examined = self.examiner.examine(page, content, rules, self.cancel)?;
                Ok::<_, io::Error>(step(&examined))
            }));
            match attempt {
                Ok(Ok(Stepped::Done(report))) => return Some(report),
                Ok(Ok(Stepped::Changed)) => {}
                Ok(Ok(Stepped::Stopped)) => return None,
                Ok(Err(error)) if is_stop(&error) => return None,
                Ok(Err(error)) => return failed(describe(&error)),
                Err(_) => {
                    return failed("a bug in chathub: please report it with this page".to_owned());
                }
            }
        }
        let why = "it keeps changing while it is being processed; is a generator still running?";
        failed(why.to_owned())
    }
}

/// Runs. `sink` gets a report of each page, in order; errors that it meets are its own.
///
/// # Errors
///
/// If the site cannot be listed.
pub fn run<'a, S: Step + ?Sized>(
    job: &Job<'a>,
    selection: Selection<'a>,
    step: &S,
    sink: impl FnMut(PageReport) + Send,
) -> io::Result<()> {
    let mut sink = sink;
    let hand_on = |mut page: PageReport| {
        step.reported(&mut page);
        conceal(&mut page);
        sink(page);
    };
    let output = Mutex::new((InOrder::default(), hand_on));
    let entries = job.list_with(selection, step.takes_files())?;
    let entries = entries.take_while(|_| !job.cancel.is_set());
    let entries = entries.inspect(|found| {
        if let What::Else(Entry::List(file)) = &found.0 {
            step.list(file);
        }
    });
    Batches::of(entries)
        .enumerate()
        .par_bridge()
        .for_each(|(index, batch)| {
            let entries = batch.iter().take_while(|_| !job.cancel.is_set());
            let reports: Vec<_> = entries
                .filter_map(|found| job.handle(step, found))
                .collect();
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            let (order, sink) = &mut *output;
            order.push(index, reports, |reports| {
                reports.into_iter().for_each(&mut *sink);
            });
            drop(output);
            // Reports do not wait for them: one of them may be as large as all pages together.
            if step.takes_files() {
                let files = batch.iter().filter_map(Found::unexamined);
                let files = files.take_while(|_| !job.cancel.is_set());
                files.for_each(|file| step.file(file, job.cancel));
            }
        });
    let (order, mut sink) = output.into_inner().unwrap_or_else(PoisonError::into_inner);
    order.finish(|reports| reports.into_iter().for_each(&mut sink));
    let unseen = step.unseen();
    if !unseen.is_empty() && !job.cancel.is_set() {
        for found in job.list(Selection::These(&unseen))? {
            job.look_again(step, &found);
        }
    }
    Ok(())
}

/// A report that says no more than the outcome.
#[must_use]
pub fn report(path: &PagePath, outcome: Outcome) -> PageReport {
    PageReport {
        path: path.to_string(),
        outcome,
        organizations: Organizations::Unassigned,
        because: None,
        route: None,
        changes: Vec::new(),
        findings: Vec::new(),
        diff: None,
    }
}

/// Why the store passes over a file, as reports have it.
fn skip(why: &Skipped) -> Skip {
    match why {
        Skipped::Hidden => Skip::Hidden,
        Skipped::NotRegular => Skip::NotRegular,
        Skipped::LeavesSite => Skip::LeavesSite,
        Skipped::Broken => Skip::BrokenLink,
        Skipped::Alone => Skip::Compressed,
        Skipped::Elsewhere(other) => Skip::LinkTo(other.to_string()),
        Skipped::ElsewhereFolder(other) => Skip::LinkToFolder(other.to_string()),
    }
}

fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it vanished while it was being processed".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied: it cannot be read".to_owned(),
        _ => error.to_string(),
    }
}
