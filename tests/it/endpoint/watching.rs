//! What whoever runs it sees of it: the log, metrics, how it is.

use std::process::{Command, Stdio};

use super::*;

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
    let mut promtool = promtool.unwrap_or_else(|error| {
        panic!("promtool: {error}; `cargo xtask setup promtool` installs it")
    });
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
