//! `chathub verify URL`

use std::time::Duration;

use anyhow::bail;
use jiff::Timestamp;

use super::ExitCode;
use super::args::VerifyArgs;
use super::baseline::Known;
use super::further::{Further, Place};
use super::log;
use super::session::Session;
use super::settings::Settings;
use super::severities::{severities, tell_left_out};
use crate::event::Command;
use crate::live::{Limits, LiveError, LiveStep, Most, Site, is_url};
use crate::rules::RuleSet;
use crate::run::{Purpose, Tags};
use crate::steps::consent_notice;
use crate::steps::verify::{Demands, VerifyStep, failing};
use crate::store::{Dry, Folder, Store};

/// How many requests are under way at once, unless `--threads` says otherwise; and however many it says, no more than the second.
const CONNECTIONS: (usize, usize) = (4, 16);

/// The URL that is to be verified; none where that is a folder, for which flags of a URL do nothing.
pub(super) fn url(args: &VerifyArgs) -> anyhow::Result<Option<&str>> {
    let url = args.site.as_deref().and_then(|site| site.to_str());
    let url = url.filter(|site| is_url(site));
    let live = &args.live;
    let given = [
        ("--max-pages", live.max_pages.is_some()),
        ("--timeout", live.timeout.is_some()),
        ("--ask-endpoint", live.ask_endpoint),
    ];
    if let Some((flag, _)) = given.iter().find(|(_, given)| *given && url.is_none()) {
        bail!(
            "{flag} acts on a URL alone, as in `chathub verify https://www.example.com/ {flag} …`"
        );
    }
    let of_folder = [
        ("--write-baseline", args.write_baseline),
        ("--prune-baseline", args.prune_baseline),
    ];
    if let Some((flag, _)) = of_folder.iter().find(|(_, given)| *given && url.is_some()) {
        bail!("{flag} acts on a folder alone: a server need not show all pages");
    }
    if url.is_some()
        && let Some(flag) = args
            .settings
            .given()
            .iter()
            .find(|flag| flag.name == "--link-root")
    {
        bail!(
            "{} acts on a folder alone: a server follows its links itself",
            flag.name
        );
    }
    Ok(url)
}

/// Verifies the site at this address, and opens pages of it with what looks further, if anything is to.
pub(super) fn verify(
    args: &VerifyArgs,
    url: &str,
    mut further: Option<Box<dyn Further + '_>>,
) -> anyhow::Result<ExitCode> {
    let root = Site::root(url)?;
    let mut settings =
        Settings::resolve(&args.common, Some(&args.run), None, args.settings.given())?;
    log::to_stderr(settings.verbosity);
    let connections = match settings.threads {
        0 => CONNECTIONS.0,
        threads => threads.min(CONNECTIONS.1),
    };
    // Threads wait for pages, whatever the number of cores.
    settings.threads = connections;
    let address = root.to_string();
    let format = args.common.format;
    let mut session = Session::at(&settings, format, Command::Verify, false, address.into())?;
    let config = &settings.config;
    // The site as it was built tells which file an address is; it need not be here.
    let local = settings
        .site()
        .ok()
        .map(|site| Box::new(Dry(Folder::new(&site))) as Box<dyn Store>);
    let limits = Limits {
        pages: args.live.max_pages.unwrap_or(Most::Pages(100)),
        connections,
        timeout: Duration::from_secs(args.live.timeout.unwrap_or(30).into()),
    };
    let site = match Site::open(
        &root,
        config,
        RuleSet::new(config)?,
        local,
        limits,
        &session.cancel(),
    ) {
        Err(LiveError::Interrupted) => return session.end(ExitCode::Success),
        site => site?,
    };
    session.tell(consent_notice(config));
    let secrets = std::mem::take(&mut session.secrets);
    let severities = severities(&mut session)?;
    let known = Known::of(args, config, &session.site)?;
    let baseline = known.as_ref().map(|known| &known.baseline);
    let demands = Demands::of(config, &severities, &secrets);
    let store = Dry(&site as &dyn Store);
    let now = Timestamp::now().as_second();
    let step = VerifyStep::new(&store, config, demands)
        .known_by(baseline)
        .sampling(further.as_ref().map(|further| further.size()));
    let step = LiveStep::new(step, &site, config, now);
    session.pages(&store, Tags::new(config, None), Purpose::Ensure, &step)?;
    if !session.is_cancelled() {
        let place = Place::Server {
            site: &site,
            for_tokens: args.live.ask_endpoint,
        };
        let sampled = further
            .as_mut()
            .map(|further| further.findings(&mut session, step.verify(), place));
        let end = step.end(
            &session.told(),
            &session.summary.tally,
            sampled.unwrap_or_default(),
            args.live.ask_endpoint,
        );
        for notice in end.notices {
            session.remark(notice);
        }
        session.site_findings(&end.findings);
        tell_left_out(&mut session, &severities);
    }
    let looked = further.map_or(ExitCode::Success, |further| further.ended());
    let failing = failing(session.summary.tally.findings, config.verify.fail_on);
    let found = if failing > 0 {
        ExitCode::Findings
    } else {
        ExitCode::Success
    };
    session.end(found.and(looked))
}
