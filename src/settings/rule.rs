//! `[[rules]]`: reading them.

use toml::de::DeValue;

use super::check::{self, ValueError};
use super::entry::{Entry, Parsed};
use super::error::Problem;
use super::glob::compile_glob;
use super::kind::Kind;
use super::section::Section;
use super::source::{Located, SourceSpan};
use super::table::{Table as _, table};
use super::value::{Count, Flag, Items, List, Parse, Placed, Text};

table! {
    /// What a rule says, before it is checked against the rest of the configuration.
    #[derive(Debug, Clone)]
    pub(super) RuleKeys "rules.*." {
        /// Pages whose path one of these globs matches.
        ///
        /// Paths are relative to the site: `*` stays inside one folder, `**` crosses folders, `shop/` is everything in that
        /// folder; a page named `blog/[slug].html` is written `blog/[[]slug].html`.
        matches "match": Vec<String> => List(glob), like "shop/**", file_only();

        /// But none whose path one of these matches.
        not "not": Vec<String> => List(glob), like "shop/terms/**", file_only();

        /// Pages in one of these languages: <html lang>, by prefix.
        lang "lang": Vec<String> => List(check::language_range), like "uk", file_only();

        /// Least number of pages that the rule must decide about, for verify; 0: any number.
        min_pages "min-pages": u64 => Count::<0, { u64::MAX }>, or 0, like 10, file_only();

        /// The organization that they get.
        organization "organization": Option<Located<String>> => Placed(Text(check::organization_name)), like "sales",
            file_only();

        /// Several organizations, of which the visitor chooses one (placeholder mode).
        organizations "organizations": Vec<Located<String>> => Items(check::organization_name), like ["sales", "support"],
            file_only();

        /// false for no widget, true for the default organization.
        widget "widget": Option<bool> => Widget, like false, file_only();
    }
}

pub(super) fn glob(text: &str) -> Result<String, ValueError> {
    compile_glob(text)?;
    Ok(text.to_owned())
}

/// Whether pages have a widget.
struct Widget;

impl Parse for Widget {
    type Value = bool;
    const KIND: Kind = Kind::Flag;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<bool> {
        Flag.parse(entry).map_err(|_| {
            vec![Problem::at(
                entry.at(),
                "`widget` takes `true` or `false` in a rule",
                "",
                "write `widget = false` for no widget, `widget = true` for the default organization",
            )]
        })
    }
}

/// A rule that was read and not yet checked against the rest of the configuration.
pub(super) struct RuleDraft {
    pub(super) at: SourceSpan,
    pub(super) keys: RuleKeys,
    /// Where it says what its pages get.
    pub(super) wants: SourceSpan,
}

/// The rules of a document; those that are wrong in themselves are left out, with a problem.
pub(super) fn read_rules(root: &mut Section<'_>) -> Vec<RuleDraft> {
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

fn read_rule(section: &mut Section<'_>, at: SourceSpan) -> Option<RuleDraft> {
    let mut keys = RuleKeys::default();
    keys.read(section);
    let given = ["organization", "organizations", "widget"].into_iter();
    let mut given = given.filter_map(|key| Some((key, section.place(key)?)));
    let problem = match (given.next(), given.next()) {
        (Some((_, wants)), None) => return Some(RuleDraft { at, keys, wants }),
        (None, _) if section.has_unknown_keys() => return None,
        (None, _) => Problem::at(
            at,
            "the rule does not say what its pages get",
            "",
            "add `organization = \"…\"`, `organizations = [\"…\"]` or `widget = false`",
        ),
        (Some((first, _)), Some((second, at))) => Problem::at(
            at,
            format!("`{first}` and `{second}` exclude each other"),
            "",
            "keep one of `organization`, `organizations` and `widget`; several organizations share a list",
        ),
    };
    section.refuse(problem);
    None
}

#[cfg(test)]
#[path = "rule_error_tests.rs"]
mod tests;
