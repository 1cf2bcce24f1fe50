//! `inject`, `explain`, `preview` and `init` give the same verdict on every page: they run the same driver.
//!
//! That `explain` agrees with `inject` stands in `explain`.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Site, plain};
use crate::explain::odd;
use crate::http::Server;

/// What the walk itself passes over, which nobody examines.
const PASSED_OVER: [&str; 5] = [
    "in a hidden folder",
    "not a regular file",
    "a symbolic link that leaves the site",
    "a broken symbolic link",
    "symbolic link to another folder, by whose path its pages are handled",
];
/// A page that is handled by another path.
const ALIAS: &str = "symbolic link to another page";
/// Such a page whose rules ask for something else there.
const AT_ODDS: &str = "it is a symbolic link to";

fn pages(site: &Site, arguments: &str) -> Vec<Value> {
    let run = site.run(&format!("inject -n --format json {arguments}"));
    let report: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
    report["pages"].as_array().unwrap().clone()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn encoded(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._/".contains(byte);
    let each = path.bytes().map(|byte| {
        if plain(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    each.collect()
}

/// The preview says of each page what `inject` says. Returns how many pages there are.
fn preview_agrees(site: &Site, arguments: &str) -> usize {
    let pages = pages(site, arguments);
    let arguments = format!("preview --port 0 {arguments}");
    let server = Server::start(&mut site.command(arguments.split_ascii_whitespace()));
    let base = server.get("/").header("location").to_owned();
    let base = if base.is_empty() { "/" } else { &base };
    let account = |path: &str| {
        // The path of a page is itself part of an address.
        let address = encoded(&encoded(&format!("{base}{path}")));
        server.get(&format!("/.chathub/page?path={address}")).json()["account"].clone()
    };
    for page in &pages {
        let (path, outcome, reason) = (
            text(page, "path"),
            text(page, "outcome"),
            text(page, "reason"),
        );
        let told = account(path);
        let about = format!("{page:#} {told:#}");
        if PASSED_OVER.contains(&reason) {
            let other = text(&told, "page");
            assert!(told.is_null() || other == "404.html", "{about}");
        } else if reason == ALIAS {
            let other = text(&told, "page");
            assert!(pages.iter().any(|page| page["path"] == other), "{about}");
            assert_ne!(other, path, "{about}");
            assert_eq!(told, account(other), "{about}");
        } else {
            assert_eq!(told["page"], path, "{about}");
            let untouched = match outcome {
                "skipped" | "refused" => Value::from(reason),
                _ => Value::Null,
            };
            assert_eq!(told["untouched"], untouched, "{about}");
            if !reason.starts_with(AT_ODDS) {
                assert_eq!(told["organizations"], page["organizations"], "{about}");
            }
        }
    }
    let (code, _) = server.stop();
    assert_eq!(code, 0);
    pages.len()
}

/// `init` counts the pages that `inject` examines, and the languages that `explain` sees in them.
fn init_agrees(site: &Site, folder: &str) {
    let pages = pages(site, folder);
    let examined = pages.iter().filter(|page| {
        let reason = text(page, "reason");
        !PASSED_OVER.contains(&reason) && reason != ALIAS && !reason.starts_with(AT_ODDS)
    });
    let examined: Vec<&str> = examined.map(|page| text(page, "path")).collect();
    let count = examined.len();
    let plural = if count == 1 { "" } else { "s" };
    let run = site.run(&format!("init --stdout {folder}"));
    let said = &run.exits(0).stderr;
    let counted = format!("{count} page{plural}");
    let line = said.lines().find(|line| line.contains(&counted));
    let line = line.unwrap_or_else(|| panic!("{counted}: {said}"));
    let explained = site.run(&format!("explain --format json {folder}"));
    let accounts: Vec<Value> = serde_json::from_str(&explained.stdout).unwrap();
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    let judged = accounts.iter().filter(|account| {
        account["outcome"] != "skipped" && examined.contains(&text(account, "page"))
    });
    for account in judged {
        let mut facts = account["facts"].as_array().unwrap().iter();
        let lang = facts.find_map(|fact| fact.as_str()?.strip_prefix("lang="));
        if let Some(lang) = lang {
            *languages.entry(lang.to_ascii_lowercase()).or_default() += 1;
        }
    }
    for (language, pages) in languages.iter().take(8) {
        assert!(
            line.contains(&format!("{language} ({pages})")),
            "{language} {pages}: {line}"
        );
    }
}

#[test]
fn of_every_page_of_the_fixtures() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut tried = 0;
    for fixture in fs::read_dir(fixtures).unwrap() {
        let fixture = fixture.unwrap().path();
        let config = fixture.join("chathub.toml");
        let Ok(text) = fs::read_to_string(&config) else {
            continue;
        };
        tried += preview_agrees(&Site::new(), &format!("-c {}", config.display()));
        let site = text.lines().find_map(|line| line.strip_prefix("site = \""));
        let site = site.expect("it names its site").trim_end_matches('"');
        init_agrees(&Site::new(), &fixture.join(site).display().to_string());
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn of_links_hidden_folders_other_extensions_and_broken_pages() {
    let config = "default-organization = \"a\"\n[organizations.a]\nid = 1\n";
    let site = odd()
        .page("deep/.hidden/a.html", plain())
        .page("gzip.html", b"\x1f\x8b\x08\0\0\0\0\0\0\x03")
        .page("binary.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .page("caf\u{e9} & more.html", plain())
        .page(
            "page.xhtml",
            "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"uk\"><body/></html>",
        );
    init_agrees(&site, "public");
    let site = site.config(config);
    let pages = preview_agrees(&site, "public");
    assert!(pages > 18, "{pages}");
    preview_agrees(&site, "public --link-root beside");
    site.run("inject").exits(3);
    preview_agrees(&site, "public");
}
