//! The same against nginx and Caddy, with and without faults.

use std::fs;

use super::{CONFIG, sitemap};
use crate::browser::with_browser;
use crate::common::{Report, Site, loader, plain, widget};
use crate::proxies::{Proxy, caddy_in, nginx_in};

/// A site that a server's workers may read, whoever they are.
fn site() -> Site {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .page("about.html", plain())
        .page(
            "sitemap.xml",
            sitemap("https://www.example.com", &["/", "/shop/", "/about"]),
        )
        .config(CONFIG);
    site.ok("inject public");
    fs::set_permissions(site.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    site
}

fn report(site: &Site, server: &Proxy, code: i32) -> (Report, String) {
    let url = format!("http://{}/", server.port.address);
    (site.json(&format!("verify {url}"), code), url)
}

fn nginx(site: &Site, name: &str, more: &str) -> Proxy {
    let server = format!(
        "types {{ text/html html; text/javascript js; text/xml xml; }}\ngzip on;\ngzip_types text/javascript;\n\
         server {{ listen 80; root public; location / {{ try_files $uri $uri.html $uri/ =404; }}\n{more}\n}}\n"
    );
    nginx_in(site, name, &server)
}

#[test]
fn nginx_serves_what_is_right_and_what_is_not() {
    let site = site();
    let (right, url) = report(&site, &nginx(&site, "right", ""), 0);
    assert_eq!(right.paths().len(), 3);
    assert_eq!(
        right.page(&format!("{url}shop/"))["organizations"][0],
        "sales"
    );

    let wrong = nginx(
        &site,
        "wrong",
        &format!(
            "add_header Content-Security-Policy \"default-src 'self'\";\n\
             location = /about {{ types {{}} default_type text/plain; try_files /about.html =404; }}\n\
             location /shop/ {{ sub_filter '</body>' '{}</body>'; }}\n\
             location /chathub-assets/ {{ types {{}} default_type text/html; }}",
            loader()
        ),
    );
    let (wrong, url) = report(&site, &wrong, 1);
    assert_eq!(wrong.rules(&format!("{url}about")), ["wrong-content-type"]);
    assert_eq!(wrong.rules(&format!("{url}shop/")), ["duplicate-instance"]);
    assert!(wrong.rules(&url).is_empty());
    let mut rules = wrong.site_rules();
    rules.dedup();
    assert_eq!(rules, ["csp-blocks-widget", "wrong-content-type"]);

    let gone = nginx(
        &site,
        "gone",
        "location /chathub-assets/ { return 404; }\nlocation = /about { return 302 https://other.example/; }",
    );
    let (gone, url) = report(&site, &gone, 1);
    assert_eq!(gone.rules(&format!("{url}about")), ["page-not-served"]);
    let mut rules = gone.site_rules();
    rules.dedup();
    assert_eq!(rules, ["missing-runtime-asset"]);
}

#[test]
fn what_nginx_serves_is_opened_in_a_browser() {
    let site = with_browser(site());
    let open = "--browser --browser-pages all --browser-timeout 5m";
    let opened = |server: &Proxy, code: i32| {
        let url = format!("http://{}/", server.port.address);
        (site.json(&format!("verify {url} {open}"), code), url)
    };
    let (right, _) = opened(&nginx(&site, "right", ""), 0);
    assert_eq!(right.site_rules(), [""; 0]);
    let wrong = nginx(
        &site,
        "wrong",
        &format!(
            "location = /about {{ add_header Content-Security-Policy \"script-src 'self'\"; try_files /about.html =404; }}\n\
             location /shop/ {{ sub_filter '</body>' '{}</body>'; }}",
            widget("x", "sales")
        ),
    );
    let (wrong, url) = opened(&wrong, 1);
    let rules_of = |path: &str| {
        let findings = wrong.0["siteFindings"].as_array().unwrap().iter();
        let of_page = findings.filter(|finding| finding["path"] == format!("{url}{path}").as_str());
        let rules = of_page.map(|finding| finding["rule"].as_str().unwrap().to_owned());
        rules.collect::<std::collections::BTreeSet<_>>()
    };
    let only = |rule: &str| std::collections::BTreeSet::from([rule.to_owned()]);
    assert_eq!(rules_of("about"), only("csp-blocks-widget"));
    assert_eq!(rules_of("shop/"), only("browser-instance-count"));
    assert_eq!(rules_of(""), std::collections::BTreeSet::new());
}

#[test]
fn caddy_serves_what_is_right_and_what_is_not() {
    let site = site();
    let served = |name: &str, more: &str| {
        let root = site.path("").display().to_string();
        let server = format!(
            "\nwww.example.com {{\n\troot * {root}\n\tencode zstd gzip\n\ttry_files {{path}} {{path}}.html {{path}}/index.html\n{more}\n\tfile_server\n}}\n"
        );
        caddy_in(&site, name, &server)
    };
    let (right, _) = report(&site, &served("right", ""), 0);
    assert_eq!(right.paths().len(), 3);
    let wrong = served(
        "wrong",
        "\theader Content-Security-Policy \"script-src 'none'\"\n\theader /about Content-Type text/plain\n\
         \trespond /shop/index.html 503\n\theader /chathub-assets/runtime.js Cache-Control \"max-age=31536000, immutable\"",
    );
    let (wrong, url) = report(&site, &wrong, 1);
    assert_eq!(wrong.rules(&format!("{url}shop/")), ["page-not-served"]);
    assert_eq!(wrong.rules(&format!("{url}about")), ["wrong-content-type"]);
    assert_eq!(wrong.site_rules(), ["cached-too-long", "csp-blocks-widget"]);
}
