//! What only the whole configuration shows: which organizations there are, and whether rules fit them and the mode.

use super::config::Config;
use super::customer::{Customer, OrganizationWidget};
use super::error::Problem;
use super::model::{Mode, RuleSpec, Wants};
use super::nearest::suggest;
use super::rule::RuleDraft;
use super::section::Record;
use super::source::{Located, SourceSpan};

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

    /// The names of all organizations, each with how many pages it must have at least.
    pub fn least_pages(&self) -> impl Iterator<Item = (&str, u64)> {
        let operators = self.organizations.iter();
        let operators = operators.map(|(name, of)| (name.as_str(), of.min_pages));
        let customers = self.customers.iter();
        operators.chain(customers.map(|(name, of)| (name.as_str(), of.min_pages)))
    }

    /// Whether pages may have a loader tag, and so need the runtime. The customer widget needs none.
    #[must_use]
    pub fn may_need_runtime(&self) -> bool {
        self.mode == Mode::Placeholder
            && (!self.organizations.is_empty() || self.customers.is_empty())
    }

    /// The organization of a request for a token that names none: the default one, or the only one.
    #[must_use]
    pub fn unnamed_organization(&self) -> Option<&str> {
        let mut names = self.organizations.keys();
        let only = names.next().filter(|_| names.next().is_none());
        self.default_organization
            .as_ref()
            .or(only)
            .map(String::as_str)
    }
}

/// Keys that are for organizations with the operator widget alone: the customer widget has neither operators nor a runtime.
const OF_OPERATOR: [&str; 5] = ["id", "operator", "token", "contact", "texts"];
/// Keys that are for organizations with the customer widget alone.
const OF_CUSTOMER: [&str; 2] = ["guid", "attributes"];

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
            min_pages: organization.min_pages,
            place: organization.place,
        };
        config.customers.insert(name, customer);
    }
}

/// The problem that a configuration has no organization of this name.
pub(super) fn unknown_organization(at: SourceSpan, name: &str, config: &Config) -> Problem {
    let names: Vec<&str> = config.names().collect();
    let help = if names.is_empty() {
        format!("no organizations are configured: add `[organizations.{name}]` with its `id`")
    } else {
        suggest(name, &names)
    };
    Problem::at(at, format!("unknown organization `{name}`"), "", help)
}

impl RuleDraft {
    /// The rule, if all that it names is in `config`.
    pub(super) fn finish(self, config: &Config, problems: &mut Vec<Problem>) -> Option<RuleSpec> {
        let before = problems.len();
        let keys = self.keys;
        let wants = match keys.widget {
            Some(false) => Wants::Nothing,
            Some(true) => {
                if config.default_organization.is_none() && config.names().next().is_some() {
                    problems.push(Problem::at(
                        self.wants,
                        "`widget = true` asks for the default organization, and there is none",
                        "",
                        "set `default-organization`, or name one here: `organization = \"…\"`",
                    ));
                }
                Wants::Default
            }
            None => {
                let names = keys.organization.into_iter().chain(keys.organizations);
                let names: Vec<_> = names.collect();
                check_organizations(&names, &self.wants, config, problems);
                Wants::Organizations(names.into_iter().map(|name| name.value).collect())
            }
        };
        (problems.len() == before).then(|| RuleSpec {
            matches: keys.matches,
            not: keys.not,
            lang: keys.lang,
            wants,
            min_pages: keys.min_pages,
            place: self.at.place(),
        })
    }
}

fn check_organizations(
    names: &[Located<String>],
    list: &SourceSpan,
    config: &Config,
    problems: &mut Vec<Problem>,
) {
    for (index, name) in names.iter().enumerate() {
        if !config.has_organization(&name.value) {
            problems.push(unknown_organization(name.at.clone(), &name.value, config));
        }
        if names[..index].iter().any(|other| other.value == name.value) {
            problems.push(Problem::at(
                name.at.clone(),
                format!("organization `{}` is named twice", name.value),
                "",
                "a page offers each organization once: leave one of them out",
            ));
        }
    }
    let mut customers = names
        .iter()
        .filter(|name| config.customers.contains_key(&name.value));
    if names.len() > 1
        && let Some(customer) = customers.next()
    {
        problems.push(Problem::at(
            customer.at.clone(),
            "a page that offers several organizations needs the operator widget",
            format!("`{}` has the customer widget", customer.value),
            "leave it out of the list, or make a rule of its own for it: `organization = \"…\"`",
        ));
    } else if names.len() > 1 && config.mode == Mode::Static {
        problems.push(Problem::at(
            list.clone(),
            "static mode cannot give a page several organizations",
            "a module script starts once per page, whatever its tags say",
            "keep one of them, or use `mode = \"placeholder\"`, where the page's loader offers all of them",
        ));
    }
}
