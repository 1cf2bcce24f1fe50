//! `chathub init`
use super::ExitCode;
use super::args::InitArgs;
pub(super) fn init(_: &InitArgs) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::Success)
}
