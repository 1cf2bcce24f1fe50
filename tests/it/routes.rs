//! The route file: what the runtime goes by where a router renders pages in the browser.

use std::fs;

use crate::common::{Site, contents, plain};
use serde_json::{Value, json};

const FILE: &str = "chathub-assets/routes.json";
const RULES: &str = r#"
site = "public"
default-organization = "support"
[organizations.support]
id = 6
[organizations.sales]
id = 24
contact = "mailto:sales@example.com"
[[rules]]
match = "shop/"
organization = "sales"
[[rules]]
match = "internal/"
widget = false
"#;

fn site() -> Site {
    ["shop/index.html", "shop/boots.html", "internal/rota.html"]
        .into_iter()
        .fold(Site::of(plain()), |site, path| site.page(path, plain()))
        .page(
            "shop/off.html",
            plain().replace("<head>", "<head><meta name=\"chathub\" content=\"off\">"),
        )
        .config(RULES)
}

fn routes(site: &Site) -> Value {
    serde_json::from_slice(&site.read(FILE)).unwrap()
}

#[test]
fn inject_writes_what_it_assigned_and_remove_takes_it_away() {
    let site = site();
    let before = contents(&site.path(""));
    let report = site.json("verify", 1);
    assert!(report.site_rules().contains(&"stale-route-file"));
    site.run("inject --check").exits(1);
    assert_eq!(contents(&site.path("")), before, "a dry run writes nothing");
    site.ok("inject");
    assert_eq!(
        routes(&site),
        json!({
            "chathub": "routes",
            "options": [
                {"contact": null, "org": "support", "orgs": null, "texts": null},
                null,
                {"contact": "mailto:sales@example.com", "org": "sales", "orgs": null, "texts": null},
            ],
            "routes": {"/*": 0, "/internal/*": 1, "/shop/*": 2, "/shop/off": 1},
        })
    );
    assert!(site.text("index.html").contains(" data-routes=\"\""));
    site.ok("verify");
    let after = site.snapshot();
    site.ok("inject");
    site.ok("inject --prune");
    assert_eq!(site.snapshot(), after, "again changes nothing");
    site.ok("remove");
    assert_eq!(contents(&site.path("")), before);
}

#[test]
fn the_address_that_the_site_is_served_under_is_part_of_it() {
    let site = site();
    for (base, root) in [("/docs/", "/docs/*"), ("https://cdn.example.com/x", "/x/*")] {
        site.ok(&format!("inject --base-url {base}"));
        assert_eq!(routes(&site)["routes"][root], 0, "{base}");
    }
}

#[test]
fn sites_whose_pages_do_not_differ_have_none() {
    let site = Site::of(plain()).page("shop/index.html", plain());
    site.ok("inject");
    assert!(!site.path(FILE).exists());
    assert!(!site.text("index.html").contains("data-routes"));
    site.ok("verify");
}

#[test]
fn a_stale_one_is_found_and_fixed_and_a_foreign_one_left_alone() {
    let site = site();
    site.ok("inject");
    let right = site.read(FILE);
    let older = br#"{"chathub":"routes","options":[],"routes":{}}"#;
    fs::write(site.path(FILE), older).unwrap();
    let report = site.json("verify", 1);
    assert_eq!(report.site_rules(), ["stale-route-file"]);
    site.ok("inject");
    assert_eq!(site.read(FILE), right);
    fs::remove_file(site.path(FILE)).unwrap();
    assert_eq!(site.json("verify", 1).site_rules(), ["stale-route-file"]);

    let foreign = br#"{"routes":["/"]}"#;
    fs::write(site.path(FILE), foreign).unwrap();
    let before = site.snapshot();
    site.run("inject")
        .fails(2, &[FILE, "choose another asset-dir"]);
    assert_eq!(site.json("verify", 1).site_rules(), ["stale-route-file"]);
    assert_eq!(site.snapshot(), before);
    site.ok("remove");
    assert_eq!(site.read(FILE), foreign);
}

#[test]
fn its_compressed_copy_follows_it() {
    let site = site();
    site.ok("inject");
    let mut old = Vec::new();
    let gzip = chathub::internal::store::Coding::Gzip;
    gzip.compress(&site.read(FILE), &mut old).unwrap();
    let copy = format!("{FILE}.gz");
    fs::write(site.path(&copy), &old).unwrap();
    let site = site
        .page("more/index.html", plain())
        .config(&RULES.replace("internal/", "more/"));
    site.ok("inject");
    let mut new = Vec::new();
    gzip.compress(&site.read(FILE), &mut new).unwrap();
    assert!(old != new && site.read(&copy) == new);
    site.ok("remove");
    assert!(!site.path("chathub-assets").exists());
}

