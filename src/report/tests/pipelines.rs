//! The formats for pipelines, held against what others have written about them; where that is from stands in
//! `src/report/contracts/README.md`.

use std::process::{Command, Stdio};

use super::*;
use crate::report::sample::Run;

/// Runs of every kind.
pub(super) fn runs() -> [Run; 6] {
    [
        sample::inject(),
        sample::dry_and_interrupted(),
        sample::verify(),
        baseline::baselined(),
        sample::clean(),
        sample::hostile(),
    ]
}

pub(super) fn plain(run: &Run, name: &str) -> String {
    render(run, format(name), Options::default())
}

/// The schema of SARIF.
fn sarif_schema() -> Value {
    let mut schema: Value =
        serde_json::from_str(include_str!("../contracts/sarif-2.1.0.schema.json")).unwrap();
    // The pattern of a language has a bracket too many, and so is not a regular expression. We say no language.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        assert!(
            language
                .as_object_mut()
                .unwrap()
                .remove("pattern")
                .is_some()
        );
    }
    schema
}

/// What a schema has against a document.
fn objections(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap();
    let errors = validator.iter_errors(document);
    errors.map(|error| error.to_string()).collect()
}

/// As it stands in a snapshot, without what changes with each version.
pub(super) fn without_version(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// How many findings there are to report, pages included that could not be handled.
pub(super) fn findings(run: &Run) -> u64 {
    let of = |kind| run.summary.tally.of(kind);
    let refused = of(crate::event::OutcomeKind::Refused) + of(crate::event::OutcomeKind::Failed);
    run.summary.tally.findings.all() + run.summary.tally.baselined + refused
}

#[test]
fn sarif() {
    let text = plain(&sample::verify(), "sarif");
    assert_snapshot(without_version(&text), "verify.sarif");
}

#[test]
fn sarif_is_as_its_schema_says() {
    let schema = sarif_schema();
    for run in runs() {
        let text = plain(&run, "sarif");
        assert!(!text.contains(|c| c != '\n' && crate::report::text::is_unsafe(c)));
        let document: Value = serde_json::from_str(&text).unwrap();
        let objections = objections(&schema, &document);
        assert!(objections.is_empty(), "{objections:#?} in {text}");
        let run_object = &document["runs"][0];
        let results = run_object["results"].as_array().unwrap();
        assert_eq!(results.len() as u64, findings(&run));
        let mut fingerprints = std::collections::BTreeSet::new();
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let rule = &run_object["tool"]["driver"]["rules"][index];
            assert_eq!(rule["id"], result["ruleId"]);
            let fingerprint = result["partialFingerprints"]["chathub/v1"].as_str();
            assert!(fingerprints.insert(fingerprint.unwrap().to_owned()));
        }
    }
    // The schema must be able to say no.
    let wrong = serde_json::json!({ "version": "2.1.0", "runs": [{ "results": [] }] });
    assert!(!objections(&schema, &wrong).is_empty());
}

#[test]
fn the_addresses_in_sarif_lead_to_the_files() {
    let run = sample::hostile();
    let document: Value = serde_json::from_str(&plain(&run, "sarif")).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    // What a reader puts in the place of %SRCROOT%, and how it resolves addresses.
    let root = url::Url::parse("file:///checkout/").unwrap();
    for (page, results) in run.pages.iter().zip(results.chunks(2)) {
        let location = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(location["uriBaseId"], "%SRCROOT%");
        let file = root.join(location["uri"].as_str().unwrap()).unwrap();
        let path = percent_encoding::percent_decode_str(file.path());
        let expected = format!("/checkout/docs/public/{}", page.path);
        assert_eq!(path.decode_utf8().unwrap(), expected);
    }
}

/// Has libxml2 read a document, by a schema if there is one.
fn xmllint(text: &str, schema: Option<&str>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/contracts");
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet"]);
    if let Some(schema) = schema {
        command.arg("--schema").arg(folder.join(schema));
    }
    command
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("xmllint, from `cargo xtask setup`");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors} in {text}");
}

#[test]
fn junit() {
    assert_snapshot(plain(&sample::verify(), "junit"), "verify.junit.xml");
    assert_snapshot(plain(&sample::inject(), "junit"), "inject.junit.xml");
}

