//! The configuration while it is being put together: layers are applied to it, weakest first, each overwriting
//! what it sets; then everything is checked against everything else.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check;
use super::endpoint;
use super::error::{ConfigError, Problem};
use super::model::{Config, Level, Operator, Organization, Position, SecretSource};
use super::nearest::suggest;
use super::placeholder::{Texts, WORDS, read_placeholder, read_texts};
use super::rule::{RuleDraft, read_rules};
use super::section::Section;
use super::source::{At, Source};

/// A configuration in the making.
pub(super) struct Draft<'a> {
    /// What the layers so far set; organizations and rules are only in the fields below.
    pub(super) config: Config,
    default_organization_at: Option<At>,
    contact_link_at: Option<At>,
    organizations: BTreeMap<String, OrganizationDraft>,
    rules: Vec<RuleDraft>,
    /// What is wrong so far.
    pub(super) problems: Vec<Problem>,
    /// The rule ids that `[verify.severity]` may name.
    known_rules: &'a [&'a str],
}

struct OrganizationDraft {
    at: At,
    id: Option<u64>,
    operator: Option<Operator>,
    token: Option<SecretSource>,
    contact: Option<String>,
    texts: Texts,
}

impl<'a> Draft<'a> {
    /// The defaults.
    pub(super) fn new(known_rules: &'a [&'a str]) -> Self {
        Self {
            config: Config::default(),
            default_organization_at: None,
            contact_link_at: None,
            organizations: BTreeMap::new(),
            rules: Vec::new(),
            problems: Vec::new(),
            known_rules,
        }
    }

    /// Notes that a file was read.
    pub(super) fn add_file(&mut self, path: PathBuf) {
        self.config.files.push(path);
    }

    /// Sets a folder from a path that need not be UTF-8.
    pub(super) fn set_path(&mut self, setting: &str, folder: PathBuf) {
        match setting {
            "pages.link-root" => self.config.pages.link_root = Some(folder),
            _ => self.config.site = Some(folder),
        }
    }

    /// Applies one layer: a whole file, or one setting.
    pub(super) fn apply(&mut self, source: &Arc<Source>, document: &DeTable<'_>) {
        let Self {
            config,
            default_organization_at,
            contact_link_at,
            organizations,
            rules,
            problems,
            known_rules,
        } = self;
        Section::read(source, "", document, problems, |root| {
            let mut site = None;
            root.text("site", &mut site, |text| check::folder(text).map(Some));
            if let Some(site) = site {
                config.site = Some(root.folder().join(site));
            }
            root.choice("mode", &mut config.mode);
            let organization = |text: &str| check::organization_name(text).map(Some);
            if let Some(at) = root.text(
                "default-organization",
                &mut config.default_organization,
                organization,
            ) {
                *default_organization_at = Some(at);
            }
            root.choice("compressed-siblings", &mut config.compressed_siblings);
            root.flag("remove-config-files", &mut config.remove_config_files);
            root.section("placeholder", |section| {
                if let Some(at) = read_placeholder(section, &mut config.placeholder) {
                    *contact_link_at = Some(at);
                }
            });
            root.section("widget", |section| {
                section.text("src", &mut config.widget.src, check::widget_src);
                section.choice("position", &mut config.widget.position);
            });
            root.section("pages", |section| read_pages(section, config));
            root.section("verify", |section| {
                read_verify(section, config, known_rules);
            });
            root.section("api", |section| read_api(section, config));
            root.section("endpoint", |section| {
                endpoint::read(section, &mut config.endpoint);
            });
            read_organizations(root, organizations);
            rules.extend(read_rules(root));
        });
    }

    /// The finished configuration, after checking what layers say about each other.
    pub(super) fn finish(mut self) -> Result<Config, ConfigError> {
        // A misspelt section would only make its contents look missing.
        if self.problems.is_empty() {
            self.finish_organizations();
            self.check_default_organization();
            self.check_contact_link();
            let rules = std::mem::take(&mut self.rules);
            for rule in rules {
                let spec = rule.finish(&self.config, &mut self.problems);
                self.config.rules.extend(spec);
            }
        }
        if self.problems.is_empty() {
            Ok(self.config)
        } else {
            Err(ConfigError::new(self.problems))
        }
    }

    fn finish_organizations(&mut self) {
        for (name, draft) in std::mem::take(&mut self.organizations) {
            let place = draft.at.place();
            if draft.id.is_none() {
                self.problems.push(Problem::at(
                    draft.at,
                    format!("organization `{name}` has no `id`"),
                    "",
                    "write `id = 6` with its number; `chathub orgs` lists them",
                ));
            }
            // Also without its id, so that rules that name it are not called wrong too.
            self.config.organizations.insert(
                name,
                Organization {
                    id: draft.id.unwrap_or_default(),
                    operator: draft.operator,
                    token: draft.token,
                    contact: draft.contact,
                    texts: draft.texts,
                    place,
                },
            );
        }
    }

    fn check_default_organization(&mut self) {
        let Some(name) = &self.config.default_organization else {
            return;
        };
        if let Some(at) = self.default_organization_at.take()
            && !self.config.organizations.contains_key(name)
        {
            self.problems
                .push(unknown_organization(at, name, &self.config));
        }
    }

    fn check_contact_link(&mut self) {
        let config = &self.config;
        let Some(at) = self.contact_link_at.take() else {
            return;
        };
        let mut organizations = config.organizations.values();
        let (found, help) = if !config.placeholder.contact_link {
            return;
        } else if config.widget.position == Position::HeadEnd {
            (
                "a head cannot hold a link",
                "leave `widget.position` at `body-end`, or leave the link out",
            )
        } else if config.placeholder.contact.is_none()
            && organizations.all(|organization| organization.contact.is_none())
        {
            (
                "there is no contact to link to",
                "write `contact = \"mailto:support@example.com\"` in `[placeholder]` or in an organization",
            )
        } else {
            return;
        };
        let title = "`placeholder.contact-link` does not fit the rest";
        self.problems.push(Problem::at(at, title, found, help));
    }
}

