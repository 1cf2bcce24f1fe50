//! Static mode mints for the organizations that pages use, and for no other; and shows that it waits for the API.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{Run, Site, plain};
use crate::program::patience::wait_until;
use crate::standin::{COMPANY_TOKEN, Fault, Hold, StandIn};
use chathub::internal::rules::RuleSet;
use chathub::internal::settings::{Inputs, load};
use chathub::internal::steps::in_use;
use chathub::internal::store::Folder;

/// `support` is the default, `sales` is for one language and the shop. The API knows no organization 25: who asks about it
/// fails.
const CONFIG: &str = "mode = \"static\"\ndefault-organization = \"support\"\n\n\
    [organizations.support]\nid = 6\n\n[organizations.sales]\nid = 24\n\n[organizations.old]\nid = 25\n\n\
    [[rules]]\nmatch = \"shop/\"\norganization = \"sales\"\n\n\
    [[rules]]\nlang = \"uk\"\norganization = \"sales\"\n\n\
    [[rules]]\nmatch = \"old/\"\norganization = \"old\"\n";

const OLD: &str = "no page uses the organization `old`: it needs no token";
const SALES: &str = "no page uses the organization `sales`: it needs no token";

fn site(server: &StandIn) -> Site {
    Site::of(plain())
        .config(CONFIG)
        .env("CHATHUB_API_URL", &server.url())
        // Whoever holds answers back takes the time that it takes.
        .env("CHATHUB_API_TIMEOUT", "10m")
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

/// How many tokens were asked for, and whether anything was asked about `sales`.
fn asked(server: &StandIn) -> (usize, bool) {
    let calls = server.calls();
    let sales = calls.iter().any(|call| call.ends_with("=24"));
    assert!(!calls.iter().any(|call| call.ends_with("=25")), "{calls:?}");
    (server.count("operator/get-token"), sales)
}

#[test]
fn an_organization_that_no_page_uses_costs_no_call() {
    let server = StandIn::start();
    let site = site(&server);
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("index.html"), "injected");
    assert_eq!(asked(&server), (1, false));
    let notices = report.0["summary"]["notices"].to_string();
    assert!(
        notices.contains(OLD) && notices.contains(SALES),
        "{notices}"
    );
    assert!(!notices.contains("token of `sales`"), "{notices}");
    // The cache has the one token; nothing more is asked than whether it is valid.
    let run = site.ok("inject");
    assert_eq!(asked(&server), (1, false));
    assert_eq!(server.count("validate-token"), 2);
    assert!(run.stdout.contains(SALES), "{}", run.stdout);
}

#[test]
fn pages_that_get_no_tag_use_no_organization() {
    let server = StandIn::start();
    let site = site(&server)
        .page(
            "shop/index.html",
            "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url=/elsewhere/\">",
        )
        .page("shop/part.html", "<p>A fragment</p>")
        .page(
            "shop/off.html",
            plain().replace("<title>", "<meta name=\"chathub\" content=\"off\"><title>"),
        )
        .page("shop/packed.html", b"\x1F\x8B\x08\0".as_slice())
        .page("shop/data.json", "{}")
        .page("old/feed.xml", "<rss></rss>")
        .page("old/.chathub.toml", "[[rules]]\nwidget = false\n")
        .page("old/index.html", plain());
    site.ok("inject");
    assert_eq!(asked(&server), (1, false));
}

#[test]
fn whatever_makes_a_page_use_an_organization_it_gets_a_token() {
    let with_meta = plain().replace(
        "<title>",
        "<meta name=\"chathub\" content=\"organization=sales\"><title>",
    );
    let ways: [(&str, &str, &str); 4] = [
        ("shop/index.html", &plain(), ""),
        ("a/index.html", &plain().replace("\"en\"", "\"uk-UA\""), ""),
        ("z/deep/down.html", &with_meta, ""),
        (
            "team/index.html",
            &plain(),
            "[[rules]]\norganization = \"sales\"\n",
        ),
    ];
    for (path, page, folder_rules) in ways {
        let server = StandIn::start();
        let mut site = site(&server).page(path, page);
        if !folder_rules.is_empty() {
            site = site.page("team/.chathub.toml", folder_rules);
        }
        site.ok("inject --threads 4");
        assert_eq!(asked(&server), (2, true), "{path}");
        let minted = server.state().minted.clone();
        assert!(site.text(path).contains(&minted[0]), "{path}");
        assert!(site.text("index.html").contains(&minted[1]), "{path}");
        site.ok("verify");
    }
}

#[test]
fn an_organization_that_comes_into_use_gets_its_token_then() {
    let server = StandIn::start();
    let site = site(&server);
    site.ok("inject");
    let site = site.page("shop/index.html", plain());
    site.ok("inject");
    assert_eq!(asked(&server), (2, true));
    // Its pages go again: its token in the cache is neither confirmed nor published.
    fs::remove_dir_all(site.path("shop")).unwrap();
    let confirmed = server.count("validate-token");
    let run = site.ok("inject");
    assert_eq!(server.count("validate-token"), confirmed + 1);
    assert!(run.stdout.contains(SALES), "{}", run.stdout);
}

