//! Real generator output comes out right: every page's outcome is the one that was written down by hand from the
//! rules, every change stands before both judges, a second run writes nothing, and `remove` leaves no trace.
//!
//! With `CHATHUB_FRESH_FIXTURES` set, what the generators wrote just now is judged beside the committed output.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::judge::{
    Expected, VendorComment, inserted_once, judge, judge_xml, kept_outside, read, read_xml,
};
use crate::site::{Files, Page, Run, Site};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use walkdir::WalkDir;

/// The fixtures, and where each generator writes.
const FIXTURES: [(&str, &str); 18] = [
    ("angular", "dist"),
    ("astro", "dist"),
    ("demo", "public"),
    ("docusaurus", "build"),
    ("doxygen", "html"),
    ("eleventy", "_site"),
    ("epub", "book"),
    ("hugo", "public"),
    ("jekyll", "_site"),
    ("mdbook", "book"),
    ("mkdocs", "site"),
    ("next", "out"),
    ("pelican", "output"),
    ("sphinx", "_build/html"),
    ("sveltekit", "build"),
    ("vite-pwa", "dist"),
    ("vitepress", "dist"),
    ("zola", "public"),
];

/// Files that have to change with the pages.
const LISTS: [&str; 3] = ["ngsw.json", "service-worker.js", "sw.js"];

/// The committed copy of a fixture, and the fresh one where there is one.
fn copies(name: &str) -> Vec<PathBuf> {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let fresh = std::env::var_os("CHATHUB_FRESH_FIXTURES");
    let fresh = fresh.map(|folder| Path::new(&folder).join(name));
    // `cargo xtask build-fixtures` builds some of them afresh, and all only when asked to.
    let fresh = fresh.filter(|folder| folder.exists());
    [committed].into_iter().chain(fresh).collect()
}

/// A fixture's `expected.tsv`: the action of each page.
fn actions(fixture: &Path) -> BTreeMap<String, String> {
    let table = fs::read_to_string(fixture.join("expected.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let (path, action) = row.split_once('\t').expect(row);
        (path.to_owned(), action.to_owned())
    })
    .collect()
}

/// The outcome that an action stands for, the reason of a skip, and whose loader the page ends with.
fn meaning(action: &str) -> (&str, &str, Vec<String>) {
    let (verb, object) = action.split_once(':').unwrap_or((action, ""));
    let organizations = vec![object.to_owned()];
    match verb {
        "inject" => ("injected", "", organizations),
        "update" => ("updated", "", organizations),
        "deduplicate" => ("deduplicated", "", organizations),
        "remove" => ("removed", "", Vec::new()),
        "none" => ("unchanged", "", Vec::new()),
        "skip" => ("skipped", object, Vec::new()),
        _ => panic!("{action}"),
    }
}

/// Demands the outcome that a page's action stands for.
fn demand_outcome(path: &str, action: &str, page: &Page) {
    let (outcome, reason, organizations) = meaning(action);
    assert_eq!(page.outcome, outcome, "{path} ({action}): {}", page.reason);
    let says = page.reason.to_lowercase().contains(reason);
    assert!(says, "{path}: {:?} does not say {reason:?}", page.reason);
    if page.changed() {
        assert_eq!(page.organizations, organizations, "{path}");
    }
}

/// Puts one page before both judges.
fn demand_right(path: &str, before: &[u8], after: &[u8], expected: &[Expected]) {
    demand_judged(path, before, after, expected, VendorComment::Stays);
    if had_any(path, before) {
        kept_outside(before, after, false).unwrap_or_else(|e| panic!("{path}: {e}"));
    } else if expected.is_empty() {
        assert!(before == after, "{path} should not have changed");
    } else {
        inserted_once(before, after).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
}

/// Demands what the judge of pages that browsers read as this one demands.
fn demand_judged(
    path: &str,
    before: &[u8],
    after: &[u8],
    expected: &[Expected],
    comments: VendorComment,
) {
    let judge = if is_xml(path) { judge_xml } else { judge };
    judge(before, after, expected, comments).unwrap_or_else(|e| panic!("{path}: {e}"));
}

/// Whether browsers read a page as XML.
fn is_xml(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|end| end == "xhtml")
}

/// Whether a page has an instance.
fn had_any(path: &str, page: &[u8]) -> bool {
    let reading = if is_xml(path) {
        read_xml(page).unwrap_or_else(|e| panic!("{path}: {e}"))
    } else {
        read(page)
    };
    !reading.instances.is_empty()
}

/// Demands that a run ended well, and returns what it said of each page.
fn well(run: &Run) -> BTreeMap<String, Page> {
    assert_eq!(run.code, 0, "{}\n{:#}", run.errors, run.report);
    run.pages()
}

