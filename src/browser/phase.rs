//! What a page that has loaded is still waited for, or has to be asked for.

use super::seen::Frame;
use super::visit::{Chat, Visit};

/// What to do next with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Something is still to come.
    Wait,
    /// The chat is to load now, as if the visitor had done what it waits for.
    Load,
    /// The visitor agrees to it.
    Consent,
    /// That was all.
    Done,
}

/// What to do with a page whose documents look like this. `is_quiet`: nothing is under way; `pushed`: the chat has been made to load;
/// `consented`: it has been agreed to.
pub(super) fn next(
    visit: &Visit,
    frames: &[Frame],
    is_quiet: bool,
    pushed: bool,
    consented: bool,
) -> Next {
    let top = frames.iter().find(|frame| frame.is_top);
    let Some(top) = top.filter(|_| is_quiet) else {
        return Next::Wait;
    };
    let Chat::Loader {
        organizations,
        consent,
        load,
    } = &visit.chat
    else {
        return Next::Done;
    };
    let by_itself = matches!(load.as_str(), "idle" | "eager" | "");
    match top.state.as_deref() {
        Some("idle") if *consent && !consented => Next::Consent,
        Some("idle") if !pushed => Next::Load,
        // The visitor chooses one.
        Some("waiting") if organizations.len() > 1 => Next::Done,
        Some("waiting") if !by_itself && !pushed => Next::Load,
        Some("waiting" | "loading") => Next::Wait,
        _ => Next::Done,
    }
}
