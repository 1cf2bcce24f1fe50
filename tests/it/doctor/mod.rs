//! `chathub doctor`: one page about all that lies between a folder and a working chat. What is wrong with pages it knows from `verify`,
//! whose tests are elsewhere; here is how that is sorted, and what the doctor alone looks at.

mod online;
mod plugins;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::common::{STATIC, Site, jwt, now, page, plain, snapshot, token};
use crate::docs::read;
use crate::http::service::{Answer, Service};
use crate::port::Port;
#[cfg(unix)]
use crate::somebody::{is_root, run_as_user};
use crate::standin::{COMPANY_TOKEN, StandIn};

const CONFIG: &str =
    "site = \"public\"\ndefault-organization = \"support\"\n\n[organizations.support]\nid = 6\n";
const HOUR: Duration = Duration::from_hours(1);

/// A project of Hugo with two pages, after `inject`.
fn healthy() -> Site {
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .config(CONFIG)
        .file("hugo.toml", "baseURL = \"https://www.example.com/\"\n");
    site.ok("inject");
    site
}

/// What the doctor says about a site, which it leaves as it is.
fn examined(site: &Site, arguments: &str) -> (i32, Value) {
    let before = snapshot(site.folder());
    let run = site.run(&format!("doctor {arguments} --format json"));
    assert!(
        before == snapshot(site.folder()),
        "it has written something"
    );
    let document = serde_json::from_str(&run.stdout);
    let document = document.unwrap_or_else(|_| panic!("{} {}", run.stdout, run.stderr));
    (run.code, document)
}

fn checks(document: &Value) -> &[Value] {
    document["checks"].as_array().unwrap()
}

fn text<'a>(check: &'a Value, key: &str) -> &'a str {
    check[key].as_str().unwrap_or_default()
}

/// The topics on which something is wrong or probably wrong.
fn wrong(document: &Value) -> BTreeSet<&str> {
    let wrong = checks(document).iter();
    let wrong = wrong.filter(|check| ["warning", "error"].contains(&text(check, "status")));
    wrong.map(|check| text(check, "topic")).collect()
}

/// The checks on a topic.
fn on<'a>(document: &'a Value, topic: &str) -> Vec<&'a Value> {
    let checks = checks(document).iter();
    checks
        .filter(|check| text(check, "topic") == topic)
        .collect()
}

fn write_at(file: &Path, time: SystemTime) {
    File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

/// The whole page of a site on which nothing is wrong.
#[test]
fn a_healthy_site_is_a_page_of_single_lines() {
    let site = healthy();
    let run = site.ok("doctor");
    let version = env!("CARGO_PKG_VERSION");
    // The tests have the binary log all that it can, by a variable.
    let wanted = format!(
        "\
✓ version         chathub {version}, which also wrote the runtime in the site
✓ environment     1 variable acts
✓ configuration   chathub.toml: placeholder mode, 1 organization, 0 rules
✓ generator       Hugo; in this order: hugo, chathub inject, chathub verify
✓ site            public: 2 pages
✓ chats           2 pages are to have a chat, and all have it
✓ base path       /, and neither pages nor generator say otherwise
✓ asset folder    chathub-assets has what pages load; every host publishes it
✓ policies        none in pages blocks the chat; the server's are not known here
✓ service worker  no service worker keeps a list of pages
✓ compression     no compressed copy (.gz, .br, .zst) is older than its page
✓ secrets         no page holds a token or a secret
· credentials     none here, and none are needed: the token endpoint has its own
· endpoint        pages ask /api/chathub/token for tokens; it was not asked
✓ clock           no file is from the future; no server was asked for the time

nothing is wrong: 13 right; 2 not looked at
"
    );
    assert_eq!(run.stdout, wanted);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80));
    assert_eq!(site.ok("doctor -q").stdout, "");
    let coloured = site.ok("doctor --color always").stdout.clone();
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let all = site.ok("doctor -v").stdout.clone();
    assert!(all.contains("CHATHUB_LOG: the level of the log"), "{all}");
}

