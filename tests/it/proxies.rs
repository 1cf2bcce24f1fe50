//! `chathub endpoint` behind the proxies of `examples/`, as they are but for addresses and folders.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::{Site, plain};
use crate::http::service::{Service, head};
use crate::http::{Reply, Server};
use crate::port::Port;
use crate::program::patience::wait_until;
use crate::standin::{COMPANY_TOKEN, StandIn};

const TOKEN: &str = "/api/chathub/token";

/// A proxy, or a server of files; it ends with the value.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) port: Port,
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
            panic!("{program}: {error}; `cargo xtask setup nginx caddy` installs it")
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
        crate::http::ask(self.port.address, "GET", path, headers)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A processed site in a folder that a proxy's workers may read, whoever they are, with this in `[endpoint]`.
fn site(api: &StandIn, more: &str) -> Site {
    let config = format!(
        "default-organization = \"sales\"\n[api]\nurl = \"{}\"\n[organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\nrate-limit = 30\n\
         origins = [\"https://www.example.com\"]\nclient-header = \"X-Forwarded-For\"\n{more}",
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

/// A login service as the examples expect it: it knows two sessions, names their users and renews the sessions.
fn login() -> Service {
    Service::start(|request, _| {
        let user = ["olena", "taras"]
            .into_iter()
            .find(|user| request.contains(&format!("cookie: session={user}\r\n")));
        match user {
            Some(user) => head(
                "202 Accepted",
                &format!("x-auth-request-user: {user}\r\nset-cookie: session={user}; Path=/\r\n"),
            ),
            None => head("401 Unauthorized", ""),
        }
    })
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

const HOST: (&str, &str) = ("host", "www.example.com");
const SESSION: (&str, &str) = ("cookie", "session=olena");

/// What has to hold behind any proxy, whoever may have a token.
fn serves_the_site(proxy: &Proxy, visitor: &[(&str, &str)]) {
    let page = proxy.ask("/", &[HOST]);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("data-chathub"));
    assert_eq!(proxy.ask("/about", &[HOST]).status, 200);
    let runtime = proxy.ask(
        &format!(
            "/chathub-assets/{}",
            chathub::internal::runtime::hashed_name()
        ),
        &[HOST],
    );
    assert_eq!(runtime.status, 200);
    assert!(runtime.header("cache-control").contains("immutable"));
    let ask = |more: &[(&str, &str)]| proxy.ask(TOKEN, &[&[HOST], visitor, more].concat());
    let reply = ask(&[]);
    assert_eq!(
        (reply.status, reply.header("cache-control")),
        (200, "no-store"),
        "{}",
        reply.text()
    );
    assert!(reply.json()["token"].is_string());
    assert!(!reply.header("date").is_empty());
    assert_eq!(ask(&[("origin", "https://evil.example")]).status, 403);
    let ours = ask(&[("origin", "https://www.example.com")]);
    assert_eq!(
        ours.header("access-control-allow-origin"),
        "https://www.example.com"
    );
    for path in ["/healthz", "/livez", "/readyz", "/metrics"] {
        assert_eq!(
            proxy.ask(path, &[HOST]).status,
            404,
            "{path} is nobody's business"
        );
    }
    // An address that a visitor makes up does not count.
    let mut statuses = (0..250).map(|n| {
        let claim = format!("192.0.2.{n}");
        ask(&[("x-forwarded-for", &claim)]).status
    });
    assert!(statuses.any(|status| status == 429));
}

/// What has to hold behind an example as it is: only users with a session get a token.
fn is_closed(proxy: &Proxy, login: &Service) {
    for visitor in [
        &[] as &[_],
        &[("cookie", "session=nobody")],
        // What a visitor says of itself counts for nothing.
        &[("remote-user", "olena")],
        &[("x-auth-request-user", "olena")],
    ] {
        let reply = proxy.ask(TOKEN, &[&[HOST], visitor].concat());
        assert_eq!(reply.status, 401, "{visitor:?}");
    }
    let asked = login.asked().pop().unwrap();
    for line in [
        "get /oauth2/auth http/1.",
        "x-forwarded-method: get",
        "x-forwarded-uri: /api/chathub/token",
        "x-forwarded-host: www.example.com",
    ] {
        assert!(asked.contains(line), "{line}\n{asked}");
    }
    serves_the_site(proxy, &[SESSION]);
    // Users are counted one by one.
    let other = proxy.ask(
        TOKEN,
        &[HOST, ("cookie", "session=taras"), ("remote-user", "olena")],
    );
    assert_eq!(other.status, 200);
}

pub(crate) fn nginx_in(site: &Site, name: &str, server: &str) -> Proxy {
    let port = Port::reserved();
    let folder = site.folder().join(name);
    fs::create_dir(&folder).unwrap();
    assert!(server.contains("listen 80;"));
    let listen = format!("listen {} reuseport;", port.address);
    let server = server.replace("listen 80;", &listen);
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
}

pub(crate) fn caddy_in(site: &Site, name: &str, server: &str) -> Proxy {
    let port = Port::reserved();
    let folder = site.folder().join(name);
    fs::create_dir(&folder).unwrap();
    let (address, number) = (port.address, port.address.port());
    let hosts = format!("\nhttp://{address}, http://www.example.com:{number} {{\n\tbind 127.0.0.1");
    assert!(server.contains("\nwww.example.com {"));
    let server = server.replace("\nwww.example.com {", &hosts);
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
}

/// What the examples' comments say to set in chathub.toml.
const CLOSED: &str = "auth-header = \"Remote-User\"\n";
const OPEN: &str = "allow-anyone = true\n";

/// The examples with our addresses.
fn addressed(name: &str, site: &Site, endpoint: &Server, login: &Service) -> String {
    adapted(
        name,
        &[
            ("127.0.0.1:8787", endpoint.address.to_string()),
            ("127.0.0.1:4180", login.address.to_string()),
            ("/srv/www", site.path("").display().to_string()),
        ],
    )
}

#[test]
fn nginx() {
    let (api, login) = (StandIn::start(), login());
    let site = site(&api, CLOSED);
    let endpoint = endpoint(&site);
    let server = addressed("nginx.conf", &site, &endpoint, &login);
    let proxy = nginx_in(&site, "closed", &server);
    is_closed(&proxy, &login);
    let renewed = proxy.ask(TOKEN, &[HOST, ("cookie", "session=taras")]);
    assert_eq!(renewed.header("set-cookie"), "session=taras; Path=/");
}

#[test]
fn caddy() {
    let (api, login) = (StandIn::start(), login());
    let site = site(&api, CLOSED);
    let endpoint = endpoint(&site);
    let server = addressed("Caddyfile", &site, &endpoint, &login);
    is_closed(&caddy_in(&site, "closed", &server), &login);
}

/// As the comments in the examples describe it.
#[test]
fn an_open_endpoint_is_the_same_without_a_login() {
    let (api, login) = (StandIn::start(), login());
    let site = site(&api, OPEN);
    // Each has clients of its own to count.
    let (first, second) = (endpoint(&site), endpoint(&site));
    let server = addressed("nginx.conf", &site, &first, &login);
    let open = |line: &&str| {
        ![
            "auth_request",
            "add_header Set-Cookie",
            "proxy_set_header Remote-User",
        ]
        .iter()
        .any(|words| line.contains(words) && !line.trim_start().starts_with('#'))
    };
    let server: Vec<&str> = server.lines().filter(open).collect();
    serves_the_site(&nginx_in(&site, "nginx", &server.join("\n")), &[]);
    let server = addressed("Caddyfile", &site, &second, &login);
    let start = server.find("\thandle /api/chathub/token {").unwrap();
    let end = start + server[start..].find("\n\t}\n").unwrap();
    let shown = "\t#\thandle /api/chathub/token {\n\t#\t\treverse_proxy";
    assert!(server.contains(shown), "{server}");
    let server = format!("{}{}", &server[..start], &server[end + 3..]);
    let server = server.replace("\t#\t", "\t");
    serves_the_site(&caddy_in(&site, "caddy", &server), &[]);
    assert!(login.asked().is_empty());
}

/// Where the proxy only passes requests on, and the endpoint asks the login service itself.
#[test]
fn the_endpoint_asks_by_itself_behind_a_proxy() {
    let (api, login) = (StandIn::start(), login());
    let site = site(
        &api,
        &format!("forward-auth = \"http://{}/oauth2/auth\"\n", login.address),
    );
    let endpoint = endpoint(&site);
    let server = addressed("nginx.conf", &site, &endpoint, &login);
    let passes =
        |line: &&str| !line.contains("auth_request") && !line.contains("add_header Set-Cookie");
    let server: Vec<&str> = server.lines().filter(passes).collect();
    let server = server
        .join("\n")
        .replace("Remote-User $user", "Remote-User \"\"");
    let proxy = nginx_in(&site, "nginx", &server);
    assert_eq!(proxy.ask(TOKEN, &[HOST]).status, 401);
    let reply = proxy.ask(
        TOKEN,
        &[HOST, SESSION, ("x-forwarded-host", "evil.example")],
    );
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("set-cookie"), "session=olena; Path=/");
    let asked = login.asked().pop().unwrap();
    for line in [
        "x-forwarded-host: www.example.com",
        // The site's origin is https, whatever the proxy speaks to us.
        "x-forwarded-proto: https",
        "x-forwarded-uri: /api/chathub/token",
        "x-forwarded-for: 127.0.0.1",
    ] {
        assert!(asked.contains(line), "{line}\n{asked}");
    }
}
