//! The documentation is true: examples are tried on the program, links lead somewhere. What is made from the program is in
//! [`crate::generated`].

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use chathub::internal::cli::Cli;
use chathub::internal::settings::{Inputs, load, setting_names};
use clap::{CommandFactory, Parser};

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(crate) fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

/// Every page of the book, except its table of contents.
pub(crate) fn book() -> Vec<String> {
    let mut pages = Vec::new();
    for folder in ["docs", "docs/findings", "docs/generators"] {
        for entry in fs::read_dir(path(folder)).unwrap() {
            let file = PathBuf::from(entry.unwrap().file_name());
            let is_page = file.extension().is_some_and(|extension| extension == "md");
            if is_page && file != Path::new("SUMMARY.md") {
                pages.push(format!("{folder}/{}", file.display()));
            }
        }
    }
    pages.sort();
    pages
}

/// The documents for people.
pub(crate) fn documents() -> Vec<String> {
    let others = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "fixtures/README.md",
        "docs/SUMMARY.md",
    ];
    book()
        .into_iter()
        .chain(others.map(str::to_owned))
        .collect()
}

/// The table of the runtime's options names every option that its types and the settings know.
#[test]
fn options_of_the_runtime() {
    let page = read("docs/options.md");
    let rows: Vec<Vec<&str>> = page
        .split("\n\n")
        .find(|block| block.starts_with("| `chathub.toml`"))
        .expect("a table")
        .lines()
        .skip(2)
        .map(|row| row.split('|').map(str::trim).collect())
        .collect();
    let column = |at: usize| {
        rows.iter()
            .map(move |row| row[at].trim_matches(['`', ' ', '°']))
    };
    let types = read("runtime/src/types.ts");
    let options = types.split("export interface Options {").nth(1).unwrap();
    let options = options.split("\n}").next().unwrap().lines();
    let mut options: Vec<&str> = options
        .filter_map(|line| line.strip_prefix("  ")?.split_once("?:"))
        .map(|(name, _)| name)
        .collect();
    let mut named: Vec<&str> = column(3).collect();
    options.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, options);
    for setting in setting_names().iter().map(|setting| setting.path) {
        let key = setting.strip_prefix("placeholder.");
        // Where the runtime lies, and what stands beside it and its tag, is not for it to know.
        let known = ["asset-dir", "base-url", "contact-link", "route-file"];
        if let Some(key) = key.filter(|key| !known.contains(key)) {
            assert!(
                column(1).any(|name| name.trim_end_matches("` ") == key),
                "{key}"
            );
        }
    }
    // The table of settings says the same about attributes.
    for (key, attribute) in column(1).zip(column(2)) {
        let rows = setting_names().iter();
        let mut rows =
            rows.filter(|row| row.path == key || row.path == format!("placeholder.{key}"));
        if let Some(row) = rows.next() {
            assert_eq!(row.attribute, Some(attribute), "{key}");
        }
    }
    for (name, attribute) in column(3).zip(column(2)).filter(|(_, a)| *a != "–") {
        let twin = match name {
            "nonce" => "nonce".to_owned(),
            name => format!("data-{name}"),
        };
        assert_eq!(attribute, twin);
    }
}

/// The fenced blocks of a language in a document.
pub(crate) fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = read(document);
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn configurations_in_the_documents_work() {
    let documents = documents();
    let blocks: Vec<String> = documents
        .iter()
        .flat_map(|document| blocks(document, "toml"))
        .collect();
    assert!(blocks.len() > 15, "{}", blocks.len());
    for block in blocks {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("chathub.toml"), &block).unwrap();
        let inputs = Inputs {
            folder: folder.path().to_path_buf(),
            known_rules: &chathub::internal::steps::verify::ids(),
            ..Inputs::default()
        };
        load(&inputs).unwrap_or_else(|error| panic!("{error}\n{block}"));
    }
}

#[test]
fn commands_in_the_documents_can_be_typed() {
    let mut tried = 0;
    for document in documents() {
        for line in ["sh", "yaml"]
            .iter()
            .flat_map(|language| blocks(&document, language))
        {
            for line in line.lines() {
                let line = line
                    .split(" #")
                    .next()
                    .unwrap()
                    .trim()
                    .trim_start_matches("- ");
                let line = line.trim_start_matches("run: ");
                let at = line
                    .find("chathub ")
                    .filter(|at| *at == 0 || line.contains("&& chathub "));
                let Some(line) = at.map(|at| &line[at..]).or_else(|| {
                    line.split_once("cargo run --locked -- ")
                        .map(|(_, rest)| rest)
                }) else {
                    continue;
                };
                let words = line.split_whitespace().filter(|word| *word != "chathub");
                let words = std::iter::once("chathub")
                    .chain(words)
                    .take_while(|word| !["<", ">", "|"].contains(word));
                if let Err(error) = Cli::try_parse_from(words) {
                    panic!("{document}: {line}\n{error}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

/// Where a path that developers are sent to may begin.
const BEGINNINGS: [&str; 4] = ["", "src", "tests", "runtime"];

#[test]
fn files_that_developers_are_sent_to_exist() {
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = read(document);
        // Every other part is code; with the three marks of a block, that comes out right as well.
        let mut tried = 0;
        for name in text.split('`').skip(1).step_by(2) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            let has_placeholder = name
                .split(['/', '.'])
                .any(|part| ["ID", "NAME"].contains(&part));
            let is_made = name.starts_with(['/', '.']) || name.starts_with("target/");
            if !name.contains('/') || !name.chars().all(is_path) || has_placeholder || is_made {
                continue;
            }
            assert!(
                BEGINNINGS.iter().any(|from| path(from).join(name).exists()),
                "{document} names {name}, which does not exist"
            );
            tried += 1;
        }
        assert!(tried > 10, "{document}: {tried}");
    }
}

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let text = read(&document);
        let folder = path(&document).parent().unwrap().to_owned();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if target.starts_with("http") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                path(&document)
            } else {
                folder.join(file)
            };
            assert!(file.exists(), "{document}: {target}");
            // A link out of the book would lead nowhere once it is a site.
            assert!(
                !document.starts_with("docs/")
                    || file.canonicalize().unwrap().starts_with(path("docs")),
                "{document}: {target} leaves the book"
            );
            if !anchor.is_empty() {
                let text = fs::read_to_string(file).unwrap();
                assert!(
                    anchors(&text).contains(&anchor.to_owned()),
                    "{document}: {target}"
                );
            }
        }
    }
}