/// Demands that `verify` has nothing to say against the site.
fn demand_verified(site: &Site, arguments: &[&str]) {
    let run = site.run(arguments);
    for (path, page) in well(&run) {
        assert!(page.errors.is_empty(), "{path}: {:?}", page.errors);
    }
    let of_site = run.report["siteFindings"].as_array().unwrap();
    let errors = of_site
        .iter()
        .filter(|finding| finding["severity"] == "error");
    assert_eq!(errors.count(), 0, "{of_site:#?}");
}

/// Demands that a site after `remove` is what it was: to the byte and the nanosecond where nothing of ours ever was.
fn demand_removed(site: &Site, source: &Files) {
    well(&site.run(&["remove"]));
    let left = site.files();
    let paths = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&left), paths(source));
    assert!(!site.root.join(crate::site::ASSETS).exists());
    for (path, (before, _)) in source {
        let (after, _) = &left[path];
        let name = path.display().to_string();
        if !is_page(path) || !had_any(&name, before) {
            assert!(after == before, "{name} is not what it was");
        } else {
            demand_judged(&name, before, after, &[], VendorComment::MayGo);
            kept_outside(before, after, true).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }
}

/// Whether chathub takes a file for a page.
fn is_page(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["html", "htm", "xhtml"]
        .iter()
        .any(|page| extension == *page)
}

/// Everything that is promised of a site, on one fixture, with the tags at `position`.
fn prove(fixture: &Path, output: &str, position: &str) {
    let actions = actions(fixture);
    let config = fs::read_to_string(fixture.join("chathub.toml")).unwrap();
    let site = Site::copy(Some(&config), &fixture.join(output));
    let source = site.files();
    let with_config = |command| [command, "-c", "chathub.toml", "--position", position];

    let pages = well(&site.run(&with_config("inject")));
    let mut found: Vec<_> = source.keys().filter(|path| is_page(path)).collect();
    found.retain(|path| !actions.contains_key(&path.to_string_lossy().replace('\\', "/")));
    assert!(found.is_empty(), "not in expected.tsv: {found:?}");
    for (path, action) in &actions {
        let before = &source[Path::new(path)].0;
        let after = site.read(path);
        let page = pages.get(path);
        // Hidden folders are not looked into, so their pages may be missing in the report.
        match (page, action.as_str()) {
            (None, "skip:hidden") => {}
            (page, _) => demand_outcome(path, action, page.unwrap_or_else(|| panic!("{path}"))),
        }
        let (outcome, _, organizations) = meaning(action);
        if outcome == "skipped" {
            assert!(&after == before, "{path} was skipped and yet changed");
        } else if organizations.is_empty() {
            demand_right(path, before, &after, &[]);
        } else {
            demand_right(path, before, &after, &[site.loader(&organizations)]);
        }
    }
    for path in pages.keys() {
        assert!(actions.contains_key(path), "{path} is not in expected.tsv");
    }
    let now = site.files();
    let others = source.iter().filter(|(path, _)| !is_page(path));
    // Those that say something about pages are held against them in the module `derived`.
    let others = others.filter(|(path, _)| !LISTS.iter().any(|list| path.ends_with(list)));
    for (path, (before, written)) in others {
        assert!(
            now[path] == (before.clone(), *written),
            "{} is no page",
            path.display()
        );
    }

    demand_verified(&site, &with_config("verify"));
    demand_same_again(&site, &with_config("inject"));
    demand_removed(&site, &source);
}

/// Demands that another run writes nothing: the same files, to the byte and the nanosecond.
fn demand_same_again(site: &Site, arguments: &[&str]) {
    let before = site.files();
    for (path, page) in well(&site.run(arguments)) {
        assert!(
            !page.changed(),
            "{path} changed once more: {}",
            page.outcome
        );
    }
    let after = site.files();
    assert!(after.keys().eq(before.keys()), "files came or went");
    for (path, (bytes, written)) in &before {
        assert!(
            &after[path].0 == bytes,
            "{} was changed once more",
            path.display()
        );
        assert_eq!(
            &after[path].1,
            written,
            "{} was written once more",
            path.display()
        );
    }
}

/// Proves a fixture in all its copies.
fn prove_all(name: &str) {
    let (name, output) = FIXTURES.iter().find(|(n, _)| *n == name).unwrap();
    for fixture in copies(name) {
        for position in ["body-end", "head-end"] {
            prove(&fixture, output, position);
        }
    }
}

#[test]
fn angular() {
    prove_all("angular");
}

#[test]
fn astro() {
    prove_all("astro");
}

#[test]
fn demo() {
    prove_all("demo");
}

#[test]
fn docusaurus() {
    prove_all("docusaurus");
}

#[test]
fn doxygen() {
    prove_all("doxygen");
}

#[test]
fn epub() {
    prove_all("epub");
}

#[test]
fn eleventy() {
    prove_all("eleventy");
}

#[test]
fn hugo() {
    prove_all("hugo");
}

#[test]
fn jekyll() {
    prove_all("jekyll");
}

#[test]
fn mdbook() {
    prove_all("mdbook");
}

#[test]
fn mkdocs() {
    prove_all("mkdocs");
}

