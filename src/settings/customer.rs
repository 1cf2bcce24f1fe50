//! Organizations with the customer widget: what is theirs in `[organizations.NAME]`, and what is not.

use std::collections::BTreeMap;

use super::check::ValueError;
use super::entry::Given;
use super::error::Problem;
use super::model::choices;
use super::section::Section;
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
    /// How many pages it must have at least.
    pub min_pages: u64,
    /// Where the organization was first named.
    pub place: FileLine,
}

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

#[cfg(test)]
#[path = "customer_tests.rs"]
mod tests;
