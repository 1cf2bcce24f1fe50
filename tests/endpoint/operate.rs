//! What whoever runs it relies on: signals, reloads, sockets, limits, the log, metrics.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::*;

fn token(reply: &Reply) -> String {
    reply.json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_reload_changes_everything_but_loses_no_token() {
    let api = StandIn::start();
    let site = site(&api, "rate-limit = 0\n");
    let mut server = start(&site);
    server.says("token minted");
    server.says("token minted");
    let first = token(&server.get(TOKEN));
    // The API is gone, and visitors go on asking while the configuration is read again and again.
    api.fail(
        "/api/operator/get-token",
        std::iter::repeat_n(Fault::error(), 1000),
    );
    let file = site.folder().join("chathub.toml");
    let config = fs::read_to_string(&file).unwrap();
    for n in 0..5 {
        let origin = format!("https://www{n}.example.com");
        fs::write(&file, format!("{config}origins = [\"{origin}\"]\n")).unwrap();
        server.signal(Signal::HUP);
        wait_until("it is read again", || {
            let reply = server.ask("GET", TOKEN, &[("origin", &origin)]);
            assert!([200, 403].contains(&reply.status), "{}", reply.text());
            let plain = server.get(TOKEN);
            assert_eq!((plain.status, token(&plain)), (200, first.clone()));
            reply.header("access-control-allow-origin") == origin
        });
    }
    // What does not work is told, and changes nothing.
    for (wrong, words) in [
        ("[endpoint\n".to_owned(), "not valid TOML"),
        (
            config.replace("allow-anyone = true\n", ""),
            "which users may have tokens",
        ),
    ] {
        fs::write(&file, wrong).unwrap();
        server.signal(Signal::HUP);
        let line = server.says("the last one stays");
        assert!(line.contains(words), "{line}");
        let origin = ("origin", "https://www4.example.com");
        assert_eq!(server.ask("GET", TOKEN, &[origin]).status, 200);
    }
    // Organizations come and go; what needs a restart is named.
    let with_path = config.replace(
        "[organizations.sales]\nid = 24\n",
        "[placeholder]\nendpoint = \"/chat\"\n",
    ) + "max-connections = 99\n";
    fs::write(&file, with_path).unwrap();
    server.signal(Signal::HUP);
    server.says("endpoint.max-connections");
    assert_eq!(server.get(&format!("{TOKEN}?org=sales")).status, 404);
    assert_eq!(token(&server.get("/chat")), first);
    let metrics = server.get("/metrics");
    for line in [
        "chathub_reloads_total{result=\"ok\"} 6",
        "chathub_reloads_total{result=\"error\"} 2",
    ] {
        assert!(metrics.text().contains(line), "{line}\n{}", metrics.text());
    }
    assert!(!metrics.text().contains("\"sales\""));
}

#[test]
fn pages_may_ask_at_another_path() {
    let api = StandIn::start();
    let with = |endpoint: &str| {
        let site = site(&api, "");
        let variable = ("CHATHUB_PLACEHOLDER_ENDPOINT", endpoint);
        site.env(variable.0, variable.1)
    };
    for (endpoint, path) in [
        ("/chat/token?v=1", "/chat/token"),
        ("https://chat.example.com/token", "/token"),
        ("/:a/*b", "/:a/*b"),
    ] {
        let server = start(&with(endpoint));
        assert_eq!(server.get(path).status, 200, "{path}");
        assert_eq!(server.get(TOKEN).status, 200);
        assert_eq!(server.get("/other").status, 404);
    }
    with("/metrics")
        .run("endpoint")
        .fails(2, &["placeholder.endpoint", "/metrics"]);
}

#[test]
fn who_has_connected_before_the_end_is_answered() {
    let api = StandIn::start();
    let site = site(&api, "max-connections = 2\nrate-limit = 0\n");
    let mut server = start(&site);
    server.says("token minted");
    server.says("token minted");
    let request = format!("GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    // Two that have places and have not asked yet, and three that wait for one.
    let mut streams: Vec<TcpStream> = (0..5).map(|_| server.connect()).collect();
    for stream in &mut streams[2..] {
        stream.write_all(request.as_bytes()).unwrap();
    }
    server.signal(Signal::TERM);
    server.says("ending");
    for stream in &mut streams[..2] {
        stream.write_all(request.as_bytes()).unwrap();
    }
    for (n, stream) in streams.into_iter().enumerate() {
        let reply = Reply::read(stream);
        assert_eq!(reply.status, 200, "{n}");
        assert_eq!(reply.header("connection"), "close", "{n}");
    }
    let (code, said) = server.ended();
    assert!(said.contains("ended"), "{said}");
    assert_eq!(code, 0);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let api = StandIn::start();
    let hold = Hold::new();
    api.fail("/api/operator/get-token", [hold.fault(), hold.fault()]);
    let site = site(&api, "");
    let mut server = start(&site);
    let mut stream = server.connect();
    write!(
        stream,
        "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    )
    .unwrap();
    wait_until("it mints", || api.count("/get-token") > 0);
    server.signal(Signal::TERM);
    server.says("ending");
    server.signal(Signal::TERM);
    // An orderly end would have another code.
    let (code, _) = server.ended();
    assert_eq!(code, 130);
}

#[test]
fn a_log_that_nobody_reads_holds_up_nothing() {
    let api = StandIn::start();
    let site = site(&api, "rate-limit = 0\n");
    let mut server = start(&site);
    server.says("token minted");
    let address = server.address;
    // From here on nobody reads: a pipe holds 64 KiB, and each request has a line in the log.
    let paused = server.pause();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let one = format!("GET {TOKEN} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut answered = 0;
    for _ in 0..100 {
        stream.write_all(one.repeat(100).as_bytes()).unwrap();
        let mut seen = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        while memchr::memmem::find_iter(&seen, b"HTTP/1.1 200").count() < 100 {
            let n = stream.read(&mut buffer).unwrap();
            assert!(n > 0);
            seen.extend_from_slice(&buffer[..n]);
        }
        answered += 100;
    }
    assert_eq!(answered, 10_000);
    let metrics = server.get("/metrics");
    let lost = metrics
        .text()
        .lines()
        .find_map(|line| line.strip_prefix("chathub_log_lines_lost_total "))
        .unwrap();
    assert!(lost.parse::<u64>().unwrap() > 0, "{lost}");
    drop(paused);
}

#[test]
fn clients_that_do_not_read_lose_their_places() {
    let api = StandIn::start();
    let site = site(&api, "max-connections = 3\nrate-limit = 0\n");
    let mut server = start(&site);
    server.says("token minted");
    let one = format!("GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    // Each asks until nothing more goes through, and reads nothing.
    let clients: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut stream = server.connect();
            stream.set_nonblocking(true).unwrap();
            let many = one.repeat(1000);
            let mut idle = 0;
            wait_until("nothing more goes through", || {
                let wrote = stream.write(many.as_bytes());
                idle = if wrote.is_ok_and(|n| n > 0) {
                    0
                } else {
                    idle + 1
                };
                idle == 20
            });
            stream
        })
        .collect();
    assert_eq!(server.get(TOKEN).status, 200, "a place is free again");
    drop(clients);
}

#[test]
fn one_address_cannot_take_all_places() {
    let api = StandIn::start();
    let site = site(
        &api,
        "max-connections-per-address = 4\ntrusted-proxies = [\"192.0.2.1\"]\nrate-limit = 0\n",
    );
    let mut server = start(&site);
    server.says("token minted");
    let held: Vec<TcpStream> = (0..4).map(|_| server.connect()).collect();
    let request = format!("GET {TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    wait_until("a fifth is closed", || {
        server.raw(request.as_bytes()).status == 0
    });
    drop(held);
    wait_until("places are free again", || {
        server.raw(request.as_bytes()).status == 200
    });
    let metrics = server.get("/metrics");
    let refused = metrics
        .text()
        .lines()
        .find_map(|line| line.strip_prefix("chathub_connections_refused_total "))
        .unwrap();
    assert!(refused.parse::<u64>().unwrap() >= 1);
}

#[test]
fn more_connections_than_files_are_refused_beforehand() {
    let api = StandIn::start();
    let site = site(&api, "max-connections = 500\n");
    let program = |limits: &str| {
        let script = format!("{limits} && exec \"$0\" \"$@\"");
        site.command(["endpoint"]).under(&["sh", "-c", &script])
    };
    // The soft limit is raised, as far as the hard one goes.
    let mut server = Server::start(&mut program("ulimit -S -n 100"));
    assert!(server.is_running());
    let refused = common::Run::of(&mut program("ulimit -n 100"));
    refused.fails(
        2,
        &[
            "max-connections = 500",
            "564 open files",
            "allows 100",
            "LimitNOFILE",
        ],
    );
}

#[test]
fn it_listens_on_a_socket_and_answers_checks_elsewhere() {
    let api = StandIn::start();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("chathub.sock");
    // What a killed process has left.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    let config = format!(
        "[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n[endpoint]\nlisten = \"unix:{}\"\n\
         admin-listen = \"127.0.0.1:0\"\nauth-header = \"Remote-User\"\ntrusted-proxies = [\"192.0.2.1\"]\n",
        api.url(),
        socket.display()
    );
    let site = Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let server = Server::start(&mut site.command(["endpoint"]));
    wait_until("it is ready", || server.get("/readyz").status == 200);
    let ask = |path: &str, more: &str| {
        let mut stream = UnixStream::connect(&socket).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        Reply::read(stream)
    };
    // Whoever may open the socket is a proxy of ours.
    assert_eq!(ask(TOKEN, "remote-user: olena\r\n").status, 200);
    assert_eq!(ask(TOKEN, "").status, 401);
    assert_eq!(
        fs::metadata(&socket).unwrap().permissions().mode() & 0o777,
        0o660
    );
    for path in [
        "/livez",
        "/readyz",
        "/readyz?verbose",
        "/healthz",
        "/metrics",
    ] {
        assert_eq!(server.get(path).status, 200, "{path}");
        assert_eq!(ask(path, "").status, 404, "{path}");
    }
    assert_eq!(server.get(TOKEN).status, 404);
    assert_eq!(
        server.get("/readyz").json(),
        serde_json::json!({ "status": "ok" })
    );
    assert_eq!(
        server.get("/readyz?verbose").json()["organizations"]["sales"],
        "fresh"
    );
    let (code, _) = server.stop();
    assert_eq!(code, 0);
    assert!(!socket.exists());
}

#[test]
fn one_wrong_organization_makes_nothing_unready() {
    let api = StandIn::start();
    let site = site(&api, "").env("CHATHUB_ORGANIZATIONS", "wrong=999");
    let server = start(&site);
    wait_until("two of three work", || {
        let reply = server.get("/readyz?verbose");
        let states = reply.json()["organizations"].clone();
        reply.status == 200 && states["sales"] == "fresh" && states["support"] == "fresh"
    });
    assert_eq!(
        server.get("/readyz?verbose").json()["organizations"]["wrong"],
        "expired"
    );
    assert_eq!(server.get("/livez").status, 200);
}

/// <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>, and sockets that are handed over.
#[test]
fn it_speaks_to_systemd() {
    let api = StandIn::start();
    let site = site(&api, "");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut buffer = [0; 4096];
        let n = manager.recv(&mut buffer).expect("it tells the manager");
        String::from_utf8(buffer[..n].to_vec()).unwrap()
    };
    let says = |words: &str| wait_for(words, || Some(told()).filter(|told| told.contains(words)));
    let mut program = site.command(["endpoint"]);
    program
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "400000");
    let server = Server::start(&mut program);
    let ready = says("READY=1");
    assert!(
        ready.contains("STATUS=serving tokens of 2 organizations"),
        "{ready}"
    );
    says("WATCHDOG=1");
    says("WATCHDOG=1");
    server.signal(Signal::HUP);
    assert!(says("RELOADING=1").contains("MONOTONIC_USEC="));
    says("READY=1");
    server.signal(Signal::TERM);
    says("STOPPING=1");
    drop(server);
    // `systemd-socket-activate` hands a socket over as a .socket unit does.
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let words = [
        "systemd-socket-activate",
        "-E",
        "CHATHUB_COMPANY_TOKEN",
        "-E",
        "CHATHUB_LOG",
        "-E",
        "XDG_CACHE_HOME",
        "-l",
        &address,
    ];
    let mut program = site.command(["endpoint"]).under(&words);
    let mut running = program.spawn();
    let reply = {
        wait_until("it listens", || TcpStream::connect(&address).is_ok());
        http::ask(address.parse().unwrap(), "GET", TOKEN, &[])
    };
    assert_eq!(reply.status, 200, "{}", reply.text());
    let _ = running.kill();
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn refused_requests_are_logged_with_all_that_tells_whose_they_are() {
    let api = StandIn::start();
    let site = site(
        &api,
        "rate-limit = 30\norigins = [\"https://www.example.com\"]\nclient-header = \"X-Forwarded-For\"\nlog-json = true\n",
    );
    let mut server = start(&site);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced = format!("00-{trace}-00f067aa0ba902b7-01");
    let refused = server.ask(
        "GET",
        TOKEN,
        &[
            ("origin", "https://evil.example"),
            ("x-forwarded-for", "203.0.113.1"),
            ("x-request-id", "abc-1"),
            ("traceparent", &traced),
        ],
    );
    assert_eq!(
        (refused.status, refused.header("x-request-id")),
        (403, "abc-1")
    );
    let line: serde_json::Value = serde_json::from_str(&server.says("evil.example")).unwrap();
    let attributes = &line["attributes"];
    assert_eq!(line["body"], "request refused");
    assert_eq!(
        (&line["severity_text"], &line["severity_number"]),
        (&"WARN".into(), &13.into())
    );
    assert_eq!(
        (&line["trace_id"], &line["span_id"]),
        (&trace.into(), &"00f067aa0ba902b7".into())
    );
    assert_eq!(attributes["http.response.status_code"], 403);
    assert_eq!(attributes["client.address"], "203.0.113.1");
    assert_eq!(
        attributes["http.request.header.origin"],
        "https://evil.example"
    );
    assert_eq!(attributes["request.id"], "abc-1");
    assert_eq!(line["resource"]["service.name"], "chathub");
    server.ask(
        "GET",
        &format!("{TOKEN}?org=nobody"),
        &[("x-forwarded-for", "203.0.113.2")],
    );
    let line: serde_json::Value = serde_json::from_str(&server.says("\"nobody\"")).unwrap();
    assert_eq!(line["attributes"]["http.response.status_code"], 404);
    assert_eq!(line["attributes"]["chathub.organization"], "nobody");
    // Of very many requests a few lines, and in the end their number.
    for _ in 0..200 {
        server.ask("GET", TOKEN, &[("x-forwarded-for", "203.0.113.3")]);
    }
    let (_, said) = server.stop();
    let lines = said
        .lines()
        .filter(|line| line.contains(":429,") && line.contains("request refused"));
    assert!((20..=60).contains(&lines.count()), "{said}");
    let left_out = said
        .lines()
        .find(|line| line.contains("further requests were refused"))
        .unwrap();
    let left_out: serde_json::Value = serde_json::from_str(left_out).unwrap();
    assert_eq!(left_out["attributes"]["http.response.status_code"], 429);
    assert!(left_out["attributes"]["left_out"].as_u64().unwrap() > 50);
}

