//! `chathub verify --browser`: pages in an installed Chromium, which `scripts/setup` installs.

#![cfg(unix)]

mod process;

use std::collections::BTreeSet;
use std::fs;

use crate::common::{Report, STATIC, Site, loader, page, plain, token, widget};

/// With time for a busy machine; only a page that never loads uses it up.
const BROWSER: &str = "verify --browser --browser-pages all --browser-timeout 5m";

const RULES: &str = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n\
    [[rules]]\nmatch = \"shop/**\"\norganization = \"sales\"\n[[rules]]\nmatch = \"internal/**\"\nwidget = false\n";

const GUID: &str = "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21";

/// A site with this configuration that `inject` has run over. Its runs keep their temporary files in its folder, and use the browser
/// that the tests are told of.
fn site<'p>(config: &str, pages: impl IntoIterator<Item = (&'p str, String)>) -> Site {
    let site = Site::new()
        .config(config)
        .env("SUPPORT_TOKEN", &token("operator", 80_000));
    let site = pages
        .into_iter()
        .fold(site, |site, (path, page)| site.page(path, page));
    let site = with_browser(site);
    site.ok("inject");
    site
}

/// A site whose runs use the browser that the tests are told of.
pub(crate) fn with_browser(site: Site) -> Site {
    match std::env::var("CHROMIUM") {
        Ok(browser) => site.env("CHROMIUM", &browser),
        Err(_) => site,
    }
}

/// A page with this before its end.
fn with(script: &str) -> String {
    page(&format!("<script>{script}</script>"))
}

/// What a run found in the browser, by page, with its messages.
fn found(report: &Report) -> Vec<(String, String, String)> {
    let findings = report.0["siteFindings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["path"].is_string());
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .map(|finding| {
            let of = ["path", "rule", "message"].map(|name| text(&finding[name]));
            let [path, rule, message] = of;
            (path, rule, message)
        })
        .collect()
}

/// The messages of the findings that a page has, which must all be of this rule.
fn messages(report: &Report, page: &str, rule: &str) -> Vec<String> {
    let all = found(report).into_iter().filter(|(path, ..)| path == page);
    let all = all.map(|(_, of, message)| {
        assert_eq!(of, rule, "{page}: {message}");
        message
    });
    all.collect()
}

fn run(site: &Site, arguments: &str, code: i32) -> Report {
    site.json(&format!("{BROWSER} {arguments}"), code)
}

#[test]
fn good_pages_are_green_one_of_each_rule_and_one_without_a_chat() {
    let mut pages = Vec::new();
    for folder in ["", "shop/", "internal/"] {
        for name in ["index", "other", "404"] {
            pages.push(format!("{folder}{name}.html"));
        }
    }
    let site = site(RULES, pages.iter().map(|path| (path.as_str(), plain())));
    let report = site.json(
        "verify --browser --browser-timeout 5m --screenshots pictures",
        0,
    );
    assert_eq!(found(&report), []);
    let notices = report.0["summary"]["notices"].to_string();
    let opened = "index.html, internal/index.html, shop/index.html";
    assert!(
        notices.contains("3 pages opened in") && notices.contains(opened),
        "{notices}"
    );
    for page in opened.split(", ") {
        let picture = fs::read(site.folder().join(format!("pictures/{page}.png"))).unwrap();
        assert!(
            picture.starts_with(b"\x89PNG") && picture.len() > 1000,
            "{page}"
        );
    }
    let report = site.json("verify --browser --browser-pages 2 --browser-timeout 5m", 0);
    let notices = report.0["summary"]["notices"].to_string();
    assert!(notices.contains("2 pages opened in"), "{notices}");
    site.run("verify --browser --screenshots public/pictures")
        .fails(3, &["--screenshots", "in the site"]);
    site.run("verify --browser-pages 2")
        .fails(2, &["--browser"]);
    site.run("verify --browser --browser-pages none")
        .fails(2, &["rules, all, or a number"]);
}

#[test]
fn what_scripts_do_to_a_page_is_found() {
    let copy = |id: &str| {
        format!(
            "addEventListener('DOMContentLoaded', () => document.body.append(Object.assign(document.createElement('script'), \
             {{ type: 'module', id: '{id}', src: 'https://widget.smsbat.com/operator-chat-panel/widget-script.js' }})))"
        )
    };
    let policy = "<!doctype html><html lang=en><head><meta http-equiv=Content-Security-Policy content=\"script-src 'self'\">\
        <title>x</title></head><body><p>x</p></body></html>";
    let site = site(
        RULES,
        [
            ("two.html", with(&copy("operator-chat-panel-script-2"))),
            (
                "internal/one.html",
                with(&copy("operator-chat-panel-script")),
            ),
            (
                "sales.html",
                with(
                    "addEventListener('DOMContentLoaded', () => document.querySelector('[data-chathub]').dataset.org = 'sales')",
                ),
            ),
            (
                "throws.html",
                with("console.error('first'); undefinedFunction()"),
            ),
            ("policy.html", policy.to_owned()),
            ("good.html", plain()),
            ("dialog.html", with("alert('hello'); confirm('sure?')")),
        ],
    );
    let report = run(&site, "", 1);
    let [two] = &messages(&report, "two.html", "browser-instance-count")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        two.contains("2 live instances") && two.contains("operator-chat-panel-script-2"),
        "{two}"
    );
    let [one] = &messages(&report, "internal/one.html", "browser-instance-count")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        one.contains("1 live instance where there should be none"),
        "{one}"
    );
    let [sales] = &messages(&report, "sales.html", "wrong-organization")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        sales.contains("`sales`") && sales.contains("`support`"),
        "{sales}"
    );
    let throws = messages(&report, "throws.html", "browser-error");
    assert_eq!(throws.len(), 2, "{throws:?}");
    assert!(throws[0].contains("console error: first"), "{throws:?}");
    assert!(
        throws[1].contains("undefinedFunction is not defined"),
        "{throws:?}"
    );
    let [policy] = &messages(&report, "policy.html", "csp-blocks-widget")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        policy.contains("script-src-elem") && policy.contains("widget.smsbat.com"),
        "{policy}"
    );
    for good in ["good.html", "dialog.html"] {
        assert_eq!(messages(&report, good, ""), [""; 0]);
    }
}

