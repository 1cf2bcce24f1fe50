//! Symbolic links are what they point to: pages, rules, compressed copies and folders behind them, in the site and beside it.

#![cfg(unix)]

mod beside;
mod through;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::{Entry, Report, STATIC, Site, loader, page, plain, snapshot, token};

/// Everything in `internal/` gets no widget.
const NONE: &str = "[[rules]]\nwidget = false\n";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn gunzip(file: &Path) -> String {
    let mut text = String::new();
    let file = fs::File::open(file).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).unwrap().is_symlink()
}

/// The path and outcome of every page.
fn outcomes(report: &Report) -> Vec<(String, String, String)> {
    let said = |path: &str| {
        (
            path.to_owned(),
            report.outcome(path).to_owned(),
            report.reason(path).to_owned(),
        )
    };
    report.paths().into_iter().map(said).collect()
}

#[test]
fn rules_hold_wherever_their_file_is() {
    for to in ["../rules.toml", "../../rules.toml", "../chain"] {
        let site = Site::of(plain())
            .page("internal/rota.html", plain())
            .page("rules.toml", NONE)
            .file("rules.toml", NONE)
            .config(STATIC)
            .env("SUPPORT_TOKEN", &token("support", 80_000));
        symlink("rules.toml", site.path("chain")).unwrap();
        symlink(to, site.path("internal/.chathub.toml")).unwrap();
        let report = site.json("inject --output copy", 0);
        assert_eq!(report.outcome("internal/rota.html"), "unchanged", "{to}");
        let report = site.json("inject", 0);
        assert_eq!(report.outcome("index.html"), "injected");
        assert_eq!(report.outcome("internal/rota.html"), "unchanged", "{to}");
        assert_eq!(site.text("internal/rota.html"), plain());
        site.ok("verify");
        // A copy has its rules wherever it goes.
        let copied = site.folder().join("copy/internal/.chathub.toml");
        assert!(!is_link(&copied));
        assert_eq!(fs::read_to_string(copied).unwrap(), NONE);
        site.ok("verify copy");
        site.ok("inject --remove-config-files");
        assert!(fs::symlink_metadata(site.path("internal/.chathub.toml")).is_err());
        assert_eq!(site.text("rules.toml"), NONE);
    }
}

#[test]
fn rules_that_a_link_does_not_lead_to_stop_their_folder() {
    for to in ["nowhere.toml", ".chathub.toml", ".", "/dev/null"] {
        let site = Site::of(plain())
            .page("internal/rota.html", plain())
            .config(STATIC)
            .env("SUPPORT_TOKEN", &token("support", 80_000));
        symlink(to, site.path("internal/.chathub.toml")).unwrap();
        let run = site.run("inject --format json");
        run.fails(2, &["internal/.chathub.toml"]);
        let report = Report::of(&run.stdout);
        assert_eq!(report.outcome("index.html"), "injected");
        assert_eq!(report.outcome("internal/rota.html"), "refused", "{to}");
        assert_eq!(site.text("internal/rota.html"), plain());
        site.run("verify").fails(2, &["internal/.chathub.toml"]);
        site.run("explain").fails(2, &["internal/.chathub.toml"]);
    }
}

#[test]
fn the_copy_beside_a_linked_page_says_what_the_page_says() {
    let site = || {
        let site = Site::of(plain())
            .page("a-link.html.gz", gzip(&plain()))
            .page("z-link.html.gz", gzip(&plain()))
            .page("followed.html.gz", gzip(&plain()))
            .page("again.html.gz", gzip(&plain()))
            .page(".store/page.html", plain());
        for (to, at) in [
            ("index.html", "a-link.html"),
            ("index.html", "z-link.html"),
            (".store/page.html", "again.html"),
            (".store/page.html", "followed.html"),
        ] {
            symlink(to, site.path(at)).unwrap();
        }
        site
    };
    let copies = ["a-link", "again", "followed", "z-link"].map(|name| format!("{name}.html.gz"));
    for threads in ["1", "8"] {
        let site = site();
        let dry = site.json("inject --dry-run", 0);
        let report = site.json(&format!("inject --threads {threads}"), 0);
        assert_eq!(dry.0["pages"], report.0["pages"]);
        assert_eq!(report.outcome("a-link.html"), "updated");
        for copy in &copies {
            assert_eq!(gunzip(&site.path(copy)), page(&loader()), "{copy}");
        }
        site.ok("verify");
        let again = site.json("inject", 0);
        assert_eq!(again.outcome("z-link.html"), "skipped");
        assert_eq!(again.reason("z-link.html"), "symbolic link to another page");
        site.ok("remove");
        for copy in &copies {
            assert_eq!(gunzip(&site.path(copy)), plain(), "{copy}");
        }
    }
    let left = site();
    left.ok("inject --compressed-siblings leave");
    let report = left.json("verify", 1);
    let mut stale: Vec<_> = report
        .findings("stale-compressed-sibling")
        .iter()
        .map(|finding| finding["path"].as_str().unwrap().to_owned())
        .collect();
    stale.sort();
    assert_eq!(stale, copies);
    left.ok("inject --compressed-siblings remove");
    for copy in &copies {
        assert!(!left.path(copy).exists(), "{copy}");
    }
    left.ok("verify");
    let elsewhere = site();
    elsewhere.ok("inject --output copy");
    for copy in &copies {
        let copy = elsewhere.folder().join("copy").join(copy);
        assert_eq!(gunzip(&copy), page(&loader()), "{}", copy.display());
    }
    elsewhere.ok("verify copy");
}