#[test]
fn junit_is_as_the_schema_of_jenkins_says() {
    for run in runs() {
        let text = plain(&run, "junit");
        xmllint(&text, Some("junit-10.xsd"));
        let count = |what: &str| text.matches(what).count();
        let sums = |name: &str| -> usize {
            let attribute = format!(" {name}=\"");
            let values = text.split(&attribute).skip(1);
            let numbers = values.map(|rest| rest.split('"').next().unwrap().parse::<usize>());
            numbers.map(Result::unwrap).sum()
        };
        assert_eq!(sums("tests"), count("<testcase "));
        assert_eq!(sums("failures"), count("<failure "));
        assert_eq!(sums("errors"), count("<error "));
        assert_eq!(sums("skipped"), count("<skipped "));
    }
}

#[test]
fn checkstyle() {
    assert_snapshot(
        plain(&sample::verify(), "checkstyle"),
        "verify.checkstyle.xml",
    );
    for run in runs() {
        let text = plain(&run, "checkstyle");
        xmllint(&text, None);
        assert_eq!(text.matches("<error ").count() as u64, findings(&run));
    }
}

#[test]
fn github() {
    assert_snapshot(plain(&sample::verify(), "github"), "verify.github.txt");
}

/// What the runner of GitHub makes of a line: level, properties, message.
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let undo = |text: &str| {
        [
            ("%3A", ":"),
            ("%2C", ","),
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%25", "%"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (level, properties) = head.split_once(' ').unwrap();
    let properties = properties.split(',').map(|property| {
        let (name, value) = property.split_once('=').unwrap();
        (name.to_owned(), undo(value))
    });
    (level.to_owned(), properties.collect(), undo(message))
}

#[test]
fn annotations_are_what_the_runner_reads() {
    let run = sample::hostile();
    let text = plain(&run, "github");
    let mut errors = text
        .lines()
        .map(command)
        .filter(|(level, ..)| level == "error");
    for page in &run.pages {
        let (_, properties, message) = errors.next().unwrap();
        let path = crate::report::escape(&page.path);
        assert_eq!(
            properties[0],
            ("file".to_owned(), format!("docs/public/{path}"))
        );
        let first = page.findings[0].message.split('\n').next().unwrap();
        assert_eq!(
            message.lines().next().unwrap(),
            crate::report::escape(first)
        );
    }
    assert!(errors.next().is_none());
}

#[test]
fn github_is_given_no_more_than_it_shows_and_a_count_of_the_rest() {
    let mut run = sample::verify();
    let many = run.pages[1].clone();
    for _ in 0..500 {
        run.pages.insert(1, many.clone());
    }
    let text = plain(&run, "github");
    let count = |level: &str| text.lines().filter(|line| line.starts_with(level)).count();
    assert_eq!((count("::error "), count("::warning ")), (10, 3));
    // The rare ones are not lost among the many.
    assert!(text.contains("wrong-src") && text.contains("duplicate-instance"));
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("::notice title=chathub::499 more errors that "),
        "{last}"
    );
}

#[test]
fn gitlab() {
    assert_snapshot(plain(&sample::verify(), "gitlab"), "verify.gitlab.json");
    // What GitLab's documentation of Code Quality asks of an issue.
    let schema = serde_json::json!({ "type": "array", "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": { "type": "string", "minLength": 1 },
            "check_name": { "type": "string" },
            "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
            "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
            "location": { "type": "object", "required": ["path"], "properties": {
                "path": { "type": "string", "pattern": "^[^./]" },
            }, "oneOf": [
                { "required": ["lines"], "properties": { "lines": {
                    "required": ["begin"], "properties": { "begin": { "type": "integer", "minimum": 1 } } } } },
                { "required": ["positions"], "properties": { "positions": {
                    "required": ["begin"], "properties": { "begin": {
                        "required": ["line"], "properties": { "line": { "type": "integer", "minimum": 1 } } } } } } },
            ] },
        },
    } });
    for run in runs() {
        let document: Value = serde_json::from_str(&plain(&run, "gitlab")).unwrap();
        let objections = objections(&schema, &document);
        assert!(objections.is_empty(), "{objections:#?}");
        let issues = document.as_array().unwrap();
        assert_eq!(issues.len() as u64, findings(&run));
        let fingerprints: std::collections::BTreeSet<_> = issues
            .iter()
            .map(|issue| issue["fingerprint"].as_str())
            .collect();
        assert_eq!(fingerprints.len(), issues.len());
    }
}