/// Each thing that can be wrong, alone: all else stays green.
#[test]
fn a_fault_is_told_on_its_own_topic_alone() {
    type Break = fn(Site) -> Site;
    let faults: [(&str, &str, &str, Break); 17] = [
        (
            "environment",
            "warning",
            "CHATHUB_BASE_URL acts on nothing",
            |site| site.env("CHATHUB_BASE_URL", "/x/"),
        ),
        ("configuration", "warning", "chathub.toml:7", |site| {
            let rule = "[[rules]]\nmatch = \"shpo/**\"\nwidget = false\n";
            let site = site.config(&format!("{CONFIG}\n{rule}"));
            site.ok("inject");
            site
        }),
        ("generator", "warning", "no pipeline runs chathub", |site| {
            site.file(
                ".github/workflows/site.yml",
                "steps:\n  - run: hugo --minify\n",
            )
        }),
        ("generator", "warning", "before `hugo`", |site| {
            site.file(
                ".gitlab-ci.yml",
                "pages:\n  script:\n    - chathub inject\n    - hugo\n",
            )
        }),
        (
            "site",
            "warning",
            "it is older than its sources: content/post.md",
            |site| {
                for file in ["index.html", "shop/index.html"] {
                    write_at(&site.path(file), SystemTime::now() - HOUR);
                }
                for entry in fs::read_dir(site.path("chathub-assets")).unwrap() {
                    write_at(&entry.unwrap().path(), SystemTime::now() - HOUR);
                }
                site.file("content/post.md", "# Post\n")
            },
        ),
        ("site", "error", "fewer", |site| {
            site.config(&format!("{CONFIG}[verify]\nmin-pages = 3\n"))
        }),
        ("chats", "error", "1 of 2 pages", |site| {
            site.page("shop/index.html", plain())
        }),
        ("chats", "error", "none of 2 pages", |site| {
            site.page("index.html", plain())
                .page("shop/index.html", plain())
        }),
        ("base-path", "warning", "/blog/", |site| {
            site.file("hugo.toml", "baseURL = \"https://www.example.com/blog/\"\n")
        }),
        ("asset-folder", "error", "which is not there", |site| {
            let name = chathub::internal::runtime::hashed_name();
            fs::remove_file(site.path(&format!("chathub-assets/{name}"))).unwrap();
            site
        }),
        ("policies", "error", "script-src", |site| {
            site.page(
                "_headers",
                "/*\n  Content-Security-Policy: script-src 'none'\n",
            )
        }),
        ("service-worker", "error", "sw.js", |site| {
            let list = "{url:\"index.html\",revision:\"0123456789abcdef0123456789abcdef\"}";
            site.page("sw.js", format!("self.__WB=1;precacheAndRoute([{list}])"))
        }),
        ("compression", "error", "index.html.gz", |site| {
            site.page("index.html.gz", "no gzip")
        }),
        ("secrets", "error", "404.html", |site| {
            let held = format!(
                "<meta name=chathub content=off><p>{}</p>",
                token("somebody", 3600)
            );
            site.page("404.html", page(&held))
        }),
        ("credentials", "error", "expired", |site| {
            site.env("CHATHUB_COMPANY_TOKEN", &token("company", -3600))
        }),
        ("credentials", "warning", "expires at", |site| {
            site.env("CHATHUB_COMPANY_TOKEN", &token("company", 3600))
        }),
        ("clock", "warning", "in the future", |site| {
            let site = site.page("robots.txt", "");
            write_at(&site.path("robots.txt"), SystemTime::now() + HOUR);
            site
        }),
    ];
    for (topic, status, words, fault) in faults {
        let site = fault(healthy());
        let (code, document) = examined(&site, "");
        assert_eq!(
            wrong(&document),
            BTreeSet::from([topic]),
            "{words}: {document:#}"
        );
        assert_eq!(code, i32::from(status == "error"), "{topic}: {words}");
        let told = on(&document, topic);
        let told = told.iter().find(|check| text(check, "status") == status);
        let told = told.unwrap_or_else(|| panic!("{topic}: {document:#}"));
        let all = format!("{} {}", text(told, "message"), told["details"]);
        assert!(all.contains(words) || words == "fewer", "{words}: {told:#}");
        assert_ne!(text(told, "remedy"), "", "{told:#}");
        let page = site.run("doctor").stdout;
        assert!(
            page.contains(if status == "error" { "✗" } else { "!" }),
            "{page}"
        );
    }
}

#[test]
fn a_runtime_of_another_version_is_told() {
    let site = healthy();
    let other = b"// chathub.runtime.v of another version";
    let folder = site.path("chathub-assets");
    fs::write(
        folder.join(chathub::internal::runtime::name_of(other)),
        other,
    )
    .unwrap();
    let (code, document) = examined(&site, "");
    assert_eq!((code, wrong(&document).len()), (0, 0), "{document:#}");
    fs::remove_file(folder.join(chathub::internal::runtime::hashed_name())).unwrap();
    let (code, document) = examined(&site, "");
    assert_eq!(code, 1);
    assert_eq!(
        wrong(&document),
        BTreeSet::from(["asset-folder", "version"]),
        "{document:#}"
    );
}

