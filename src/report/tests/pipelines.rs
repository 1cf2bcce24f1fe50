//! The formats for pipelines, held against what others have written about them; where that is from stands in
//! `src/report/contracts/README.md`.

use super::*;
use crate::report::sample::Run;

/// Runs of every kind.
fn runs() -> [Run; 5] {
    [
        sample::inject(),
        sample::dry_and_interrupted(),
        sample::verify(),
        sample::clean(),
        sample::hostile(),
    ]
}

fn plain(run: &Run, name: &str) -> String {
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
fn without_version(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// How many findings there are to report, pages included that could not be handled.
fn findings(run: &Run) -> u64 {
    let of = |kind| run.summary.tally.of(kind);
    let refused = of(crate::event::OutcomeKind::Refused) + of(crate::event::OutcomeKind::Failed);
    run.summary.tally.findings.all() + refused
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
