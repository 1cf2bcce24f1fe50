//! What goes into the rules and what comes out.

use std::fmt;
use std::sync::Arc;

use crate::settings::FileLine;

/// What the rules need to know of a page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Page path: relative to the site, `/` between folders, any bytes.
    pub path: &'a [u8],
    /// The `lang` attribute of `<html>`.
    pub lang: Option<&'a str>,
    /// What the page says about itself.
    pub directive: Option<&'a Directive>,
}

/// What a page says about itself; it has the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// `<meta name="chathub" content="off">` or `data-chathub-ignore`.
    Off,
    /// `<meta name="chathub" content="organization=NAME">`.
    Organization(String),
}

/// What a page is to have, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What it is to have.
    pub wanted: Wanted,
    /// What decided that.
    pub because: Because,
}

/// What a page is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// No instance.
    Nothing,
    /// One loader without an organization: none is configured, the endpoint chooses.
    Unnamed,
    /// One instance for these organizations, named as in the configuration; never empty.
    Organizations(Arc<[Arc<str>]>),
    /// The page's directive names an organization that is not configured: the caller reports it and leaves the page.
    UnknownOrganization {
        /// The name that stands in the page.
        name: String,
        /// The configured name that it resembles most.
        nearest: Option<Arc<str>>,
    },
}

/// What decided an [`Assignment`]. Displays as a phrase for reports, such as `rule at chathub.toml:14`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The page's own directive.
    Directive,
    /// The last rule that holds.
    Rule {
        /// Where the rule stands.
        place: FileLine,
    },
    /// No rule holds: the default organization.
    Default,
    /// No rule holds, and there is no default organization.
    NoDefault,
    /// No rule holds, and no organizations are configured at all.
    NoOrganizations,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directive => f.write_str("the page's own directive"),
            Self::Rule { place } => write!(f, "rule at {place}"),
            Self::Default => f.write_str("default-organization"),
            Self::NoDefault => f.write_str("no rule matches and there is no default-organization"),
            Self::NoOrganizations => f.write_str("no organizations are configured"),
        }
    }
}

/// One rule's answer to one page, for `explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Where the rule stands.
    pub place: FileLine,
    /// Its conditions as text, such as `match "shop/**", lang "uk"`.
    pub conditions: String,
    /// Whether all its conditions hold.
    pub held: bool,
    /// The first condition that does not hold, as a sentence; none when the rule holds.
    pub why_not: Option<String>,
    /// Whether it decided the page.
    pub won: bool,
}

/// A rule that held on none of the pages seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedRule {
    /// Where the rule stands.
    pub place: FileLine,
    /// Its conditions as text, as in [`Tried`].
    pub conditions: String,
}

/// A pattern that is of no use in a rule or an override that has held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedPattern {
    /// Where the rule or the override stands.
    pub place: FileLine,
    /// The list that it is in: `match` or `not`.
    pub key: &'static str,
    /// The pattern.
    pub pattern: String,
}

impl fmt::Display for UnusedPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            key,
            pattern,
        } = self;
        let what = match *key {
            "not" => "leaves nothing out",
            _ => "matches nothing",
        };
        write!(f, "{pattern:?} in `{key}` at {place} {what}")
    }
}

/// A rule that must decide about a number of pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeastPages {
    /// Where the rule stands.
    pub place: FileLine,
    /// Its conditions as text, as in [`Tried`].
    pub conditions: String,
    /// How many they must be.
    pub least: u64,
}

/// A pattern whose brackets seem to be meant as letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Brackets {
    /// Where its rule stands.
    pub place: FileLine,
    /// The pattern.
    pub pattern: String,
    /// How it would have to be written.
    pub reading: String,
    /// A page that is named so.
    pub page: String,
}

impl Brackets {
    /// Whether this is why that pattern matches nothing.
    #[must_use]
    pub fn is_of(&self, unused: &UnusedPattern) -> bool {
        self.place == unused.place && self.pattern == unused.pattern
    }
}

impl fmt::Display for Brackets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the rule at {} leaves out {}: in a pattern, brackets stand for one of the characters in them; if that page is \
             meant, write \"{}\"",
            self.place, self.page, self.reading
        )
    }
}