#[test]
fn next() {
    prove_all("next");
}

#[test]
fn pelican() {
    prove_all("pelican");
}

#[test]
fn sphinx() {
    prove_all("sphinx");
}

#[test]
fn sveltekit() {
    prove_all("sveltekit");
}

#[test]
fn vite_pwa() {
    prove_all("vite-pwa");
}

#[test]
fn vitepress() {
    prove_all("vitepress");
}

#[test]
fn zola() {
    prove_all("zola");
}

#[test]
fn every_fixture_is_proved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let entries = WalkDir::new(folder)
        .min_depth(1)
        .max_depth(1)
        .sort_by_file_name();
    let entries = entries
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_dir());
    let names: Vec<_> = entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, FIXTURES.map(|(name, _)| name));
}

#[test]
fn without_a_configuration_every_page_gets_a_loader() {
    for (name, output) in FIXTURES {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(name);
        let site = Site::copy(None, &fixture.join(output));
        for entry in WalkDir::new(&site.root).into_iter().map(Result::unwrap) {
            // Without organizations, rules that name one mean nothing.
            if entry.file_name() == ".chathub.toml" {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        let source = site.files();
        let run = site.run(&["inject"]);
        let pages = run.pages();
        let (mut changed, mut refused) = (0, 0);
        for (path, page) in &pages {
            let (before, after) = (&source[Path::new(path)].0, site.read(path));
            let text = String::from_utf8_lossy(before);
            let says = |directives: &[&str]| directives.iter().any(|said| text.contains(said));
            match page.outcome.as_str() {
                // The page itself has the last word, also where it names what is not configured.
                "refused" => {
                    assert!(says(&["organization="]), "{path}");
                    refused += 1;
                }
                "removed" | "unchanged" => {
                    assert!(
                        says(&["content=\"off\"", "content=off", "data-chathub-ignore"]),
                        "{path}"
                    );
                    demand_right(path, before, &after, &[]);
                }
                "skipped" => {}
                _ => {
                    demand_right(path, before, &after, &[site.loader(&[])]);
                    changed += 1;
                }
            }
            if matches!(page.outcome.as_str(), "refused" | "skipped") {
                assert!(&after == before, "{path}");
            }
        }
        let actions = actions(&fixture);
        let wants = |action: &&String| !meaning(action).2.is_empty() && !action.starts_with("skip");
        let wanted = actions.values().filter(wants).count();
        assert!(
            changed + refused >= wanted,
            "{name}: {changed}, although {wanted} with rules"
        );
        demand_removed(&site, &source);
    }
}

/// A token that claims these times, signed by nobody.
fn token(operator: u32, issued: u64, expires: u64) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = part(serde_json::json!({"alg": "HS256", "typ": "JWT"}));
    let claims = part(serde_json::json!({"sub": operator, "iat": issued, "exp": expires}));
    format!(
        "{header}.{claims}.{}",
        URL_SAFE_NO_PAD.encode(operator.to_le_bytes())
    )
}

#[test]
fn static_mode_publishes_each_organizations_token() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let config = fs::read_to_string(fixture.join("chathub.toml")).unwrap();
    let mut config = config.replacen("site =", "mode = \"static\"\nsite =", 1);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let mut tokens = BTreeMap::new();
    for (number, name) in (1..).zip(["support", "sales", "support-uk"]) {
        let variable = format!("DEMO_{number}_TOKEN");
        let table = format!("[organizations.{name}]\n");
        let source = format!("{table}token = {{ env = \"{variable}\" }}\n");
        config = config.replacen(&table, &source, 1);
        tokens.insert(name, (variable, token(number, now, now + 20 * 3600)));
    }
    let mut site = Site::copy(Some(&config), &fixture.join("public"));
    for (variable, token) in tokens.values() {
        site.set(variable, token);
    }
    let source = site.files();
    let run = site.run(&["inject"]);
    let pages = well(&run);
    for (name, (_, token)) in &tokens {
        let said = run.errors.contains(token) || run.report.to_string().contains(token);
        assert!(!said, "the report gives the token of {name} away");
    }
    for (path, action) in &actions(&fixture) {
        demand_outcome(path, action, &pages[path]);
        let (before, after) = (&source[Path::new(path)].0, site.read(path));
        let organizations = meaning(action).2;
        let expected = organizations.iter().filter(|_| !action.starts_with("skip"));
        let expected: Vec<_> = expected
            .map(|organization| Expected::Widget {
                src: "https://widget.smsbat.com/operator-chat-panel/widget-script.js".to_owned(),
                organization: organization.clone(),
                token: tokens[organization.as_str()].1.clone(),
            })
            .collect();
        demand_right(path, before, &after, &expected);
    }
    assert!(
        !site.root.join(crate::site::ASSETS).exists(),
        "static pages load no runtime"
    );
    demand_verified(&site, &["verify"]);
    demand_same_again(&site, &["inject"]);
    demand_removed(&site, &source);
}
