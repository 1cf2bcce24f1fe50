//! The table of settings: each has a path in the file and an environment variable.

use std::sync::LazyLock;

use super::model::{FailOn, Header, IfNoCredentials, Mode, Position, Siblings};
use super::placeholder::{Cookies, Load, Refresh, Ui, WriteRoutes};

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A path of the file system.
    Path,
    /// A string.
    Text,
    /// A whole number from 0.
    Count,
    /// `true` or `false`; a variable may also say `1` or `0`.
    Flag,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// Strings; a variable has commas between them.
    List,
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Dotted path in the configuration file, such as `placeholder.endpoint`.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default as TOML; none: unset.
    pub default: Option<&'static str>,
    /// A valid value as TOML, for examples.
    pub example: &'static str,
    /// What it does, one line.
    pub about: &'static str,
}

impl Setting {
    /// The environment variable, such as `CHATHUB_PLACEHOLDER_ENDPOINT`.
    #[must_use]
    pub fn variable(&self) -> String {
        let path = self.path.replace(['.', '-'], "_").to_uppercase();
        format!("CHATHUB_{path}")
    }
}

/// Every setting, in the order of the example file: for the environment, `--help`, documentation and tests.
#[must_use]
pub fn setting_names() -> &'static [Setting] {
    static ALL: LazyLock<Vec<Setting>> =
        LazyLock::new(|| [SETTINGS, super::settings_endpoint::SETTINGS].concat());
    &ALL
}

/// How a key is written, such as `mode = "static"`: a setting by its last name, or one of the other keys.
pub(super) fn example(key: &str) -> Option<String> {
    let others = OTHERS.iter().find(|(other, _)| *other == key);
    let value = others.map(|(_, value)| *value).or_else(|| {
        setting_names()
            .iter()
            .find(|setting| setting.path.rsplit('.').next() == Some(key))
            .map(|setting| setting.example)
    })?;
    Some(format!("{key} = {value}"))
}

