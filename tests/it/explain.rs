//! `chathub explain` says of every file what `chathub inject` does with it.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::{HEAD, Run, STATIC, Site, TAIL, page, plain};
use serde_json::Value;

fn accounts(site: &Site, arguments: &str) -> Vec<Value> {
    let run = site.run(&format!("explain --format json {arguments}"));
    serde_json::from_str(&run.exits(0).stdout).unwrap()
}

/// What is said must begin with the verb that goes with the outcome, and repeat the reason and all changes.
fn agrees(account: &Value, page: &Value) {
    let said = &account["inject"];
    assert_eq!(account["page"], page["path"]);
    assert_eq!(account["outcome"], page["outcome"], "{account:#} {page:#}");
    let phrases = said.as_array().unwrap().iter().map(|s| s.as_str().unwrap());
    let phrases: Vec<&str> = phrases.collect();
    let reason = page["reason"].as_str().unwrap_or_default();
    match page["outcome"].as_str().unwrap() {
        "skipped" => assert_eq!(phrases, [format!("skip it: {reason}")]),
        "refused" => assert_eq!(phrases[0], format!("leave it as it is: {reason}")),
        "failed" => assert_eq!(phrases[0], format!("fail: {reason}")),
        "unchanged" => assert_eq!(phrases, ["change nothing"]),
        _ => {
            let changes = page["changes"].as_array().unwrap();
            assert_eq!(phrases.len(), changes.len());
            for (phrase, change) in phrases.iter().zip(changes) {
                assert!(phrase.ends_with(change.as_str().unwrap()), "{phrase}");
            }
        }
    }
}

/// Of the whole site at once, and of each page by its name.
fn agree(site: &Site, folder: &str, arguments: &str) -> usize {
    let run = site.run(&format!("inject -n --format json {folder} {arguments}"));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let pages = report["pages"].as_array().unwrap();
    let all = accounts(site, &format!("{folder} {arguments}"));
    assert_eq!(all.len(), pages.len());
    for (account, page) in all.iter().zip(pages) {
        agrees(account, page);
    }
    let few = pages
        .iter()
        .filter(|page| page["path"].as_str().unwrap().ends_with("html"));
    for page in few.take(20) {
        let named = page["path"].as_str().unwrap();
        let one = accounts(site, &format!("{folder} {named} {arguments}"));
        assert_eq!(one.len(), 1);
        agrees(&one[0], page);
    }
    pages.len()
}

#[test]
fn it_gives_the_verdict_of_inject_on_every_page_of_the_fixtures() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut tried = 0;
    for fixture in fs::read_dir(fixtures).unwrap() {
        let config = fixture.unwrap().path().join("chathub.toml");
        if config.exists() {
            let site = Site::new();
            tried += agree(&site, "", &format!("-c {}", config.display()));
        }
    }
    assert!(tried > 100, "{tried}");
}

/// A site with all that is not simply a page.
pub(crate) fn odd() -> Site {
    let site = Site::of(plain())
        .page(".well-known/a.html", plain())
        .page("notes.txt", "Hello")
        .page(
            "moved.html",
            "<!doctype html><title>t</title><meta http-equiv=refresh content=\"0;url=/\">",
        )
        .page("part.html", "<p>part</p>")
        .page("empty.html", "")
        .page("open.html", format!("{HEAD}<script>{TAIL}"))
        .page(
            "says.html",
            page("<meta name=\"chathub\" content=\"perhaps\">"),
        )
        .page("copied.html", plain())
        .page("copied.html.gz", "not gzip at all")
        .page("blog/index.html", plain())
        .page("shop/index.html", plain())
        .page("shop/.chathub.toml", "[[rules]]\nwidget = false\n")
        .file("beside/index.html", plain())
        .file("beside/folder/index.html", plain());
    symlink("index.html", site.path("same.html")).unwrap();
    symlink("../index.html", site.path("shop/other.html")).unwrap();
    symlink("../beside/index.html", site.path("out.html")).unwrap();
    symlink("nowhere.html", site.path("broken.html")).unwrap();
    symlink("blog", site.path("weblog")).unwrap();
    symlink("../beside/folder", site.path("away")).unwrap();
    symlink("../beside/index.html", site.path("out.txt")).unwrap();
    site
}

#[test]
fn it_gives_the_verdict_of_inject_on_what_is_no_simple_page() {
    let config = "default-organization = \"a\"\n[organizations.a]\nid = 1\n";
    let site = odd().config(config);
    let pages = agree(&site, "public", "");
    assert!(pages > 12, "{pages}");
    agree(&site, "public", "--compressed-siblings remove");
    agree(&site, "public", "--link-root beside");
    site.run("inject").exits(3);
    agree(&site, "public", "");

    let says = |named: &str, words: &str| {
        let account = &accounts(&site, named)[0];
        let said = account["inject"][0].as_str().unwrap();
        assert!(said.contains(words), "{named}: {said}");
    };
    says("public/.well-known/a.html", "skip it: in a hidden folder");
    says(
        "public/notes.txt",
        "not look at it: it is not a page, since its name ends in none of",
    );
    says("out.txt", "not look at it: it is not a page");
    says("shop/.chathub.toml", "the rules file of its folder");
    // By its own name, not by that of the page that it leads to.
    says("same.html", "skip it: symbolic link to another page");
    says("shop/other.html", "its rules");
    says("out.html", "skip it: a symbolic link that leaves the site");
    says(
        "weblog/index.html",
        "skip it: symbolic link to another folder",
    );
    says("public/weblog", "skip it: symbolic link to another folder");
    says(
        "away/index.html",
        "skip it: a symbolic link that leaves the site",
    );
    says("blog/../index.html", "change nothing");
    let run = site.run("explain public/nothing.html");
    run.fails(2, &["there is no page"]);
}

#[test]
fn it_knows_of_assets_and_of_builds_without_secrets() {
    let site = Site::of(plain()).page("chathub-assets", "a file in the way");
    let run = site.ok("explain index.html");
    assert!(
        run.stderr.contains("inject would do nothing"),
        "{}",
        run.stderr
    );

    let site = odd()
        .config("mode = \"static\"\ndefault-organization = \"a\"\n[organizations.a]\nid = 1\n");
    agree(&site, "public", "--if-no-credentials skip");
    let account = &accounts(&site, "index.html --if-no-credentials skip")[0];
    assert_eq!(account["inject"][0], "skip it: no credentials");
    assert_eq!(account["organizations"][0], "a");
    // With a token it is no matter of credentials.
    let site = Site::of(plain())
        .config(STATIC)
        .env("SUPPORT_TOKEN", &crate::common::token("operator", 80_000));
    agree(&site, "public", "");
}

#[test]
fn a_rule_is_told_in_every_format() {
    let site = Site::new();
    let run: Run = site.ok("explain missing-instance --format json");
    let rule: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(rule["rule"], "missing-instance");
    assert_eq!(rule["severity"], "error");
    let examples = rule["examples"].as_str().unwrap();
    assert!(examples.starts_with("## Wrong\n"), "{examples}");
    let run = site.ok("explain insecure-src");
    let tag =
        "<script type=\"module\" id=\"operator-chat-panel-script\" src=\"http://widget.smsbat.com/";
    for words in ["\nWrong\n", "\nRight\n", "\n    $ chathub inject\n", tag] {
        assert!(run.stdout.contains(words), "{words}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("```") && !run.stdout.contains("<!-- "));
}
