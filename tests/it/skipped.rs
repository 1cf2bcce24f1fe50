//! Which files with a page's name are none, and which only look so.

use crate::common::{Site, plain};

/// A site of these pages, each under a number, and what `inject` makes of them.
fn outcomes(pages: &[impl AsRef<[u8]>]) -> Vec<String> {
    let name = |at: usize| format!("{at:03}.html");
    // One that is a page for certain: else the run would be for nothing.
    let site = Site::new().page("plain.html", plain());
    let site = pages
        .iter()
        .enumerate()
        .fold(site, |site, (at, page)| site.page(&name(at), page));
    let report = site.json("inject", 0);
    let outcome = |at| match report.outcome(&name(at)) {
        "skipped" => report.reason(&name(at)).to_owned(),
        other => other.to_owned(),
    };
    let outcomes = (0..pages.len()).map(outcome).collect();
    site.ok("verify");
    outcomes
}

#[track_caller]
fn all(pages: &[&str], wanted: &str) {
    for (page, outcome) in pages.iter().zip(outcomes(pages)) {
        assert_eq!(outcome, wanted, "{page}");
    }
}

/// As generators and their plug-ins write them; those of the fixtures are not repeated.
#[test]
fn stubs_of_generators_are_skipped() {
    all(
        &[
            // Hugo before 0.110, and today's.
            "<!DOCTYPE html><html><head><title>/new/</title><link rel=\"canonical\" href=\"/new/\"/><meta name=\"robots\" \
             content=\"noindex\"><meta charset=\"utf-8\" /><meta http-equiv=\"refresh\" content=\"0; url=/new/\" /></head></html>",
            "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    <title>/new/</title>\n    <link rel=\"canonical\" href=\"/new/\">\n    \
             <meta charset=\"utf-8\">\n    <meta http-equiv=\"refresh\" content=\"0; url=/new/\">\n  </head>\n</html>\n",
            // jekyll-redirect-from
            "<!DOCTYPE html>\n<html lang=\"en-US\">\n  <meta charset=\"utf-8\">\n  <title>Redirecting&hellip;</title>\n  \
             <link rel=\"canonical\" href=\"https://example.com/new\">\n  <script>location=\"https://example.com/new\"</script>\n  \
             <meta http-equiv=\"refresh\" content=\"0; url=https://example.com/new\">\n  <meta name=\"robots\" content=\"noindex\">\n  \
             <h1>Redirecting&hellip;</h1>\n  <a href=\"https://example.com/new\">Click here if you are not redirected.</a>\n</html>\n",
            // The same where a policy took the script away.
            "<!DOCTYPE html>\n<html lang=\"en-US\"><meta charset=\"utf-8\"><title>Redirecting&hellip;</title><meta \
             http-equiv=\"refresh\" content=\"0; url=https://example.com/new\"><h1>Redirecting&hellip;</h1><a \
             href=\"https://example.com/new\">Click here if you are not redirected.</a></html>\n",
            // sphinx-reredirects
            "<html>\n    <head>\n        <noscript>\n            <meta http-equiv=\"refresh\" content=\"0; url=new.html\" />\n        \
             </noscript>\n    </head>\n    <body>\n        <script>\n            var target = \"new.html\";\n            \
             // If there's an anchor in the URL, append it to the target\n            if (window.location.hash) {\n                \
             window.location.replace(target + window.location.hash);\n            } else {\n                \
             window.location.replace(target);\n            }\n        </script>\n    </body>\n</html>\n",
            // gatsby-plugin-meta-redirect, and Gatsby's client-side redirects
            "<meta http-equiv=\"refresh\" content=\"0; URL='/new/'\" />",
            "<script>window.location.href=\"/new/\"</script>",
            // Vite, SvelteKit: a prerendered redirect
            "<script>location.href=\"/new\";</script><meta http-equiv=\"refresh\" content=\"0;url=/new\">",
            // Nuxt: a prerendered redirect
            "<!DOCTYPE html><html><head><meta http-equiv=\"refresh\" content=\"0; url=/new\"></head></html>",
            // By hand.
            "<!doctype html><title>Moved</title><meta http-equiv='refresh' content='0;&#117;rl=/new'><p>This page is now <a \
             href=/new>over there</a>.",
            "<!doctype html><html><head><title>x</title><script type=module>document.location.assign('/new')</script></head>\
             <body><p>Nobody with a browser that runs scripts will ever read this.</p></body></html>",
        ],
        "redirect stub",
    );
}

