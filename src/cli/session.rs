//! A run: the site, the reports, the counts, and how it all ends.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use secrecy::SecretString;

use super::ExitCode;
use super::report_file;
use super::say::say;
use super::secrets::secrets;
use super::settings::Settings;
use crate::outcome::{Finding, Outcome, PageReport, Severity, Summary, Tally};
use crate::report::{Options, Progress, Reporter, Verbosity, escape, reporter};
use crate::rules::{Brackets, RuleSet, UnusedRule};
use crate::run::{Examiner, Excerpts, FolderFiles, Job, Purpose, Selection, Step, Tags, run};
use crate::settings::Mode;
use crate::store::Cancel;
use crate::store::Store;

/// One run over a site.
pub(super) struct Session<'a> {
    pub(super) settings: &'a Settings,
    pub(super) site: PathBuf,
    pub(super) rules: Arc<RuleSet>,
    pub(super) folder_files: FolderFiles,
    pub(super) excerpts: Excerpts,
    pub(super) secrets: Vec<(&'static str, SecretString)>,
    pub(super) summary: Summary,
    /// Every page is left on purpose.
    leaves_all: bool,
    cancel: Arc<Cancel>,
    reporters: Vec<Box<dyn Reporter>>,
    progress: Progress,
    trouble: Option<io::Error>,
    started: Instant,
}

impl<'a> Session<'a> {
    /// Begins a run of a command: what can be wrong with the site, the rules and the reports is said here.
    pub(super) fn begin(
        settings: &'a Settings,
        command: &'static str,
        dry_run: bool,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let site = settings.site()?;
        let rules = Arc::new(RuleSet::new(&settings.config)?);
        let secrets = secrets(&settings.config.api);
        let progress = Progress::new(settings.progress);
        let mut options = Options {
            command,
            dry_run,
            color: settings.color,
            verbosity: settings.verbosity,
            width: terminal_width(),
            ascii: false,
        };
        let stdout = progress.around(Box::new(io::stdout()));
        let mut reporters = vec![reporter(settings.format, stdout, options)];
        options.color = false;
        options.width = None;
        for (format, file) in &settings.reports {
            let out = report_file::create(*format, file, &site, &settings.config.pages)?;
            reporters.push(reporter(*format, Box::new(out), options));
        }
        Ok(Self {
            settings,
            summary: Summary {
                command,
                site: site.display().to_string(),
                mode: match settings.config.mode {
                    Mode::Placeholder => "placeholder",
                    Mode::Static => "static",
                },
                dry_run,
                total: Tally::default(),
                by_organization: BTreeMap::new(),
                not_judged: BTreeMap::new(),
                errors: 0,
                warnings: 0,
                notes: 0,
                site_findings: Vec::new(),
                notices: Vec::new(),
                files: Vec::new(),
                interrupted: false,
                elapsed: started.elapsed(),
                exit_code: 0,
            },
            site,
            rules,
            folder_files: FolderFiles::default(),
            excerpts: Excerpts::new(secrets.iter().map(|(_, secret)| secret.clone()).collect()),
            secrets,
            leaves_all: false,
            cancel: listen(),
            reporters,
            progress,
            trouble: None,
            started,
        })
    }

    /// Runs up to `step`.
    pub(super) fn pages<S: Step>(
        &mut self,
        store: &dyn Store,
        tags: Tags,
        purpose: Purpose,
        step: &S,
    ) -> anyhow::Result<()> {
        self.leaves_all = matches!(purpose, Purpose::Leave(_));
        let examiner = Examiner::new(&self.settings.config, tags, purpose)?;
        let job = Job {
            store,
            config: &self.settings.config,
            rules: &self.rules,
            examiner: &examiner,
            cancel: &self.cancel,
            folder_files: &self.folder_files,
        };
        let (summary, reporters, progress) =
            (&mut self.summary, &mut self.reporters, &self.progress);
        let trouble = &mut self.trouble;
        // Without organizations every page gets the same loader: there is nothing to count them by.
        let named = self.settings.config.names().next().is_some();
        let sink = |page: PageReport| {
            count(summary, &page, named);
            progress.page(&page.path);
            for reporter in reporters.iter_mut() {
                if let Err(error) = reporter.page(&page) {
                    trouble.get_or_insert(error);
                }
            }
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
            self.summary.notices.push(notice);
        }
    }

