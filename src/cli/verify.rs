//! `chathub verify`

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::ExitCode;
use super::args::VerifyArgs;
use super::hosting;
use super::inject::note;
use super::session::Session;
use super::settings::Settings;
use crate::config::{Config, FailOn, Level, Mode};
use crate::outcome::{Outcome, PageReport};
use crate::pipeline::{Assets, Excerpts, Following, Purpose, Tags, Whereabouts};
use crate::store::{Dry, Folder};
use crate::tokens;
use crate::verify::{Demands, SiteFacts, VerifyStep, bracket_findings, route_findings, unreadable};

pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(
        &args.common,
        Some(&args.run),
        args.site.as_deref(),
        args.settings.given(),
    )?;
    let mut session = Session::begin(&settings, "verify", false)?;
    let config = &settings.config;
    let store = Dry(Folder::new(&session.site));
    let hosting = hosting::notice(&store, config);
    session.tell(hosting);
    let secrets = std::mem::take(&mut session.secrets);
    let excerpts = Excerpts::new(secrets.iter().map(|(_, secret)| secret.clone()).collect());
    let severity = severity(config);
    if severity != config.verify.severity {
        session.summary.notices.push(
            "there are no credentials for tokens, and if-no-credentials = \"skip\": where inject left a page as it was, \
             its missing instance is a note"
                .to_owned(),
        );
    }
    let step = VerifyStep {
        demands: Demands {
            severity: &severity,
            min_ttl: i64::try_from(config.verify.min_ttl.as_secs()).unwrap_or(i64::MAX),
            now: Timestamp::now().as_second(),
            secrets: &secrets,
            allow_secrets: &config.verify.allow_secrets,
            excerpts: &excerpts,
        },
        site: SiteFacts::default(),
        store: &store,
        whereabouts: Whereabouts::new(&store),
        base_url: &config.placeholder.base_url,
    };
    let mend = |page: &mut PageReport| {
        if let Outcome::Failed(why) = &page.outcome {
            let finding = unreadable(&step.demands, page, why);
            page.findings.extend(finding);
        }
    };
    let following = Mutex::new(Following::of(&store, config));
    let mend = |page: &mut PageReport| {
        mend(page);
        note(&following, page);
    };
    session.pages(
        &store,
        Tags::new(config, None),
        Purpose::Ensure,
        &step,
        mend,
    )?;
    if !session.is_cancelled() {
        let assets = Assets::new(&store, config);
        let mut unused = session.rules.unused();
        unused.extend(session.folder_files.unused());
        unused.sort();
        unused.dedup();
        let pages = (session.summary.judged(), session.summary.total.pages);
        let mut findings = step.site.findings(
            &step.demands,
            config,
            &assets,
            &step.whereabouts,
            &unused,
            pages,
        );
        let following = following.into_inner();
        let followed = following.unwrap_or_else(PoisonError::into_inner).finish();
        findings.extend(route_findings(&step.demands, &assets, &followed));
        findings.extend(bracket_findings(&step.demands, &session.brackets()));
        session.site_findings(findings);
    }
    let summary = &session.summary;
    let failing = summary.errors
        + if config.verify.fail_on == FailOn::Error {
            0
        } else {
            summary.warnings
        }
        + if config.verify.fail_on == FailOn::Note {
            summary.notes
        } else {
            0
        };
    session.end(if failing > 0 {
        ExitCode::Findings
    } else {
        ExitCode::Success
    })
}

/// The configured severities. Where `inject` leaves all pages as they are for want of credentials, and is to pass, what
/// that leaves missing must not fail the run either, unless the configuration says so.
fn severity(config: &Config) -> BTreeMap<String, Level> {
    let mut severity = config.verify.severity.clone();
    if config.mode == Mode::Static && tokens::are_skipped(config) {
        severity
            .entry("missing-instance".to_owned())
            .or_insert(Level::Note);
    }
    severity
}
