//! `CHATHUB_LOG`: how much is logged, whatever the report says.

use crate::common::{Run, Site, plain};
use crate::http::Server;
use crate::program::patience::wait_until;
use crate::standin::{COMPANY_TOKEN, StandIn};

const CONFIG: &str = "mode = \"static\"\n[organizations.support]\nid = 6\n";

fn site(api: &StandIn) -> Site {
    Site::of(plain())
        .config(&format!("default-organization = \"support\"\n{CONFIG}"))
        .env("CHATHUB_API_URL", &api.url())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

#[test]
fn it_is_a_level_of_its_own_and_leaves_the_report_alone() {
    let api = StandIn::start();
    let site = site(&api);
    let quiet = site.ok("inject --dry-run");
    let site = site.env("CHATHUB_LOG", "debug");
    // But for the time that it took.
    let report = |run: Run| run.stdout.split(" · ").next().unwrap().to_owned();
    assert_eq!(report(site.ok("inject --dry-run")), report(quiet));
    let run = site.ok("inject -q");
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("debug: POST /api/operator/get-token"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("info: "), "{}", run.stderr);
    // Less than the flag asks for, too.
    let site = site.env("CHATHUB_LOG", "error");
    let run = site.ok("token get -vv");
    assert_eq!(run.stderr, "");
    let site = site.env("CHATHUB_LOG", "");
    let run = site.ok("token get -v");
    assert!(run.stderr.starts_with("info: minted"), "{}", run.stderr);
}

#[test]
fn servers_log_by_it_as_well() {
    let api = StandIn::start();
    let site = site(&api).env("CHATHUB_LOG", "debug");
    let arguments = [
        "endpoint",
        "--listen",
        "127.0.0.1:0",
        "--allow-anyone",
        "-q",
    ];
    let config = "mode = \"placeholder\"\n[organizations.support]\nid = 6\n";
    let site = site.config(config);
    let server = Server::start(&mut site.command(arguments));
    wait_until("there is a token", || {
        server.get("/api/chathub/token").status == 200
    });
    let (_, said) = server.stop();
    assert!(
        said.contains("INFO token minted") && said.contains("DEBUG token asked for"),
        "{said}"
    );
}

#[test]
fn any_other_word_ends_every_command_before_it_begins() {
    let wrong = "a-word-that-is-no-level";
    let site = Site::of(plain()).env("CHATHUB_LOG", wrong);
    for command in ["inject", "verify", "orgs", "endpoint", "preview", "man"] {
        let run = site.run(command);
        run.fails(2, &["CHATHUB_LOG", "error, warn, info or debug"]);
        // It may be a secret that went to the wrong place.
        assert!(!run.stderr.contains(wrong), "{}", run.stderr);
    }
    assert_eq!(site.text("index.html"), plain());
    site.ok("--help");
    Site::of(plain())
        .env("CHATHUB_LOG", "DEBUG")
        .run("inject")
        .exits(2);
}
