//! The text of a new `chathub.toml`: the site, every setting with its default, and examples with the site's own names.

use crate::generator::Found;
use crate::settings::{Setting, setting_names};
use crate::steps::Survey;

/// Where comments are broken.
const WIDTH: usize = 110;
/// Names of sections that sell, of those that few visitors are to chat in, and of those that generators make up: the
/// examples read best where they fit.
const SELLING: [&str; 6] = [
    "shop", "store", "products", "pricing", "catalog", "services",
];
/// See [`SELLING`].
const QUIET: [&str; 7] = [
    "internal", "admin", "private", "drafts", "legal", "archive", "tags",
];
/// See [`SELLING`].
const MADE_UP: [&str; 5] = ["tags", "categories", "authors", "page", "assets"];

/// Writes the file.
pub(super) fn template(found: &Found, survey: &Survey) -> String {
    let mut out = Text::default();
    out.line("#:schema chathub.schema.json");
    out.comment(
        "Editors that know TOML (taplo, Even Better TOML) check this file by the schema named above, and complete its keys: \
         `chathub init --schema > chathub.schema.json` writes it. Without it, nothing is missing.",
    );
    out.comment(
        "chathub.toml, written by `chathub init`. A line that begins with `#` and no space is a setting with its \
         default: remove the `#` to change it. Each setting has an environment variable too (CHATHUB_ and its path, \
         such as CHATHUB_PLACEHOLDER_ENDPOINT), and most a flag: a flag beats the variable, which beats this file.",
    );
    out.comment("No secret may stand in this file.");
    out.blank();
    for setting in setting_names() {
        let table = setting.path.split_once('.').map(|(table, _)| table);
        out.table(table);
        if setting.path == "site" {
            site(&mut out, found);
        } else if let ("placeholder.base-url", Some(base)) = (setting.path, &found.base) {
            out.comment("Path under which the site is served, as the generator says it.");
            out.line(&format!("base-url = {}", toml::Value::from(base.as_str())));
            out.blank();
        } else {
            describe(&mut out, setting);
        }
    }
    severity(&mut out);
    let language = language(survey);
    organizations(&mut out, language);
    rules(&mut out, survey, language);
    out.text
}

#[derive(Default)]
struct Text {
    text: String,
    table: Option<String>,
}

