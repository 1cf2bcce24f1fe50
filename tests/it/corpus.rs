//! On thousands of real pages, every one comes out right before the judge, and goes back to what it was.
//!
//! The pages are not part of this repository: `cargo xtask corpus` fetches them and runs this.

use std::collections::BTreeMap;
use std::path::Path;

use crate::judge::{Expected, VendorComment, inserted_once, judge};
use crate::site::{Files, Site};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Names the folder of the pages.
const CORPUS: &str = "CHATHUB_CORPUS";

/// The content of files, without the times.
fn contents(files: &Files) -> BTreeMap<&Path, &[u8]> {
    let contents = files.iter();
    contents
        .map(|(path, (content, _))| (path.as_path(), &content[..]))
        .collect()
}

/// What is wrong with one page after `inject`.
fn wrong(before: &[u8], after: &[u8], expected: &Expected) -> Option<String> {
    let expected = std::slice::from_ref(expected);
    judge(before, after, expected, VendorComment::Stays)
        .and_then(|()| inserted_once(before, after).map(drop))
        .err()
}

/// Injects, judges, verifies, injects again, removes.
fn round_trip(name: &str, site: &Site, expected: impl FnOnce(&Site) -> Expected) {
    let source = site.files();
    let injected = site.run(&["inject"]);
    assert_eq!(injected.code, 0, "{name}: {}", injected.errors);
    let results = site.files();
    let expected = expected(site);

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages = Vec::new();
    for (path, page) in injected.pages() {
        let reason = match page.reason.as_str() {
            "" => String::new(),
            reason => format!(" ({reason})"),
        };
        *counts
            .entry(format!("{}{reason}", page.outcome))
            .or_default() += 1;
        match (page.outcome.as_str(), source.get(Path::new(&path))) {
            ("injected", Some(_)) => pages.push(path),
            ("skipped", None) => {}
            (outcome, before) => {
                let before = before.map(|(content, _)| content);
                let after = results.get(Path::new(&path)).map(|(content, _)| content);
                assert!(
                    outcome == "skipped" && before == after,
                    "{name}: {path}: {outcome}{reason}"
                );
            }
        }
    }
    let right = pages.len();
    let bytes: usize = pages.iter().map(|p| source[Path::new(p)].0.len()).sum();
    let wrong: Vec<String> = pages
        .into_par_iter()
        .filter_map(|path| {
            let key = Path::new(&path);
            let why = wrong(&source[key].0, &results[key].0, &expected)?;
            Some(format!("{path}: {why}"))
        })
        .collect();
    for (outcome, count) in counts {
        println!("{name}: {count} {outcome}");
    }
    println!(
        "{name}: {right} pages of {bytes} bytes judged, {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(right > 0, "no pages");

    let verified = site.run(&["verify"]);
    assert_eq!(verified.code, 0, "{name}: {}", verified.report["summary"]);
    let again = site.run(&["inject"]);
    assert_eq!(again.code, 0);
    assert!(
        site.files() == results,
        "{name}: a second run wrote something"
    );
    let removed = site.run(&["remove"]);
    assert_eq!(removed.code, 0);
    let restored = site.files();
    assert!(
        contents(&restored) == contents(&source),
        "{name}: remove left something else than there was"
    );
    println!("{name}: verify clean, a second inject wrote nothing, remove restored every file");
}

#[test]
fn every_page_comes_out_right_and_goes_back() {
    let Some(corpus) = std::env::var_os(CORPUS) else {
        println!(
            "SKIPPED: {CORPUS} is not set; cargo xtask corpus fetches real pages and runs this test on them"
        );
        return;
    };
    let corpus = Path::new(&corpus);
    let placeholder = Site::copy(None, corpus);
    round_trip("placeholder", &placeholder, |site| site.loader(&[]));
    drop(placeholder);

    let token = crate::common::token("support", 7200);
    let mut site = Site::copy(Some(crate::common::STATIC), corpus);
    site.set("SUPPORT_TOKEN", &token);
    round_trip("static", &site, |_| Expected::Widget {
        src: crate::common::WIDGET_SRC.to_owned(),
        organization: "support".to_owned(),
        token,
    });
}
