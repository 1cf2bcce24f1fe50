//! Who gets a token: pages of allowed origins, and users whom the proxy has authenticated.

use super::*;

#[test]
fn pages_of_allowed_origins_may_read_it_and_others_may_not() {
    let api = StandIn::start();
    let site = site(
        &api,
        "origins = [\"https://www.example.com\", \"http://localhost:8000\"]\n",
    );
    let server = start_ready(&site);
    let port = server.address.port();
    let ours = ("origin", "https://www.example.com");
    let reply = server.ask("GET", TOKEN, &[ours]);
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "https://www.example.com"
    );
    assert_eq!(
        reply
            .header("access-control-expose-headers")
            .to_ascii_lowercase(),
        "date,retry-after,x-request-id"
    );
    assert!(reply.header("vary").contains("origin"));
    let preflight = server.ask(
        "OPTIONS",
        TOKEN,
        &[ours, ("access-control-request-method", "GET")],
    );
    assert_eq!(
        (
            preflight.status,
            preflight.header("access-control-allow-origin")
        ),
        (200, "https://www.example.com")
    );
    // An error can be read, too: the runtime looks at its status and at Retry-After.
    let unknown = server.ask("GET", &format!("{TOKEN}?org=x"), &[ours]);
    assert_eq!(
        (
            unknown.status,
            unknown.header("access-control-allow-origin")
        ),
        (404, "https://www.example.com")
    );
    let rebound = format!("evil.example:{port}");
    for headers in [
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", "http://www.example.com")],
        vec![("origin", "https://www.example.com.evil.example")],
        vec![("host", "evil.example")],
        vec![("host", &*rebound)],
        vec![("sec-fetch-site", "cross-site")],
    ] {
        let reply = server.ask("GET", TOKEN, &headers);
        assert_eq!(
            (reply.status, reply.json()["error"].as_str()),
            (403, Some("Forbidden")),
            "{headers:?}"
        );
        assert_ne!(
            reply.header("access-control-allow-origin"),
            "https://evil.example"
        );
    }
    for host in ["www.example.com", "127.0.0.1:8787", "chathub:8787"] {
        assert_eq!(
            server.ask("GET", TOKEN, &[("host", host)]).status,
            200,
            "{host}"
        );
    }
}

#[test]
fn only_users_that_the_proxy_has_authenticated_get_a_token() {
    let api = StandIn::start();
    // Also with allow-anyone, which counts only where nothing else says who may.
    let in_site = site(&api, "auth-header = \"Remote-User\"\n");
    let mut server = start_ready(&in_site);
    let reply = server.get(TOKEN);
    assert_eq!(
        (reply.status, reply.text()),
        (401, "{\"error\":\"Unauthorized\"}")
    );
    let said = server.says("request refused");
    assert!(
        said.contains("http.response.status_code=401") && said.contains("client.address=127.0.0.1"),
        "{said}"
    );
    assert_eq!(
        server.ask("GET", TOKEN, &[("remote-user", "olena")]).status,
        200
    );
    assert_eq!(server.ask("GET", TOKEN, &[("remote-user", "")]).status, 401);
    drop(server);
    // Whoever is no trusted proxy can say what it likes.
    let server = start(&site(
        &api,
        "auth-header = \"Remote-User\"\ntrusted-proxies = [\"10.0.0.0/8\"]\n",
    ));
    assert_eq!(
        server.ask("GET", TOKEN, &[("remote-user", "olena")]).status,
        401
    );
}
