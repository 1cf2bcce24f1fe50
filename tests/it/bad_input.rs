//! What people get wrong around the pages: the site, the flags, the reports, the folder that pages go to.

use std::fs;

use crate::common::{Site, contents, loader, page, plain};

#[test]
fn no_site_at_all_names_where_it_was_looked_for() {
    let site = Site::new();
    fs::remove_dir(site.path("")).unwrap();
    for command in ["inject", "verify", "remove"] {
        let words = [
            "no site here",
            "public",
            "_site",
            "output",
            "run the generator",
        ];
        site.run(command).fails(2, &words);
    }
    let named = site.run("inject nowhere");
    named.fails(2, &["there is no folder nowhere", "run the generator"]);
}

#[test]
fn several_candidates_are_named() {
    let site = Site::of(plain()).file("dist/index.html", plain());
    let words = ["several folders", "public, dist", "chathub inject public"];
    site.run("inject").fails(2, &words);
    assert_eq!(site.text("index.html"), plain());
    site.ok("inject dist");
    assert_eq!(site.text("index.html"), plain());
}

#[test]
fn a_site_without_pages_is_an_error_unless_it_is_allowed() {
    let site = Site::new().page("style.css", "p {}");
    for command in ["inject", "verify", "remove"] {
        let words = ["no pages in public", ".html", "--allow-empty"];
        site.run(command).fails(2, &words);
        let allowed = site.run(&format!("{command} --allow-empty"));
        assert_eq!(allowed.exits(0).stderr, "");
    }
}

#[test]
fn a_file_is_no_site() {
    let site = Site::of(plain());
    let words = ["public/index.html is a file", "has to be the folder"];
    site.run("inject public/index.html").fails(2, &words);
}

#[test]
fn unknown_flags_and_values_are_told_with_the_nearest() {
    let site = Site::of(plain());
    site.run("inject --dry-rum").fails(2, &["--dry-run"]);
    site.run("inject --threads 0").fails(2, &["--threads"]);
    let format = site.run("verify --format jsn");
    format.fails(2, &["jsn", "human", "json", "ndjson"]);
    let load = site.run("inject --load lazily");
    load.fails(2, &["--load", "eager", "idle", "visible"]);
    site.run("injekt").fails(2, &["inject"]);
    assert_eq!(site.text("index.html"), plain());
}

