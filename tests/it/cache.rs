//! The cache of minted tokens: what is taken from it, and where it may lie.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Site, plain};
use crate::standin::{COMPANY_TOKEN, Fault, StandIn};
use serde_json::{Value, json};

const CONFIG: &str =
    "mode = \"static\"\ndefault-organization = \"support\"\n[organizations.support]\nid = 6\n";

fn site(server: &StandIn) -> Site {
    Site::of(plain())
        .config(CONFIG)
        .env("CHATHUB_API_URL", &server.url())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

fn folder(site: &Site) -> PathBuf {
    site.folder().join("cache/chathub/tokens")
}

/// The one file with a token.
fn file(site: &Site) -> PathBuf {
    let mut files = fs::read_dir(folder(site)).unwrap();
    let is_token = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    files
        .find_map(|entry| Some(entry.unwrap().path()).filter(is_token))
        .unwrap()
}

/// Writes values into it.
fn forge(site: &Site, values: &[(&str, &str)]) {
    let path = file(site);
    let mut entry: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (key, value) in values {
        entry[*key] = json!(value);
    }
    fs::write(path, entry.to_string()).unwrap();
}

fn minted(server: &StandIn) -> usize {
    server.state().minted.len()
}

fn mkfifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_the_api_does_not_take_any_more_is_minted_anew() {
    let server = StandIn::start();
    let site = site(&server);
    site.ok("inject");
    let gone = "{\"valid\":false,\"error\":\"Operator is inactive\"}".to_owned();
    server.fail("validate-token", [Fault::Body("application/json", gone)]);
    let run = site.ok("inject");
    assert!(
        run.stderr.contains("Operator is inactive"),
        "{}",
        run.stderr
    );
    assert_eq!(minted(&server), 2);
    let new = server.state().minted[1].clone();
    assert!(site.text("index.html").contains(&new));
    // The new one has taken its place.
    site.ok("inject");
    assert_eq!(minted(&server), 2);
}

#[test]
fn while_the_api_does_not_answer_a_token_counts() {
    let server = StandIn::start();
    let site = site(&server);
    site.ok("inject");
    let before = site.snapshot();
    server.fail(
        "validate-token",
        [Fault::Status(400, "no thanks".to_owned())],
    );
    let run = site.ok("inject");
    assert!(run.stderr.contains("unconfirmed"), "{}", run.stderr);
    assert_eq!(site.snapshot(), before);
    assert_eq!(minted(&server), 1);
}

#[test]
fn what_a_file_says_is_judged_without_the_api_too() {
    let server = StandIn::start();
    let site = site(&server);
    site.ok("inject");
    let without = site.env("CHATHUB_COMPANY_TOKEN", "");
    without.ok("inject");
    let far = "2099-01-01T00:00:00Z";
    let expired = crate::common::token("operator 7", -60);
    let soon = crate::common::token("operator 7", 600);
    let long = crate::common::token("operator 7", 40 * 86_400);
    for (token, expiry) in [
        (expired.as_str(), far),
        (&soon, far),
        (&long, far),
        ("no token", far),
    ] {
        forge(&without, &[("token", token), ("expires_at", expiry)]);
        without
            .run("inject")
            .fails(2, &["no credentials", "is not used"]);
    }
}

#[test]
fn a_file_of_another_user_counts_for_nothing() {
    if !crate::somebody::is_root() {
        return;
    }
    let server = StandIn::start();
    let site = site(&server);
    site.ok("inject");
    chown(file(&site), Some(crate::somebody::NOBODY), None).unwrap();
    site.ok("inject");
    assert_eq!(minted(&server), 2);
}

#[test]
fn a_pipe_in_its_place_holds_nobody_up() {
    let server = StandIn::start();
    let site = site(&server);
    site.ok("inject");
    let token = file(&site);
    fs::remove_file(&token).unwrap();
    mkfifo(&token);
    fs::set_permissions(&token, Permissions::from_mode(0o600)).unwrap();
    site.ok("inject");
    assert_eq!(minted(&server), 2);
    let lock = folder(&site).join("lock");
    fs::remove_file(&lock).unwrap();
    mkfifo(&lock);
    fs::remove_file(file(&site)).unwrap();
    let run = site.ok("inject");
    assert!(run.stderr.contains("not cached"), "{}", run.stderr);
    site.run("token cache clear")
        .fails(2, &["cannot be cleared"]);
}

#[test]
fn a_link_in_its_place_is_not_followed() {
    let server = StandIn::start();
    let site = site(&server);
    let elsewhere = site.folder().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, Permissions::from_mode(0o755)).unwrap();
    fs::write(elsewhere.join("mine"), "x").unwrap();
    fs::create_dir_all(folder(&site).parent().unwrap()).unwrap();
    symlink(&elsewhere, folder(&site)).unwrap();
    let run = site.ok("inject");
    assert!(run.stderr.contains("symbolic link"), "{}", run.stderr);
    site.run("token cache clear").fails(2, &["symbolic link"]);
    assert_eq!(mode(&elsewhere), 0o755);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
}

#[test]
fn a_home_that_is_the_working_folder_or_the_site_gets_no_cache() {
    let server = StandIn::start();
    let site = site(&server).env("XDG_CACHE_HOME", "");
    let home = site.folder().to_owned();
    let site = site.env("HOME", home.to_str().unwrap());
    let run = site.ok("inject");
    let words = ["inside the working folder", "XDG_CACHE_HOME"];
    assert!(
        words.iter().all(|word| run.stderr.contains(word)),
        "{}",
        run.stderr
    );
    assert!(!home.join(".cache").exists());
    let inside = site.path("");
    let site = site.env("HOME", inside.to_str().unwrap());
    let run = site.ok("inject");
    assert!(run.stderr.contains("inside the site"), "{}", run.stderr);
    assert!(!inside.join(".cache").exists());
}
