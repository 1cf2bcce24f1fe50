//! Every flag does something for the commands that know it, and is an error for all others.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use crate::common::{HEAD, STATIC, Site, page, plain, token};
use chathub::internal::cli::Cli;
use clap::CommandFactory as _;

/// The commands that work out what pages should have.
const TAGS: [&str; 5] = ["inject", "verify", "explain", "preview", "watch"];
/// The commands that read a site.
const SITE: [&str; 6] = ["inject", "verify", "remove", "explain", "preview", "watch"];

/// A flag that stands for a setting, a value that differs from the default, and the commands for which it does something.
const SETTINGS: &[(&str, &str, &[&str])] = &[
    ("mode", "static", &TAGS),
    ("default-organization", "b", &TAGS),
    ("endpoint", "/other", &TAGS),
    ("base-url", "/docs/", &TAGS),
    ("load", "eager", &TAGS),
    ("contact", "tel:112", &TAGS),
    ("position", "head-end", &TAGS),
    ("asset-dir", "chat", &SITE),
    ("widget-src", "https://example.com/w.js", &SITE),
    ("link-root", "beside", &SITE),
    (
        "compressed-siblings",
        "remove",
        &["inject", "remove", "explain", "watch"],
    ),
    ("min-ttl", "23h", &["inject", "verify", "watch"]),
    (
        "if-no-credentials",
        "skip",
        &["inject", "verify", "explain", "watch"],
    ),
    (
        "api-url",
        "http://127.0.0.1:9",
        &[
            "inject",
            "preview",
            "orgs",
            "operators",
            "token get",
            "token validate",
            "watch",
        ],
    ),
    ("remove-config-files", "", &["inject"]),
    ("listen", "127.0.0.1:0", &["endpoint"]),
    ("allow-anyone", "", &["endpoint"]),
    ("log-json", "", &["endpoint"]),
    ("min-pages", "100", &["verify"]),
    ("max-warnings", "0", &["verify"]),
    ("baseline", "known.toml", &["verify"]),
    ("fail-on", "note", &["verify"]),
];

/// What else each command knows; that these act is for the tests of each.
const OTHERS: [(&str, &str); 17] = [
    (
        "inject",
        "allow-empty check color config diff dry-run format no-progress output prune quiet report threads verbose",
    ),
    (
        "verify",
        "allow-empty ask-endpoint browser browser-no-sandbox browser-pages browser-timeout browser-widget color config format max-pages \
         no-progress prune-baseline quiet report screenshots threads timeout verbose write-baseline",
    ),
    (
        "remove",
        "allow-empty check color config diff dry-run format no-progress output quiet report threads verbose",
    ),
    ("explain", "allow-empty color config format"),
    ("csp", "config diff for format patch"),
    (
        "doctor",
        "color config endpoint format online quiet verbose",
    ),
    ("init", "force schema stdout"),
    ("preview", "color config live open port quiet verbose"),
    ("watch", "color config poll quiet threads verbose"),
    ("endpoint", "check color config format quiet verbose"),
    ("orgs", "color config format quiet verbose"),
    (
        "operators",
        "add color config format org quiet status verbose",
    ),
    (
        "token get",
        "color config expires-in format operator org quiet verbose",
    ),
    (
        "token validate",
        "color config env file format quiet verbose",
    ),
    ("token inspect", "color env file format"),
    ("token cache clear", ""),
    ("completions", ""),
];

/// Every command that does something, with its definition.
fn commands() -> Vec<(String, clap::Command)> {
    fn add(all: &mut Vec<(String, clap::Command)>, above: &str, command: &clap::Command) {
        for command in command.get_subcommands() {
            let name = format!("{above}{}", command.get_name());
            if command.has_subcommands() {
                add(all, &format!("{name} "), command);
            } else {
                all.push((name, command.clone()));
            }
        }
    }
    let mut all = Vec::new();
    add(&mut all, "", &Cli::command());
    all
}

#[test]
fn each_command_knows_these_flags_and_no_others_and_says_what_they_do() {
    for (name, command) in commands() {
        let settings = SETTINGS.iter();
        let settings = settings.filter(|(_, _, commands)| commands.contains(&name.as_str()));
        let settings = settings.map(|(flag, _, _)| *flag);
        let others = OTHERS.iter().find(|(command, _)| *command == name);
        let others = others.map_or("", |(_, flags)| flags).split_whitespace();
        let wanted: BTreeSet<&str> = others.chain(settings).collect();
        let flags = command.get_arguments();
        let flags: Vec<&clap::Arg> = flags.filter(|flag| flag.get_long().is_some()).collect();
        let known = flags.iter().filter_map(|flag| flag.get_long());
        assert_eq!(known.collect::<BTreeSet<&str>>(), wanted, "{name}");
        for flag in flags {
            assert!(flag.get_help().is_some(), "{name}: {flag:?}");
        }
    }
}

