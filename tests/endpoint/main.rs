//! `chathub endpoint`: tokens for placeholder pages, from a stand-in API, asked for by every kind of client.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod check;
#[path = "../common/mod.rs"]
mod common;
mod examples;
mod forward;
mod hostile;
#[path = "../http/mod.rs"]
mod http;
mod keeping;
mod operate;
#[path = "../port/mod.rs"]
mod port;
#[path = "../standin/mod.rs"]
mod standin;
mod users;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use common::program::patience::{PATIENCE, wait_for, wait_until};
use common::{Site, now, plain};
use http::{Reply, Server};
use port::Port;
use standin::{COMPANY_TOKEN, Fault, Hold, StandIn};

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

fn ready(server: &Server) {
    wait_until("every organization has a token", || {
        server.get("/healthz").status == 200
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
fn tokens_are_renewed_ahead_and_outlast_the_api() {
    let api = StandIn::start();
    let site = site(&api, "token-lifetime = \"12s\"\nrate-limit = 0\n");
    let server = start(&site);
    // The token, and when it expires.
    let token = |reply: &Reply| {
        let json = reply.json();
        let expires: jiff::Timestamp = json["expiresAt"].as_str().unwrap().parse().unwrap();
        (json["token"].as_str().unwrap().to_owned(), expires)
    };
    // A reply, of which it is certain that the token in it was valid when it was asked for.
    let ask = || {
        let before = jiff::Timestamp::now();
        let reply = server.get(TOKEN);
        if reply.status == 200 {
            let whole_seconds = jiff::SignedDuration::from_secs(1);
            let (_, expires) = token(&reply);
            assert!(before <= expires + whole_seconds, "{expires} at {before}");
        }
        reply
    };
    let in_reply = |reply: &Reply| (reply.status == 200).then(|| token(reply));
    let (first, _) = wait_for("there is a token", || in_reply(&ask()));
    let mut last = wait_for("it is renewed", || {
        in_reply(&ask()).filter(|(token, _)| *token != first)
    });
    // From here on the API fails. Whoever asks gets the last token, up to the second in which it expires.
    api.fail(
        "/api/operator/get-token",
        std::iter::repeat_n(Fault::error(), 1000),
    );
    let failed = wait_for("the last token expires", || {
        let reply = ask();
        if let Some(newer) = in_reply(&reply) {
            last = newer;
        }
        (reply.status != 200).then_some(reply)
    });
    assert!(
        jiff::Timestamp::now() >= last.1,
        "it failed before the token expired"
    );
    assert_eq!(
        (failed.status, failed.json()["error"].as_str()),
        (503, Some("No token is available"))
    );
    let wait: u64 = failed.header("retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(failed.header("cache-control"), "no-store");
    let health = server.get("/healthz");
    assert_eq!(
        (health.status, &health.json()["organizations"]["support"]),
        (503, &"expired".into())
    );
    // It recovers by itself.
    api.state().faults.clear();
    wait_until("it recovers", || server.get(TOKEN).status == 200);
}

#[test]
fn requests_under_way_are_finished_at_the_end() {
    let api = StandIn::start();
    let hold = Hold::new();
    api.fail("/api/operator/get-token", [hold.fault()]);
    // That the request is under way is seen by the service that is asked about its visitor.
    let (service, asked) = access::authentication();
    let site = site(&api, &format!("forward-auth = \"http://{service}/\"\n"));
    let server = start(&site);
    let mut stream = server.connect();
    write!(
        stream,
        "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\ncookie: session=olena\r\n\r\n",
        server.address
    )
    .unwrap();
    wait_until("the request is under way", || {
        !asked.lock().unwrap().is_empty()
    });
    server.signal(rustix::process::Signal::TERM);
    drop(hold);
    // With a token; or without one, where it has waited for that for too long.
    let reply = Reply::read(stream);
    assert!([200, 503].contains(&reply.status), "it is answered");
    let (code, said) = server.ended();
    assert_eq!(code, 0);
    assert!(said.contains("ended"), "{said}");
}

#[test]
fn it_refuses_to_be_open_by_accident_wherever_it_listens() {
    let api = StandIn::start();
    // Behind a proxy, loopback is as open as any other address; and origins bind browsers only.
    for (listen, more) in [
        ("127.0.0.1:0", ""),
        ("127.0.0.1:0", "origins = [\"https://www.example.com\"]\n"),
        ("0.0.0.0:0", "origins = [\"https://www.example.com\"]\n"),
        ("[::]:0", ""),
        ("192.0.2.1:80", ""),
    ] {
        let run = closed_site(&api, more).run_all(&["endpoint", "--listen", listen]);
        run.fails(
            2,
            &[
                "which users may have tokens",
                "--allow-anyone",
                "endpoint.origins",
            ],
        );
    }
    for (more, arguments, open) in [
        ("", &["--allow-anyone"] as &[_], true),
        (
            "allow-anyone = true\norigins = [\"https://www.example.com\"]\n",
            &[],
            true,
        ),
        ("auth-header = \"Remote-User\"\n", &[], false),
        ("forward-auth = \"http://127.0.0.1:9/\"\n", &[], false),
        (
            "auth-header = \"Remote-User\"\nallow-anyone = true\n",
            &[],
            false,
        ),
    ] {
        let site = closed_site(&api, more);
        // Also where only warnings are logged.
        let mut command = site.command(["endpoint", "--listen", "0.0.0.0:0"]);
        let mut server = Server::start(command.args(arguments));
        server.says("token minted");
        server.says("token minted");
        let (code, said) = server.stop();
        assert_eq!(code, 0);
        assert_eq!(said.contains("tokens are published"), open, "{more} {said}");
        assert_eq!(said.contains("sales, support"), open, "{more} {said}");
    }
}

#[test]
fn mistakes_end_it_before_it_begins() {
    let api = StandIn::start();
    Site::of(plain())
        .run("endpoint")
        .fails(2, &["no organizations are configured"]);
    Site::of(plain())
        .config("[organizations.a]\nid = 1\n")
        .run("endpoint --allow-anyone")
        .fails(2, &["no credentials", "CHATHUB_COMPANY_TOKEN"]);
    for (more, words) in [
        ("origins = \"www.example.com\"\n", "endpoint.origins"),
        (
            "origins = \"https://www.example.com/chat\"\n",
            "this has a path",
        ),
        (
            "origins = \"https://www.example.com/\"\n",
            "no slash at the end",
        ),
        (
            "origins = \"https://чат.example\"\n",
            "browsers send it as `https://xn--80a0bn.example`",
        ),
        (
            "origins = \"http://127.1:8000\"\n",
            "http is neither private",
        ),
        (
            "origins = \"https://[2001:db8:0::1]\"\n",
            "browsers send it as `https://[2001:db8::1]`",
        ),
        (
            "origins = \"http://www.example.com\"\n",
            "http is neither private",
        ),
        ("origins = \"https://www.example.com:443\"\n", "usual port"),
        ("origins = \"https://*.example.com\"\n", "no wildcards"),
        ("trusted-proxies = \"proxy\"\n", "addresses and networks"),
        ("token-lifetime = \"30d\"\n", "24 hours"),
        ("token-lifetime = \"1s\"\n", "too short"),
        ("auth-header = \"Remote User\"\n", "name of a header field"),
        ("auth-header = \"Cookie\"\n", "only an authenticated user"),
        ("admin-listen = \"unix:chathub.sock\"\n", "not absolute"),
        ("forward-auth = \"127.0.0.1\"\n", "http or https URL"),
        ("rate-limt = 1\n", "did you mean `rate-limit`?"),
    ] {
        site(&api, more)
            .run("endpoint")
            .fails(2, &[words, "chathub.toml:"]);
    }
    for (more, words) in [
        (
            "auth-header = \"Remote-User\"\nforward-auth = \"http://127.0.0.1:1/\"\n",
            "exclude each other",
        ),
        (
            "auth-header = \"X-Who\"\nclient-header = \"x-who\"\n",
            "name the same header",
        ),
    ] {
        site(&api, more).run("endpoint").fails(2, &[words]);
    }
    site(&api, "")
        .run("endpoint --listen here")
        .fails(2, &["--listen", "address and a port"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    site(&api, "")
        .run(&format!("endpoint --listen {address}"))
        .fails(2, &[&address, "cannot listen"]);
}

#[test]
fn an_organization_may_bring_its_own_token() {
    let token = common::token("operator 7", 3600);
    let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
                  allow-anyone = true\n";
    let site = Site::of(plain()).config(config).file("a-token", &token);
    // The only organization is the one that is meant.
    assert_eq!(start_ready(&site).get(TOKEN).json()["token"], token);
}

#[test]
fn the_log_is_json_when_asked_and_never_holds_a_secret() {
    let api = StandIn::start();
    api.fail("/api/operator/get-token", [Fault::error()]);
    let site = site(&api, "log-json = true\n");
    let server = start_ready(&site);
    assert_eq!(server.get(TOKEN).status, 200);
    server.ask("GET", TOKEN, &[("origin", "https://evil.example")]);
    let (_, said) = server.stop();
    for line in said.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            line["timestamp"].is_string() && line["severity_text"].is_string(),
            "{line}"
        );
    }
    for secret in api.secrets() {
        assert!(!said.contains(&secret), "a secret in the log");
    }
}
