//! Who is answered: this user's browsers, and where tokens are real, only those that were let in.

use super::*;

/// A site whose tokens the stand-in mints.
fn real(api: &StandIn) -> Site {
    let config = format!(
        "default-organization = \"sales\"\n[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n",
        api.url()
    );
    Site::of(plain()).config(&config)
}

fn with_credentials(api: &StandIn) -> Site {
    real(api).env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

/// The path of the address that it printed.
fn printed(server: &mut Server) -> String {
    let said = server.said();
    let address = format!("http://{}", server.address);
    let rest = said.split_once(&address).unwrap().1;
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The cookie that a browser gets, as it sends it.
fn cookie(welcome: &crate::http::Reply) -> String {
    let said = welcome.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(said.split("; ").any(|part| part == word), "{said}");
    }
    said.split(';').next().unwrap().to_owned()
}

#[test]
fn live_it_gives_real_tokens_to_the_vendors_widget() {
    let api = StandIn::start();
    let site = with_credentials(&api);
    let mut server = preview(&site, &["--live", "-v"]);
    let path = printed(&mut server);
    let welcome = server.get(&path);
    assert_eq!((welcome.status, welcome.header("location")), (303, "/"));
    assert_eq!(welcome.header("cache-control"), "no-store");
    assert_eq!(welcome.header("referrer-policy"), "no-referrer");
    let cookie = cookie(&welcome);
    let get = |path| server.ask("GET", path, &[("cookie", &*cookie)]);
    // The loader names no script, so it loads the vendor's.
    let page = get("/");
    assert!(page.text().contains("data-chathub") && !page.text().contains("data-src"));
    let token = get("/api/chathub/token?org=sales");
    assert_eq!(token.header("cache-control"), "no-store");
    let token = token.json()["token"].as_str().unwrap().to_owned();
    assert!(api.state().minted.contains(&token));
    assert_eq!(get("/api/chathub/token").json()["token"], token);
    assert_eq!(get("/api/chathub/token?org=x").status, 404);
    let evil = [("origin", "https://evil.example"), ("cookie", &*cookie)];
    assert_eq!(server.ask("GET", "/api/chathub/token", &evil).status, 403);
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    for secret in api.secrets() {
        assert!(!said.contains(&secret), "a secret on the terminal");
    }
    assert!(said.contains("GET /api/chathub/token"), "{said}");
    let key = path.rsplit('/').next().unwrap();
    assert_eq!(
        said.matches(key).count(),
        1,
        "printed once, and never logged"
    );
    real(&api)
        .run("preview public --live")
        .fails(2, &["CHATHUB_COMPANY_TOKEN"]);
    Site::of(plain())
        .run("preview public --live")
        .fails(2, &["organizations"]);
}

#[test]
fn live_it_answers_nobody_who_has_not_opened_the_printed_address() {
    let api = StandIn::start();
    let site = with_credentials(&api);
    let mut server = preview(&site, &["--live"]);
    let path = printed(&mut server);
    let key = path.rsplit('/').next().unwrap().to_owned();
    assert!(key.len() >= 32, "{key}");
    let name = cookie(&server.get(&path))
        .split_once('=')
        .unwrap()
        .0
        .to_owned();
    let short = key[1..].to_owned();
    for given in ["", "x", &short, &format!("{key}x"), &key.to_lowercase()] {
        let door = server.get(&format!("/.chathub/open/{given}"));
        assert_eq!(
            (door.status, door.header("set-cookie")),
            (401, ""),
            "{given}"
        );
        for path in [
            "/api/chathub/token",
            "/",
            "/.chathub/events?since=0",
            "/.chathub/page?path=/",
        ] {
            let cookie = format!("{name}={given}");
            let reply = server.ask("GET", path, &[("cookie", &cookie), HTML]);
            assert_eq!(reply.status, 401, "{path} {given}");
            assert!(reply.text().contains("chathub preview --live"));
            assert!(!reply.header("www-authenticate").is_empty());
            assert!(!reply.text().contains(&key) && !reply.text().contains("data-chathub"));
        }
    }
    assert_eq!(server.get("/api/chathub/token").status, 401);
    let other = format!("other={key}");
    assert_eq!(
        server
            .ask("GET", "/api/chathub/token", &[("cookie", &other)])
            .status,
        401
    );
    // Among other cookies it is found.
    let ours = format!("a=b; {name}={key}; c=d");
    assert_eq!(
        server
            .ask("GET", "/api/chathub/token", &[("cookie", &ours)])
            .status,
        200
    );
    // Each start has a key of its own.
    let mut second = preview(&site, &["--live", "--quiet"]);
    assert_ne!(printed(&mut second), path);
    assert_eq!(second.get(&path).status, 401);
    // A browser that comes from a page elsewhere is sent on by a page, since it would not take the cookie along.
    let linked = server.ask(
        "GET",
        &path,
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ],
    );
    assert_eq!(linked.status, 200);
    assert!(
        linked
            .text()
            .contains("http-equiv=\"refresh\" content=\"0; url=/\"")
    );
    cookie(&linked);
}

