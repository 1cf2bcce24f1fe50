//! `--baseline`: findings that are known do not fail a run, and nothing else gets through with them.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::common::{HEAD, Report, Site, TAIL, page, plain, token};

const CONFIG: &str = "default-organization = \"support\"\n\n[organizations.support]\nid = 6\n";
const KNOWN: &str = "--baseline known.toml";

/// A tag that does nothing where it stands.
const INERT: &str = "<template><script type=\"module\" data-chathub></script></template>";

/// A site with three findings: two pages without a chat, and in one of them a tag that does nothing.
fn legacy() -> Site {
    Site::of(page(INERT))
        .page("blog/a.html", plain())
        .config(CONFIG)
}

/// The same, with all of it in the baseline.
fn adopted() -> Site {
    let site = legacy();
    site.run("verify").exits(1);
    site.ok(&format!("verify {KNOWN} --write-baseline"));
    site
}

fn text(site: &Site) -> String {
    fs::read_to_string(site.folder().join("known.toml")).unwrap()
}

/// How many findings of a run are known and how many are new.
fn counts(report: &Report) -> (usize, usize) {
    let pages = report.0["pages"].as_array().unwrap();
    let of_pages = pages.iter().map(|page| &page["findings"]);
    let all: Vec<&Value> = of_pages
        .chain([&report.0["siteFindings"]])
        .flat_map(|findings| findings.as_array().unwrap())
        .collect();
    let known = all.iter().filter(|one| one["baselined"] == true).count();
    assert_eq!(report.0["summary"]["baselined"], known);
    (known, all.len() - known)
}

#[test]
fn a_site_with_findings_is_green_once_they_are_in_the_baseline_and_a_new_one_is_red() {
    let site = adopted();
    assert_eq!(text(&site).matches("fingerprint = ").count(), 3);
    let report = site.json(&format!("verify {KNOWN}"), 0);
    assert_eq!(counts(&report), (3, 0));
    let said = site.ok(&format!("verify {KNOWN}")).stdout.clone();
    assert!(
        said.contains("3 findings in the baseline: 2 × missing-instance, 1 × inert-instance"),
        "{said}"
    );
    assert!(said.contains("no new findings on 2 pages"), "{said}");
    // The same page by another name is another page.
    let site = site.page("blog/b.html", plain());
    let report = site.json(&format!("verify {KNOWN}"), 1);
    assert_eq!(counts(&report), (3, 1));
    assert_eq!(
        report.page("blog/b.html")["findings"][0]["baselined"],
        false
    );
    // Without it, all count.
    assert_eq!(counts(&site.json("verify", 1)), (0, 4));
}

#[test]
fn lines_and_organizations_may_move() {
    let site = adopted();
    let moved = format!(
        "<!-- a comment -->\n\n{}",
        page(INERT).replace("<body>", "\n<body>\n\n")
    );
    let site = site.page("index.html", moved);
    let site = site.page("blog/a.html", plain().replace("<p>", "\n\n  <p>"));
    assert_eq!(counts(&site.json(&format!("verify {KNOWN}"), 0)), (3, 0));
    // And the baseline that would be written now is the same.
    let before = text(&site);
    let said = site
        .ok(&format!("verify {KNOWN} --write-baseline"))
        .stdout
        .clone();
    assert_eq!(text(&site), before);
    assert!(!said.contains("wrote"), "{said}");
}

