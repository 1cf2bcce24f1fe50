//! `chathub verify --browser`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

use anyhow::{Context, bail};
use url::Url;

use super::ExitCode;
use super::browser_args::{BrowserArgs, BrowserWidget};
use super::further::{Further, Place};
use super::hosts::hosts;
use super::say::print_error;
use super::session::Session;
use crate::browser::{
    BrowserError, Fault, Manner, Opened, Options, Site, Visit, Widget, find, open_all,
};
use crate::event::Finding;
use crate::live;
use crate::settings::{Config, Mode};
use crate::steps::verify::{SampleSize, Sampled, VerifyStep};
use crate::store::PagePath;

/// How many pages a notice names.
const NAMED: usize = 5;

/// A browser that is there, and what it is for.
pub(super) struct InBrowser<'a> {
    args: &'a BrowserArgs,
    options: Options,
    /// How it went.
    ended: ExitCode,
}

impl<'a> InBrowser<'a> {
    /// Looks for the browser, if there is to be one.
    pub(super) fn prepare(args: &'a BrowserArgs) -> anyhow::Result<Option<Self>> {
        if !args.browser {
            return Ok(None);
        }
        let mut options = Options::new(find()?);
        options.sandbox &= !args.browser_no_sandbox;
        Ok(Some(Self {
            args,
            options,
            ended: ExitCode::Success,
        }))
    }

    fn look(
        &mut self,
        session: &mut Session<'_>,
        step: &VerifyStep<'_>,
        place: Place<'_>,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<()> {
        let config = &session.settings.config;
        let sample = step.sample();
        let (paths, visits): (Vec<&PagePath>, Vec<Visit>) = sample
            .iter()
            .filter_map(|page| Some((&page.path, visit(page, config, place)?)))
            .unzip();
        if visits.is_empty() {
            return Ok(());
        }
        let site = self.site(config, place)?;
        self.options.network = site.network(&visits);
        if let Some(folder) = &self.args.screenshots {
            prepare(folder, &session.site)?;
        }
        let threads = match (place, session.settings.threads) {
            // A browser has several requests under way by itself.
            (Place::Server { .. }, _) => 1,
            (_, 0) => available_parallelism().map_or(1, usize::from),
            (_, threads) => threads,
        };
        let turn = || match place {
            Place::Server { site, .. } => site.turn(),
            Place::Folder(_) => {}
        };
        let cancel = session.cancel();
        let manner = Manner {
            options: &self.options,
            time: self.args.browser_timeout,
            pictures: self.args.screenshots.is_some(),
            threads,
            turn: &turn,
            cancel: &cancel,
        };
        let faults: Mutex<BTreeMap<usize, Vec<Fault>>> = Mutex::default();
        let unsaved = Mutex::new(None);
        let version = open_all(&site, &visits, manner, |at, opened| {
            let saved = self.save(paths[at], &opened);
            if let Err(error) = saved {
                let mut unsaved = unsaved.lock().unwrap_or_else(PoisonError::into_inner);
                unsaved.get_or_insert(error);
            }
            let mut faults = faults.lock().unwrap_or_else(PoisonError::into_inner);
            faults.insert(at, opened.faults);
        });
        let faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
        let of_pages = faults
            .iter()
            .flat_map(|(at, faults)| faults.iter().map(|fault| (&visits[*at].page, fault)));
        findings.extend(of_pages.filter_map(|(page, fault)| finding(step, page, fault)));
        let opened = faults.keys().map(|at| match place {
            Place::Folder(_) => visits[*at].page.as_str(),
            Place::Server { .. } => visits[*at].url.as_str(),
        });
        let opened: Vec<&str> = opened.collect();
        let version = version?;
        let made_up = match place {
            Place::Server {
                for_tokens: false, ..
            } if config.mode == Mode::Placeholder => {
                " and a made-up token, as without --ask-endpoint"
            }
            _ => "",
        };
        session.remark(self.remark(&version, &opened, made_up));
        match unsaved.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// What the browser's requests get.
    fn site(&self, config: &Config, place: Place<'_>) -> anyhow::Result<Site> {
        let widget = match self.args.browser_widget {
            BrowserWidget::StandIn => Widget::StandIn,
            BrowserWidget::Real => Widget::Real,
        };
        Ok(match place {
            Place::Folder(folder) => Site::on_disk(folder, config, widget, hosts(config, folder)?),
            Place::Server { for_tokens, .. } => Site::on_server(config, widget, for_tokens),
        })
    }

    /// What was done, so that a green run says what it proves.
    fn remark(&self, version: &str, pages: &[&str], made_up: &str) -> String {
        let named = pages.iter().take(NAMED).copied().collect::<Vec<_>>();
        let more = match pages.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let noun = if pages.len() == 1 { "page" } else { "pages" };
        let widget = match self.args.browser_widget {
            BrowserWidget::StandIn => format!("a stand-in for the vendor's widget{made_up}"),
            BrowserWidget::Real => "the vendor's widget".to_owned(),
        };
        let sandbox = match (self.options.sandbox, self.args.browser_no_sandbox) {
            (true, _) => "",
            (false, true) => ", without its sandbox",
            (false, false) => ", without its sandbox, which does not work for root",
        };
        format!(
            "{} {noun} opened in {version}{sandbox}, with {widget}: {}{more}",
            pages.len(),
            named.join(", ")
        )
    }

    fn save(&self, page: &PagePath, opened: &Opened) -> anyhow::Result<()> {
        let (Some(folder), Some(picture)) = (&self.args.screenshots, &opened.picture) else {
            return Ok(());
        };
        let mut file = folder.join(page.to_path()).into_os_string();
        file.push(".png");
        let file = PathBuf::from(file);
        let write = || {
            fs::create_dir_all(file.parent().unwrap_or(folder))?;
            fs::write(&file, picture)
        };
        write().with_context(|| format!("the picture {} cannot be written", file.display()))
    }
}

impl Further for InBrowser<'_> {
    fn size(&self) -> SampleSize {
        self.args.browser_pages
    }

