//! `chathub endpoint`: tokens for placeholder pages, from a stand-in API, asked for by every kind of client.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod http;
mod standin;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{Site, now, plain};
use http::{PATIENCE, Reply, Server};
use standin::{COMPANY_TOKEN, Fault, StandIn};

const TOKEN: &str = "/api/chathub/token";

/// A working folder with the stand-in's organizations, and more for `[endpoint]`.
fn site(api: &StandIn, more: &str) -> Site {
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

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn answers_with_a_token_that_the_api_minted() {
    let api = StandIn::start();
    let site = site(&api, "");
    let server = start(&site);
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
    assert!((86_300..=86_400).contains(&left), "{left}");
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
            .starts_with("application/openmetrics-text")
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
    // So slow that all are there before it has answered.
    api.fail(
        "/api/operator/get-token",
        [Fault::Slow(Duration::from_secs(2))],
    );
    let config = format!(
        "[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\nrate-limit = 0\n",
        api.url()
    );
    let site = Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let server = Server::start(&mut site.command(["endpoint"]));
    let address = server.address;
    let answered = AtomicUsize::new(0);
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
                let mut all = String::new();
                stream.read_to_string(&mut all).unwrap();
                answered.fetch_add(all.matches("HTTP/1.1 200 OK").count(), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(answered.into_inner(), 50 * CLIENTS);
    assert_eq!(api.count("/get-token"), 1, "{:?}", api.calls());
}

#[test]
fn tokens_are_renewed_ahead_and_outlast_the_api() {
    let api = StandIn::start();
    let site = site(&api, "token-lifetime = \"12s\"\nrate-limit = 0\n");
    let server = start(&site);
    let token = |server: &Server| {
        server.get(TOKEN).json()["token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = token(&server);
    wait_until("it is renewed", || token(&server) != first);
    // From here on the API fails. Whoever asks gets the last token, up to the second in which it expires.
    let begun = Instant::now();
    api.fail(
        "/api/operator/get-token",
        std::iter::repeat_n(Fault::error(), 1000),
    );
    let last = token(&server);
    let expires = |reply: &Reply| -> jiff::Timestamp {
        reply.json()["expiresAt"].as_str().unwrap().parse().unwrap()
    };
    let end = expires(&server.get(TOKEN));
    let mut state = String::new();
    let failed = loop {
        let before = jiff::Timestamp::now();
        let reply = server.get(TOKEN);
        if reply.status != 200 {
            break reply;
        }
        assert!(
            before <= end + jiff::SignedDuration::from_secs(1),
            "an expired token is not given out"
        );
        assert_eq!(reply.json()["token"], last);
        state = server.get("/healthz").json()["organizations"]["support"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(50));
    };
    assert!(
        jiff::Timestamp::now() >= end,
        "it failed before the token expired"
    );
    assert!(
        ["renewing", "stale", "expired"].contains(&&*state),
        "{state}"
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
fn pages_of_allowed_origins_may_read_it_and_others_may_not() {
    let api = StandIn::start();
    let site = site(
        &api,
        "origins = [\"https://www.example.com\", \"http://localhost:8000\"]\n",
    );
    let server = start(&site);
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
        "date,retry-after"
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
    let in_site = site(&api, "auth-header = \"Remote-User\"\n");
    let server = start(&in_site);
    let reply = server.get(TOKEN);
    assert_eq!(
        (reply.status, reply.text()),
        (401, "{\"error\":\"Unauthorized\"}")
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

/// A service that says yes to one cookie, and what it was asked.
fn authentication() -> (SocketAddr, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !request.ends_with(b"\r\n\r\n") {
                let n = stream.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..n]);
            }
            let request = String::from_utf8(request).unwrap().to_ascii_lowercase();
            let status = if request.contains("cookie: session=olena") {
                "204 No Content"
            } else if request.contains("cookie: broken") {
                "500 Internal Server Error"
            } else {
                "302 Found\r\nlocation: http://login.example/"
            };
            seen.lock().unwrap().push(request);
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
    });
    (address, asked)
}

#[test]
fn an_authentication_service_is_asked_with_the_visitors_cookies() {
    let api = StandIn::start();
    let (address, asked) = authentication();
    let site = site(
        &api,
        &format!(
            "forward-auth = \"http://{address}/check\"\nclient-header = \"X-Forwarded-For\"\n"
        ),
    );
    let server = start(&site);
    let ask = |cookie| {
        let headers = [
            ("cookie", cookie),
            ("x-forwarded-for", "192.0.2.9"),
            ("x-private", "kept"),
        ];
        server
            .ask("GET", &format!("{TOKEN}?org=sales"), &headers)
            .status
    };
    assert_eq!(ask("session=olena"), 200);
    assert_eq!(ask("session=taras"), 401);
    assert_eq!(ask("broken"), 503, "who cannot be judged gets nothing");
    let first = asked.lock().unwrap()[0].clone();
    for line in [
        "get /check http/1.1",
        "x-forwarded-uri: /api/chathub/token?org=sales",
        "x-forwarded-for: 192.0.2.9",
    ] {
        assert!(first.contains(line), "{line}\n{first}");
    }
    assert!(!first.contains("x-private"), "nothing else is passed on");
}

#[test]
fn a_service_that_is_not_there_lets_nobody_in() {
    let api = StandIn::start();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let site = site(&api, &format!("forward-auth = \"http://{free}/\"\n"));
    let reply = start(&site).get(TOKEN);
    assert_eq!((reply.status, reply.header("retry-after")), (503, "5"));
}

#[test]
fn each_client_has_its_own_limit() {
    let api = StandIn::start();
    let site = site(
        &api,
        "rate-limit = 30\nclient-header = \"X-Forwarded-For\"\n",
    );
    let server = start(&site);
    let ask = |client: &str| server.ask("GET", TOKEN, &[("x-forwarded-for", client)]);
    let let_in = (0..20).filter(|_| ask("192.0.2.1").status == 200).count();
    assert!((10..=14).contains(&let_in), "{let_in}");
    let refused = ask("192.0.2.1");
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (429, Some("Too many requests"))
    );
    assert!((1..=3).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    // What a client says of itself, left of what the proxy says, makes no other client of it.
    assert_eq!(ask("198.51.100.7, 192.0.2.1").status, 429);
    let others = (1..=50)
        .filter(|n| ask(&format!("198.51.100.{n}")).status == 200)
        .count();
    assert!(others >= 49, "{others}");
}

/// Resident memory of a process, in KiB.
#[cfg(target_os = "linux")]
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_thousand_clients_take_no_memory() {
    let api = StandIn::start();
    let site = site(
        &api,
        "client-header = \"X-Forwarded-For\"\nlog-json = true\n",
    );
    let server = Server::start(&mut site.command(["endpoint"]));
    let round = |network: u8, blocks: u32| {
        let mut stream = server.connect();
        for block in 0..blocks {
            let mut requests = String::new();
            for n in 0..200_u32 {
                let client = block * 200 + n;
                let [_, a, b, c] = client.to_be_bytes();
                let _ = write!(
                    requests,
                    "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\nx-forwarded-for: {network}.{a}.{b}.{c}\r\n\r\n",
                    server.address
                );
            }
            stream.write_all(requests.as_bytes()).unwrap();
            let (mut answered, mut buffer) = (0, vec![0; 64 * 1024]);
            let mut seen = Vec::new();
            while answered < 200 {
                let n = stream.read(&mut buffer).unwrap();
                assert!(n > 0);
                seen.extend_from_slice(&buffer[..n]);
                answered = memchr::memmem::find_iter(&seen, b"HTTP/1.1 ").count();
            }
        }
    };
    server.get(TOKEN);
    round(20, 100);
    let before = memory(&server);
    round(30, 500);
    let grown = memory(&server).saturating_sub(before);
    assert!(grown < 8 * 1024, "100,000 further clients took {grown} KiB");
}

#[test]
fn heads_that_are_too_long_are_refused() {
    let api = StandIn::start();
    let site = site(&api, "");
    let server = start(&site);
    let long = "x".repeat(64 * 1024);
    assert_eq!(server.ask("GET", TOKEN, &[("cookie", &long)]).status, 431);
    assert!(matches!(server.get(&format!("/{long}")).status, 414 | 431));
    let many: Vec<(String, &str)> = (0..200).map(|n| (format!("x-{n}"), "y")).collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    assert_eq!(server.ask("GET", TOKEN, &many).status, 431);
    for nonsense in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
    ] {
        assert!(
            matches!(server.raw(nonsense.as_bytes()).status, 0 | 400 | 505),
            "{nonsense:?}"
        );
    }
    assert_eq!(server.get(TOKEN).status, 200, "and it still serves");
}

#[test]
fn slow_clients_are_sent_away_and_take_no_places() {
    let api = StandIn::start();
    let site = site(&api, "max-connections = 20\n");
    let server = start(&site);
    assert_eq!(server.get(TOKEN).status, 200);
    // As many as there are places: each sends a header field now and then, and never ends.
    let mut slow: Vec<TcpStream> = (0..20).map(|_| server.connect()).collect();
    let begun = Instant::now();
    for stream in &mut slow {
        write!(
            stream,
            "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n",
            server.address
        )
        .unwrap();
    }
    let feeding = thread::spawn(move || {
        for n in 0..60 {
            for stream in &mut slow {
                let _ = write!(stream, "x-{n}: y\r\n");
            }
            thread::sleep(Duration::from_millis(250));
        }
        slow
    });
    let reply = server.get(TOKEN);
    let waited = begun.elapsed();
    assert_eq!(reply.status, 200);
    assert!(
        waited < Duration::from_secs(14),
        "it waited {waited:?} for a place"
    );
    drop(feeding.join().unwrap());
}

#[test]
fn requests_under_way_are_finished_at_the_end() {
    let api = StandIn::start();
    api.fail(
        "/api/operator/get-token",
        [Fault::Slow(Duration::from_secs(1))],
    );
    let site = site(&api, "");
    let server = start(&site);
    let mut stream = server.connect();
    write!(
        stream,
        "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    )
    .unwrap();
    wait_until("the request is there", || api.count("/get-token") > 0);
    server.signal(rustix::process::Signal::TERM);
    let reply = Reply::read(stream);
    assert_eq!(reply.status, 200, "it is answered");
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(said.contains("ended"), "{said}");
}

#[test]
fn it_refuses_to_be_open_to_the_world_by_accident() {
    let api = StandIn::start();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let run = site(&api, "").run_all(&["endpoint", "--listen", listen]);
        run.fails(2, &["open to other machines", "--allow-anyone"]);
    }
    for (more, arguments) in [
        ("", vec!["--allow-anyone"]),
        ("origins = [\"https://www.example.com\"]\n", vec![]),
        ("auth-header = \"Remote-User\"\n", vec![]),
    ] {
        let site = site(&api, more);
        let mut command = site.command(["endpoint", "--listen", "0.0.0.0:0"]);
        let mut server = Server::start(command.args(&arguments));
        assert!(server.is_running(), "{more} {arguments:?}");
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
        .run("endpoint")
        .fails(2, &["no credentials", "CHATHUB_COMPANY_TOKEN"]);
    for (more, words) in [
        ("origins = \"www.example.com\"\n", "endpoint.origins"),
        (
            "origins = \"https://www.example.com/chat\"\n",
            "this has a path",
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
        ("forward-auth = \"127.0.0.1\"\n", "http or https URL"),
        ("rate-limt = 1\n", "did you mean `rate-limit`?"),
    ] {
        site(&api, more)
            .run("endpoint")
            .fails(2, &[words, "chathub.toml:"]);
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
    let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n";
    let site = Site::of(plain()).config(config).file("a-token", &token);
    // The only organization is the one that is meant.
    assert_eq!(start(&site).get(TOKEN).json()["token"], token);
}

#[test]
fn the_log_is_json_when_asked_and_never_holds_a_secret() {
    let api = StandIn::start();
    api.fail("/api/operator/get-token", [Fault::error()]);
    let site = site(&api, "log-json = true\n");
    let mut server = start(&site);
    server.says("token minted");
    assert_eq!(server.get(TOKEN).status, 200);
    server.ask("GET", TOKEN, &[("origin", "https://evil.example")]);
    let (_, said) = server.stop();
    for line in said.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            line["timestamp"].is_string() && line["level"].is_string(),
            "{line}"
        );
    }
    for secret in api.secrets() {
        assert!(!said.contains(&secret), "a secret in the log");
    }
}
