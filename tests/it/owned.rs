//! Whose a file is, its content tells: nothing of somebody else's is overwritten or deleted, whatever it is called.

use std::fs;

use crate::common::{Site, contents, loader, page, plain};
use chathub::internal::runtime::{SOURCE, hashed_name, name_of};

/// What the bundler of somebody else calls `runtime.js`.
const FOREIGN: &str = "!function(){var chunks={};self.chunks=chunks}();";
/// A runtime as another version may have written it.
const OLDER: &str = "var a=Symbol.for(\"chathub.runtime.v1\");export{a as init};";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    chathub::internal::store::Coding::Gzip
        .compress(bytes, &mut out)
        .unwrap();
    out
}

/// A site with the runtime of an older version in a folder.
fn with_older(folder: &str) -> Site {
    let hashed = name_of(OLDER.as_bytes());
    Site::of(plain())
        .page(&format!("{folder}/{hashed}"), OLDER)
        .page(&format!("{folder}/runtime.js"), OLDER)
}

#[test]
fn a_foreign_runtime_js_is_neither_overwritten_nor_deleted() {
    let hash_of_foreign = name_of(FOREIGN.as_bytes());
    for other in ["runtime.0b1c9d3f8a7e6d5c.js", hash_of_foreign.as_str()] {
        let site = Site::of(plain())
            .page("js/runtime.js", FOREIGN)
            .page(&format!("js/{other}"), FOREIGN)
            .page("shop/index.html", plain());
        let before = site.snapshot();
        for command in ["inject", "inject --dry-run", "inject --output copy"] {
            let run = site.run(&format!("{command} --asset-dir js"));
            run.fails(2, &["js/runtime.js", "choose another asset-dir"]);
            assert_eq!(site.snapshot(), before, "{command}");
            assert!(!site.folder().join("copy/index.html").exists());
        }
        // What else is there has names of the same form and is as foreign.
        for command in ["remove", "remove --check"] {
            site.run(&format!("{command} --asset-dir js")).exits(0);
            assert_eq!(site.snapshot(), before, "{command}");
        }
        fs::remove_file(site.path("js/runtime.js")).unwrap();
        let before = contents(&site.path(""));
        site.ok("inject --asset-dir js");
        site.ok("inject --asset-dir js --prune");
        site.ok("verify --asset-dir js");
        assert_eq!(site.text(&format!("js/{other}")), FOREIGN);
        site.ok("remove --asset-dir js");
        assert_eq!(contents(&site.path("")), before);
    }
}

#[test]
fn verify_sees_a_foreign_file_where_a_file_of_ours_should_be() {
    let site = Site::of(plain());
    site.ok("inject --asset-dir js");
    let verify = || {
        let report = site.json("verify --asset-dir js", 1);
        report.site_rules().join(" ")
    };
    fs::write(site.path("js/runtime.js"), FOREIGN).unwrap();
    assert_eq!(verify(), "integrity-mismatch");
    site.run("inject --asset-dir js")
        .fails(2, &["js/runtime.js", "choose another asset-dir"]);
    fs::write(site.path("js/runtime.js"), SOURCE).unwrap();
    let hashed = format!("js/{}", hashed_name());
    fs::write(site.path(&hashed), FOREIGN).unwrap();
    assert_eq!(verify(), "integrity-mismatch");
    site.run("inject --asset-dir js").fails(2, &[&hashed]);
    assert_eq!(site.text(&hashed), FOREIGN);
    fs::remove_file(site.path(&hashed)).unwrap();
    assert_eq!(verify(), "missing-runtime-asset");
    site.ok("inject --asset-dir js");
    site.ok("verify --asset-dir js");
}

