//! What runs say and do about lists, in all their kinds.

use std::fs;
use std::io::{Read as _, Write as _};

use super::{RULE, Read, md5, page, sha1};
use crate::common::{Site, plain};

#[test]
fn what_another_step_made_wrong_is_reported_and_not_covered_up() {
    let list = |home: &str, about: &str| {
        format!(
            "{{\n  \"hashTable\": {{\n    \"/index.html\": \"{home}\",\n    \"/about.html\": \"{about}\"\n  }}\n}}\n"
        )
    };
    let minified_after = sha1("what the page was before it was minified");
    let right = sha1(page("about"));
    let site = Site::of(plain())
        .page("about.html", page("about"))
        .page("ngsw.json", list(&minified_after, &right));
    let report = site.json("inject", 0);
    let notices = report.0["summary"]["notices"].to_string();
    for word in [
        "ngsw.json",
        "`index.html`",
        "another step",
        "npx ngsw-config",
    ] {
        assert!(notices.contains(word), "{word}: {notices}");
    }
    assert!(!notices.contains("about.html"), "{notices}");
    let about = sha1(site.read("about.html"));
    assert_eq!(site.text("ngsw.json"), list(&minified_after, &about));

    let report = site.json("verify", 1);
    let [finding] = &report.findings(RULE)[..] else {
        panic!("{:#}", report.0);
    };
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["path"], "ngsw.json");
    assert_eq!(
        finding["place"],
        serde_json::json!({"line": 3, "column": 21, "endLine": 3, "endColumn": 61})
    );
    let text = |key: &str| finding[key].as_str().unwrap().to_owned();
    for word in ["SHA-1 of `index.html`", "another step", "offline"] {
        assert!(text("message").contains(word), "{finding}");
    }
    assert!(
        text("remedy").starts_with("Run `npx ngsw-config"),
        "{finding}"
    );
    assert!(
        finding["excerpt"]["text"]
            .as_str()
            .unwrap()
            .contains(&minified_after)
    );
    // A page that is not touched at all is held against the list as well.
    let site = Site::of(plain())
        .page("ngsw.json", list(&minified_after, &right))
        .config("[[rules]]\nmatch = \"**\"\nwidget = false\n");
    assert_eq!(site.json("verify", 1).findings(RULE).len(), 1);
}

#[test]
fn with_report_the_list_stays_and_the_next_run_with_update_puts_it_right() {
    let list = |page: &[u8]| {
        format!(
            "x;precacheAndRoute([{{url:\"/\",revision:\"{}\"}}])",
            md5(page)
        )
    };
    let old = list(plain().as_bytes());
    let site = Site::of(plain())
        .page("sw.js", &old)
        .config("[derived]\nmanifests = \"report\"\n");
    let report = site.json("inject", 0);
    assert_eq!(site.text("sw.js"), old);
    let notices = report.0["summary"]["notices"].to_string();
    for word in [
        "sw.js",
        "MD5 of `index.html`",
        "returning visitors",
        "workbox generateSW",
    ] {
        assert!(notices.contains(word), "{word}: {notices}");
    }
    let report = site.json("verify", 1);
    let finding = &report.findings(RULE)[0];
    assert_eq!(finding["place"]["line"], 1);
    assert_eq!(finding["place"]["column"], 40);
    let remedy = finding["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("derived.manifests = \"update\""),
        "{remedy}"
    );
    // The same is found where inject is only to be run once more.
    let site = site.config("");
    let report = site.json("verify", 1);
    let remedy = report.findings(RULE)[0]["remedy"].as_str().unwrap();
    assert!(remedy.starts_with("Run `chathub inject`"), "{remedy}");
    site.json("inject --check", 1);
    site.ok("inject");
    assert_eq!(site.text("sw.js"), list(&site.read("index.html")));
    site.ok("verify");
    // The rule can be turned off, as all others can.
    fs::write(site.path("sw.js"), &old).unwrap();
    let site = site.config(&format!("[verify.severity]\n{RULE} = \"note\"\n"));
    assert_eq!(site.json("verify", 0).findings(RULE)[0]["severity"], "note");
}

