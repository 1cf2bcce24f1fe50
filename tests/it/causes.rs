//! Errors say each of their causes once, whichever command ends with them.

use std::net::TcpListener;

use crate::common::{Run, Site, plain};
use crate::port::Port;
use crate::standin::{COMPANY_TOKEN, Fault, StandIn};

const CONFIG: &str =
    "mode = \"static\"\ndefault-organization = \"support\"\n\n[organizations.support]\nid = 6\n";

/// Wants these words in the error, and nothing in it twice.
fn once(run: &Run, code: i32, words: &str) {
    run.fails(code, &[words]);
    let error = run.stderr.lines().last().unwrap();
    assert!(error.starts_with("error: "), "{error}");
    let mut parts: Vec<&str> = error.split([':', ';', ',']).map(str::trim).collect();
    let all = parts.len();
    parts.sort_unstable();
    parts.dedup();
    assert_eq!(parts.len(), all, "{error}");
    assert_eq!(error.matches(words).count(), 1, "{error}");
}

#[test]
fn of_the_api() {
    let server = StandIn::start();
    let site = Site::of(plain())
        .config(CONFIG)
        .env("CHATHUB_API_URL", &server.url())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let commands = [
        "inject",
        "orgs",
        "operators --org 6",
        "token get",
        "token validate",
    ];
    let run = |command: &str| {
        let mut program = site.command(command.split(' '));
        let given = site.folder().join("given");
        std::fs::write(&given, "x").unwrap();
        program.stdin(std::fs::File::open(given).unwrap());
        Run::of(&mut program)
    };
    for command in commands {
        server.fail("", [Fault::Status(403, "not for you".to_owned())]);
        once(&run(command), 4, "not for you");
        let page = "<p>Hello".to_owned();
        server.fail("", [Fault::Body("text/html", page)]);
        once(&run(command), 4, "an HTML or XML page");
    }
    let port = Port::reserved();
    let site = site.env("CHATHUB_API_URL", &format!("http://{}", port.address));
    for command in ["inject", "orgs"] {
        let run = site.run(command);
        once(&run, 4, "refused (os error");
    }
}

#[test]
fn of_the_system() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let site = Site::of(plain())
        .config(&CONFIG.replace("static", "placeholder"))
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let listen = site.run(&format!("endpoint --allow-anyone --listen {address}"));
    once(&listen, 2, "in use");
    let port = address.port();
    once(&site.run(&format!("preview --port {port}")), 2, "in use");
    let command = "[api]\ncompany-token = { command = \"false\" }\n";
    let site = Site::of(plain()).config(&format!("{CONFIG}\n{command}"));
    for command in ["orgs", "inject"] {
        once(&site.run(command), 2, "`false` failed");
    }
    let command = "token = { command = \"false\" }\n";
    let site = Site::of(plain()).config(&format!("{CONFIG}{command}"));
    once(&site.run("inject"), 2, "`false` failed");
}
