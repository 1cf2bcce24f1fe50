//! Organizations with the customer widget: what is theirs in `[organizations.NAME]`, and what is not.

use std::collections::BTreeMap;

use super::check::ValueError;
use super::config::Config;
use super::entry::Given;
use super::error::Problem;
use super::model::{Mode, choices};
use super::section::{Record, Section};
use super::source::FileLine;
use super::table::Table;
use super::value::Text;
use crate::widget::unfit_name;

choices! {
    /// The widget that the pages of an organization get.
    OrganizationWidget {
        /// The operator panel, for which a token is minted.
        Operator = "operator",
        /// The widget for the customers of a site, which a public guid opens.
        Customer = "customer",
    }
}

/// `[organizations.NAME]` with `widget = "customer"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The public UUID that says whose chat opens.
    pub guid: String,
    /// Further attributes of the tag, such as its colours, by name.
    pub attributes: BTreeMap<String, String>,
    /// Where the organization was first named.
    pub place: FileLine,
}

/// Keys that are for organizations with the operator widget alone: the customer widget has neither operators nor a runtime.
const OF_OPERATOR: [&str; 5] = ["id", "operator", "token", "contact", "texts"];
/// Keys that are for organizations with the customer widget alone.
const OF_CUSTOMER: [&str; 2] = ["guid", "attributes"];

/// The attributes of a customer widget's tag, by name.
impl Table for BTreeMap<String, String> {
    fn read(&mut self, section: &mut Section<'_>) {
        for (key, value) in section.others() {
            let name: &str = key.get_ref();
            if let Some(found) = unfit_name(name) {
                let title = format!("`{name}` cannot be an attribute of the widget's tag");
                let help = "write one of the widget's own options, such as `main-color`";
                section.refuse(Problem::at(section.at(key), title, found, help));
                continue;
            }
            let value = section.entry(name, "", Given::Toml(value), &Text(line));
            self.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
}

/// `guid`: a UUID in its usual form (RFC 9562).
pub(super) fn uuid(text: &str) -> Result<String, ValueError> {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    let fits = |(part, length): (&&str, usize)| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit())
    };
    if parts.len() == lengths.len() && parts.iter().zip(lengths).all(fits) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        "must be a UUID",
        "expected hexadecimal digits in groups of 8, 4, 4, 4 and 12, joined with `-`",
        "copy the `guid` from the vendor's snippet, such as `8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21`",
    ))
}

/// An attribute's value.
fn line(text: &str) -> Result<String, ValueError> {
    if !text.contains(|char: char| char.is_control()) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        "must be a text in one line",
        "this has a control character in it",
        "write it without line breaks and tabs",
    ))
}

/// Tells the organizations with the customer widget from the others, once all layers have been read, and refuses what is for the
/// other widget. An organization counts even if something of it is wrong, so that rules that name it are not called wrong too.
pub(super) fn settle(config: &mut Config, record: &mut Record) {
    for (name, organization) in std::mem::take(&mut config.organizations) {
        let path = format!("organizations.{name}");
        let is_customer = organization.widget == OrganizationWidget::Customer;
        let (others, has, help) = if is_customer {
            let help = "leave it out, or take `widget` and `guid` out of the organization";
            (&OF_OPERATOR[..], "customer", help)
        } else {
            let help = "add `widget = \"customer\"` to the organization, or leave this out";
            (&OF_CUSTOMER[..], "operator", help)
        };
        let Record {
            places, problems, ..
        } = record;
        for key in others {
            let (below, path) = (format!("{path}.{key}."), format!("{path}.{key}"));
            let mut within = places.range(below.clone()..);
            let within = within.next().filter(|(path, _)| path.starts_with(&below));
            let at = places.get(&path).or(within.map(|(_, at)| at));
            problems.extend(at.map(|at| {
                let title =
                    format!("organization `{name}` has the {has} widget, which takes no `{key}`");
                Problem::at(at.clone(), title, "", help)
            }));
        }
        if !is_customer {
            config.organizations.insert(name, organization);
            continue;
        }
        if let (None, Some(at)) = (&organization.guid, places.get(&path)) {
            problems.push(Problem::at(
                at.clone(),
                format!("organization `{name}` has the customer widget and no `guid`"),
                "",
                "write `guid = \"…\"` with the UUID from the vendor's snippet",
            ));
        }
        let customer = Customer {
            guid: organization.guid.unwrap_or_default(),
            attributes: organization.attributes,
            place: organization.place,
        };
        config.customers.insert(name, customer);
    }
}

impl Config {
    /// The names of all organizations, whichever widget they have.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.organizations.keys().chain(self.customers.keys());
        names.map(String::as_str)
    }

    /// Whether there is an organization of this name.
    #[must_use]
    pub fn has_organization(&self, name: &str) -> bool {
        self.organizations.contains_key(name) || self.customers.contains_key(name)
    }

    /// Whether pages may have a loader tag, and so need the runtime. The customer widget needs none.
    #[must_use]
    pub fn may_need_runtime(&self) -> bool {
        self.mode == Mode::Placeholder
            && (!self.organizations.is_empty() || self.customers.is_empty())
    }
}

#[cfg(test)]
#[path = "customer_tests.rs"]
mod tests;
