//! The rows of the file's own keys, and of `[widget]`, `[pages]`, `[verify]` and `[api]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use super::check;
use super::csp::Csp;
use super::customer::Customer;
use super::distrusted::Distrusted;
use super::endpoint::Endpoint;
use super::entry::Given;
use super::error::Problem;
use super::model::{
    FailOn, Header, IfNoCredentials, InsertPosition, Level, Manifests, Mode, RuleSpec,
    SecretSource, Siblings,
};
use super::nearest::suggest;
use super::organization::{Organization, Secret, SecretKeys};
use super::overrides::Override;
use super::placeholder::{Placeholder, Wording, WriteRoutes};
use super::rule::RuleKeys;
use super::section::Section;
use super::source::Overruled;
use super::table::commands::{
    ACCOUNT, EXPLAIN, INJECT, PREVIEW, REMOVE, SITE, TAGS, VERIFY, WATCH,
};
use super::table::{Setting, Table, table};
use super::value::{Choice, Count, Flag, Folder, List, Text, Time};

table! {
    /// Everything that is configured, after merging: flag > environment > files (later wins) > default.
    ///
    /// [`Config::default`] is what holds without any file, variable or flag.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Config "" {
        /// Folder that the generator writes; unset: found by the generator's files.
        site "site": Option<PathBuf> => Folder, like "public";

        /// What pages carry: placeholder (they hold no token) or static (they publish one).
        mode "mode": Mode => Choice(Mode::from_name), or "placeholder", like "static", flag("--mode", "MODE", TAGS);

        /// Organization of pages that no rule names; unset: they get no widget.
        ///
        /// If no organizations are configured at all, every page gets a loader that names none.
        default_organization "default-organization": Option<String> => Text(check::organization_name), like "support",
            flag("--default-organization", "NAME", TAGS);

        /// What happens to compressed copies (.gz, .br, .zst) of changed pages: rebuild, remove or leave.
        compressed_siblings "compressed-siblings": Siblings => Choice(Siblings::from_name), or "rebuild", like "remove",
            flag("--compressed-siblings", "HOW", INJECT | REMOVE | EXPLAIN | WATCH);

        /// Delete .chathub.toml files from the site, so that they are not deployed.
        ///
        /// For the last run, after verify, which needs their rules.
        remove_config_files "remove-config-files": bool => Flag, or false, like true, flag("--remove-config-files", "", INJECT);
    }
    tables {
        /// The loader tag and the runtime.
        placeholder "placeholder": Placeholder;
        /// The operator widget.
        widget "widget": Widget;
        /// The customer widget.
        customer_widget "customer-widget": CustomerWidget;
        /// Which files are pages.
        pages "pages": Pages;
        /// Files that say something about pages.
        derived "derived": Derived;
        /// What `verify` demands.
        verify "verify": Verify;
        /// The policies that the web server sends.
        csp "csp": Csp;
        /// The ChatHub API.
        api "api": Api;
        /// The token endpoint.
        endpoint "endpoint": Endpoint;
        /// The organizations with the operator widget, by name.
        organizations "organizations": BTreeMap<String, Organization>;
    }
    and {
        /// The organizations with the customer widget; none has a name of the others.
        customers: BTreeMap<String, Customer>;
        /// The configuration files that were read, weakest first.
        files: Vec<PathBuf>;
        /// The rules, weakest first: the last one that holds wins.
        rules: Vec<RuleSpec>;
        /// What is said in several places, weakest first.
        overruled: Vec<Overruled>;
        /// What is not to be followed, see [`Config::trust`].
        distrusted: Distrusted;
    }
}

table! {
    /// `[widget]`: the vendor's script of the operator widget.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Widget "widget." {
        /// URL of the operator widget's script: https, or http on a loopback host.
        src "src": String => Text(check::widget_src), or "https://widget.smsbat.com/operator-chat-panel/widget-script.js",
            like "https://widget.smsbat.com/operator-chat-panel/widget-script.js", @ "data-src",
            flag("--widget-src", "URL", SITE), guarded();

        /// Where the tag goes: body-end or head-end.
        position "position": InsertPosition => Choice(InsertPosition::from_name), or "body-end", like "head-end",
            flag("--position", "WHERE", TAGS);
    }
}

