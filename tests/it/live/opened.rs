//! `chathub verify URL --browser`: the pages that a server sends, in an installed Chromium.

use super::host::{Answer, Host, file, not_found, ok, reply};
use super::{notices, serve, site, sitemap, verify};
use crate::browser::with_browser;
use crate::common::{Report, Run, STATIC, Site, page, plain, token, widget};
use crate::port::Port;
use crate::program::patience::wait_until;

/// With time for a busy machine; only a page that never loads uses it up.
const OPEN: &str = "--browser --browser-pages all --browser-timeout 5m";

/// What a run found on the site as a whole and in the browser: address, rule and message.
fn found(report: &Report) -> Vec<(String, String, String)> {
    let findings = report.0["siteFindings"].as_array().unwrap().iter();
    let found = findings.map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        (text("path"), text("rule"), text("message"))
    });
    found.collect()
}

/// The message of the one finding of this rule that a page has in the browser.
fn message(report: &Report, page: &str, rule: &str) -> String {
    let all = found(report);
    let mut of_page = all
        .iter()
        .filter(|(path, of, _)| path == page && of == rule);
    let (Some((_, _, message)), None) = (of_page.next(), of_page.next()) else {
        panic!("{page} {rule}: {all:#?}");
    };
    message.clone()
}

/// Whether a request came from a browser.
fn is_browser(head: &str) -> bool {
    head.lines().any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("user-agent: mozilla/5.0") && line.contains("chrome")
    })
}

/// The paths that browsers asked for.
fn by_browsers(host: &Host) -> Vec<String> {
    let heads = host.heads().into_iter();
    let heads = heads.filter(|head| is_browser(head));
    heads
        .map(|head| head.split(' ').nth(1).unwrap().to_owned())
        .collect()
}

#[test]
fn pages_are_opened_as_they_are_served_and_nobody_is_asked_for_tokens() {
    let site = with_browser(site()).page(
        "shop/boots.html",
        page("<script>navigator.serviceWorker.register('/sw.js').then(() => console.error('registered'))</script>"),
    );
    site.ok("inject public");
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, OPEN, 0);
    assert_eq!(found(&report), []);
    let notices = notices(&report);
    for page in ["", "shop/", "shop/boots.html"] {
        assert!(notices.contains(&host.at(page)), "{notices}");
    }
    assert!(
        notices.contains("3 pages opened in")
            && notices.contains("a stand-in")
            && notices.contains("a made-up token"),
        "{notices}"
    );
    let asked = by_browsers(&host);
    assert!(asked.contains(&"/shop/".to_owned()), "{asked:?}");
    let has = |part: &str| host.asked().iter().any(|path| path.contains(part));
    assert!(!has("/api/") && !has("sw.js"), "{:?}", host.asked());
    for head in host.heads().iter().filter(|head| is_browser(head)) {
        let name = concat!(" chathub/", env!("CARGO_PKG_VERSION"));
        let names = |line: &str| {
            line.to_ascii_lowercase().starts_with("user-agent:") && line.ends_with(name)
        };
        assert!(head.lines().any(names), "{head}");
    }
    // One page for each rule.
    let report = verify(&site, &host, "--browser --browser-timeout 5m", 0);
    assert!(self::notices(&report).contains("2 pages opened in"));
}

#[test]
fn the_page_asks_the_endpoint_where_that_is_asked_for() {
    let site = with_browser(site());
    let folder = site.path("");
    let given = token("operator", 3600);
    let host = Host::start(move |path, head| match path {
        _ if !path.starts_with("/api/") => file(&folder, path),
        // In the browser, one of the two organizations gets none.
        _ if is_browser(head) && path.contains("sales") => not_found(),
        _ => {
            let body = format!("{{\"token\":\"{given}\"}}");
            let fields = "Content-Type: application/json\nCache-Control: no-store";
            reply("200 OK", fields, body)
        }
    });
    let report = verify(&site, &host, &format!("{OPEN} --ask-endpoint"), 1);
    let asked = by_browsers(&host);
    assert!(
        asked.contains(&"/api/chathub/token?org=support".to_owned()),
        "{asked:?}"
    );
    assert!(!notices(&report).contains("made-up"));
    let sales = message(&report, &host.at("shop/"), "browser-no-chat");
    assert!(
        sales.contains("the token endpoint") && sales.contains("404"),
        "{sales}"
    );
    assert!(found(&report).iter().all(|(path, ..)| *path != host.url()));
}

