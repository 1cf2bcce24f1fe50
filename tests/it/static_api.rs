//! Static mode through the API: tokens are minted, validated, published, and kept for the next run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use crate::common::{Run, Site, plain, widget};
use crate::port::Port;
use crate::program::patience::wait_until;
use crate::standin::{COMPANY_TOKEN, Fault, Hold, LOGIN, PASSWORD, StandIn};

const CONFIG: &str = "mode = \"static\"\ndefault-organization = \"support\"\n\n\
    [organizations.support]\nid = 6\n\n[organizations.sales]\nid = 24\noperator = \"Sales desk\"\n\n\
    [[rules]]\nmatch = \"shop/\"\norganization = \"sales\"\n";

/// A site of two organizations, without credentials.
fn site(server: &StandIn) -> Site {
    Site::of(plain())
        .page("shop/index.html", plain())
        .config(CONFIG)
        .env("CHATHUB_API_URL", &server.url())
}

fn with_token(server: &StandIn) -> Site {
    site(server).env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

fn with_login(server: &StandIn) -> Site {
    site(server)
        .env("CHATHUB_LOGIN", LOGIN)
        .env("CHATHUB_PASSWORD", PASSWORD)
}

/// Wants that a run fails with these words and no page is touched.
fn refused(site: &Site, code: i32, words: &[&str]) -> Run {
    let before = site.snapshot();
    let run = site.run("inject");
    run.fails(code, words);
    assert_eq!(site.snapshot(), before);
    run
}

#[test]
fn from_the_login_to_pages_that_carry_a_validated_token() {
    let server = StandIn::start();
    let site = with_login(&server);
    let run = site.ok("inject");
    let minted = server.state().minted.clone();
    // In the order of the names: sales, support.
    assert_eq!(
        site.text("shop/index.html"),
        crate::common::page(&widget(&minted[0], "sales"))
    );
    assert_eq!(
        site.text("index.html"),
        crate::common::page(&widget(&minted[1], "support"))
    );
    assert!(
        run.stdout
            .contains("anyone who reads a page can use it until"),
        "{}",
        run.stdout
    );
    let mint = [
        "GET /api/operator?organizationId=24",
        "POST /api/operator/get-token",
        "POST /api/operator/validate-token",
    ];
    let calls = server.calls();
    assert_eq!(calls[0], "POST /api/company/get-token");
    assert_eq!(calls[1..4], mint);
    assert_eq!(calls[4..].len(), 3);
    // `verify` is content, and asks nobody.
    site.ok("verify");
    assert_eq!(server.calls().len(), 7);
}

#[test]
fn a_second_run_takes_the_same_tokens_and_changes_nothing() {
    let server = StandIn::start();
    let site = with_token(&server);
    site.ok("inject");
    let (before, calls) = (site.snapshot(), server.calls().len());
    site.ok("inject --check");
    assert_eq!(server.calls().len(), calls);
    site.ok("inject");
    assert_eq!(site.snapshot(), before);
    // It asks about each, once.
    let asked = server.calls().split_off(calls);
    assert_eq!(asked, ["POST /api/operator/validate-token"; 2]);
    // Nor does it need credentials for that.
    let without = site.env("CHATHUB_COMPANY_TOKEN", "");
    without.ok("inject");
    // Tokens that will not last long enough are not taken: these live five minutes less than a day.
    let run = without.run("inject --min-ttl 23h56m");
    run.fails(2, &["no credentials"]);
    let with = without.env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    with.ok("inject --min-ttl 23h56m");
    assert_eq!(server.state().minted.len(), 4);
    assert_ne!(with.snapshot(), before);
}

#[test]
fn the_cache_is_the_users_alone_and_can_be_lost() {
    let server = StandIn::start();
    let site = with_token(&server);
    site.ok("inject");
    let folder = site.folder().join("cache/chathub/tokens");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        assert!(!fs::read_to_string(path).unwrap().contains(COMPANY_TOKEN));
    }
    fs::remove_dir_all(&folder).unwrap();
    site.ok("inject");
    assert_eq!(server.state().minted.len(), 4);
    // Where there can be none, every run mints.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let run = site.ok("inject");
    assert!(run.stderr.contains("not cached"), "{}", run.stderr);
    assert_eq!(server.state().minted.len(), 6);
}

#[test]
fn a_cache_inside_the_site_is_not_used() {
    let server = StandIn::start();
    let site = with_token(&server);
    let inside = site.path("").join("cache");
    let site = site.env("XDG_CACHE_HOME", inside.to_str().unwrap());
    site.ok("inject");
    assert!(!inside.exists());
}

#[test]
fn runs_at_the_same_time_share_what_one_of_them_mints() {
    let server = StandIn::start();
    let site = with_login(&server);
    let hold = Hold::new();
    server.fail("operator/get-token", [hold.fault()]);
    let runs: Vec<_> = (0..6)
        .map(|n| {
            site.command(["inject", "--output", &format!("out-{n}")])
                .spawn()
        })
        .collect();
    // All are started before any has a token.
    wait_until("one of them asks for a token", || {
        server.count("operator/get-token") == 1
    });
    drop(hold);
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    assert_eq!(server.state().minted.len(), 2);
    let first = crate::common::contents(&site.folder().join("out-0"));
    for n in 1..6 {
        assert_eq!(
            crate::common::contents(&site.folder().join(format!("out-{n}"))),
            first
        );
    }
}

