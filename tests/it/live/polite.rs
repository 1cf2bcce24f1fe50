//! What is asked of a server, and what is not.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::host::{Answer, Host, not_found, ok, reply};
use super::{notices, serve, site, sitemap, verify};
use crate::common::{Run, Site, plain};
use crate::program::patience::wait_until;

fn robots(text: &'static str) -> impl Fn(&str) -> Option<Answer> {
    move |path| (path == "/robots.txt").then(|| ok("text/plain", text))
}

#[test]
fn what_robots_txt_disallows_is_not_asked_for() {
    let site = site();
    let host = serve(
        &site,
        robots(
            "User-agent: *\nDisallow: /\n\nUser-agent: chathub\nDisallow: /shop/\nAllow: /shop/boots\n",
        ),
    );
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.reason(&host.at("shop/")), "robots.txt disallows it");
    assert_eq!(report.outcome(&host.at("shop/boots.html")), "unchanged");
    assert!(!host.asked().contains(&"/shop/".to_owned()));
    // Nor is a redirect followed to it.
    let site = site.page("sitemap.xml", sitemap("", &["/way"]));
    let host = serve(&site, |path| match path {
        "/robots.txt" => Some(ok("text/plain", "User-agent: *\nDisallow: /shop/")),
        "/way" => Some(reply("302 Found", "Location: /shop/", "")),
        _ => None,
    });
    verify(&site, &host, "", 0);
    assert!(!host.asked().contains(&"/shop/".to_owned()));
}

#[test]
fn a_robots_txt_that_lets_nobody_in_or_that_nobody_knows_ends_the_run() {
    let site = site();
    let host = serve(&site, robots("User-agent: *\nDisallow: /\n"));
    site.run(&format!("verify {}", host.url()))
        .fails(2, &["robots.txt", "User-agent: chathub"]);
    assert_eq!(host.asked(), ["/robots.txt"]);
    let host = serve(&site, |path| {
        (path == "/robots.txt").then(|| reply("500 Oops", "", ""))
    });
    site.run(&format!("verify {}", host.url()))
        .fails(2, &["/robots.txt answers 500"]);
    assert_eq!(host.asked(), ["/robots.txt"]);
}

#[test]
fn no_redirect_leads_to_another_origin() {
    let elsewhere = Host::start(|_, _| ok("text/html", plain()));
    let (site, to) = (site(), elsewhere.at("shop/?a=b"));
    let host = serve(&site, move |path| {
        (path == "/shop/").then(|| reply("302 Found", &format!("Location: {to}"), ""))
    });
    let report = verify(&site, &host, "", 1);
    assert_eq!(report.rules(&host.at("shop/")), ["page-not-served"]);
    let message = report.findings("page-not-served")[0]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.contains(elsewhere.url().trim_end_matches('/')),
        "{message}"
    );
    assert!(!message.contains("a=b"), "{message}");
    // A whole host that is somewhere else, as http is that leads to https.
    let to = elsewhere.at("robots.txt");
    let host =
        Host::start(move |_, _| reply("301 Moved Permanently", &format!("Location: {to}"), ""));
    let run = site.run(&format!("verify {}", host.url()));
    run.fails(2, &["redirects to", &elsewhere.url(), "instead"]);
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn redirects_in_a_circle_end() {
    let site = site().page("sitemap.xml", sitemap("", &["/a"]));
    let host = serve(&site, |path| match path {
        "/a" => Some(reply("302 Found", "Location: /b", "")),
        "/b" => Some(reply("302 Found", "Location: /a", "")),
        _ => None,
    });
    let report = verify(&site, &host, "", 1);
    assert_eq!(report.rules(&host.at("a")), ["page-not-served"]);
    assert!(host.asked().len() < 30);
}

#[test]
fn a_server_that_asks_to_wait_is_asked_again_later() {
    let site = site();
    let times = AtomicUsize::new(0);
    let host = serve(&site, move |path| {
        let busy = path == "/shop/" && times.fetch_add(1, Ordering::SeqCst) == 0;
        busy.then(|| reply("429 Too Many Requests", "Retry-After: 1", ""))
    });
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.outcome(&host.at("shop/")), "unchanged");
    assert_eq!(
        host.asked().iter().filter(|path| *path == "/shop/").count(),
        2
    );
    // Nobody waits for a day.
    let host = serve(&site, |path| {
        (path == "/shop/").then(|| reply("503 Busy", "Retry-After: 86400", ""))
    });
    let report = verify(&site, &host, "", 1);
    assert_eq!(report.rules(&host.at("shop/")), ["page-not-served"]);
    assert_eq!(
        host.asked().iter().filter(|path| *path == "/shop/").count(),
        1
    );
}

