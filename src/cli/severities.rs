//! How much the findings of a run weigh.

use super::session::Session;
use crate::settings::{Level, Mode};
use crate::steps::verify::Severities;
use crate::tokens;

/// The rule about pages that `inject` has left as they are.
const MISSING_INSTANCE: &str = "missing-instance";

/// The severities of the configuration, with what must be said about them.
pub(super) fn severities(session: &mut Session<'_>) -> anyhow::Result<Severities> {
    let config = &session.settings.config;
    let mut severities = Severities::of(config)?;
    session.tell(severities.notices());
    // Where `inject` leaves all pages as they are for want of credentials, and is to pass, what that leaves missing must not fail
    // the run either, unless the configuration says so.
    let configured = config.verify.severity.contains_key(MISSING_INSTANCE);
    if config.mode == Mode::Static && !configured && tokens::are_skipped(config) {
        severities = severities.or(MISSING_INSTANCE, Level::Note);
        session.remark(
            "there are no credentials for tokens, and if-no-credentials = \"skip\": where inject left a page as it was, \
             its missing instance is a note"
                .to_owned(),
        );
    }
    Ok(severities)
}

/// Tells what was found and is not told, since its rules are off: without that, the run would be green for what it did not say.
pub(super) fn tell_left_out(session: &mut Session<'_>, severities: &Severities) {
    let left_out = severities.left_out();
    session.summary.left_out = !left_out.is_empty();
    session.tell(left_out);
}
