//! Credentials, the API and the endpoint: what the doctor asks only on demand.

use super::*;

/// Credentials are looked at, and never shown; commands run only where they are asked for.
#[test]
fn credentials_are_judged_and_not_shown() {
    let far = jwt(&format!(r#"{{"exp":{}}}"#, now() + 90 * 24 * 3600));
    for (secret, status, words) in [
        (far.as_str(), "ok", "valid until"),
        (
            "plain-company-token-1",
            "ok",
            "does not say when it expires",
        ),
        ("two words and more", "error", "white space"),
    ] {
        let site = healthy().env("CHATHUB_COMPANY_TOKEN", secret);
        let (_, document) = examined(&site, "");
        let told = on(&document, "credentials")[0];
        assert_eq!(text(told, "status"), status, "{told:#}");
        assert!(text(told, "message").contains(words), "{told:#}");
        let page = site.run("doctor -v").stdout;
        assert!(!page.contains(secret) && !document.to_string().contains(secret));
    }
    let half = healthy().env("CHATHUB_LOGIN", "me@example.com");
    let (code, document) = examined(&half, "");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["credentials"]))
    );
    // In static mode they are needed here.
    let site = Site::of(plain()).config(
        "mode = \"static\"\ndefault-organization = \"support\"\n[organizations.support]\nid = 6\n",
    );
    let (_, document) = examined(&site, "");
    let told = on(&document, "credentials")[0];
    assert_eq!(text(told, "status"), "error");
    assert!(
        text(told, "remedy").starts_with("Set CHATHUB_COMPANY_TOKEN"),
        "{told:#}"
    );
    let site = Site::of(plain()).config(STATIC);
    let (_, document) = examined(&site, "");
    let told = on(&document, "credentials");
    assert!(
        told.iter()
            .any(|check| text(check, "message").contains("SUPPORT_TOKEN is not set"))
    );
    let site = site.env("SUPPORT_TOKEN", &token("operator", 3600));
    site.ok("inject");
    let (_, document) = examined(&site, "");
    assert!(!wrong(&document).contains("credentials"), "{document:#}");
    let command = "[api]\ncompany-token = { command = [\"touch\", \"ran\"] }\n";
    let site = healthy().config(&format!("{CONFIG}{command}"));
    let (code, document) = examined(&site, "");
    assert_eq!(code, 0, "{document:#}");
    assert_eq!(text(on(&document, "credentials")[0], "status"), "skipped");
    assert!(!site.folder().join("ran").exists());
}

#[cfg(unix)]
#[test]
fn a_secret_that_everybody_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = healthy()
        .config(&format!(
            "{CONFIG}[api]\ncompany-token = {{ file = \"company\" }}\n"
        ))
        .file("company", "plain-company-token-2\n");
    let file = site.folder().join("company");
    for (mode, code) in [(0o644, 1), (0o640, 0), (0o600, 0)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let run = site.run("doctor");
        assert_eq!(
            run.exits(code).stdout.contains("chmod o-rwx company"),
            code == 1
        );
    }
}

/// With `--online`, the API is asked; without it, nobody is.
#[test]
fn the_api_is_asked_on_demand() {
    let server = StandIn::start();
    let site = || {
        let other = "[organizations.other]\nid = 7\n[[rules]]\nmatch = \"shop/\"\norganization = \"other\"\n";
        let site = healthy().config(&format!("{CONFIG}{other}"));
        let site = site.env("CHATHUB_API_URL", &server.url());
        site.ok("inject");
        site
    };
    let right = site().env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let (code, document) = examined(&right, "");
    assert_eq!(code, 0, "{document:#}");
    assert_eq!(server.state().requests.len(), 0);
    let (code, document) = examined(&right, "--online");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["credentials"]))
    );
    let told = on(&document, "credentials");
    assert!(text(told[1], "message").ends_with("takes them; the account has 2 organizations"));
    assert_eq!(
        text(told[2], "message"),
        "the account has no organization 7, which `other` is"
    );
    assert!(text(on(&document, "clock")[0], "message").contains("the ChatHub API's"));
    let refused = site().env("CHATHUB_COMPANY_TOKEN", "another-company-token");
    let (code, document) = examined(&refused, "--online");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["credentials"]))
    );
    // Without credentials there is nothing to ask.
    assert_eq!(examined(&site(), "--online").0, 0);
}

