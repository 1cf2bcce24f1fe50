//! The address where pages ask for the runtime is the address where it is: base paths, `<base>`, and what pages tell of both.

mod base;

use crate::common::{Site, plain};

/// A page with this in its head and its body.
fn with(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><title>A page</title>{head}</head><body>{body}</body></html>\n"
    )
}

/// A site like a generator's, whose URLs begin with a path.
fn below(path: &str) -> Site {
    let head = format!("<link rel=\"stylesheet\" href=\"{path}css/site.css\">");
    let body = format!("<a href=\"{path}\">Home</a><a href=\"{path}about/\">About</a>");
    Site::of(with(&head, &body))
        .page("about/index.html", with(&head, &body))
        .page("css/site.css", "body {}")
}

/// What verify finds of the address, with its message; and what inject tells.
fn told(site: &Site, flags: &str) -> (Vec<(String, String)>, String) {
    let report = site.json(&format!("inject {flags}"), 0);
    let notices = report.0["summary"]["notices"].to_string();
    let run = site.run(&format!("verify --format json {flags}"));
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let of_site = report["siteFindings"].as_array().unwrap().iter();
    let pages = report["pages"].as_array().unwrap().iter();
    let of_pages = pages.flat_map(|page| page["findings"].as_array().unwrap());
    let findings: Vec<_> = of_site
        .chain(of_pages)
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap().to_owned();
            (text("rule"), text("message"))
        })
        .collect();
    let errors = findings.iter().any(|(rule, _)| rule != "unlikely-base-url");
    assert_eq!(run.code, i32::from(errors), "{findings:?}");
    (findings, notices)
}

/// The site is told to be below this path.
fn expect_below(site: &Site, rule: &str, path: &str) {
    let (findings, notices) = told(site, "");
    let setting = format!("placeholder.base-url = \"{path}\"");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].0, rule);
    assert!(findings[0].1.contains(&setting), "{findings:?}");
    assert!(notices.contains(&setting.replace('"', "\\\"")), "{notices}");
    expect_fine(site, &format!("--base-url {path}"));
}

/// Nothing is wrong.
fn expect_fine(site: &Site, flags: &str) {
    let (findings, notices) = told(site, flags);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(notices, "[]", "{flags}");
}

const SURE: &str = "unreachable-runtime";
const LIKELY: &str = "unlikely-base-url";

#[test]
fn urls_that_begin_with_another_path_tell_it() {
    expect_fine(&below("/"), "");
    for path in ["/blog/", "/group/project/", "/caf%C3%A9/"] {
        expect_below(&below(path), SURE, path);
    }
    // The other way round.
    let (findings, _) = told(&below("/"), "--base-url /blog/");
    assert_eq!(findings[0].0, SURE);
    assert!(findings[0].1.contains("base-url = \"/\""), "{findings:?}");
}

#[test]
fn generators_with_a_base_path_are_told() {
    // Hexo, Gatsby, Vite with Slidev, VuePress, Rspress, Astro: what their pages load, with and without quotes.
    for (head, body, files) in [
        (
            "<link rel=\"shortcut icon\" href=\"/blog/images/favicon.ico\"><link rel=\"stylesheet\" href=\"/blog/css/style.css\">",
            "<a href=\"/blog/archives\">Archives</a><a href=\"https://hexo.io/\">Hexo</a>",
            ["css/style.css", "archives/index.html"],
        ),
        (
            "<link rel=\"sitemap\" type=\"application/xml\" href=\"/blog/sitemap-index.xml\"/>\
             <link as=\"script\" rel=\"preload\" href=\"/blog/webpack-runtime-0d1c.js\"/>",
            "<a href=\"/blog/page-2/\">2</a><script src=\"/blog/app-1a2b.js\" async></script>",
            ["app-1a2b.js", "page-2/index.html"],
        ),
        (
            "<script type=module crossorigin src=/blog/assets/index-CX1.js></script><link rel=stylesheet href='/blog/assets/index.css'>",
            "<div id=app></div>",
            ["assets/index-CX1.js", "assets/index.css"],
        ),
        (
            "<link rel=\"stylesheet\" href=\"/blog/assets/style.css\"><link rel=\"icon\" href=\"/favicon.ico\">",
            &"<a href=\"/blog/guide.html\">Guide</a>".repeat(9),
            ["assets/style.css", "guide.html"],
        ),
    ] {
        let mut site = Site::of(with(head, body)).page("blog-post/index.html", with(head, body));
        for file in files {
            let content = if file.contains(".html") {
                with(head, body)
            } else {
                "1".to_owned()
            };
            site = site.page(file, content);
        }
        expect_below(&site, SURE, "/blog/");
    }
}

