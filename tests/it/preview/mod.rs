//! `chathub preview`: the site as a static host shows it and as `inject` makes it, to this machine's user alone.

mod changes;
mod host;
mod live;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;

use crate::common::{HEAD, Site, TAIL, plain, snapshot};
use crate::http::Server;
use crate::program::patience::{PATIENCE, wait_for, wait_until};
use crate::standin::{COMPANY_TOKEN, StandIn};

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
    let left = expires.as_second() - crate::common::now();
    assert!((3500..=3600).contains(&left), "{left}");
    assert_eq!(token.header("cache-control"), "no-store");
    wait_until("it says what it shows", || {
        server.said().contains("public, 1 page")
    });
}

#[test]
fn static_pages_carry_the_development_token() {
    let config = crate::common::STATIC.replace("token = { env = \"SUPPORT_TOKEN\" }\n", "");
    let site = Site::of(plain()).config(&config);
    let server = preview(&site, &[]);
    let page = server.get("/").text().to_owned();
    assert!(
        page.contains("src=\"/.chathub/widget.js\" token=\"test-token-for-development\""),
        "{page}"
    );
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
