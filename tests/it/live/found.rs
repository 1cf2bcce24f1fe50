//! Which pages are found.

use std::fmt::Write as _;
use std::io::Write as _;

use super::host::{Host, not_found, ok, reply};
use super::{notices, serve, site, sitemap, verify};
use crate::common::{Site, page, plain};

#[test]
fn a_site_that_is_right_in_files_is_right_on_its_server() {
    let site = site();
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "", 0);
    let all = ["", "shop/", "shop/boots.html"].map(|path| host.at(path));
    let mut paths = report.paths();
    paths.sort_unstable();
    assert_eq!(paths, all.each_ref().map(String::as_str));
    assert_eq!(report.page(&host.at("shop/"))["organizations"][0], "sales");
    assert_eq!(report.page(&host.url())["organizations"][0], "support");
    assert!(
        notices(&report).contains("https://www.example.com"),
        "{}",
        notices(&report)
    );
    // What pages load was fetched, and once.
    let asked = host.asked();
    let runtime = format!(
        "/chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    );
    assert_eq!(asked.iter().filter(|path| **path == runtime).count(), 1);
    assert!(
        !asked
            .iter()
            .any(|path| path.contains(".gz") || path.contains("token")),
        "{asked:?}"
    );
    let agent = host
        .heads()
        .iter()
        .all(|head| head.to_lowercase().contains("user-agent: chathub/"));
    assert!(agent);
}

#[test]
fn each_page_is_judged_by_the_rules_for_its_file() {
    let site = site();
    let boots = site.text("shop/boots.html");
    let boots = boots.replace("data-org=\"sales\"", "data-org=\"support\"");
    std::fs::write(site.path("shop/boots.html"), boots).unwrap();
    std::fs::write(site.path("index.html"), plain()).unwrap();
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "", 1);
    assert_eq!(
        report.rules(&host.at("shop/boots.html")),
        ["wrong-organization"]
    );
    assert_eq!(report.rules(&host.url()), ["missing-instance"]);
    assert!(report.rules(&host.at("shop/")).is_empty());
}

#[test]
fn without_a_sitemap_links_are_followed_and_those_to_others_are_not() {
    let elsewhere = Host::start(|_, _| not_found());
    let links = format!(
        "<a href=/shop/?page=2>a</a><a href='shop/'>b</a><A HREF=\"{}\">c</A><a href=mailto:a@example.com>d</a><a href=\"#top\">e</a>",
        elsewhere.url()
    );
    let site = Site::of(page(&links))
        .page("shop/index.html", plain())
        .config(super::CONFIG);
    site.ok("inject public");
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "", 0);
    assert_eq!(
        report.paths(),
        [host.url(), host.at("shop/?page=2"), host.at("shop/")]
    );
    assert!(notices(&report).contains("no sitemap"));
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn robots_txt_names_sitemaps_and_an_index_of_packed_ones_is_read() {
    let site = site();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed
        .write_all(sitemap("", &["/shop/boots.html", "/shop/"]).as_bytes())
        .unwrap();
    let packed = packed.finish().unwrap();
    let host = serve(&site, move |path| {
        Some(match path {
            "/robots.txt" => ok(
                "text/plain",
                "Sitemap: https://www.example.com/maps/all.xml\n",
            ),
            "/maps/all.xml" => ok(
                "application/xml",
                "<sitemapindex><sitemap><loc>/maps/a.xml.gz</loc></sitemap><sitemap><loc>/maps/gone.xml</loc></sitemap></sitemapindex>",
            ),
            "/maps/a.xml.gz" => ok("application/gzip", &packed),
            _ => return None,
        })
    });
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.paths().len(), 3);
    assert!(
        notices(&report)
            .contains("/maps/gone.xml cannot be read: the server answers 404 Not Found")
    );
    assert!(!host.asked().contains(&"/sitemap.xml".to_owned()));
}

#[test]
fn of_fifty_thousand_pages_a_sample_is_taken_evenly_and_the_same_one_again() {
    let mut paths = String::new();
    for n in 0..49_000 {
        write!(paths, "<url><loc>/blog/{n}/</loc></url>").unwrap();
    }
    for n in 0..5 {
        write!(paths, "<url><loc>/news/{n}/</loc></url>").unwrap();
    }
    let map = format!("<urlset>{paths}</urlset>");
    let site = Site::of(plain()).config(&format!(
        "{}[[rules]]\nmatch = [\"gone/\"]\norganization = \"sales\"\n",
        super::CONFIG
    ));
    site.ok("inject public");
    let page = site.text("index.html");
    let sample = || {
        let (map, page) = (map.clone(), page.clone());
        let host = Host::start(move |path, _| match path {
            "/sitemap.xml" => ok("application/xml", &map),
            "/robots.txt" => not_found(),
            path if path.contains("chathub-assets") => {
                let file = chathub::internal::runtime::FILES
                    .iter()
                    .find(|file| path.ends_with(&file.hashed_name()));
                file.map_or_else(not_found, |file| ok("text/javascript", file.content))
            }
            _ => ok("text/html", &page),
        });
        // Of a sample, nothing is said about rules that held on no page.
        let report = verify(&site, &host, "--max-pages 20", 0);
        assert_eq!(report.paths().len(), 20);
        assert!(report.site_rules().is_empty());
        let asked = host.asked();
        let pages = asked
            .iter()
            .filter(|path| path.starts_with("/blog/") || path.starts_with("/news/"));
        let pages: Vec<_> = pages.cloned().collect();
        assert_eq!(
            pages
                .iter()
                .filter(|path| path.starts_with("/news/"))
                .count(),
            5
        );
        let mut pages = pages;
        pages.sort();
        pages
    };
    assert_eq!(sample(), sample());
}

