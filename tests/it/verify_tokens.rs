//! What verify finds beside tags: tokens and their times, the runtime, the site as a whole, and how much each weighs.

use std::fs;

use crate::common::{STATIC, Site, jwt, loader, now, page, plain, token, token_from, widget};

const DAY: i64 = 24 * 3600;

/// Verifies a page in static mode that carries this token.
fn rules_of(token: &str, arguments: &str) -> Vec<String> {
    let site = Site::of(page(&widget(token, "support"))).config(STATIC);
    let run = site.run(&format!("verify --format json {arguments}"));
    let report = crate::common::Report::of(&run.stdout);
    let rules: Vec<String> = report
        .rules("index.html")
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(run.code, i32::from(!rules.is_empty()), "{}", run.stdout);
    rules
}

#[test]
fn tokens_are_held_against_the_clock() {
    let expired_after_a_month = format!("{{\"iat\":{},\"exp\":{}}}", now() - 31 * DAY, now() - DAY);
    let cases = [
        (token("a", 7200), &[][..]),
        (token("a", DAY), &[]),
        (token("a", -1), &["token-expired"]),
        (token("a", 1800), &["token-expires-soon"]),
        (token_from("a", 7200, 9000), &["token-not-yet-valid"]),
        (token_from("a", 0, 9000), &[]),
        (token("a", 30 * DAY), &["token-lifetime-over-24h"]),
        (
            jwt(&format!("{{\"exp\":{}}}", now() + 30 * DAY)),
            &["token-lifetime-over-24h"],
        ),
        (
            jwt(&expired_after_a_month),
            &["token-expired", "token-lifetime-over-24h"],
        ),
        (jwt("{}"), &["token-malformed"]),
        (jwt("{\"exp\":\"tomorrow\"}"), &["token-malformed"]),
        ("just-some-words".to_owned(), &["token-malformed"]),
        (
            format!("&quot;{}&quot;", token("a", 7200)),
            &["token-malformed"],
        ),
        (format!("{}\n", token("a", 7200)), &["token-malformed"]),
        (String::new(), &["token-malformed"]),
        (
            "test-token-for-development".to_owned(),
            &["development-token"],
        ),
    ];
    for (token, rules) in cases {
        assert_eq!(rules_of(&token, ""), rules, "{token}");
    }
}

#[test]
fn how_soon_is_too_soon_is_a_setting() {
    let token = token("a", 1800);
    assert_eq!(rules_of(&token, "--min-ttl 10m"), [""; 0]);
    assert_eq!(rules_of(&token, "--min-ttl 45m"), ["token-expires-soon"]);
    assert_eq!(rules_of(&token, "--min-ttl 0s"), [""; 0]);
}

#[test]
fn one_token_for_two_organizations_is_found() {
    let config = format!(
        "{STATIC}\n[organizations.sales]\nid = 24\n\n[[rules]]\nmatch = \"shop/\"\norganization = \"sales\"\n"
    );
    let (one, other) = (token("one", 7200), token("other", 7200));
    let site = |sales: &str| {
        Site::of(page(&widget(&one, "support")))
            .page("shop/a.html", page(&widget(sales, "sales")))
            .page("shop/b.html", page(&widget(sales, "sales")))
            .config(&config)
    };
    assert!(site(&other).json("verify", 0).site_rules().is_empty());
    let report = site(&one).json("verify", 1);
    assert_eq!(report.site_rules(), ["token-shared-by-organizations"]);
    let finding = report.findings("token-shared-by-organizations")[0];
    assert_eq!(finding["message"], "sales and support share one token");
}

#[test]
fn the_development_token_is_published_only_knowingly() {
    let site = Site::of(plain())
        .config(STATIC)
        .env("SUPPORT_TOKEN", "test-token-for-development");
    site.ok("inject");
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["development-token"]);
    let site = site.config(&format!(
        "{STATIC}\n[verify.severity]\ndevelopment-token = \"off\"\n"
    ));
    assert!(site.json("verify", 0).rules("index.html").is_empty());
}