/// The problem that a configuration has no organization of this name.
pub(super) fn unknown_organization(at: At, name: &str, config: &Config) -> Problem {
    let names: Vec<&str> = config.organizations.keys().map(String::as_str).collect();
    let help = if names.is_empty() {
        format!("no organizations are configured: add `[organizations.{name}]` with its `id`")
    } else {
        suggest(name, &names)
    };
    Problem::at(at, format!("unknown organization `{name}`"), "", help)
}

fn read_pages(section: &mut Section<'_, '_>, config: &mut Config) {
    let pages = &mut config.pages;
    if let Some(extensions) = section.texts("extensions", check::extension) {
        pages.extensions = extensions.into_iter().map(|item| item.value).collect();
    }
    if let Some(extensions) = section.texts("xml-extensions", check::extension) {
        pages.xml_extensions = extensions.into_iter().map(|item| item.value).collect();
    }
    section.flag("fragments", &mut pages.fragments);
    section.flag("redirects", &mut pages.redirects);
    section.flag("amp", &mut pages.amp);
    section.flag("framesets", &mut pages.framesets);
    section.flag("hidden", &mut pages.hidden);
    let mut link_root = None;
    section.text("link-root", &mut link_root, |text| {
        check::folder(text).map(Some)
    });
    if let Some(link_root) = link_root {
        pages.link_root = Some(section.folder().join(link_root));
    }
}

fn read_verify(section: &mut Section<'_, '_>, config: &mut Config, known_rules: &[&str]) {
    let verify = &mut config.verify;
    section.text("min-ttl", &mut verify.min_ttl, check::duration);
    section.count("min-pages", 0..=u64::MAX, &mut verify.min_pages);
    section.choice("fail-on", &mut verify.fail_on);
    if let Some(digests) = section.texts("allow-secrets", check::digest) {
        verify.allow_secrets = digests.into_iter().map(|item| item.value).collect();
    }
    let Some(value) = section.value("severity") else {
        return;
    };
    section.table("severity", value, |severity| {
        for (key, value) in severity.entries() {
            let name: &str = key.get_ref();
            if !known_rules.contains(&name) {
                severity.refuse(Problem::at(
                    severity.at(key),
                    format!("verify has no rule `{name}`"),
                    "",
                    suggest(name, known_rules),
                ));
            }
            if let Some(level) = severity.expect_choice::<Level>(name, value) {
                verify.severity.insert(name.to_owned(), level);
            }
        }
    });
}

fn read_api(section: &mut Section<'_, '_>, config: &mut Config) {
    let api = &mut config.api;
    section.text("url", &mut api.url, check::api_url);
    section.text("timeout", &mut api.timeout, check::timeout);
    section.choice("header", &mut api.header);
    section.choice("if-no-credentials", &mut api.if_no_credentials);
    for (key, slot) in [
        ("company-token", &mut api.company_token),
        ("login", &mut api.login),
        ("password", &mut api.password),
    ] {
        if let Some(source) = read_secret(section, key) {
            *slot = Some(source);
        }
    }
}

