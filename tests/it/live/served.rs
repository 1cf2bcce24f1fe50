//! What is found in pages and answers that a folder does not show.

use std::io::Write as _;

use super::host::{Host, file, not_found, ok, reply};
use super::{notices, serve, site, verify};
use crate::common::{STATIC, Site, loader, plain, token};

fn runtime() -> String {
    format!(
        "/chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    )
}

#[test]
fn a_page_that_the_server_does_not_have_is_found() {
    let site = site();
    for (status, code) in [
        ("404 Not Found", 1),
        ("500 Oops", 1),
        ("401 Unauthorized", 1),
        ("204 No Content", 1),
    ] {
        let host = serve(&site, move |path| {
            (path == "/shop/").then(|| reply(status, "Content-Type: text/html", plain()))
        });
        let report = verify(&site, &host, "", code);
        assert_eq!(
            report.rules(&host.at("shop/")),
            ["page-not-served"],
            "{status}"
        );
        assert_eq!(report.reason(&host.at("shop/")), "not served");
        let message = report.findings("page-not-served")[0]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(message.contains(&status[..3]), "{message}");
    }
}

#[test]
fn types_that_browsers_read_otherwise_are_found() {
    let site = site();
    let shop = site.text("shop/index.html");
    for (fields, rules) in [
        ("Content-Type: text/html", &[] as &[&str]),
        ("Content-Type: TEXT/HTML ; charset=utf-8", &[]),
        ("Content-Type: text/plain", &["wrong-content-type"]),
        ("Content-Type: application/xml", &["wrong-content-type"]),
        (
            "Content-Type: application/xhtml+xml",
            &["wrong-content-type"],
        ),
        (
            "Content-Type: application/octet-stream",
            &["wrong-content-type"],
        ),
        ("X-Content-Type-Options: nosniff", &["wrong-content-type"]),
        (
            "Content-Type: text/html\nContent-Disposition: attachment",
            &["wrong-content-type"],
        ),
        (
            "Content-Type: text/html; charset=utf-16",
            &["wrong-content-type"],
        ),
        // There is nothing in the page that it changes.
        ("Content-Type: text/html; charset=windows-1251", &[]),
    ] {
        let shop = shop.clone();
        let host = serve(&site, move |path| {
            (path == "/shop/").then(|| reply("200 OK", fields, &shop))
        });
        let report = verify(&site, &host, "", i32::from(!rules.is_empty()));
        assert_eq!(report.rules(&host.at("shop/")), rules, "{fields}");
    }
    // Browsers guess, and letters are wrong: neither keeps the chat away.
    let letters = shop.replace("Hello", "Привіт");
    let host = serve(&site, move |path| match path {
        "/shop/" => Some(reply(
            "200 OK",
            "Content-Type: text/html; charset=iso-8859-1",
            &letters,
        )),
        "/" => Some(reply(
            "200 OK",
            "",
            shop.replace(" data-org=\"sales\"", " data-org=\"support\""),
        )),
        _ => None,
    });
    let report = verify(&site, &host, "", 0);
    let found = report.findings("wrong-content-type");
    assert!(
        found.len() == 2 && found.iter().all(|finding| finding["severity"] == "warning"),
        "{found:?}"
    );
    // What is not a page at all is left out.
    let host = serve(&site, |path| {
        (path == "/shop/").then(|| ok("application/pdf", "%PDF-1.7"))
    });
    let report = verify(&site, &host, "", 0);
    assert_eq!(
        report.reason(&host.at("shop/")),
        "application/pdf, not a page"
    );
}

#[test]
fn a_policy_that_the_server_sends_is_held_against_the_chat() {
    let site = site();
    let blocked = "default-src 'self'; script-src 'self'";
    let loads = "script-src 'self' https://widget.smsbat.com; connect-src 'self'";
    let folder = site.path("");
    let with = |policy: &'static str| {
        let folder = folder.clone();
        Host::start(move |path, _| {
            let super::host::Answer::Bytes(bytes) = file(&folder, path) else {
                unreachable!()
            };
            let text = String::from_utf8(bytes).unwrap();
            let line = format!("\r\ncontent-security-policy: {policy}\r\nConnection:");
            super::host::Answer::Bytes(text.replacen("\r\nConnection:", &line, 1).into_bytes())
        })
    };
    let host = with(blocked);
    let report = verify(&site, &host, "", 1);
    // One finding, however many pages have the policy.
    let found = report.findings("csp-blocks-widget");
    assert_eq!(found.len(), 1, "{found:?}");
    let message = found[0]["message"].as_str().unwrap();
    assert!(
        message.contains("script-src")
            && message.contains("widget.smsbat.com")
            && message.contains("on 3 pages"),
        "{message}"
    );
    assert_eq!(report.site_rules(), ["csp-blocks-widget"]);
    verify(&site, &with(loads), "", 0);
    // Only what is enforced counts.
    let folder = site.path("");
    let reported = Host::start(move |path, _| {
        let super::host::Answer::Bytes(bytes) = file(&folder, path) else {
            unreachable!()
        };
        let text = String::from_utf8(bytes).unwrap();
        let line = format!("\r\nContent-Security-Policy-Report-Only: {blocked}\r\nConnection:");
        super::host::Answer::Bytes(text.replacen("\r\nConnection:", &line, 1).into_bytes())
    });
    verify(&site, &reported, "", 0);
}