#[test]
fn markdown() {
    assert_snapshot(plain(&sample::verify(), "markdown"), "verify.md");
    assert_snapshot(plain(&sample::inject(), "markdown"), "inject.md");
}

/// The cells of all tables, and all that is neither text nor the table itself.
fn markdown_cells(text: &str) -> (Vec<String>, Vec<String>) {
    use pulldown_cmark::{Event as Part, Options, Parser, Tag};
    let (mut cells, mut others) = (Vec::new(), Vec::new());
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    for part in Parser::new_ext(text, options) {
        match part {
            Part::Start(Tag::TableCell) => cells.push(String::new()),
            Part::Text(text) => {
                if let Some(cell) = cells.last_mut() {
                    cell.push_str(&text);
                }
            }
            Part::Start(
                Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::CodeBlock(_),
            )
            | Part::Html(_)
            | Part::InlineHtml(_)
            | Part::Code(_)
            | Part::FootnoteReference(_) => others.push(format!("{part:?}")),
            _ => {}
        }
    }
    (cells, others)
}

#[test]
fn what_a_page_says_means_nothing_in_markdown() {
    let run = sample::hostile();
    let text = plain(&run, "markdown");
    let (cells, others) = markdown_cells(&text);
    assert_eq!(others, Vec::<String>::new(), "{text}");
    for page in &run.pages {
        let path = crate::report::escape(&page.path);
        let found = cells
            .iter()
            .any(|cell| cell.starts_with(&format!("docs/public/{path} ")));
        assert!(found, "{path} is not in {cells:#?}");
    }
}

#[test]
fn a_job_summary_is_no_larger_than_github_takes() {
    let mut run = sample::verify();
    let many = run.pages[1].clone();
    run.pages = vec![many; 20_000];
    let text = plain(&run, "markdown");
    assert!(
        (800_000..=1024 * 1024).contains(&text.len()),
        "{}",
        text.len()
    );
    let last = text.lines().last().unwrap();
    let shown = text.matches("| error | missing-instance |").count();
    let left = crate::report::text::number(20_001 - shown as u64);
    assert_eq!(
        last,
        format!("… and {left} more findings that this summary has no room for.")
    );
}

#[test]
fn every_format_says_the_same_twice_and_nothing_that_acts_on_a_terminal() {
    for run in runs() {
        for &format in Format::ALL {
            let text = plain(&run, format.name());
            assert_eq!(text, plain(&run, format.name()), "{format}");
            let acts = text
                .chars()
                .find(|&c| c != '\n' && crate::report::text::is_unsafe(c));
            assert_eq!(acts, None, "{format}: {text}");
        }
    }
}

#[test]
fn what_fails_the_run_fails_in_junit_and_is_counted_in_markdown() {
    use crate::event::Severity;
    for (fail_on, failures, words) in [
        (Severity::Error, 9, "9 findings fail the run"),
        (Severity::Warning, 10, "12 findings fail the run"),
        (Severity::Note, 11, "13 findings fail the run"),
    ] {
        let mut run = sample::verify();
        run.fail_on = fail_on;
        let text = plain(&run, "junit");
        xmllint(&text, Some("junit-10.xsd"));
        assert_eq!(text.matches("<failure ").count(), failures, "{text}");
        assert!(plain(&run, "markdown").contains(words));
        assert!(plain(&run, "html").contains(words));
    }
}

#[test]
fn a_remedy_in_parentheses_ends_without_a_full_stop() {
    let text = plain(&sample::verify(), "checkstyle");
    let inject = plain(&sample::inject(), "checkstyle");
    for text in [text, inject] {
        assert!(text.contains("(help: ") && !text.contains(".)"), "{text}");
    }
}
