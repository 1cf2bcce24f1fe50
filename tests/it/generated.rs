//! What is made from the program: tables and help texts in the book, between markers such as `<!-- settings -->` and
//! `<!-- /settings -->`, and schemas. `cargo xtask generate` writes what is out of date.

use std::fs;
use std::sync::Mutex;

use chathub::internal::cli::Cli;
use chathub::internal::settings::{Setting, rows, setting_names};
use clap::CommandFactory;

use crate::common::{Run, Site};
use crate::config_schema;
use crate::docs::{book, path, read};

/// Set by `cargo xtask generate`.
const WRITE: &str = "CHATHUB_GENERATE";

/// Demands that a file is this, but for how its lines end; or writes it.
fn is(name: &str, what: &str, found: &str, wanted: &str, whole: &str) {
    if found.replace("\r\n", "\n") == wanted {
        return;
    }
    if std::env::var_os(WRITE).is_some() {
        fs::write(path(name), whole).unwrap();
        return;
    }
    panic!(
        "it is not what the program makes; run `cargo xtask generate` and read the difference\nout of date: {name}{what}\n\
         --- {name}\n{found}\n--- chathub\n{wanted}"
    );
}

/// What the book says between the markers of this name must be this.
fn check(name: &str, wanted: &str) {
    static WRITING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = WRITING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let pages = book();
    let page = pages
        .iter()
        .find(|page| read(page).contains(&begin))
        .unwrap_or_else(|| panic!("no page of the book has {begin}"));
    let text = read(page);
    let (before, rest) = text.split_once(&begin).unwrap();
    let (found, after) = rest
        .split_once(&end)
        .unwrap_or_else(|| panic!("{page} has no {end}"));
    let whole = format!("{before}{begin}{wanted}{end}{after}");
    is(
        page,
        &format!(", {}", begin.trim_end()),
        found,
        wanted,
        &whole,
    );
}

/// What `chathub ARGUMENTS` prints, 100 columns wide.
fn output(arguments: &[&str]) -> String {
    let site = Site::new();
    let run = Run::of(site.command(arguments).env("COLUMNS", "100"));
    run.exits(0).stdout.clone()
}

fn help(command: &str) -> String {
    let text = output(&[command, "-h"]);
    // The exit codes have a table of their own.
    let text = text.split("\nExit codes:").next().unwrap();
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    format!("\n```text\n{}\n```\n\n", lines.join("\n"))
}

/// A Markdown table.
fn table(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let headers: Vec<String> = headers.iter().map(ToString::to_string).collect();
    let mut text = format!(
        "\n{}{}",
        line(&headers),
        line(&vec!["---".to_owned(); headers.len()])
    );
    for row in rows {
        text.push_str(&line(&row));
    }
    text + "\n"
}

#[test]
fn help_texts() {
    check("help inject", &help("inject"));
    check("help init", &help("init"));
}

#[test]
fn commands() {
    let command = Cli::command();
    let rows = command.get_subcommands().map(|command| {
        let positionals = command.get_positionals().map(|argument| {
            let name = argument.get_value_names().unwrap_or_default();
            let name = name.first().map_or("", |name| name.as_str());
            let required = argument.is_required_set();
            if required {
                format!(" {name}")
            } else {
                format!(" [{name}]")
            }
        });
        let usage = format!(
            "`chathub {}{}`",
            command.get_name(),
            positionals.collect::<String>()
        );
        vec![usage, command.get_about().unwrap().to_string()]
    });
    check("commands", &table(&["command", "what it does"], rows));
}

/// The flag that sets a setting.
fn flag(setting: &Setting) -> String {
    let site = (setting.path == "site").then_some("SITE");
    let name = setting.flag.map(|flag| flag.name).or(site);
    name.map_or_else(String::new, |name| format!("`{name}`"))
}

#[test]
fn settings() {
    let rows = setting_names().iter().map(|setting| {
        vec![
            format!("`{}`", setting.path),
            setting
                .default
                .map_or("–".to_owned(), |default| format!("`{default}`")),
            flag(setting),
            format!("`{}`", setting.variable()),
            setting.about().replace('<', "\\<"),
        ]
    });
    let headers = [
        "setting",
        "default",
        "flag",
        "environment variable",
        "what it is",
    ];
    check("settings", &table(&headers, rows));
}

#[test]
fn rules_of_verify() {
    let rows = chathub::internal::steps::verify::ALL.iter().map(|rule| {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        vec![
            format!("[`{0}`](findings/{0}.md)", rule.id),
            severity,
            rule.finds.replace('<', "\\<"),
        ]
    });
    check(
        "rules",
        &table(&["rule", "severity", "what it finds"], rows),
    );
}

#[test]
fn pages_of_rules() {
    for rule in chathub::internal::steps::verify::ALL {
        let text = format!(
            "\n{} {}\n\n**Remedy.** {}\n\n**Severity.** `{}`, which `[verify.severity]` changes.\n\n",
            rule.finds,
            rule.why,
            rule.remedy,
            rule.severity.name()
        );
        check(&format!("finding {}", rule.id), &text.replace('<', "\\<"));
    }
}

