//! The values of the configuration that are not plain numbers, words or paths.

use super::source::FileLine;
use std::path::PathBuf;

/// An enum that is written as one of a few words.
pub(super) trait Choices: Sized + Copy + 'static {
    /// The words, each with what it means.
    const WORDS: &'static [(&'static str, &'static str)];
}

/// An enum whose variants are written as fixed words in the configuration.
///
/// One list serves the reader, the table of settings, the documentation and every message that has to name the words.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $name {
            /// Every word, in the order of the variants.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The variant of this word, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The word that the configuration uses.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl $crate::settings::model::Choices for $name {
            const WORDS: &'static [(&'static str, &'static str)] = &[$(($text, concat!($($doc),+))),+];
        }

        impl $crate::settings::attribute::Attribute for $name {
            fn written(&self) -> Option<String> {
                Some(self.as_str().to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(super) use choices;

choices! {
    /// What the pages carry.
    Mode {
        /// The loader tag: no token in the page, the browser fetches one.
        Placeholder = "placeholder",
        /// The widget tag with an operator token: publishes a credential that dies within 24 hours.
        Static = "static",
    }
}

choices! {
    /// What happens to `page.html.gz`, `.br` and `.zst` when `page.html` changes.
    Siblings {
        /// They are compressed again from the changed page.
        Rebuild = "rebuild",
        /// They are deleted.
        Remove = "remove",
        /// They are left as they are, and `verify` reports them as stale.
        Leave = "leave",
    }
}

choices! {
    /// What happens to lists of files that say something about a page when the page changes.
    Manifests {
        /// They are brought in line with the changed pages.
        Update = "update",
        /// They are left as they are, and `inject` and `verify` report what is wrong with them.
        Report = "report",
    }
}

choices! {
    /// Where in the page the tag is preferably inserted.
    InsertPosition {
        /// Just before the end of the body.
        BodyEnd = "body-end",
        /// Just before the end of the head.
        HeadEnd = "head-end",
    }
}

choices! {
    /// The least severity that makes `verify` fail.
    FailOn {
        /// Errors alone.
        Error = "error",
        /// Errors and warnings.
        Warning = "warning",
        /// Every finding.
        Note = "note",
    }
}

choices! {
    /// The header that carries the company token to the API.
    Header {
        /// `Authorization: Bearer TOKEN`.
        Authorization = "authorization",
        /// `X-Authorization-Key: TOKEN`, for the dashboard's profile token.
        AuthorizationKey = "x-authorization-key",
    }
}

choices! {
    /// What happens when a token has to be minted and there are no credentials.
    IfNoCredentials {
        /// The run fails before any page is touched.
        Fail = "fail",
        /// The run succeeds without touching any page, and says so: for builds of forks, which get no secrets.
        Skip = "skip",
    }
}

choices! {
    /// What the configuration makes of one rule of `verify`.
    Level {
        /// Its findings are errors.
        Error = "error",
        /// Its findings are warnings.
        Warning = "warning",
        /// Its findings are notes.
        Note = "note",
        /// It is not checked.
        Off = "off",
    }
}

/// How an operator is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// By id.
    Id(u64),
    /// By exact name.
    Name(String),
}

/// Where a secret comes from; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// The content of this file; a relative path has been joined to the configuration file's folder.
    File(PathBuf),
    /// The output of this program with these arguments, run without a shell. Never empty.
    Command(Vec<String>),
}

/// One `[[rules]]` table: conditions that must all hold, and what the page then wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSpec {
    /// Globs of which one must match the page path; empty: no such condition.
    pub matches: Vec<String>,
    /// Globs of which none may match the page path.
    pub not: Vec<String>,
    /// Language ranges (RFC 4647, basic) of which one must match the page's language; empty: no such condition.
    pub lang: Vec<String>,
    /// What a page wants when the rule wins.
    pub wants: Wants,
    /// How many pages it must decide about at least.
    pub min_pages: u64,
    /// Where the rule stands.
    pub place: FileLine,
}

/// What a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// No widget: `widget = false`.
    Nothing,
    /// The default organization: `widget = true`.
    Default,
    /// These organizations, in this order; never empty, all configured. More than one never in static mode.
    Organizations(Vec<String>),
}