#[test]
fn a_cached_token_that_is_refused_is_replaced_only_if_a_page_uses_it() {
    let server = StandIn::start();
    let config = CONFIG
        .replace("[organizations.old]\nid = 25\n", "")
        .replace(
            "\n[[rules]]\nmatch = \"old/\"\norganization = \"old\"\n",
            "",
        );
    let site = site(&server)
        .config(&config)
        .page("shop/index.html", plain());
    site.ok("inject");
    assert_eq!(server.state().minted.len(), 2);
    fs::remove_dir_all(site.path("shop")).unwrap();
    let refused = || {
        let body = "{\"valid\":false,\"error\":\"Operator is not active\"}".to_owned();
        Fault::Body("application/json", body)
    };
    // All tokens are in the cache. The API takes neither; one of them is used.
    server.fail("validate-token", [refused(), refused()]);
    site.ok("inject");
    let minted = server.state().minted.clone();
    assert_eq!(minted.len(), 3);
    assert!(site.text("index.html").contains(&minted[2]));
}

#[test]
fn credentials_are_needed_only_for_organizations_in_use() {
    let server = StandIn::start();
    let own = "[organizations.support]\nid = 6\ntoken = { env = \"SUPPORT_TOKEN\" }\n";
    let config = CONFIG.replace("[organizations.support]\nid = 6\n", own);
    let site = site(&server)
        .config(&config)
        .env("SUPPORT_TOKEN", &crate::common::token("support", 7200))
        .env("CHATHUB_COMPANY_TOKEN", "");
    site.ok("inject");
    let site = site.page(
        "blog/index.html",
        plain().replace(
            "<title>",
            "<meta name=\"chathub\" content=\"organization=sales\"><title>",
        ),
    );
    let before = site.snapshot();
    site.run("inject").fails(
        2,
        &["organization `sales`", "no credentials", "SALES_TOKEN"],
    );
    assert_eq!(site.snapshot(), before);
    assert_eq!(server.calls(), [""; 0]);
}

#[test]
fn a_dry_run_speaks_of_organizations_in_use_alone() {
    let server = StandIn::start();
    let site = site(&server);
    let run = site.ok("inject --dry-run");
    assert!(
        run.stdout.contains("a token for `support` would be minted"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains(SALES), "{}", run.stdout);
    assert_eq!(server.calls(), [""; 0]);
    // Nor does anything else speak of tokens.
    for command in ["remove", "verify", "inject --mode placeholder"] {
        let run = site.run(command);
        assert!(!run.stdout.contains("needs no token"), "{}", run.stdout);
    }
}

#[test]
fn pages_are_looked_at_until_all_organizations_have_been_seen() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..100 {
        fs::write(folder.path().join(format!("{n:03}.html")), plain()).unwrap();
    }
    let file = folder.path().join("chathub.toml");
    fs::write(&file, CONFIG).unwrap();
    let config = load(&Inputs {
        files: vec![file],
        folder: folder.path().to_owned(),
        environment: BTreeMap::new(),
        flags: Vec::new(),
        known_rules: &[],
    });
    let config = config.unwrap();
    let rules = Arc::new(RuleSet::new(&config).unwrap());
    let looked_at = |names: &[&str]| {
        let count = AtomicUsize::new(0);
        let names: BTreeSet<String> = names.iter().map(|&name| name.to_owned()).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
        let used = pool.build().unwrap().install(|| {
            in_use(&Folder::new(folder.path()), &config, &rules, &names, |_| {
                count.fetch_add(1, Ordering::Relaxed);
            })
        });
        (used.unwrap(), count.into_inner())
    };
    assert_eq!(looked_at(&["support"]), (["support".to_owned()].into(), 1));
    assert_eq!(
        looked_at(&["support", "sales"]),
        (["support".to_owned()].into(), 100)
    );
}

#[test]
fn who_waits_for_the_api_is_told() {
    let server = StandIn::start();
    let site = site(&server);
    for arguments in ["inject", "token get --org 6"] {
        let asked = server.count("operator/get-token");
        let hold = Hold::new();
        server.fail("operator/get-token", [hold.fault()]);
        let mut program = site.command(arguments.split(' '));
        program.env("CHATHUB_LOG", "warn");
        let mut run = program.spawn();
        wait_until("it asks for a token", || {
            server.count("operator/get-token") == asked + 1
        });
        let mut stderr = BufReader::new(run.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert_eq!(
            line,
            "warning: POST /api/operator/get-token has had no answer for 5s; it is given up after 600s\n"
        );
        drop(hold);
        stderr.read_to_string(&mut line).unwrap();
        let mut stdout = Vec::new();
        run.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
        assert!(run.end_with(&stdout, line.as_bytes()).success());
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_a_line_says_what_is_waited_for() {
    for (arguments, words) in [
        (
            "inject",
            "asking the ChatHub API about a token for `support`",
        ),
        ("token get --org 6 -q", ""),
        ("token get --org 6", "asking the ChatHub API"),
        ("inject --no-progress", ""),
    ] {
        let server = StandIn::start();
        let site = site(&server);
        let hold = Hold::new();
        server.fail("operator/get-token", [hold.fault()]);
        // A terminal of util-linux's making. Standard output goes elsewhere, so that what is shown is standard error's.
        let command = format!("script -qefc \"$0 {arguments} > /dev/null\" shown > /dev/null");
        let mut program = site.command([""; 0]).under(&["sh", "-c", &command]);
        program.env("TERM", "xterm").env("CHATHUB_LOG", "error");
        let run = program.spawn();
        wait_until("it asks for a token", || {
            server.count("operator/get-token") == 1
        });
        let shown = || fs::read_to_string(site.folder().join("shown")).unwrap_or_default();
        if !words.is_empty() {
            wait_until(words, || shown().contains(words));
        }
        drop(hold);
        Run::from(run.end()).exits(0);
        if words.is_empty() {
            assert!(!shown().contains("asking"), "{}", shown());
        }
    }
}