#[test]
#[cfg(target_os = "linux")]
fn the_address_in_a_programs_arguments_works_once() {
    let api = StandIn::start();
    // What opens browsers writes down what it was given.
    let site = with_credentials(&api).file(
        "opener",
        "#!/bin/sh\necho \"$@\" > opened.new\nmv opened.new opened\n",
    );
    // By a process of its own, as in `Program::copied`: what another test starts meanwhile could have it open for writing.
    let installed = Command::new("install")
        .args(["-D", "-m", "755", "opener", "bin/xdg-open"])
        .current_dir(site.folder())
        .status();
    assert!(installed.unwrap().success());
    let path = format!(
        "{}:{}",
        site.folder().join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = site.command(["preview", "--port", "0", "public", "--live", "--open"]);
    let mut server = Server::start(command.env("PATH", path));
    let opened = site.folder().join("opened");
    let given = wait_for("a browser is opened", || fs::read_to_string(&opened).ok());
    let at = given
        .split_once(&format!("http://{}", server.address))
        .unwrap()
        .1
        .trim();
    let printed = printed(&mut server);
    assert_ne!(at, printed);
    assert!(!given.contains(printed.rsplit('/').next().unwrap()));
    let first = server.get(at);
    let cookie = cookie(&first);
    assert_eq!(server.get(at).status, 401, "it has been used");
    assert_eq!(
        server
            .ask("GET", "/api/chathub/token", &[("cookie", &cookie)])
            .status,
        200
    );
    assert_eq!(server.get(&printed).status, 303);
}

const HTML: (&str, &str) = ("accept", "text/html");

#[test]
fn pages_of_other_sites_get_nothing() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let port = server.address.port();
    let ours = format!("http://127.0.0.1:{port}");
    for path in [
        "/api/chathub/token",
        "/",
        "/.chathub/events?since=0",
        "/.chathub/page?path=/",
    ] {
        for (headers, status) in [
            (vec![("host", "evil.example")], 421),
            (vec![("host", &*format!("evil.example:{port}"))], 421),
            (
                vec![("host", &*format!("127.0.0.1.evil.example:{port}"))],
                421,
            ),
            (vec![("host", "127.0.0.1")], 421),
            (vec![("origin", "https://evil.example")], 403),
            (vec![("origin", "null")], 403),
            (
                vec![("origin", &*format!("http://127.0.0.1:{}", port ^ 1))],
                403,
            ),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "no-cors"),
                ],
                403,
            ),
        ] {
            let reply = server.ask("GET", path, &headers);
            assert_eq!(reply.status, status, "{path} {headers:?}");
            assert_eq!(reply.header("access-control-allow-origin"), "");
            assert!(!reply.text().contains("test-token"));
        }
    }
    for host in [format!("localhost:{port}"), format!("[::1]:{port}")] {
        assert_eq!(
            server
                .ask("GET", "/api/chathub/token", &[("host", &host)])
                .status,
            200
        );
    }
    assert_eq!(
        server
            .ask("GET", "/api/chathub/token", &[("origin", &ours)])
            .status,
        200
    );
    assert_eq!(
        server.get("/").header("cross-origin-resource-policy"),
        "same-origin"
    );
    assert_eq!(
        server.get("/api/chathub/token?org=sales").status,
        404,
        "an organization that is not configured"
    );
}
