//! `chathub preview`: the site as a static host shows it and as `inject` makes it, to this machine's user alone.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod http;
mod standin;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use common::program::patience::wait_until;
use common::{HEAD, Site, TAIL, plain, snapshot};
use http::Server;
use standin::{COMPANY_TOKEN, StandIn};

const RULES: &str = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n\
    [[rules]]\nmatch = \"shop/**\"\norganization = \"sales\"\n[[rules]]\nmatch = \"internal/**\"\nwidget = false\n";

fn preview(site: &Site, arguments: &[&str]) -> Server {
    let all = ["preview", "--port", "0", "public"].iter().chain(arguments);
    Server::start(&mut site.command(all))
}

/// The page without the tag that makes it load again.
fn without_reload(page: &str) -> String {
    let (before, rest) = page
        .split_once("<script src=\"/.chathub/reload.js\"")
        .expect("it loads again on changes");
    format!("{before}{}", rest.split_once("</script>").unwrap().1)
}

#[test]
fn pages_are_those_that_inject_would_write() {
    let site = Site::new()
        .page("index.html", plain())
        .page("shop/index.html", plain())
        .page("internal/index.html", plain())
        .page("part.html", "<p>a part</p>")
        .config(RULES);
    let before = snapshot(site.folder());
    let server = preview(&site, &[]);
    let pages: Vec<(&str, String)> = ["index.html", "shop/index.html", "internal/index.html"]
        .map(|path| (path, without_reload(server.get(&format!("/{path}")).text())))
        .into();
    assert_eq!(
        server.get("/part.html").text(),
        "<p>a part</p>",
        "what inject skips is shown as it is"
    );
    let (code, _) = server.stop();
    assert_eq!(code, 0);
    assert!(snapshot(site.folder()) == before, "nothing is written");
    site.ok("inject --output made public");
    for (path, shown) in pages {
        let made = fs::read_to_string(site.folder().join("made").join(path)).unwrap();
        // But for the address of the stand-in, which is why it is there at all.
        assert_eq!(
            shown.replace(" data-src=\"/.chathub/widget.js\"", ""),
            made,
            "{path}"
        );
    }
}

#[test]
fn it_needs_neither_configuration_nor_account() {
    let site = Site::of(plain());
    let mut server = preview(&site, &[]);
    assert!(server.get("/").text().contains("data-chathub"));
    let token = server.get("/api/chathub/token");
    assert_eq!(token.json()["token"], "test-token-for-development");
    let expires: jiff::Timestamp = token.json()["expiresAt"].as_str().unwrap().parse().unwrap();
    let left = expires.as_second() - common::now();
    assert!((3500..=3600).contains(&left), "{left}");
    assert_eq!(token.header("cache-control"), "no-store");
    assert!(server.said().contains("public, 1 page"));
}

#[test]
fn serves_as_static_hosts_do() {
    let site = Site::of(plain())
        .page("about.html", plain())
        .page("docs/index.html", plain())
        .page("404.html", plain().replace("Hello", "Lost"))
        .page("site.css", "p { color: red }")
        .page("app.js", "export {}")
        .page("data.wasm", b"\0asm")
        .page("café.html", plain())
        .page("old.html", [HEAD.as_bytes(), b"caf\xE9", TAIL.as_bytes()].concat())
        .page("x.xhtml", "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><p>x</p></body></html>");
    let server = preview(&site, &[]);
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/index.html", 200, "text/html; charset=utf-8"),
        ("/about", 200, "text/html; charset=utf-8"),
        ("/about/", 404, "text/html; charset=utf-8"),
        ("/docs/", 200, "text/html; charset=utf-8"),
        ("/nothing", 404, "text/html; charset=utf-8"),
        ("/caf%C3%A9", 200, "text/html; charset=utf-8"),
        ("/old", 200, "text/html"),
        ("/x.xhtml", 200, "application/xhtml+xml"),
        ("/site.css?v=1", 200, "text/css; charset=utf-8"),
        ("/app.js", 200, "text/javascript; charset=utf-8"),
        ("/data.wasm", 200, "application/wasm"),
    ] {
        let reply = server.get(path);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, kind),
            "{path}"
        );
    }
    assert!(server.get("/nothing").text().contains("Lost"));
    let folder = server.get("/docs?x=1");
    assert_eq!(
        (folder.status, folder.header("location")),
        (307, "/docs/?x=1")
    );
    let part = server.ask("GET", "/site.css", &[("range", "bytes=0-2")]);
    assert_eq!((part.status, part.text()), (206, "p {"));
    let again = server.ask(
        "GET",
        "/",
        &[("if-none-match", server.get("/").header("etag"))],
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(server.ask("HEAD", "/", &[]).body.len(), 0);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!(server.ask(method, "/", &[]).status, 405, "{method}");
    }
}