    fn findings(
        &mut self,
        session: &mut Session<'_>,
        step: &VerifyStep<'_>,
        place: Place<'_>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        match self.look(session, step, place, &mut findings) {
            Err(error) if matches!(error.downcast_ref(), Some(BrowserError::Cancelled)) => {}
            Err(error) => {
                print_error(&error);
                self.ended = ExitCode::Incomplete;
            }
            Ok(()) => {}
        }
        findings
    }

    fn ended(&self) -> ExitCode {
        self.ended
    }
}

/// A page of the sample, as it is to be opened.
fn visit(page: &Sampled, config: &Config, place: Place<'_>) -> Option<Visit> {
    match place {
        Place::Folder(_) => Visit::of(page, config),
        Place::Server { .. } => {
            let url = Url::parse(&live::Site::url(&page.file)).ok()?;
            Some(Visit::at(page, url))
        }
    }
}

/// Makes the folder for pictures. It must not be in the site, with which it would be published.
fn prepare(folder: &Path, site: &Path) -> anyhow::Result<()> {
    let why = || {
        format!(
            "the folder {} cannot be made (--screenshots)",
            folder.display()
        )
    };
    fs::create_dir_all(folder).with_context(why)?;
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if real(folder).starts_with(real(site)) {
        bail!(
            "the folder {} is in the site, with which the pictures would be published; choose another for --screenshots",
            folder.display()
        );
    }
    Ok(())
}

fn finding(step: &VerifyStep<'_>, page: &str, fault: &Fault) -> Option<Finding> {
    let finding = step.finding(fault.rule, page, &fault.message)?;
    Some(match &fault.remedy {
        Some(remedy) => Finding {
            remedy: remedy.clone().into(),
            ..finding
        },
        None => finding,
    })
}
