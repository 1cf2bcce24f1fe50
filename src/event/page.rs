//! What happened to one page.

use std::sync::Arc;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::finding::Finding;

/// What happened to a page, with the reason where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was right already (or `verify` only looked).
    Unchanged,
    /// It had no instance and got one.
    Injected,
    /// Its instance was replaced in place.
    Updated,
    /// Superfluous instances were folded into one.
    Deduplicated,
    /// Its instances were taken out.
    Removed,
    /// It is not a page that gets a widget.
    Skipped(Skip),
    /// It could not be changed safely and was left as it was; the reason.
    Refused(String),
    /// It could not be read or written and is as it was; the reason.
    Failed(String),
}

impl Outcome {
    /// Which outcome it is, whatever the reason.
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Unchanged => OutcomeKind::Unchanged,
            Self::Injected => OutcomeKind::Injected,
            Self::Updated => OutcomeKind::Updated,
            Self::Deduplicated => OutcomeKind::Deduplicated,
            Self::Removed => OutcomeKind::Removed,
            Self::Skipped(_) => OutcomeKind::Skipped,
            Self::Refused(_) => OutcomeKind::Refused,
            Self::Failed(_) => OutcomeKind::Failed,
        }
    }

    /// The reason, for the outcomes that have one.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Skipped(why) => Some(why.to_string()),
            Self::Refused(why) | Self::Failed(why) => Some(why.clone()),
            _ => None,
        }
    }
}

/// What happened to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "cli", schemars(rename = "Outcome"))]
#[non_exhaustive]
pub enum OutcomeKind {
    /// It was right already, or was only looked at.
    Unchanged,
    /// It had no chat and got one.
    Injected,
    /// Its chat was replaced in place.
    Updated,
    /// Superfluous chats were folded into one.
    Deduplicated,
    /// Its chats were taken out.
    Removed,
    /// It is not a page that gets a chat; `reason` says why.
    Skipped,
    /// It could not be changed safely and is as it was; `reason` says why.
    Refused,
    /// It could not be read or written and is as it was; `reason` says why.
    Failed,
}

impl OutcomeKind {
    /// All of them, in the order of reports for people: what was done, what was not, what went wrong.
    pub const ALL: [Self; 8] = [
        Self::Injected,
        Self::Updated,
        Self::Deduplicated,
        Self::Removed,
        Self::Unchanged,
        Self::Skipped,
        Self::Refused,
        Self::Failed,
    ];

    /// Its name in reports, such as `injected`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Injected => "injected",
            Self::Updated => "updated",
            Self::Deduplicated => "deduplicated",
            Self::Removed => "removed",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// Whether the page's bytes change (or would, in a dry run).
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(
            self,
            Self::Injected | Self::Updated | Self::Deduplicated | Self::Removed
        )
    }
}

/// Why something is not a page that gets a widget. Displays as a phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Skip {
    /// It only leads to another page.
    #[error("redirect stub")]
    Redirect,
    /// AMP allows no scripts.
    #[error("AMP page")]
    Amp,
    /// It consists of frames.
    #[error("frameset")]
    Frameset,
    /// It is a document of XML other than a page.
    #[error("XML without <html>")]
    OtherXml,
    /// There is nothing in it.
    #[error("empty file")]
    Empty,
    /// It is a part of a page.
    #[error("fragment")]
    Fragment,
    /// It is another kind of file under a page's name, this one.
    #[error("{0}")]
    NotHtml(&'static str),
    /// The run leaves all pages as they are, for want of credentials.
    #[error("no credentials")]
    NoCredentials,
    /// In a folder whose name begins with a dot.
    #[error("in a hidden folder")]
    Hidden,
    /// A FIFO, socket or device.
    #[error("not a regular file")]
    NotRegular,
    /// A symbolic link to something outside the site.
    #[error("a symbolic link that leaves the site")]
    LeavesSite,
    /// A symbolic link to nothing.
    #[error("a broken symbolic link")]
    BrokenLink,
    /// A compressed page, and the page is not beside it.
    #[error("compressed, without the page beside it")]
    Compressed,
    /// A symbolic link to a page that is handled by this path.
    #[error("symbolic link to another page")]
    LinkTo(String),
    /// The server sends visitors to this address.
    #[error("redirect to another page")]
    Moved(String),
    /// Its server asks programs not to ask for it.
    #[error("robots.txt disallows it")]
    Disallowed,
    /// It is sent as a file of this type.
    #[error("{0}, not a page")]
    Type(String),
    /// The server has no such page.
    #[error("not served")]
    NotServed,
    /// A symbolic link to a folder whose pages are handled by this path.
    #[error("symbolic link to another folder, by whose path its pages are handled")]
    LinkToFolder(String),
}

/// The organizations that a page is assigned to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Organizations {
    /// It was not assigned to any: nobody asked, or it came to nothing before.
    #[default]
    Unassigned,
    /// It is to have no widget.
    None,
    /// These, named as in the configuration; never empty.
    Named(Arc<[Arc<str>]>),
    /// None is configured: the token endpoint decides.
    ByEndpoint,
}

impl Organizations {
    /// The names, where there are any.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names: &[Arc<str>] = match self {
            Self::Named(names) => names,
            _ => &[],
        };
        names.iter().map(|name| &**name)
    }
}

/// For machines: the names, or `*` where the endpoint decides.
impl Serialize for Organizations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::ByEndpoint => serializer.collect_seq(["*"]),
            other => serializer.collect_seq(other.names()),
        }
    }
}

/// One page's part of the report.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PageReport {
    /// Page path: relative to the site, `/` on every platform, bytes that are not UTF-8 as `\xNN`; of a site on its server, the page's
    /// address.
    pub path: String,
    /// What happened to it.
    pub outcome: Outcome,
    /// The organizations that it is assigned to.
    pub organizations: Organizations,
    /// What chose them, such as `rule 2 (chathub.toml:14)`; none when nobody asked.
    pub because: Option<String>,
    /// What its loader tag says that those of other pages may not, for the route file; not for reports.
    #[doc(hidden)]
    pub route: Option<String>,
    /// What was changed, one phrase each, such as `injected before </body> at 12:1`.
    pub changes: Vec<String>,
    /// What `verify` found.
    pub findings: Vec<Finding>,
    /// Unified diff of the change, when `--diff` asked for it; secrets masked.
    pub diff: Option<String>,
}