#[test]
fn what_the_server_makes_of_a_page_is_found_in_the_browser() {
    let site = with_browser(site()).page(
        "sitemap.xml",
        sitemap("", &["/", "/shop/", "/shop/boots.html", "/about"]),
    );
    let site = site.page("about.html", plain());
    site.ok("inject public");
    let read = |path: &str| site.text(path);
    let (index, shop, about) = (
        read("index.html"),
        read("shop/index.html"),
        read("about.html"),
    );
    let copy = shop.replace("</body>", &format!("{}</body>", widget("x", "support")));
    let host = Host::start({
        let folder = site.path("");
        move |path, head| match path {
            "/" => reply(
                "200 OK",
                "Content-Type: text/html\nContent-Security-Policy: script-src 'self'",
                &index,
            ),
            "/shop/" => ok("text/html", &copy),
            "/about" if is_browser(head) => {
                reply("403 Forbidden", "Content-Type: text/html", plain())
            }
            "/about" => ok("text/html", &about),
            _ => file(&folder, path),
        }
    });
    let report = verify(&site, &host, OPEN, 1);
    let of_browser: Vec<_> = found(&report)
        .into_iter()
        .filter(|(_, _, message)| message.contains("in the browser"))
        .collect();
    let blocked = of_browser.iter().find(|(path, ..)| *path == host.url());
    let (_, rule, blocked) = blocked.unwrap_or_else(|| panic!("{:#?}", found(&report)));
    assert_eq!(rule, "csp-blocks-widget");
    assert!(
        blocked.contains("script-src-elem") && blocked.contains("widget.smsbat.com"),
        "{blocked}"
    );
    assert_eq!(report.rules(&host.at("shop/")), ["duplicate-instance"]);
    let copies = message(&report, &host.at("shop/"), "browser-instance-count");
    assert!(copies.contains("2 live instances"), "{copies}");
    let refused = message(&report, &host.at("about"), "browser-timeout");
    assert!(
        refused.contains("answers the browser with 403"),
        "{refused}"
    );
    let good = host.at("shop/boots.html");
    assert!(found(&report).iter().all(|(path, ..)| *path != good));
}

#[test]
fn a_runtime_that_the_server_does_not_have_is_no_chat() {
    let site = with_browser(site());
    let host = serve(&site, |path| {
        path.starts_with("/chathub-assets/").then(not_found)
    });
    let report = verify(&site, &host, OPEN, 1);
    for page in ["", "shop/", "shop/boots.html"] {
        let missing = message(&report, &host.at(page), "browser-no-chat");
        assert!(missing.contains("404"), "{missing}");
    }
    let rules = report.site_rules();
    assert!(rules.contains(&"missing-runtime-asset"), "{rules:?}");
}

#[test]
fn only_the_sites_own_origin_hears_of_it() {
    let elsewhere = Host::start(|_, _| ok("text/javascript", "window.library = 1"));
    let site = with_browser(site()).page(
        "shop/boots.html",
        page(&format!(
            "<script src=\"{0}a.js\"></script><img src=\"{0}a.png\" alt=\"\"><script>new WebSocket('{1}'); library()</script>",
            elsewhere.url(),
            elsewhere.url().replace("http", "ws").replace("127.0.0.1", "localhost"),
        )),
    );
    site.ok("inject public");
    let host = serve(&site, |path| {
        (path == "/robots.txt").then(|| ok("text/plain", "User-agent: *\nDisallow: /shop/index"))
    });
    let site = site.page(
        "sitemap.xml",
        sitemap("", &["/", "/shop/index.html", "/shop/boots.html"]),
    );
    let report = verify(&site, &host, OPEN, 0);
    assert_eq!(elsewhere.asked(), [""; 0]);
    let asked = by_browsers(&host);
    assert!(!asked.contains(&"/shop/index.html".to_owned()), "{asked:?}");
    assert!(
        found(&report)
            .iter()
            .any(|(_, rule, message)| rule == "browser-error" && message.contains("cut off")),
        "{:#?}",
        found(&report)
    );
}

#[test]
fn the_baseline_of_the_folder_holds_in_the_browser_of_a_url_too() {
    let throws = page("<script>console.error('known')</script>");
    let site = with_browser(Site::of(throws))
        .config("[verify]\nbaseline = \"known.toml\"\nseverity = { browser-error = \"error\" }\n");
    site.ok("inject public");
    site.ok(&format!("verify public {OPEN} --write-baseline"));
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, OPEN, 0);
    let [known] = &report.findings("browser-error")[..] else {
        panic!("{:#?}", found(&report));
    };
    assert_eq!(known["baselined"], true, "{known:#}");
    assert_eq!(known["path"], host.url().as_str(), "{known:#}");
}

#[test]
fn static_pages_are_held_to_the_tokens_that_are_served() {
    let site = with_browser(Site::of(plain()).config(STATIC));
    let site = site.env("SUPPORT_TOKEN", &token("operator", 80_000));
    site.ok("inject public");
    let host = serve(&site, |_| None);
    assert_eq!(found(&verify(&site, &host, OPEN, 0)), []);
}

