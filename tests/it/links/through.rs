//! Pages behind a link to a folder of the site: one file at two paths, whose rules have to agree.

use super::*;

const X_AND_Y: &str = "[organizations.x]\nid = 1\n\n[organizations.y]\nid = 2\n\n[[rules]]\nmatch = \"**\"\norganization = \"x\"\n";

/// A site with two versions, of which `latest` is the second.
fn versions(rules: &str) -> Site {
    let site = Site::of(plain())
        .page("v1/index.html", plain())
        .page("v2/index.html", plain())
        .page("v2/guide/a.html", plain())
        .config(&format!("{X_AND_Y}{rules}"));
    symlink("v2", site.path("latest")).unwrap();
    site
}

/// What is refused, by `inject` and `verify` alike.
fn refused(site: &Site) -> Vec<String> {
    let run = site.run("inject --format json");
    let report = Report::of(&run.stdout);
    let refused = |report: &Report| -> Vec<String> {
        let paths = report.paths().into_iter();
        let refused = paths.filter(|path| report.outcome(path) == "refused");
        refused.map(str::to_owned).collect()
    };
    let paths = refused(&report);
    run.exits(if paths.is_empty() { 0 } else { 3 });
    let verified = site.json("verify", i32::from(!paths.is_empty()));
    assert_eq!(refused(&verified), paths);
    assert_eq!(verified.findings("page-refused").len(), paths.len());
    for path in &paths {
        let reason = report.reason(path);
        assert!(
            reason.contains("a symbolic link to a folder leads to it"),
            "{reason}"
        );
    }
    paths
}

#[test]
fn rules_for_the_path_by_a_linked_folder_are_not_dropped() {
    for rules in [
        "\n[[rules]]\nmatch = \"latest/**\"\nwidget = false\n",
        "\n[[rules]]\nmatch = \"latest/**\"\norganization = \"y\"\n",
        "\n[[rules]]\nmatch = \"v2/**\"\norganization = \"y\"\n",
    ] {
        let site = versions(rules);
        let both = ["latest/guide/a.html", "latest/index.html"];
        assert_eq!(refused(&site), both, "{rules}");
        // The pages have what their own paths ask for, and the link stays one.
        assert!(is_link(&site.path("latest")));
        let copied = site.run("inject --output copy --format json");
        assert_eq!(
            Report::of(copied.exits(3).stdout.as_str()).outcome("latest/index.html"),
            "refused"
        );
        assert!(is_link(&site.folder().join("copy/latest")));
    }
    let one = versions("\n[[rules]]\nmatch = \"latest/guide/*\"\nlang = \"en\"\nwidget = false\n");
    assert_eq!(refused(&one), ["latest/guide/a.html"]);
}

#[test]
fn a_linked_folder_whose_rules_agree_is_as_before() {
    for rules in [
        "",
        "\n[[rules]]\nmatch = [\"latest/**\", \"v2/**\"]\norganization = \"y\"\n",
        "\n[[rules]]\nmatch = \"latest/**\"\nlang = \"uk\"\norganization = \"y\"\n",
    ] {
        let site = versions(rules);
        assert_eq!(refused(&site), [""; 0], "{rules}");
        let report = site.json("verify", 0);
        let paths = report.paths();
        assert!(
            paths.contains(&"latest") && !paths.contains(&"latest/index.html"),
            "{paths:?}"
        );
    }
    // A page that speaks for itself does so by every path.
    let own = plain().replace("<title>", "<meta name=chathub content=off><title>");
    let site = Site::of(plain())
        .page("v2/index.html", own)
        .config(&format!(
            "{X_AND_Y}\n[[rules]]\nmatch = \"latest/**\"\norganization = \"y\"\n"
        ));
    symlink("v2", site.path("latest")).unwrap();
    assert_eq!(refused(&site), [""; 0]);
}

#[test]
fn the_rules_of_the_folder_with_the_link_count_and_those_behind_it_go_with_the_pages() {
    let site = versions("").page("old/.chathub.toml", NONE);
    symlink("../v2", site.path("old/new")).unwrap();
    assert_eq!(
        refused(&site),
        ["old/new/guide/a.html", "old/new/index.html"]
    );
    let inside = versions("").page("v2/.chathub.toml", "[[rules]]\norganization = \"y\"\n");
    assert_eq!(refused(&inside), [""; 0]);
}

#[test]
fn links_to_links_and_to_folders_above_end() {
    let rules = "\n[[rules]]\nmatch = [\"latest/**\", \"me/**\", \"v2/all/**\", \"twice/**\"]\nwidget = false\n";
    let site = versions(rules);
    symlink("latest", site.path("twice")).unwrap();
    symlink(".", site.path("me")).unwrap();
    symlink("..", site.path("v2/all")).unwrap();
    symlink("../v1", site.path("v2/before")).unwrap();
    let refused = refused(&site);
    for path in [
        "latest/index.html",
        "latest/before/index.html",
        "twice/guide/a.html",
        "me/index.html",
        "me/v1/index.html",
        "v2/all/v1/index.html",
    ] {
        assert!(
            refused.iter().any(|other| other == path),
            "{path}: {refused:?}"
        );
    }
    assert!(refused.len() < 40, "{refused:?}");
}