#[test]
fn a_runtime_that_is_not_there_or_that_somebody_changed_is_no_chat() {
    let site = site("", [("index.html", plain())]);
    let runtime = site
        .path("chathub-assets")
        .join(chathub::internal::runtime::hashed_name());
    let content = fs::read(&runtime).unwrap();
    fs::write(&runtime, [&content[..], b"\n// changed"].concat()).unwrap();
    let report = run(&site, "", 1);
    let [changed] = &found(&report)
        .into_iter()
        .filter(|(_, rule, _)| rule == "browser-no-chat")
        .collect::<Vec<_>>()[..]
    else {
        panic!("{:#?}", found(&report));
    };
    assert!(changed.2.contains("integrity"), "{changed:?}");
    fs::remove_file(&runtime).unwrap();
    let report = run(&site, "", 1);
    let missing = found(&report);
    let missing = missing
        .iter()
        .find(|(path, rule, _)| path == "index.html" && rule == "browser-no-chat");
    assert!(missing.unwrap().2.contains("404"), "{missing:?}");
}

#[test]
fn policies_of_the_host_are_sent() {
    let site = site("", [("index.html", plain()), ("free/index.html", plain())]);
    let headers = "/\n  Content-Security-Policy: connect-src https://elsewhere.example\n";
    let site = site.page("_headers", headers);
    let report = run(&site, "", 1);
    let [blocked] = &messages(&report, "index.html", "csp-blocks-widget")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        blocked.contains("connect-src") && blocked.contains("/api/chathub/token"),
        "{blocked}"
    );
    assert_eq!(messages(&report, "free/index.html", ""), [""; 0]);
}

#[test]
fn nothing_is_asked_before_consent_and_the_chat_comes_with_it() {
    let config = "[placeholder]\nconsent = \"cookie:ok\"\n";
    let early = "addEventListener('load', () => dispatchEvent(new Event('cookie:ok')))";
    let site = site(
        config,
        [("index.html", plain()), ("early.html", with(early))],
    );
    assert_eq!(found(&run(&site, "", 0)), []);
}

