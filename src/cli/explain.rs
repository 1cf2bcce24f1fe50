//! `chathub explain`
use super::ExitCode;
use super::args::ExplainArgs;
pub(super) fn explain(_: &ExplainArgs) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::Success)
}