#[test]
fn what_an_optimizer_did_to_the_runtime_is_fixed() {
    let site = Site::of(plain());
    site.ok("inject");
    let hashed = format!("chathub-assets/{}", hashed_name());
    let banner = [b"/* optimized */", SOURCE].concat();
    for damaged in [banner.as_slice(), b"", &SOURCE[..99]] {
        fs::write(site.path(&hashed), damaged).unwrap();
        let report = site.json("verify", 1);
        assert_eq!(report.site_rules(), ["integrity-mismatch"]);
        site.ok("inject");
        assert_eq!(site.read(&hashed), SOURCE);
    }
}

#[test]
fn an_earlier_version_is_known_replaced_and_pruned() {
    let hashed = format!("chathub-assets/{}", name_of(OLDER.as_bytes()));
    let site = with_older("chathub-assets");
    site.ok("inject");
    assert_eq!(site.read("chathub-assets/runtime.js"), SOURCE);
    assert_eq!(site.text(&hashed), OLDER);
    site.ok("inject --prune");
    assert!(!site.path(&hashed).exists());
    site.ok("verify");
    // Without its twin by content nobody can tell an older one from an edited one.
    let site = Site::of(plain()).page("chathub-assets/runtime.js", OLDER);
    site.run("inject").fails(2, &["chathub-assets/runtime.js"]);
    let site = with_older("chathub-assets");
    site.ok("remove");
    assert!(!site.path("chathub-assets").exists());
}

#[test]
fn compressed_copies_of_the_runtime_follow_it() {
    let older = name_of(OLDER.as_bytes());
    let make = || {
        with_older("chathub-assets")
            .page("chathub-assets/runtime.js.gz", gzip(OLDER.as_bytes()))
            .page(
                &format!("chathub-assets/{older}.gz"),
                gzip(OLDER.as_bytes()),
            )
    };
    let stable = "chathub-assets/runtime.js.gz";
    let site = make();
    site.ok("inject");
    site.ok("verify");
    assert_ne!(site.read(stable), gzip(OLDER.as_bytes()));
    assert!(site.path(&format!("chathub-assets/{older}.gz")).exists());
    site.ok("inject --prune");
    assert!(!site.path(&format!("chathub-assets/{older}.gz")).exists());
    site.ok("remove");
    assert!(!site.path("chathub-assets").exists());

    let site = make();
    site.ok("inject --compressed-siblings remove");
    assert!(!site.path(stable).exists());
    site.ok("verify");

    let site = make();
    site.ok("inject --compressed-siblings leave");
    assert_eq!(site.read(stable), gzip(OLDER.as_bytes()));
    assert_eq!(
        site.json("verify", 1).site_rules(),
        ["stale-compressed-sibling"]
    );

    // Servers would send a foreign copy in place of the runtime.
    let site = Site::of(plain()).page(stable, gzip(FOREIGN.as_bytes()));
    site.run("inject").fails(2, &[stable]);
    site.ok("remove");
    assert_eq!(site.read(stable), gzip(FOREIGN.as_bytes()));
}

#[test]
fn the_folder_of_earlier_versions_is_left_until_prune_and_cleaned_by_remove() {
    let older = name_of(OLDER.as_bytes());
    let stale = loader().replace("/chathub-assets/", "/_chathub/");
    let make = || {
        Site::of(page(&stale))
            .page("_chathub/runtime.js", OLDER)
            .page(&format!("_chathub/{older}"), OLDER)
            .page("_chathub/notes.txt", "mine")
    };
    let site = make();
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["stale-loader"]);
    let report = site.json("inject", 0);
    let notices = report.0["summary"]["notices"].to_string();
    assert!(notices.contains("_chathub/ has earlier ones"), "{notices}");
    assert_eq!(site.text("index.html"), page(&loader()));
    assert!(site.path("_chathub/runtime.js").exists());
    site.ok("verify");
    let report = site.json("inject --prune", 0);
    let notices = report.0["summary"]["notices"].to_string();
    assert!(!notices.contains("_chathub"), "{notices}");
    let left: Vec<_> = fs::read_dir(site.path("_chathub")).unwrap().collect();
    assert_eq!(left.len(), 1);
    assert_eq!(site.text("_chathub/notes.txt"), "mine");

    let site = make();
    site.ok("inject");
    fs::remove_file(site.path("_chathub/notes.txt")).unwrap();
    site.ok("remove");
    assert!(!site.path("_chathub").exists());
    assert!(!site.path("chathub-assets").exists());

    // Whoever wants the old folder has it.
    let site = make();
    site.ok("inject --asset-dir _chathub --prune");
    site.ok("verify --asset-dir _chathub");
    assert!(!site.path("chathub-assets").exists());
    assert_eq!(site.read("_chathub/runtime.js"), SOURCE);
}