#[test]
fn prometheus_finds_nothing_wrong_with_the_metrics() {
    let api = StandIn::start();
    let site = site(&api, "");
    let mut server = start(&site);
    server.says("token minted");
    server.get(TOKEN);
    let metrics = server.get("/metrics");
    for name in [
        "chathub_token_request_duration_seconds_bucket{le=\"+Inf\"} 1",
        "chathub_build_info{version=",
        "chathub_token_requests_total{status=\"503\"} 0",
        "chathub_mints_total{organization=\"sales\",result=\"error\"} 0",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_start_time_seconds ",
    ] {
        assert!(metrics.text().contains(name), "{name}\n{}", metrics.text());
    }
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool = promtool
        .unwrap_or_else(|error| panic!("promtool: {error}; `scripts/setup promtool` installs it"));
    let mut stdin = promtool.stdin.take().unwrap();
    stdin.write_all(&metrics.body).unwrap();
    drop(stdin);
    let said = promtool.wait_with_output().unwrap();
    let words =
        String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && words.trim().is_empty(), "{words}");
    let open = server.ask(
        "GET",
        "/metrics",
        &[("accept", "application/openmetrics-text;version=1.0.0")],
    );
    assert!(
        open.header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(open.text().ends_with("# EOF\n"));
}

