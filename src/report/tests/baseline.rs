//! Every format tells what is in the baseline from what is new.

use super::pipelines::plain;
use super::*;
use crate::event::Command;

/// `verify` with a baseline that has most of what it finds.
pub(super) fn baselined() -> Run {
    let Run {
        mut pages,
        mut site_findings,
        ..
    } = sample::verify();
    for page in &mut pages {
        let is_blog = page.path.starts_with("blog/") && page.path != "blog/g.html";
        // Of a page with two findings, one is new.
        let first = page.findings.first_mut();
        if let Some(first) = first.filter(|_| is_blog || page.path == "shop/index.html") {
            first.baselined = true;
        }
    }
    site_findings[0].baselined = true;
    let mut run = Run::new(Command::Verify, pages).with_site_findings(site_findings);
    run.has_baseline = true;
    run
}

#[test]
fn human_verify_with_a_baseline() {
    let run = baselined();
    let normal = human(&run, Verbosity::Normal, 80);
    assert_snapshot(normal, "verify-baselined.txt");
    let verbose = human(&run, Verbosity::Verbose, 120);
    assert_snapshot(verbose, "verify-baselined-verbose.txt");
    // What is known is nothing to those who want to see only what is wrong.
    let quiet = human(&run, Verbosity::Quiet, 80);
    assert_eq!(quiet.lines().count(), 5, "{quiet}");
}

#[test]
fn every_format_tells_what_is_in_the_baseline_from_what_is_new() {
    let run = baselined();
    let tally = &run.summary.tally;
    assert_eq!((tally.baselined, tally.findings.all()), (8, 5));
    let said =
        "8 findings in the baseline: 6 × missing-instance, 1 × duplicate-instance, 1 × unused-rule";

    let document: Value = serde_json::from_str(&plain(&run, "sarif")).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let is_known = result["suppressions"][0]["kind"] == "external";
        let state = if is_known { "unchanged" } else { "new" };
        assert_eq!(result["baselineState"], state, "{result}");
    }
    let known = results
        .iter()
        .filter(|one| one["baselineState"] == "unchanged");
    assert_eq!((known.count(), results.len()), (8, 13));

    let text = plain(&run, "junit");
    assert_eq!(text.matches("<skipped ").count(), 7, "{text}");
    assert_eq!(text.matches("<failure ").count(), 2, "{text}");
    assert!(text.contains("<property name=\"findings.baselined\" value=\"8\"/>"));

    for name in ["checkstyle", "gitlab", "markdown"] {
        let text = plain(&run, name).replace("\\(", "(").replace("\\)", ")");
        assert_eq!(
            text.matches("(in the baseline)").count(),
            8,
            "{name}: {text}"
        );
    }
    let text = plain(&run, "github");
    assert_eq!(
        text.matches("title=chathub missing-instance,").count(),
        1,
        "{text}"
    );
    let last = text.lines().last().unwrap();
    assert_eq!(last, format!("::notice title=chathub::{said}"));

    let text = plain(&run, "html");
    assert_eq!(text.matches("<tr data-baselined>").count(), 8);
    for name in ["html", "markdown"] {
        assert!(plain(&run, name).contains(said), "{name}");
    }

    let document: Value = serde_json::from_str(&plain(&run, "json")).unwrap();
    assert_eq!(document["summary"]["baselined"], 8);
    let summary = &document["summary"];
    let counted = ["errors", "warnings", "notes"].map(|of| summary[of].as_u64());
    assert_eq!(counted, [Some(2), Some(3), Some(0)]);
    for name in ["json", "ndjson"] {
        assert_eq!(plain(&run, name).matches("\"baselined\":true").count(), 8);
    }
}