#[test]
fn tokens_live_by_the_apis_clock() {
    // Ours is a second ahead, two hours ahead, and two hours behind.
    for seconds in [-1, -7200, 7200] {
        let server = StandIn::start();
        server.state().ahead = jiff::SignedDuration::from_secs(seconds);
        let site = with_token(&server);
        let run = site.ok("inject");
        assert_eq!(server.state().minted.len(), 2, "{seconds}");
        assert_eq!(
            run.stderr.contains("clock"),
            seconds.abs() > 60,
            "{seconds}"
        );
    }
}

#[test]
fn a_dry_run_asks_for_nothing_and_says_what_would_be_minted() {
    let server = StandIn::start();
    let site = site(&server);
    let before = site.snapshot();
    let run = site.ok("inject --dry-run");
    assert!(
        run.stdout.contains("a token for `sales` would be minted"),
        "{}",
        run.stdout
    );
    let report = site.json("inject --check", 1);
    assert_eq!(report.outcome("shop/index.html"), "injected");
    site.ok("inject --diff");
    assert_eq!(site.snapshot(), before);
    assert_eq!(server.calls(), [""; 0]);
}

#[test]
fn without_credentials_nothing_is_touched() {
    let server = StandIn::start();
    let words = [
        "organization `sales`",
        "CHATHUB_COMPANY_TOKEN",
        "--if-no-credentials skip",
    ];
    refused(&site(&server), 2, &words);
    let half = site(&server).env("CHATHUB_LOGIN", LOGIN);
    refused(&half, 2, &["there is a login and no password"]);
    assert_eq!(server.calls(), [""; 0]);
}

#[test]
fn builds_that_get_no_secrets_can_pass_untouched() {
    let server = StandIn::start();
    let site = site(&server).env("CHATHUB_COMPANY_TOKEN", "");
    let before = site.snapshot();
    let report = site.json("inject --if-no-credentials skip", 0);
    assert_eq!(report.outcome("shop/index.html"), "skipped");
    assert_eq!(report.reason("index.html"), "no credentials");
    assert!(
        report.0["summary"]["notices"]
            .to_string()
            .contains("every page stays as it is")
    );
    let run = site.ok("inject --if-no-credentials skip -q");
    assert!(
        run.stderr.contains("every page stays as it is"),
        "{}",
        run.stderr
    );
    site.ok("inject --if-no-credentials skip --check");
    // Also into another folder, which gets the site as it is; and verify agrees.
    site.ok("inject --if-no-credentials skip --output copied");
    assert_eq!(site.snapshot(), before);
    let copy = crate::common::contents(&site.folder().join("copied"));
    assert_eq!(copy, crate::common::contents(&site.path("")));
    site.run("verify").exits(1);
    let report = site.json("verify --if-no-credentials skip", 0);
    assert_eq!(report.findings("missing-instance")[0]["severity"], "note");
    // With credentials, the same command does the work.
    let site = site.env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    let report = site.json("inject --if-no-credentials skip", 0);
    assert_eq!(report.outcome("index.html"), "injected");
    site.run("remove").exits(0);
    site.run("verify --if-no-credentials skip").exits(1);
}

#[test]
fn a_source_of_its_own_that_is_missing_is_skipped_likewise() {
    let site = Site::of(plain()).config(crate::common::STATIC);
    site.run("inject").fails(2, &["SUPPORT_TOKEN is not set"]);
    let report = site.json("inject --if-no-credentials skip", 0);
    assert_eq!(report.outcome("index.html"), "skipped");
}

#[test]
fn what_the_account_does_not_have_is_named_with_what_it_has() {
    let server = StandIn::start();
    let config = |from: &str, to: &str| with_token(&server).config(&CONFIG.replace(from, to));
    let unknown = config("id = 24", "id = 25");
    refused(
        &unknown,
        2,
        &["no organization 25", "24 (Sales)", "use one of these ids"],
    );
    let unknown = config("Sales desk", "Sales desks");
    refused(
        &unknown,
        2,
        &["no operator `Sales desks`", "102 (Sales desk, active)"],
    );
    let gone = config("\"Sales desk\"", "103");
    refused(
        &gone,
        4,
        &["no active operator 103", "103 (Former, deleted)"],
    );
    server
        .state()
        .operators
        .retain(|operator| operator.organization != 6);
    let none = with_token(&server);
    refused(
        &none,
        4,
        &["organization 6 has no active operator; it has none"],
    );
    let right = config("default-organization = \"support\"\n", "").config(
        "mode = \"static\"\ndefault-organization = \"sales\"\n[organizations.sales]\nid = 24\n",
    );
    right.ok("inject");
}

