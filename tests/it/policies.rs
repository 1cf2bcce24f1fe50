//! Content-Security-Policies in pages that keep the chat out. That browsers and `verify` agree on them, `runtime/test/policy.test.mjs`
//! proves; here is what only the site, the configuration or the tag decides.

use crate::common::{STATIC, Site, WIDGET_SRC, page, plain, token, widget};

const RULE: &str = "csp-blocks-widget";

fn meta(policy: &str) -> String {
    format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")
}

fn with(head: &str, tag: &str) -> String {
    page(tag).replace("</head>", &format!("{head}</head>"))
}

/// The findings of a site after `inject`, as message and remedy; and what `inject` told.
fn told(site: &Site, flags: &str) -> (Vec<(String, String)>, String) {
    let report = site.json(&format!("inject {flags}"), 0);
    let notices = report.0["summary"]["notices"].to_string();
    let run = site.run(&format!("verify --format json {flags}"));
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let pages = report["pages"].as_array().unwrap().iter();
    let findings = pages.flat_map(|page| page["findings"].as_array().unwrap());
    let findings: Vec<_> = findings
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            assert_eq!(text("rule"), RULE, "{finding}");
            assert!(finding["place"].is_object(), "{finding}");
            (text("message"), text("remedy"))
        })
        .collect();
    assert_eq!(run.code, i32::from(!findings.is_empty()), "{findings:?}");
    assert_eq!(
        notices.contains(RULE),
        !findings.is_empty(),
        "inject and verify disagree: {notices}"
    );
    (findings, notices)
}

/// The one message of a page, or nothing.
fn message(head: &str, flags: &str) -> String {
    let site = Site::of(with(head, ""));
    let (findings, _) = told(&site, flags);
    let messages: Vec<_> = findings.into_iter().map(|(message, _)| message).collect();
    messages.join("\n")
}

#[test]
fn a_finding_names_the_directive_what_it_blocks_and_what_to_write() {
    let policy = "default-src &#39;none&#39;; connect-src https://api.example";
    let site = Site::of(with(&meta(policy), ""));
    let (findings, notices) = told(&site, "");
    let runtime = format!(
        "/chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    );
    let more = chathub::internal::runtime::FILES[1].hashed_name();
    let further = chathub::internal::runtime::FILES[2].hashed_name();
    let scripts = format!(
        "`default-src 'none'` blocks {runtime} (the runtime), {WIDGET_SRC} (the widget's script), /chathub-assets/{more} and \
         /chathub-assets/{further} (the runtime's further files)"
    );
    let endpoint =
        "`connect-src https://api.example` blocks /api/chathub/token (the token endpoint)";
    let messages: Vec<_> = findings
        .iter()
        .map(|(message, _)| message.as_str())
        .collect();
    assert_eq!(messages, [scripts.as_str(), endpoint]);
    assert!(
        findings[0].1.contains(&format!("`default-src` of that policy, in the page's template: 'self' {WIDGET_SRC}, in place of 'none'")),
        "{findings:?}"
    );
    assert!(findings[1].1.ends_with(": 'self'."), "{findings:?}");
    assert!(
        notices.contains("the Content-Security-Policy in index.html keeps the chat out: `default-src 'none'` blocks"),
        "{notices}"
    );
}

#[test]
fn inject_names_one_of_many_pages() {
    let strict = with(&meta("script-src 'none'"), "");
    let site = Site::of(plain())
        .page("b.html", strict.clone())
        .page("a.html", strict);
    let (findings, notices) = told(&site, "");
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(
        notices.contains(
            "the Content-Security-Policies in 2 pages, such as a.html, keep the chat out"
        ),
        "{notices}"
    );
}

#[test]
fn pages_without_a_chat_may_forbid_what_they_like() {
    let off = "<meta name=\"chathub\" content=\"off\">";
    assert_eq!(
        message(&format!("{off}{}", meta("script-src 'none'")), ""),
        ""
    );
    let site = Site::of(plain()).page(
        "old.html",
        format!(
            "<meta http-equiv=refresh content='0; url=/'>{}",
            meta("script-src 'none'")
        ),
    );
    assert_eq!(told(&site, "").0, []);
}

#[test]
fn the_host_of_the_site_is_known_by_what_it_says_itself() {
    let policy = meta(&format!(
        "script-src https://www.example.com {WIDGET_SRC}; connect-src www.example.com"
    ));
    assert!(message(&policy, "").contains("(the runtime)"));
    for own in [
        "<link rel=\"canonical\" href=\"https://www.example.com/\">",
        "<meta property=\"og:url\" content=\"http://www.example.com/index.html\">",
        // Of two hosts, either may be it.
        "<link rel=canonical href=https://other.example/><meta property=og:url content=https://www.example.com/>",
    ] {
        assert_eq!(message(&format!("{own}{policy}"), ""), "", "{own}");
    }
    assert_eq!(message(&policy, "--base-url https://www.example.com/"), "");
    let site = Site::of(with(&policy, "")).page("CNAME", "www.example.com\n");
    assert_eq!(told(&site, "").0, []);
    // Another host's files are not the page's own.
    let own = "<link rel=\"canonical\" href=\"https://www.example.com/\">";
    let policy = meta(&format!("script-src 'self' {WIDGET_SRC}"));
    let elsewhere = message(&format!("{own}{policy}"), "--base-url https://cdn.example/");
    assert!(
        elsewhere.contains("blocks https://cdn.example/"),
        "{elsewhere}"
    );
}

#[test]
fn a_base_leads_the_loader_elsewhere() {
    let base = "<link rel=canonical href=https://cdn.example/><base href=\"https://cdn.example/\">";
    let policy = format!("script-src https://cdn.example {WIDGET_SRC}; connect-src 'self'");
    assert_eq!(message(&format!("{base}{}", meta(&policy)), ""), "");
}

#[test]
fn what_the_configuration_adds_is_judged_too() {
    let policy = meta(&format!(
        "script-src 'self' {WIDGET_SRC}; connect-src 'self'"
    ));
    assert_eq!(message(&policy, ""), "");
    let endpoint = message(&policy, "--endpoint https://api.example/token");
    assert!(
        endpoint.contains("blocks https://api.example/token (the token endpoint)"),
        "{endpoint}"
    );
    let widget = message(&policy, "--widget-src https://chat.example/w.js");
    assert!(
        widget.contains("blocks https://chat.example/w.js (the widget's script)"),
        "{widget}"
    );
    // Pages that differ have a route file, which the runtime asks for.
    let policy = meta(&format!(
        "script-src 'self' {WIDGET_SRC}; connect-src https://api.example"
    ));
    let rules = "default-organization = \"a\"\n[organizations.a]\nid = 1\n[organizations.b]\nid = 2\n\
        [[rules]]\nmatch = \"b/\"\norganization = \"b\"\n[placeholder]\nendpoint = \"https://api.example/token\"\n";
    let site = Site::of(with(&policy, ""))
        .page("b/index.html", plain())
        .config(rules);
    let (findings, _) = told(&site, "");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0]
            .0
            .ends_with("blocks /chathub-assets/routes.json (the route file)"),
        "{findings:?}"
    );
}