#[test]
fn a_bad_report_ends_the_run_before_it_begins() {
    let site = Site::of(plain());
    let cases = [
        ("--report json", "FORMAT=FILE"),
        ("--report json=", "no file after the ="),
        ("--report jsn=x.json", "no report format `jsn`"),
        (
            "--report json=no/such/folder.json",
            "cannot write the report",
        ),
        ("--report json=public", "cannot write the report"),
    ];
    for (flag, word) in cases {
        site.run(&format!("inject {flag}")).fails(2, &[word]);
        assert_eq!(site.text("index.html"), plain(), "{flag}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_finished_is_an_error_and_the_pages_are_done() {
    let site = Site::of(plain());
    let run = site.run("inject --report json=/dev/full");
    run.fails(2, &["the report cannot be written", "the pages are done"]);
    assert_eq!(site.text("index.html"), page(&loader()));
}

#[test]
fn output_has_to_be_empty_and_apart_from_the_site() {
    let site = Site::of(plain()).file("old/gone.html", plain());
    let before = contents(site.folder());
    let not_empty = site.run("inject --output old");
    not_empty.fails(2, &["old is not empty", "delete it first"]);
    for inside in ["public", "public/new", "public/a/b", "."] {
        let run = site.run(&format!("inject --output {inside}"));
        assert_eq!(run.code, 2, "{inside}: {}", run.stderr);
        // Nothing is left behind, not even a folder.
        assert_eq!(contents(site.folder()), before, "{inside}");
    }
    let inside = site.run("inject --output public/new");
    inside.fails(2, &["public/new", "one inside the other"]);
    site.run("inject --output old/gone.html")
        .fails(2, &["old/gone.html"]);
    let both = site.run("inject --output new --check");
    both.fails(2, &["--output", "--check"]);
}

#[test]
fn an_asset_folder_outside_the_site_is_refused() {
    let site = Site::of(plain());
    for folder in ["../x", "/tmp/x", "a/../../x", ".."] {
        let run = site.run(&format!("inject --asset-dir {folder}"));
        run.fails(2, &["--asset-dir"]);
        assert_eq!(site.text("index.html"), plain(), "{folder}");
    }
    assert!(!site.folder().join("x").exists());
}

#[cfg(unix)]
#[test]
fn an_asset_folder_that_a_link_leads_out_of_the_site_is_refused() {
    let site = Site::of(plain()).file("elsewhere/keep.txt", "keep");
    std::os::unix::fs::symlink("../elsewhere", site.path("assets")).unwrap();
    for folder in ["assets", "assets/chat"] {
        let report = site.json(&format!("inject --asset-dir {folder}"), 3);
        assert_eq!(report.outcome("index.html"), "failed");
        let reason = report.reason("index.html");
        assert!(reason.contains("leads out of the site"), "{reason}");
        assert_eq!(site.text("index.html"), plain());
        let there: Vec<_> = fs::read_dir(site.folder().join("elsewhere"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(there, ["keep.txt"], "{folder}");
    }
}

#[test]
fn a_wrong_rules_file_in_a_folder_leaves_its_pages_and_does_the_others() {
    let rules = "[[rules]]\nmatch = \"**\"\norganisation = \"sales\"\n";
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .page("shop/sale/index.html", plain())
        .page("shop/.chathub.toml", rules);
    let words = [
        "shop/.chathub.toml:3:",
        "organisation",
        "`organization`",
        "^^^^^^^^^^^^",
    ];
    let run = site.run("inject --format json");
    run.fails(2, &words);
    let report = crate::common::Report::of(&run.stdout);
    assert_eq!(report.outcome("index.html"), "injected");
    for left in ["shop/index.html", "shop/sale/index.html"] {
        assert_eq!(report.outcome(left), "refused");
        assert!(report.reason(left).contains("shop/.chathub.toml"));
        assert_eq!(site.text(left), plain());
    }
    assert_eq!(site.text("index.html"), page(&loader()));
    site.run("verify").fails(2, &words);
}

#[test]
fn a_wrong_rules_file_is_never_deleted() {
    let site = Site::of(plain()).page("shop/.chathub.toml", "[[rules]]\nmach = 1\n");
    let run = site.run("inject --remove-config-files");
    run.fails(2, &["shop/.chathub.toml:2:", "mach"]);
    // Else the next run would not know that it ever was there, and treat the folder as any other.
    assert_eq!(site.text("shop/.chathub.toml"), "[[rules]]\nmach = 1\n");
}

#[test]
fn a_page_that_names_an_unknown_organization_is_left_with_the_nearest_name() {
    let config = "default-organization = \"support\"\n[organizations.support]\nid = 6\n";
    let named =
        |content: &str| format!("<!doctype html><meta name=chathub content=\"{content}\"><p>x</p>");
    let site = Site::of(plain())
        .page("typo.html", named("organization=suport"))
        .page("odd.html", named("of"))
        .config(config);
    let report = site.json("inject", 3);
    assert_eq!(report.outcome("index.html"), "injected");
    assert_eq!(report.outcome("typo.html"), "refused");
    let reason = report.reason("typo.html");
    assert!(reason.contains("`suport`") && reason.contains("did you mean `support`"));
    assert_eq!(report.outcome("odd.html"), "refused");
    assert!(report.reason("odd.html").contains("\"off\""));
    assert_eq!(site.text("typo.html"), named("organization=suport"));
    let report = site.json("verify", 1);
    assert_eq!(report.rules("typo.html"), ["page-refused"]);
    assert_eq!(report.rules("odd.html"), ["page-refused"]);
}

#[cfg(unix)]
#[test]
fn nobody_who_reads_the_errors_is_no_reason_to_panic() {
    let site = Site::of(plain()).file("empty/style.css", "");
    for arguments in [
        &["inject", "nowhere"][..],
        &["inject", "--load", "x"],
        &["inject", "empty"],
        &["inject", "--no-such-flag"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = site.command(arguments);
        let status = command.stderr(writer).run().status;
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn names_that_act_on_a_terminal_are_escaped_in_errors() {
    let site = Site::of(plain());
    let run = site.run_all(&["inject", "no\u{1b}[31msuch\u{7}folder"]);
    run.fails(2, &["no\\u{1b}[31msuch\\u{7}folder"]);
    assert!(!run.stderr.contains('\u{1b}'));
}
