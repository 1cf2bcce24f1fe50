//! What is told of a published site, and under which name.

use super::host::{not_found, ok};
use super::{serve, site, verify};
use crate::common::{plain, token};
use chathub::internal::report::Format;

#[test]
fn a_token_in_a_page_is_found_and_never_shown() {
    let site = site();
    let leaked = token("somebody", 36_000);
    let shop = site.text("shop/index.html").replace("Hello", &leaked);
    let host = serve(&site, move |path| {
        (path == "/shop/").then(|| ok("text/html", &shop))
    });
    let report = verify(&site, &host, "", 1);
    assert_eq!(report.rules(&host.at("shop/")), ["secret-in-site"]);
    assert!(!report.0.to_string().contains(&leaked));
}

#[test]
fn every_format_names_pages_by_their_addresses() {
    let site = site();
    let host = serve(&site, |path| (path == "/shop/").then(not_found));
    let formats = Format::ALL.iter().map(|format| format.name());
    let reports: Vec<_> = formats
        .clone()
        .map(|format| format!("--report {format}={format}.out"))
        .collect();
    site.run(&format!("verify {} {}", host.url(), reports.join(" ")))
        .exits(1);
    for format in formats {
        let text = std::fs::read_to_string(site.folder().join(format!("{format}.out"))).unwrap();
        // GitHub's annotations and Markdown escape colons.
        let text = text.replace("%3A", ":").replace("\\:", ":");
        assert!(text.contains(&host.at("shop/")), "{format}: {text}");
        assert!(
            !text.contains(&format!("{}{}", host.url(), host.url())),
            "{format}: {text}"
        );
        assert!(
            !text.contains(&format!("{}/{}", host.url(), host.url())),
            "{format}: {text}"
        );
    }
    let sarif = std::fs::read_to_string(site.folder().join("sarif.out")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let location =
        &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], host.at("shop/"));
    assert!(location["uriBaseId"].is_null());
}

#[test]
fn what_is_known_or_weighed_by_the_paths_of_files_is_so_by_their_addresses() {
    let site = site();
    std::fs::write(site.path("index.html"), plain()).unwrap();
    site.run("verify public").exits(1);
    site.ok("verify public --baseline known.toml --write-baseline");
    let host = serve(&site, |path| (path == "/shop/").then(not_found));
    let weighed = format!(
        "{}[[verify.overrides]]\nmatch = [\"shop/\"]\nseverity = {{ page-not-served = \"note\" }}\n",
        super::CONFIG
    );
    let site = site.config(&weighed);
    let report = verify(&site, &host, "--baseline known.toml", 0);
    let known = &report.findings("missing-instance")[0];
    assert_eq!(
        (&known["path"], &known["baselined"]),
        (&host.url().into(), &true.into())
    );
    assert_eq!(report.findings("page-not-served")[0]["severity"], "note");
    // A server need not show all pages, so nothing is concluded from what it does not.
    for flag in ["--write-baseline", "--prune-baseline"] {
        let run = site.run(&format!(
            "verify {} --baseline known.toml {flag}",
            host.url()
        ));
        run.fails(2, &["acts on a folder alone"]);
    }
}
