//! The rows of `[organizations.NAME]`, and of a secret's source.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::de::DeValue;

use super::check;
use super::customer::{OrganizationWidget, uuid};
use super::entry::{Entry, Given, Parsed};
use super::error::Problem;
use super::kind::Kind;
use super::model::{Operator, SecretSource};
use super::placeholder::Texts;
use super::section::{Content, Record, Section};
use super::source::FileLine;
use super::table::{Table, table};
use super::value::{Choice, Command, Count, OneOperator, Parse, Text};

table! {
    /// `[organizations.NAME]`: one `ChatHub` organization. One with the customer widget becomes a [`Customer`](super::Customer).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Organization "organizations.*." {
        /// The vendor's widget that its pages get: operator or customer.
        ///
        /// The customer widget is for public sites. Its guid is public, so it needs no id, no token, no endpoint and no runtime.
        widget "widget": OrganizationWidget => Choice(OrganizationWidget::from_name), or "operator", like "customer",
            file_only();

        /// Its id at ChatHub.
        ///
        /// Pages carry the name, not the id; your token endpoint maps one to the other.
        id "id": u64 => Count::<0, { u64::MAX }>, or 0, like 6, file_only();

        /// The operator whose token is used, by id or exact name; unset: the first active one.
        operator "operator": Option<Operator> => OneOperator, like 101, file_only();

        /// Static mode: where a ready operator token comes from; unset: it is minted through the API.
        ///
        /// One of env, file and command. A file is relative to this one; a command is run without a shell, and may be written
        /// as an array.
        token "token": Option<SecretSource> => Secret, like { env = "CHATHUB_SALES_TOKEN" }, file_only();

        /// Where visitors of its pages are sent when there is no chat; unset: as everywhere.
        contact "contact": Option<String> => Text(check::contact), like "mailto:support@example.com", file_only();

        /// Least number of its pages that must be judged, for verify; 0: any number.
        min_pages "min-pages": u64 => Count::<0, { u64::MAX }>, or 0, like 10, file_only();

        /// With the customer widget: the public UUID that says whose chat opens.
        guid "guid": Option<String> => Text(uuid), like "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21", file_only();
    }
    tables {
        /// What visitors of its pages read, and its name in the chooser.
        texts "texts": Texts;
        /// With the customer widget: further attributes of its tag, such as colours, by name.
        attributes "attributes": BTreeMap<String, String>;
    }
    and {
        /// Where the organization was first named, for errors about it.
        place: FileLine;
    }
}

impl Table for BTreeMap<String, Organization> {
    fn read(&mut self, section: &mut Section<'_>) {
        for (key, value) in section.others() {
            let name: &str = key.get_ref();
            let at = section.at(key);
            if let Err(fault) = check::organization_name(name) {
                let title = format!("`{name}` cannot name an organization");
                section.refuse(Problem::at(at, title, fault.found, fault.help));
                continue;
            }
            let path = section.path_of(name);
            let organization = self.entry(name.to_owned()).or_insert_with(|| Organization {
                place: at.place(),
                ..Organization::default()
            });
            section.record.places.entry(path).or_insert(at);
            section.table(name, value, |section| organization.read(section));
        }
    }
}

table! {
    /// What a secret's source says.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(super) SecretKeys "*." {
        /// The environment variable that holds it.
        env "env": Option<String> => Text(check::variable_name), like "CHATHUB_SALES_TOKEN", file_only();

        /// The file that holds it.
        file "file": Option<PathBuf> => Text(check::file), like "/run/secrets/sales-token", file_only();

        /// The command that prints it; it is run without a shell.
        command "command": Option<Vec<String>> => Command, like "op read op://sales/token", file_only();
    }
}

/// Where a secret comes from: `{ env = "…" }`, `{ file = "…" }` or `{ command = "…" }`.
pub(super) struct Secret;

impl Parse for Secret {
    type Value = SecretSource;
    const KIND: Kind = Kind::Secret;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<SecretSource> {
        let Given::Toml(value) = entry.given else {
            return Err(vec![entry.wrong_type("a table")]);
        };
        let DeValue::Table(table) = value.get_ref() else {
            return Err(vec![entry.wrong_type("a table")]);
        };
        let mut record = Record::default();
        let (path, content) = (entry.path.clone(), Content::Table(table));
        let (keys, given, misspelt) =
            Section::read(entry.source, path, content, &mut record, |section| {
                let mut keys = SecretKeys::default();
                keys.read(section);
                let given = SecretKeys::ROWS
                    .iter()
                    .filter(|row| section.place(row.key()).is_some());
                (keys, given.count(), section.has_unknown_keys())
            });
        let mut problems = record.problems;
        let found = match given {
            0 if !misspelt => "this names none",
            0 | 1 => "",
            _ => "this names several",
        };
        if !found.is_empty() {
            problems.push(Problem::at(
                entry.at(),
                format!("`{}` comes from exactly one place", entry.path),
                found,
                "keep one of `env`, `file` and `command`",
            ));
        }
        let source = match keys {
            SecretKeys {
                env: Some(variable),
                ..
            } => Some(SecretSource::Env(variable)),
            SecretKeys {
                file: Some(file), ..
            } => Some(SecretSource::File(entry.source.folder.join(file))),
            SecretKeys { command, .. } => command.map(SecretSource::Command),
        };
        source.filter(|_| problems.is_empty()).ok_or(problems)
    }
}