#[test]
fn a_base_path_that_is_called_like_a_folder_of_the_site_is_told() {
    let head = "<link rel=stylesheet href=/docs/assets/site.css>";
    let body = "<a href=/docs/>Home</a><a href=/docs/docs/intro>Intro</a>";
    let site = Site::of(with(head, body))
        .page("docs/intro.html", with(head, body))
        .page("assets/site.css", "");
    expect_below(&site, SURE, "/docs/");
}

/// Real pages of generators, as they would be with another base path.
#[test]
fn real_pages_with_another_base_path_are_told() {
    let attribute = |page: &str, from: &str, to: &str| {
        // Not those that name a host.
        page.replace(&format!("{from}//"), "\0")
            .replace(from, to)
            .replace('\0', &format!("{from}//"))
    };
    for folder in [
        "astro/dist",
        "docusaurus/build",
        "eleventy/_site",
        "hugo/public",
        "jekyll/_site",
        "next/out",
        "pelican/output",
        "vitepress/dist",
    ] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(folder);
        let mut site = Site::new();
        for (path, entry) in crate::common::contents(&root) {
            let crate::common::Entry::File { content, .. } = entry else {
                continue;
            };
            let content = match std::str::from_utf8(&content) {
                Ok(text) if path.contains(".html") => {
                    let text = attribute(text, "href=\"/", "href=\"/base/");
                    let text = attribute(&text, "src=\"/", "src=\"/base/");
                    let text = attribute(&text, "href=/", "href=/base/");
                    attribute(&text, "src=/", "src=/base/").into_bytes()
                }
                _ => content,
            };
            site = site.page(&path, content);
        }
        let report: serde_json::Value =
            serde_json::from_str(&site.run("verify --format json").stdout).unwrap();
        let findings = report["siteFindings"].to_string();
        assert!(
            findings.contains("base-url = \\\"/base/\\\""),
            "{folder}: {findings}"
        );
        let run = site.run("verify --format json --base-url /base/");
        assert!(!run.stdout.contains("unreachable-runtime"), "{folder}");
    }
}

#[test]
fn a_folder_of_the_site_is_no_other_path() {
    // A site of one section; languages; a whole site in a folder of the site.
    let head = "<link rel=stylesheet href=/blog/css/site.css>";
    let page = with(head, "<a href=/blog/about/>About</a>");
    let site = Site::of(&page)
        .page("blog/about/index.html", &page)
        .page("blog/css/site.css", "")
        .page("css/site.css", "");
    expect_fine(&site, "");
    let site = below("/").page("uk/index.html", with("", "<a href=/uk/about>x</a>"));
    expect_fine(&site.page("uk/about.html", plain()), "");
}

#[test]
fn addresses_of_others_on_the_host_are_no_other_path() {
    for (head, body) in [
        // Another application, and what a server adds.
        (
            "<link rel=stylesheet href=site.css>",
            "<a href=/app/login>Log in</a><a href=/app/signup>Sign up</a>",
        ),
        (
            "<script src=/javascript/jquery/jquery.js></script><script src=/javascript/mathjax/MathJax.js></script>",
            "",
        ),
        (
            "<link rel=stylesheet href=/assets/a.css><script src=/assets/b/c.js></script>",
            "<a href=about.html>x</a>",
        ),
        (
            "<link rel=stylesheet href=/corporate/theme.css>",
            "<a href=x.html>x</a>",
        ),
        (
            "",
            "<a href=/login>Log in</a><a href=/docs/>All documentation</a>",
        ),
        (
            "<!-- <base href=/app/> --><script>var base = '<base href=/app/>'</script>",
            "",
        ),
        ("<base target=_blank>", "<a href=x.html>x</a>"),
        ("<base href=./>", ""),
        ("<base href=/>", "<a href=about>x</a>"),
    ] {
        let site = Site::of(with(head, body)).page("about.html", with(head, body));
        expect_fine(&site, "");
    }
}

#[test]
fn the_name_tells_where_no_address_is_a_file() {
    for (head, body) in [
        (
            "<link rel=stylesheet href=/blog/css/a.css><script src=/blog/js/b.js></script>",
            "",
        ),
        (
            "<link rel=stylesheet href=/blog/main.css>",
            "<a href=/blog/posts/>x</a>",
        ),
        (
            "<link rel=stylesheet href=/blog/main.css>",
            "<a href=/blog/>x</a><a href=/>The main site</a>",
        ),
    ] {
        let site = Site::of(with(head, body)).page("a/index.html", with(head, body));
        expect_below(&site, SURE, "/blog/");
    }
}

#[test]
fn whole_addresses_on_a_host_that_other_files_name_tell_the_path() {
    let home = "https://me.example/project";
    let head = format!("<link rel=\"stylesheet\" href=\"{home}/css/a.css\">");
    let body = format!("<a href=\"{home}/\">Home</a>");
    let site = || {
        Site::of(with(&head, &body))
            .page("about/index.html", with(&head, &body))
            .page("css/a.css", "p {}")
    };
    let sitemap = format!("<urlset><url><loc>{home}/about/</loc></url></urlset>");
    expect_below(&site().page("sitemap.xml", sitemap), SURE, "/project/");
    expect_below(&site().page("CNAME", "me.example\n"), SURE, "/project/");
}

