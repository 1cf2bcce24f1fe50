//! What can go wrong before a run has begun, or with a site as a whole. What goes wrong with a page is said in its report.

use std::error::Error as StdError;
use std::io;

use crate::rules::RuleError;
use crate::settings::ConfigError;

/// Why a call did nothing, or could not be completed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy is wrong: everything that is wrong with it, each with its place, the reason and what to do. No secret is in it.
    #[error("{0}")]
    Policy(String),
    /// The site, or the folder that a copy of it goes to, cannot be used.
    #[error("{path}")]
    #[non_exhaustive]
    Site {
        /// Which one.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl Error {
    /// About a site or a copy of it.
    pub(super) fn site(path: &str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Site {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    /// About a site that is not there.
    pub(super) fn not_a_folder(path: &str) -> Self {
        let why =
            "there is no such folder; run the generator first, or name the folder that it writes";
        Self::site(path, io::Error::new(io::ErrorKind::NotADirectory, why))
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Policy(error.render(false))
    }
}

impl From<RuleError> for Error {
    fn from(error: RuleError) -> Self {
        Self::Policy(error.to_string())
    }
}