/// The table of settings says the same about its flags as the table above, which the tests below hold to be true.
#[test]
fn the_table_of_settings_knows_on_which_commands_its_flags_act() {
    use chathub::internal::settings::commands::{
        ACCOUNT, ENDPOINT, EXPLAIN, INJECT, PREVIEW, REMOVE, VERIFY, WATCH,
    };
    let bits = |command: &str| match command {
        "inject" => INJECT,
        "verify" => VERIFY,
        "remove" => REMOVE,
        "explain" => EXPLAIN,
        "preview" => PREVIEW,
        "endpoint" => ENDPOINT,
        "watch" => WATCH,
        _ => ACCOUNT,
    };
    let wanted: BTreeSet<(String, u8)> = SETTINGS
        .iter()
        .map(|(flag, _, commands)| {
            let on = commands.iter().fold(0, |on, command| on | bits(command));
            (format!("--{flag}"), on)
        })
        .collect();
    let rows = chathub::internal::settings::rows().iter();
    let rows = rows.filter_map(|row| row.flag);
    let known: BTreeSet<(String, u8)> = rows.map(|flag| (flag.name.to_owned(), flag.on)).collect();
    assert_eq!(known, wanted);
}

#[test]
fn a_flag_that_would_do_nothing_is_an_error() {
    let site = Site::of(plain());
    for &(flag, value, commands_of_flag) in SETTINGS {
        for (name, _) in commands() {
            if !commands_of_flag.contains(&name.as_str()) {
                let shell = if name == "completions" { " bash" } else { "" };
                let run = site.run(&format!("{name}{shell} --{flag} {value}"));
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
        "init --schema --stdout",
        "token inspect -q",
        "token inspect -v",
        "-q explain",
        "-q token inspect",
        "--config chathub.toml man",
        "-f json preview",
        "watch --format json",
        "watch --report json=a.json",
        "watch --dry-run",
        "watch --prune",
        "watch --allow-empty",
        "watch -q -v",
        "--dry-run inject",
        "-q inject -v",
    ] {
        site.run(arguments).fails(2, &["Usage:"]);
    }
    assert!(!site.folder().join("a.json").exists());
}

#[test]
fn what_most_commands_know_may_stand_before_the_command() {
    let site = Site::of(plain()).file("x.toml", "[placeholder]\nload = \"eager\"\n");
    assert_eq!(site.ok("-q inject public").stdout, "");
    assert!(site.text("index.html").contains("data-load=\"idle\""));
    site.ok("--config x.toml inject public");
    assert!(site.text("index.html").contains("data-load=\"eager\""));
    site.run("verify public").exits(1);
    site.ok("--config x.toml verify public");
    let report = site
        .ok("-c x.toml --format=json verify public")
        .stdout
        .clone();
    assert!(report.starts_with('{'), "{report}");
    for command in ["inject", "token get"] {
        let help = site.ok(&format!("{command} --help")).stdout.clone();
        for flag in ["--config", "--format", "--color", "--quiet", "--verbose"] {
            let defined = format!("{flag} ");
            let lines = help.lines().map(str::trim_start);
            let lines = lines.filter(|line| {
                line.starts_with('-') && format!("{} ", line.replace("...", "")).contains(&defined)
            });
            assert_eq!(lines.count(), 1, "{command} {flag}: {help}");
        }
    }
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
        "max-warnings" => {
            let site = Site::of(page("<template><script data-chathub></script></template>"));
            site.ok("inject");
            site
        }
        "fail-on" => {
            let site = Site::of(format!("{HEAD}<a href=x>open</body></html>"));
            let contact = "[placeholder]\ncontact = \"tel:112\"\ncontact-link = true\n";
            let site = site.config(contact);
            site.ok("inject");
            site
        }
        "remove-config-files" => {
            Site::of(plain()).page(".chathub.toml", "[[rules]]\nwidget = false\n")
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
    for &(flag, value, commands) in SETTINGS {
        // These go on until they are ended: tests/it/preview, tests/it/endpoint, tests/it/watch. What takes an API:
        // tests/it/static_api.rs, tests/it/account/.
        let elsewhere = |command: &str| {
            ["preview", "endpoint", "watch"].contains(&command)
                || flag == "api-url"
                || (command, flag) == ("inject", "min-ttl")
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
