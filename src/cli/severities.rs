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
