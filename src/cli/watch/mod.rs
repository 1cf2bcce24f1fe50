//! `chathub watch`: what `inject` does, after each change of the site or of the configuration.

mod extent;
mod hand;
mod lines;
mod round;
mod setup;

use std::collections::BTreeSet;
use std::mem;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::ExitCode;
use super::args::WatchArgs;
use super::say::{print_error, say, with_causes};
use super::settings::watched;
use crate::report::{Verbosity, escape};
use crate::store::PagePath;
use crate::watch::{Changes, QUIET, Watch, WatchError};
use extent::Extent;
use hand::Hand;
use lines::Lines;
use round::Known;
use setup::Setup;

/// How long it is at most until the time is looked at again: clocks of intervals stand still while a computer sleeps.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How long it is until tokens that could not be got are asked for once more.
const RETRY: Duration = Duration::from_mins(1);

pub(super) fn watch(args: &WatchArgs) -> anyhow::Result<ExitCode> {
    let mut setup = Setup::load(args)?;
    let is_there = setup.site.is_dir();
    if is_there && !setup.has_tokens() {
        setup.get_tokens()?;
    }
    let hand = Hand::listen();
    let mut lines = Lines::new(Verbosity::from_flags(args.quiet, args.verbose.into()));
    let watched = watched(&setup.settings.config, &setup.site)?;
    // Before the first look, so that no change falls between the two.
    let watch = if args.poll {
        Watch::polling(watched)
    } else {
        Watch::new(watched.clone()).unwrap_or_else(|error| {
            lines.notice(&polls(&error));
            Watch::polling(watched)
        })
    };
    let mut watching = Watching {
        args,
        setup,
        hand,
        lines,
        watch,
        known: Known::default(),
        young: BTreeSet::new(),
        must_begin: is_there,
        has_begun: false,
        is_gone: false,
        retry_at: None,
        renew_at: None,
        error: None,
    };
    watching.begin();
    loop {
        watching.step()?;
    }
}

/// A watch under way.
struct Watching<'a> {
    args: &'a WatchArgs,
    setup: Setup,
    hand: Hand,
    lines: Lines,
    watch: Watch,
    known: Known,
    /// Pages that somebody may still have been writing when they were looked at.
    young: BTreeSet<PagePath>,
    /// What is wrong with the first run is the end, as it is of `inject`.
    must_begin: bool,
    has_begun: bool,
    /// Whether it was said that the site is not there.
    is_gone: bool,
    /// When tokens that could not be got may be asked for again.
    retry_at: Option<Instant>,
    /// When tokens that were got may be replaced because they expire: some never last as long as they should.
    renew_at: Option<Instant>,
    /// The error that was last said and still holds.
    error: Option<String>,
}