/// A page whose scripts may go elsewhere, or whose refresh is for others, is a page.
#[test]
fn shells_of_applications_are_pages() {
    let root = "<body><div id=\"root\"></div></body></html>";
    let with = |head: &str| {
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"UTF-8\"><title>App</title>{head}</head>{root}"
        )
    };
    let pages = [
        // Vite with React, Create React App, Angular
        with("<script type=\"module\" crossorigin src=\"/assets/index-C9v8.js\"></script>"),
        with("<noscript>You need to enable JavaScript to run this app.</noscript><script defer src=/static/js/main.js></script>"),
        "<!doctype html><html lang=en><head><base href=\"/\"><title>App</title></head><body><app-root></app-root>\
         <script src=\"polyfills.js\" type=\"module\"></script></body></html>"
            .to_owned(),
        // Without scripts, elsewhere.
        with("<noscript><meta http-equiv=\"refresh\" content=\"0; url=/nojs.html\"></noscript>"),
        with("<noscript><meta http-equiv=refresh content='0;url=/text.html'></noscript><script>window.location.pathname</script>"),
        // spa-github-pages: its 404.html, and the part in index.html
        with(
            "<script type=\"text/javascript\">\n      // Single Page Apps for GitHub Pages\n      var pathSegmentsToKeep = 0;\n\n      \
             var l = window.location;\n      l.replace(\n        l.protocol + '//' + l.hostname + (l.port ? ':' + l.port : '') +\n        \
             l.pathname.split('/').slice(0, 1 + pathSegmentsToKeep).join('/') + '/?/' +\n        \
             l.pathname.slice(1).split('/').slice(pathSegmentsToKeep).join('/').replace(/&/g, '~and~') +\n        \
             (l.search ? '&' + l.search.slice(1).replace(/&/g, '~and~') : '') +\n        l.hash\n      );\n    </script>",
        ),
        with(
            "<script>(function(l) {\n if (l.search[1] === '/' ) {\n var decoded = l.search.slice(1).split('&').map(function(s) { \n \
             return s.replace(/~and~/g, '&')\n }).join('?');\n window.history.replaceState(null, null,\n l.pathname.slice(0, -1) + \
             decoded + l.hash\n );\n }\n}(window.location))</script>",
        ),
        // Whoever has not logged in, or comes by the wrong way, goes elsewhere.
        with("<script>if(!localStorage.getItem('token')){window.location.href='/login'}</script>"),
        with("<script>localStorage.token || location.replace('/login')</script>"),
        with("<script>if (location.protocol !== 'https:') location.replace('https:' + location.href.slice(5))</script>"),
        with("<script>if (top !== self) top.location = self.location</script>"),
        with("<script>auth.check().then(function(ok){ if(!ok) location.assign('/login') })</script>"),
        with("<script nomodule>location.href='/old-browser.html'</script>"),
        with("<script type=\"text/template\">location.href='/x'</script>"),
        with("<script src=/x.js>location.href='/x'</script>"),
        with("<template><script>location.href='/x'</script></template>"),
        with("<!-- <script>location.href='/x'</script> -->"),
        with("<!--[if lt IE 9]><meta http-equiv=refresh content='0;url=/old'><![endif]-->"),
        with("<template><meta http-equiv=refresh content='0;url=/x'></template>"),
        with("<textarea><meta http-equiv=refresh content='0;url=/x'></textarea>"),
        // A refresh that waits, that loads the same page again, or that comes second.
        with("<meta http-equiv=refresh content='5;url=/x'>"),
        with("<meta http-equiv=refresh content='0;url=#main'>"),
        with("<meta http-equiv=refresh content=300><meta http-equiv=refresh content='0;url=/x'>"),
        // Something to read: the sentence about our location is no redirect.
        "<!DOCTYPE html><html lang=en><head><title>Find us</title><meta http-equiv=refresh content='0;url=/map'></head><body>\
         <h1>Our location</h1><p>We are in the centre, open from 9 to 17.</p></body></html>"
            .to_owned(),
        "<!DOCTYPE html><html lang=\"en\"><head><title>Find us</title><noscript><meta http-equiv=\"refresh\" \
         content=\"0;url=/text.html\"></noscript></head><body><h1>Our location</h1></body></html>"
            .to_owned(),
        "<!doctype html><html><head><title>x</title></head><body onload=\"location.href='/x'\"><p>x</body></html>".to_owned(),
    ];
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    all(&pages, "injected");
}