#[test]
fn of_findings_that_are_alike_there_may_be_as_many_as_there_were() {
    let twice = format!("{INERT}\n{INERT}");
    let site = Site::of(page(&twice)).config(CONFIG);
    site.ok("inject");
    let warnings = "--fail-on warning";
    site.run(&format!("verify {warnings}")).exits(1);
    site.ok(&format!("verify {KNOWN} --write-baseline {warnings}"));
    assert!(text(&site).contains(", count = 2 }"), "{}", text(&site));
    site.ok(&format!("verify {KNOWN} {warnings}"));
    // A third.
    let injected = site.text("index.html");
    let site = site.page("index.html", injected.replace(INERT, &twice));
    let report = site.json(&format!("verify {KNOWN} {warnings}"), 1);
    assert_eq!(counts(&report), (2, 2));
    // One less.
    let site = site.page("index.html", injected.replacen(INERT, "", 1));
    let report = site.json(&format!("verify {KNOWN} {warnings}"), 1);
    assert_eq!(report.site_rules(), ["unused-baseline-entry"]);
    let message = report.0["siteFindings"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "the baseline at known.toml:5 has 1 finding of inert-instance in index.html that verify does not find"
    );
}

#[test]
fn what_is_fixed_leaves_an_entry_that_has_to_go() {
    let site = adopted();
    let with_a_comment = text(&site).replace("version", "# ours\nversion");
    fs::write(site.folder().join("known.toml"), with_a_comment).unwrap();
    site.ok("inject");
    let report = site.json(&format!("verify {KNOWN}"), 0);
    assert_eq!(counts(&report), (1, 2));
    assert_eq!(report.site_rules(), ["unused-baseline-entry"; 2]);
    for finding in report.findings("unused-baseline-entry") {
        assert_eq!(finding["severity"], "warning");
        let message = finding["message"].as_str().unwrap();
        assert!(
            message.contains("1 finding of missing-instance in "),
            "{message}"
        );
        assert!(message.contains("the baseline at known.toml:"), "{message}");
    }
    site.run(&format!("verify {KNOWN} --fail-on warning"))
        .exits(1);
    // A page is new, and has to stay so.
    let site = site.page("new.html", plain());
    site.run(&format!("verify {KNOWN} --prune-baseline"))
        .exits(1);
    let pruned = text(&site);
    assert!(pruned.contains("inert-instance"), "{pruned}");
    assert!(!pruned.contains("missing-instance"), "{pruned}");
    assert_eq!(counts(&site.json(&format!("verify {KNOWN}"), 1)), (1, 1));
}

#[test]
fn entries_of_pages_that_cannot_be_judged_are_neither_unused_nor_lost() {
    let site = adopted();
    let before = text(&site);
    // UTF-16 without a second half.
    let site = site.page("blog/a.html", b"\xFF\xFE<\0h\0t\0m\0l\0>\0\x00\xD8");
    let report = site.json(&format!("verify {KNOWN}"), 1);
    assert_eq!(report.outcome("blog/a.html"), "refused");
    assert_eq!(report.site_rules(), Vec::<&str>::new());
    site.run(&format!("verify {KNOWN} --prune-baseline"))
        .exits(1);
    assert_eq!(text(&site), before);
    // Where the page is gone, so is the finding.
    fs::remove_file(site.path("blog/a.html")).unwrap();
    let report = site.json(&format!("verify {KNOWN}"), 0);
    assert_eq!(report.site_rules(), ["unused-baseline-entry"]);
}

#[cfg(unix)]
#[test]
fn a_run_that_has_not_seen_all_pages_writes_none() {
    let site = adopted();
    let before = text(&site);
    std::os::unix::net::UnixListener::bind(site.path("socket.html")).unwrap();
    fs::write(site.path("blog/.chathub.toml"), "rules = 3\n").unwrap();
    let run = site.run(&format!("verify {KNOWN} --write-baseline"));
    run.exits(2);
    assert!(
        run.stdout.contains("the baseline is not written"),
        "{}",
        run.stdout
    );
    assert_eq!(text(&site), before);
    fs::remove_file(site.path("blog/.chathub.toml")).unwrap();
    fs::remove_dir_all(site.path("")).unwrap();
    fs::create_dir(site.path("")).unwrap();
    for flag in ["--write-baseline", "--prune-baseline"] {
        site.run(&format!("verify {KNOWN} {flag} public")).exits(2);
        assert_eq!(text(&site), before);
    }
    site.ok(&format!(
        "verify {KNOWN} --write-baseline --allow-empty public"
    ));
    assert!(!text(&site).contains("missing-instance"));
}