#[test]
fn a_server_that_never_answers_is_one_page_that_failed() {
    let site = site();
    let host = serve(&site, |path| (path == "/shop/").then_some(Answer::Silence));
    let report = verify(&site, &host, "--timeout 1", 3);
    assert_eq!(report.outcome(&host.at("shop/")), "failed");
    assert_eq!(report.rules(&host.at("shop/")), ["page-not-served"]);
    assert_eq!(report.outcome(&host.at("shop/boots.html")), "unchanged");
    // One that cannot be reached at all.
    let port = crate::port::Port::reserved();
    let run = site.run(&format!("verify http://{}/", port.address));
    run.fails(3, &["cannot be reached"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_that_waits_for_a_server() {
    for silent in ["/robots.txt", "/sitemap.xml", "/shop/"] {
        let site = site();
        let host = serve(&site, move |path| {
            (path == silent).then_some(Answer::Silence)
        });
        let running = site
            .command(["verify", &host.url(), "--timeout", "600"])
            .spawn();
        wait_until("it waits", || host.asked().contains(&silent.to_owned()));
        let id = rustix::process::Pid::from_child(&running);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        Run::from(running.end()).exits(130);
    }
}

#[test]
fn a_crawl_delay_is_kept() {
    let site = site();
    let host = serve(&site, robots("User-agent: *\nCrawl-delay: 0.2\n"));
    let report = verify(&site, &host, "", 0);
    // As the run measures it: what it takes at the least.
    let milliseconds = report.0["summary"]["elapsedMs"].as_u64().unwrap();
    let asked = u64::try_from(host.asked().len()).unwrap();
    assert!(
        milliseconds >= (asked - 2) * 200,
        "{milliseconds} ms for {asked} requests"
    );
}

#[test]
fn what_is_too_long_or_no_text_of_the_web_is_not_read_to_its_end() {
    let site = site();
    let bomb = {
        use std::io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..17 {
            packed.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        packed.finish().unwrap()
    };
    let long = vec![b' '; 17 << 20];
    let host = serve(&site, move |path| match path {
        "/shop/" => Some(reply(
            "200 OK",
            "Content-Type: text/html\nContent-Encoding: gzip",
            &bomb,
        )),
        "/shop/boots.html" => Some(ok("text/html", &long)),
        "/" => Some(reply(
            "200 OK",
            "Content-Type: text/html\nContent-Encoding: br",
            "this is not brotli",
        )),
        _ => None,
    });
    let report = verify(&site, &host, "", 3);
    for path in ["", "shop/", "shop/boots.html"] {
        assert_eq!(report.outcome(&host.at(path)), "failed", "{path}");
    }
    assert!(
        report
            .reason(&host.at("shop/"))
            .contains("longer than 16 MiB")
    );
    assert!(report.reason(&host.url()).contains("cannot be unpacked"));
}

#[test]
fn a_url_is_one_of_a_site_and_flags_belong_to_what_they_act_on() {
    let site = site();
    for (arguments, words) in [
        (
            "verify https://olena:geheim@example.com/",
            "a login in a URL",
        ),
        ("verify https://example.com/?page=2", "no query"),
        ("verify https://", "not a valid URL"),
        (
            "verify https://example.com/ --link-root public",
            "--link-root acts on a folder alone",
        ),
        (
            "verify public --max-pages 3",
            "--max-pages acts on a URL alone",
        ),
        ("verify public --timeout 3", "--timeout acts on a URL alone"),
        (
            "verify --ask-endpoint",
            "--ask-endpoint acts on a URL alone",
        ),
        (
            "verify https://example.com/ --max-pages 0",
            "a number from 1",
        ),
        (
            "inject https://example.com/",
            "`chathub verify` alone takes a URL",
        ),
        (
            "remove https://olena:geheim@example.com/",
            "`chathub verify` alone takes a URL",
        ),
    ] {
        let run = site.run(arguments);
        run.fails(2, &[words]);
        assert!(!run.stderr.contains("geheim"), "{}", run.stderr);
    }
}

#[test]
fn a_site_without_pages_proves_nothing() {
    let site = Site::new().config(super::CONFIG);
    let host = Host::start(|path, _| match path {
        "/" => ok("application/pdf", "%PDF-1.7"),
        _ => not_found(),
    });
    let run = site.run(&format!("verify {}", host.url()));
    run.fails(2, &["was judged, so this run proves nothing"]);
    site.ok(&format!("verify {} --allow-empty", host.url()));
    assert!(
        notices(&site.json(&format!("verify {} --allow-empty", host.url()), 0))
            .contains("no sitemap")
    );
}