impl Text {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Prose, broken at words.
    fn comment(&mut self, prose: &str) {
        let mut line = String::from("#");
        for word in prose.split(' ') {
            if line.len() + 1 + word.len() > WIDTH {
                self.line(&line);
                line = String::from("#");
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }

    /// Begins a table when the settings come to it. Its header is not a comment: so any one of its settings works
    /// as soon as it is switched on.
    fn table(&mut self, table: Option<&str>) {
        if self.table.as_deref() == table {
            return;
        }
        if let Some(table) = table {
            self.line(&format!("[{table}]"));
        }
        self.table = table.map(ToOwned::to_owned);
    }
}

fn site(out: &mut Text, found: &Found) {
    out.comment("The site: the folder that the generator writes, relative to this file.");
    if let Some(site) = &found.site {
        let value = toml::Value::from(site.as_str());
        out.line(&format!("site = {value}"));
    } else {
        out.comment(
            "Unset: the output folder of the generator found here, or the one of public, _site, dist, build, out, site, book, \
             output that has built pages.",
        );
        out.line("#site = \"public\"");
    }
    out.blank();
}

fn describe(out: &mut Text, setting: &Setting) {
    let mut about = setting.description();
    let value = setting.default.unwrap_or(setting.example);
    if setting.default.is_none() {
        about.push_str(" An example:");
    }
    out.comment(&about);
    for word in setting.words() {
        out.line(&format!("#   {word}"));
    }
    let key = setting.path.rsplit('.').next().unwrap_or(setting.path);
    out.line(&format!("#{key} = {value}"));
    out.blank();
}

fn severity(out: &mut Text) {
    out.comment(
        "Severities that differ from the rules' own: error, warning, note or off. `chathub explain RULE` tells what \
         a rule of verify is about.",
    );
    out.line("[verify.severity]");
    out.line("#unused-rule = \"warning\"");
    out.blank();
}

fn organizations(out: &mut Text, language: &str) {
    out.comment(
        "The ChatHub organizations, by names of your choice: letters, digits, `-` and `_`. As long as there is none, \
         every page gets a loader that names none, and the token endpoint decides whose chat it is. As soon as there \
         is one, pages that no rule names get the default-organization above, or no widget.",
    );
    let other = format!("support-{language}");
    for (name, id) in [("support", 6), ("sales", 24), (&other, 31)] {
        out.line(&format!("#[organizations.{name}]"));
        out.line(&format!("#id = {id}"));
        out.blank();
    }
    out.comment(
        "On a public site, an organization may have the vendor's customer widget in place of the operator widget. Its guid is public, \
         so it needs no id, no token, no endpoint and no runtime; its colours are attributes of its tag.",
    );
    for line in [
        "#[organizations.shop]",
        "#widget = \"customer\"",
        "#guid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"",
        "#attributes = { main-color = \"#0b6e5f\" }",
    ] {
        out.line(line);
    }
    out.blank();
}

fn rules(out: &mut Text, survey: &Survey, language: &str) {
    out.comment(
        "Rules: all conditions of a rule must hold, and the last rule that holds wins. Paths are relative to the \
         site: `*` stays inside one folder, `**` crosses folders.",
    );
    let sections = sections(survey);
    if sections.is_empty() {
        out.comment("Folders, such as shop/:");
    } else {
        let list: Vec<String> = sections
            .iter()
            .map(|(name, n)| format!("{name}/ ({n})"))
            .collect();
        out.comment(&format!(
            "Folders with pages in this site: {}.",
            list.join(", ")
        ));
    }
    let named = |names: &[&'static str]| {
        let mut names = names.iter();
        names.find_map(|name| sections.iter().find(|section| section.0 == *name))
    };
    let quiet = named(&QUIET);
    let largest = || {
        let mut loud: Vec<_> = sections
            .iter()
            .filter(|section| Some(*section) != quiet)
            .collect();
        loud.sort_by_key(|(name, pages)| (!MADE_UP.contains(name), *pages));
        loud.pop()
    };
    let loud = named(&SELLING).or_else(largest);
    let loud = loud.map_or("shop", |(name, _)| name);
    rule(
        out,
        "match",
        &format!("{loud}/**"),
        "organization = \"sales\"",
    );
    let languages: Vec<String> = survey
        .languages
        .iter()
        .map(|(language, pages)| format!("{language} ({pages})"))
        .collect();
    match languages[..] {
        [] => out.comment("Languages: <html lang>, by prefix; `pt` is `pt-BR` too."),
        _ => out.comment(&format!(
            "Languages: <html lang>, by prefix; `pt` is `pt-BR` too. In this site: {}.",
            languages.join(", ")
        )),
    }
    rule(
        out,
        "lang",
        language,
        &format!("organization = \"support-{language}\""),
    );
    out.comment("No widget:");
    let quiet = quiet.map_or("internal", |(name, _)| name);
    rule(out, "match", &format!("{quiet}/**"), "widget = false");
    out.text.truncate(out.text.trim_end().len());
    out.blank();
}

fn rule(out: &mut Text, condition: &str, value: &str, wants: &str) {
    out.line("#[[rules]]");
    out.line(&format!("#{condition} = {}", toml::Value::from(value)));
    out.line(&format!("#{wants}"));
    out.blank();
}

/// The language to give as an example: the second, since the most frequent is the default organization's; without its
/// region where that says enough.
fn language(survey: &Survey) -> &str {
    let Some((tag, _)) = survey.languages.get(1) else {
        return "uk";
    };
    let primary = tag.split('-').next().unwrap_or(tag);
    let mut same = survey
        .languages
        .iter()
        .filter(|(l, _)| l.split('-').next() == Some(primary));
    match (same.next(), same.next()) {
        (Some(_), None) => primary,
        _ => tag,
    }
}

/// The sections to give as examples: no languages' folders, which rules by language serve better, and no names that
/// would mean something else in a glob or a comment.
fn sections(survey: &Survey) -> Vec<(&str, usize)> {
    let is_language = |name: &str| {
        let name = name.to_ascii_lowercase();
        let mut languages = survey.languages.iter();
        languages.any(|(l, _)| *l == name || l.split('-').next() == Some(&name))
    };
    let plain = |name: &str| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c))
    };
    survey
        .sections
        .iter()
        .map(|(name, pages)| (name.as_str(), *pages))
        .filter(|(name, _)| plain(name) && !is_language(name))
        .collect()
}
