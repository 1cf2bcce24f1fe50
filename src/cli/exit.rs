//! Exit codes: what they mean, and which one wins when several hold.

use std::process;

use crate::api::{ApiError, MintError};
use crate::live::LiveError;
use crate::tokens::TokenError;

/// How a run ended. The order is that of precedence: the greatest of all that hold is the run's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCode {
    /// All right.
    Success,
    /// `verify` found something, or `--check` would change something.
    Findings,
    /// Some pages could not be read or written, or were refused; all others are done.
    Incomplete,
    /// The ChatHub API failed, so nothing was begun.
    Api,
    /// The command line or the configuration is wrong.
    Usage,
    /// The run was interrupted; what was begun is whole.
    Interrupted,
}

impl ExitCode {
    /// The number that the shell sees.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Api => 4,
            Self::Interrupted => 130,
        }
    }

    /// The code of a run that an error ended.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let is_api_failure = error.chain().any(|cause| {
            cause
                .downcast_ref::<ApiError>()
                .is_some_and(|e| !e.is_usage())
                || cause
                    .downcast_ref::<MintError>()
                    .is_some_and(|e| !e.is_usage())
                || cause
                    .downcast_ref::<TokenError>()
                    .is_some_and(TokenError::is_api_failure)
        });
        let live = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<LiveError>());
        if is_api_failure {
            Self::Api
        } else if live.is_some_and(LiveError::is_interrupt) {
            Self::Interrupted
        } else if live.is_some_and(LiveError::is_servers) {
            Self::Incomplete
        } else {
            Self::Usage
        }
    }

    /// The code of a run for which both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.number().into()
    }
}

/// For `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0    success
  1    verify or doctor has findings, --check would change something, or a token is not valid
  2    the command line or the configuration is wrong
  3    some pages could not be read, written or safely changed; all others are done
  4    the ChatHub API failed or refused; no page was touched
  130  interrupted; every page is whole";

#[cfg(test)]
mod tests {
    use super::ExitCode::{Api, Findings, Incomplete, Interrupted, Success, Usage};
    use super::*;

    #[test]
    fn an_incomplete_run_outranks_findings() {
        assert_eq!(Findings.and(Incomplete), Incomplete);
        assert_eq!(Incomplete.and(Findings), Incomplete);
        assert_eq!(Success.and(Findings), Findings);
        assert_eq!(Findings.and(Api), Api);
        assert_eq!(Incomplete.and(Usage), Usage);
        assert_eq!(Usage.and(Interrupted), Interrupted);
    }

    #[test]
    fn help_lists_every_number() {
        for code in [Success, Findings, Usage, Incomplete, Api, Interrupted] {
            let number = format!("\n  {} ", code.number());
            assert!(HELP.contains(&number), "{code:?}");
        }
    }
}