/// Keys that are no settings: they stand in lists and in tables that the user names.
const OTHERS: &[(&str, &str)] = &[
    (
        "allow-secrets",
        r#"["7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606"]"#,
    ),
    ("id", "6"),
    ("operator", "101"),
    ("token", r#"{ env = "CHATHUB_SALES_TOKEN" }"#),
    ("company-token", r#"{ file = "/run/secrets/chathub" }"#),
    ("login", r#"{ file = "/run/secrets/chathub-login" }"#),
    ("password", r#"{ file = "/run/secrets/chathub-password" }"#),
    ("env", r#""CHATHUB_SALES_TOKEN""#),
    ("file", r#""/run/secrets/sales-token""#),
    ("command", r#""op read op://sales/token""#),
    ("loading", r#""One moment …""#),
    ("failed", r#""The chat is closed""#),
    ("label", r#""Sales team""#),
    ("match", r#""shop/**""#),
    ("not", r#""shop/terms/**""#),
    ("lang", r#""uk""#),
    ("organization", r#""sales""#),
    ("organizations", r#"["sales", "support"]"#),
];

pub(super) const fn setting(
    path: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    example: &'static str,
    about: &'static str,
) -> Setting {
    Setting {
        path,
        kind,
        default,
        example,
        about,
    }
}

const SETTINGS: &[Setting] = &[
    setting(
        "site",
        Kind::Path,
        None,
        r#""public""#,
        "the site folder; unset: the one that the generator writes",
    ),
    setting(
        "mode",
        Kind::Choice(Mode::NAMES),
        Some(r#""placeholder""#),
        r#""static""#,
        "what the pages carry: a loader without a token, or the widget with one",
    ),
    setting(
        "default-organization",
        Kind::Text,
        None,
        r#""support""#,
        "the organization of pages that no rule names; unset: they get no widget",
    ),
    setting(
        "compressed-siblings",
        Kind::Choice(Siblings::NAMES),
        Some(r#""rebuild""#),
        r#""remove""#,
        "what happens to .gz, .br and .zst files beside a changed page",
    ),
    setting(
        "remove-config-files",
        Kind::Flag,
        Some("false"),
        "true",
        "delete .chathub.toml files from the site, so that they are not deployed",
    ),
    setting(
        "placeholder.endpoint",
        Kind::Text,
        Some(r#""/api/chathub/token""#),
        r#""/api/chathub/token""#,
        "where the browser fetches a token",
    ),
    setting(
        "placeholder.asset-dir",
        Kind::Text,
        Some(r#""chathub-assets""#),
        r#""chathub-assets""#,
        "folder in the site that the runtime is written to",
    ),
    setting(
        "placeholder.base-url",
        Kind::Text,
        Some(r#""/""#),
        r#""/docs/""#,
        "path that the site is served under",
    ),
    setting(
        "placeholder.load",
        Kind::Choice(Load::NAMES),
        Some(r#""idle""#),
        r#""visible""#,
        "when the widget is created",
    ),
    setting(
        "placeholder.target",
        Kind::Text,
        None,
        r##""#chat""##,
        "CSS selector of what `visible` and `interaction` watch; unset: the contact link, the whole page",
    ),
    setting(
        "placeholder.consent",
        Kind::Text,
        None,
        r#""consent:given""#,
        "event that grants consent, before which nothing is requested; unset: none is needed",
    ),
    setting(
        "placeholder.cookies",
        Kind::Choice(Cookies::NAMES),
        Some(r#""same-origin""#),
        r#""include""#,
        "cookies on the token request",
    ),
    setting(
        "placeholder.refresh",
        Kind::Choice(Refresh::NAMES),
        Some(r#""replace""#),
        r#""attribute""#,
        "how a new token reaches the widget: it starts again, or its attribute changes",
    ),
    setting(
        "placeholder.retries",
        Kind::Count,
        Some("5"),
        "2",
        "how often a failed token request is made again, at most 5",
    ),
    setting(
        "placeholder.timeout",
        Kind::Text,
        Some(r#""10s""#),
        r#""4s""#,
        "how long a token request may take",
    ),
    setting(
        "placeholder.ui",
        Kind::Choice(Ui::NAMES),
        Some(r#""built-in""#),
        r#""none""#,
        "what the runtime shows: its status line, chooser and contact link, or nothing",
    ),
    setting(
        "placeholder.nonce",
        Kind::Text,
        None,
        r#""CSP_NONCE""#,
        "what your server replaces by the CSP nonce of each response",
    ),
    setting(
        "placeholder.contact",
        Kind::Text,
        None,
        r#""mailto:support@example.com""#,
        "where visitors are sent when there is no chat",
    ),
    setting(
        "placeholder.contact-link",
        Kind::Flag,
        Some("false"),
        "true",
        "a plain link to the contact beside the loader tag, there without JavaScript too",
    ),
    setting(
        "placeholder.route-file",
        Kind::Choice(WriteRoutes::NAMES),
        Some(r#""auto""#),
        r#""always""#,
        "whether `inject` writes a route file, by which the chat follows routers: `auto` does where rules, organizations or languages tell pages apart",
    ),
    setting(
        "widget.src",
        Kind::Text,
        Some(r#""https://widget.smsbat.com/operator-chat-panel/widget-script.js""#),
        r#""https://widget.smsbat.com/operator-chat-panel/widget-script.js""#,
        "URL of the widget script",
    ),
    setting(
        "widget.position",
        Kind::Choice(Position::NAMES),
        Some(r#""body-end""#),
        r#""head-end""#,
        "where in the page the tag is inserted",
    ),
    setting(
        "pages.extensions",
        Kind::List,
        Some(r#"["html", "htm", "xhtml"]"#),
        r#"["html"]"#,
        "file name extensions of pages",
    ),
    setting(
        "pages.xml-extensions",
        Kind::List,
        Some(r#"["xhtml", "xht", "xml", "svg"]"#),
        r#"["xhtml"]"#,
        "those of them that the web server sends as XML",
    ),
    setting(
        "pages.fragments",
        Kind::Flag,
        Some("false"),
        "true",
        "include files with no doctype and none of <html>, <head>, <body>",
    ),
    setting(
        "pages.redirects",
        Kind::Flag,
        Some("false"),
        "true",
        "include pages that redirect elsewhere at once",
    ),
    setting(
        "pages.amp",
        Kind::Flag,
        Some("false"),
        "true",
        "include AMP pages",
    ),
    setting(
        "pages.framesets",
        Kind::Flag,
        Some("false"),
        "true",
        "include pages whose body is a frameset",
    ),
    setting(
        "pages.hidden",
        Kind::Flag,
        Some("false"),
        "true",
        "include pages in folders whose name begins with a dot",
    ),
    setting(
        "pages.link-root",
        Kind::Path,
        None,
        r#""/nix/store""#,
        "folder beside the site that symbolic links may lead to; unset: links that leave the site are skipped",
    ),
    setting(
        "verify.min-ttl",
        Kind::Text,
        Some(r#""1h""#),
        r#""90m""#,
        "how long a token in a page must still be valid",
    ),
    setting(
        "verify.min-pages",
        Kind::Count,
        Some("0"),
        "100",
        "the least number of pages that must be judged, skipped ones not counted; 0: any",
    ),
    setting(
        "verify.fail-on",
        Kind::Choice(FailOn::NAMES),
        Some(r#""error""#),
        r#""warning""#,
        "the least severity that makes verify fail",
    ),
    setting(
        "api.url",
        Kind::Text,
        Some(r#""https://chatapi.smsbat.com""#),
        r#""https://chatapi.smsbat.com""#,
        "address of the ChatHub API, which mints tokens for static mode",
    ),
    setting(
        "api.timeout",
        Kind::Text,
        Some(r#""30s""#),
        r#""1m""#,
        "how long one call of the API may take",
    ),
    setting(
        "api.header",
        Kind::Choice(Header::NAMES),
        Some(r#""authorization""#),
        r#""x-authorization-key""#,
        "the header that carries the company token",
    ),
    setting(
        "api.if-no-credentials",
        Kind::Choice(IfNoCredentials::NAMES),
        Some(r#""fail""#),
        r#""skip""#,
        "what inject does when it needs a token and has no credentials: fail, or leave all pages as they are",
    ),
];