#[test]
fn a_copy_that_is_a_link_is_made_anew_and_what_it_points_to_left_alone() {
    let site = Site::of(plain())
        .page("shop.html", plain())
        .page("gone.html", plain())
        .page(".store/1.gz", gzip(&plain()))
        .file("outside.gz", gzip(&plain()));
    symlink(".store/1.gz", site.path("index.html.gz")).unwrap();
    symlink("../outside.gz", site.path("shop.html.gz")).unwrap();
    symlink("nowhere", site.path("gone.html.gz")).unwrap();
    let before = snapshot(&site.path(".store"));
    site.ok("inject --output copy");
    site.ok("verify copy");
    let changes = site.json("inject", 0).0["pages"].to_string();
    assert!(
        changes.contains("shop.html.gz compressed anew"),
        "{changes}"
    );
    for copy in ["index.html.gz", "shop.html.gz"] {
        assert_eq!(gunzip(&site.path(copy)), page(&loader()), "{copy}");
        let copied = site.folder().join("copy").join(copy);
        assert_eq!(gunzip(&copied), page(&loader()), "{copy}");
    }
    assert_eq!(snapshot(&site.path(".store")), before);
    assert_eq!(gunzip(&site.folder().join("outside.gz")), plain());
    site.ok("verify");
}

#[test]
fn a_page_and_its_copy_that_are_linked_together_stay_so() {
    let site = Site::new()
        .page(".store/page.html", plain())
        .page(".store/page.html.gz", gzip(&plain()))
        .page("met.html", plain())
        .page("met.html.gz", gzip(&plain()));
    for (to, at) in [(".store/page", "index"), ("met", "alias")] {
        for end in ["html", "html.gz"] {
            symlink(format!("{to}.{end}"), site.path(&format!("{at}.{end}"))).unwrap();
        }
    }
    site.ok("inject");
    for copy in ["index.html.gz", "met.html.gz", "alias.html.gz"] {
        assert_eq!(gunzip(&site.path(copy)), page(&loader()), "{copy}");
    }
    for link in ["index.html", "index.html.gz", "alias.html", "alias.html.gz"] {
        assert!(is_link(&site.path(link)), "{link}");
    }
    site.ok("verify");
    site.ok("remove --output copy");
    let copied = site.folder().join("copy");
    for copy in ["index.html.gz", "met.html.gz", "alias.html.gz"] {
        assert_eq!(gunzip(&copied.join(copy)), plain(), "{copy}");
    }
}

#[test]
fn one_file_that_should_be_two_things_is_refused() {
    let site = Site::of(plain())
        .page("internal/own.html", plain())
        .page("internal/.chathub.toml", NONE)
        .config(STATIC)
        .env("SUPPORT_TOKEN", &token("support", 80_000));
    symlink("../index.html", site.path("internal/start.html")).unwrap();
    symlink("internal/own.html", site.path("a.html")).unwrap();
    symlink("index.html", site.path("same.html")).unwrap();
    for (command, code) in [("inject", 3), ("verify", 1)] {
        let report = site.json(command, code);
        for (path, other) in [
            ("internal/start.html", "index.html"),
            ("a.html", "internal/own.html"),
        ] {
            assert_eq!(report.outcome(path), "refused", "{path}");
            let reason = report.reason(path);
            assert!(reason.contains(&format!("link to {other}")), "{reason}");
        }
        assert_eq!(report.outcome("same.html"), "skipped");
        // The rules file was met three times, and is one: its rule is used.
        assert_eq!(report.findings("unused-rule").len(), 0);
    }
}

#[test]
fn a_page_is_of_the_kind_that_its_link_is_named_by() {
    let text = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><p>x</p></body></html>";
    let site = Site::new()
        .page(".store/1", text)
        .page(".store/2", text)
        .page("plain.xhtml", text);
    symlink(".store/1", site.path("linked.xhtml")).unwrap();
    symlink(".store/2", site.path("linked.html")).unwrap();
    site.ok("inject");
    assert_eq!(site.text("linked.xhtml"), site.text("plain.xhtml"));
    assert_ne!(site.text("linked.html"), site.text("plain.xhtml"));
    site.ok("verify");
}

