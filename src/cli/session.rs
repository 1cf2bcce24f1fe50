//! A run: the site, the reports, the counts, and how it all ends.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use secrecy::SecretString;

use super::ExitCode;
use super::checkout;
use super::report_file;
use super::reports::Reports;
use super::say::say;
use super::secrets::secrets;
use super::settings::Settings;
use crate::event::{Command, Event, Finding, OutcomeKind, PageReport, Started, Summary};
use crate::live::is_url;
use crate::report::{Format, Options, Progress, Reporter, Verbosity, escape, reporter};
use crate::rules::{Brackets, RuleSet};
use crate::run::{
    BrokenRules, Examiner, FolderFiles, Job, Purpose, Selection, Step, Tags, Told, run,
};
use crate::steps::verify;
use crate::store::Cancel;
use crate::store::Store;

/// One run over a site.
pub(super) struct Session<'a> {
    pub(super) settings: &'a Settings,
    pub(super) site: PathBuf,
    pub(super) rules: Arc<RuleSet>,
    pub(super) folder_files: FolderFiles,
    pub(super) secrets: Vec<(&'static str, SecretString)>,
    pub(super) summary: Summary,
    /// Every page is left on purpose.
    leaves_all: bool,
    cancel: Arc<Cancel>,
    reports: Reports,
    progress: Progress,
    started: Instant,
}

impl<'a> Session<'a> {
    /// Begins a run of a command: what can be wrong with the site, the rules and the reports is said here.
    pub(super) fn begin(
        settings: &'a Settings,
        format: Format,
        command: Command,
        dry_run: bool,
    ) -> anyhow::Result<Self> {
        Self::at(settings, format, command, dry_run, settings.site()?)
    }

    /// The same for this site.
    pub(super) fn at(
        settings: &'a Settings,
        format: Format,
        command: Command,
        dry_run: bool,
        site: PathBuf,
    ) -> anyhow::Result<Self> {
        let rules = Arc::new(RuleSet::new(&settings.config)?);
        let progress = Progress::new(settings.progress);
        let mut options = Options {
            color: settings.color,
            verbosity: settings.verbosity,
            width: terminal_width(),
            ascii: false,
        };
        let stdout = progress.around(Box::new(io::stdout()));
        let mut reporters = vec![reporter(format, stdout, options)];
        options.color = false;
        options.width = None;
        for (format, file) in &settings.reports {
            let out = report_file::create(*format, file, &site, &settings.config.pages)?;
            reporters.push(reporter(*format, Box::new(out), options));
        }
        let what = (command, dry_run);
        Ok(Self::of(settings, site, rules, what, reporters, progress))
    }

    /// Begins a run of `verify` over a site that one alone hears of.
    pub(super) fn heard_by(
        settings: &'a Settings,
        site: PathBuf,
        reporter: Box<dyn Reporter>,
    ) -> anyhow::Result<Self> {
        let rules = Arc::new(RuleSet::new(&settings.config)?);
        let progress = Progress::new(settings.progress);
        let what = (Command::Verify, false);
        let reporters = vec![reporter];
        Ok(Self::of(settings, site, rules, what, reporters, progress))
    }

    fn of(
        settings: &'a Settings,
        site: PathBuf,
        rules: Arc<RuleSet>,
        (command, dry_run): (Command, bool),
        reporters: Vec<Box<dyn Reporter>>,
        progress: Progress,
    ) -> Self {
        let root = checkout::path(&site);
        let fail_on = verify::fails_on(command, settings.config.verify.fail_on);
        Self {
            settings,
            summary: Summary::of(
                command,
                site.display().to_string(),
                settings.config.mode.as_str(),
                dry_run,
            ),
            site,
            rules,
            folder_files: FolderFiles::default(),
            secrets: secrets(&settings.config.api),
            leaves_all: false,
            cancel: listen(),
            reports: Reports::new(
                reporters,
                Started {
                    command,
                    root,
                    dry_run,
                    fail_on,
                    has_baseline: command.only_looks() && settings.config.verify.baseline.is_some(),
                    rules: verify::ALL,
                },
            ),
            progress,
            started: Instant::now(),
        }
    }

    /// Runs up to `step`.
    pub(super) fn pages<S: Step>(
        &mut self,
        store: &dyn Store,
        tags: Tags,
        purpose: Purpose,
        step: &S,
    ) -> anyhow::Result<()> {
        self.leaves_all = purpose == Purpose::Leave;
        let examiner = Examiner::new(&self.settings.config, tags, purpose)?;
        let job = Job {
            store,
            config: &self.settings.config,
            rules: &self.rules,
            examiner: &examiner,
            cancel: &self.cancel,
            folder_files: &self.folder_files,
        };
        let (summary, reports, progress) = (&mut self.summary, &mut self.reports, &self.progress);
        // Without organizations every page gets the same loader: there is nothing to count them by.
        let named = self.settings.config.names().next().is_some();
        let sink = |page: PageReport| {
            summary.tally.page(&page, named);
            progress.page(&page.path);
            reports.event(&Event::Page(&page));
        };
        pool(self.settings)?
            .install(|| run(&job, Selection::All, step, sink))
            .with_context(|| self.summary.site.clone())
    }

    /// Adds sentences that the user must read. They are part of the report for people, which is not printed if it is to
    /// say errors alone.
    pub(super) fn tell(&mut self, notices: impl IntoIterator<Item = String>) {
        for notice in notices {
            if self.settings.verbosity == Verbosity::Quiet {
                say(format_args!("notice: {}", escape(&notice)));
            }
            self.remark(notice);
        }
    }