table! {
    /// `[customer-widget]`: the vendor's script of the customer widget.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub CustomerWidget "customer-widget." {
        /// URL of the customer widget's script, for organizations that have it: https, or http on a loopback host.
        src "src": String => Text(check::widget_src), or "https://widget.smsbat.com/chat-widget/widget-script.js",
            like "https://widget.smsbat.com/chat-widget/widget-script.js";
    }
}

table! {
    /// `[pages]`: which files are pages. Each flag includes what is skipped by default.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Pages "pages." {
        /// File name extensions of pages, without the dot.
        extensions "extensions": Vec<String> => List(check::extension), or ["html", "htm", "xhtml"], like ["html"];

        /// Those of them that the web server sends as XML, which browsers read by other rules than HTML.
        xml_extensions "xml-extensions": Vec<String> => List(check::extension), or ["xhtml", "xht", "xml", "svg"],
            like ["xhtml"];

        /// Include files with no doctype and none of <html>, <head>, <body>.
        fragments "fragments": bool => Flag, or false, like true;

        /// Include pages that redirect elsewhere at once, by <meta http-equiv="refresh">.
        redirects "redirects": bool => Flag, or false, like true;

        /// Include AMP pages, which may not carry scripts of their own.
        amp "amp": bool => Flag, or false, like true;

        /// Include pages whose body is a frameset.
        framesets "framesets": bool => Flag, or false, like true;

        /// Include pages in folders whose name begins with a dot.
        hidden "hidden": bool => Flag, or false, like true;

        /// Folder beside the site that symbolic links may lead to, such as /nix/store; unset: links that leave the site are
        /// skipped.
        ///
        /// What they point to there is read, never written.
        link_root "link-root": Option<PathBuf> => Folder, like "/nix/store", flag("--link-root", "DIR", SITE);
    }
}

table! {
    /// `[derived]`: files that say something about pages.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Derived "derived." {
        /// What happens to service workers' precache lists and other lists of pages' digests when pages change: update or
        /// report.
        ///
        /// With update, remove takes back what inject wrote into them. What another step made wrong is reported in any case.
        manifests "manifests": Manifests => Choice(Manifests::from_name), or "update", like "report";
    }
}

table! {
    /// `[verify]`: what `verify` demands.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Verify "verify." {
        /// How long an operator token in a page must still be valid, such as 90m.
        min_ttl "min-ttl": Duration => Time(check::duration), or "1h", like "90m",
            flag("--min-ttl", "TIME", INJECT | VERIFY | WATCH);

        /// Minimum number of pages that must be judged, not counting skipped ones; 0: any number.
        min_pages "min-pages": u64 => Count::<0, { u64::MAX }>, or 0, like 100, flag("--min-pages", "N", VERIFY);

        /// Maximum number of warnings with which verify passes; unset: any number.
        max_warnings "max-warnings": Option<u64> => Count::<0, { u64::MAX }>, like 10, flag("--max-warnings", "N", VERIFY);

        /// Lowest severity that fails verify: error, warning or note.
        fail_on "fail-on": FailOn => Choice(FailOn::from_name), or "error", like "warning",
            flag("--fail-on", "SEVERITY", VERIFY);

        /// File of known findings, which do not fail verify; unset: there is none.
        ///
        /// `chathub verify --write-baseline` writes it.
        baseline "baseline": Option<PathBuf> => Folder, like "chathub-baseline.toml", flag("--baseline", "FILE", VERIFY);

        /// Look for secrets in all files of the site: scripts, source maps, search indexes, feeds and compressed files as well
        /// as pages.
        scan_all_files "scan-all-files": bool => Flag, or true, like false;

        /// JWTs that may be in the site, such as samples in documentation: their SHA-256, as the finding (secret-in-site)
        /// gives it.
        allow_secrets "allow-secrets": Vec<String> => List(check::digest),
            like ["7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606"], file_only();
    }
    tables {
        /// Severities that differ from the rules' own, by rule id.
        severity "severity": BTreeMap<String, Level>;
        /// Severities of what is found in some files of the site; the last one that matches wins.
        overrides "overrides": Vec<Override>;
    }
}