#[test]
fn an_asset_folder_that_hosts_leave_out_is_told() {
    let notices = |site: &Site, command: &str| {
        let report = site.json(command, 0);
        report.0["summary"]["notices"].to_string()
    };
    let site = Site::of(plain());
    for (folder, said) in [
        ("_chat", ".nojekyll"),
        ("assets/_chat", ".nojekyll"),
        (".chat", "begins with a dot"),
        ("a_/b.c", "[]"),
    ] {
        for command in ["inject", "verify"] {
            let notices = notices(&site, &format!("{command} --asset-dir {folder}"));
            assert!(notices.contains(said), "{folder}: {notices}");
        }
    }
    let site = site.page(".nojekyll", "");
    assert_eq!(notices(&site, "inject --asset-dir _chat"), "[]");
    assert!(notices(&site, "inject --asset-dir .chat").contains("dot"));
}

#[test]
fn a_folder_that_differs_in_case_or_is_a_file_is_refused() {
    let site = Site::of(plain()).page("JS/app.js", "1");
    for folder in ["js", "js/chat"] {
        site.run(&format!("inject --asset-dir {folder}"))
            .fails(2, &["js", "JS", "case"]);
    }
    site.run("inject --asset-dir JS/App.js/x")
        .fails(2, &["JS/App.js", "JS/app.js", "case"]);
    site.run("inject --asset-dir index.html")
        .fails(2, &["index.html is not a folder"]);
    assert_eq!(site.text("index.html"), plain());
    site.ok("inject --asset-dir JS");
    site.ok("verify --asset-dir JS");
}

#[test]
fn temporary_files_of_others_stay() {
    let site = Site::of(plain());
    let foreign = [
        ".chathub-notes.tmp",
        ".chathub-report.tmp",
        ".chathub-0123456789abcdef-ABCDEFG.tmp",
    ];
    for name in foreign {
        fs::write(site.path(name), "mine").unwrap();
    }
    site.ok("inject");
    site.ok("remove");
    for name in foreign {
        assert_eq!(site.text(name), "mine", "{name}");
    }
}

#[test]
fn a_report_replaces_a_report_and_nothing_else() {
    let site = Site::of(plain())
        .page("data.json", "{\"mine\": true}")
        .file("post.md", "# Mine")
        .config("");
    site.ok("inject");
    let before = site.snapshot();
    for (target, why) in [
        ("json=public/index.html", "page of the site"),
        ("json=public/new.html", "page of the site"),
        ("human=public/new.XHTML", "page of the site"),
        ("json=public/data.json", "it is not a report"),
        ("human=public/data.json", "it is not a report"),
        ("ndjson=post.md", "it is not a report"),
        ("human=chathub.toml", "it is not a report"),
    ] {
        if target == "human=chathub.toml" {
            fs::write(site.folder().join("chathub.toml"), "mode = \"placeholder\"").unwrap();
        }
        site.run(&format!("verify --report {target}"))
            .fails(2, &["cannot write the report", why]);
        assert_eq!(site.snapshot(), before, "{target}");
        let post = fs::read_to_string(site.folder().join("post.md")).unwrap();
        assert_eq!(post, "# Mine");
    }
    for target in ["json=r", "ndjson=r", "json=r", "human=t", "human=t"] {
        site.ok(&format!("verify --report {target}"));
    }
}