#[test]
fn pages_whose_chat_waits_for_the_visitor_are_made_to_load_it() {
    for load in ["interaction", "manual", "visible"] {
        let config = format!("[placeholder]\nload = \"{load}\"\ncontact = \"tel:112\"\n");
        let site = site(&config, [("index.html", plain())]);
        assert_eq!(found(&run(&site, "", 0)), [], "{load}");
    }
    // The visitor chooses one.
    let both = format!(
        "{RULES}[[rules]]\nmatch = \"both.html\"\norganizations = [\"sales\", \"support\"]\n"
    );
    let site = site(&both, [("both.html", plain())]);
    assert_eq!(found(&run(&site, "", 0)), []);
}

#[test]
fn the_customer_widget_is_judged_by_its_guid() {
    let config = format!(
        "default-organization = \"shop\"\n[organizations.shop]\nwidget = \"customer\"\nguid = \"{GUID}\"\n"
    );
    let other = "addEventListener('DOMContentLoaded', () => document.querySelector('#chat-widget-script').setAttribute('guid', 'x'))";
    let head = plain().replace("</head>", &format!("<script>{other}</script></head>"));
    let site = site(&config, [("index.html", plain()), ("other.html", head)]);
    let report = run(&site, "", 1);
    assert_eq!(messages(&report, "index.html", ""), [""; 0]);
    let [other] = &messages(&report, "other.html", "wrong-organization")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(other.contains(GUID), "{other}");
}

#[test]
fn static_pages_are_judged_and_no_token_is_told() {
    let tells = "addEventListener('DOMContentLoaded', () => \
        console.error('the token is ' + document.querySelector('#operator-chat-panel-script').getAttribute('token')))";
    let other = "addEventListener('DOMContentLoaded', () => \
        document.querySelector('#operator-chat-panel-script').setAttribute('token', 'other'))";
    let frame = page("<iframe src=\"good.html\"></iframe>");
    let site = site(
        STATIC,
        [
            ("good.html", plain()),
            ("tells.html", with(tells)),
            (
                "other.html",
                plain().replace("</head>", &format!("<script>{other}</script></head>")),
            ),
            ("frame.html", frame),
        ],
    );
    let report = run(&site, "", 1);
    assert_eq!(messages(&report, "good.html", ""), [""; 0]);
    let [told] = &messages(&report, "tells.html", "browser-error")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        told.contains("the token is ey") && told.len() < 100,
        "{told}"
    );
    let [other] = &messages(&report, "other.html", "wrong-organization")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(other.contains("another token"), "{other}");
    let [frame] = &messages(&report, "frame.html", "browser-instance-count")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(
        frame.contains("2 live instances") && frame.contains("the frame /good.html"),
        "{frame}"
    );
}

#[test]
fn a_page_in_a_frame_keeps_quiet_in_placeholder_mode() {
    let frame = page("<iframe src=\"inner.html\"></iframe>");
    let site = site(
        RULES,
        [
            ("inner.html", plain()),
            ("outer.html", frame.clone()),
            (
                "internal/frame.html",
                page("<iframe src=\"../inner.html\"></iframe>"),
            ),
        ],
    );
    let report = run(&site, "", 1);
    assert_eq!(messages(&report, "inner.html", ""), [""; 0]);
    assert_eq!(messages(&report, "outer.html", ""), [""; 0]);
    // A page without a chat shows the other one's.
    let [shown] = &messages(&report, "internal/frame.html", "browser-instance-count")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert!(shown.contains("the frame /inner.html"), "{shown}");
}

#[test]
fn tags_that_the_files_tell_of_are_what_the_browser_counts() {
    let site = site("", [("index.html", plain())]);
    let copies = format!("{}{}", loader(), widget("x", "support"));
    fs::write(site.path("index.html"), page(&copies)).unwrap();
    let report = run(&site, "", 1);
    let rules: BTreeSet<String> = found(&report)
        .into_iter()
        .map(|(_, rule, _)| rule)
        .collect();
    assert!(rules.contains("browser-instance-count"), "{rules:?}");
}