#[test]
fn an_api_that_fails_is_exit_code_4() {
    let server = StandIn::start();
    let site = with_token(&server);
    for status in [400, 401, 403, 404, 418] {
        server.fail(
            "operator/get-token",
            [Fault::Status(status, "no thanks".to_owned())],
        );
        let words = [
            "organization `sales`",
            "POST /api/operator/get-token",
            "no thanks",
        ];
        let run = refused(&site, 4, &words);
        assert!(run.stderr.contains(&status.to_string()), "{}", run.stderr);
    }
    let never_valid = "{\"valid\":false,\"error\":\"Token revoked\"}".to_owned();
    server.fail(
        "validate-token",
        [Fault::Body("application/json", never_valid)],
    );
    refused(&site, 4, &["does not accept", "Token revoked"]);
    let another = "{\"valid\":true,\"operatorId\":7}".to_owned();
    server.fail("validate-token", [Fault::Body("application/json", another)]);
    refused(&site, 4, &["operator 7's"]);
    server.fail(
        "api/operator",
        [Fault::Body("text/html", "<p>Hello".to_owned())],
    );
    refused(&site, 4, &["an HTML or XML page"]);
    let port = Port::reserved();
    let url = format!("http://{}", port.address);
    let site = site.env("CHATHUB_API_URL", &url);
    refused(&site, 4, &["refused", "the API's address"]);
    let site = site.env("CHATHUB_API_URL", &url.replace("127.0.0.1", "192.0.2.1"));
    refused(&site, 2, &["CHATHUB_API_URL", "must be an https URL"]);
}

#[test]
fn credentials_come_from_files_and_commands_too() {
    let server = StandIn::start();
    let api = |toml: &str| format!("{CONFIG}\n[api]\n{toml}\n");
    let file = site(&server)
        .config(&api("company-token = { file = \"secret/company\" }"))
        .file("secret/company", format!("{COMPANY_TOKEN}\n"));
    file.ok("inject");
    let command = site(&server)
        .config(&api(
            "login = { command = \"cat login\" }\npassword = { command = [\"cat\", \"my password\"] }",
        ))
        .file("login", LOGIN)
        .file("my password", PASSWORD);
    command.ok("inject");
    // The environment is stronger.
    let wrong = file.env("CHATHUB_COMPANY_TOKEN", "another");
    fs::remove_dir_all(wrong.folder().join("cache")).unwrap();
    refused(&wrong, 4, &["401"]);

    let missing = site(&server).config(&api("company-token = { file = \"nothing-there\" }"));
    refused(
        &missing,
        2,
        &["no credentials", "nothing-there: No such file"],
    );
    missing.ok("inject --if-no-credentials skip");
    let empty = missing.file("nothing-there", "\n");
    refused(&empty, 2, &["nothing-there is empty"]);
    empty.ok("inject --if-no-credentials skip");
    let failing = site(&server).config(&api("company-token = { command = \"false\" }"));
    refused(&failing, 2, &["company token", "`false` failed"]);
    let published = site(&server)
        .config(&api("company-token = { file = \"public/company\" }"))
        .page("company", COMPANY_TOKEN);
    refused(&published, 2, &["is inside the site"]);
    let quoted = site(&server).env("CHATHUB_COMPANY_TOKEN", "\"quoted\"");
    refused(&quoted, 2, &["a quote"]);
}

#[test]
fn organizations_with_a_source_of_their_own_ask_nobody() {
    let server = StandIn::start();
    let token = crate::common::token("sales", 7200);
    let config = CONFIG.replace(
        "operator = \"Sales desk\"",
        "token = { env = \"SALES_TOKEN\" }",
    );
    let site = with_token(&server)
        .config(&config)
        .env("SALES_TOKEN", &token);
    site.ok("inject");
    assert_eq!(
        site.text("shop/index.html"),
        crate::common::page(&widget(&token, "sales"))
    );
    let calls = server.calls();
    assert!(!calls.iter().any(|call| call.contains("24")), "{calls:?}");
}

#[test]
fn placeholder_mode_asks_nobody() {
    let server = StandIn::start();
    let site = with_login(&server).config(&CONFIG.replace("static", "placeholder"));
    site.ok("inject");
    site.ok("verify");
    site.ok("remove");
    assert_eq!(server.calls(), [""; 0]);
}

#[test]
fn an_interrupt_while_the_api_is_slow_ends_the_run_at_once() {
    let server = StandIn::start();
    let site = with_token(&server);
    let hold = Hold::new();
    server.fail("operator/get-token", [hold.fault()]);
    let before = site.snapshot();
    // Whoever runs the tests in the background of a shell has them ignore the signal, and all that they start.
    let as_usual = ["env", "--default-signal=INT"];
    let mut run = site.command(["inject"]).under(&as_usual).spawn();
    wait_until("it asks for a token", || {
        server.count("operator/get-token") == 1
    });
    let pid = rustix::process::Pid::from_child(&run);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    // It does not wait for the answer, which does not come.
    let status = run.wait().unwrap();
    assert_eq!(status.signal(), Some(2));
    drop(hold);
    assert_eq!(site.snapshot(), before);
    // What it held is free again.
    site.ok("inject");
}