/// The anchors of a document's headings, as GitHub and GitLab make them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let mut anchor = String::new();
            for c in line.trim_start_matches('#').trim().to_lowercase().chars() {
                match c {
                    ' ' => anchor.push('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => {
                        let _ = write!(anchor, "{c}");
                    }
                    _ => {}
                }
            }
            anchor
        })
        .collect()
}

#[test]
fn the_table_of_contents_lists_every_page() {
    let summary = read("docs/SUMMARY.md");
    for page in book() {
        let name = page.strip_prefix("docs/").unwrap();
        assert_eq!(summary.matches(&format!("]({name})")).count(), 1, "{page}");
    }
}

/// People decide by it whether to go on.
#[test]
fn the_readme_is_short() {
    let length = read("README.md").len();
    assert!(length <= 10_000, "{length} bytes");
}

/// The rows of STYLE.md: what to avoid, and where it may stay.
fn phrases() -> Vec<(String, Vec<String>)> {
    let style = read("STYLE.md");
    let rows = style.lines().filter(|line| line.starts_with("| "));
    let phrases: Vec<(String, Vec<String>)> = rows
        .skip(2)
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let fine = cells[2].split(", ").filter(|phrase| !phrase.is_empty());
            (cells[0].to_owned(), fine.map(str::to_owned).collect())
        })
        .collect();
    assert!(phrases.len() > 15, "{}", phrases.len());
    phrases
}

/// The string literals of a Rust file, without doc comments and tests.
fn literals(tokens: proc_macro2::TokenStream, found: &mut Vec<String>) {
    use proc_macro2::TokenTree;
    let mut last = [String::new(), String::new()];
    for token in tokens {
        match &token {
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.contains('"') && text.contains(' ') {
                    found.push(text);
                }
            }
            TokenTree::Group(group) => {
                let inner = group.stream();
                let is_doc = last[1] == "#" && inner.to_string().starts_with("doc ");
                if !is_doc && last != ["mod", "tests"] {
                    literals(inner, found);
                }
            }
            _ => {}
        }
        last.rotate_left(1);
        last[1] = token.to_string();
    }
}

/// All that `clap` prints for a command and those below it.
fn helps(command: &mut clap::Command, found: &mut Vec<(String, String)>) {
    found.push((
        format!("the help of `{}`", command.get_name()),
        command.render_long_help().to_string(),
    ));
    for command in command.get_subcommands_mut() {
        helps(command, found);
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() {
            rust_files(&path, found);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// STYLE.md says why.
#[test]
fn what_people_read_is_plain_english() {
    let mut texts: Vec<(String, String)> = documents()
        .into_iter()
        .chain([
            "chathub.toml.example".to_owned(),
            "runtime/README.md".to_owned(),
        ])
        .map(|document| (document.clone(), read(&document)))
        .collect();
    helps(&mut Cli::command(), &mut texts);
    let mut files = Vec::new();
    rust_files(&path("src"), &mut files);
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let mut found = Vec::new();
        literals(source.parse().unwrap(), &mut found);
        let comments = source.lines().map(|line| {
            let text = line.trim_start().strip_prefix("//").unwrap_or("\n");
            text.trim_start_matches(['/', '!'])
        });
        let comments = comments.collect::<Vec<_>>().join(" ");
        found.extend(comments.split('\n').map(str::to_owned));
        let name = file.strip_prefix(path("")).unwrap().display().to_string();
        texts.extend(found.into_iter().map(|text| (name.clone(), text)));
    }
    let phrases = phrases();
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let text = text
            .to_lowercase()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for (phrase, fine) in &phrases {
            let text = fine
                .iter()
                .fold(text.clone(), |text, fine| text.replace(fine, ""));
            let is_letter = |c: char| c.is_alphanumeric();
            let stands = text.match_indices(phrase).find(|(at, _)| {
                !text[..*at].ends_with(is_letter)
                    && !text[at + phrase.len()..].starts_with(is_letter)
            });
            if let Some((at, _)) = stands {
                let around: String = text[at..].chars().take(60).collect();
                wrong.push(format!("{name}: {around}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "STYLE.md says what to write:\n{}",
        wrong.join("\n")
    );
}