#[test]
fn a_page_of_static_mode_must_not_be_kept_for_longer_than_its_token_works() {
    let site = Site::of(plain())
        .config(STATIC)
        .env("SUPPORT_TOKEN", &token("support", 36_000));
    site.ok("inject public");
    let content = site.read("index.html");
    for (fields, rules) in [
        ("", &[] as &[&str]),
        ("Cache-Control: no-cache", &[]),
        ("Cache-Control: max-age=600", &[]),
        ("Cache-Control: max-age=604800", &["cached-too-long"]),
        (
            "Cache-Control: max-age=0, s-maxage=604800",
            &["cached-too-long"],
        ),
        ("Cache-Control: private, max-age=60, s-maxage=604800", &[]),
        ("Cache-Control: max-age=604800\nAge: 604000", &[]),
        (
            "Date: Thu, 01 Jan 2026 00:00:00 GMT\nExpires: Thu, 08 Jan 2026 00:00:00 GMT",
            &["cached-too-long"],
        ),
    ] {
        let (content, fields) = (
            content.clone(),
            format!("Content-Type: text/html\n{fields}"),
        );
        let shown = fields.clone();
        let host = serve(&site, move |path| {
            (path == "/").then(|| reply("200 OK", &fields, &content))
        });
        let report = verify(&site, &host, "", i32::from(!rules.is_empty()));
        assert_eq!(report.rules(&host.url()), rules, "{shown}");
    }
}

#[test]
fn the_runtime_is_asked_for_as_pages_do() {
    let site = site();
    let name = runtime();
    let content = site.read(&name[1..]);
    let seen = |answer: fn(&[u8]) -> super::host::Answer, code: i32| {
        let (name, content) = (name.clone(), content.clone());
        let host = serve(&site, move |path| (path == name).then(|| answer(&content)));
        let report = verify(&site, &host, "", code);
        let rules = report
            .site_rules()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let findings = report.0["siteFindings"].as_array().unwrap().clone();
        let address = findings
            .first()
            .map(|finding| finding["path"].as_str().unwrap().to_owned());
        if let Some(address) = address {
            assert_eq!(address, format!("{}{}", host.url(), &runtime()[1..]));
        }
        let message = findings.first().map_or(String::new(), |finding| {
            finding["message"].as_str().unwrap().to_owned()
        });
        (rules, message)
    };
    let (rules, message) = seen(|_| not_found(), 1);
    assert_eq!(rules, ["missing-runtime-asset"]);
    assert!(message.contains("404 Not Found"), "{message}");
    // A server of an application has the same page for everything.
    let (rules, message) = seen(|_| ok("text/html", plain()), 1);
    assert_eq!(rules, ["missing-runtime-asset"]);
    assert!(message.contains("a page of HTML"), "{message}");
    let (rules, message) = seen(|content| ok("text/html", content), 1);
    assert_eq!(rules, ["wrong-content-type"]);
    assert!(message.contains("text/html"), "{message}");
    let (rules, _) = seen(
        |content| ok("text/javascript", [content, b"\n"].concat()),
        1,
    );
    assert_eq!(rules, ["integrity-mismatch"]);
    let (rules, message) = seen(|_| ok("text/javascript", "export default 1"), 1);
    assert_eq!(rules, ["integrity-mismatch"]);
    assert!(!message.contains("inject"), "{message}");
    let (rules, _) = seen(
        |content| ok("application/javascript; charset=utf-8", content),
        0,
    );
    assert!(rules.is_empty());
}