#[test]
fn all_pages_are_judged_if_asked_for_and_then_the_site_as_a_whole_is() {
    let site = site();
    let config = format!(
        "{}[[rules]]\nmatch = [\"gone/\"]\norganization = \"sales\"\n\n\
         [[verify.overrides]]\nmatch = [\"**\", \"gone/\"]\nseverity = {{ wrong-id = \"note\" }}\n",
        super::CONFIG
    );
    let site = site.config(&config);
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "--max-pages all --min-pages 4", 1);
    assert_eq!(
        report.site_rules(),
        ["too-few-pages", "unused-pattern", "unused-rule"]
    );
    let report = verify(&site, &host, "--max-pages 2 --min-pages 4", 0);
    assert!(report.site_rules().is_empty());
}

/// An index of a hundred sitemaps that no other one of these lists.
fn index(path: &str) -> Option<super::host::Answer> {
    let n: usize = path
        .strip_prefix("/map")?
        .strip_suffix(".xml")?
        .parse()
        .ok()?;
    let next =
        (0..100).map(|i| format!("<sitemap><loc>/map{}.xml</loc></sitemap>", n * 100 + i + 1));
    let next = next.collect::<Vec<_>>().concat();
    Some(ok(
        "application/xml",
        format!("<sitemapindex>{next}</sitemapindex>"),
    ))
}

#[test]
fn an_endless_index_of_sitemaps_ends() {
    let site = site();
    let host = serve(&site, |path| match path {
        "/robots.txt" => Some(ok(
            "text/plain",
            "Sitemap: https://www.example.com/map0.xml",
        )),
        path => index(path),
    });
    let report = verify(&site, &host, "", 0);
    let asked = host.asked();
    let asked = asked.iter().filter(|path| path.starts_with("/map")).count();
    assert!((2..=60).contains(&asked), "{asked}");
    assert!(notices(&report).contains("sitemaps"));
    // The start page is one all the same.
    assert_eq!(report.paths(), [host.url()]);
}

#[test]
fn clean_addresses_are_the_files_that_hosts_make_of_them() {
    let site = Site::of(plain())
        .page("about.html", plain())
        .page("shop/index.html", plain())
        .page("sitemap.xml", sitemap("", &["/about", "/shop", "/old"]))
        .config(super::CONFIG);
    site.ok("inject public");
    let folder = site.path("");
    let host = Host::start(move |path, _| match path {
        "/about" => super::host::file(&folder, "/about.html"),
        // Some hosts name a folder without its slash.
        "/shop" => super::host::file(&folder, "/shop/"),
        "/old" => reply("301 Moved Permanently", "Location: /about", ""),
        path => super::host::file(&folder, path),
    });
    let right = |site: &Site, more: &str| {
        let report = site.json(&format!("verify {} {more}", host.url()), 0);
        assert_eq!(report.page(&host.at("shop"))["organizations"][0], "sales");
        assert_eq!(
            report.page(&host.at("about"))["organizations"][0],
            "support"
        );
        assert_eq!(report.reason(&host.at("old")), "redirect to another page");
        assert_eq!(report.paths().len(), 4);
    };
    right(&site, "");
    // Where the site was not built, its rules tell.
    right(
        &Site::new().config(&format!("site = \"nowhere\"\n{}", super::CONFIG)),
        "",
    );
}

#[test]
fn rules_that_folders_carry_hold_where_the_built_site_is_at_hand() {
    let site = Site::of(plain())
        .page("sale/index.html", plain())
        .page(
            "sale/.chathub.toml",
            "[[rules]]\norganization = \"sales\"\n",
        )
        .page("sitemap.xml", sitemap("", &["/sale/"]))
        .config(super::CONFIG);
    site.ok("inject public");
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.page(&host.at("sale/"))["organizations"][0], "sales");
}

#[test]
fn a_site_below_a_path_is_that_folder() {
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .config(&format!(
            "{}[placeholder]\nbase-url = \"/docs/\"\n",
            super::CONFIG
        ));
    site.ok("inject public");
    let folder = site.path("");
    let map = sitemap("", &["/docs/", "/docs/shop/", "/other/"]);
    let host = Host::start(move |path, _| match path.strip_prefix("/docs/") {
        Some("sitemap.xml") => ok("application/xml", &map),
        Some(rest) => super::host::file(&folder, rest),
        None => not_found(),
    });
    let report = site.json(&format!("verify {}docs", host.url()), 0);
    assert_eq!(report.paths().len(), 2);
    assert_eq!(
        report.page(&host.at("docs/shop/"))["organizations"][0],
        "sales"
    );
    assert!(notices(&report).contains("1 address in the sitemap is not below"));
    assert!(!host.asked().contains(&"/other/".to_owned()));
}
