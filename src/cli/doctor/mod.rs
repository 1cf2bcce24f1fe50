//! `chathub doctor`: what is right and wrong between here and a working chat, on one page.
//!
//! Of pages and what goes with them it knows nothing itself: it runs `verify`, and sorts what that finds by [`Topic`]. Beside that
//! stands what no site tells: the configuration's own state, this machine, the project around the site.

mod address;
mod args;
mod asked;
mod asset_folder;
mod chats;
mod check;
mod clock;
mod compression;
mod configuration;
mod credentials;
mod endpoint;
mod environment;
mod gathered;
mod generator;
mod human;
mod pipelines;
mod policies;
mod report;
mod secrets;
mod seen;
mod service_worker;
mod site;
mod version;

pub(super) use args::DoctorArgs;
pub use report::schema;

use super::ExitCode;
use super::account::write;
use super::settings::colour_errors;
use crate::report::Verbosity;
use asked::Answers;
use check::Check;
use report::Report;
use seen::Seen;

pub(super) fn doctor(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    colour_errors(args.color);
    let seen = Seen::new(args)?;
    let answers = Answers::ask(&seen, args);
    let site = seen.site.as_ref().ok();
    let report = Report::new(
        site.map(|site| site.display().to_string()),
        checks(&seen, args, &answers),
        seen.config().verify.fail_on,
    );
    let settings = &seen.settings;
    let verbosity = Verbosity::from_flags(args.quiet, u8::from(args.verbose));
    let page = |report: &Report| human::page(report, verbosity, settings.color);
    write(args.format, &report, page)?;
    let interrupted = seen
        .judged
        .as_ref()
        .is_some_and(|judged| judged.interrupted);
    Ok(match (interrupted, report.ok) {
        (true, _) => ExitCode::Interrupted,
        (false, true) => ExitCode::Success,
        (false, false) => ExitCode::Findings,
    })
}

/// All checks, in the order of the page.
fn checks(seen: &Seen, args: &DoctorArgs, answers: &Answers) -> Vec<Check> {
    let found = generator::find(seen);
    [
        version::checks(seen),
        environment::checks(seen),
        configuration::checks(seen),
        generator::checks(seen, &found),
        site::checks(seen),
        chats::checks(seen),
        address::checks(seen, &found),
        asset_folder::checks(seen),
        policies::checks(seen),
        service_worker::checks(seen),
        compression::checks(seen),
        secrets::checks(seen),
        credentials::checks(seen, args.online, answers),
        endpoint::checks(seen, answers),
        clock::checks(seen, answers),
    ]
    .concat()
}
