//! Clients that ask too often, say too much, or take their time.

use std::sync::mpsc::{RecvTimeoutError, channel};

use super::*;

#[test]
fn each_client_has_its_own_limit() {
    let api = StandIn::start();
    let site = site(
        &api,
        "rate-limit = 30\nclient-header = \"X-Forwarded-For\"\n",
    );
    let server = start_ready(&site);
    let ask = |client: &str| server.ask("GET", TOKEN, &[("x-forwarded-for", client)]);
    let begun = Instant::now();
    let let_in = (0..20).filter(|_| ask("192.0.2.1").status == 200).count();
    // Ten at once, and one more every two seconds, however long these requests have taken.
    let most = 11 + begun.elapsed().as_secs() / 2;
    assert!(let_in >= 10 && let_in as u64 <= most, "{let_in}");
    let refused = wait_for("it is too much", || {
        Some(ask("192.0.2.1")).filter(|reply| reply.status != 200)
    });
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (429, Some("Too many requests"))
    );
    assert!((1..=3).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    // What a client says of itself, left of what the proxy says, makes no other client of it.
    let mut claims = (1..=250).map(|n| ask(&format!("198.51.100.{n}, 192.0.2.1")).status);
    assert!(claims.any(|status| status == 429));
    let others = (1..=50)
        .filter(|n| ask(&format!("203.0.113.{n}")).status == 200)
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
    ready(&server);
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
    let server = start_ready(&site);
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
    let server = start_ready(&site);
    assert_eq!(server.get(TOKEN).status, 200);
    // As many as there are places: each sends a header field now and then, and never ends.
    let mut slow: Vec<TcpStream> = (0..20).map(|_| server.connect()).collect();
    for stream in &mut slow {
        write!(
            stream,
            "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n",
            server.address
        )
        .unwrap();
    }
    let (enough, stop) = channel::<()>();
    let feeding = thread::spawn(move || {
        let mut fields = 0..;
        while stop.recv_timeout(Duration::from_millis(250)) == Err(RecvTimeoutError::Timeout) {
            let n = fields.next().unwrap();
            for stream in &mut slow {
                let _ = write!(stream, "x-{n}: y\r\n");
            }
        }
    });
    // They go on until it has its answer, for which one of them has to go.
    assert_eq!(server.get(TOKEN).status, 200);
    drop(enough);
    feeding.join().unwrap();
}

#[test]
fn nobody_fills_the_log_with_requests_that_are_refused() {
    let api = StandIn::start();
    let site = site(&api, "origins = [\"https://www.example.com\"]\n");
    let server = start(&site);
    let begun = Instant::now();
    for _ in 0..200 {
        let reply = server.ask("GET", TOKEN, &[("origin", "https://evil.example")]);
        assert_eq!(reply.status, 403);
    }
    let metrics = server.get("/metrics");
    assert!(
        metrics.text().contains("{status=\"403\"} 200"),
        "{}",
        metrics.text()
    );
    let (_, log) = server.stop();
    let lines = log
        .lines()
        .filter(|line| line.contains("request refused"))
        .count();
    // Twenty at once, and one more every three seconds.
    let most = 21 + begun.elapsed().as_secs() / 3;
    assert!(lines >= 20 && lines as u64 <= most, "{lines}");
}