/// A configuration that cannot be read is told with place and remedy, and what does not depend on it is looked at all the same.
#[test]
fn a_broken_configuration_ends_nothing() {
    let site = healthy()
        .config("sit = \"public\"\nmode = \"statik\"\n")
        .env("CHATHUB_COMPANY_TOKEN", &token("company", -3600));
    let (code, document) = examined(&site, "");
    assert_eq!(code, 1);
    assert_eq!(
        wrong(&document),
        BTreeSet::from(["configuration", "credentials"])
    );
    let told = on(&document, "configuration");
    assert_eq!(
        text(told[0], "message"),
        "chathub.toml:1: unknown key `sit`"
    );
    assert_eq!(text(told[0], "remedy"), "Did you mean `site`?");
    assert!(text(told[1], "message").starts_with("chathub.toml:2: "));
    assert!(text(on(&document, "generator")[0], "message").starts_with("Hugo; "));
    assert_eq!(text(on(&document, "site")[0], "status"), "skipped");
    assert!(on(&document, "chats").is_empty());
    // What is no TOML at all, and what is not there.
    let site = healthy().config("mode = \n");
    let (code, document) = examined(&site, "");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["configuration"]))
    );
    let (code, document) = examined(&site, "-c elsewhere.toml");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["configuration"]))
    );
}

#[test]
fn what_overrules_the_file_is_told() {
    let site = healthy().env("CHATHUB_SITE", "public");
    let (code, document) = examined(&site, "public");
    assert_eq!(code, 0);
    let told = on(&document, "configuration")[0];
    assert_eq!(text(told, "status"), "note");
    let details = told["details"].as_array().unwrap();
    assert_eq!(
        details,
        &[
            "site is what the environment variable `CHATHUB_SITE` says, not chathub.toml:1",
            "site is what the flag `SITE` says, not environment variable `CHATHUB_SITE`",
        ]
    );
}

#[test]
fn a_site_that_is_not_there_is_told_with_the_command_that_builds_it() {
    let site = Site::new().file("hugo.toml", "baseURL = \"https://www.example.com/\"\n");
    let (code, document) = examined(&site, "");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["site"])),
        "{document:#}"
    );
    fs::remove_dir(site.path("")).unwrap();
    let (code, document) = examined(&site, "");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["site"])),
        "{document:#}"
    );
    assert!(text(on(&document, "site")[0], "remedy").starts_with("Run `hugo` first"));
    assert_eq!(text(on(&document, "configuration")[0], "status"), "note");
    // A folder with nothing in it at all.
    let site = Site::new();
    let (code, document) = examined(&site, "nowhere");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["site"])),
        "{document:#}"
    );
    // A site before its first inject, without any configuration.
    let site = Site::of(plain());
    let (code, document) = examined(&site, "");
    assert_eq!(
        (code, wrong(&document)),
        (1, BTreeSet::from(["chats"])),
        "{document:#}"
    );
    site.ok("inject");
    assert_eq!(examined(&site, "").0, 0);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    if !is_root() {
        return;
    }
    let site = healthy();
    let closed = site.path("shop");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let run = run_as_user(&site, "doctor --format json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.code, 1, "{document:#}");
    assert_eq!(
        text(on(&document, "site")[1], "rule"),
        "page-unreadable",
        "{document:#}"
    );
    // Not even the site.
    fs::set_permissions(site.path(""), fs::Permissions::from_mode(0o700)).unwrap();
    let run = run_as_user(&site, "doctor --format json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.code, 1, "{document:#}");
    assert!(wrong(&document).contains("site"), "{document:#}");
}

/// What programs read is what the schema says.
#[test]
fn the_document_fits_its_schema() {
    let schema: Value = serde_json::from_str(&read("schemas/doctor-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let broken = healthy().page("index.html", plain());
    for site in [healthy(), broken, Site::new()] {
        let (code, document) = examined(&site, "");
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}\n{document:#}");
        assert_eq!(document["schemaVersion"], 1);
        assert_eq!(document["ok"], code == 0);
        let count = |status| {
            let checks = checks(&document).iter();
            checks.filter(|check| check["status"] == status).count()
        };
        assert_eq!(document["summary"]["errors"], count("error"));
        assert_eq!(document["summary"]["ok"], count("ok"));
        for check in checks(&document) {
            let keys: BTreeSet<&str> = check.as_object().unwrap().keys().map(|k| &**k).collect();
            let wanted = ["details", "message", "remedy", "rule", "status", "topic"];
            assert_eq!(keys, BTreeSet::from(wanted));
        }
    }
    let wrong = Site::new().run("doctor --format xml");
    wrong.fails(2, &["possible values: human, json"]);
}

/// Warnings fail it where they fail `verify`.
#[test]
fn it_fails_by_the_severity_that_fails_verify() {
    let rule = "[[rules]]\nmatch = \"shpo/**\"\nwidget = false\n";
    let site = healthy().config(&format!("{CONFIG}\n{rule}"));
    site.ok("inject");
    assert_eq!(examined(&site, "").0, 0);
    let site = site.config(&format!(
        "{CONFIG}\n{rule}[verify]\nfail-on = \"warning\"\n"
    ));
    assert_eq!(examined(&site, "").0, 1);
}
