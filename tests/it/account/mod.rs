//! `orgs`, `operators` and `token`: the authentication flow from a shell.

mod listed;

use std::io::Write as _;
use std::process::Stdio;
use std::thread;

use crate::common::{Run, Site, jwt, now, plain, token};
use crate::standin::{COMPANY_TOKEN, Fault, LOGIN, PASSWORD, StandIn};
use serde_json::{Value, json};

const CONFIG: &str = "default-organization = \"support\"\n\n[organizations.support]\nid = 6\n\n\
    [organizations.sales]\nid = 24\noperator = 102\n";

/// A folder with credentials and two configured organizations.
fn shop(server: &StandIn) -> Site {
    Site::of(plain())
        .config(CONFIG)
        .env("CHATHUB_API_URL", &server.url())
        .env("CHATHUB_LOGIN", LOGIN)
        .env("CHATHUB_PASSWORD", PASSWORD)
}

/// Runs a command with this on its standard input.
fn with_input(site: &Site, arguments: &str, input: &str) -> Run {
    let mut command = site.command(arguments.split_whitespace());
    let mut child = command.stdin(Stdio::piped()).spawn();
    // Who does not read it may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::from(child.end())
}

fn document(site: &Site, arguments: &str) -> Value {
    let run = site.ok(&format!("{arguments} --format json"));
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn organizations_with_their_names_in_the_configuration() {
    let server = StandIn::start();
    let site = shop(&server);
    let wanted = json!([
        { "id": 6, "name": "Customer Support", "configuredAs": ["support"] },
        { "id": 24, "name": "Sales", "configuredAs": ["sales"] },
    ]);
    assert_eq!(document(&site, "orgs"), wanted);
    let run = site.ok("orgs");
    assert!(
        run.stdout.contains("│ 24 │ Sales            │ sales"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
    // A terminal is not to be driven by a name.
    server.state().organizations = vec![(6, "\u{1b}[2Jevil".to_owned())];
    let run = site.ok("orgs");
    assert!(run.stdout.contains("\\u{1b}[2Jevil"), "{}", run.stdout);
}

#[test]
fn operators_of_an_organization_by_id_and_by_either_name() {
    let server = StandIn::start();
    let site = shop(&server);
    let organization = json!({ "id": 24, "name": "Sales" });
    let wanted = json!([
        { "id": 102, "name": "Sales desk", "status": "active", "organization": organization },
        { "id": 103, "name": "Former", "status": "deleted", "organization": organization },
    ]);
    for name in ["24", "sales", "Sales"] {
        assert_eq!(document(&site, &format!("operators --org {name}")), wanted);
    }
    let run = site.run("operators --org Retail");
    run.fails(2, &["`Retail`", "6 (Customer Support), 24 (Sales)"]);
    site.run("operators --org 25")
        .fails(2, &["no organization 25", "24 (Sales)"]);
    site.run("operators").fails(2, &["--org"]);
}

#[test]
fn operators_are_added_once_and_change_their_status() {
    let server = StandIn::start();
    let site = shop(&server);
    let add = [
        "operators",
        "--org",
        "sales",
        "--add",
        "Ірина",
        "--add",
        "Sales desk",
        "--add",
        "Ірина",
    ];
    let run = site.run_all(&add);
    run.exits(0);
    assert!(
        run.stderr
            .contains("`Sales desk` is there already: 102, active"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("Ірина"), "{}", run.stdout);
    site.run_all(&add).exits(0);
    assert_eq!(server.count("synchronize"), 1);
    let changed = document(
        &site,
        "operators --org sales --status 102=inactive --status Ірина=deleted",
    );
    let status = |id: u64| {
        let operators = changed.as_array().unwrap();
        operators.iter().find(|o| o["id"] == id).unwrap()["status"].clone()
    };
    assert_eq!(
        (status(102), status(104)),
        (json!("inactive"), json!("deleted"))
    );
    for (wrong, words) in [
        ("--status 102", "OPERATOR=STATUS"),
        ("--status 102=gone", "active, inactive or deleted"),
        ("--status Nobody=active", "no operator `Nobody`"),
        ("--status 102=active --add X", "cannot be used with"),
    ] {
        site.run(&format!("operators --org sales {wrong}"))
            .fails(2, &[words]);
    }
    site.run_all(&["operators", "--org", "6", "--add", " "])
        .fails(2, &["empty"]);
    // Whether it was carried out is looked at: the call is not documented.
    server.fail(
        "operator/status",
        [Fault::Body("application/json", "{}".to_owned())],
    );
    let run = site.ok("operators --org sales --status 102=active");
    assert!(run.stderr.contains("does not list it so"), "{}", run.stderr);
    server.fail(
        "operator/status",
        [Fault::Status(400, "bad body".to_owned())],
    );
    let run = site.run("operators --org sales --status 102=active");
    run.fails(4, &["not documented", "bad body"]);
}

#[test]
fn a_token_comes_alone_on_standard_output() {
    let server = StandIn::start();
    let site = shop(&server);
    for (arguments, operator) in [
        ("token get", 101),
        ("token get --org sales", 102),
        ("token get --org 24 --operator 102 --expires-in 24h", 102),
        ("token get --org Sales --expires-in 1m", 102),
    ] {
        let run = site.ok(arguments);
        let minted = server.state().minted.last().unwrap().clone();
        assert_eq!(run.stdout, format!("{minted}\n"), "{arguments}");
        assert_eq!(run.stderr, "");
        let bodies: Vec<String> = server
            .state()
            .requests
            .iter()
            .map(|r| r.body.clone())
            .collect();
        let asked = bodies
            .iter()
            .rev()
            .find(|body| body.contains("expiresAt"))
            .unwrap();
        assert!(
            asked.starts_with("{\"expiresAt\"") && asked.contains(&operator.to_string()),
            "{asked}"
        );
    }
    let named = [
        "token",
        "get",
        "--org",
        "support",
        "--operator",
        "Taras",
        "-f",
        "json",
    ];
    let run = site.run_all(&named);
    let got: Value = serde_json::from_str(&run.exits(0).stdout).unwrap();
    assert_eq!(got["operatorId"], 101);
    assert_eq!(got["organizationId"], 6);
    assert_eq!(got["token"], *server.state().minted.last().unwrap());
    assert!(got["expiresAt"].as_str().unwrap().ends_with('Z'));
    // Nothing of this is kept.
    assert!(!site.folder().join("cache").exists());
}

#[test]
fn a_lifetime_beyond_24_hours_is_refused_before_anything_is_asked() {
    let server = StandIn::start();
    let site = shop(&server);
    for (time, words) in [
        ("30d", "24 hours at most"),
        ("24h1s", "24 hours at most"),
        ("0s", "expired"),
        ("8", "unit"),
        ("-1h", "--expires-in"),
    ] {
        let run = site.run(&format!("token get --org sales --expires-in={time}"));
        run.fails(2, &[words]);
        assert_eq!(run.stdout, "");
    }
    assert_eq!(server.calls(), [""; 0]);
}

#[test]
fn get_says_what_is_missing() {
    let server = StandIn::start();
    let site = shop(&server).config("");
    site.run("token get").fails(2, &["--org", "chathub orgs"]);
    site.run("token get --org 6 --operator 100")
        .fails(4, &["no active operator 100"]);
    site.run("token get --org 6 --operator Nobody")
        .fails(2, &["no operator `Nobody`"]);
    let site = site.env("CHATHUB_PASSWORD", "wrong");
    let run = site.run("token get --org 6");
    run.fails(
        4,
        &[
            "POST /api/company/get-token",
            "401",
            "“Wrong login or password”",
            "CHATHUB_PASSWORD",
        ],
    );
    let site = site.env("CHATHUB_PASSWORD", "").env("CHATHUB_LOGIN", "");
    site.run("token get --org 6")
        .fails(2, &["no credentials", "CHATHUB_COMPANY_TOKEN"]);
    let site = site.env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN);
    site.ok("token get --org 6");
    let run = site.run("orgs --api-url http://chatapi.example.com");
    run.fails(2, &["--api-url", "https"]);
}

#[test]
fn the_api_judges_a_token() {
    let server = StandIn::start();
    let site = shop(&server);
    let good = site.ok("token get").stdout;
    let run = with_input(&site, "token validate", &good);
    assert!(
        run.exits(0)
            .stdout
            .starts_with("valid: operator 101, until "),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("(8 h left)"), "{}", run.stdout);
    let site = site.file("token", &good).env("MY_TOKEN", good.trim_end());
    for source in ["--file token", "--env MY_TOKEN"] {
        let judged = document(&site, &format!("token validate {source}"));
        assert_eq!(judged["valid"], true);
        assert_eq!(judged["operatorId"], 101);
    }
    server.state().operators.clear();
    let run = site.run("token validate --env MY_TOKEN");
    assert_eq!(run.exits(1).stdout, "not valid: Operator is not active\n");
    let judged = site.run("token validate --env MY_TOKEN -f json");
    let judged: Value = serde_json::from_str(&judged.exits(1).stdout).unwrap();
    assert_eq!(
        judged,
        json!({ "valid": false, "error": "Operator is not active" })
    );
    site.run("token validate --env NOT_SET")
        .fails(2, &["NOT_SET is not set"]);
    site.run("token validate --file nothing")
        .fails(2, &["nothing"]);
    site.run("token validate --file token --env MY_TOKEN")
        .fails(2, &["cannot be used with"]);
    // Arguments can be read by everybody on the machine, and are not quoted either.
    let run = site.run(&format!("token validate {}", good.trim_end()));
    run.exits(2);
}

#[test]
fn a_token_is_looked_into_without_asking_anybody() {
    let site = Site::new();
    let exp = now() + 7200;
    let claims = json!({ "sub": "101", "iat": now(), "exp": exp, "name": "Ірина\u{1b}[2J" });
    let good = jwt(&claims.to_string());
    let run = with_input(&site, "token inspect", &format!("{good}\r\n"));
    for line in [
        "alg: HS256",
        "sub: 101",
        "name: Ірина\\u{1b}[2J",
        "(2 h left)",
        "issued",
        "UTC",
    ] {
        assert!(run.exits(0).stdout.contains(line), "{line}: {}", run.stdout);
    }
    let signature = good.rsplit_once('.').unwrap().1;
    assert!(!run.stdout.contains(signature), "{}", run.stdout);
    let run = with_input(&site, "token inspect -f json", &good);
    let content: Value = serde_json::from_str(&run.exits(0).stdout).unwrap();
    assert_eq!(content["header"]["alg"], "HS256");
    assert_eq!(content["claims"]["exp"], exp);
    assert!((7190..=7200).contains(&content["remaining"].as_i64().unwrap()));
    assert_eq!(content["problems"], json!([]));

    for (input, words) in [
        (token("x", -3600), "problem: it has expired"),
        (
            token("x", 30 * 86_400),
            "problem: it claims to live longer than 24 hours",
        ),
        (jwt("{}"), "problem: it does not say when it expires"),
    ] {
        let run = with_input(&site, "token inspect", &input);
        assert!(run.exits(1).stdout.contains(words), "{}", run.stdout);
    }
    for (input, words) in [
        (String::new(), "it is empty"),
        (format!("\"{good}\""), "wrapped in quotes"),
        ("abc".to_owned(), "not a JWT"),
        ("test-token-for-development".to_owned(), "development token"),
        ("x".repeat(1 << 20), "not a JWT"),
    ] {
        with_input(&site, "token inspect", &input).fails(1, &[words]);
    }
}

#[test]
fn clearing_the_cache_deletes_what_static_mode_kept() {
    let server = StandIn::start();
    let sales = "[[rules]]\nmatch = \"sales.html\"\norganization = \"sales\"\n";
    let site = shop(&server)
        .config(&format!("mode = \"static\"\n{CONFIG}{sales}"))
        .page("sales.html", plain());
    let run = site.ok("token cache clear");
    assert!(
        run.stdout.starts_with("0 tokens deleted from "),
        "{}",
        run.stdout
    );
    site.ok("inject");
    assert!(
        site.ok("token cache clear")
            .stdout
            .starts_with("2 tokens deleted from ")
    );
    site.ok("inject");
    assert_eq!(server.state().minted.len(), 4);
}

/// Every command, told to say all that it can, with an API that repeats what it was sent: nothing gives a secret away.
#[test]
fn nothing_gives_a_secret_away() {
    let paths = [
        "company/get-token",
        "organization",
        "api/operator",
        "operator/get-token",
        "validate-token",
    ];
    // Calls wait for their turns: so each path has an API of its own.
    thread::scope(|scope| {
        for path in paths {
            scope.spawn(move || nothing_is_given_away(path));
        }
    });
}

fn nothing_is_given_away(path: &'static str) {
    let server = StandIn::start();
    let site = shop(&server).config(&format!("mode = \"static\"\n{CONFIG}"));
    let mut said = Vec::new();
    for status in [200, 400, 401] {
        let command = match path {
            "organization" => "orgs -vv",
            _ => "inject -vv",
        };
        server.fail(path, [Fault::Echo(status), Fault::Echo(status)]);
        let run = site.run(command);
        assert_ne!(run.code, 0, "{path} {status}: {}", run.stdout);
        said.extend([run.stdout, run.stderr]);
        server.state().faults.clear();
    }
    let got = site.ok("token get -vv");
    said.push(got.stderr);
    for (command, code) in [("token inspect", 0), ("token validate -vv", 0)] {
        let run = with_input(&site, command, &got.stdout);
        run.exits(code);
        said.extend([run.stdout, run.stderr]);
    }
    for command in [
        "orgs -vv",
        "operators --org 6 -vv",
        "inject -vv",
        "verify -vv",
        "verify --format json",
        "remove -vv",
    ] {
        let run = site.ok(command);
        said.extend([run.stdout, run.stderr]);
    }
    let told = |text: &str| said.iter().any(|said| said.contains(text));
    assert!(told("debug: POST /api/operator/get-token"));
    let mut secrets = server.secrets();
    secrets.push(LOGIN.to_owned());
    for secret in secrets {
        let quoted = json!(secret).to_string();
        assert!(
            !told(&secret) && !told(&quoted[1..quoted.len() - 1]),
            "{path}: {secret}\n{said:#?}"
        );
        // The signature is what makes a token one.
        if let Some((_, signature)) = secret.rsplit_once('.').filter(|_| secret != LOGIN) {
            assert!(!told(signature), "{path}: {said:#?}");
        }
    }
    // Nor is the company's secret in any file.
    for (name, entry) in crate::common::snapshot(site.folder()) {
        if let crate::common::Entry::File { content, .. } = entry {
            let text = String::from_utf8_lossy(&content);
            let company = server.state().logins.clone();
            assert!(!company.iter().any(|token| text.contains(token)), "{name}");
            assert!(!text.contains(PASSWORD), "{name}");
        }
    }
}
