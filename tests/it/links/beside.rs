//! What is beside the site, and reached by a link alone.

use super::*;

/// A farm of links to a store beside it.
fn farm() -> Site {
    let site = Site::new()
        .page("own.html", plain())
        .file("store/1/index.html", plain())
        .file("store/1/index.html.gz", gzip(&plain()))
        .file("store/1/style.css", "p {}")
        .file("store/1/rules", NONE)
        .file("store/2/docs/a.html", plain())
        .file("store/2/docs/b.css", "p {}");
    for (to, at) in [
        ("../store/1/index.html", "index.html"),
        ("../store/1/index.html.gz", "index.html.gz"),
        ("../store/1/index.html", "twin.html"),
        ("../store/1/style.css", "style.css"),
        ("../store/2/docs", "docs"),
        ("../store/2/docs", "manual"),
        ("../../store/1", "private/1"),
        ("../../store/1/rules", "private/.chathub.toml"),
        ("..", "everything"),
    ] {
        fs::create_dir_all(site.path("private")).unwrap();
        symlink(to, site.path(at)).unwrap();
    }
    site
}

#[test]
fn what_is_beside_the_site_is_followed_when_that_is_asked_for_and_never_written() {
    let site = farm();
    let stays = snapshot(&site.folder().join("store"));
    let unasked = site.json("inject --dry-run", 0);
    for path in ["index.html", "docs", "manual", "everything"] {
        assert_eq!(unasked.reason(path), "a symbolic link that leaves the site");
    }
    let dry = site.json("inject --dry-run --link-root store", 3);
    let report = site.json("inject --link-root store", 3);
    assert_eq!(dry.0["pages"], report.0["pages"]);
    assert_eq!(report.outcome("index.html"), "injected");
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(gunzip(&site.path("index.html.gz")), page(&loader()));
    assert!(!is_link(&site.path("index.html")));
    // A folder cannot become the site's own without all that is in it.
    assert_eq!(report.outcome("docs/a.html"), "failed");
    assert!(report.reason("docs/a.html").contains("--output"));
    assert_eq!(report.reason("twin.html"), "symbolic link to another page");
    assert_eq!(
        report.reason("everything"),
        "a symbolic link that leaves the site"
    );
    assert_eq!(snapshot(&site.folder().join("store")), stays);
    let found = site.json("verify --link-root store", 1);
    assert_eq!(found.rules("docs/a.html"), ["missing-instance"]);
}

#[test]
fn a_copy_has_what_is_beside_the_site_in_place_of_links_when_that_is_asked_for() {
    let site = farm().config("[pages]\nlink-root = \"store\"\n");
    let stays = snapshot(&site.folder().join("store"));
    let report = site.json("inject --output copy", 3);
    let copy = site.folder().join("copy");
    let text = |path: &str| fs::read_to_string(copy.join(path)).unwrap();
    for path in [
        "index.html",
        "twin.html",
        "docs/a.html",
        "manual/a.html",
        "own.html",
    ] {
        assert_eq!(text(path), page(&loader()), "{path}");
    }
    assert_eq!(gunzip(&copy.join("index.html.gz")), page(&loader()));
    assert_eq!(text("docs/b.css"), "p {}");
    assert_eq!(report.outcome("docs/a.html"), "injected");
    // The same file, by a path whose rules say otherwise.
    assert_eq!(report.outcome("private/1/index.html"), "refused");
    assert_eq!(snapshot(&site.folder().join("store")), stays);
    for (path, entry) in snapshot(&copy) {
        let leaves = path == "everything";
        if let Entry::Link(_) = entry
            && !leaves
        {
            let to = fs::canonicalize(copy.join(&path)).unwrap();
            assert!(to.starts_with(fs::canonicalize(&copy).unwrap()), "{path}");
        }
    }
}

#[test]
fn a_folder_around_the_site_is_walked_once_and_the_copy_is_apart_from_it() {
    let site = Site::of(plain()).file("beside/a.html", plain());
    symlink("..", site.path("up")).unwrap();
    let report = site.json("inject --dry-run --link-root .", 3);
    assert_eq!(
        report.paths(),
        ["index.html", "up/beside/a.html", "up/public"]
    );
    let run = site.run("inject --link-root . --output copy");
    run.fails(2, &["--link-root", "one inside the other"]);
    let report = site.json("inject --link-root nowhere", 0);
    assert_eq!(report.reason("up"), "a symbolic link that leaves the site");
}