#[test]
fn exit_codes() {
    let text = output(&["--help"]);
    let codes = text.split("Exit codes:\n").nth(1).unwrap();
    let rows = codes.lines().filter_map(|line| {
        let (code, meaning) = line.trim().split_once("  ")?;
        Some(vec![code.to_owned(), meaning.trim().to_owned()])
    });
    check("exit codes", &table(&["code", "meaning"], rows));
}

#[test]
fn formats() {
    let lines = chathub::internal::report::Format::ALL.iter().map(|format| {
        let help = format.help();
        let end = if help.ends_with('.') { "" } else { "." };
        format!("- `{}`: {help}{end}\n", format.name())
    });
    check("formats", &format!("\n{}\n", lines.collect::<String>()));
}

#[test]
fn schema_of_the_report() {
    let schema = chathub::internal::report::schema::report_schema();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let name = "schemas/report-v1.schema.json";
    let found = fs::read_to_string(path(name)).unwrap_or_default();
    is(name, "", &found, &text, &text);
}

#[test]
fn schema_of_the_doctor() {
    let schema = chathub::internal::cli::doctor_schema();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let name = "schemas/doctor-v1.schema.json";
    let found = fs::read_to_string(path(name)).unwrap_or_default();
    is(name, "", &found, &text, &text);
}

#[test]
fn schema_of_the_configuration() {
    let text = serde_json::to_string_pretty(&config_schema::schema()).unwrap() + "\n";
    let name = "schemas/chathub.schema.json";
    let found = fs::read_to_string(path(name)).unwrap_or_default();
    is(name, "", &found, &text, &text);
}

/// Where the part of the example begins that is written by hand: organizations and rules.
const BY_HAND: &str = "# The organizations, by names of your choice";

#[test]
fn example_of_the_configuration() {
    let name = "chathub.toml.example";
    let found = read(name);
    let by_hand = found.find(BY_HAND).map_or("", |at| &found[at..]);
    let wanted = example() + by_hand;
    is(name, "", &found, &wanted, &wanted);
}

/// Every setting with its default, or, where it has none, an example behind a `#`.
fn example() -> String {
    let mut text = String::from(
        "#:schema schemas/chathub.schema.json\n\
         # chathub.toml: every key. A line without `#` in front shows a default, and changes nothing.\n\
         # Keys without a default are shown as `#key = …`, with an example.\n\
         #\n\
         # chathub reads the nearest chathub.toml from the working folder upwards, or the files given with -c. Most settings above\n\
         # [organizations] have an environment variable, too: CHATHUB_ and the path, such as CHATHUB_PLACEHOLDER_ENDPOINT.\n\
         # A flag beats the variable, which beats the file.\n\
         #\n\
         # No secret may stand in this file.\n\n",
    );
    let mut table = "";
    let settings = rows().iter().filter(|row| !row.path.contains('*'));
    for row in settings {
        let (section, key) = row.path.rsplit_once('.').unwrap_or(("", row.path));
        if section != table {
            text.push_str(ends(table));
            text.extend(["[", section, "]\n"]);
            table = section;
        }
        text.push_str(&comment(&row.description()));
        for word in row.words() {
            text.extend(["#   ", &word, "\n"]);
        }
        match row.default {
            Some(default) => text.extend([key, " = ", default, "\n\n"]),
            None => text.extend(["#", key, " = ", row.example, "\n\n"]),
        }
    }
    text
}

/// What follows the settings of a table.
fn ends(table: &str) -> &'static str {
    match table {
        "placeholder" => {
            "# Texts in place of the built-in ones: while the chat loads, when there is none, and of the contact link. Those of a\n\
             # language (by <html lang>, and by prefix) stand in a table of its name.\n\
             [placeholder.texts]\n\
             #loading = \"One moment …\"\n\
             #failed = \"The chat is closed\"\n\
             #contact = \"Write to us\"\n\n\
             #[placeholder.texts.it]\n\
             #failed = \"La chat non è disponibile\"\n\
             #contact = \"Scriveteci\"\n\n"
        }
        "verify" => {
            "# Severities that differ from the rules' own: error, warning, note or off. `chathub explain RULE` describes a rule.\n\
             [verify.severity]\n\
             #unused-rule = \"note\"\n\
             #token-expires-soon = \"error\"\n\n\
             # The same for some files of the site, as in a rule. The last one that matches a file and names a rule wins.\n\
             #[[verify.overrides]]\n\
             #match = \"blog/archive/\"\n\
             #not = \"blog/archive/index.html\"\n\
             #severity = { inert-instance = \"note\" }\n\n"
        }
        _ => "",
    }
}

/// Prose as comments, broken at words.
fn comment(prose: &str) -> String {
    let (mut text, mut line) = (String::new(), String::from("#"));
    for word in prose.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > 120 {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text + &line + "\n"
}