impl Watching<'_> {
    fn begin(&mut self) {
        let site = self.setup.site.display().to_string();
        self.lines
            .event(format_args!("watching {}; Ctrl-C ends", escape(&site)));
        if let Some(notice) = self.setup.notice() {
            self.lines.notice(notice);
        }
        self.watch.begin();
        self.miss();
    }

    /// Says that the site is not there, if that is so and has not been said; whether it is so.
    fn miss(&mut self) -> bool {
        let is_gone = self.watch.root().is_none();
        if is_gone && !self.is_gone {
            let site = self.setup.site.display().to_string();
            // It may come to be so again and again.
            say(format_args!(
                "notice: there is no folder {}; waiting for it",
                escape(&site)
            ));
        }
        self.is_gone = is_gone;
        is_gone
    }

    /// Waits for the next change, and does what follows from it.
    fn step(&mut self) -> anyhow::Result<()> {
        let mut changes = match self.watch.wait(Some(self.next_look())) {
            Ok(changes) => changes.unwrap_or_default(),
            Err(error) => self.poll(&error)?,
        };
        let mut announced = !self.has_begun;
        if changes.config && self.reload()? {
            announced = true;
            changes.all = true;
        }
        if self.miss() || self.watch.root().is_none() {
            return Ok(());
        }
        if self.is_due() && self.renew_tokens() {
            changes.all = true;
        }
        if !self.setup.has_tokens() {
            return Ok(());
        }
        let config = &self.setup.settings.config;
        let root = self.watch.root().unwrap_or(&self.setup.site);
        let mut extent = Extent::of(&changes, root, &config.pages, &config.placeholder.asset_dir);
        extent.pages.extend(mem::take(&mut self.young));
        extent.all |= self.known.is_another(&extent, &self.setup);
        if extent.is_nothing() {
            return Ok(());
        }
        match self.rounds(extent, announced) {
            Ok(()) => self.has_begun = true,
            Err(error) if self.must_begin && !self.has_begun => return Err(error),
            Err(error) => {
                self.has_begun = true;
                self.complain(&error);
                return Ok(());
            }
        }
        self.error = None;
        Ok(())
    }

    /// Runs, as often as a run shows that another one is needed.
    fn rounds(&mut self, mut extent: Extent, mut announced: bool) -> anyhow::Result<()> {
        let mut has_asked = false;
        loop {
            let (setup, hand, lines) = (&self.setup, &self.hand, &mut self.lines);
            let left = self.known.round(setup, &extent, hand, lines, announced)?;
            announced = false;
            self.young.extend(left.young);
            if extent.all && left.pages == 0 {
                let site = self.setup.site.display().to_string();
                self.lines.notice(&format!("{site} has no pages yet"));
            }
            if left.all {
                extent = Extent::all();
                continue;
            }
            if left.lacking.is_empty() {
                return Ok(());
            }
            if !mem::replace(&mut has_asked, true) && self.renew_tokens() {
                extent = Extent::all();
                continue;
            }
            let mut said = self.lines.run(true, false);
            left.lacking.iter().for_each(|page| said.page(page));
            return Ok(());
        }
    }

    /// When something is to be done even if nothing changes.
    fn next_look(&self) -> Instant {
        let now = Instant::now();
        let young = (!self.young.is_empty()).then(|| now + QUIET);
        let due = self.setup.expire_at().map(|at| {
            let left = Duration::try_from(at.duration_since(Timestamp::now()));
            now + left.unwrap_or_default()
        });
        let due = due.map(|due| self.may_ask_at().map_or(due, |at| due.max(at)));
        let all = [young, due, Some(now + LONGEST_WAIT)];
        all.into_iter().flatten().min().unwrap_or(now)
    }

    /// Whether tokens have to be got.
    fn is_due(&self) -> bool {
        let expire = self
            .setup
            .expire_at()
            .is_some_and(|at| at <= Timestamp::now());
        let may = self.may_ask_at().is_none_or(|at| at <= Instant::now());
        (expire || !self.setup.has_tokens()) && may
    }

    fn may_ask_at(&self) -> Option<Instant> {
        self.retry_at.max(self.renew_at)
    }

    /// Gets tokens; whether pages should have others now. With an error, those that there are stay.
    fn renew_tokens(&mut self) -> bool {
        if self.retry_at.is_some_and(|at| at > Instant::now()) {
            return false;
        }
        let later = Some(Instant::now() + RETRY);
        match self.setup.get_tokens() {
            Ok(changed) => {
                (self.retry_at, self.renew_at) = (None, later);
                changed
            }
            Err(error) => {
                self.retry_at = later;
                self.complain(&error);
                false
            }
        }
    }

    /// Says an error, once for as long as it holds.
    fn complain(&mut self, error: &anyhow::Error) {
        let text = with_causes(error);
        if self.error.as_ref() != Some(&text) {
            print_error(error);
            self.error = Some(text);
        }
    }

    /// Reads the configuration again; whether it says something else now. With an error, the last good one stays.
    fn reload(&mut self) -> anyhow::Result<bool> {
        // What comes through a pipe comes once.
        let files = &self.setup.settings.config.files;
        let is_piped = |file: &PathBuf| file.exists() && !file.is_file();
        if files.iter().any(is_piped) {
            return Ok(false);
        }
        let new = Setup::load(self.args).and_then(|mut new| {
            // One that was found stays, whatever else could be taken for a site by now.
            if new.settings.config.site.is_none() && self.setup.settings.config.site.is_none() {
                new.site.clone_from(&self.setup.site);
            }
            if new.says_the_same(&self.setup) {
                return Ok(None);
            }
            if !new.has_tokens() && new.site.is_dir() {
                new.get_tokens()?;
            }
            Ok(Some(new))
        });
        match new {
            Ok(None) => {
                if self.error.take().is_some() {
                    self.lines.event("the configuration can be read again");
                }
                Ok(false)
            }
            Ok(Some(new)) => {
                self.error = None;
                (self.retry_at, self.renew_at) = (None, None);
                self.setup = new;
                self.lines
                    .event("the configuration is another: all pages are looked at");
                if let Some(notice) = self.setup.notice() {
                    self.lines.notice(notice);
                }
                let watched = watched(&self.setup.settings.config, &self.setup.site)?;
                if let Err(error) = self.watch.turn_to(watched) {
                    self.poll(&error)?;
                }
                Ok(true)
            }
            Err(error) => {
                self.complain(&error);
                Ok(false)
            }
        }
    }

    /// From now on looks by itself, since the system says no more what changes.
    fn poll(&mut self, error: &WatchError) -> anyhow::Result<Changes> {
        self.lines.notice(&polls(error));
        self.watch = Watch::polling(watched(&self.setup.settings.config, &self.setup.site)?);
        Ok(Changes::everything())
    }
}

/// What to do about a system that does not say what changes.
fn polls(error: &WatchError) -> String {
    let remedy = error.remedy().map_or_else(String::new, |command| {
        format!("; to have it do so, run `{command}`, and start chathub watch again")
    });
    format!("{error}, so all pages are looked at every few seconds{remedy}")
}
