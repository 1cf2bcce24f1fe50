//! The JSON schema of `chathub.toml`: made from the table of settings, and of one mind with the program.

use std::fs;
use std::path::{Path, PathBuf};

use chathub::internal::settings::{Inputs, Kind, Level, Setting, load, rows};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::common::{Site, plain};
use crate::docs::{blocks, documents, path, read};
use crate::init::switch_on;

/// What `schemas/chathub.schema.json` should be.
pub(crate) fn schema() -> Value {
    let mut root = table("");
    let properties = |table: &mut Value| table["properties"].take().as_object().cloned();
    let mut all = properties(&mut root).unwrap();
    for name in [
        "placeholder",
        "widget",
        "customer-widget",
        "pages",
        "derived",
        "verify",
        "csp",
        "derived",
        "api",
        "endpoint",
    ] {
        all.insert(name.to_owned(), table(&format!("{name}.")));
    }
    all["placeholder"]["properties"]["texts"] = texts(&["loading", "failed", "contact"]);
    let rules = chathub::internal::steps::verify::ids().into_iter();
    let severities: Map<String, Value> = rules
        .map(|rule| (rule.to_owned(), json!({ "enum": Level::NAMES })))
        .collect();
    all["verify"]["properties"]["severity"] =
        json!({ "type": "object", "properties": severities, "additionalProperties": false });
    let mut one = table("verify.overrides.*.");
    one["properties"]["severity"] = all["verify"]["properties"]["severity"].clone();
    one["required"] = json!(["match", "severity"]);
    all["verify"]["properties"]["overrides"] = json!({
        "type": "array",
        "description": "Severities of what is found in some files of the site; the last one that matches wins.",
        "items": one,
    });
    let mut organization = table("organizations.*.");
    organization["properties"]["texts"] = texts(&["loading", "failed", "contact", "label"]);
    organization["properties"]["attributes"] = json!({
        "type": "object",
        "description": "With the customer widget: further attributes of its tag, such as main-color, by name.",
        "additionalProperties": { "type": "string" },
    });
    all.insert(
        "organizations".to_owned(),
        json!({
            "type": "object",
            "description": "The ChatHub organizations, by names of your choice.",
            "patternProperties": { "^[A-Za-z0-9][A-Za-z0-9_-]*$": organization },
            "additionalProperties": false,
        }),
    );
    let mut rule = table("rules.*.");
    let wants = ["organization", "organizations", "widget"].map(|key| json!({ "required": [key] }));
    rule["oneOf"] = json!(wants);
    all.insert(
        "rules".to_owned(),
        json!({
            "type": "array",
            "description": "All conditions of a rule must hold, and the last rule that holds wins.",
            "items": rule,
        }),
    );
    root["properties"] = json!(all);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("chathub.toml");
    root
}

/// A table with the rows whose path is this prefix and one key.
fn table(prefix: &str) -> Value {
    let rows = rows().iter().filter_map(|row| {
        let key = row.path.strip_prefix(prefix)?;
        (!key.contains('.')).then(|| (key.to_owned(), value(row)))
    });
    let properties: Map<String, Value> = rows.collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Texts for visitors, of which these may be given: for every language, or in a table for one.
fn texts(words: &[&str]) -> Value {
    let mut wording = table("*.texts.");
    let all = wording["properties"].as_object_mut().unwrap();
    all.retain(|word, _| words.contains(&word.as_str()));
    let mut texts = wording.clone();
    let words = words.join("|");
    let language = format!(r"^(?!({words})$)(\*|[A-Za-z0-9]{{1,8}}(-[A-Za-z0-9]{{1,8}})*)$");
    texts["patternProperties"] = json!({ language: wording });
    texts
}

fn value(row: &Setting) -> Value {
    let mut value = match row.kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
        Kind::Count(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Path => json!({ "type": "string", "minLength": 1 }),
        Kind::Duration => json!({ "type": "string", "pattern": "^([0-9]+[smhd])+$" }),
        Kind::Choice(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            json!({ "enum": words })
        }
        Kind::List => json!({
            "oneOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            ]
        }),
        Kind::Operator => json!({
            "oneOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "minLength": 1 }]
        }),
        Kind::Secret => {
            let mut sources = table("*.");
            sources["minProperties"] = json!(1);
            sources["maxProperties"] = json!(1);
            sources
        }
    };
    value["description"] = json!(row.description());
    if let Some(default) = row.default {
        value["default"] = parsed(&format!("value = {default}"))["value"].clone();
    }
    value
}

fn parsed(text: &str) -> Value {
    let table: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    serde_json::to_value(table).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

/// Whether the program takes a file of this text.
fn is_taken(text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("chathub.toml"), text).unwrap();
    let inputs = Inputs {
        folder: folder.path().to_path_buf(),
        known_rules: &chathub::internal::steps::verify::ids(),
        ..Inputs::default()
    };
    load(&inputs).is_ok()
}

/// The files of configurations below a folder.
fn configurations(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            configurations(&path, found);
        } else if path.ends_with("chathub.toml") || path.ends_with(".chathub.toml") {
            found.push(path);
        }
    }
}

#[test]
fn it_is_a_schema() {
    jsonschema::meta::validate(&schema()).unwrap();
}

#[test]
fn init_prints_it_and_names_it_in_what_it_writes() {
    let site = Site::of(plain());
    let printed = site.ok("init --schema").stdout.clone();
    assert_eq!(printed, read("schemas/chathub.schema.json"));
    let written = site.ok("init --stdout").stdout.clone();
    assert!(written.starts_with("#:schema chathub.schema.json\n"));
    let validator = validator();
    for text in [switch_on(&written), written] {
        assert!(validator.is_valid(&parsed(&text)), "{text}");
    }
}