    /// Why there was nothing to do.
    fn why_empty(&self) -> String {
        let site = escape(&self.summary.site);
        let allow = "(--allow-empty allows this)";
        let pages = self.summary.total.pages;
        if pages == 0 {
            let extensions = self.settings.config.pages.extensions.join(", .");
            return format!(
                "no pages in {site}: no file in it ends in .{extensions}; is it the folder that the generator wrote? {allow}"
            );
        }
        let reasons = self.summary.not_judged.iter();
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
        let mut brackets = self.rules.brackets();
        brackets.extend(self.folder_files.brackets());
        brackets.sort();
        brackets.dedup();
        brackets
    }

    /// Rules that held on no page.
    pub(super) fn unused(&self) -> Vec<UnusedRule> {
        let mut unused = self.rules.unused();
        unused.extend(self.folder_files.unused());
        unused.sort();
        unused.dedup();
        unused
    }

    /// How many pages came to an outcome.
    pub(super) fn outcomes(&self, name: &str) -> u64 {
        self.summary.total.outcomes.get(name).copied().unwrap_or(0)
    }

    /// Adds findings of the site.
    pub(super) fn site_findings(&mut self, findings: Vec<Finding>) {
        for finding in &findings {
            count_finding(&mut self.summary, finding);
        }
        self.summary.site_findings.extend(findings);
    }

    /// Ends the run: completes the reports and settles the exit code; `more` is what the command itself knows.
    pub(super) fn end(mut self, more: ExitCode) -> anyhow::Result<ExitCode> {
        self.progress.finish();
        let broken = self.folder_files.take_broken();
        // To `verify`, which only looks, a page that inject would refuse is a finding like others.
        let refused = self.summary.command != "verify" && self.outcomes("refused") > 0;
        let incomplete = self.outcomes("failed") > 0 || refused;
        // Green would mean nothing. Pages that failed say so by themselves.
        let nothing = self.summary.judged() == 0
            && self.outcomes("failed") == 0
            && !self.leaves_all
            && !self.is_cancelled();
        let empty = nothing && !self.settings.allow_empty;
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
        for reporter in &mut self.reporters {
            if let Err(error) = reporter.finish(&self.summary) {
                self.trouble.get_or_insert(error);
            }
        }
        // Reports go out before the errors about them.
        self.reporters.clear();
        for error in broken {
            match &error {
                crate::run::BrokenRules::Config(config) => {
                    say(config.render(self.settings.color_errors));
                }
                other => say(format_args!("error: {}", escape(&other.to_string()))),
            }
        }
        if empty {
            say(format_args!("error: {}", self.why_empty()));
        }
        if let Some(error) = self.trouble {
            return Err(error).context("the report cannot be written; the pages are done");
        }
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

fn count(summary: &mut Summary, page: &PageReport, named: bool) {
    let tally = |tally: &mut Tally| {
        tally.pages += 1;
        *tally.outcomes.entry(page.outcome.name()).or_default() += 1;
    };
    tally(&mut summary.total);
    match &page.outcome {
        Outcome::Skipped(why) => summary.count_not_judged(why),
        // Why is said once, of the page.
        Outcome::Failed(_) => summary.count_not_judged("cannot be read or written"),
        _ => {}
    }
    let assigned = !matches!(page.outcome, Outcome::Skipped(_)) && page.because.is_some();
    if assigned && named {
        let name = if page.organizations.is_empty() {
            "-".to_owned()
        } else {
            page.organizations.join(" + ")
        };
        tally(summary.by_organization.entry(name).or_default());
    }
    for finding in &page.findings {
        count_finding(summary, finding);
    }
}

fn count_finding(summary: &mut Summary, finding: &Finding) {
    match finding.severity {
        Severity::Error => summary.errors += 1,
        Severity::Warning => summary.warnings += 1,
        Severity::Note => summary.notes += 1,
    }
}
