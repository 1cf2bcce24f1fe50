//! `chathub inject` and `chathub remove`

use std::path::Path;
use std::sync::Arc;

use super::ExitCode;
use super::args::{InjectArgs, RemoveArgs, WriteArgs};
use super::hosts::hosts;
use super::publication::Publication;
use super::say::say;
use super::session::Session;
use super::settings::Settings;
use crate::event::{Command, OutcomeKind};
use crate::report::escape;
use crate::run::{Purpose, Tags};
use crate::settings::Mode;
use crate::steps::InjectStep;
use crate::store::{Cancel, Dry, Folder, Overlay, Store};

pub(super) fn inject(args: &InjectArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(
        &args.common,
        Some(&args.run),
        args.site.as_deref(),
        args.settings.given(),
    )?;
    let config = &settings.config;
    let dry = args.write.is_dry();
    // Before the session, which takes care of the pages in hand when it is interrupted: nothing is in hand yet.
    let publication = match config.mode {
        Mode::Placeholder => Publication::default(),
        Mode::Static => {
            config.trust(&["api", "organizations", "widget"])?;
            Publication::new(&settings, &settings.site()?, dry)?
        }
    };
    let session = Session::begin(&settings, args.common.format, Command::Inject, dry)?;
    let purpose = publication.purpose();
    let tags = Tags::new(config, Some(&publication.secrets()));
    write(
        session,
        &args.write,
        tags,
        purpose,
        args.prune,
        &publication,
    )
}

pub(super) fn remove(args: &RemoveArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(
        &args.common,
        Some(&args.run),
        args.site.as_deref(),
        args.settings.given(),
    )?;
    let dry = args.write.is_dry();
    let session = Session::begin(&settings, args.common.format, Command::Remove, dry)?;
    let tags = Tags::new(&settings.config, None);
    let nothing = Publication::default();
    write(session, &args.write, tags, Purpose::Remove, false, &nothing)
}

fn write(
    mut session: Session<'_>,
    args: &WriteArgs,
    tags: Tags,
    purpose: Purpose,
    prune: bool,
    publication: &Publication,
) -> anyhow::Result<ExitCode> {
    let config = &session.settings.config;
    let link_root = config.pages.link_root.as_deref();
    let store = destination(args, &session.site, link_root, session.cancel())?;
    let _lock = store.lock(&|| {
        say(format_args!(
            "another chathub is at work on {}: waiting for it",
            escape(&session.summary.site)
        ));
    });
    let hosts = match purpose {
        Purpose::Ensure => hosts(config, &session.site)?,
        _ => Vec::new(),
    };
    let mut step = InjectStep::new(&*store, config, purpose).served_by(hosts);
    step.diff = args.diff;
    session.tell(step.begin()?);
    session.pages(&*store, tags, purpose, &step)?;
    let is_used = |name: &str| session.summary.tally.uses(name);
    let published = publication.notices(config, is_used, session.is_cancelled());
    session.tell(published);
    let whole = session.outcomes(OutcomeKind::Failed) + session.outcomes(OutcomeKind::Refused) == 0;
    let ending = step.end(prune, session.is_cancelled(), whole)?;
    session.tell(ending.notices);
    if purpose == Purpose::Ensure {
        let brackets = session.brackets();
        session.tell(brackets.iter().map(ToString::to_string));
    }
    session.summary.files.extend(ending.files);
    session.summary.diffs.extend(ending.diffs);
    for remark in ending.remarks {
        session.remark(remark);
    }
    let changes = OutcomeKind::ALL
        .into_iter()
        .any(|kind| kind.is_change() && session.outcomes(kind) > 0);
    let changes = changes || !session.summary.files.is_empty();
    let code = if args.check && changes {
        ExitCode::Findings
    } else {
        ExitCode::Success
    };
    session.end(code.and(if ending.is_incomplete {
        ExitCode::Incomplete
    } else {
        ExitCode::Success
    }))
}

/// Where pages go.
fn destination(
    args: &WriteArgs,
    site: &Path,
    link_root: Option<&Path>,
    cancel: Arc<Cancel>,
) -> anyhow::Result<Box<dyn Store>> {
    let folder = Folder::new(site);
    if args.is_dry() {
        return Ok(Box::new(Dry(folder)));
    }
    let Some(output) = &args.output else {
        return Ok(Box::new(folder));
    };
    let overlay = Overlay::create(site, output, link_root, cancel)?;
    Ok(Box::new(overlay))
}
