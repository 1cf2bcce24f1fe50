//! What signals and the service manager ask of it.

use std::os::unix::net::UnixStream;

use rustix::process::Signal;

use super::*;
use crate::http::service::head;

#[test]
fn a_reload_changes_everything_but_loses_no_token() {
    let api = StandIn::start();
    let site = site(&api, "rate-limit = 0\n");
    let mut server = start_unasked(&site);
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

/// Where the configuration is read more often than the API takes to answer, a token comes all the same.
#[test]
fn what_is_being_minted_outlasts_a_reload() {
    let api = StandIn::start();
    let (first, later) = (Hold::new(), Hold::new());
    api.fail("/api/operator/get-token", [first.fault()]);
    let config = format!(
        "[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\nallow-anyone = true\n",
        api.url()
    );
    let site = Site::of(plain())
        .config(&config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let mut server = start(&site);
    wait_until("it mints", || api.count("/get-token") == 1);
    // Every further attempt hangs, whatever it asks first.
    for path in ["/api/operator", "organization", "/get-token"] {
        api.fail(path, std::iter::repeat_with(|| later.fault()).take(100));
    }
    server.signal(Signal::HUP);
    server.says("the configuration was read again");
    drop(first);
    // It is looked at once more before it counts, which nothing holds up.
    server.says("token minted");
    let reply = server.get(TOKEN);
    assert_eq!(
        (reply.status, token(&reply)),
        (200, api.state().minted[0].clone())
    );
    drop(later);
}

#[test]
fn a_reload_reads_an_organizations_own_source_again() {
    let source = |left| crate::common::token("operator 7", left);
    let first = source(7200);
    let config = "[organizations.a]\nid = 1\ntoken = { file = \"a-token\" }\n[endpoint]\nlisten = \"127.0.0.1:0\"\n\
                  allow-anyone = true\n";
    let site = Site::of(plain()).config(config).file("a-token", &first);
    let mut server = start_ready(&site);
    let reload = |server: &mut Server| {
        server.signal(Signal::HUP);
        server.says("the configuration was read again");
    };
    // The same one again is no failure, and none that was minted.
    reload(&mut server);
    reload(&mut server);
    assert_eq!(
        (mints(&server, "a", "ok"), mints(&server, "a", "error")),
        (1, 0)
    );
    // Another one counts, also where it expires earlier: somebody has put it there.
    let second = source(3600);
    site.replace("a-token", &second);
    assert_eq!(token(&server.get(TOKEN)), first);
    reload(&mut server);
    wait_until("it is given out", || token(&server.get(TOKEN)) == second);
    let mints = |result| mints(&server, "a", result);
    assert_eq!((mints("ok"), mints("error")), (2, 0));
    // One that cannot be used is told, and the last one stays.
    site.replace("a-token", &crate::common::token("operator 7", -60));
    reload(&mut server);
    server.says("no token minted");
    assert_eq!(token(&server.get(TOKEN)), second);
}

/// What the API has asked for holds whatever is read meanwhile.
#[test]
fn a_pause_that_the_api_wants_outlasts_a_reload() {
    let api = StandIn::start();
    let busy = || Fault::Busy("500".to_owned());
    api.fail("/api/operator", [busy(), busy()]);
    let site = site(&api, "");
    let mut server = start(&site);
    server.says("no token minted");
    server.says("no token minted");
    let calls = api.calls().len();
    for _ in 0..3 {
        server.signal(Signal::HUP);
        server.says("the configuration was read again");
        server.says("no token minted");
    }
    assert_eq!(api.calls().len(), calls);
}

#[test]
fn who_has_connected_before_the_end_is_answered() {
    let api = StandIn::start();
    let site = site(&api, "max-connections = 2\nrate-limit = 0\n");
    let mut server = start_unasked(&site);
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
fn requests_under_way_are_finished_at_the_end() {
    let api = StandIn::start();
    let hold = Hold::new();
    api.fail("/api/operator/get-token", [hold.fault()]);
    // That the request is under way is seen by the service that is asked about its visitor.
    let service = Service::start(|_, _| head("204 No Content", ""));
    let url = format!("forward-auth = \"http://{}/\"\n", service.address);
    let site = site(&api, &url);
    let server = start(&site);
    let mut stream = server.connect();
    write!(
        stream,
        "GET {TOKEN} HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    )
    .unwrap();
    wait_until("the request is under way", || !service.asked().is_empty());
    server.signal(Signal::TERM);
    drop(hold);
    // With a token; or without one, where it has waited for that for too long.
    let reply = Reply::read(stream);
    assert!([200, 503].contains(&reply.status), "it is answered");
    let (code, said) = server.ended();
    assert_eq!(code, 0);
    assert!(said.contains("ended"), "{said}");
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
}

/// `systemd-socket-activate` hands sockets over as a .socket unit does: the first for tokens, the second for checks.
#[test]
fn sockets_that_are_handed_over_take_the_place_of_its_own() {
    let api = StandIn::start();
    let site = site(&api, "");
    let folder = tempfile::tempdir().unwrap();
    let sockets = ["tokens", "checks"].map(|name| folder.path().join(name));
    let mut words = vec!["systemd-socket-activate"];
    for variable in ["CHATHUB_COMPANY_TOKEN", "CHATHUB_LOG", "XDG_CACHE_HOME"] {
        words.extend(["-E", variable]);
    }
    for socket in &sockets {
        words.extend(["-l", socket.to_str().unwrap()]);
    }
    let mut program = site.command(["endpoint"]).under(&words);
    let mut running = program.spawn();
    wait_until("it listens", || UnixStream::connect(&sockets[1]).is_ok());
    let ask = |socket: usize, path: &str| places::ask(&sockets[socket], path, "").status;
    wait_until("a token is to be had", || ask(0, TOKEN) == 200);
    for (path, first, second) in [
        (TOKEN, 200, 404),
        ("/livez", 404, 200),
        ("/metrics", 404, 200),
    ] {
        assert_eq!((ask(0, path), ask(1, path)), (first, second), "{path}");
    }
    let _ = running.kill();
}