#[test]
fn a_credential_is_never_known() {
    let secret = token("operator", 36_000);
    let tag = format!("<script type=\"module\" data-chathub token=\"{secret}\"></script>");
    let site = Site::of(page(&format!("<p>{secret}</p>")))
        .page("tag.html", page(&tag))
        .config(&format!("{CONFIG}\n[verify]\nmin-pages = 5\n"));
    let report = site.json(&format!("verify {KNOWN} --write-baseline"), 1);
    let left: BTreeSet<&str> = [
        "secret-in-site",
        "token-in-placeholder-page",
        "too-few-pages",
    ]
    .into_iter()
    .filter(|rule| {
        report
            .findings(rule)
            .iter()
            .all(|one| one["baselined"] == false)
    })
    .collect();
    assert_eq!(left.len(), 3, "{:#}", report.0);
    let written = text(&site);
    assert!(written.contains("missing-instance"), "{written}");
    for rule in left {
        assert!(!report.findings(rule).is_empty(), "{rule}");
        assert!(!written.contains(rule), "{written}");
    }
    assert!(!written.contains(&secret[..20]), "{written}");
    // Nor by hand.
    let by_hand = "version = 1\nfindings = [{ rule = \"secret-in-site\", path = \"index.html\", fingerprint = \"";
    fs::write(
        site.folder().join("known.toml"),
        format!("{by_hand}{}\" }}]\n", "0".repeat(32)),
    )
    .unwrap();
    let report = site.json(&format!("verify {KNOWN}"), 1);
    assert_eq!(counts(&report).0, 0);
}

#[test]
fn it_is_the_same_to_the_byte_however_many_threads_there_are_and_whatever_files_are_called() {
    let mut site = legacy();
    for index in 0..200 {
        site = site.page(&format!("{}/{index}.html", index % 7), page(INERT));
    }
    #[cfg(unix)]
    for name in [
        "a b.html",
        "quo\"te\\.html",
        "new\nline.html",
        "\u{202e}lmth.html",
        "допомога.html",
    ] {
        site = site.page(name, plain());
    }
    let write = |site: &Site, more: &str| {
        let _ = fs::remove_file(site.folder().join("known.toml"));
        site.ok(&format!("verify {KNOWN} --write-baseline {more}"));
        text(site)
    };
    let first = write(&site, "--threads 1");
    assert_eq!(write(&site, "--threads 4"), first);
    // A line for each finding, in the order of files, and each one ends as any other: branches can be merged.
    let lines: Vec<&str> = first
        .lines()
        .filter(|line| line.contains("rule = "))
        .collect();
    assert!(lines.len() > 400, "{}", lines.len());
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("  { ") && line.ends_with(" },"))
    );
    assert!(!first.contains('\u{202e}'));
    let parsed: toml::Table = first.parse().unwrap();
    let paths = parsed["findings"].as_array().unwrap().iter();
    let paths: Vec<&str> = paths.map(|one| one["path"].as_str().unwrap()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    #[cfg(unix)]
    assert!(paths.contains(&"new\nline.html") && paths.contains(&"\u{202e}lmth.html"));
    let report = site.json(&format!("verify {KNOWN}"), 0);
    assert_eq!(counts(&report), (lines.len(), 0));
}

#[test]
fn it_holds_for_the_same_site_in_another_folder() {
    let site = adopted();
    fs::create_dir(site.folder().join("elsewhere")).unwrap();
    fs::rename(site.path(""), site.folder().join("elsewhere/dist")).unwrap();
    let report = site.json(&format!("verify {KNOWN} elsewhere/dist"), 0);
    assert_eq!(counts(&report), (3, 0));
}

