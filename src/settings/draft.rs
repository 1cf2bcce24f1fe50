//! The configuration while it is being put together: layers are applied to it, weakest first, each overwriting
//! what it sets; then everything is checked against everything else.

use std::sync::Arc;

use super::config::Config;
use super::error::{ConfigError, Problem};
use super::model::InsertPosition;
use super::rule::{RuleDraft, read_rules};
use super::section::{Content, Record, Section};
use super::source::Source;
use super::table::Table as _;
use super::whole::{settle, unknown_organization};

/// A configuration in the making.
pub(super) struct Draft {
    /// What the layers so far set; rules are only in the field below.
    pub(super) config: Config,
    pub(super) record: Record,
    rules: Vec<RuleDraft>,
}

impl Draft {
    /// The defaults.
    pub(super) fn new(known_rules: &[&str]) -> Self {
        Self {
            config: Config::default(),
            record: Record {
                known_rules: known_rules.iter().map(ToString::to_string).collect(),
                ..Record::default()
            },
            rules: Vec::new(),
        }
    }

    /// Applies one layer: a whole file, or one setting.
    pub(super) fn apply(&mut self, source: &Arc<Source>, content: Content<'_>) {
        let (config, rules) = (&mut self.config, &mut self.rules);
        Section::read(source, String::new(), content, &mut self.record, |root| {
            config.read(root);
            rules.extend(read_rules(root));
        });
    }

    /// The finished configuration, after checking what layers say about each other.
    pub(super) fn finish(mut self) -> Result<Config, ConfigError> {
        // A misspelt section would only make its contents look missing.
        if self.record.problems.is_empty() {
            settle(&mut self.config, &mut self.record);
            self.check_ids();
            self.check_default_organization();
            self.check_contact_link();
            for rule in std::mem::take(&mut self.rules) {
                let spec = rule.finish(&self.config, &mut self.record.problems);
                self.config.rules.extend(spec);
            }
        }
        if self.record.problems.is_empty() {
            self.config.overruled = self.record.overruled;
            Ok(self.config)
        } else {
            Err(ConfigError::new(self.record.problems))
        }
    }

    fn check_ids(&mut self) {
        for (name, organization) in &self.config.organizations {
            // That its `guid` is for the other widget has been said.
            if organization.guid.is_some() {
                continue;
            }
            let path = format!("organizations.{name}");
            let places = &self.record.places;
            if !places.contains_key(&format!("{path}.id"))
                && let Some(at) = places.get(&path)
            {
                self.record.problems.push(Problem::at(
                    at.clone(),
                    format!("organization `{name}` has no `id`"),
                    "",
                    "write `id = 6` with its number; `chathub orgs` lists them",
                ));
            }
        }
    }

    fn check_default_organization(&mut self) {
        if let Some(name) = &self.config.default_organization
            && let Some(at) = self.record.places.get("default-organization")
            && !self.config.has_organization(name)
        {
            let problem = unknown_organization(at.clone(), name, &self.config);
            self.record.problems.push(problem);
        }
    }

    fn check_contact_link(&mut self) {
        let config = &self.config;
        let Some(at) = self.record.places.get("placeholder.contact-link") else {
            return;
        };
        let mut organizations = config.organizations.values();
        let (found, help) = if !config.placeholder.contact_link {
            return;
        } else if config.widget.position == InsertPosition::HeadEnd {
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
        let problem = Problem::at(at.clone(), title, found, help);
        self.record.problems.push(problem);
    }
}
