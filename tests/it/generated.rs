//! What is made from the program: tables and help texts in the book, between markers such as `<!-- settings -->` and
//! `<!-- /settings -->`, and schemas. `cargo xtask generate` writes what is out of date.

use std::fs;
use std::sync::Mutex;

use chathub::cli::Cli;
use chathub::config::setting_names;
use clap::CommandFactory;

use crate::common::{Run, Site};
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

/// The flag that sets a setting: named as its key, with its table where that alone says too little.
fn flag(setting: &str) -> String {
    let command = Cli::command();
    let key = setting.rsplit('.').next().unwrap();
    let long = setting.replace('.', "-");
    if setting == "site" {
        return "`SITE`".to_owned();
    }
    let known = |name: &str| {
        let commands = ["inject", "verify"].map(|name| command.find_subcommand(name).unwrap());
        let mut arguments = commands.iter().flat_map(|command| command.get_arguments());
        arguments.any(|argument| argument.get_long() == Some(name))
    };
    [key, long.as_str()]
        .into_iter()
        .find(|name| known(name))
        .map_or_else(String::new, |name| format!("`--{name}`"))
}

#[test]
fn settings() {
    let rows = setting_names().iter().map(|setting| {
        vec![
            format!("`{}`", setting.path),
            setting
                .default
                .map_or("–".to_owned(), |default| format!("`{default}`")),
            flag(setting.path),
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
    let rows = chathub::verify::ALL.iter().map(|rule| {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        vec![
            format!("`{}`", rule.id),
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
fn schema_of_the_report() {
    let schema = chathub::report::schema::report_schema();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let name = "schemas/report-v1.schema.json";
    let found = fs::read_to_string(path(name)).unwrap_or_default();
    is(name, "", &found, &text, &text);
}
