//! A configuration that was found and belongs to somebody else: what it says of pages holds, what it says of commands and
//! credentials does not.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::chown;

use crate::common::{Run, Site, plain};
use crate::standin::{COMPANY_TOKEN, StandIn};

const SUPPORT: &str = "default-organization = \"support\"\n[organizations.support]\nid = 6\n";

/// The uid of somebody else.
const OTHER: u32 = 1234;

/// A site whose configuration belongs to somebody else; none where that cannot be made.
fn site(config: &str) -> Option<Site> {
    if !crate::somebody::is_root() {
        return None;
    }
    let site = Site::of(plain())
        .config(config)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
        .env("SUDO_UID", "");
    chown(site.folder().join("chathub.toml"), Some(OTHER), None).unwrap();
    Some(site)
}

fn refused(site: &Site, arguments: &str, path: &str) -> Run {
    let before = site.snapshot();
    let run = site.run(arguments);
    let way_out = "--config ";
    run.fails(
        2,
        &[&format!("`{path}`"), "chathub.toml", "uid 1234", way_out],
    );
    assert_eq!(site.snapshot(), before);
    run
}

#[test]
fn its_commands_do_not_run() {
    let command = "{ command = [\"sh\", \"-c\", \"touch ran; cat token\"] }";
    let own = format!("mode = \"static\"\n{SUPPORT}token = {command}\n");
    let Some(site) = site(&own) else { return };
    let site = site.file("token", crate::common::token("operator 7", 3600));
    for arguments in [
        "inject",
        "inject --dry-run",
        "inject --if-no-credentials skip",
    ] {
        refused(&site, arguments, "organizations.support.token.command");
    }
    refused(&site, "endpoint", "organizations.support.token.command");
    assert!(!site.folder().join("ran").exists());
    // What needs no token works, and so does the file once it is named.
    site.ok("remove");
    site.ok("inject --mode placeholder");
    site.ok("verify --mode placeholder");
    site.ok("inject --config chathub.toml");
    assert!(site.folder().join("ran").exists());
}

#[test]
fn credentials_do_not_go_where_it_says() {
    let server = StandIn::start();
    let url = server.url();
    let Some(site) = site(&format!(
        "mode = \"static\"\n{SUPPORT}[api]\nurl = \"{url}\"\n"
    )) else {
        return;
    };
    for arguments in [
        "inject",
        "orgs",
        "operators --org 6",
        "token get --org 6",
        "endpoint --check",
    ] {
        refused(&site, arguments, "api.url");
    }
    refused(
        &site,
        "preview --live --mode placeholder --port 0",
        "api.url",
    );
    assert_eq!(server.calls(), [""; 0]);
    // Nor if somebody else's link leads to a file of ours.
    let file = site.folder().join("chathub.toml");
    let real = site.folder().join("real.toml");
    fs::rename(&file, &real).unwrap();
    chown(&real, Some(0), None).unwrap();
    std::os::unix::fs::symlink("real.toml", &file).unwrap();
    site.ok("orgs");
    std::os::unix::fs::lchown(&file, Some(OTHER), None).unwrap();
    refused(&site, "orgs", "api.url");
    // An address that the user gives is the user's word.
    site.ok(&format!("orgs --api-url {url}"));
    site.env("CHATHUB_API_URL", &url).ok("orgs");
}

#[test]
fn credentials_with_commands_are_not_asked_for() {
    let config = format!("{SUPPORT}[api]\ncompany-token = {{ command = \"touch ran\" }}\n");
    let Some(site) = site(&config) else { return };
    refused(&site, "orgs", "api.company-token.command");
    assert!(!site.folder().join("ran").exists());
}

#[test]
fn it_does_not_decide_who_gets_a_token() {
    for line in [
        "allow-anyone = true",
        "auth-header = \"Remote-User\"",
        "forward-auth = \"http://127.0.0.1:9/\"",
    ] {
        let Some(site) = site(&format!("{SUPPORT}[endpoint]\n{line}\n")) else {
            return;
        };
        let key = line.split(' ').next().unwrap();
        refused(&site, "endpoint --check", &format!("endpoint.{key}"));
    }
    let widget = "mode = \"static\"\n[widget]\nsrc = \"https://widget.example/script.js\"\n";
    let Some(site) = site(widget) else { return };
    refused(&site, "inject", "widget.src");
}

#[test]
fn what_is_harmless_holds_and_sudo_is_the_user() {
    let server = StandIn::start();
    let harmless = format!(
        "mode = \"static\"\n{SUPPORT}[api]\ntimeout = \"20s\"\n[placeholder]\nload = \"visible\"\n"
    );
    let Some(site) = site(&harmless) else { return };
    let site = site.env("CHATHUB_API_URL", &server.url());
    site.ok("inject");
    assert_eq!(server.state().minted.len(), 1);

    let config = format!("{SUPPORT}[api]\nurl = \"{}\"\n", server.url());
    let Some(site) = self::site(&config) else {
        return;
    };
    refused(&site, "orgs", "api.url");
    let site = site.env("SUDO_UID", &OTHER.to_string());
    site.ok("orgs");
}