#[test]
fn the_variable_of_the_setting_acts() {
    let list = format!("[{{url:\"/\",revision:\"{}\"}}]", md5(plain()));
    let site = Site::of(plain())
        .page("sw.js", &list)
        .env("CHATHUB_DERIVED_MANIFESTS", "report");
    site.ok("inject");
    assert_eq!(site.text("sw.js"), list);
}

#[test]
fn a_dry_run_writes_nothing_and_shows_the_list_as_it_would_be() {
    let list = format!(
        "// a\n[{{url:\"/\",revision:\"{}\"}}]\n// b\n",
        md5(plain())
    );
    let site = Site::of(plain()).page("sw.js", &list);
    let before = site.snapshot();
    for flag in ["--dry-run", "--check", "--diff"] {
        let code = i32::from(flag == "--check");
        let report = site.json(&format!("inject {flag}"), code);
        let files = report.0["summary"]["files"].to_string();
        assert!(
            files.contains("would write sw.js: the digest of 1 file"),
            "{files}"
        );
        assert_eq!(site.snapshot(), before);
        let diffs = report.0["summary"]["diffs"].as_array().unwrap().clone();
        assert_eq!(diffs.len(), usize::from(flag == "--diff"));
    }
    let shown = site.ok("inject --diff").stdout;
    site.ok("inject");
    let new = site.text("sw.js");
    let [old_line, new_line] = [&list, &new].map(|text| text.lines().nth(1).unwrap());
    for line in [
        "--- a/sw.js",
        "+++ b/sw.js",
        &format!("-{old_line}"),
        &format!("+{new_line}"),
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn a_copy_of_the_site_has_the_right_list_and_the_site_keeps_its_own() {
    let made = |read: Read<'_>| {
        format!(
            "precacheAndRoute([{{url:\"/a\",revision:\"{}\"}}])",
            md5(read("a.html"))
        )
        .into_bytes()
    };
    for folder in ["", "z/"] {
        // In a folder that the walk comes to after the pages, too.
        let path = format!("{folder}sw.js");
        let site = Site::new()
            .page("a.html", page("a.html"))
            .page(&path, made(&|path| page(path).into_bytes()));
        let before = site.snapshot();
        site.ok("inject --output out");
        assert_eq!(site.snapshot(), before);
        let out = |path: &str| fs::read(site.folder().join("out").join(path)).unwrap();
        assert_eq!(out(&path), made(&out));
        site.ok("verify out");
        site.ok("remove out --output clean");
        assert_eq!(
            fs::read(site.folder().join("clean").join(&path)).unwrap(),
            site.read(&path)
        );
    }
}

#[test]
fn the_compressed_copies_of_a_list_say_what_it_says() {
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    let gunzip = |bytes: &[u8]| {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(bytes)
            .read_to_end(&mut text)
            .unwrap();
        text
    };
    let list = format!(
        "precacheAndRoute([{{url:\"/\",revision:\"{}\"}}])",
        md5(plain())
    );
    let site = || {
        Site::of(plain())
            .page("sw.js", &list)
            .page("sw.js.gz", gzip(list.as_bytes()))
    };
    let rebuilt = site();
    rebuilt.ok("inject");
    assert_eq!(gunzip(&rebuilt.read("sw.js.gz")), rebuilt.read("sw.js"));
    rebuilt.ok("verify");
    rebuilt.ok("remove");
    assert_eq!(rebuilt.read("sw.js.gz"), gzip(list.as_bytes()));

    let removed = site();
    removed.ok("inject --compressed-siblings remove");
    assert!(!removed.path("sw.js.gz").exists());

    let left = site();
    left.ok("inject --compressed-siblings leave");
    assert_eq!(left.read("sw.js.gz"), gzip(list.as_bytes()));
    let report = left.json("verify", 1);
    assert_eq!(
        report.findings("stale-compressed-sibling")[0]["path"],
        "sw.js.gz"
    );
}