#[test]
fn every_configuration_here_fits() {
    let validator = validator();
    let mut files = Vec::new();
    for folder in ["fixtures", "examples", "bench"] {
        configurations(&path(folder), &mut files);
    }
    assert!(files.len() > 20, "{}", files.len());
    let example = read("chathub.toml.example");
    let switched_on = crate::config_example::switched_on();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let documents = documents();
    let blocks = documents
        .iter()
        .flat_map(|document| blocks(document, "toml"));
    for text in texts.chain([example, switched_on]).chain(blocks) {
        if let Err(error) = validator.validate(&parsed(&text)) {
            panic!("{}: {error}\n{text}", error.instance_path());
        }
    }
}

/// A document in which a row has this value, and what goes with it.
fn document(row: &Setting, value: &str) -> String {
    let path = row.path;
    let organizations = "organizations.support = { id = 1, contact = \"tel:112\" }\n\
                         organizations.sales.id = 2\n";
    if let Some(key) = path.strip_prefix("rules.*.") {
        let wants = match key {
            "match" | "not" | "lang" | "min-pages" => "widget = false, ",
            _ => "",
        };
        return format!(
            "rules = [{{ {wants}{key} = {value} }}]\ndefault-organization = \"support\"\n{organizations}"
        );
    }
    if let Some(key) = path.strip_prefix("verify.overrides.*.") {
        let matches = match key {
            "match" => "",
            _ => "match = \"a/\", ",
        };
        return format!("verify.overrides = [{{ {matches}{key} = {value}, severity = {{ }} }}]\n");
    }
    let key = row.key();
    if path.starts_with("*.texts.") {
        format!("organizations.support.texts.{key} = {value}\n{organizations}").replace(
            "organizations.support = { id = 1,",
            "organizations.other = { id = 1,",
        ) + "organizations.support.id = 3\n"
    } else if path.starts_with("*.") {
        format!("api.password.{key} = {value}\n{organizations}")
    } else if let Some(key) = path.strip_prefix("organizations.*.") {
        let more = match (key, value) {
            ("id", _) => "",
            ("guid", _) => "organizations.a.widget = \"customer\"\n",
            ("widget", "\"customer\"") => {
                "organizations.a.guid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"\n"
            }
            _ => "organizations.a.id = 7\n",
        };
        format!("organizations.a.{key} = {value}\n{more}{organizations}")
    } else {
        format!("{path} = {value}\n{organizations}")
    }
}

#[test]
fn it_takes_what_the_program_takes_and_refuses_what_that_refuses_by_its_type() {
    let validator = validator();
    for row in rows() {
        for value in row.default.iter().chain([&row.example]) {
            let text = document(row, value);
            assert!(is_taken(&text), "{text}");
            assert!(validator.is_valid(&parsed(&text)), "{text}");
        }
        let fits = |value: &str| match row.kind {
            Kind::Flag => value == "true",
            Kind::Count(..) => value == "7",
            Kind::Operator => value == "7" || value == "\"x\"",
            Kind::Text | Kind::Path => value == "\"x\"",
            Kind::List => value == "\"x\"" || value == "[\"x\"]",
            Kind::Duration | Kind::Choice(_) | Kind::Secret => false,
        };
        let values = [
            "true",
            "7",
            "-7",
            "1.5",
            "\"x\"",
            "\"\"",
            "[\"x\"]",
            "[]",
            "[7]",
            "{ x = 1 }",
            "2020-01-01",
        ];
        for value in values.into_iter().filter(|value| !fits(value)) {
            let text = document(row, value);
            // Texts are refused for what they say, which is more than their type.
            let is_type = !(value == "\"\"" && matches!(row.kind, Kind::Text | Kind::List));
            if is_type && !is_taken(&text) {
                assert!(!validator.is_valid(&parsed(&text)), "{text}");
            }
        }
        let wrong = match row.kind {
            Kind::Flag => "\"true\"",
            Kind::Count(_, u64::MAX) => "-1",
            Kind::Count(..) => "1000001",
            Kind::Duration => "\"soon\"",
            Kind::Choice(_) => "\"neither\"",
            Kind::Secret => "{ env = \"A\", file = \"b\" }",
            Kind::List => "[]",
            Kind::Text | Kind::Path | Kind::Operator => "true",
        };
        let text = document(row, wrong);
        assert!(
            !is_taken(&text) && !validator.is_valid(&parsed(&text)),
            "{text}"
        );
    }
    for text in [
        "sight = 1",
        "placeholder.endpont = \"/x\"",
        "placeholder = 3",
        "placeholder.texts.label = \"x\"",
        "placeholder.texts.it_IT.failed = \"x\"",
        "placeholder.texts.it.label = \"x\"",
        "organizations.a = 3",
        "organizations.\"a b\".id = 1",
        "organizations.a.attributes.main-color = 3",
        "verify.severity.no-such-rule = \"off\"",
        "verify.severity.missing-instance = \"of\"",
        "verify.overrides = { match = \"a/\", severity = { } }",
        "verify.overrides = [3]",
        "verify.overrides = [{ match = \"a/\" }]",
        "verify.overrides = [{ severity = { wrong-id = \"off\" } }]",
        "verify.overrides = [{ match = \"a/\", severity = { wrong-di = \"off\" } }]",
        "verify.overrides = [{ match = \"a/\", severity = { wrong-id = \"of\" } }]",
        "verify.overrides = [{ match = \"a/\", severity = { }, organization = \"a\" }]",
        "rules = 3",
        "rules = [{ match = \"x\" }]",
        "rules = [{ widget = false, organization = \"a\" }]",
        "api.password = { }",
        "api.password = { vault = \"x\" }",
    ] {
        assert!(!is_taken(text), "{text}");
        assert!(!validator.is_valid(&parsed(text)), "{text}");
    }
}
