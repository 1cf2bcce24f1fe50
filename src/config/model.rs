//! The resolved configuration: what the rest of the program sees of flags, environment and files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::placeholder::{Placeholder, Texts, WriteRoutes};
use super::trust::Distrusted;

/// An enum whose variants are written as fixed names in the configuration.
///
/// One list serves the reader, the table of settings and every message that has to name the choices.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every name, in the order of the variants.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The variant of this name, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The name that the configuration uses.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl super::section::Choice for $name {
            const NAMES: &'static [&'static str] = Self::NAMES;

            fn from_name(name: &str) -> Option<Self> {
                Self::from_name(name)
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
        #[default]
        Placeholder = "placeholder",
        /// The widget tag with an operator token: publishes a credential that dies within 24 hours.
        Static = "static",
    }
}

choices! {
    /// What happens to `page.html.gz`, `.br` and `.zst` when `page.html` changes.
    Siblings {
        /// They are compressed anew from the changed page.
        #[default]
        Rebuild = "rebuild",
        /// They are deleted.
        Remove = "remove",
        /// They are left as they are, and `verify` reports them as stale.
        Leave = "leave",
    }
}

choices! {
    /// Where in the page the tag is preferably inserted.
    Position {
        /// Just before the end of the body.
        #[default]
        BodyEnd = "body-end",
        /// Just before the end of the head.
        HeadEnd = "head-end",
    }
}

choices! {
    /// The least severity that makes `verify` fail.
    FailOn {
        /// Errors alone.
        #[default]
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
        #[default]
        Authorization = "authorization",
        /// `X-Authorization-Key: TOKEN`, for the dashboard's profile token.
        AuthorizationKey = "x-authorization-key",
    }
}

choices! {
    /// What happens when a token has to be minted and there are no credentials.
    IfNoCredentials {
        /// The run fails before any page is touched.
        #[default]
        Fail = "fail",
        /// The run succeeds without touching any page, and says so: for builds of forks, which get no secrets.
        Skip = "skip",
    }
}

choices! {
    /// What the configuration makes of one rule of `verify`.
    Level {
        /// Its findings are errors.
        #[default]
        Error = "error",
        /// Its findings are warnings.
        Warning = "warning",
        /// Its findings are notes.
        Note = "note",
        /// It is not checked.
        Off = "off",
    }
}

/// A line of a configuration file, for reports. Displays as `chathub.toml:14`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it was named, or relative to the working folder when it was discovered.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Everything that is configured, after merging: flag > environment > files (later wins) > default.
///
/// [`Config::default`] is what holds without any file, variable or flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The configuration files that were read, weakest first.
    pub files: Vec<PathBuf>,
    /// The site folder. From a file: joined to that file's folder; from a flag or the environment: to the working
    /// folder.
    pub site: Option<PathBuf>,
    /// What the pages carry.
    pub mode: Mode,
    /// The organization of pages that no rule names; always one of `organizations`.
    pub default_organization: Option<String>,
    /// What happens to compressed siblings of changed pages.
    pub compressed_siblings: Siblings,
    /// Whether `.chathub.toml` files in the site are deleted, so that they are not deployed.
    pub remove_config_files: bool,
    /// The loader tag and the runtime.
    pub placeholder: Placeholder,
    /// The widget itself.
    pub widget: Widget,
    /// Which files are pages.
    pub pages: Pages,
    /// What `verify` demands.
    pub verify: Verify,
    /// The ChatHub API.
    pub api: Api,
    /// The token endpoint.
    pub endpoint: Endpoint,
    /// The organizations by name.
    pub organizations: BTreeMap<String, Organization>,
    /// The rules, weakest first: the last one that holds wins.
    pub rules: Vec<RuleSpec>,
    /// What is not to be followed, see [`Config::trust`].
    pub distrusted: Distrusted,
}

impl Config {
    /// Whether pages may differ in their chats, so that there is a route file.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        self.mode == Mode::Placeholder
            && match self.placeholder.route_file {
                WriteRoutes::Auto => {
                    !self.rules.is_empty()
                        || self.organizations.len() > 1
                        || self.has_texts_by_language()
                }
                WriteRoutes::Always => true,
                WriteRoutes::Never => false,
            }
    }

    /// Whether texts go by the language of pages.
    #[must_use]
    pub fn has_texts_by_language(&self) -> bool {
        let own = self.organizations.values().map(|own| &own.texts);
        let mut texts = own.chain([&self.placeholder.texts]);
        texts.any(|texts| !texts.by_language.is_empty())
    }

    /// The path that the site is served under, without a host; ends with `/`.
    #[must_use]
    pub fn base_path(&self) -> &str {
        let base = &self.placeholder.base_url;
        let Some((_, rest)) = base.split_once("://") else {
            return base;
        };
        rest.find('/').map_or("/", |slash| &rest[slash..])
    }
}

