//! `chathub endpoint --check`: what works and what does not, before anybody depends on it.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::http::service::head;

/// The checks of a report: what was checked, about what, the status, and the words.
fn checks(site: &Site, code: i32) -> Vec<[String; 4]> {
    let run = site.run("endpoint --check --format json");
    run.exits(code);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["ok"], code == 0);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|check| ["check", "subject", "status", "message"].map(|key| text(&check[key])))
        .collect()
}

fn find<'a>(checks: &'a [[String; 4]], check: &str, subject: &str) -> (&'a str, &'a str) {
    let found = checks
        .iter()
        .find(|c| c[0] == check && c[1].contains(subject));
    let found = found.unwrap_or_else(|| panic!("no {check} {subject} in {checks:#?}"));
    (&found[2], &found[3])
}

#[test]
fn all_that_serving_takes_is_tried_and_nothing_is_served() {
    let api = StandIn::start();
    let site = closed_site(
        &api,
        "auth-header = \"Remote-User\"\norigins = [\"https://www.example.com\"]\n",
    );
    let file = site.folder().join("chathub.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let found = checks(&site, 0);
    for (check, subject) in [
        ("configuration", ""),
        ("permissions", "chathub.toml"),
        ("api", "http://127.0.0.1"),
        ("clock", ""),
        ("credentials", ""),
        ("token", "sales"),
        ("token", "support"),
    ] {
        assert_eq!(find(&found, check, subject).0, "ok", "{check} {subject}");
    }
    assert!(find(&found, "token", "sales").1.contains("valid until 20"));
    assert_eq!(api.state().minted.len(), 2, "they were minted");
    assert_eq!(api.count("/validate-token"), 2, "and looked at");
    for (visitor, words) in [
        (
            "a page of https://www.example.com, with a user",
            "gets a token",
        ),
        ("a page of https://www.example.com, without a user", "401"),
        ("own host, with a user", "gets a token"),
        ("a page of another site, with a user", "403"),
    ] {
        let told = find(&found, "visitor", visitor).1;
        assert!(told.contains(words), "{visitor}: {told}");
    }
    let run = site.ok("endpoint --check");
    assert!(
        run.stdout.contains("0 errors, 0 warnings"),
        "{}",
        run.stdout
    );
    for secret in api.secrets() {
        assert!(!run.stdout.contains(&secret));
    }
}

#[test]
fn what_does_not_work_is_named_and_fails_the_build() {
    let api = StandIn::start();
    // A wrong organization, and a decision that is worth a warning.
    let wrong = site(&api, "").env("CHATHUB_ORGANIZATIONS", "wrong=999");
    let found = checks(&wrong, 4);
    let (status, words) = find(&found, "token", "wrong");
    assert_eq!(status, "error");
    assert!(words.contains("no organization 999"), "{words}");
    assert_eq!(find(&found, "token", "sales").0, "ok");
    assert!(
        found
            .iter()
            .any(|c| c[2] == "warning" && c[3].contains("allow-anyone"))
    );
    // An API that is not there.
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let away = site(&api, "").env("CHATHUB_API_URL", &format!("http://{gone}"));
    let found = checks(&away, 4);
    assert_eq!(find(&found, "api", "").0, "error");
    // A service that lets everybody in, and one that is not there.
    let service = Service::start(|_, _| head("200 OK", ""));
    let url = format!("forward-auth = \"http://{}/\"\n", service.address);
    let open = closed_site(&api, &url);
    let (status, words) = {
        let found = checks(&open, 1);
        let (status, words) = find(&found, "authentication", "http");
        (status.to_owned(), words.to_owned())
    };
    assert_eq!(status, "error");
    assert!(words.contains("without a session"), "{words}");
    let closed = closed_site(&api, &format!("forward-auth = \"http://{gone}/\"\n"));
    assert_eq!(
        find(&checks(&closed, 1), "authentication", "http").0,
        "error"
    );
    // Files that others can read or change.
    let files = closed_site(
        &api,
        "auth-header = \"Remote-User\"\n[api.company-token]\nfile = \"company\"\n",
    )
    .file("company", COMPANY_TOKEN);
    let config = fs::read_to_string(files.folder().join("chathub.toml")).unwrap();
    let config = config.replace("[api.company-token]\nfile = \"company\"\n", "");
    let config = config.replace("[api]\n", "[api]\ncompany-token = { file = \"company\" }\n");
    let files = files.config(&config);
    for (file, mode, status) in [
        ("company", 0o604, "error"),
        ("company", 0o600, "ok"),
        ("chathub.toml", 0o666, "error"),
        ("chathub.toml", 0o644, "ok"),
    ] {
        let path = files.folder().join(file);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let code = i32::from(status == "error");
        let found = checks(&files, code);
        assert_eq!(
            find(&found, "permissions", file).0,
            status,
            "{file} {mode:o}"
        );
    }
    // A configuration that is wrong is so without a check of anything.
    closed_site(&api, "")
        .run("endpoint --check")
        .fails(2, &["--allow-anyone"]);
    closed_site(&api, "")
        .run("endpoint --format json")
        .fails(2, &["--check"]);
}