#[test]
fn what_pages_say_of_themselves_is_a_warning() {
    let page = |path: &str| {
        let canonical =
            format!("<link rel=\"canonical\" href=\"https://me.example/project/{path}\">");
        with(&canonical, "<a href=\"../guide/\">Guide</a>")
    };
    let site = Site::of(page(""))
        .page("guide/index.html", page("guide/"))
        .page("about.html", page("about"));
    expect_below(&site, LIKELY, "/project/");
    // Pages of one version name another as the one to be found.
    expect_fine(&site, "--base-url /project/1.2/");
    expect_fine(&site, "--base-url https://me.example/project/");
    let (findings, _) = told(&site, "--base-url https://me.example/");
    assert!(
        findings[0]
            .1
            .contains("base-url = \"https://me.example/project/\""),
        "{findings:?}"
    );
    expect_fine(&site, "--base-url https://cdn.example/");
    // Zola writes whole URLs, and a sitemap.
    let site = Site::of(plain()).page("posts/a/index.html", plain()).page(
        "sitemap.xml",
        "<urlset><url><loc>https://me.example/project/</loc></url>\
         <url><loc>https://me.example/project/posts/a/</loc></url></urlset>",
    );
    expect_below(&site, LIKELY, "/project/");
    // What pages load counts more than what they say.
    let head = "<link rel=canonical href=https://me.example/old/><link rel=stylesheet href=/a.css>";
    expect_fine(&Site::of(with(head, "")).page("a.css", ""), "");
}

#[test]
fn folders_that_are_hosts_are_told_apart() {
    let page = with(
        "<link rel=stylesheet href=/css/site.css>",
        "<a href=/about/>x</a>",
    );
    let mut site = Site::new();
    for folder in ["en", "uk"] {
        for path in ["index.html", "about/index.html"] {
            site = site.page(&format!("{folder}/{path}"), &page);
        }
        site = site.page(&format!("{folder}/css/site.css"), "");
    }
    let (findings, notices) = told(&site, "");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].0, SURE);
    assert!(findings[0].1.contains("root of a host"), "{findings:?}");
    assert!(notices.contains("root of a host"), "{notices}");
    let (findings, _) = told(&site, "public/en");
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn no_loader_no_finding() {
    let config = "[organizations.support]\nid = 6\n";
    expect_fine_but_unused(&below("/blog/").config(config));
}

fn expect_fine_but_unused(site: &Site) {
    let (findings, notices) = told_of(site);
    assert!(
        findings.iter().all(|rule| rule.starts_with("unused")),
        "{findings:?}"
    );
    assert_eq!(notices, "[]");
}

fn told_of(site: &Site) -> (Vec<String>, String) {
    let report = site.json("inject", 0);
    let notices = report.0["summary"]["notices"].to_string();
    let report = site.json("verify", 0);
    let rules = report
        .site_rules()
        .iter()
        .map(ToString::to_string)
        .collect();
    (rules, notices)
}

#[test]
fn files_that_are_loaded_by_the_whole_address_tell_the_path() {
    let site = |host: &str| {
        let head = format!(
            "<link rel=\"canonical\" href=\"https://x.example/repo/\"><link rel=\"stylesheet\" href=\"{host}/repo/css/site.css\">"
        );
        Site::of(with(&head, "")).page("css/site.css", "body {}")
    };
    for own in ["https://x.example", "//x.example", "HTTP://X.example"] {
        expect_below(&site(own), SURE, "/repo/");
    }
    // Another host's files say nothing; what the page says about itself remains.
    expect_below(&site("https://cdn.example"), LIKELY, "/repo/");
    // White space around the sign, as people write it.
    let head = "<link rel=\"stylesheet\" href = \"/repo/css/site.css\">";
    let spaced = Site::of(with(head, "")).page("css/site.css", "body {}");
    expect_below(&spaced, SURE, "/repo/");
}

#[test]
fn a_forced_redirect_in_the_place_of_the_runtime_is_found() {
    for (rule, found) in [
        ("/x /y\n/* /index.html 200!", true),
        ("/chathub-assets/* /gone 404!", true),
        ("/* /index.html 200", false),
        ("/* https://www.example.com/:splat 301!", false),
    ] {
        let site = Site::of(plain()).page("_redirects", rule);
        let (findings, _) = told(&site, "");
        assert_eq!(findings.len(), usize::from(found), "{rule}: {findings:?}");
        assert!(findings.iter().all(|(rule, _)| rule == SURE));
    }
}