fn read_organizations(
    root: &mut Section<'_, '_>,
    organizations: &mut BTreeMap<String, OrganizationDraft>,
) {
    let Some(value) = root.value("organizations") else {
        return;
    };
    root.table("organizations", value, |section| {
        for (key, value) in section.entries() {
            let name: &str = key.get_ref();
            let at = section.at(key);
            if let Err(fault) = check::organization_name(name) {
                section.refuse(Problem::at(
                    at,
                    format!("`{name}` cannot name an organization"),
                    fault.found,
                    fault.help,
                ));
                continue;
            }
            let draft = organizations
                .entry(name.to_owned())
                .or_insert_with(|| OrganizationDraft {
                    at,
                    id: None,
                    operator: None,
                    token: None,
                    contact: None,
                    texts: Texts::default(),
                });
            section.table(name, value, |section| read_organization(section, draft));
        }
    });
}

fn read_organization(section: &mut Section<'_, '_>, draft: &mut OrganizationDraft) {
    if let Some(value) = section.value("id")
        && let Some(id) = section.expect_count("id", value, 0..=u64::MAX)
    {
        draft.id = Some(id);
    }
    if let Some(value) = section.value("operator")
        && let Some(operator) = read_operator(section, value)
    {
        draft.operator = Some(operator);
    }
    if let Some(token) = read_secret(section, "token") {
        draft.token = Some(token);
    }
    section.entry("contact", &mut draft.contact, check::contact);
    read_texts(section, &mut draft.texts, &WORDS);
}

fn read_operator(section: &mut Section<'_, '_>, value: &Spanned<DeValue<'_>>) -> Option<Operator> {
    match value.get_ref() {
        DeValue::String(name) if name.trim().is_empty() => {
            section.refuse(Problem::at(
                section.at(value),
                "`operator` must be an id or an exact name",
                "this is empty",
                "leave it out for the first active operator",
            ));
            None
        }
        DeValue::String(name) => Some(Operator::Name(name.to_string())),
        DeValue::Integer(_) => section
            .expect_count("operator", value, 0..=u64::MAX)
            .map(Operator::Id),
        _ => {
            section.wrong_type("operator", value, "an id or an exact name");
            None
        }
    }
}

/// Where a secret comes from: `{ env = "…" }`, `{ file = "…" }` or `{ command = "…" }`.
fn read_secret(section: &mut Section<'_, '_>, key: &'static str) -> Option<SecretSource> {
    let value = section.value(key)?;
    let path = section.path_of(key);
    section.table(key, value, |section| read_source(section, &path, value))?
}

fn read_source(
    section: &mut Section<'_, '_>,
    path: &str,
    table: &Spanned<DeValue<'_>>,
) -> Option<SecretSource> {
    let values = ["env", "file", "command"].map(|key| section.value(key).map(|value| (key, value)));
    let mut given = values.into_iter().flatten();
    let (Some((key, value)), None) = (given.next(), given.next()) else {
        let found = if values.iter().flatten().count() > 1 {
            "this names several"
        } else if section.has_unknown_keys() {
            return None;
        } else {
            "this names none"
        };
        section.refuse(Problem::at(
            section.at(table),
            format!("`{path}` comes from exactly one place"),
            found,
            "keep one of `env`, `file` and `command`",
        ));
        return None;
    };
    if key == "command" && value.get_ref().is_array() {
        let words = section.texts("command", |word| Ok(word.to_owned()))?;
        let words = words.into_iter().map(|word| word.value).collect();
        return match check::command(words) {
            Ok(words) => Some(SecretSource::Command(words)),
            Err(fault) => {
                let at = section.at(value);
                section.refuse(Problem::at(
                    at,
                    "`command` must be a command",
                    fault.found,
                    fault.help,
                ));
                None
            }
        };
    }
    let text = section.expect_text(key, value)?;
    let folder = section.folder();
    section.checked(key, &text, |text| match key {
        "env" => check::variable_name(text).map(SecretSource::Env),
        "file" => check::file(text).map(|file| SecretSource::File(folder.join(file))),
        _ => check::command_line(text).map(SecretSource::Command),
    })
}
