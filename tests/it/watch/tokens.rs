//! Static mode: tokens are got before pages, and again before they expire.

use super::*;
use crate::common::widget;
use crate::standin::{COMPANY_TOKEN, Fault, StandIn};

const STATIC: &str = "mode = \"static\"\ndefault-organization = \"support\"\n[organizations.support]\nid = 6\n\
    [organizations.sales]\nid = 24\n[[rules]]\nmatch = \"shop/\"\norganization = \"sales\"\n";

fn site(server: &StandIn) -> Site {
    Site::of(plain())
        .config(STATIC)
        .env("CHATHUB_API_URL", &server.url())
        .env("CHATHUB_COMPANY_TOKEN", COMPANY_TOKEN)
}

fn minted(server: &StandIn) -> Vec<String> {
    server.state().minted.clone()
}

#[test]
fn a_token_is_minted_when_the_first_page_needs_it() {
    let server = StandIn::start();
    let site = site(&server);
    let mut watch = watch(&site, &[]);
    watch.says("injected   index.html  support");
    assert_eq!(minted(&server).len(), 1);
    // Pages that change have the token that there is.
    site.replace("public/new.html", &plain());
    becomes(
        &site,
        "new.html",
        &page(&widget(&minted(&server)[0], "support")),
    );
    assert_eq!(minted(&server).len(), 1);
    fs::create_dir(site.path("shop")).unwrap();
    site.replace("public/shop/a.html", &plain());
    watch.says("injected   shop/a.html  sales");
    assert_eq!(minted(&server).len(), 2);
    becomes(
        &site,
        "shop/a.html",
        &page(&widget(&minted(&server)[1], "sales")),
    );
    let said = ends(&site, watch);
    assert!(!said.contains("refused"), "{said}");
    let published = "notice: static mode publishes the operator token of `support`";
    assert_eq!(said.matches(published).count(), 1, "{said}");
}

#[test]
fn pages_get_a_new_token_before_the_old_one_expires() {
    let server = StandIn::start();
    let site = site(&server);
    // Tokens of the stand-in live five minutes less than a day: that is as long as they must be valid but for moments.
    let watch = watch(&site, &["--min-ttl", "23h54m58s"]);
    wait_until("another token is minted, and the page has it", || {
        let minted = minted(&server);
        minted.len() > 1
            && site.text("index.html") == page(&widget(&minted[minted.len() - 1], "support"))
    });
    assert_eq!(watch.stop().0, 0);
}

#[test]
fn a_failing_api_is_the_end_only_at_the_beginning() {
    let server = StandIn::start();
    let site = site(&server);
    server.fail("get-token", std::iter::repeat_n(Fault::error(), 20));
    site.run("watch public")
        .fails(4, &["`support` gets no token"]);
    assert_eq!(site.text("index.html"), plain());
    server.state().faults.clear();
    let mut watch = watch(&site, &[]);
    watch.says("injected   index.html");
    server.fail("get-token", std::iter::repeat_n(Fault::error(), 20));
    fs::create_dir(site.path("shop")).unwrap();
    site.replace("public/shop/a.html", &plain());
    watch.says("refused    shop/a.html");
    // Other pages are done.
    site.replace("public/new.html", &plain());
    becomes(
        &site,
        "new.html",
        &page(&widget(&minted(&server)[0], "support")),
    );
    let (code, said) = watch.stop();
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.matches("`sales` gets no token").count(), 1, "{said}");
}

#[test]
fn tokens_wait_for_a_site_that_is_not_there() {
    let server = StandIn::start();
    let site = site(&server);
    let mut watch = watch_nothing(&site);
    assert_eq!(minted(&server).len(), 0);
    fs::create_dir(site.path("")).unwrap();
    fs::write(site.path("index.html"), plain()).unwrap();
    watch.says("injected   index.html  support");
    assert_eq!(minted(&server).len(), 1);
    ends(&site, watch);
}
