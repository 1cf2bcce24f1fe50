//! Where a file says nothing about pages' contents, it gets something that does, and loses it again.

use std::fs;

use super::{RULE, md5, page, sha256};
use crate::common::{STATIC, Site, plain, token};

/// A worker with a revision that does not come from the page's content.
fn build_number(revision: &str) -> String {
    format!("self.__WB=1;precacheAndRoute([{{url:\"/\",revision:\"{revision}\"}}])")
}

#[test]
fn a_revision_that_is_not_a_digest_gets_one_and_loses_it() {
    for revision in ["Xp7-build", "1", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"] {
        let site = Site::of(plain()).page("sw.js", build_number(revision));
        assert!(site.json("verify", 1).findings(RULE).is_empty());
        site.ok("inject");
        let marked = format!(
            "{revision}.chathub-{}",
            &sha256(site.read("index.html"))[..16]
        );
        assert_eq!(site.text("sw.js"), build_number(&marked));
        site.ok("verify");
        let after = site.snapshot();
        site.ok("inject");
        assert_eq!(site.snapshot(), after);
        // The page says something else by now.
        site.ok("inject --load eager");
        let again = format!(
            "{revision}.chathub-{}",
            &sha256(site.read("index.html"))[..16]
        );
        assert_ne!(again, marked);
        assert_eq!(site.text("sw.js"), build_number(&again));
        site.ok("remove");
        assert_eq!(site.text("sw.js"), build_number(revision));
        // Without it, nobody would know that the page has changed.
        let site = Site::of(plain()).page("sw.js", build_number(revision));
        site.ok("inject");
        fs::write(site.path("sw.js"), build_number(revision)).unwrap();
        let report = site.json("verify", 1);
        let finding = &report.findings(RULE)[0];
        assert!(
            finding["message"]
                .as_str()
                .unwrap()
                .contains("does not change with the page"),
            "{finding}"
        );
    }
}

#[test]
fn a_worker_that_keeps_pages_by_name_is_another_one_when_they_change() {
    let worker = "const v='1',pages=['/', '/about', './shop/'];\
        self.addEventListener('install', e => e.waitUntil(caches.open(v).then(c => c.addAll(pages))));\n//# end";
    let site = Site::of(plain())
        .page("about.html", page("about"))
        .page("shop/index.html", page("shop"))
        .page("else.html", page("else"))
        .page("service-worker.js", worker);
    assert!(site.json("verify", 1).findings(RULE).is_empty());
    site.ok("inject");
    let stamped = site.text("service-worker.js");
    let stamp = stamped.strip_prefix(worker).unwrap();
    assert!(
        stamp.starts_with("\n/* chathub: pages ") && stamp.ends_with(" */"),
        "{stamp}"
    );
    site.ok("verify");
    let after = site.snapshot();
    site.ok("inject");
    assert_eq!(site.snapshot(), after);
    // A page that it does not keep makes no difference, one that it keeps does.
    fs::write(site.path("else.html"), page("other")).unwrap();
    site.ok("inject");
    assert_eq!(site.text("service-worker.js"), stamped);
    fs::write(site.path("about.html"), page("other")).unwrap();
    site.ok("inject");
    let again = site.text("service-worker.js");
    assert!(again.starts_with(worker) && again.len() == stamped.len() && again != stamped);
    site.ok("remove");
    assert_eq!(site.text("service-worker.js"), worker);

    // The worker as its author wrote it, beside pages with a chat.
    site.ok("inject");
    fs::write(site.path("service-worker.js"), worker).unwrap();
    let report = site.json("verify", 1);
    let [finding] = &report.findings(RULE)[..] else {
        panic!("{:#}", report.0);
    };
    let message = finding["message"].as_str().unwrap();
    for word in [
        "`about.html`, `index.html` and `shop/index.html`",
        "only if its own bytes change",
    ] {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn the_tokens_of_each_day_change_the_list_with_the_pages() {
    let made = |page: &[u8]| format!(r#"[{{"url":"/","revision":"{}"}}]"#, md5(page));
    let first = Site::of(plain())
        .page("sw.js", made(plain().as_bytes()))
        .config(STATIC);
    let today = token("today", 3600 * 20);
    let site = first.env("SUPPORT_TOKEN", &today);
    site.ok("inject");
    assert_eq!(site.text("sw.js"), made(&site.read("index.html")));
    let yesterday = site.read("index.html");
    let site = site.env("SUPPORT_TOKEN", &token("tomorrow", 3600 * 20));
    site.ok("inject");
    assert_ne!(site.read("index.html"), yesterday);
    assert_eq!(site.text("sw.js"), made(&site.read("index.html")));
    site.ok("verify");
    site.ok("remove");
    assert_eq!(site.text("sw.js"), made(plain().as_bytes()));
}
