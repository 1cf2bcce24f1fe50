//! The token endpoint of a published site.

use super::host::{Host, reply};
use super::{notices, serve, site, sitemap, verify};
use crate::common::{Site, plain, token};

#[test]
fn the_token_endpoint_is_asked_once_for_each_organization_if_that_is_asked_for() {
    let site = site();
    let fresh = token("operator", 36_000);
    let answers = |status: &'static str, fields: &'static str, body: String| {
        serve(&site, move |path| {
            path.starts_with("/api/chathub/token")
                .then(|| reply(status, fields, &body))
        })
    };
    let json = "Content-Type: application/json\nCache-Control: no-store";
    let right = format!("{{\"token\":\"{fresh}\"}}");
    let host = answers("200 OK", json, right.clone());
    verify(&site, &host, "", 0);
    assert!(!host.asked().iter().any(|path| path.contains("token")));
    let report = verify(&site, &host, "--ask-endpoint", 0);
    let asked = host.asked();
    let mut asked: Vec<_> = asked.iter().filter(|path| path.contains("token")).collect();
    asked.sort();
    assert_eq!(
        asked,
        [
            "/api/chathub/token?org=sales",
            "/api/chathub/token?org=support"
        ]
    );
    assert!(!report.0.to_string().contains(&fresh));
    for (status, fields, body, words) in [
        ("404 Not Found", json, String::new(), "404"),
        ("302 Found", "Location: /login", String::new(), "redirects"),
        (
            "200 OK",
            "Content-Type: application/json",
            right,
            "no-store",
        ),
        (
            "200 OK",
            json,
            format!("{{\"token\":\"{}\"}}", token("operator", -60)),
            "expired",
        ),
        (
            "200 OK",
            json,
            format!("{{\"token\":\"{}\"}}", token("operator", 30 * 86_400)),
            "24 hours",
        ),
        ("200 OK", json, plain(), "a page of HTML"),
        ("200 OK", json, "{}".to_owned(), "no token"),
    ] {
        let host = answers(status, fields, body);
        let report = verify(&site, &host, "--ask-endpoint", 1);
        assert_eq!(
            report.site_rules(),
            ["endpoint-fails", "endpoint-fails"],
            "{words}"
        );
        let message = report.findings("endpoint-fails")[0]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(message.contains(words), "{message}");
    }
    // Who must log in first is not a fault.
    let host = answers("401 Unauthorized", json, String::new());
    let report = verify(&site, &host, "--ask-endpoint", 0);
    assert!(notices(&report).contains("401"), "{}", notices(&report));
}

#[test]
fn an_endpoint_on_another_origin_has_to_let_the_site_in() {
    for (allowed, code) in [
        ("", 1),
        ("Access-Control-Allow-Origin: *", 0),
        ("Access-Control-Allow-Origin: https://www.example.com", 1),
    ] {
        let fresh = token("operator", 36_000);
        let api = Host::start(move |_, _| {
            reply(
                "200 OK",
                &format!("Cache-Control: no-store\n{allowed}"),
                &fresh,
            )
        });
        let site = Site::of(plain())
            .page("sitemap.xml", sitemap("", &["/"]))
            .config(&format!(
                "{}[placeholder]\nendpoint = \"{}\"\n",
                super::CONFIG,
                api.at("token")
            ));
        site.ok("inject public");
        let host = serve(&site, |_| None);
        verify(&site, &host, "--ask-endpoint", code);
        let head = api.heads().pop().unwrap().to_lowercase();
        assert!(
            head.contains(&format!("origin: http://{}\r\n", host.address)),
            "{head}"
        );
    }
}