table! {
    /// `[api]`: the ChatHub API, which mints operator tokens.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Api "api." {
        /// Address of the ChatHub API: https, or http on a loopback host.
        url "url": String => Text(check::api_url), or "https://chatapi.smsbat.com", like "https://chatapi.smsbat.com",
            flag("--api-url", "URL", INJECT | PREVIEW | ACCOUNT | WATCH), guarded();

        /// How long one call of the API may take.
        timeout "timeout": Duration => Time(check::timeout), or "30s", like "1m";

        /// Header that carries the company token.
        header "header": Header => Choice(Header::from_name), or "authorization", like "x-authorization-key";

        /// Without credentials for tokens: fail, or skip (leave every page as it is and say so).
        if_no_credentials "if-no-credentials": IfNoCredentials => Choice(IfNoCredentials::from_name), or "fail", like "skip",
            flag("--if-no-credentials", "HOW", INJECT | VERIFY | EXPLAIN | WATCH);

        /// Where the company token comes from, unless CHATHUB_COMPANY_TOKEN is set.
        company_token "company-token": Option<SecretSource> => Secret, like { file = "/run/secrets/chathub-company-token" }, file_only();

        /// Where the login comes from, unless CHATHUB_LOGIN is set.
        login "login": Option<SecretSource> => Secret, like { env = "SHOP_CHATHUB_LOGIN" }, file_only();

        /// Where the password comes from, unless CHATHUB_PASSWORD is set.
        password "password": Option<SecretSource> => Secret, like { command = "op read op://chat/company/password" }, file_only();
    }
}

impl Table for BTreeMap<String, Level> {
    fn read(&mut self, section: &mut Section<'_>) {
        for (key, value) in section.others() {
            let name: &str = key.get_ref();
            let known = &section.record.known_rules;
            if !known.iter().any(|known| known == name) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let title = format!("verify has no rule `{name}`");
                let help = suggest(name, &known);
                section.refuse(Problem::at(section.at(key), title, "", help));
            }
            let level = section.entry(name, "", Given::Toml(value), &Choice(Level::from_name));
            self.extend(level.map(|level| (name.to_owned(), level)));
        }
    }
}

/// Every row, in the order of the file.
#[must_use]
pub fn rows() -> &'static [Setting] {
    static ALL: LazyLock<Vec<Setting>> = LazyLock::new(|| {
        [
            Config::ROWS,
            Placeholder::ROWS,
            Wording::ROWS,
            Widget::ROWS,
            CustomerWidget::ROWS,
            Pages::ROWS,
            Derived::ROWS,
            Verify::ROWS,
            Override::ROWS,
            Csp::ROWS,
            Api::ROWS,
            Endpoint::ROWS,
            Organization::ROWS,
            SecretKeys::ROWS,
            RuleKeys::ROWS,
        ]
        .concat()
    });
    &ALL
}

/// The rows that have a variable.
#[must_use]
pub fn setting_names() -> &'static [Setting] {
    static WITH_VARIABLE: LazyLock<Vec<Setting>> = LazyLock::new(|| {
        let settings = rows().iter().filter(|row| !row.file_only);
        settings.copied().collect()
    });
    &WITH_VARIABLE
}

impl Config {
    /// Whether pages may differ in their chats, so that there is a route file.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        self.may_need_runtime()
            && match self.placeholder.route_file {
                WriteRoutes::Auto => {
                    !self.rules.is_empty()
                        || self.names().count() > 1
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
