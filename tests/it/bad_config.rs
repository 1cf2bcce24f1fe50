//! What people get wrong in `chathub.toml`, and in where tokens come from: each mistake is told with its place and the
//! way out, no secret is shown, and no page is touched.

use std::fs;
#[cfg(unix)]
use std::process::Command;

use crate::common::{Run, STATIC, Site, jwt, loader_for, now, page, plain, token, widget};
use crate::program::Program;

/// Runs inject with a configuration that must be refused.
fn refused(config: &str, words: &[&str]) -> Run {
    let site = Site::of(plain()).config(config);
    let run = site.run("inject");
    run.fails(2, words);
    assert_eq!(run.stdout, "");
    assert_eq!(site.text("index.html"), plain());
    run
}

#[test]
fn each_kind_of_mistake_is_told_with_file_line_column_and_the_nearest_name() {
    let cases: &[(&str, &[&str])] = &[
        (
            "mode = \"placeholder\"\ndefualt-organization = \"x\"\n",
            &[
                "chathub.toml:2:1",
                "defualt-organization",
                "^^^",
                "`default-organization`",
            ],
        ),
        (
            "[placeholder]\nload = \"lazy\"\n",
            &["chathub.toml:2:8", "^^^^^^", "eager"],
        ),
        ("site = 3\n", &["chathub.toml:1:8", "^"]),
        ("[verify]\nmin-pages = -1\n", &["chathub.toml:2:13", "^^"]),
        ("mode = \n", &["chathub.toml:1:", "TOML"]),
        (
            "mode = \"static\"\nmode = \"placeholder\"\n",
            &["chathub.toml:2:1", "duplicate key", "keep one"],
        ),
        (
            "[[rules]]\nmatch = \"shop/[\"\nwidget = false\n",
            &["chathub.toml:2:9", "^^^"],
        ),
        (
            "[placeholder]\nendpoint = \"http://chat.example.com/token\"\n",
            &["chathub.toml:2:12", "^^^"],
        ),
        (
            "[verify.severity]\nmissing-instanse = \"off\"\n",
            &["chathub.toml:2:1", "`missing-instance`"],
        ),
        (
            "[organizations.sales]\nid = 24\n\n[[rules]]\nmatch = \"shop/**\"\norganization = \"sale\"\n",
            &["chathub.toml:6:16", "^^^^^^", "`sales`"],
        ),
        (
            "default-organization = \"suport\"\n[organizations.support]\nid = 6\n",
            &["chathub.toml:1:24", "`support`"],
        ),
    ];
    for (config, words) in cases {
        refused(config, words);
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let run = refused("sit = \"x\"\n[widget]\nposition = \"end\"\n", &[]);
    for place in ["chathub.toml:1:1", "chathub.toml:3:12"] {
        assert!(run.stderr.contains(place), "{}", run.stderr);
    }
}

#[test]
fn a_file_that_is_named_and_is_not_there_is_an_error() {
    let site = Site::of(plain());
    let run = site.run("inject -c other.toml");
    run.fails(2, &["other.toml", "after `-c`"]);
    assert_eq!(site.text("index.html"), plain());
}

#[test]
fn a_wrong_variable_and_a_wrong_flag_are_named() {
    let site = Site::of(plain()).env("CHATHUB_PLACEHOLDER_LOAD", "lazy");
    let words = ["CHATHUB_PLACEHOLDER_LOAD", "eager"];
    site.run("inject").fails(2, &words);
    let run = Site::of(plain()).run("inject --min-ttl soon");
    run.fails(2, &["--min-ttl", "90m"]);
}

#[test]
fn a_secret_in_the_configuration_is_refused_and_not_shown() {
    let jwt = token("support", 3600);
    let secrets = [
        (
            format!("[organizations.support]\nid = 6\ntoken = \"{jwt}\"\n"),
            jwt.as_str(),
            "CHATHUB_SUPPORT_TOKEN",
        ),
        (
            format!("[placeholder]\nendpoint = \"/token?key={jwt}\"\n"),
            &jwt,
            "secrets do not belong in the configuration",
        ),
        (
            "[api]\ncompany-token = \"company-secret-4711\"\n".to_owned(),
            "company-secret-4711",
            "CHATHUB_COMPANY_TOKEN",
        ),
        (
            "password = \"correct horse battery\"\n".to_owned(),
            "correct horse battery",
            "CHATHUB_PASSWORD",
        ),
    ];
    for (config, secret, way_out) in secrets {
        let run = refused(&config, &["chathub.toml:", way_out]);
        assert!(!run.stderr.contains(secret), "{}", run.stderr);
        // Nor any part of it that would be of use.
        assert!(!run.stderr.contains(&secret[10..]), "{}", run.stderr);
    }
}

#[test]
fn static_mode_wants_a_token_for_every_organization_that_a_rule_names() {
    let config =
        "mode = \"static\"\ndefault-organization = \"support\"\n[organizations.support]\nid = 6\n";
    let words = ["`support`", "no credentials", "CHATHUB_SUPPORT_TOKEN"];
    refused(config, &words);
    let words = ["`support`", "SUPPORT_TOKEN is not set"];
    refused(STATIC, &words);
    let several = format!(
        "{STATIC}\n[organizations.sales]\nid = 7\n\n[[rules]]\nmatch = \"**\"\norganizations = [\"support\", \"sales\"]\n"
    );
    refused(&several, &["chathub.toml:13:17", "static"]);
}

#[test]
fn a_token_that_cannot_work_is_refused_with_the_reason_and_not_shown() {
    let good = token("support", 3600);
    let month = 30 * 24 * 3600;
    let cases = [
        (format!("\"{good}\""), "wrapped in quotes"),
        (format!("{good}\n"), "a line break"),
        (format!("{good} "), "white space"),
        (good.replace('.', "\""), "a quote"),
        (token("support", -60), "expired at"),
        (token("support", month), "longer than 24 hours"),
        (
            jwt(&format!("{{\"exp\":{}}}", now() + month)),
            "longer than 24 hours",
        ),
        (jwt("{}"), "no exp claim"),
        ("a-company-token-0123456789abcdef".to_owned(), "not a JWT"),
        (good.replacen('.', "", 1), "not a JWT"),
    ];
    for (token, reason) in cases {
        let site = Site::of(plain())
            .config(STATIC)
            .env("SUPPORT_TOKEN", &token);
        let run = site.run("inject");
        run.fails(2, &["`support`", "SUPPORT_TOKEN", reason]);
        assert!(!run.stderr.contains(&token), "{reason}: {}", run.stderr);
        assert_eq!(site.text("index.html"), plain());
    }
}

/// Static mode with this source of the token.
fn source(source: &str) -> Site {
    let config = STATIC.replace("{ env = \"SUPPORT_TOKEN\" }", source);
    Site::of(plain()).config(&config)
}

#[test]
fn a_token_file_has_to_be_there_and_outside_the_site() {
    let missing = source("{ file = \"secrets/token\" }").run("inject");
    missing.fails(2, &["`support`", "secrets/token"]);
    let token = token("support", 3600);
    let site = source("{ file = \"public/.token\" }").page(".token", &token);
    let run = site.run("inject");
    run.fails(2, &["public/.token", "inside the site", "elsewhere"]);
    assert_eq!(site.text("index.html"), plain());
    let site = source("{ file = \"secrets/token\" }").file("secrets/token", format!("{token}\n"));
    site.ok("inject");
    assert_eq!(site.text("index.html"), page(&widget(&token, "support")));
}

#[cfg(unix)]
#[test]
fn a_token_file_in_the_site_behind_a_link_is_found_out() {
    let site = source("{ file = \"token\" }").page("token", token("support", 3600));
    std::os::unix::fs::symlink("public/token", site.folder().join("token")).unwrap();
    site.run("inject").fails(2, &["inside the site"]);
}

#[cfg(unix)]
#[test]
fn a_token_command_has_to_succeed_and_print_a_token() {
    let failing = source("{ command = \"false\" }").run("inject");
    failing.fails(2, &["`false` failed", "run it by hand"]);
    let missing = source("{ command = \"no-such-program --token\" }").run("inject");
    missing.fails(2, &["`no-such-program` cannot be run"]);
    let silent = source("{ command = \"true\" }").run("inject");
    silent.fails(2, &["the output of `true`", "empty"]);
    let token = token("support", 3600);
    let site = source("{ command = [\"cat\", \"token\"] }").file("token", format!("{token}\n"));
    site.ok("inject");
    assert_eq!(site.text("index.html"), page(&widget(&token, "support")));
}

#[test]
fn mistakes_in_a_file_are_told_by_every_command() {
    let site = Site::of(plain()).config("sit = 1\n");
    for command in ["inject", "verify", "remove"] {
        site.run(command)
            .fails(2, &["chathub.toml:1:1", "unknown key", "`site`"]);
    }
    fs::write(site.folder().join("chathub.toml"), b"mode = \"\xFF\"\n").unwrap();
    site.run("verify").fails(2, &["not UTF-8", "line 1"]);
}

#[test]
fn brackets_that_name_a_folder_of_a_router_are_told_with_their_escape() {
    let config = |pattern: &str| {
        format!(
            "default-organization = \"a\"\n[organizations.a]\nid = 1\n[organizations.b]\nid = 2\n\
             [[rules]]\nmatch = [\"{pattern}\", \"index.html\"]\norganization = \"b\"\n"
        )
    };
    for (page, meant, escaped) in [
        ("blog/[slug].html", "blog/[slug].html", "blog/[[]slug].html"),
        (
            "shop/[...path]/index.html",
            "shop/[...path]/",
            "shop/[[]...path]/",
        ),
        ("[[...all]].html", "[[...all]].html", "[[][[]...all]].html"),
    ] {
        let site = Site::of(plain()).page(page, plain()).config(&config(meant));
        let told = [page, "chathub.toml:", escaped];
        let run = site.run("inject -q");
        run.fails(0, &told);
        let report = site.json("verify", 0);
        assert_eq!(report.site_rules(), ["brackets-in-pattern"]);
        let message = report.findings("brackets-in-pattern")[0]["message"].to_string();
        assert!(told.iter().all(|told| message.contains(told)), "{message}");

        let site = site.config(&config(escaped));
        assert!(!site.ok("inject -q").stderr.contains("brackets"));
        assert!(site.text(page).contains("data-org=\"b\""));
        let report = site.json("verify", 0);
        assert!(report.findings("brackets-in-pattern").is_empty());
    }
    // Brackets that do what they are for.
    let site = Site::of(plain()).page("blog/s.html", plain());
    let site = site.config(&config("blog/[slug].html"));
    assert!(!site.ok("inject -q").stderr.contains("brackets"));
    assert!(
        site.json("verify", 0)
            .findings("brackets-in-pattern")
            .is_empty()
    );
}

#[test]
#[cfg(unix)]
fn a_found_configuration_that_is_no_regular_file_is_refused_and_a_named_one_is_read() {
    let made = |site: &Site, name: &str| {
        let made = Command::new("mkfifo")
            .arg(site.folder().join(name))
            .status();
        assert!(made.unwrap().success());
    };
    let site = Site::of(plain()).file("below/public/index.html", plain());
    made(&site, "chathub.toml");
    let words = &["cannot read `chathub.toml`", "not a regular file"];
    site.run("inject").fails(2, words);
    // From a folder below, too: nobody writes to it.
    let below = Program::in_folder(&site.folder().join("below"))
        .args(["inject"])
        .run();
    Run::from(below).fails(2, &["chathub.toml`", "not a regular file"]);
    fs::remove_file(site.folder().join("chathub.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", site.folder().join("chathub.toml")).unwrap();
    site.run("inject").fails(2, words);
    site.run("inject --config /dev/zero")
        .fails(2, &["`/dev/zero`", "16 MiB"]);
    assert_eq!(site.text("index.html"), plain());
    // What a shell's `<(…)` gives is a FIFO that somebody writes to.
    made(&site, "given");
    let given = site.folder().join("given");
    let writer = std::thread::spawn(move || {
        fs::write(
            given,
            "default-organization = \"support\"\n[organizations.support]\nid = 6\n",
        )
    });
    site.ok("inject --config given");
    writer.join().unwrap().unwrap();
    assert_eq!(
        site.text("index.html"),
        page(&loader_for(" data-org=\"support\""))
    );
}
