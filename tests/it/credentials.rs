//! Where secrets come from, and what becomes of them when the API refuses them: sources without an end, rotated files, wrong
//! passwords.

#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::common::{Site, plain};
use crate::http::Server;
use crate::program::patience::{wait_for, wait_until};
use crate::standin::{COMPANY_TOKEN, Fault, LOGIN, PASSWORD, StandIn};
use chathub::internal::api::{ApiError, Client, Credentials};
use chathub::internal::settings::Api;

const TOKEN: &str = "/api/chathub/token";

/// A site in static mode whose organization takes its token from there.
fn site(source: &str) -> Site {
    Site::of(plain()).config(&format!(
        "mode = \"static\"\ndefault-organization = \"support\"\n[organizations.support]\nid = 6\ntoken = {source}\n"
    ))
}

/// The configuration of an endpoint for the stand-in's organizations, with more for `[api]`.
fn endpoint(api: &StandIn, more: &str) -> Site {
    Site::of(plain()).config(&format!(
        "default-organization = \"support\"\n[api]\nurl = \"{}\"\n{more}[organizations.support]\nid = 6\n\
         [organizations.sales]\nid = 24\n[endpoint]\nlisten = \"127.0.0.1:0\"\nallow-anyone = true\nrate-limit = 0\ntoken-lifetime = \"10s\"\n",
        api.url()
    ))
}

/// Whether a process is there.
fn lives(id: &str) -> bool {
    // One that has ended and that nobody has asked after yet is no process any more.
    fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap().starts_with(" Z"))
}

#[test]
fn no_source_takes_all_memory() {
    for (source, words) in [
        ("{ command = \"yes\" }", "`yes`"),
        ("{ file = \"/dev/zero\" }", "/dev/zero"),
        ("{ file = \"long\" }", "long"),
        ("{ env = \"LONG\" }", "LONG"),
    ] {
        let long = "x".repeat(65 * 1024);
        let site = site(source).file("long", &long).env("LONG", &long);
        site.run("inject")
            .fails(2, &[words, "more than 64 KiB", "right one"]);
    }
}

#[test]
fn a_source_may_be_a_pipe() {
    let token = crate::common::token("operator 7", 3600);
    let site = site("{ file = \"pipe\" }").file("token", format!("{token}\n"));
    let pipe = site.folder().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let mut writer = Command::new("sh")
        .args(["-c", "cat token > pipe"])
        .current_dir(site.folder())
        .spawn()
        .unwrap();
    site.ok("inject");
    assert!(site.text("index.html").contains(&token));
    assert!(writer.wait().unwrap().success());
}

#[test]
fn what_a_command_leaves_running_is_not_waited_for() {
    let token = crate::common::token("operator 7", 3600);
    let script =
        "{ command = [\"sh\", \"-c\", \"sleep 600 2>/dev/null & echo $! > id; cat token\"] }";
    let site = site(script).file("token", &token);
    site.ok("inject");
    assert!(site.text("index.html").contains(&token));
    let id = fs::read_to_string(site.folder().join("id")).unwrap();
    let ended = Command::new("kill").arg(id.trim()).status();
    assert!(ended.unwrap().success(), "it is nobody's to end");
}

