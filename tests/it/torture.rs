//! On the tree-construction cases of html5lib-tests and of justhtml, the hardest pages there are, nothing ever goes
//! silently wrong: each page comes out right before both judges, or is refused and stays as it was.
//!
//! The suites are not part of this repository: `cargo xtask torture` fetches them and runs this.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::judge::{VendorComment, inserted_once, judge};
use crate::site::Site;
use walkdir::WalkDir;

/// Names the folder with one folder of `.dat` files per suite.
const SUITES: &str = "CHATHUB_TORTURE";

/// The suites, and of a thousand cases the least that must come out right. Most of the others end within a comment.
const EXPECTED: [(&str, usize); 2] = [("html5lib", 988), ("justhtml", 960)];

/// Every file is a page, whatever is in it.
const EVERYTHING: &str =
    "[pages]\nfragments = true\nframesets = true\nredirects = true\namp = true\n";

/// The inputs of all cases that are whole documents, by a name for each.
fn cases(suite: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut cases = BTreeMap::new();
    for entry in WalkDir::new(suite).into_iter().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "dat") {
            continue;
        }
        let text = String::from_utf8(fs::read(path).unwrap()).unwrap();
        let file = path.strip_prefix(suite).unwrap().with_extension("");
        let file = file.to_string_lossy().replace(['/', '\\'], "-");
        let text = format!("\n{text}");
        for (number, case) in text.split("\n#data\n").skip(1).enumerate() {
            let (data, rest) = match case.strip_prefix("#errors\n") {
                Some(rest) => ("", rest),
                None => case.split_once("\n#errors\n").unwrap(),
            };
            if !rest.contains("#document-fragment\n") {
                cases.insert(format!("{file}-{number:03}.html"), data.into());
            }
        }
    }
    cases
}

/// What became of the cases.
#[derive(Debug, Default)]
struct Counts {
    right: usize,
    refused: Vec<String>,
    skipped: Vec<String>,
    /// What must never be.
    wrong: Vec<String>,
}

/// Injects into all cases, at the preferred position, and judges them.
fn torture(cases: &BTreeMap<String, Vec<u8>>, position: &str) -> Counts {
    let config = format!("{EVERYTHING}\n[widget]\nposition = \"{position}\"\n");
    let pages = cases.iter().map(|(name, page)| (name.as_str(), &page[..]));
    let site = Site::of(Some(&config), pages);
    let source = site.files();
    let injected = site.run(&["inject"]).pages();
    let results = site.files();
    let loader = [site.loader(&[])];
    let verified = site.run(&["verify"]).pages();
    let again = site.run(&["inject"]).pages();
    assert!(site.files() == results, "a second run wrote something");
    site.run(&["remove"]);
    let removed = site.files();
    let mut counts = Counts::default();
    for (name, before) in cases {
        let (page, after) = (&injected[name], &results[Path::new(name)].0);
        let text = String::from_utf8_lossy(before);
        let same = after == before;
        match page.outcome.as_str() {
            "refused" if same => counts
                .refused
                .push(format!("{name}: {}\n    {text:?}", page.reason)),
            "skipped" if same => counts.skipped.push(format!("{name}: {}", page.reason)),
            "injected" => {
                let verdict = judge(before, after, &loader, VendorComment::Stays)
                    .and_then(|()| inserted_once(before, after).map(drop))
                    .and_then(|()| match &verified[name].errors[..] {
                        [] => Ok(()),
                        errors => Err(format!("verify finds {errors:?}")),
                    })
                    .and_then(|()| match &again[name].outcome[..] {
                        "unchanged" => Ok(()),
                        outcome => Err(format!("the second time: {outcome}")),
                    });
                match verdict {
                    Ok(()) => counts.right += 1,
                    Err(why) => counts.wrong.push(format!("{name}: {why}\n    {text:?}")),
                }
            }
            outcome => counts
                .wrong
                .push(format!("{name}: {outcome}, {}\n    {text:?}", page.reason)),
        }
        if removed[Path::new(name)].0 != source[Path::new(name)].0 {
            counts
                .wrong
                .push(format!("{name}: not the same after remove\n    {text:?}"));
        }
    }
    counts
}

#[test]
fn nothing_goes_silently_wrong() {
    let Some(suites) = std::env::var_os(SUITES) else {
        println!(
            "SKIPPED: {SUITES} is not set; cargo xtask torture fetches the suites and runs this test on them"
        );
        return;
    };
    for (suite, least) in EXPECTED {
        let cases = cases(&Path::new(&suites).join(suite));
        assert!(cases.len() > 300, "only {} cases in {suite}", cases.len());
        for position in ["body-end", "head-end"] {
            let counts = torture(&cases, position);
            for list in [&counts.refused, &counts.skipped, &counts.wrong] {
                for line in list {
                    println!("  {line}");
                }
            }
            let (right, wrong) = (counts.right, counts.wrong.len());
            println!(
                "{suite}, {position}: {} cases: {right} right, {} refused, {} skipped, {wrong} wrong",
                cases.len(),
                counts.refused.len(),
                counts.skipped.len()
            );
            assert_eq!(wrong, 0, "{:#?}", counts.wrong);
            let share = format!("{right} of {}", cases.len());
            assert!(right * 1_000 >= cases.len() * least, "{share}");
        }
    }
}