#[test]
fn the_runtime_under_its_lasting_name_must_not_be_kept_for_ever() {
    let site = site();
    let content = site.read("chathub-assets/runtime.js");
    let host = serve(&site, move |path| {
        let fields =
            "Content-Type: text/javascript\nCache-Control: public, max-age=31536000, immutable";
        path.ends_with("/runtime.js")
            .then(|| reply("200 OK", fields, &content))
    });
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.site_rules(), ["cached-too-long"]);
    assert_eq!(report.findings("cached-too-long")[0]["severity"], "warning");
}

#[test]
fn what_is_not_asked_for_is_not_judged() {
    let site = site();
    // By robots.txt; and because it is on another origin.
    let host = serve(&site, |path| {
        (path == "/robots.txt")
            .then(|| ok("text/plain", "User-agent: *\nDisallow: /chathub-assets/"))
    });
    let report = verify(&site, &host, "", 0);
    assert!(
        notices(&report).contains("was not asked for"),
        "{}",
        notices(&report)
    );
    assert!(
        !host
            .asked()
            .iter()
            .any(|path| path.contains("chathub-assets"))
    );
    let site = site.config(&format!(
        "{}[placeholder]\nbase-url = \"https://cdn.example.com/\"\n",
        super::CONFIG
    ));
    site.ok("inject public");
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "", 0);
    assert!(
        notices(&report).contains("another origin"),
        "{}",
        notices(&report)
    );
}

#[test]
fn a_copy_that_a_host_adds_is_found_and_so_is_a_type_that_one_changes() {
    let site = site();
    let shop = site.text("shop/index.html");
    let twice = shop.replace("</body>", &format!("{}</body>", loader()));
    let rocket = shop
        .replace("type=\"module\"", "type=\"0123abcd-module\"")
        .replace("</body>", "<script src=\"/cdn-cgi/scripts/rocket-loader.min.js\" data-cf-settings=\"0123abcd-|49\"></script></body>");
    let host = serve(&site, move |path| match path {
        "/shop/" => Some(ok("text/html", &twice)),
        "/shop/boots.html" => Some(ok("text/html", &rocket)),
        _ => None,
    });
    let report = verify(&site, &host, "", 1);
    assert_eq!(report.rules(&host.at("shop/")), ["duplicate-instance"]);
    assert_eq!(report.rules(&host.at("shop/boots.html")), ["wrong-type"]);
    let remedy = |rule: &str| {
        report.findings(rule)[0]["remedy"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(remedy("duplicate-instance").contains("on the way"));
    assert!(remedy("wrong-type").contains("Rocket Loader"));
}

#[test]
fn pages_are_read_in_the_codings_that_browsers_ask_for() {
    let site = site();
    let shop = site.read("shop/index.html");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&shop).unwrap();
    let gz = gz.finish().unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 5, 20)
        .write_all(&site.read("shop/boots.html"))
        .unwrap();
    let host = serve(&site, move |path| match path {
        "/shop/" => Some(reply(
            "200 OK",
            "Content-Type: text/html\nContent-Encoding: gzip",
            &gz,
        )),
        "/shop/boots.html" => Some(reply(
            "200 OK",
            "Content-Type: text/html\nContent-Encoding: br",
            &br,
        )),
        _ => None,
    });
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.outcome(&host.at("shop/boots.html")), "unchanged");
    assert!(host.heads().iter().all(|head| {
        head.to_lowercase()
            .contains("accept-encoding: gzip, br, zstd")
    }));
}