#[test]
fn a_runtime_that_is_missing_or_changed_is_found() {
    let site = Site::of(plain());
    site.ok("inject");
    let file = site.path(&format!(
        "chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    ));
    fs::write(&file, "minified chathub.runtime.v1").unwrap();
    assert_eq!(site.json("verify", 1).site_rules(), ["integrity-mismatch"]);
    fs::remove_file(&file).unwrap();
    assert_eq!(
        site.json("verify", 1).site_rules(),
        ["missing-runtime-asset"]
    );
    site.ok("inject");
    assert_eq!(fs::read(&file).unwrap(), chathub::internal::runtime::SOURCE);
    site.ok("verify");
    // Where no page loads it, nothing is missing.
    let site = Site::of(plain()).config("[organizations.support]\nid = 6\n");
    assert!(
        !site
            .json("verify", 0)
            .site_rules()
            .contains(&"missing-runtime-asset")
    );
}

#[test]
fn an_older_loader_is_stale_and_a_changed_integrity_told_apart() {
    let right = loader();
    let older = right.replace(
        chathub::internal::runtime::hashed_name(),
        "runtime.0011223344556677.js",
    );
    let site = Site::of(page(&right))
        .page("older.html", page(&older))
        .page(
            "integrity.html",
            page(&right.replace(chathub::internal::runtime::integrity(), "sha384-oldoldold")),
        );
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), [""; 0]);
    assert_eq!(report.rules("older.html"), ["stale-loader"]);
    assert_eq!(report.rules("integrity.html"), ["integrity-mismatch"]);
}

#[test]
fn what_the_configuration_has_too_much_is_found() {
    let config = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n\
        [[rules]]\nmatch = \"shop/**\"\norganization = \"sales\"\n";
    let site = Site::of(plain()).config(config);
    site.ok("inject");
    let report = site.json("verify", 0);
    assert_eq!(report.site_rules(), ["unused-organization", "unused-rule"]);
    let message = report.findings("unused-rule")[0]["message"].to_string();
    assert!(
        message.contains("chathub.toml:6") && message.contains("shop/**"),
        "{message}"
    );
    // Each weighs what it weighs: a warning and a note.
    site.run("verify --fail-on error").exits(0);
    site.run("verify --fail-on warning").exits(1);
    site.run("verify --fail-on note").exits(1);
    let site = site.config(&format!(
        "{config}[verify.severity]\nunused-rule = \"note\"\n"
    ));
    site.run("verify --fail-on warning").exits(0);
    site.run("verify --fail-on note").exits(1);
    let site = site.page("shop/index.html", plain());
    site.ok("inject");
    assert!(
        site.json("verify --fail-on note", 0)
            .site_rules()
            .is_empty()
    );
}

#[test]
fn a_rule_of_a_folder_that_holds_on_no_page_is_found_by_its_place() {
    let rules = "[[rules]]\nmatch = \"sale/**\"\nwidget = false\n";
    let site = Site::of(plain())
        .page("shop/a.html", plain())
        .page("shop/.chathub.toml", rules);
    let message = site.json("verify", 1).findings("unused-rule")[0]["message"].to_string();
    assert!(message.contains("shop/.chathub.toml:1"), "{message}");
}

#[test]
fn half_a_build_is_found_by_its_number_of_pages() {
    let site = Site::of(page(&loader()));
    site.ok("inject");
    site.ok("verify --min-pages 1");
    let report = site.json("verify --min-pages 2", 1);
    assert_eq!(report.site_rules(), ["too-few-pages"]);
    let message = &report.findings("too-few-pages")[0]["message"];
    assert_eq!(message, "1 page, where at least 2 are asked for");
}

#[test]
fn severities_can_be_changed_and_rules_switched_off() {
    let severity = |level: &str| {
        format!(
            "[verify.severity]\nmissing-instance = \"{level}\"\nmissing-runtime-asset = \"off\"\n"
        )
    };
    for (level, fail_on, code) in [
        ("error", "error", 1),
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("note", "warning", 0),
        ("note", "note", 1),
        ("off", "note", 0),
    ] {
        let site = Site::of(plain()).config(&severity(level));
        let report = site.json(&format!("verify --fail-on {fail_on}"), code);
        let findings = report.findings("missing-instance");
        if level == "off" {
            assert!(findings.is_empty());
        } else {
            assert_eq!(findings[0]["severity"], level);
        }
    }
}

#[test]
fn findings_say_where_and_what_to_do() {
    let site = Site::of("<!doctype html>\n<html>\n<body>\n  <p>é</p> </body>\n</html>\n");
    let report = site.json("verify", 1);
    let finding = report.findings("missing-instance")[0];
    assert_eq!(finding["path"], "index.html");
    assert_eq!(finding["place"]["line"], 4);
    assert_eq!(finding["place"]["column"], 12);
    assert_eq!(finding["excerpt"]["text"], "  <p>é</p> </body>");
    assert!(
        finding["remedy"]
            .as_str()
            .unwrap()
            .contains("chathub inject")
    );
}
