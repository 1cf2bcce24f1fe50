//! `chathub endpoint`: tokens for placeholder pages, from a stand-in API, asked for by every kind of client.

mod access;
mod begin;
mod check;
mod clock;
mod examples;
mod forward;
mod hostile;
mod keeping;
mod places;
mod signals;
mod soak;
mod users;
mod watching;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{Site, now, plain};
use crate::http::service::Service;
use crate::http::{Reply, Server};
use crate::port::Port;
use crate::program::patience::{PATIENCE, wait_for, wait_until};
use crate::standin::{COMPANY_TOKEN, Fault, Hold, StandIn};

const TOKEN: &str = "/api/chathub/token";

/// A working folder with the stand-in's organizations, and more for `[endpoint]`, which is open on purpose.
fn site(api: &StandIn, more: &str) -> Site {
    closed_site(api, &format!("allow-anyone = true\n{more}"))
}

/// The same, with nothing in `[endpoint]` but an address and this.
fn closed_site(api: &StandIn, more: &str) -> Site {
    let config = format!(
        "default-organization = \"support\"\n[api]\nurl = \"{}\"\n[organizations.support]\nid = 6\n\
         [organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\n{more}",
        api.url()
    );
    Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

fn start(site: &Site) -> Server {
    Server::start(&mut site.command(["endpoint", "-v"]))
}

/// Starts it, and waits until every organization has its token.
fn start_ready(site: &Site) -> Server {
    let server = start(site);
    ready(&server);
    server
}

/// The same without a connection: it says itself when both organizations have their tokens.
fn start_unasked(site: &Site) -> Server {
    let mut server = start(site);
    server.says("token minted");
    server.says("token minted");
    server
}

/// A token's text in a reply that has one.
fn token(reply: &Reply) -> String {
    reply.json()["token"].as_str().unwrap().to_owned()
}

/// A number among the metrics; 0 where the series is not there.
fn series(server: &Server, name: &str) -> u64 {
    let metrics = server.get("/metrics");
    let mut lines = metrics.text().lines();
    let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.map_or(0, |number| number.parse().unwrap())
}

/// How many attempts to mint had this result.
fn mints(server: &Server, organization: &str, result: &str) -> u64 {
    let labels = format!("{{organization=\"{organization}\",result=\"{result}\"}}");
    series(server, &format!("chathub_mints_total{labels}"))
}

fn ready(server: &Server) {
    wait_until("every organization has a token", || {
        let states = server.get("/readyz?verbose").json()["organizations"].clone();
        let mut states = states.as_object().unwrap().values();
        states.all(|state| state != "expired")
    });
}

#[test]
fn answers_with_a_token_that_the_api_minted() {
    let api = StandIn::start();
    let site = site(&api, "");
    let server = start_ready(&site);
    let reply = server.get(&format!("{TOKEN}?org=sales"));
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(!reply.header("date").is_empty());
    let json = reply.json();
    let token = json["token"].as_str().unwrap().to_owned();
    assert!(api.state().minted.contains(&token));
    let expires: jiff::Timestamp = json["expiresAt"].as_str().unwrap().parse().unwrap();
    let left = expires.as_second() - now();
    assert!((80_000..=86_400).contains(&left), "{left}");
    // The same one again, without a call.
    assert_eq!(
        server.get(&format!("{TOKEN}?org=sales")).json()["token"],
        token
    );
    // Without a name, the default organization's.
    let other = server.get(TOKEN).json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(other, token);
    assert_eq!(
        server.get(&format!("{TOKEN}?org=support")).json()["token"],
        other
    );
    for path in [
        "?org=nobody",
        "?org=",
        "?org=sales%00",
        "?org=SALES",
        "?org=24",
    ] {
        let reply = server.get(&format!("{TOKEN}{path}"));
        assert_eq!(
            (reply.status, reply.json()["error"].as_str()),
            (404, Some("Unknown organization")),
            "{path}"
        );
    }
    for (method, path, status) in [
        ("POST", TOKEN, 405),
        ("GET", "/", 404),
        ("GET", "/api/chathub/token/", 404),
        ("GET", "/api/../api/chathub/token", 404),
    ] {
        let reply = server.ask(method, path, &[]);
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(reply.json()["error"].is_string());
    }
    let health = server.get("/healthz");
    assert_eq!(
        (health.status, &health.json()["organizations"]["sales"]),
        (200, &"fresh".into())
    );
    let metrics = server.get("/metrics");
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    for line in [
        "chathub_token_requests_total{status=\"200\"} 4",
        "chathub_token_requests_total{status=\"404\"} 5",
        "chathub_mints_total{organization=\"sales\",result=\"ok\"} 1",
    ] {
        assert!(
            metrics.text().lines().any(|found| found == line),
            "{line}\n{}",
            metrics.text()
        );
    }
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(
        said.contains("token minted") && said.contains("ended"),
        "{said}"
    );
    for secret in api.secrets() {
        assert!(!said.contains(&secret), "a secret in the log");
    }
}

#[test]
fn ten_thousand_first_requests_are_one_mint() {
    const CLIENTS: usize = 200;
    let api = StandIn::start();
    let hold = Hold::new();
    api.fail("/api/operator/get-token", [hold.fault()]);
    let config = format!(
        "[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\nrate-limit = 0\nallow-anyone = true\n",
        api.url()
    );
    let site = Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let server = Server::start(&mut site.command(["endpoint"]));
    let address = server.address;
    let (answered, put_off) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let all_have_asked = Barrier::new(CLIENTS + 1);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                // Fifty requests one behind the other on each connection, sent before the first answer.
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let one = format!("GET {TOKEN} HTTP/1.1\r\nhost: {address}\r\n\r\n");
                let last = one.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
                stream
                    .write_all((one.repeat(49) + &last).as_bytes())
                    .unwrap();
                all_have_asked.wait();
                let mut all = String::new();
                stream.read_to_string(&mut all).unwrap();
                let count = |status| all.matches(&format!("HTTP/1.1 {status}")).count();
                answered.fetch_add(count("200 OK"), Ordering::Relaxed);
                put_off.fetch_add(count("503 Service"), Ordering::Relaxed);
            });
        }
        all_have_asked.wait();
        drop(hold);
    });
    // Those that have waited for ten seconds are told to come again: on a machine that takes so long to connect.
    let answered = answered.into_inner();
    assert_eq!(answered + put_off.into_inner(), 50 * CLIENTS);
    assert!(answered > 0);
    assert_eq!(api.count("/get-token"), 1, "{:?}", api.calls());
}

#[test]
fn an_organization_may_bring_its_own_token() {
    let token = crate::common::token("operator 7", 3600);
    let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
                  allow-anyone = true\n";
    let site = Site::of(plain()).config(config).file("a-token", &token);
    // The only organization is the one that is meant.
    assert_eq!(start_ready(&site).get(TOKEN).json()["token"], token);
}
