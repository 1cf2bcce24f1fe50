//! Why rules cannot be compiled.

use crate::settings::{BadGlob, FileLine};

/// A set of rules that no configuration file could have led to: those are checked when they are read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// A pattern is not a glob.
    #[error("{place}: bad glob: {source}")]
    Glob {
        /// Where the rule stands.
        place: FileLine,
        /// What is wrong with it.
        source: BadGlob,
    },
    /// A rule names an organization that is not configured.
    #[error("{place}: unknown organization `{name}`; add `[organizations.{name}]`")]
    UnknownOrganization {
        /// Where the rule stands.
        place: FileLine,
        /// The name.
        name: String,
    },
    /// The default organization is not configured.
    #[error("unknown default-organization `{name}`; add `[organizations.{name}]`")]
    UnknownDefault {
        /// The name.
        name: String,
    },
}