#[test]
fn the_configuration_can_name_it() {
    let site = legacy().config(&format!("{CONFIG}\n[verify]\nbaseline = \"known.toml\"\n"));
    site.run("verify").fails(
        2,
        &["there is no baseline `known.toml`", "--write-baseline"],
    );
    // No other command asks for it.
    site.ok("explain");
    site.ok("verify --write-baseline");
    site.ok("verify");
    // A path in a file is relative to that file.
    let mut below = site.command(["verify"]);
    crate::common::Run::of(below.current_dir(site.path("blog"))).exits(0);
}

#[test]
fn what_is_wrong_with_the_file_is_said_with_its_place() {
    let site = legacy();
    site.run("verify --write-baseline")
        .fails(2, &["--baseline FILE", "verify.baseline"]);
    site.run("verify --prune-baseline")
        .fails(2, &["--prune-baseline", "--baseline FILE"]);
    site.run(&format!("verify {KNOWN}"))
        .fails(2, &["there is no baseline `known.toml`"]);
    site.run(&format!("verify {KNOWN} --prune-baseline"))
        .fails(2, &["there is no baseline"]);
    site.run(&format!("verify {KNOWN} --prune-baseline --write-baseline"))
        .fails(2, &["Usage:"]);
    let site = site.file(
        "known.toml",
        "version = 1\nfindings = [\n  { rule = \"missing-instanc\", fingerprint = \"0\" },\n]\n",
    );
    site.run(&format!("verify {KNOWN}")).fails(
        2,
        &[
            "known.toml:3:12",
            "did you mean `missing-instance`?",
            "known.toml:3:45",
            "32 hexadecimal digits",
        ],
    );
}

#[test]
fn no_other_file_is_overwritten() {
    let site = legacy().file("notes.toml", "title = \"Notes\"\n");
    for (file, words) in [
        ("notes.toml", "it is not a baseline"),
        ("chathub.toml", "it is not a baseline"),
        ("public/known.html", "it would be a page of the site"),
        ("missing/known.toml", "there is no folder missing"),
        ("public", "public"),
    ] {
        let before = crate::common::contents(site.folder());
        let run = site.run(&format!("verify --baseline {file} --write-baseline"));
        run.fails(2, &["cannot write the baseline", words]);
        assert_eq!(crate::common::contents(site.folder()), before);
    }
    // One that a merge has broken is a baseline all the same, and is written anew.
    site.ok(&format!("verify {KNOWN} --write-baseline"));
    let good = text(&site);
    let broken = good.replace("version", "<<<<<<< ours\nversion");
    fs::write(site.folder().join("known.toml"), broken).unwrap();
    site.run(&format!("verify {KNOWN}"))
        .fails(2, &["known.toml:3:9", "TOML"]);
    site.ok(&format!("verify {KNOWN} --write-baseline"));
    assert_eq!(text(&site), good);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_there_keeps_its_mode_and_a_link_stays_one() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let site = adopted();
    let real = site.folder().join("shared.toml");
    fs::rename(site.folder().join("known.toml"), &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("shared.toml", site.folder().join("known.toml")).unwrap();
    let site = site.page("another.html", format!("{HEAD}<p>More</p>{TAIL}"));
    site.ok(&format!("verify {KNOWN} --write-baseline"));
    assert!(fs::read_to_string(&real).unwrap().contains("another.html"));
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    let link = fs::symlink_metadata(site.folder().join("known.toml")).unwrap();
    assert!(link.is_symlink());
}

#[test]
fn an_entry_that_a_merge_left_twice_is_one() {
    let site = adopted();
    let lines: Vec<String> = text(&site)
        .lines()
        .flat_map(|line| {
            let times = if line.contains("rule = ") { 2 } else { 1 };
            vec![line.to_owned(); times]
        })
        .collect();
    fs::write(site.folder().join("known.toml"), lines.join("\n")).unwrap();
    assert_eq!(counts(&site.json(&format!("verify {KNOWN}"), 0)), (3, 0));
    site.ok(&format!("verify {KNOWN} --prune-baseline"));
    assert_eq!(text(&site).matches("rule = ").count(), 3);
}