#[test]
fn the_runtime_comes_from_memory() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let reply = server.get(&format!(
        "/chathub-assets/{}",
        chathub::runtime::hashed_name()
    ));
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "text/javascript; charset=utf-8")
    );
    assert!(reply.header("cache-control").contains("immutable"));
    assert!(reply.body == chathub::runtime::SOURCE);
}

#[test]
fn a_site_below_the_root_of_its_host_is_served_there() {
    let site = Site::of(plain()).config("[placeholder]\nbase-url = \"https://example.com/docs/\"\nendpoint = \"https://example.com/t\"\n");
    let server = preview(&site, &[]);
    assert_eq!(server.get("/").header("location"), "/docs/");
    assert_eq!(server.get("/docs").header("location"), "/docs/");
    assert_eq!(server.get("/elsewhere").status, 404);
    let page = server.get("/docs/").text().to_owned();
    // Nothing on the page may lead to the real site.
    assert!(!page.contains("example.com"), "{page}");
    assert!(page.contains(&format!(
        "src=\"/docs/chathub-assets/{}\"",
        chathub::runtime::hashed_name()
    )));
    assert_eq!(server.get("/api/chathub/token").status, 200);
}

#[test]
fn static_pages_carry_the_development_token() {
    let config = common::STATIC.replace("token = { env = \"SUPPORT_TOKEN\" }\n", "");
    let site = Site::of(plain()).config(&config);
    let server = preview(&site, &[]);
    let page = server.get("/").text().to_owned();
    assert!(
        page.contains("src=\"/.chathub/widget.js\" token=\"test-token-for-development\""),
        "{page}"
    );
}

#[test]
fn live_it_gives_real_tokens_to_the_vendors_widget() {
    let api = StandIn::start();
    let config = format!(
        "default-organization = \"sales\"\n[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n",
        api.url()
    );
    let site = Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let server = preview(&site, &["--live", "-v"]);
    // The loader names no script, so it loads the vendor's.
    assert!(!server.get("/").text().contains("data-src"));
    let token = server.get("/api/chathub/token?org=sales");
    assert_eq!(token.header("cache-control"), "no-store");
    let token = token.json()["token"].as_str().unwrap().to_owned();
    assert!(api.state().minted.contains(&token));
    assert_eq!(server.get("/api/chathub/token").json()["token"], token);
    assert_eq!(server.get("/api/chathub/token?org=x").status, 404);
    let evil = [("origin", "https://evil.example")];
    assert_eq!(server.ask("GET", "/api/chathub/token", &evil).status, 403);
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    for secret in api.secrets() {
        assert!(!said.contains(&secret), "a secret on the terminal");
    }
    let without = Site::of(plain()).config(&config);
    without
        .run("preview public --live")
        .fails(2, &["CHATHUB_COMPANY_TOKEN"]);
    Site::of(plain())
        .run("preview public --live")
        .fails(2, &["organizations"]);
}

#[test]
fn it_never_serves_what_is_outside_or_hidden() {
    let site = Site::of(plain())
        .page(".env", "SECRET")
        .page(".git/config", "SECRET")
        .page(
            "docs/.chathub.toml",
            "[[rules]]\nmatch = \"SECRET\"\nwidget = false\n",
        )
        .file("secret.txt", "SECRET")
        .page("docs/index.html", plain());
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../secret.txt", site.path("link.txt")).unwrap();
        symlink("..", site.path("up")).unwrap();
        symlink("/etc", site.path("etc")).unwrap();
        symlink(".git", site.path("shown")).unwrap();
        symlink("../secret.txt", site.path("page.html")).unwrap();
        assert!(
            std::process::Command::new("mkfifo")
                .arg(site.path("pipe.css"))
                .status()
                .unwrap()
                .success()
        );
    }
    let server = preview(&site, &[]);
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/docs/..%2f..%2fsecret.txt",
        "/docs/../../secret.txt",
        "//secret.txt",
        "/..%5csecret.txt",
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/.git/",
        "/docs/.chathub.toml",
        "/link.txt",
        "/up/secret.txt",
        "/up/",
        "/etc/passwd",
        "/shown/config",
        "/page.html",
        "/page",
        "/pipe.css",
        "/index.html%00.css",
        "/%ff",
        "/.chathub/",
        "/.chathub/../secret.txt",
    ] {
        let reply = server.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("SECRET"), "{path}");
    }
    // What cannot even be a request.
    for request in [
        "GET  HTTP/1.1\r\n\r\n",
        "GET ../secret.txt HTTP/1.1\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
    ] {
        assert!(
            matches!(server.raw(request.as_bytes()).status, 0 | 400),
            "{request:?}"
        );
    }
    assert_eq!(server.get("/").status, 200);
}

