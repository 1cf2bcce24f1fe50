//! Policies that a site's host sends: which of its files says so, for which pages, and what of them nobody can tell. That browsers agree, a
//! test in `runtime/test/` proves with real servers.

mod servers;
mod static_hosts;

use serde_json::Value;

use crate::common::{Site, plain};

const PAGES: [&str; 4] = [
    "about.html",
    "blog/index.html",
    "embed/index.html",
    "index.html",
];
/// Lets the chat through, and keeps it out.
const RIGHT: &str = "script-src 'self' https://widget.smsbat.com; connect-src 'self'";
const WRONG: &str = "script-src 'self'";

fn site() -> Site {
    let pages = PAGES.iter().skip(1);
    pages.fold(
        Site::of(plain()).page("about.html", plain()),
        |site, page| site.page(page, plain()),
    )
}

/// A finding of the site: its rule, file, message and remedy.
#[derive(Debug)]
struct Found {
    rule: String,
    file: String,
    at: String,
    message: String,
    remedy: String,
}

fn found(site: &Site) -> Vec<Found> {
    let run = site.run("verify --format json");
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let findings = report["siteFindings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found: Vec<_> = findings
        .map(|finding| Found {
            rule: text(&finding["rule"]),
            file: text(&finding["path"]),
            at: format!(
                "{}:{}",
                finding["place"]["line"], finding["place"]["column"]
            ),
            message: text(&finding["message"]),
            remedy: text(&finding["remedy"]),
        })
        .collect();
    let errors = found.iter().any(|one| one.rule == "csp-blocks-widget");
    assert_eq!(run.code, i32::from(errors), "{found:?} {}", run.stderr);
    found
}

/// Which pages are blocked, in words, and what is not understood.
fn judged(files: &[(&str, String)], config: &str) -> (Vec<String>, Vec<String>) {
    let site = files
        .iter()
        .fold(site(), |site, (name, content)| site.file(name, content));
    let site = site.config(config);
    site.ok("inject");
    let found = found(&site);
    let of = |rule: &str| {
        let of = found.iter().filter(|one| one.rule == rule);
        of.map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    (of("csp-blocks-widget"), of("unread-policy"))
}

/// Holds each file to the pages that its policies keep the chat from, by the beginning of their names, and to what nobody can tell.
fn holds(name: &str, config: &str, rows: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (content, pages, unread) in rows {
        let content = content.replace("RIGHT", RIGHT).replace("WRONG", WRONG);
        let (blocked, told) = judged(&[(name, content.clone())], config);
        let expected: Vec<_> = pages.split_whitespace().collect();
        let all: Vec<_> = PAGES
            .iter()
            .filter(|page| {
                expected
                    .iter()
                    .any(|one| *one == "all" || page.starts_with(one))
            })
            .copied()
            .collect();
        let on = match &all[..] {
            [] => String::new(),
            [one] => format!("on {one}"),
            [a, b] => format!("on 2 pages: {a} and {b}"),
            [a, b, c] => format!("on 3 pages: {a}, {b} and {c}"),
            [a, b, c, more @ ..] => format!(
                "on {} pages: {a}, {b}, {c} and {} more",
                all.len(),
                more.len()
            ),
        };
        let right = blocked.len() == usize::from(!all.is_empty())
            && blocked.iter().all(|message| message.ends_with(&on))
            && told.is_empty() == unread.is_empty()
            && (unread.is_empty() || told.iter().any(|one| one.contains(unread)));
        if !right {
            wrong.push(format!(
                "{content}: {blocked:?} {told:?}, and not {on} {unread}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_policy_is_one_finding_with_its_place_and_its_pages() {
    let site = site().page("_headers", "# ours\r\n/*\r\n  X-Frame-Options: DENY\r\n  Content-Security-Policy: script-src 'self'\r\n");
    let injected = site.run("inject");
    assert!(
        injected.stdout.contains("the Content-Security-Policy in public/_headers keeps the chat out of pages: `script-src 'self'` blocks"),
        "{}",
        injected.stdout
    );
    let found = found(&site);
    let [one] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (one.rule.as_str(), one.file.as_str(), one.at.as_str()),
        ("csp-blocks-widget", "public/_headers", "4:28")
    );
    assert_eq!(
        one.message,
        "`script-src 'self'` blocks https://widget.smsbat.com/operator-chat-panel/widget-script.js (the widget's script) on 4 pages: \
         about.html, blog/index.html, embed/index.html and 1 more"
    );
    assert!(
        one.remedy.ends_with(
            "of that policy: https://widget.smsbat.com/operator-chat-panel/widget-script.js."
        ),
        "{}",
        one.remedy
    );
}

#[test]
fn the_configuration_says_which_files_count() {
    let wrong = format!("/*\n  Content-Security-Policy: {WRONG}\n");
    let one = |config: &str| {
        judged(&[("public/_headers", wrong.clone())], config)
            .0
            .len()
    };
    assert_eq!(one(""), 1);
    assert_eq!(one("[csp]\ndiscover = false\n"), 0);
    assert_eq!(
        one("[verify.severity]\n\"csp-blocks-widget\" = \"off\"\n"),
        0
    );
    // Beside the project, it is the generator's source.
    assert_eq!(judged(&[("_headers", wrong)], "").0.len(), 0);
    for (files, said) in [
        ("missing.conf", "missing.conf cannot be read"),
        ("deploy/policy.txt", "its name does not tell a format"),
    ] {
        let site = site()
            .config(&format!("[csp]\nfiles = [\"{files}\"]\n"))
            .file("deploy/policy.txt", "x");
        site.run("verify").fails(2, &[said]);
    }
}

#[test]
fn what_the_widget_loads_can_be_told() {
    let headers = |policy: &str| format!("/*\n  Content-Security-Policy: {policy}\n");
    let config = "[csp]\nwidget = [\"connect-src wss://chat.example\", \"frame-src https://frame.example/a\", \"style-src https://s.example\", \
        \"font-src https://f.example\", \"img-src https://i.example\"]\n";
    let policy =
        format!("{RIGHT}; frame-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'");
    assert_eq!(
        judged(&[("public/_headers", headers(&policy))], "").0.len(),
        0
    );
    let (blocked, _) = judged(&[("public/_headers", headers(&policy))], config);
    assert_eq!(blocked.len(), 5, "{blocked:?}");
    assert!(
        blocked.iter().any(|one| one.starts_with(
            "`frame-src 'self'` blocks https://frame.example/a (what the widget loads)"
        )),
        "{blocked:?}"
    );
    let policy = format!(
        "{RIGHT} wss://chat.example; frame-src https:; style-src https://s.example; font-src f.example; img-src *"
    );
    assert_eq!(
        judged(&[("public/_headers", headers(&policy))], config).0,
        [""; 0]
    );
    for (wrong, said) in [
        ("connect-src", "two words"),
        (
            "default-src https://a.example",
            "the directive must be one of",
        ),
        ("connect-src http://a.example", "https or wss"),
    ] {
        let site = site().config(&format!("[csp]\nwidget = [\"{wrong}\"]\n"));
        site.run("verify").fails(2, &[said]);
    }
}

#[test]
fn a_site_below_a_path_is_matched_below_it() {
    let toml = |path: &str| {
        format!(
            "[[headers]]\nfor = \"{path}\"\n[headers.values]\nContent-Security-Policy = \"{WRONG}\"\n"
        )
    };
    let config = "[placeholder]\nbase-url = \"/docs/\"\n";
    assert_eq!(
        judged(&[("netlify.toml", toml("/docs/about"))], config)
            .0
            .len(),
        1
    );
    assert_eq!(
        judged(&[("netlify.toml", toml("/about"))], config).0.len(),
        0
    );
}

#[test]
fn files_that_are_not_read_and_speak_of_policies_are_told() {
    let header = "Header always set Content-Security-Policy \"default-src 'none'\"\n";
    let unread = |name: &str, text: &str| {
        let site = site().page(name, text);
        site.ok("inject");
        let found = found(&site);
        assert!(
            found.iter().all(|one| one.rule == "unread-policy"),
            "{found:?}"
        );
        let told = found.into_iter().map(|one| (one.file, one.at));
        told.collect::<Vec<_>>()
    };
    for name in [
        ".htaccess",
        "web.config",
        "serve.json",
        "_worker.js",
        "vercel.ts",
        "now.json",
    ] {
        let told = unread(name, &format!("x\n{header}"));
        assert_eq!(
            told,
            [(format!("public/{name}"), "2:19".to_owned())],
            "{name}"
        );
        for harmless in [
            "x",
            "# Content-Security-Policy",
            "x Content-Security-Policy-Report-Only: y",
        ] {
            assert_eq!(unread(name, harmless), [], "{name}: {harmless}");
        }
    }
    let large = format!("{}\n", "x".repeat(5 << 20));
    assert_eq!(unread("_worker.js", &large), []);
    // Named, it is told of as well, wherever it is.
    let named = site()
        .file("deploy/.htaccess", header)
        .config("[csp]\nfiles = [\"deploy/.htaccess\"]\n");
    named.ok("inject");
    let found = found(&named);
    assert_eq!(found[0].rule, "unread-policy");
    assert!(
        found[0]
            .message
            .contains("does not read files of this kind"),
        "{found:?}"
    );
    // What a generator copies is told of where it comes to be.
    let beside = site().file(".htaccess", header);
    beside.ok("inject");
    assert!(self::found(&beside).is_empty());
}
