//! What a page's `<base>` makes of the address.

use super::*;

#[test]
fn a_base_tells_the_path() {
    let site = |base: &str| {
        let head = format!("{base}<link rel=stylesheet href=styles.css>");
        Site::of(with(&head, "<app-root></app-root>")).page("styles.css", "")
    };
    expect_below(&site("<base href=\"/app/\">"), SURE, "/app/");
    expect_below(&site("<BASE HREF=/app/index.html>"), SURE, "/app/");
    // Each page its own.
    let page = |folder: &str| with(&format!("<base href=\"/app/{folder}\">"), "");
    let pages = Site::of(page("")).page("uk/index.html", page("uk/"));
    expect_below(&pages, SURE, "/app/");
    // A build for each language.
    let page = |folder: &str| with(&format!("<base href=\"/{folder}/\">"), "");
    let languages = Site::new()
        .page("en/index.html", page("en"))
        .page("uk/index.html", page("uk"));
    expect_fine(&languages, "");
    // The site's own host, by what it says.
    let canonical = "<link rel=canonical href=https://www.example.com/app/>";
    let own = format!("<base href=https://www.example.com/app/>{canonical}");
    expect_below(&site(&own), SURE, "/app/");
}

#[test]
fn a_base_on_another_host_leads_the_loader_away() {
    let head = |more: &str| format!("{more}<base href=\"https://cdn.example.com/site/\">");
    let site = Site::of(with(&head(""), "")).page("fine.html", plain());
    let (findings, notices) = told(&site, "");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].0, SURE);
    assert!(findings[0].1.contains("cdn.example.com"), "{findings:?}");
    assert!(notices.contains("cdn.example.com"), "{notices}");
    assert!(notices.contains("index.html"), "{notices}");
    // A whole URL leads where it says.
    expect_fine(&site, "--base-url https://www.example.com/");
    for own in [
        "<link rel=\"canonical\" href=\"https://cdn.example.com/site/\">",
        "<meta property=\"og:url\" content=\"https://cdn.example.com/site/\">",
    ] {
        let site = Site::of(with(&head(own), ""));
        expect_below(&site, SURE, "/site/");
    }
    let site = Site::of(with("<base href=//www.example.com/>", ""));
    expect_fine(&site.page("CNAME", "www.example.com\n"), "");
    // Browsers load no module of a site from these, and Chromium starts no chat where it is no URL.
    for base in [
        "file:///C:/site/",
        "///cdn.example/",
        "about:blank",
        "mailto:x@example.com",
        "blob:https://example.com/1",
        "ftp://example.com/",
        "https://",
        "//",
        "http://[",
    ] {
        let site = Site::of(with(&format!("<base href=\"{base}\">"), ""));
        let (findings, notices) = told(&site, "");
        assert_eq!(findings.len(), 1, "{base}: {findings:?}");
        assert_eq!(findings[0].0, SURE, "{base}");
        assert!(notices.contains("the <base> of index.html"), "{notices}");
        expect_fine(&site, "--base-url https://www.example.com/");
    }
    // What is no `<base>` of the page, and what its own policy forbids.
    for head in [
        "<svg><base href=\"https://cdn.example/\"></svg>".to_owned(),
        "<math><base href=\"https://cdn.example/\"></math>".to_owned(),
        policy("base-uri 'none'", "https://cdn.example/"),
        policy("base-uri 'self'", "https://cdn.example/"),
    ] {
        expect_fine(&Site::of(with(&head, "")), "");
    }
    for sources in ["base-uri https://cdn.example", "base-uri *", "img-src *"] {
        let site = Site::of(with(&policy(sources, "https://cdn.example/"), ""));
        assert_eq!(told(&site, "").0[0].0, SURE, "{sources}");
    }
    // Protocols that browsers ignore here.
    for base in ["data:text/plain,x", "javascript:0"] {
        let site = Site::of(with(&format!("<base href=\"{base}\">"), ""));
        expect_fine(&site, "");
    }
}

/// A policy, and behind it a `<base>`.
fn policy(policy: &str, base: &str) -> String {
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"><base href=\"{base}\">"
    )
}

#[test]
fn a_base_that_only_the_page_for_missing_ones_has_is_a_warning() {
    let page = with(
        "<link rel=stylesheet href=css/a.css>",
        "<a href=a.html>a</a>",
    );
    let missing = |base: &str| with(&format!("<base href=\"{base}\">"), "");
    let site = |base: &str| {
        let site = Site::of(&page).page("css/a.css", "p {}");
        // More than are asked.
        let site = (0..300).fold(site, |site, at| site.page(&format!("{at}.html"), &page));
        site.page("404.html", missing(base))
    };
    expect_below(&site("/my-book/"), LIKELY, "/my-book/");
    expect_fine(&site("/"), "");
    expect_fine(&site("./"), "");
}