#[test]
#[cfg(unix)]
fn pages_below_the_link_root_are_shown() {
    use std::os::unix::fs::symlink;
    let site = Site::of(plain())
        .file("store/guide/a.html", plain())
        .file("store/b.html", plain())
        .file("elsewhere/c.html", plain());
    symlink("../store/guide", site.path("guide")).unwrap();
    symlink("../store/b.html", site.path("b.html")).unwrap();
    symlink("../elsewhere/c.html", site.path("c.html")).unwrap();
    let server = preview(&site, &["--link-root", "store"]);
    for path in ["/guide/a", "/b.html"] {
        let shown = server.get(path);
        assert!(shown.text().contains("data-chathub"), "{path}");
    }
    assert_eq!(server.get("/c.html").status, 404);
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(!said.contains("cannot be read"), "{said}");
    assert_eq!(
        fs::read_to_string(site.folder().join("store/guide/a.html")).unwrap(),
        plain()
    );
}

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

#[test]
fn a_changed_page_or_configuration_is_told_and_shown() {
    let site = Site::of(plain()).config(RULES);
    let mut server = preview(&site, &["-v"]);
    let version = |server: &Server| {
        let page = server.get("/").text().to_owned();
        page.split_once("data-version=\"")
            .unwrap()
            .1
            .split_once('"')
            .unwrap()
            .0
            .to_owned()
    };
    for change in [
        &|| fs::write(site.path("index.html"), plain().replace("Hello", "Changed")).unwrap() as (),
        &|| {
            fs::write(
                site.folder().join("chathub.toml"),
                RULES.replace("\"support\"\n[", "\"sales\"\n["),
            )
            .unwrap();
        },
        // As a generator that cleans up first does it.
        &|| {
            fs::remove_dir_all(site.path("")).unwrap();
            fs::create_dir(site.path("")).unwrap();
            fs::write(site.path("index.html"), plain().replace("Hello", "New")).unwrap();
        },
        &|| fs::write(site.path("index.html"), plain().replace("Hello", "Last")).unwrap(),
    ] as [&dyn Fn(); 4]
    {
        let mut stream = server.connect();
        let path = format!("/.chathub/events?since={}", version(&server));
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n",
            server.address
        )
        .unwrap();
        let mut lines = BufReader::new(stream).lines();
        assert!(lines.next().unwrap().unwrap().contains("200"));
        change();
        let told = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("data: ")));
        assert!(told.is_some(), "a page is told of the change");
    }
    // The last look may be one of several in a row.
    wait_until("the last change is shown", || {
        server.get("/").text().contains("Last")
    });
    assert!(
        server.get("/").text().contains("data-org=\"sales\""),
        "and so is the configuration"
    );
    // A mistake is told, and the last good state stays.
    fs::write(site.folder().join("chathub.toml"), "mode = \"sttic\"\n").unwrap();
    server.says("no choice `sttic`");
    assert!(server.get("/").text().contains("data-org=\"sales\""));
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(
        said.contains("200 GET / → index.html: sales (default-organization)"),
        "{said}"
    );
}

#[test]
fn a_page_that_comes_as_the_preview_starts_is_not_missed() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    fs::write(site.path("late.html"), plain()).unwrap();
    wait_until("it is taken for a page", || {
        server.get("/late").text().contains("data-chathub")
    });
}

#[test]
fn a_page_with_a_policy_of_its_own_is_named_once() {
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">";
    let page = plain().replace("</head>", &format!("{policy}</head>"));
    let site = Site::of(plain()).page("strict.html", page);
    let server = preview(&site, &[]);
    for path in ["/", "/strict", "/strict"] {
        assert_eq!(server.get(path).status, 200);
    }
    let (_, said) = server.stop();
    assert_eq!(said.matches("Content-Security-Policy").count(), 1, "{said}");
    assert!(said.contains("notice: strict.html has"), "{said}");
}

#[test]
fn waiting_pages_do_not_hold_up_the_end() {
    let site = Site::of(plain());
    let server = preview(&site, &[]);
    let mut stream = server.connect();
    write!(
        stream,
        "GET /.chathub/events?since=0 HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.next().unwrap().unwrap().contains("200"));
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(said.contains("ended"), "{said}");
    // It was told the end, and not cut off when the server would wait no longer: this is the last chunk (RFC 9112, section 7.1).
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(rest[rest.len() - 2..], ["0", ""], "{rest:?}");
}

#[test]
fn ports() {
    let site = Site::of(plain());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    site.run_all(&["preview", "public", "--port", &port])
        .fails(2, &[&port, "choose another"]);
    // Two at once, without a word about ports.
    let first = Server::start(&mut site.command(["preview", "public"]));
    let second = Server::start(&mut site.command(["preview", "public"]));
    assert_ne!(first.address, second.address);
    assert_eq!((first.get("/").status, second.get("/").status), (200, 200));
    assert!(first.address.ip().is_loopback());
}

#[test]
fn mistakes_end_it_before_it_begins() {
    Site::of(plain())
        .run("preview nowhere")
        .fails(2, &["no folder nowhere"]);
    Site::of(plain())
        .config("mode = 1\n")
        .run("preview public")
        .fails(2, &["chathub.toml:1"]);
}