/// An answer with this body and these fields.
fn answer(status: &str, fields: &str, body: &str) -> Answer {
    Answer::Head(format!(
        "HTTP/1.1 {status}\r\n{fields}content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// What the doctor says about an endpoint that answers so.
fn asked(
    answers: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    path: &str,
) -> (i32, Value) {
    let service = Service::start(answers);
    let url = format!("http://{}{path}", service.address);
    let site = healthy();
    let (_, document) = examined(&site, "");
    assert!(service.asked().is_empty(), "{document:#}");
    let (code, document) = examined(&site, &format!("--endpoint {url}"));
    assert_eq!(service.asked().len(), 1);
    assert!(service.asked()[0].starts_with(&format!("get {path}?org=support ")));
    (code, document)
}

/// With `--endpoint`, a live endpoint is asked as a page would, and its token is not shown.
#[test]
fn an_endpoint_is_asked_on_demand() {
    const NO_STORE: &str = "cache-control: no-store\r\n";
    const PATH: &str = "/api/chathub/token";
    let token = token("operator", 3600);
    let reply = format!("{{\"token\":\"{token}\"}}");
    let held = reply.clone();
    let (code, document) = asked(move |_, _| answer("200 OK", NO_STORE, &held), PATH);
    assert_eq!((code, wrong(&document).len()), (0, 0), "{document:#}");
    let told = on(&document, "endpoint")[0];
    assert_eq!(
        text(told, "message"),
        "127.0.0.1 gives a token that is good for a chat"
    );
    assert!(!document.to_string().contains(&token));
    // A session is asked for, which the doctor has not.
    let (code, document) = asked(|_, _| answer("401 Unauthorized", "", ""), PATH);
    assert_eq!(code, 0);
    assert!(text(on(&document, "endpoint")[0], "message").contains("refuses visitors"));
    let old = crate::common::token("operator", -3600);
    for (status, fields, body, words) in [
        ("200 OK", "", reply.as_str(), "no `Cache-Control: no-store`"),
        ("200 OK", NO_STORE, &old, "expired"),
        ("200 OK", NO_STORE, "{}", "there is no token"),
        (
            "200 OK",
            "cache-control: no-store\r\ncontent-type: text/html\r\n",
            "<!doctype html>",
            "a page of HTML",
        ),
        ("404 Not Found", "", "", "404"),
        (
            "302 Found",
            "location: /login\r\n",
            "",
            "tokens are not fetched by redirects",
        ),
        ("502 Bad Gateway", "", "", "502"),
    ] {
        let (fields, body) = (fields.to_owned(), body.to_owned());
        let (code, document) = asked(move |_, _| answer(status, &fields, &body), PATH);
        assert_eq!(
            (code, wrong(&document)),
            (1, BTreeSet::from(["endpoint"])),
            "{status}"
        );
        let told = on(&document, "endpoint")[0];
        assert!(text(told, "message").contains(words), "{words}: {told:#}");
        assert_ne!(text(told, "remedy"), "");
    }
    // Pages ask elsewhere.
    let held = reply.clone();
    let (code, document) = asked(move |_, _| answer("200 OK", NO_STORE, &held), "/token");
    assert_eq!((code, wrong(&document)), (0, BTreeSet::from(["endpoint"])));
    // Its clock is another.
    let late = format!("{NO_STORE}date: Mon, 02 Jan 2006 15:04:05 GMT\r\n");
    let (code, document) = asked(move |_, _| answer("200 OK", &late, &reply), PATH);
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["clock"])),
        "{document:#}"
    );
    let port = Port::reserved();
    let (code, document) = examined(
        &healthy(),
        &format!("--endpoint http://{}{PATH}", port.address),
    );
    assert_eq!((code, wrong(&document)), (1, BTreeSet::from(["endpoint"])));
    for wrong in [
        "/api/chathub/token",
        "http://www.example.com/token",
        "https://me:word@example.com/",
    ] {
        healthy()
            .run(&format!("doctor --endpoint {wrong}"))
            .fails(2, &["--endpoint"]);
    }
}

/// An endpoint whose whole URL is configured is asked with `--online`.
#[test]
fn a_configured_endpoint_is_asked_online() {
    let service = Service::start(|_, _| answer("403 Forbidden", "", ""));
    let endpoint = format!("http://{}/token", service.address);
    let site = healthy().config(&format!(
        "{CONFIG}[placeholder]\nendpoint = \"{endpoint}\"\n"
    ));
    site.ok("inject");
    examined(&site, "");
    assert_eq!(service.asked().len(), 0);
    let (code, document) = examined(&site, "--online");
    assert_eq!((code, service.asked().len()), (0, 1), "{document:#}");
}