#[test]
fn a_copy_of_the_site_has_its_own() {
    let site = site();
    site.ok("inject --output copy");
    assert!(!site.path(FILE).exists());
    let file = site.folder().join("copy").join(FILE);
    assert!(fs::read_to_string(file).unwrap().contains("/shop/*"));
}

#[test]
fn an_organization_that_changes_with_every_page_is_said_to_be_too_much() {
    let text = "p".repeat(150);
    let mut site =
        Site::of(plain()).config(&RULES.replace("match = \"shop/\"", "match = \"**/*-s.html\""));
    for n in 0..500 {
        for end in ["", "-s"] {
            site = site.page(&format!("{text}-{n:03}{end}.html"), plain());
        }
    }
    site.ok("inject");
    assert_eq!(routes(&site)["routes"], json!({}));
    let report = site.json("verify", 0);
    assert!(report.site_rules().contains(&"too-many-routes"));
}

const ONE: &str =
    "site = \"public\"\ndefault-organization = \"support\"\n[organizations.support]\nid = 6\n";

/// A site that only a directive and a rules file tell apart, and whose pages hold this.
fn told_apart_by_pages(mark: &str) -> Site {
    let page = plain().replace("<p>", &format!("<div {mark}></div><p>"));
    let off = page.replace("<head>", "<head><meta name=\"chathub\" content=\"off\">");
    Site::of(&page)
        .page("about.html", &page)
        .page("internal/rota.html", &page)
        .page(
            "internal/.chathub.toml",
            "[[rules]]\nmatch = \"**\"\nwidget = false\n",
        )
        .page("off.html", off)
        .config(ONE)
}

#[test]
fn pages_that_only_directives_and_rules_files_tell_apart_are_found_where_a_router_leads_to_them() {
    let site = told_apart_by_pages("id=\"__docusaurus\"");
    let run = site.ok("inject");
    for words in [
        "internal/rota.html has another chat than about.html, and the router of Docusaurus leads from one to the other",
        "set placeholder.route-file = \"always\"",
    ] {
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
    assert!(!site.path(FILE).exists());
    let report = site.json("verify", 0);
    assert_eq!(report.site_rules(), ["no-route-file"]);
    assert_eq!(
        report.findings("no-route-file")[0]["path"],
        "internal/rota.html"
    );
    site.ok("inject --check");

    let site = site.config(&format!("{ONE}[placeholder]\nroute-file = \"always\"\n"));
    let run = site.ok("inject");
    assert!(!run.stdout.contains("route-file"), "{}", run.stdout);
    let expected = json!({"/*": 0, "/internal/*": 1, "/off": 1});
    assert_eq!(routes(&site)["routes"], expected);
    assert!(site.text("about.html").contains(" data-routes=\"\""));
    assert!(site.json("verify", 0).site_rules().is_empty());

    let site = site.config(&format!("{ONE}[placeholder]\nroute-file = \"never\"\n"));
    let run = site.ok("inject --prune");
    assert!(!run.stdout.contains("route-file"), "{}", run.stdout);
    assert!(!site.text("about.html").contains("data-routes"));
    assert!(site.json("verify", 0).site_rules().is_empty());
}

#[test]
fn where_no_router_leads_from_page_to_page_or_none_differs_nothing_is_said() {
    let apart = told_apart_by_pages("class=\"next\"");
    let alike = Site::of(plain().replace("<p>", "<div id=\"__docusaurus\"></div><p>"));
    let alike = alike.page("about.html", plain()).config(ONE);
    for site in [apart, alike] {
        let run = site.ok("inject");
        assert!(!run.stdout.contains("route-file"), "{}", run.stdout);
        assert!(site.json("verify", 0).site_rules().is_empty());
    }
}

#[test]
fn texts_by_language_tell_pages_apart() {
    let texts = "[placeholder.texts.uk]\nfailed = \"Чат зачинено\"\n";
    let site = Site::of(plain())
        .page(
            "uk/index.html",
            plain().replace("lang=\"en\"", "lang=\"uk\""),
        )
        .config(&format!("{ONE}{texts}"));
    site.ok("inject");
    assert_eq!(routes(&site)["routes"], json!({"/*": 0, "/uk/*": 1}));
    site.ok("verify");
}