#[test]
fn what_one_link_leads_to_is_no_hole_in_what_another_leads_to() {
    let site = Site::new()
        .page(".store/one.html", plain())
        .page(".store/two.html", plain())
        .page(".store/deep/three.html", plain());
    symlink(".store/one.html", site.path("a.html")).unwrap();
    symlink(".store/deep", site.path("b")).unwrap();
    symlink(".store", site.path("c")).unwrap();
    symlink("../.store", site.path(".store/loop")).unwrap();
    let report = site.json("inject", 0);
    for path in ["a.html", "b/three.html", "c/two.html"] {
        assert_eq!(report.outcome(path), "injected", "{path}");
    }
    for (path, reason) in [
        ("c/one.html", "symbolic link to another page"),
        (
            "c/deep",
            "symbolic link to another folder, by whose path its pages are handled",
        ),
        (
            "c/loop",
            "symbolic link to another folder, by whose path its pages are handled",
        ),
    ] {
        assert_eq!(report.outcome(path), "skipped", "{path}");
        assert_eq!(report.reason(path), reason, "{path}");
    }
    for path in ["one.html", "two.html", "deep/three.html"] {
        assert_eq!(
            site.text(&format!(".store/{path}")),
            page(&loader()),
            "{path}"
        );
    }
    site.ok("verify");
}

/// A site whose links lead everywhere.
fn web() -> Site {
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .page("style.css", "p {}")
        .page(".store/page.html", plain())
        .page(".cache/news/b.html", plain())
        .page(".cache/news/b.css", "p {}")
        .file("store/page.html", plain())
        .file("store/x.css", "p {}")
        .file("store/docs/a.html", plain());
    let absolute = |path: &str| fs::canonicalize(site.path(path)).unwrap();
    for (to, at) in [
        (Path::new("index.html"), "alias.html"),
        (Path::new("../public/index.html"), "round.html"),
        (&absolute("index.html"), "absolute.html"),
        (&absolute("shop"), "absolute-shop"),
        (Path::new("alias.html"), "link-to-link.html"),
        (Path::new(".store/page.html"), "first.html"),
        (Path::new(".store/page.html"), "second.html"),
        (Path::new(".cache/news"), "news"),
        (Path::new("../.cache/news/b.html"), "shop/b.html"),
        (Path::new("shop"), "store"),
        (Path::new("style.css"), "shop.css"),
        (Path::new("../store/page.html"), "out.html"),
        (Path::new("../store/x.css"), "out.css"),
        (Path::new("../store/docs"), "docs"),
        (Path::new("nowhere.html"), "broken.html"),
        (Path::new("circle.html"), "circle.html"),
        (Path::new("."), "itself"),
        (Path::new("../page.html"), ".store/up.html"),
    ] {
        symlink(to, site.path(at)).unwrap();
    }
    site
}

#[test]
fn a_copy_has_the_same_pages_and_none_of_its_links_leads_back() {
    let site = web();
    let before = snapshot(site.folder());
    let copied = site.json("inject --output far/away/copy", 0);
    for (path, entry) in before {
        assert_eq!(snapshot(site.folder()).get(&path), Some(&entry), "{path}");
    }
    let copy = fs::canonicalize(site.folder())
        .unwrap()
        .join("far/away/copy");
    let real = fs::canonicalize(site.path("")).unwrap();
    for (path, entry) in snapshot(&copy) {
        if matches!(entry, Entry::Link(_)) {
            let (old, new) = (real.join(&path), copy.join(&path));
            let there = fs::canonicalize(&old);
            let here = fs::canonicalize(&new);
            assert_eq!(there.is_ok(), here.is_ok(), "{path}");
            if let (Ok(there), Ok(here)) = (there, here) {
                let outside = !there.starts_with(&real);
                assert_eq!(outside, !here.starts_with(&copy), "{path}");
                assert!(!here.starts_with(&real), "{path} leads back");
                assert!(fs::read_link(new).unwrap().is_relative(), "{path}");
            }
        }
    }
    // What visitors see is what they see of the site in place.
    let in_place = site.json("inject public", 0);
    assert_eq!(outcomes(&in_place), outcomes(&copied));
    for (path, outcome, reason) in outcomes(&in_place) {
        // A hidden page is no page of the site; in place, a link to it may have changed it.
        if path.contains(".html") && !path.starts_with('.') && !reason.contains("broken") {
            let text = fs::read_to_string(copy.join(&path)).unwrap();
            assert_eq!(text, site.text(&path), "{path}: {outcome}");
        }
    }
    assert_eq!(fs::read_to_string(copy.join("news/b.css")).unwrap(), "p {}");
    assert_eq!(fs::read_to_string(copy.join("out.css")).unwrap(), "p {}");
    assert!(!is_link(&copy.join("news")));
    let notices = copied.0["summary"]["notices"].to_string();
    assert!(
        notices.contains("docs is a symbolic link that leaves the site, and 2 more"),
        "{notices}"
    );
    let verified = site.json("verify far/away/copy", 0);
    assert_eq!(verified.paths(), copied.paths());
    // And a run in the copy changes nothing outside it.
    site.ok("remove far/away/copy");
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(site.text("first.html"), page(&loader()));
}
