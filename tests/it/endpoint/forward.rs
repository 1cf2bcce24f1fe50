//! The authentication service: what it is asked, as Traefik and Caddy ask it, and what its answers mean for visitors.

use super::*;
use crate::http::service::{Answer, head};

fn behind(api: &StandIn, service: &Service, more: &str) -> Server {
    let url = format!("forward-auth = \"http://{}/check?x=1\"\n", service.address);
    start(&closed_site(api, &format!("{url}{more}")))
}

/// <https://doc.traefik.io/traefik/middlewares/http/forwardauth/#forward-request-headers>: method, protocol, host, URI and
/// address of the visitor. <https://caddyserver.com/docs/caddyfile/directives/forward_auth#expanded-form>: a GET without a
/// body, with the visitor's own header fields.
#[test]
fn it_is_asked_as_traefik_and_caddy_ask() {
    let api = StandIn::start();
    let service = Service::start(|_, _| head("204 No Content", ""));
    let server = behind(
        &api,
        &service,
        "origins = [\"https://www.example.com\"]\nclient-header = \"X-Forwarded-For\"\n",
    );
    let reply = server.ask(
        "GET",
        &format!("{TOKEN}?org=sales&a=%20b"),
        &[
            ("host", "www.example.com"),
            ("cookie", "session=olena"),
            ("authorization", "Basic eDp5"),
            ("accept", "application/json"),
            ("accept-language", "uk"),
            ("user-agent", "Test/1"),
            ("x-requested-with", "XMLHttpRequest"),
            ("x-custom", "kept"),
            (
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            ),
            ("x-forwarded-for", "203.0.113.9:51234"),
            // What a visitor says of itself.
            ("x-forwarded-host", "public.example.com"),
            ("x-forwarded-uri", "/public"),
            ("x-forwarded-method", "POST"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-user", "root"),
            ("x-original-url", "https://public.example.com/public"),
            ("x-original-uri", "/public"),
            ("forwarded", "for=1.2.3.4"),
            ("if-none-match", "\"x\""),
            ("te", "trailers"),
            ("x-hop", "1"),
            ("connection", "close, x-hop"),
        ],
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    let asked = service.asked()[0].clone();
    let mut lines: Vec<&str> = asked.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "get /check?x=1 http/1.1");
    for line in [
        "cookie: session=olena",
        "authorization: basic edp5",
        "accept: application/json",
        "accept-language: uk",
        "user-agent: test/1",
        "x-requested-with: xmlhttprequest",
        "x-custom: kept",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "x-forwarded-method: get",
        "x-forwarded-proto: https",
        "x-forwarded-host: www.example.com",
        "x-forwarded-uri: /api/chathub/token?org=sales&a=%20b",
        "x-forwarded-for: 203.0.113.9",
        "x-original-url: https://www.example.com/api/chathub/token?org=sales&a=%20b",
    ] {
        let name = line.split(':').next().unwrap();
        let found: Vec<&&str> = lines
            .iter()
            .filter(|line| line.split(':').next() == Some(name))
            .collect();
        assert_eq!(found, [&line], "{asked}");
    }
    for name in [
        "x-forwarded-user",
        "x-original-uri",
        "forwarded",
        "if-none-match",
        "te",
        "x-hop",
    ] {
        assert!(!asked.contains(&format!("\r\n{name}:")), "{name}\n{asked}");
    }
    assert!(asked.contains(&format!("host: {}", service.address)));
    assert!(lines.iter().any(|line| line.starts_with("x-request-id: ")));
    let id = lines
        .iter()
        .find_map(|line| line.strip_prefix("x-request-id: "));
    assert_eq!(Some(reply.header("x-request-id")), id);
}

#[test]
fn only_401_403_and_logins_are_a_no_for_good() {
    let api = StandIn::start();
    let service = Service::start(|request, _| {
        let session = request.split("session=").nth(1).unwrap();
        let status = session.split("\r\n").next().unwrap();
        match status {
            "login" => head("302 Found", "location: https://login.example/?back=1\r\n"),
            "login-here" => head("303 See Other", "location: /login\r\n"),
            "slash" => head("301 Moved Permanently", "location: /check/?x=1\r\n"),
            "https" => head(
                "308 Permanent Redirect",
                "location: https://sso.example/check?x=1\r\n",
            ),
            "nowhere" => head("302 Found", ""),
            "429" => head(
                "429 Too Many Requests",
                "retry-after: 17\r\nset-cookie: seen=1\r\n",
            ),
            "503" => head("503 Service Unavailable", "retry-after: 99999999\r\n"),
            status => head(
                &format!("{status} Whatever"),
                "set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n",
            ),
        }
    });
    let mut server = behind(&api, &service, "rate-limit = 0\n");
    let ask = |session: &str| {
        let cookie = format!("session={session}");
        server.ask("GET", TOKEN, &[("cookie", &cookie)])
    };
    for (session, status, wait) in [
        ("200", 200, ""),
        ("204", 200, ""),
        ("401", 401, ""),
        ("403", 403, ""),
        ("login", 401, ""),
        ("login-here", 401, ""),
        ("400", 503, "5"),
        ("404", 503, "5"),
        ("405", 503, "5"),
        ("408", 503, "5"),
        ("410", 503, "5"),
        ("418", 503, "5"),
        ("429", 503, "17"),
        ("500", 503, "5"),
        ("502", 503, "5"),
        ("503", 503, "600"),
        ("504", 503, "5"),
        ("304", 503, "5"),
        ("slash", 503, "5"),
        ("https", 503, "5"),
        ("nowhere", 503, "5"),
    ] {
        let reply = ask(session);
        assert_eq!(
            (reply.status, reply.header("retry-after")),
            (status, wait),
            "{session}"
        );
        assert_eq!(
            reply.header("location"),
            "",
            "a fetch is not led to a login page"
        );
    }
    // Sessions that the service begins, renews or ends are the visitor's.
    let cookies = |session: &str| -> Vec<String> {
        let reply = ask(session);
        let cookies = reply
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        cookies.map(|(_, value)| value.clone()).collect()
    };
    assert_eq!(cookies("200"), ["a=1; Path=/", "b=2"]);
    assert_eq!(cookies("401"), ["a=1; Path=/", "b=2"]);
    assert_eq!(cookies("429"), ["seen=1"]);
    for words in [
        "it answered 404 Not Found; is endpoint.forward-auth the right address?",
        "it answered 429 Too Many Requests",
        "it answered 500 Internal Server Error",
        "it has moved to https://sso.example/check; correct endpoint.forward-auth",
    ] {
        wait_until(words, || server.said().contains(words));
    }
    let metrics = server.get("/metrics");
    for line in [
        "chathub_authentications_total{outcome=\"granted\"} 3",
        "chathub_authentications_total{outcome=\"denied\"} 5",
        "chathub_authentications_total{outcome=\"error\"} 16",
    ] {
        assert!(metrics.text().contains(line), "{line}\n{}", metrics.text());
    }
}

#[test]
fn a_connection_that_it_has_closed_is_no_answer() {
    let api = StandIn::start();
    // Every second request finds its connection closed, after it was sent.
    let service = Service::start(|_, number| match number % 2 {
        0 => Answer::Close,
        _ => head("200 OK", ""),
    });
    let server = behind(&api, &service, "rate-limit = 0\n");
    for n in 0..10 {
        assert_eq!(server.get(TOKEN).status, 200, "{n}");
    }
    let broken = Service::start(|_, _| Answer::Close);
    let server = behind(&api, &broken, "");
    assert_eq!(server.get(TOKEN).status, 503);
    assert!(
        (2..=4).contains(&broken.asked().len()),
        "it is asked twice, not for ever"
    );
}

#[test]
fn a_service_that_is_not_there_lets_nobody_in() {
    let api = StandIn::start();
    let port = Port::reserved();
    let site = site(
        &api,
        &format!("forward-auth = \"http://{}/\"\n", port.address),
    );
    let reply = start(&site).get(TOKEN);
    assert_eq!((reply.status, reply.header("retry-after")), (503, "5"));
}

#[test]
fn it_cannot_be_the_endpoint_itself() {
    let api = StandIn::start();
    let reserved = Port::reserved();
    let port = reserved.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/healthz"),
        format!("http://localhost:{port}/api/chathub/token"),
        "https://www.example.com/api/chathub/token".to_owned(),
    ] {
        let site = closed_site(
            &api,
            &format!("forward-auth = \"{url}\"\norigins = [\"https://www.example.com\"]\n"),
        );
        let run = site.run(&format!("endpoint --listen 127.0.0.1:{port}"));
        run.fails(2, &["leads to this endpoint itself"]);
    }
    // By a detour that nobody can see beforehand: a proxy on another port.
    let detour = Detour::start();
    for path in ["/healthz", "/livez", "/metrics", TOKEN] {
        let url = format!("forward-auth = \"http://{}{path}\"\n", detour.address);
        let mut server = start(&closed_site(&api, &url));
        detour.lead_to(server.address);
        server.says("token minted");
        let reply = server.get(TOKEN);
        assert_eq!(reply.status, 503, "{path}: {}", reply.text());
        server.says("leads back to this endpoint");
    }
}

/// Passes connections on as they are.
struct Detour {
    address: SocketAddr,
    target: Arc<std::sync::Mutex<Option<SocketAddr>>>,
}

impl Detour {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(std::sync::Mutex::new(None));
        let to = Arc::clone(&target);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, to) = (stream.unwrap(), to.lock().unwrap().unwrap());
                let there = TcpStream::connect(to).unwrap();
                for (mut from, mut to) in [
                    (stream.try_clone().unwrap(), there.try_clone().unwrap()),
                    (there, stream),
                ] {
                    thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(std::net::Shutdown::Write);
                    });
                }
            }
        });
        Self { address, target }
    }

    fn lead_to(&self, address: SocketAddr) {
        *self.target.lock().unwrap() = Some(address);
    }
}
