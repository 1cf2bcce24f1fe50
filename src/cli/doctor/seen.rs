//! What there is to look at: the configuration, the site, and what a run of `verify` says about it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::args::DoctorArgs;
use super::check::{Check, Status, Topic};
use super::gathered::{Gathered, Hearing};
use crate::cli::baseline::configured;
use crate::cli::hosts::hosts;
use crate::cli::say::with_causes;
use crate::cli::session::Session;
use crate::cli::settings::{Settings, configuration, is_coloured, site};
use crate::cli::verify::judge;
use crate::csp::Host;
use crate::event::Tally;
use crate::report::Verbosity;
use crate::run::BrokenRules;
use crate::settings::{Config, ConfigError};
use crate::store::{Dry, Folder};

/// All that the checks go by.
pub(super) struct Seen {
    /// How the command runs, with the configuration; where that is not valid, the default one with SITE.
    pub(super) settings: Settings,
    /// What is wrong with the configuration.
    pub(super) invalid: Option<ConfigError>,
    /// The site's folder, or why there is none.
    pub(super) site: Result<PathBuf, String>,
    /// What `verify` says; none: it was not run, having nothing to go by.
    pub(super) judged: Option<Judged>,
}

/// What `verify` says about a site.
pub(super) struct Judged {
    pub(super) gathered: Gathered,
    pub(super) tally: Tally,
    /// Rules files in the site that cannot be used.
    pub(super) broken: Vec<BrokenRules>,
    /// Why nothing was judged.
    pub(super) empty: Option<String>,
    /// The run was stopped.
    pub(super) interrupted: bool,
    /// The files of hosts that say something about policies, or why one of them cannot be read.
    pub(super) hosts: Result<Vec<String>, String>,
    /// How many lists say something about pages.
    pub(super) lists: usize,
}

impl Seen {
    /// Looks.
    ///
    /// # Errors
    ///
    /// If there is no working folder.
    pub(super) fn new(args: &DoctorArgs) -> anyhow::Result<Self> {
        use std::io::{self, IsTerminal as _};
        let read = configuration(&args.config, args.site.as_deref(), Vec::new());
        let (config, invalid) = match read.map_err(anyhow::Error::downcast) {
            Ok(config) => (config, None),
            Err(Ok(invalid)) => (without_files(args), Some(invalid)),
            Err(Err(error)) => return Err(error),
        };
        let settings = Settings {
            config,
            reports: Vec::new(),
            // What is to be said comes to the page.
            verbosity: Verbosity::Normal,
            color: is_coloured(args.color, io::stdout().is_terminal()),
            color_errors: is_coloured(args.color, io::stderr().is_terminal()),
            progress: !args.quiet && io::stderr().is_terminal(),
            allow_empty: false,
            threads: 0,
        };
        let mut seen = Self {
            site: site(&settings.config).map_err(|error| with_causes(&error)),
            judged: None,
            settings,
            invalid,
        };
        if let (None, Ok(site)) = (&seen.invalid, &seen.site) {
            match run(&seen.settings, site) {
                Ok(judged) => seen.judged = Some(judged),
                Err(error) => seen.site = Err(with_causes(&error)),
            }
        }
        Ok(seen)
    }

    pub(super) fn config(&self) -> &Config {
        &self.settings.config
    }

    /// The site, where something in it was judged.
    pub(super) fn judged_site(&self) -> Option<(&Path, &Judged)> {
        let judged = self.judged.as_ref();
        let judged = judged.filter(|judged| judged.empty.is_none());
        Some((self.site.as_deref().ok()?, judged?))
    }

    /// What was found on a topic, or that nothing was.
    pub(super) fn found(
        &self,
        topic: Topic,
        nothing: impl FnOnce(&Judged) -> String,
    ) -> Vec<Check> {
        let Some((_, judged)) = self.judged_site() else {
            return Vec::new();
        };
        let mut checks = judged.gathered.on(topic);
        if checks.is_empty() {
            checks.push(Check::new(topic, Status::Ok, nothing(judged)));
        }
        checks
    }

    /// The folder of the project: that of the configuration, or this one.
    pub(super) fn project(&self) -> PathBuf {
        let file = self.config().files.last();
        let folder = file.and_then(|file| file.parent());
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new(".")).to_owned()
    }
}

/// What is left of a configuration that is not valid: what was typed.
fn without_files(args: &DoctorArgs) -> Config {
    Config {
        site: args.site.as_ref().map(|site| {
            let here = std::env::current_dir().unwrap_or_default();
            here.join(site)
        }),
        ..Config::default()
    }
}

/// Runs `verify`.
fn run(settings: &Settings, site: &Path) -> anyhow::Result<Judged> {
    let hosts = hosts(&settings.config, site).map_err(|error| with_causes(&error));
    let files = |hosts: &Vec<Host>| {
        let files = hosts.iter().flat_map(|host| &host.files);
        files.map(|file| file.name.clone()).collect()
    };
    let names = hosts.as_ref().map(files).map_err(Clone::clone);
    let gathered = Arc::default();
    let hearing = Box::new(Hearing(Arc::clone(&gathered)));
    let mut session = Session::heard_by(settings, site.to_owned(), hearing)?;
    let store = Dry(Folder::new(site));
    let baseline = configured(&settings.config)?;
    let lists = judge(
        &mut session,
        &store,
        hosts.unwrap_or_default(),
        baseline.as_ref(),
        None,
    )?;
    let interrupted = session.is_cancelled();
    let (summary, broken, empty) = session.close();
    let gathered: Arc<Mutex<Gathered>> = gathered;
    let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Judged {
        gathered: std::mem::take(&mut gathered),
        tally: summary.tally,
        broken,
        empty,
        interrupted,
        hosts: names,
        lists,
    })
}