#[test]
fn a_nonce_that_a_server_puts_in_allows() {
    let policy = meta("script-src 'nonce-{{nonce}}'; connect-src 'self'");
    assert!(message(&policy, "").contains("(the runtime)"));
    let config = "[placeholder]\nnonce = \"{{nonce}}\"\n";
    let site = Site::of(with(&policy, "")).config(config);
    assert_eq!(told(&site, "").0, []);
    // One that its author has written on the tag stays there.
    let tag = "<script type=module src=/old.js data-chathub nonce=abc></script>";
    let site = Site::of(with(&meta("script-src 'nonce-abc'"), tag));
    assert_eq!(told(&site, "").0, []);
}

#[test]
fn a_tag_that_a_consent_tool_makes_is_no_tag_of_the_parser() {
    let policy = meta("script-src 'strict-dynamic' 'nonce-abc'");
    let held = "<script type=\"text/plain\" data-category=\"chat\" data-type=\"module\" src=\"/old.js\" data-chathub></script>";
    let site = Site::of(with(&policy, held));
    assert_eq!(told(&site, "").0, []);
    let site = Site::of(with(&policy, ""));
    let (findings, _) = told(&site, "");
    let integrity = format!("'{}'", chathub::internal::runtime::integrity());
    assert!(
        findings[0].1.contains(&integrity),
        "the hash is what allows it: {findings:?}"
    );
}

#[test]
fn static_mode_needs_the_widget_alone() {
    for (policy, blocked) in [
        ("script-src 'self'", true),
        (
            "script-src https://widget.smsbat.com; connect-src 'none'",
            false,
        ),
        ("script-src https: 'strict-dynamic'", true),
    ] {
        let tag = widget(&token("a", 7200), "support");
        let site = Site::of(with(&meta(policy), &tag)).config(STATIC);
        let report = site.run("verify --format json");
        assert_eq!(
            report.stdout.contains(RULE),
            blocked,
            "{policy}: {}",
            report.stdout
        );
        assert_eq!(
            report
                .stdout
                .contains(&format!("blocks {WIDGET_SRC} (the widget's script)")),
            blocked,
            "{}",
            report.stdout
        );
    }
}

#[test]
fn pages_of_xml_have_policies_too() {
    let xhtml = |head: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title>{head}\
             </head><body><p>x</p></body></html>\n"
        )
    };
    let policy = meta("script-src 'none'").replace("\">", "\"/>");
    for (name, head, blocked) in [
        ("a.xhtml", policy.clone(), true),
        ("a.html", policy.clone(), true),
        (
            "a.xhtml",
            format!("<style><![CDATA[{policy}]]></style>"),
            false,
        ),
        // To a parser of XML, the content of a `noscript` is markup.
        ("a.xhtml", format!("<noscript>{policy}</noscript>"), true),
        ("a.html", format!("<noscript>{policy}</noscript>"), false),
        ("a.xhtml", format!("<!-- {policy} -->"), false),
        ("a.xhtml", format!("<x xmlns=\"urn:x\">{policy}</x>"), false),
    ] {
        let site = Site::of(plain()).page(name, xhtml(&head));
        assert_eq!(!told(&site, "").0.is_empty(), blocked, "{name}: {head}");
    }
}

#[test]
fn the_severity_is_the_users() {
    let site = Site::of(with(&meta("script-src 'none'"), ""))
        .config("[verify.severity]\n\"csp-blocks-widget\" = \"off\"\n");
    site.json("inject", 0);
    site.json("verify", 0);
}

#[test]
fn the_customer_widget_needs_its_script_and_nothing_else() {
    let config = "default-organization = \"shop\"\n[organizations.shop]\nwidget = \"customer\"\n\
        guid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"\n";
    let told_of = |policy: &str| {
        let site = Site::of(with(&meta(policy), "")).config(config);
        told(&site, "").0
    };
    assert_eq!(
        told_of("script-src https://widget.smsbat.com; connect-src 'none'"),
        []
    );
    let [(message, remedy)] = &told_of("script-src 'self'")[..] else {
        panic!("one directive blocks it");
    };
    let src = "https://widget.smsbat.com/chat-widget/widget-script.js";
    assert_eq!(
        message,
        &format!("`script-src 'self'` blocks {src} (the widget's script)")
    );
    assert!(remedy.contains(src), "{remedy}");
}
