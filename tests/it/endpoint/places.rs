//! Sockets, and who takes how much of what there is.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::*;

/// An answer on a socket of the file system, to a request with these further lines of its head.
pub(super) fn ask(socket: &Path, path: &str, more: &str) -> Reply {
    let mut stream = UnixStream::connect(socket).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    Reply::read(stream)
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
    assert!(series(&server, "chathub_log_lines_lost_total") > 0);
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
    assert!(series(&server, "chathub_connections_refused_total") >= 1);
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
    let ask = |path: &str, more: &str| ask(&socket, path, more);
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

/// As where other programs have taken the system's files: it says so, and goes on when there are some again.
#[test]
fn connections_that_cannot_be_accepted_are_told_of_and_wait() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let api = StandIn::start();
    let site = site(&api, "rate-limit = 0\n");
    let mut server = start_ready(&site);
    let id = Pid::from_raw(server.id().try_into().unwrap());
    let limit = |current| {
        let most = rustix::process::getrlimit(Resource::Nofile).maximum;
        let new = Rlimit {
            current: Some(current),
            maximum: most,
        };
        prlimit(id, Resource::Nofile, new).unwrap().current.unwrap()
    };
    // One that it has already still gets its answer.
    let mut old = server.connect();
    let request = format!("GET {TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    wait_until("it is accepted", || {
        series(&server, "chathub_connections") >= 2
    });
    let before = limit(4);
    let mut new = server.connect();
    new.write_all(request.as_bytes()).unwrap();
    let said = server.says("no connection can be accepted");
    assert!(said.contains("Too many open files"), "{said}");
    old.write_all(request.as_bytes()).unwrap();
    assert_eq!(Reply::read(old).status, 200);
    limit(before);
    assert_eq!(Reply::read(new).status, 200);
}
