//! Secrets in files that the pages of a server name.

use std::collections::BTreeSet;

use super::host::{Host, ok};
use super::{notices, serve, site, verify};
use crate::common::{Report, Site, page, plain, token};

/// The addresses of the files in which secrets were found.
fn leaking(report: &Report) -> BTreeSet<String> {
    let findings = report.findings("secret-in-site").into_iter();
    findings
        .map(|finding| finding["path"].as_str().unwrap().to_owned())
        .collect()
}

/// A site whose start page has these tags.
fn with(tags: &str) -> Site {
    let site = site().page("index.html", page(tags));
    site.ok("inject public");
    site
}

#[test]
fn secrets_are_found_in_scripts_data_and_source_maps() {
    let elsewhere = Host::start(|_, _| ok("text/javascript", token("elsewhere", 36_000)));
    let site = with(&format!(
        "<script src=/app.js?v=1></script><link rel=preload as=fetch href=data.json><script src={}x.js></script>\
         <link rel=stylesheet href=/style.css><img src=/picture.svg alt=''><script src=/closed.js></script>",
        elsewhere.url()
    ));
    let secrets = [
        "script", "map", "data", "style", "picture", "chunk", "closed",
    ]
    .map(|name| token(name, 36_000));
    let [script, map, data, style, picture, chunk, closed] = secrets.clone();
    let host = serve(&site, move |path| {
        let code = format!(
            "import('./chunk.js'); const token = '{script}';\n//# sourceMappingURL=app.js.map"
        );
        Some(match path {
            "/robots.txt" => ok("text/plain", "User-agent: *\nDisallow: /closed"),
            "/app.js?v=1" => ok("text/javascript", code),
            "/app.js.map" => ok(
                "application/json",
                format!("{{\"sourcesContent\":[\"{map}\"]}}"),
            ),
            "/data.json" => ok("application/json", format!("[\"{data}\"]")),
            "/style.css" => ok("text/css", &style),
            "/picture.svg" => ok("image/svg+xml", &picture),
            "/chunk.js" => ok("text/javascript", &chunk),
            "/closed.js" => ok("text/javascript", &closed),
            _ => return None,
        })
    });
    let report = verify(&site, &host, "", 1);
    let wanted = ["app.js?v=1", "app.js.map", "data.json"].map(|path| host.at(path));
    assert_eq!(leaking(&report), BTreeSet::from(wanted));
    let all = report.0.to_string();
    assert!(secrets.iter().all(|secret| !all.contains(secret)), "{all}");
    let times = |path: &str| host.asked().iter().filter(|asked| *asked == path).count();
    assert_eq!(times("/app.js?v=1"), 1);
    for never in ["/style.css", "/picture.svg", "/chunk.js", "/closed.js"] {
        assert_eq!(times(never), 0, "{never}");
    }
    assert_eq!(elsewhere.asked(), [""; 0]);
    // Where only pages are searched, nothing else is asked for.
    let before = host.asked().len();
    let site = site.env("CHATHUB_VERIFY_SCAN_ALL_FILES", "false");
    assert_eq!(leaking(&verify(&site, &host, "", 0)), BTreeSet::new());
    assert!(
        !host.asked()[before..]
            .iter()
            .any(|path| path.contains("app.js"))
    );
}

#[test]
fn of_many_files_the_first_are_searched_and_the_report_says_so() {
    let tags = (0..150).map(|n| format!("<script src=/js/{n:03}.js></script>"));
    let site = with(&tags.collect::<String>());
    let host = serve(&site, |path| {
        path.starts_with("/js/")
            .then(|| ok("text/javascript", "x()"))
    });
    let report = verify(&site, &host, "", 0);
    let asked = host.asked();
    let scripts = asked.iter().filter(|path| path.starts_with("/js/"));
    assert_eq!(scripts.count(), 100);
    assert!(notices(&report).contains("in 100 of the files"));
    assert!(!asked.contains(&"/js/100.js".to_owned()), "{asked:?}");
}

/// A token that is allowed may be in a file that this run does not see.
#[test]
fn an_allowed_secret_is_not_missed() {
    let digest = "0".repeat(64);
    let site = Site::of(plain()).config(&format!("[verify]\nallow-secrets = [\"{digest}\"]\n"));
    site.ok("inject public");
    let host = serve(&site, |_| None);
    let report = verify(&site, &host, "", 0);
    assert_eq!(report.site_rules(), [""; 0]);
}
