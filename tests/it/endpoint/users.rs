//! Users whom a proxy names, and clients whose address it tells.

use super::*;

#[test]
fn headers_that_everybody_sends_cannot_name_users() {
    let api = StandIn::start();
    for name in [
        "Host",
        "Cookie",
        "User-Agent",
        "Accept",
        "Accept-Language",
        "Origin",
        "Referer",
        "Connection",
        "Authorization",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "Sec-Fetch-Site",
        "Sec-CH-UA",
        "Content-Type",
        "Content-Length",
        "X-Request-Id",
        "Via",
        "Forwarded",
        "If-None-Match",
        "traceparent",
    ] {
        closed_site(&api, &format!("auth-header = \"{name}\"\n"))
            .run("endpoint")
            .fails(2, &["chathub.toml:", "endpoint.auth-header", "Remote-User"]);
    }
    for name in [
        "Remote-User",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Auth-Request-User",
        "X-WEBAUTH-USER",
    ] {
        let site = closed_site(&api, &format!("auth-header = \"{name}\"\n"));
        assert_eq!(start(&site).get(TOKEN).status, 401, "{name}");
    }
}

#[test]
fn placeholders_name_nobody() {
    let api = StandIn::start();
    let site = closed_site(&api, "auth-header = \"Remote-User\"\nrate-limit = 0\n");
    let server = start(&site);
    let ask = |users: &[&str]| {
        let fields: Vec<(&str, &str)> = users.iter().map(|user| ("remote-user", *user)).collect();
        server.ask("GET", TOKEN, &fields).status
    };
    for user in [
        "(null)",
        "-",
        "\"\"",
        "",
        " ",
        "null",
        "undefined",
        "anonymous",
        "unknown",
        "NULL",
        "(None)",
        "a,b",
    ] {
        assert_eq!(ask(&[user]), 401, "{user:?}");
    }
    assert_eq!(ask(&["olena", "taras"]), 401);
    assert_eq!(ask(&["olena", ""]), 401);
    assert_eq!(ask(&["olena"]), 200);
    assert_eq!(ask(&["olena@example.com"]), 200);
}

#[test]
fn users_are_counted_one_by_one_wherever_they_come_from() {
    let api = StandIn::start();
    let site = closed_site(&api, "auth-header = \"Remote-User\"\nrate-limit = 3\n");
    let server = start(&site);
    let ask = |user: &str| server.ask("GET", TOKEN, &[("remote-user", user)]).status;
    assert_eq!(ask("olena"), 200);
    assert_eq!(ask("olena"), 429);
    assert_eq!(ask("taras"), 200);
}

#[test]
fn every_form_of_an_address_is_a_client_of_its_own() {
    let api = StandIn::start();
    for (header, forms) in [
        (
            "X-Forwarded-For",
            &[
                "203.0.113.N:51234",
                "[2001:db8:N::1]:51234",
                "[2001:db8:N:1::1]",
                "2001:db8:N:2::1",
                "fe80:N::1%eth0",
                "\"203.0.114.N:80\"",
                "198.18.0.N, 127.0.0.1:9",
            ] as &[_],
        ),
        (
            "Forwarded",
            &[
                "for=203.0.113.N",
                "for=\"203.0.114.N:47011\"",
                "for=\"[2001:db8:N::1]:47011\";proto=https, for=127.0.0.1",
                "proto=https;For=198.18.0.N;by=\"a,b\"",
            ],
        ),
    ] {
        let site = site(
            &api,
            &format!("client-header = \"{header}\"\nrate-limit = 3\n"),
        );
        let server = start(&site);
        for form in forms {
            for n in 1..=3 {
                let told = form.replace('N', &n.to_string());
                let ask = || server.ask("GET", TOKEN, &[(header, &*told)]).status;
                assert_eq!((ask(), ask()), (200, 429), "{told}");
            }
        }
    }
}

#[test]
fn what_hides_an_address_counts_as_who_said_it() {
    let api = StandIn::start();
    let site = site(
        &api,
        "client-header = \"X-Forwarded-For\"\nrate-limit = 3\n",
    );
    let server = start(&site);
    let ask = |told: &str| {
        server
            .ask("GET", TOKEN, &[("x-forwarded-for", told)])
            .status
    };
    assert_eq!(ask("203.0.113.1, unknown"), 200);
    assert_eq!(ask("203.0.113.2, _hidden"), 429);
    let (_, said) = server.stop();
    assert_eq!(
        said.matches("holds something that is not an address")
            .count(),
        1,
        "{said}"
    );
}

#[test]
fn a_proxy_whose_visitors_are_counted_as_one_is_told_of_once() {
    let api = StandIn::start();
    let site_of = |more: &str| site(&api, more);
    let mut server = start(&site_of(""));
    for n in 0..3 {
        let client = format!("203.0.113.{n}");
        server.ask("GET", TOKEN, &[("x-forwarded-for", &*client)]);
    }
    let line = server.says("share one limit of 60 requests a minute");
    assert!(
        line.contains("client-header = \"x-forwarded-for\""),
        "{line}"
    );
    let (_, said) = server.stop();
    assert_eq!(said.matches("share one limit").count(), 1, "{said}");
    // Whoever is no trusted proxy says what it likes; and where the header is configured, all is well.
    for more in [
        "trusted-proxies = [\"10.0.0.0/8\"]\n",
        "client-header = \"X-Forwarded-For\"\n",
        "rate-limit = 0\n",
    ] {
        let server = start(&site_of(more));
        server.ask("GET", TOKEN, &[("x-forwarded-for", "203.0.113.1")]);
        let (_, said) = server.stop();
        assert!(!said.contains("share one limit"), "{more} {said}");
    }
}
