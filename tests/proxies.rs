//! `chathub endpoint` behind the proxies of `examples/`, as they are but for addresses and folders.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod http;
mod port;
mod standin;

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::program::patience::wait_until;
use common::{Site, plain};
use http::{Reply, Server};
use port::Port;
use standin::{COMPANY_TOKEN, StandIn};

const TOKEN: &str = "/api/chathub/token";

/// A proxy; it ends with the value.
struct Proxy {
    child: Child,
    port: Port,
}

impl Proxy {
    /// Starts a proxy that listens on this port, and waits for it.
    fn start(command: &mut Command, port: Port) -> Self {
        let program = command.get_program().display().to_string();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("{program}: {error}; `scripts/setup nginx caddy` installs it")
        });
        let mut proxy = Self { child, port };
        wait_until(&format!("{program} listens"), || {
            let ended = proxy.child.try_wait().unwrap();
            assert_eq!(ended, None, "{program} has ended");
            TcpStream::connect(proxy.port.address).is_ok()
        });
        proxy
    }

    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        http::ask(self.port.address, "GET", path, headers)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A processed site in a folder that a proxy's workers may read, whoever they are.
fn site(api: &StandIn) -> Site {
    let config = format!(
        "default-organization = \"sales\"\n[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\nrate-limit = 30\n\
         origins = [\"https://www.example.com\"]\nclient-header = \"X-Forwarded-For\"\nauth-header = \"Remote-User\"\n",
        api.url()
    );
    let site = Site::of(plain())
        .page("about.html", plain())
        .config(&config);
    let site = site.env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    site.ok("inject public");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(site.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    site
}

/// The endpoint, once it has its token.
fn endpoint(site: &Site) -> Server {
    let server = Server::start(&mut site.command(["endpoint"]));
    wait_until("there is a token", || server.get("/healthz").status == 200);
    server
}

fn example(name: &str) -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(name),
    )
    .unwrap()
}

/// The example with every one of these replaced; each has to be in it.
fn adapted(name: &str, changes: &[(&str, String)]) -> String {
    changes.iter().fold(example(name), |text, (from, to)| {
        assert!(text.contains(from), "{name} has no {from:?}");
        text.replace(from, to)
    })
}

/// What has to hold behind any proxy. `named` and `nobody` proxy to the same endpoint, with a user and without.
fn holds(named: &Proxy, nobody: &Proxy) {
    let host = ("host", "www.example.com");
    let page = named.ask("/", &[host]);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("data-chathub"));
    assert_eq!(named.ask("/about", &[host]).status, 200);
    let runtime = named.ask(
        &format!("/chathub-assets/{}", chathub::runtime::hashed_name()),
        &[host],
    );
    assert_eq!(runtime.status, 200);
    assert!(runtime.header("cache-control").contains("immutable"));

    let reply = named.ask(TOKEN, &[host]);
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, "no-store"),
        "{}",
        reply.text()
    );
    assert!(reply.json()["token"].is_string());
    assert!(!reply.header("date").is_empty());
    assert_eq!(
        named
            .ask(TOKEN, &[host, ("origin", "https://evil.example")])
            .status,
        403
    );
    let ours = named.ask(TOKEN, &[host, ("origin", "https://www.example.com")]);
    assert_eq!(
        ours.header("access-control-allow-origin"),
        "https://www.example.com"
    );
    for path in ["/healthz", "/metrics"] {
        assert_eq!(
            named.ask(path, &[host]).status,
            404,
            "{path} is nobody's business"
        );
    }
    // What a visitor says of itself counts for nothing: neither the user, nor the address.
    let visitor = nobody.ask(TOKEN, &[host, ("remote-user", "olena")]);
    assert_eq!(visitor.status, 401);
    let mut statuses = (0..250).map(|n| {
        let claim = format!("192.0.2.{n}");
        named
            .ask(TOKEN, &[host, ("x-forwarded-for", &claim)])
            .status
    });
    assert!(statuses.any(|status| status == 429));
}

#[test]
fn nginx() {
    let api = StandIn::start();
    let site = site(&api);
    let endpoint = endpoint(&site);
    let start = |name: &str, user: &str| {
        let port = Port::reserved();
        let address = port.address;
        let folder = site.folder().join(name);
        fs::create_dir(&folder).unwrap();
        let server = adapted(
            "nginx.conf",
            &[
                ("127.0.0.1:8787", endpoint.address.to_string()),
                ("listen 80;", format!("listen {address} reuseport;")),
                ("/srv/www", site.path("").display().to_string()),
                ("Remote-User \"\"", format!("Remote-User \"{user}\"")),
            ],
        );
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {name}/{kind};\n"))
            .concat();
        let main = format!(
            "daemon off;\npid {name}/pid;\nerror_log {name}/error.log;\nworker_processes 1;\nevents {{}}\nhttp {{\n\
             default_type text/html;\naccess_log off;\n{temporary}{server}}}\n"
        );
        fs::write(folder.join("nginx.conf"), main).unwrap();
        // Debian keeps it where only the superuser's path leads.
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.env("PATH", path).args([
            "-c",
            "exec nginx -p . -e \"$0/error.log\" -c \"$0/nginx.conf\"",
            name,
        ]);
        Proxy::start(command.current_dir(site.folder()), port)
    };
    holds(&start("named", "olena"), &start("nobody", ""));
}

#[test]
fn caddy() {
    let api = StandIn::start();
    let site = site(&api);
    let endpoint = endpoint(&site);
    let start = |name: &str, user: &str| {
        let port = Port::reserved();
        let address = port.address;
        let folder = site.folder().join(name);
        fs::create_dir(&folder).unwrap();
        let server = adapted(
            "Caddyfile",
            &[
                ("127.0.0.1:8787", endpoint.address.to_string()),
                (
                    "\nwww.example.com {",
                    format!(
                        "\nhttp://{address}, http://www.example.com:{} {{\n\tbind 127.0.0.1",
                        address.port()
                    ),
                ),
                ("/srv/www", site.path("").display().to_string()),
                ("header_up -Remote-User", format!("header_up {user}")),
            ],
        );
        fs::write(
            folder.join("Caddyfile"),
            format!("{{\n\tadmin off\n\tauto_https off\n}}\n{server}"),
        )
        .unwrap();
        let mut command = Command::new("caddy");
        command
            .args(["run", "--config", "Caddyfile"])
            .env("HOME", &folder)
            .env("XDG_DATA_HOME", &folder)
            .env("XDG_CONFIG_HOME", &folder);
        Proxy::start(command.current_dir(&folder), port)
    };
    holds(
        &start("named", "Remote-User olena"),
        &start("nobody", "-Remote-User"),
    );
}