/// `[widget]`: the vendor's script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widget {
    /// URL of the widget script: https, or http on a loopback host.
    pub src: String,
    /// Where in the page the tag is preferably inserted.
    pub position: Position,
}

impl Default for Widget {
    fn default() -> Self {
        Self {
            src: "https://widget.smsbat.com/operator-chat-panel/widget-script.js".to_owned(),
            position: Position::default(),
        }
    }
}

/// `[pages]`: which files are pages. Each flag includes what is skipped by default.
// Each is a switch of its own in the file; folding them into one type would only hide that.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// File name extensions of pages, without the dot.
    pub extensions: Vec<String>,
    /// Those of them that the host serves as XML.
    pub xml_extensions: Vec<String>,
    /// Files with no doctype and none of `<html>`, `<head>`, `<body>`.
    pub fragments: bool,
    /// Pages that redirect elsewhere at once by `<meta http-equiv="refresh">`.
    pub redirects: bool,
    /// AMP pages, which may not carry scripts of their own.
    pub amp: bool,
    /// Pages whose body is a `<frameset>`.
    pub framesets: bool,
    /// Pages in folders whose name begins with a dot.
    pub hidden: bool,
    /// A folder beside the site that symbolic links may lead to.
    pub link_root: Option<PathBuf>,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            extensions: ["html", "htm", "xhtml"].map(str::to_owned).to_vec(),
            xml_extensions: ["xhtml", "xht", "xml", "svg"].map(str::to_owned).to_vec(),
            fragments: false,
            redirects: false,
            amp: false,
            framesets: false,
            hidden: false,
            link_root: None,
        }
    }
}

/// `[verify]`: what `verify` demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// How long an operator token in a page must still be valid.
    pub min_ttl: Duration,
    /// The least number of pages that a site must have; 0: any number will do.
    pub min_pages: u64,
    /// The least severity that makes the run fail.
    pub fail_on: FailOn,
    /// SHA-256 of tokens that may be in the site, in lower-case hexadecimal digits.
    pub allow_secrets: Vec<String>,
    /// Severities that differ from the rules' own, by rule id.
    pub severity: BTreeMap<String, Level>,
}

impl Default for Verify {
    fn default() -> Self {
        Self {
            min_ttl: Duration::from_hours(1),
            min_pages: 0,
            fail_on: FailOn::default(),
            allow_secrets: Vec::new(),
            severity: BTreeMap::new(),
        }
    }
}

/// `[api]`: the ChatHub API, which mints operator tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its address: https, or http on a loopback host.
    pub url: String,
    /// How long one call may take.
    pub timeout: Duration,
    /// The header that carries the company token.
    pub header: Header,
    /// What happens when there are no credentials.
    pub if_no_credentials: IfNoCredentials,
    /// Where the company token comes from, unless `CHATHUB_COMPANY_TOKEN` is set.
    pub company_token: Option<SecretSource>,
    /// Where the login comes from, unless `CHATHUB_LOGIN` is set.
    pub login: Option<SecretSource>,
    /// Where the password comes from, unless `CHATHUB_PASSWORD` is set.
    pub password: Option<SecretSource>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            url: "https://chatapi.smsbat.com".to_owned(),
            timeout: Duration::from_secs(30),
            header: Header::default(),
            if_no_credentials: IfNoCredentials::default(),
            company_token: None,
            login: None,
            password: None,
        }
    }
}

/// `[organizations.NAME]`: one `ChatHub` organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The organization's id at the `ChatHub` API.
    pub id: u64,
    /// The operator whose token is used; none: the first active one.
    pub operator: Option<Operator>,
    /// Where a ready operator token comes from, for static mode; none: it is minted through the API.
    pub token: Option<SecretSource>,
    /// Where visitors of its pages are sent when there is no chat; none: as everywhere.
    pub contact: Option<String>,
    /// What visitors of its pages read, and its name in the chooser.
    pub texts: Texts,
    /// Where the organization was first named, for errors about it.
    pub place: Place,
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
    /// Where the rule stands.
    pub place: Place,
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