#[test]
fn amp_has_many_names() {
    let page = |html: &str| {
        format!("<!doctype html>{html}<head><title>x</title></head><body></body></html>")
    };
    let amp = [
        "<html amp>",
        "<html AMP=x>",
        "<html ⚡>",
        "<html ⚡\u{fe0f}>",
        "<html ⚡\u{fe0e} lang=en>",
        "<html ⚡4ads>",
        "<html amp4ads>",
        "<html ⚡\u{fe0f}4email data-css-strict>",
        "<html lang=en Amp4Email=\"\">",
        "<html><html amp>",
    ]
    .map(page);
    all(&amp.each_ref().map(String::as_str), "AMP page");
    let others = [
        "<html amphtml>",
        "<html data-amp>",
        "<html &#9889;>",
        "<html class=amp>",
        "<html ⚡5>",
    ]
    .map(page);
    all(&others.each_ref().map(String::as_str), "injected");
}

#[test]
fn text_that_begins_like_another_file_is_text() {
    let page = |start: &str| {
        format!(
            "{start}\n<!DOCTYPE html><html><head><title>d</title></head><body><p>x</p></body></html>\n"
        )
    };
    let pages = [
        "BMW dealers",
        "MZ news",
        "ID3 tags",
        "FWS club",
        "GIF89a art",
        "%!PS",
        "PK",
        "\u{c}",
        "RIFF",
    ]
    .map(page);
    all(&pages.each_ref().map(String::as_str), "injected");
}

#[test]
fn utf_16_without_its_mark_is_told_apart() {
    let bytes: Vec<u8> = plain().encode_utf16().flat_map(u16::to_be_bytes).collect();
    let outcomes = outcomes(&[bytes]);
    assert!(outcomes[0].starts_with("UTF-16"), "{outcomes:?}");
}

const BY_LANGUAGE: &str = "default-organization = \"support\"\n[organizations.support]\nid = 6\n\
    [organizations.ukraine]\nid = 7\n[[rules]]\nlang = \"uk\"\norganization = \"ukraine\"\n";

#[test]
fn a_language_is_read_as_its_author_meant_it() {
    let pages = [
        ("reference", "<html lang=\"&#117;k\">", "", "ukraine"),
        ("underscore", "<html lang=uk_UA>", "", "ukraine"),
        ("case", "<html LANG=' UK-ua '>", "", "ukraine"),
        ("xml", "<html xml:lang=uk>", "", "ukraine"),
        ("both", "<html lang=en xml:lang=uk>", "", "support"),
        ("empty", "<html lang=''>", "", "support"),
        ("body", "<html>", "lang=uk", "ukraine"),
        ("empty-body", "<html lang=''>", "lang=uk", "ukraine"),
        ("html-first", "<html lang=en>", "lang=uk", "support"),
        ("twice", "<html><html lang=uk>", "", "ukraine"),
        ("name", "<html lang=українська>", "", "support"),
    ];
    let site = pages.iter().fold(
        Site::new().config(BY_LANGUAGE),
        |site, (name, html, body, _)| {
            let page = format!(
                "<!doctype html>{html}<head><title>x</title></head><body {body}><p>x</body></html>"
            );
            site.page(&format!("{name}.html"), page)
        },
    );
    site.ok("inject");
    let report = site.json("verify", 0);
    for (name, _, _, organization) in pages {
        assert_eq!(
            report.page(&format!("{name}.html"))["organizations"][0],
            organization,
            "{name}"
        );
        let findings = report.rules(&format!("{name}.html"));
        let wanted: &[&str] = if ["underscore", "name"].contains(&name) {
            &["invalid-language"]
        } else {
            &[]
        };
        assert_eq!(findings, wanted, "{name}");
    }
}