#[test]
fn retry_after_tells_the_truth_and_who_is_asked_for_comes_first() {
    let api = StandIn::start();
    {
        let mut state = api.state();
        let organizations = (1000..1060).map(|id| (id, format!("Organization {id}")));
        state.organizations.extend(organizations);
        let operators = (1000..1060).map(|id| standin::Operator {
            id,
            organization: id,
            name: format!("Operator {id}"),
            status: 0,
        });
        state.operators.extend(operators);
    }
    let names: Vec<String> = (1000..1060).map(|id| format!("o{id}={id}")).collect();
    let config = format!(
        "[api]\nurl = \"{}\"\n[endpoint]\nlisten = \"127.0.0.1:0\"\nallow-anyone = true\nrate-limit = 0\n",
        api.url()
    );
    let site = Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("CHATHUB_ORGANIZATIONS", &names.join(","));
    let server = start(&site);
    // The last of 60, of which one is minted in a second.
    let reply = server.get(&format!("{TOKEN}?org=o1040"));
    let other = server.get(&format!("{TOKEN}?org=o1059"));
    let wait = |reply: &Reply| match reply.status {
        200 => 0,
        503 => reply.header("retry-after").parse::<u64>().unwrap(),
        status => panic!("{status}"),
    };
    assert!(
        wait(&reply) <= 20 && wait(&other) <= 20,
        "{} {}",
        wait(&reply),
        wait(&other)
    );
    wait_until("who was asked for is served", || {
        let statuses =
            ["o1040", "o1059"].map(|name| server.get(&format!("{TOKEN}?org={name}")).status);
        statuses == [200, 200]
    });
    assert!(
        api.state().minted.len() < 30,
        "before most others: {}",
        api.state().minted.len()
    );
    // During a hang the wait grows with it.
    let api = StandIn::start();
    let hold = Hold::new();
    api.fail("/api/operator", [hold.fault(), hold.fault()]);
    let site = super::site(&api, "rate-limit = 0\n");
    let server = start(&site);
    let first = server.get(TOKEN);
    assert_eq!(first.status, 503);
    let told = wait(&first);
    assert!((5..=600).contains(&told), "{told}");
}
