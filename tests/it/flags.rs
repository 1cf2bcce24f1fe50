//! Every flag does something for the commands that know it, and is an error for all others.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use crate::common::{HEAD, STATIC, Site, page, plain, token};
use chathub::cli::Cli;
use clap::CommandFactory as _;

/// A flag that stands for a setting, a value that differs from the default, and the commands for which it does something.
const SETTINGS: [(&str, &str, &[&str]); 16] = [
    (
        "mode",
        "static",
        &["inject", "verify", "explain", "preview"],
    ),
    (
        "default-organization",
        "b",
        &["inject", "verify", "explain", "preview"],
    ),
    (
        "endpoint",
        "/other",
        &["inject", "verify", "explain", "preview"],
    ),
    (
        "base-url",
        "/docs/",
        &["inject", "verify", "explain", "preview"],
    ),
    ("load", "eager", &["inject", "verify", "explain", "preview"]),
    (
        "contact",
        "tel:112",
        &["inject", "verify", "explain", "preview"],
    ),
    (
        "position",
        "head-end",
        &["inject", "verify", "explain", "preview"],
    ),
    (
        "asset-dir",
        "chat",
        &["inject", "verify", "remove", "explain", "preview"],
    ),
    (
        "widget-src",
        "https://example.com/w.js",
        &["inject", "verify", "remove", "explain", "preview"],
    ),
    (
        "link-root",
        "beside",
        &["inject", "verify", "remove", "explain", "preview"],
    ),
    (
        "compressed-siblings",
        "remove",
        &["inject", "remove", "explain"],
    ),
    ("min-ttl", "23h", &["inject", "verify"]),
    (
        "if-no-credentials",
        "skip",
        &["inject", "verify", "explain"],
    ),
    ("api-url", "http://127.0.0.1:9", &["inject", "preview"]),
    ("min-pages", "100", &["verify"]),
    ("fail-on", "note", &["verify"]),
];

/// What else `inject`, `verify`, `remove`, `explain` and `preview` know; that these act is for the tests of each.
const OTHERS: [(&str, &str); 5] = [
    (
        "inject",
        "allow-empty check color config diff dry-run format no-progress output prune quiet remove-config-files report threads verbose",
    ),
    (
        "verify",
        "allow-empty color config format no-progress quiet report threads verbose",
    ),
    (
        "remove",
        "allow-empty check color config diff dry-run format no-progress output quiet report threads verbose",
    ),
    ("explain", "allow-empty color config format"),
    ("preview", "color config live open port quiet verbose"),
];

#[test]
fn each_command_knows_these_flags_and_no_others() {
    let cli = Cli::command();
    for (command, others) in OTHERS {
        let settings = SETTINGS.iter();
        let settings = settings.filter(|(_, _, commands)| commands.contains(&command));
        let settings = settings.map(|(flag, _, _)| *flag);
        let wanted: BTreeSet<&str> = others.split(' ').chain(settings).collect();
        let known = cli.find_subcommand(command).unwrap().get_arguments();
        let known: BTreeSet<&str> = known.filter_map(clap::Arg::get_long).collect();
        assert_eq!(known, wanted, "{command}");
    }
}

#[test]
fn a_flag_that_would_do_nothing_is_an_error() {
    let site = Site::of(plain());
    for (flag, value, commands) in SETTINGS {
        let all = OTHERS.map(|(command, _)| command);
        let more = ["init", "endpoint", "orgs", "completions bash", "man"];
        for command in all.into_iter().chain(more) {
            let knows = commands.contains(&command) || (command == "orgs" && flag == "api-url");
            if !knows {
                let run = site.run(&format!("{command} --{flag} {value}"));
                run.fails(2, &[&format!("--{flag}")]);
            }
        }
    }
    for arguments in [
        "explain --report json=a.json",
        "explain --threads 1",
        "explain -q",
        "explain -v",
        "explain --no-progress",
        "verify --dry-run",
        "verify --output out",
        "remove --prune",
        "endpoint --check --log-json",
        "init --stdout --force",
        "token inspect -q",
        "token inspect -v",
    ] {
        site.run(arguments).fails(2, &["Usage:"]);
    }
    assert!(!site.folder().join("a.json").exists());
}

/// A site on which every setting tells: an instance or none, a copy beside a page, a link out, two organizations.
fn site(command: &str, flag: &str) -> Site {
    let beside = |site: Site| {
        let site = site.file("beside/page.html", plain());
        #[cfg(unix)]
        std::os::unix::fs::symlink("../beside/page.html", site.path("link.html")).unwrap();
        site
    };
    let organizations =
        "default-organization = \"a\"\n[organizations.a]\nid = 1\n[organizations.b]\nid = 2\n";
    match flag {
        "min-ttl" => {
            let site = Site::of(plain()).config(STATIC);
            let site = site.env("SUPPORT_TOKEN", &SUPPORT);
            site.ok("inject");
            site
        }
        "if-no-credentials" => Site::of(plain())
            .config("mode = \"static\"\ndefault-organization = \"a\"\n[organizations.a]\nid = 1\n"),
        "widget-src" => {
            let tag = "<script type=\"module\" src=\"https://example.com/w.js\"></script>";
            Site::of(page(tag)).config(organizations)
        }
        "position" => Site::of(plain()).config(organizations),
        "fail-on" => {
            let site = Site::of(format!("{HEAD}<a href=x>open</body></html>"));
            let contact = "[placeholder]\ncontact = \"tel:112\"\ncontact-link = true\n";
            let site = site.config(contact);
            site.ok("inject");
            site
        }
        _ => {
            let site = beside(Site::of(plain())).config(organizations);
            if command != "inject" {
                // The default folder is known without the flag.
                let elsewhere = command == "remove" && flag == "asset-dir";
                site.ok(if elsewhere {
                    "inject --asset-dir chat"
                } else {
                    "inject"
                });
                if command == "explain" && flag == "compressed-siblings" {
                    fs::write(site.path("index.html"), plain()).unwrap();
                }
            }
            let gz = "not gzip at all";
            site.page("index.html.gz", gz)
        }
    }
}

/// Made once: it says when that was, and the sites of two runs must be the same.
static SUPPORT: LazyLock<String> = LazyLock::new(|| token("operator", 36_000));

#[test]
fn a_setting_that_a_command_knows_changes_what_it_does() {
    for (flag, value, commands) in SETTINGS {
        // The preview serves until it is ended: tests/it/preview. What takes an API: tests/it/static_api.rs.
        let elsewhere = |command: &str| {
            command == "preview" || flag == "api-url" || (command, flag) == ("inject", "min-ttl")
        };
        for command in commands.iter().filter(|command| !elsewhere(command)) {
            let outcome = |arguments: &str| {
                let site = site(command, flag);
                let pages = if *command == "explain" {
                    "public"
                } else {
                    "-v"
                };
                let run = site.run(&format!("{command} {pages} {arguments}"));
                // How long it took is no effect.
                let told = run.stdout.lines().filter(|line| !line.contains("pages/s"));
                let told: Vec<String> = told.map(str::to_owned).collect();
                (
                    run.code,
                    told,
                    run.stderr,
                    crate::common::contents(&site.path("")),
                )
            };
            let given = outcome(&format!("--{flag} {value}"));
            assert!(
                !given.2.contains("unexpected argument"),
                "{command} --{flag}: {}",
                given.2
            );
            let without = outcome("");
            assert_eq!(outcome(""), without, "{command}");
            assert_ne!(without, given, "{command} --{flag}");
        }
    }
}
