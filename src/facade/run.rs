//! The commands, as other programs call them.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::error::Error;
use super::policy::Policy;
use super::store::Store;
use crate::csp::{Format, Host, HostFile};
use crate::event::{Command, Event, OutcomeKind, PageReport, Started, Summary};
use crate::rules::RuleSet;
use crate::run::{Examiner, FolderFiles, Job, Purpose, Selection, Step, Tags, run};
use crate::settings::read_baseline;
use crate::steps::verify::{self, Baseline, Demands, Severities, VerifyStep, failing};
use crate::steps::{ExplainStep, Explanation, InjectStep, consent_notice, hosting_notice};
use crate::store::{self, Cancel, Dry, PagePath};

/// What a handler of events says to a run: nothing, or whether it is to stop after the pages in hand.
pub trait Reply: private::Reply {}

impl Reply for () {}
impl Reply for ControlFlow<()> {}

mod private {
    use std::ops::ControlFlow;

    pub trait Reply {
        fn stops(&self) -> bool;
    }

    impl Reply for () {
        fn stops(&self) -> bool {
            false
        }
    }

    impl Reply for ControlFlow<()> {
        fn stops(&self) -> bool {
            self.is_break()
        }
    }
}

/// Makes every page of a site have exactly what its rules ask for, and writes the files that pages load. A second run writes
/// nothing.
///
/// `handler` is given what happens, page by page in a fixed order.
///
/// # Errors
///
/// If the site cannot be listed or completed. What goes wrong with a page is in its report, and in [`Summary::is_success`].
pub fn inject<R: Reply>(
    policy: &Policy,
    site: &Store,
    handler: impl FnMut(Event<'_>) -> R + Send,
) -> Result<Summary, Error> {
    let tags = Tags::new(&policy.config, Some(policy.tokens()?));
    write(policy, site, tags, Purpose::Ensure, handler)
}

/// Takes everything out again that [`inject`] wrote: pages are byte for byte what they were.
///
/// # Errors
///
/// As for [`inject`].
pub fn remove<R: Reply>(
    policy: &Policy,
    site: &Store,
    handler: impl FnMut(Event<'_>) -> R + Send,
) -> Result<Summary, Error> {
    let tags = Tags::new(&policy.config, None);
    write(policy, site, tags, Purpose::Remove, handler)
}

/// Proves that every page has exactly what its rules ask for: what [`inject`] would change is a finding, and so is what no run
/// can repair. Nothing is written. [`Summary::is_success`] says whether it came to nothing that fails.
///
/// Policies that the host sends are taken from its files in the site, such as `_headers`. Findings of the file that the policy names
/// in `verify.baseline` are known, and do not fail it.
///
/// # Errors
///
/// If the site cannot be listed, or the baseline cannot be read.
pub fn verify<R: Reply>(
    policy: &Policy,
    site: &Store,
    handler: impl FnMut(Event<'_>) -> R + Send,
) -> Result<Summary, Error> {
    let baseline = match &policy.config.verify.baseline {
        Some(file) => {
            let shown = file.display().to_string();
            let entries = read_baseline(file, &shown, &verify::ids())?;
            Some(Baseline::of(entries))
        }
        None => None,
    };
    verify_by(policy, site, baseline.as_ref(), handler)
}

/// What a file has to say, so that [`verify`] takes all present findings for known: write it to where the policy's `verify.baseline` is.
/// Credentials in pages are left out, and stay findings. None where not all pages could be judged.
///
/// # Errors
///
/// If the site cannot be listed.
pub fn baseline(policy: &Policy, site: &Store) -> Result<Option<String>, Error> {
    let baseline = Baseline::learning();
    let mut is_whole = true;
    let summary = verify_by(policy, site, Some(&baseline), |event| {
        if let Event::Page(page) = event {
            is_whole &= page.outcome.kind() != OutcomeKind::Failed;
        }
    })?;
    is_whole &= summary.tally.judged() > 0;
    Ok(is_whole.then(|| baseline.text()))
}

fn verify_by<R: Reply>(
    policy: &Policy,
    site: &Store,
    baseline: Option<&Baseline>,
    handler: impl FnMut(Event<'_>) -> R + Send,
) -> Result<Summary, Error> {
    let config = &policy.config;
    let mut telling = Telling::begin(policy, site, Command::Verify, handler);
    let store = site.store();
    let cancel = Arc::clone(&telling.cancel);
    telling.notices(hosting_notice(store, config));
    telling.notices(consent_notice(config));
    let severities = Severities::of(config)?;
    telling.notices(severities.notices());
    let demands = Demands::of(config, &severities, &policy.secrets);
    let step = VerifyStep::new(store, config, demands)
        .served_by(hosts(policy, store))
        .known_by(baseline);
    let tags = Tags::new(config, None);
    let purpose = Purpose::Ensure;
    job(policy, store, tags, purpose, &cancel, |job, rules| {
        telling.pages(job, &step)?;
        if !cancel.is_set() {
            let told = job.folder_files.told(rules);
            for finding in step.end(&told, &telling.summary.tally) {
                telling.summary.tally.site_finding(&finding);
                telling.tell(&Event::Finding(&finding));
            }
        }
        Ok(())
    })?;
    let left_out = severities.left_out();
    telling.summary.left_out = !left_out.is_empty();
    telling.notices(left_out);
    let failing = failing(telling.summary.tally.findings, config.verify.fail_on);
    Ok(telling.end(u8::from(failing > 0)))
}

/// Why a page gets what it gets, and what [`inject`] would do with it; none where `inject` does not come to it. Nothing is written.
///
/// # Errors
///
/// If the site cannot be listed.
pub fn explain(policy: &Policy, site: &Store, path: &str) -> Result<Option<Explanation>, Error> {
    let config = &policy.config;
    let (store, cancel) = (&Dry(site.store()), site.cancel());
    let step = ExplainStep::new(store, config, false);
    let tags = Tags::new(config, None);
    let paths = BTreeSet::from([PagePath::from(path)]);
    let mut explanation = None;
    job(policy, store, tags, Purpose::Ensure, &cancel, |job, _| {
        let sink = |page: PageReport| {
            if page.path == path {
                explanation = Some(step.explain(page));
            }
        };
        run(job, Selection::These(&paths), &step, sink)
            .map_err(|error| Error::site(site.name(), error))
    })?;
    Ok(explanation)
}

fn write<R: Reply>(
    policy: &Policy,
    site: &Store,
    tags: Tags,
    purpose: Purpose,
    handler: impl FnMut(Event<'_>) -> R + Send,
) -> Result<Summary, Error> {
    let command = if purpose == Purpose::Remove {
        Command::Remove
    } else {
        Command::Inject
    };
    let mut telling = Telling::begin(policy, site, command, handler);
    let (store, cancel) = (site.store(), Arc::clone(&telling.cancel));
    let fails = |error: Box<dyn std::error::Error + Send + Sync>| Error::site(site.name(), error);
    let _lock = store.lock(&|| {});
    let hosts = match purpose {
        Purpose::Ensure => hosts(policy, store),
        _ => Vec::new(),
    };
    let step = InjectStep::new(store, &policy.config, purpose).served_by(hosts);
    telling.notices(step.begin().map_err(|error| fails(error.into()))?);
    job(policy, store, tags, purpose, &cancel, |job, rules| {
        telling.pages(job, &step)?;
        if purpose == Purpose::Ensure {
            let brackets = job.folder_files.brackets(rules);
            telling.notices(brackets.iter().map(ToString::to_string));
        }
        Ok(())
    })?;
    let whole = !telling.summary.has_undone_pages();
    let ending = step.end(false, cancel.is_set(), whole);
    let ending = ending.map_err(|error| fails(error.into()))?;
    telling.notices(ending.notices.into_iter().chain(ending.remarks));
    telling.summary.files = ending.files;
    telling.summary.diffs = ending.diffs;
    Ok(telling.end(if ending.is_incomplete { 3 } else { 0 }))
}

/// A run of a policy over a store.
pub(super) fn job<'a, T>(
    policy: &'a Policy,
    store: &'a dyn store::Store,
    tags: Tags,
    purpose: Purpose,
    cancel: &'a Arc<Cancel>,
    go: impl FnOnce(&Job<'_>, &RuleSet) -> Result<T, Error>,
) -> Result<T, Error> {
    let config = &policy.config;
    // Fresh for each run, since they note which of them have held.
    let rules = Arc::new(RuleSet::new(config)?);
    let examiner =
        Examiner::new(config, tags, purpose).map_err(|error| Error::Policy(error.to_string()))?;
    let folder_files = FolderFiles::default();
    let job = Job {
        store,
        config,
        rules: &rules,
        examiner: &examiner,
        cancel,
        folder_files: &folder_files,
    };
    go(&job, &rules)
}

/// The hosts that the files in a site tell of.
fn hosts(policy: &Policy, store: &dyn store::Store) -> Vec<Host> {
    if !policy.config.csp.discover {
        return Vec::new();
    }
    let files = Format::FOUND.into_iter().filter_map(|(name, format)| {
        let content = store.read(&store.at(&PagePath::from(name))).ok()?;
        Some(HostFile {
            name: name.to_owned(),
            text: String::from_utf8_lossy(&content.bytes).into_owned(),
            format,
            root: "/".to_owned(),
        })
    });
    Host::read(files.collect())
}

/// Tells a handler what happens, and counts it.
struct Telling<'a, H> {
    handler: H,
    site: &'a Store,
    cancel: Arc<Cancel>,
    /// Organizations are configured.
    named: bool,
    summary: Summary,
    started: Instant,
}

impl<'a, R: Reply, H: FnMut(Event<'_>) -> R + Send> Telling<'a, H> {
    fn begin(policy: &Policy, site: &'a Store, command: Command, handler: H) -> Self {
        let dry_run = site.store().is_dry();
        let started = Instant::now();
        let mode = policy.config.mode.as_str();
        let summary = Summary::of(command, site.name().to_owned(), mode, dry_run);
        let mut telling = Self {
            handler,
            site,
            cancel: site.cancel(),
            named: policy.config.names().next().is_some(),
            summary,
            started,
        };
        telling.tell(&Event::Started(&Started {
            command,
            root: site.name().to_owned(),
            dry_run,
            fail_on: verify::fails_on(command, policy.config.verify.fail_on),
            has_baseline: command.only_looks() && policy.config.verify.baseline.is_some(),
            rules: verify::ALL,
        }));
        telling
    }

    fn tell(&mut self, event: &Event<'_>) {
        if private::Reply::stops(&(self.handler)(*event)) {
            self.cancel.set();
        }
    }

    fn notices(&mut self, notices: impl IntoIterator<Item = String>) {
        for notice in notices {
            self.tell(&Event::Notice(&notice));
            self.summary.notices.push(notice);
        }
    }

    fn pages<S: Step>(&mut self, job: &Job<'_>, step: &S) -> Result<(), Error> {
        let ran = run(job, Selection::All, step, |page: PageReport| {
            self.summary.tally.page(&page, self.named);
            self.tell(&Event::Page(&page));
        });
        ran.map_err(|error: io::Error| Error::site(self.site.name(), error))?;
        // Their pages are refused; where there are none, nothing else would tell.
        let broken = job.folder_files.take_broken();
        self.notices(broken.iter().map(ToString::to_string));
        Ok(())
    }

    /// Ends; `code` is what the command knows.
    fn end(mut self, code: u8) -> Summary {
        let stopped = self.cancel.is_set();
        let incomplete = if self.summary.has_undone_pages() {
            3
        } else {
            0
        };
        self.summary.interrupted = stopped;
        self.summary.exit_code = if stopped { 130 } else { code.max(incomplete) };
        self.summary.elapsed = self.started.elapsed();
        (self.handler)(Event::Finished(&self.summary));
        self.summary
    }
}
