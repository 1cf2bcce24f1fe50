//! `chathub verify`

use super::ExitCode;
use super::args::VerifyArgs;
use super::baseline::Known;
#[cfg(all(unix, feature = "browser"))]
use super::browser::InBrowser;
use super::further::{Further, Place};
use super::hosts::hosts;
use super::live;
use super::session::Session;
use super::settings::Settings;
use super::severities::{severities, tell_left_out};
use crate::csp::Host;
use crate::event::Command;
use crate::run::{Purpose, Tags};
use crate::steps::verify::{Baseline, Demands, VerifyStep, failing};
use crate::steps::{consent_notice, hosting_notice};
use crate::store::{Dry, Folder, Store};

pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    if let Some(url) = live::url(args)? {
        return live::verify(args, url, further(args)?);
    }
    let settings = Settings::resolve(
        &args.common,
        Some(&args.run),
        args.site.as_deref(),
        args.settings.given(),
    )?;
    let mut further = further(args)?;
    let mut session = Session::begin(&settings, args.common.format, Command::Verify, false)?;
    let config = &settings.config;
    let store = Dry(Folder::new(&session.site));
    let hosting = hosting_notice(&store, config);
    session.tell(hosting);
    session.tell(consent_notice(config));
    let hosts = hosts(config, &session.site)?;
    let known = Known::of(args, config, &session.site)?;
    let baseline = known.as_ref().map(|known| &known.baseline);
    judge(
        &mut session,
        &store,
        hosts,
        baseline,
        further.as_deref_mut(),
    )?;
    let looked = further.map_or(ExitCode::Success, |further| further.ended());
    if let Some(known) = known.filter(Known::writes) {
        write(&mut session, &known)?;
    }
    let failing = failing(session.summary.tally.findings, config.verify.fail_on);
    let found = if failing > 0 {
        ExitCode::Findings
    } else {
        ExitCode::Success
    };
    session.end(found.and(looked))
}

/// A browser, if there is to be one.
#[cfg(all(unix, feature = "browser"))]
pub(super) fn further(args: &VerifyArgs) -> anyhow::Result<Option<Box<dyn Further + '_>>> {
    let browser = InBrowser::prepare(&args.browser)?;
    Ok(browser.map(|browser| Box::new(browser) as Box<dyn Further>))
}

/// Without one, there is nothing to look further with.
#[cfg(not(all(unix, feature = "browser")))]
#[allow(clippy::unnecessary_wraps)]
pub(super) fn further(_: &VerifyArgs) -> anyhow::Result<Option<Box<dyn Further>>> {
    Ok(None)
}

/// Judges the site that is in this store, and what these hosts send with it, by a baseline if there is one: all findings go to the
/// session's reports, those of what looks further among them. Gives how many lists there are that say something about pages.
pub(super) fn judge(
    session: &mut Session<'_>,
    store: &dyn Store,
    hosts: Vec<Host>,
    baseline: Option<&Baseline>,
    mut further: Option<&mut (dyn Further + '_)>,
) -> anyhow::Result<usize> {
    let config = &session.settings.config;
    let secrets = std::mem::take(&mut session.secrets);
    let severities = severities(session)?;
    let demands = Demands::of(config, &severities, &secrets);
    let step = VerifyStep::new(store, config, demands)
        .served_by(hosts)
        .known_by(baseline)
        .sampling(further.as_ref().map(|further| further.size()));
    session.pages(store, Tags::new(config, None), Purpose::Ensure, &step)?;
    if !session.is_cancelled() {
        let site = session.site.clone();
        let sampled = further
            .as_mut()
            .map(|further| further.findings(session, &step, Place::Folder(&site)));
        let sampled = sampled.unwrap_or_default();
        let findings = step.end_with(&session.told(), &session.summary.tally, sampled, |_| true);
        session.site_findings(&findings);
        tell_left_out(session, &severities);
    }
    Ok(step.lists())
}

/// Writes the baseline. A run that has not seen all findings would lose those that it has not seen.
fn write(session: &mut Session<'_>, known: &Known) -> anyhow::Result<()> {
    if session.is_whole() {
        let written = known.write()?;
        session.summary.files.extend(written);
    } else {
        session.tell([
            "the baseline is not written, since this run could not judge all pages".to_owned(),
        ]);
    }
    Ok(())
}
