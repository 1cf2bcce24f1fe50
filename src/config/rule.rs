//! `[[rules]]`: reading them, and checking them against the organizations and the mode.

use toml::de::DeValue;

use super::check;
use super::draft::unknown_organization;
use super::error::Problem;
use super::glob::compile_glob;
use super::model::{Config, Mode, RuleSpec, Wants};
use super::section::Section;
use super::source::{At, Located};

/// A rule that was read and not yet checked against the rest of the configuration.
pub(super) struct RuleDraft {
    at: At,
    matches: Vec<String>,
    not: Vec<String>,
    lang: Vec<String>,
    wants: Located<WantsDraft>,
}

enum WantsDraft {
    Nothing,
    Default,
    Organizations(Vec<Located<String>>),
}

/// The rules of a document; those that are wrong in themselves are left out, with a problem.
pub(super) fn read_rules(root: &mut Section<'_, '_>) -> Vec<RuleDraft> {
    let Some(value) = root.value("rules") else {
        return Vec::new();
    };
    let DeValue::Array(items) = value.get_ref() else {
        let at = root.at(value);
        root.refuse(Problem::at(
            at,
            "`rules` takes an array of tables",
            "",
            "write each rule under a `[[rules]]` header",
        ));
        return Vec::new();
    };
    let mut rules = Vec::with_capacity(items.len());
    for item in items {
        let at = root.at(item);
        rules.extend(
            root.table("rules", item, |section| read_rule(section, at))
                .flatten(),
        );
    }
    rules
}

fn read_rule(section: &mut Section<'_, '_>, at: At) -> Option<RuleDraft> {
    let glob = |text: &str| {
        compile_glob(text)?;
        Ok(text.to_owned())
    };
    let matches = section.texts("match", glob);
    let not = section.texts("not", glob);
    let lang = section.texts("lang", check::language_range);
    let wants = read_wants(section, &at)?;
    let values = |texts: Option<Vec<Located<String>>>| {
        let texts = texts.unwrap_or_default();
        texts.into_iter().map(|text| text.value).collect()
    };
    Some(RuleDraft {
        at,
        matches: values(matches),
        not: values(not),
        lang: values(lang),
        wants,
    })
}

/// `organization`, `organizations` or `widget`: exactly one.
fn read_wants(section: &mut Section<'_, '_>, rule: &At) -> Option<Located<WantsDraft>> {
    let given: Vec<_> = ["organization", "organizations", "widget"]
        .into_iter()
        .filter_map(|key| section.value(key).map(|value| (key, value)))
        .collect();
    let (key, value) = match given.as_slice() {
        [one] => *one,
        [] if section.has_unknown_keys() => return None,
        [] => {
            section.refuse(Problem::at(
                rule.clone(),
                "the rule does not say what its pages get",
                "",
                "add `organization = \"…\"`, `organizations = [\"…\"]` or `widget = false`",
            ));
            return None;
        }
        [_, (second, value), ..] => {
            let at = section.at(value);
            section.refuse(Problem::at(
                at,
                format!("`{}` and `{second}` exclude each other", given[0].0),
                "",
                "keep one of `organization`, `organizations` and `widget`; several organizations share a list",
            ));
            return None;
        }
    };
    let at = section.at(value);
    let wants = match key {
        "widget" => match value.get_ref().as_bool() {
            Some(true) => WantsDraft::Default,
            Some(false) => WantsDraft::Nothing,
            None => {
                section.refuse(Problem::at(
                    at,
                    "`widget` takes `true` or `false` in a rule",
                    "",
                    "write `widget = false` for no widget, `widget = true` for the default organization",
                ));
                return None;
            }
        },
        "organization" => {
            let text = section.expect_text(key, value)?;
            let value = section.checked(key, &text, check::organization_name)?;
            WantsDraft::Organizations(vec![Located { value, at: text.at }])
        }
        _ => WantsDraft::Organizations(section.texts("organizations", check::organization_name)?),
    };
    Some(Located { value: wants, at })
}

impl RuleDraft {
    /// The rule, if all that it names is in `config`.
    pub(super) fn finish(self, config: &Config, problems: &mut Vec<Problem>) -> Option<RuleSpec> {
        let before = problems.len();
        let wants = match self.wants.value {
            WantsDraft::Nothing => Wants::Nothing,
            WantsDraft::Default => {
                if config.default_organization.is_none() && !config.organizations.is_empty() {
                    problems.push(Problem::at(
                        self.wants.at,
                        "`widget = true` asks for the default organization, and there is none",
                        "",
                        "set `default-organization`, or name one here: `organization = \"…\"`",
                    ));
                }
                Wants::Default
            }
            WantsDraft::Organizations(names) => {
                check_organizations(&names, &self.wants.at, config, problems);
                Wants::Organizations(names.into_iter().map(|name| name.value).collect())
            }
        };
        (problems.len() == before).then(|| RuleSpec {
            matches: self.matches,
            not: self.not,
            lang: self.lang,
            wants,
            place: self.at.place(),
        })
    }
}

fn check_organizations(
    names: &[Located<String>],
    list: &At,
    config: &Config,
    problems: &mut Vec<Problem>,
) {
    for (index, name) in names.iter().enumerate() {
        if !config.organizations.contains_key(&name.value) {
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
    if names.len() > 1 && config.mode == Mode::Static {
        problems.push(Problem::at(
            list.clone(),
            "static mode cannot give a page several organizations",
            "a module script starts once per page, whatever its tags say",
            "keep one of them, or use `mode = \"placeholder\"`, where the page's loader offers all of them",
        ));
    }
}

#[cfg(test)]
#[path = "rule_error_tests.rs"]
mod tests;
