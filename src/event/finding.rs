//! What is wrong with a page or the site, and the rule that says so.

use std::borrow::Cow;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::redact::Excerpt;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; never fails a run.
    Note,
    /// Probably wrong; fails a run only with `--fail-on warning`.
    Warning,
    /// Wrong; fails the run.
    Error,
}

impl Severity {
    /// Its name, such as `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One rule: a row of the catalogue of what `verify` finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its stable id, as in reports and `[verify.severity]`.
    pub id: &'static str,
    /// How much a finding weighs unless the configuration says otherwise.
    pub severity: Severity,
    /// What it finds, one sentence.
    pub finds: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Something that is wrong with a page or the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// Stable id of the rule that is broken, such as `missing-instance`.
    #[serde(serialize_with = "id")]
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub rule: &'static Rule,
    /// How much it weighs.
    pub severity: Severity,
    /// It is in the baseline, as one that is known: it does not fail the run, whatever it weighs.
    pub baselined: bool,
    /// The file, relative to the site, or its address; null: the whole site.
    pub path: Option<String>,
    /// Where in the file; null: the whole file.
    pub place: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: Cow<'static, str>,
    /// The source at the place.
    pub excerpt: Option<Excerpt>,
}

fn id<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id)
}

/// A place in a file; lines and columns count from 1, columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "cli", schemars(rename = "Place"))]
#[non_exhaustive]
pub struct Location {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the character after the last.
    pub end_line: usize,
    /// Column of the character after the last.
    pub end_column: usize,
}

/// Whether the path of a page or a finding is an address: of a site on its server, pages have theirs. In a path that is none, an
/// address can only stand further on.
#[must_use]
pub fn is_address(path: &str) -> bool {
    path.starts_with("https://") || path.starts_with("http://")
}