#[test]
fn a_source_without_an_end_is_given_up_with_all_that_it_has_started() {
    let script = "{ command = [\"sh\", \"-c\", \"sleep 600 & echo $! > id; wait\"] }";
    let command = site(script);
    // Where there is no terminal; at one, it stays in front.
    let mut run = command.command(["inject"]).under(&["setsid", "-w"]);
    crate::common::Run::of(&mut run).fails(2, &["`sh`", "did not finish within 30 s"]);
    let id = fs::read_to_string(command.folder().join("id")).unwrap();
    wait_until("its child has ended", || !lives(id.trim()));

    let pipe = site("{ file = \"pipe\" }");
    let made = Command::new("mkfifo")
        .arg(pipe.folder().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    pipe.run("inject").fails(2, &["pipe", "within 30 s"]);
}

#[test]
fn an_endpoint_ends_although_a_command_does_not() {
    let script = "[\"sh\", \"-c\", \"sleep 600 & echo $! > id; wait\"]";
    let config = format!(
        "[organizations.a]\nid = 1\ntoken = {{ command = {script} }}\n[endpoint]\nlisten = \"127.0.0.1:0\"\nallow-anyone = true\n"
    );
    let site = Site::of(plain()).config(&config);
    let server = Server::start(&mut site.command(["endpoint"]).under(&["setsid", "-w"]));
    let id = wait_for("the command runs", || {
        let id = fs::read_to_string(site.folder().join("id")).ok()?;
        id.ends_with('\n').then(|| id.trim().to_owned())
    });
    let (code, said) = server.stop();
    assert_eq!(code, 0);
    assert!(said.contains("ended"), "{said}");
    assert!(!lives(&id), "it is killed with it");
}

/// The token that visitors get, if any.
fn token(server: &Server) -> Option<String> {
    let reply = server.get(TOKEN);
    (reply.status == 200).then(|| reply.json()["token"].as_str().unwrap().to_owned())
}

#[test]
fn a_rotated_file_is_read_again_and_named_meanwhile() {
    let api = StandIn::start();
    let site =
        endpoint(&api, "company-token = { file = \"company\" }\n").file("company", COMPANY_TOKEN);
    let mut server = Server::start(&mut site.command(["endpoint"]));
    let first = wait_for("there is a token", || token(&server));
    // The vendor has replaced the token, and nobody has told us.
    let other = "another-company-token-0123456789";
    api.state().valid = vec![other.to_owned()];
    let said = server.says("status 401");
    let file = site.folder().join("company").display().to_string();
    assert!(
        said.contains(&file) && said.contains("replace it"),
        "{said}"
    );
    assert!(!said.contains("CHATHUB_"), "{said}");
    site.replace("company", other);
    wait_until("there is a token of the new credential", || {
        token(&server).is_some_and(|token| token != first)
    });
}

#[test]
fn a_rotated_password_is_taken_within_the_same_attempt() {
    let api = StandIn::start();
    let more = "login = { file = \"login\" }\npassword = { file = \"password\" }\n";
    let site = endpoint(&api, more)
        .file("login", LOGIN)
        .file("password", PASSWORD);
    let server = Server::start(&mut site.command(["endpoint"]));
    let first = wait_for("there is a token", || token(&server));
    let other = "another correct horse";
    site.replace("password", other);
    other.clone_into(&mut api.state().password);
    api.state().expire_company_tokens();
    wait_until("there is a token of the new password", || {
        token(&server).is_some_and(|token| token != first)
    });
    let (_, said) = server.stop();
    assert!(said.contains("other credentials are taken from"), "{said}");
    assert!(!said.contains("no token minted"), "{said}");
}

#[test]
fn a_wrong_password_is_tried_once() {
    let api = StandIn::start();
    let site = endpoint(&api, "")
        .env("CHATHUB_LOGIN", LOGIN)
        .env("CHATHUB_PASSWORD", "wrong horse battery");
    let server = Server::start(&mut site.command(["endpoint"]));
    for name in ["support", "sales"] {
        wait_until("it has been wanted three times", || {
            let metrics = server.get("/metrics");
            let of = format!("chathub_mints_total{{organization=\"{name}\",result=\"error\"}} ");
            let count = metrics
                .text()
                .lines()
                .find_map(|line| line.strip_prefix(&of));
            count.is_some_and(|count| count.parse::<u32>().unwrap() >= 3)
        });
    }
    assert_eq!(api.calls(), ["POST /api/company/get-token"]);
    let (_, said) = server.stop();
    assert!(
        said.contains("correct CHATHUB_LOGIN and CHATHUB_PASSWORD"),
        "{said}"
    );
}

fn client(api: &StandIn, credentials: Credentials) -> Client {
    let api = Api {
        url: api.url(),
        ..Api::default()
    };
    Client::new(&api, credentials).unwrap()
}

#[tokio::test]
async fn a_refusal_holds_for_all_calls() {
    let api = StandIn::start();
    let credentials = Credentials::Login {
        login: LOGIN.into(),
        password: "wrong horse battery".into(),
    };
    let ours = client(&api, credentials);
    for _ in 0..3 {
        let error = ours.organizations().await.unwrap_err();
        assert!(matches!(error, ApiError::Refused { status: 401, .. }));
    }
    assert_eq!(api.calls(), ["POST /api/company/get-token"]);
    let ours = client(&api, Credentials::CompanyToken("a-wrong-token".into()));
    assert!(ours.organizations().await.is_err());
    assert!(ours.operators(6).await.is_err());
    assert_eq!(api.count("api/operator?organizationId=6"), 0);
}

#[tokio::test]
async fn what_the_api_asks_of_one_call_holds_for_all() {
    let api = StandIn::start();
    let ours = client(&api, Credentials::CompanyToken(COMPANY_TOKEN.into()));
    api.fail("organization", [Fault::Busy("3600".to_owned())]);
    assert!(ours.organizations().await.is_err());
    let error = ours.operators(6).await.unwrap_err();
    assert!(
        error.is_transient() && error.retry_after().is_some(),
        "{error}"
    );
    assert!(
        error.to_string().contains("no calls for another"),
        "{error}"
    );
    assert_eq!(api.calls(), ["GET /api/company/organization"]);
}