    /// Adds a sentence that the user may want to read, and that is printed with the report alone.
    pub(super) fn remark(&mut self, remark: String) {
        self.reports.notice(&remark);
        self.summary.notices.push(remark);
    }

    /// Why there was nothing to do.
    fn why_empty(&self) -> String {
        let site = escape(&self.summary.site);
        let allow = "(--allow-empty allows this)";
        let pages = self.summary.tally.total.pages;
        if is_url(&self.summary.site) {
            return format!(
                "no page of {site} was judged, so this run proves nothing; is that the address of the site, and does its sitemap \
                 list pages? {allow}"
            );
        }
        if pages == 0 {
            let extensions = self.settings.config.pages.extensions.join(", .");
            return format!(
                "no pages in {site}: no file in it ends in .{extensions}; is it the folder that the generator wrote? {allow}"
            );
        }
        let reasons = self.summary.tally.not_judged.iter();
        let reasons: Vec<String> = reasons
            .map(|(why, pages)| format!("{pages} × {}", escape(why)))
            .collect();
        format!(
            "no page in {site} was judged, so this run proves nothing: {}; run it on pages as the generator wrote them, or \
             include such pages under [pages] in chathub.toml {allow}",
            reasons.join(", ")
        )
    }

    /// By which the user asks to stop.
    pub(super) fn cancel(&self) -> Arc<Cancel> {
        Arc::clone(&self.cancel)
    }

    /// Whether the user asked to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }

    /// Patterns whose brackets seem to be meant as letters.
    pub(super) fn brackets(&self) -> Vec<Brackets> {
        self.folder_files.brackets(&self.rules)
    }

    /// What rules tell of themselves when all pages are done.
    pub(super) fn told(&self) -> Told {
        self.folder_files.told(&self.rules)
    }

    /// How many pages came to an outcome.
    pub(super) fn outcomes(&self, kind: OutcomeKind) -> u64 {
        self.summary.tally.of(kind)
    }

    /// Adds findings of the site.
    pub(super) fn site_findings(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.summary.tally.site_finding(finding);
            self.reports.event(&Event::Finding(finding));
        }
    }

    /// Ends a run of which the reports are not all that is said: what it came to, the rules files that cannot be used, and why
    /// nothing was judged, if so.
    pub(super) fn close(self) -> (Summary, Vec<BrokenRules>, Option<String>) {
        self.progress.finish();
        let broken = self.folder_files.take_broken();
        let empty = self.is_empty().then(|| self.why_empty());
        (self.summary, broken, empty)
    }

    /// Whether nothing was judged that should have been: green would mean nothing. Pages that failed say so by themselves.
    fn is_empty(&self) -> bool {
        self.summary.tally.judged() == 0
            && self.outcomes(OutcomeKind::Failed) == 0
            && !self.leaves_all
            && !self.is_cancelled()
            && !self.settings.allow_empty
    }

    /// Whether all pages were judged, by rules that could be read.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_empty()
            && !self.is_cancelled()
            && self.outcomes(OutcomeKind::Failed) == 0
            && !self.folder_files.has_broken()
    }

    /// Ends the run: completes the reports and settles the exit code; `more` is what the command itself knows.
    pub(super) fn end(mut self, more: ExitCode) -> anyhow::Result<ExitCode> {
        self.progress.finish();
        let empty = self.is_empty();
        let broken = self.folder_files.take_broken();
        let incomplete = self.summary.has_undone_pages();
        let mut code = more;
        for (holds, and) in [
            (incomplete, ExitCode::Incomplete),
            (!broken.is_empty() || empty, ExitCode::Usage),
            (self.is_cancelled(), ExitCode::Interrupted),
        ] {
            code = code.and(if holds { and } else { ExitCode::Success });
        }
        self.summary.interrupted = self.is_cancelled();
        self.summary.elapsed = self.started.elapsed();
        self.summary.exit_code = code.number();
        // Reports go out before the errors about them.
        let written = self.reports.finish(&self.summary);
        for error in broken {
            match &error {
                BrokenRules::Config(config) => {
                    say(config.render(self.settings.color_errors));
                }
                other => say(format_args!("error: {}", escape(&other.to_string()))),
            }
        }
        if empty {
            say(format_args!("error: {}", self.why_empty()));
        }
        written.context("the report cannot be written; the pages are done")?;
        io::stdout().flush().or_else(|e| {
            if e.kind() == io::ErrorKind::BrokenPipe {
                Ok(())
            } else {
                Err(e)
            }
        })?;
        Ok(code)
    }
}

/// The threads that pages are shared out to.
pub(super) fn pool(settings: &Settings) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .num_threads(settings.threads)
        .build()
}

/// Ctrl-C and a termination signal stop the run after the pages in hand.
fn listen() -> Arc<Cancel> {
    let cancel = Arc::new(Cancel::default());
    let on_signal = Arc::clone(&cancel);
    // Where no handler can be set, the signal ends the process at once; every page is whole all the same.
    let _ = ctrlc::set_handler(move || on_signal.set());
    cancel
}

/// The width of the terminal that standard output is, if it is one.
pub(super) fn terminal_width() -> Option<usize> {
    use std::io::IsTerminal;
    io::stdout()
        .is_terminal()
        .then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))?
}