#[test]
fn a_crawl_delay_lies_between_two_pages_too() {
    let site = with_browser(site());
    let host = serve(&site, |path| {
        let robots = "User-agent: *\nCrawl-delay: 0.5\n";
        (path == "/robots.txt").then(|| ok("text/plain", robots))
    });
    let report = verify(&site, &host, OPEN, 0);
    let pages = ["/", "/shop/", "/shop/boots.html"];
    let opened = by_browsers(&host);
    assert!(
        pages
            .iter()
            .all(|page| opened.iter().any(|path| path == page)),
        "{opened:?}"
    );
    // What the run itself asks, and what the browser opens, is all at one pace; the first request comes before it is known.
    let own = host.asked().len() - opened.len();
    let least = u64::try_from(own + pages.len() - 2).unwrap() * 500;
    let milliseconds = report.0["summary"]["elapsedMs"].as_u64().unwrap();
    assert!(milliseconds >= least, "{milliseconds} ms of {least}");
}

/// A server that never answers browsers that ask for a page of the site.
fn silent_to_browsers(site: &Site) -> Host {
    let folder = site.path("");
    Host::start(move |path, head| match path {
        "/shop/" if is_browser(head) => Answer::Silence,
        _ => file(&folder, path),
    })
}

#[test]
fn ctrl_c_ends_a_run_whose_browser_waits_for_the_server() {
    let site = with_browser(site());
    let host = silent_to_browsers(&site);
    let running = site
        .command([
            "verify",
            &host.url(),
            "--browser",
            "--browser-timeout",
            "10m",
        ])
        .spawn();
    wait_until("it waits", || {
        by_browsers(&host).contains(&"/shop/".to_owned())
    });
    let id = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    Run::from(running.end()).exits(130);
}

#[test]
fn a_browser_that_is_not_there_ends_the_run_before_the_server_is_asked() {
    let site = site();
    let host = serve(&site, |_| None);
    let mut program = site.command(["verify", &host.url(), "--browser"]);
    program.env("CHROMIUM", "/nowhere/chromium");
    Run::of(&mut program).fails(2, &["CHROMIUM", "/nowhere/chromium"]);
    assert_eq!(host.asked(), [""; 0]);
}

/// What stands in for the vendor's host here is another server on loopback, which `widget.src` may name.
#[test]
fn the_real_widget_comes_from_where_the_page_says() {
    let vendor = Host::start(|_, _| {
        let fields = "Content-Type: text/javascript\nAccess-Control-Allow-Origin: *";
        reply("200 OK", fields, "console.log(import.meta.url)")
    });
    let real = |src: &str, code: i32| {
        let config = format!("{STATIC}[widget]\nsrc = \"{src}\"\n");
        let site = with_browser(Site::of(plain()).config(&config));
        let site = site.env("SUPPORT_TOKEN", &token("operator", 80_000));
        site.ok("inject public");
        let host = serve(&site, |_| None);
        verify(&site, &host, OPEN, 0);
        let report = verify(&site, &host, &format!("{OPEN} --browser-widget real"), code);
        (report, host.url())
    };
    let src = vendor.at("widget-script.js");
    let (report, _) = real(&src, 0);
    assert_eq!(found(&report), []);
    assert!(notices(&report).contains("with the vendor's widget"));
    // Once: the stand-in took its place before.
    assert_eq!(vendor.asked(), ["/widget-script.js"]);
    let closed = Port::reserved();
    let src = format!("http://{}/widget-script.js", closed.address);
    let (report, page) = real(&src, 1);
    let told = message(&report, &page, "browser-no-chat");
    assert!(
        told.contains(&src) && told.contains("ERR_CONNECTION_REFUSED"),
        "{told}"
    );
}

/// With placeholders, the real widget needs a real token, so the page asks for one.
#[test]
fn the_real_widget_is_given_a_token_of_the_endpoint() {
    let vendor = Host::start(|_, _| {
        let fields = "Content-Type: text/javascript\nAccess-Control-Allow-Origin: *";
        reply("200 OK", fields, "console.log(import.meta.url)")
    });
    let config = format!("[widget]\nsrc = \"{}\"\n", vendor.at("widget-script.js"));
    let site = with_browser(Site::of(plain()).config(&config));
    site.ok("inject public");
    let given = format!("{{\"token\":\"{}\"}}", token("operator", 3600));
    let host = serve(&site, move |path| {
        let fields = "Content-Type: application/json\nCache-Control: no-store";
        path.starts_with("/api/")
            .then(|| reply("200 OK", fields, &given))
    });
    let report = verify(&site, &host, &format!("{OPEN} --browser-widget real"), 0);
    assert_eq!(found(&report), []);
    let asked = by_browsers(&host);
    assert!(
        asked
            .iter()
            .any(|path| path.starts_with("/api/chathub/token")),
        "{asked:?}"
    );
    assert_eq!(vendor.asked(), ["/widget-script.js"]);
}

/// A page that never loads uses its own time up, not that of the run.
#[test]
fn a_page_whose_server_is_silent_to_browsers_is_a_finding() {
    let site = with_browser(site());
    let host = silent_to_browsers(&site);
    let report = verify(&site, &host, "--browser --browser-timeout 20s", 1);
    let silent = message(&report, &host.at("shop/"), "browser-timeout");
    assert!(silent.contains("20 s"), "{silent}");
}