#[test]
fn a_language_that_nobody_asks_for_is_nobodys_business() {
    let page =
        "<!doctype html><html lang=uk_UA><head><title>x</title></head><body><p>x</body></html>";
    let site = Site::of(page);
    site.ok("inject");
    assert!(site.json("verify", 0).rules("index.html").is_empty());
}

/// A gate that looked at nothing must not be green.
#[test]
fn a_run_that_judges_no_page_is_an_error() {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let stub = "<!doctype html><meta http-equiv=refresh content='0;url=/new'>";
    let site = Site::of(gzip).page("a.html", gzip).page("b.html", stub);
    for command in [
        "verify",
        "inject",
        "remove",
        "inject --dry-run",
        "verify --min-pages 3",
    ] {
        let words = [
            "no page in public was judged",
            "2 × gzip file",
            "1 × redirect stub",
            "--allow-empty",
        ];
        let run = site.run(command);
        run.fails(2, &words);
        assert!(!run.stdout.contains("clean"), "{}", run.stdout);
    }
    for args in ["verify", "verify --allow-empty"] {
        let run = site.run(args);
        let last = run.stdout.lines().last().unwrap();
        assert!(last.starts_with("no page judged; 3 not judged"), "{last}");
    }
    let empty = Site::new().file("a.txt", "text");
    let run = empty.ok("verify --allow-empty");
    assert!(run.stdout.contains("no page judged"), "{}", run.stdout);
    for command in ["verify", "inject", "remove"] {
        site.ok(&format!("{command} --allow-empty"));
    }
    let site = site.page("c.html", plain());
    site.ok("inject");
    site.ok("verify --min-pages 1");
    let report = site.json("verify --min-pages 2", 1);
    let message = &report.findings("too-few-pages")[0]["message"];
    assert_eq!(
        message,
        "1 page (3 more were skipped or could not be read), where at least 2 are asked for"
    );
    let summary = &report.0["summary"];
    assert_eq!(summary["judged"], 1);
    assert_eq!(summary["notJudged"]["gzip file under a page's name"], 2);
    assert_eq!(summary["notJudged"]["redirect stub"], 1);
    for command in ["inject", "verify", "remove"] {
        let run = site.ok(command);
        let last = run.stdout.lines().last().unwrap();
        let part = "3 not judged: 2 × gzip file under a page's name, 1 × redirect stub";
        assert!(last.contains(part), "{last}");
    }
}

#[test]
fn a_compressed_page_without_the_page_is_told() {
    let site = Site::of(plain())
        .page("a.html.gz", "x")
        .page("docs/b.html.br", "x")
        .page("docs/c.htm.zst", "x")
        .page("index.html.gz", "x")
        .page("style.css.gz", "x");
    for command in ["inject --compressed-siblings leave", "verify"] {
        let run = site.run(&format!("{command} --format json"));
        let report = crate::common::Report::of(&run.stdout);
        for path in ["a.html.gz", "docs/b.html.br", "docs/c.htm.zst"] {
            assert_eq!(report.outcome(path), "skipped", "{path}");
            assert_eq!(
                report.reason(path),
                "compressed, without the page beside it"
            );
        }
        assert_eq!(
            report.0["summary"]["notJudged"]["compressed, without the page beside it"],
            3
        );
        assert_eq!(report.paths().len(), 4, "{:?}", report.paths());
    }
    site.ok("inject --output copy");
    assert!(site.folder().join("copy/docs/b.html.br").exists());
}
