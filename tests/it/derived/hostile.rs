//! Lists that cannot be changed, cannot be read, lead elsewhere, or are none.

use super::{RULE, md5, page, sha1, sha256};
use crate::common::{Site, plain};

#[test]
fn a_list_that_cannot_be_changed_is_reported_with_the_reason() {
    let revision = md5(plain());
    let entries = format!(
        "self.__precacheManifest = [{{\"revision\": \"{revision}\", \"url\": \"/index.html\"}}];"
    );
    let hashed = format!("precache-manifest.{}.js", md5(&entries));
    let sums = format!("{}  index.html\n", sha256(plain()));
    for (files, list, words) in [
        (
            vec![(hashed.as_str(), entries.as_str())],
            hashed.as_str(),
            "its name has the digest of its content",
        ),
        (
            vec![
                ("SHA256SUMS", sums.as_str()),
                ("SHA256SUMS.asc", "a signature"),
            ],
            "SHA256SUMS",
            "it is signed",
        ),
    ] {
        let site = files.iter().fold(Site::of(plain()), |site, (path, text)| {
            site.page(path, text)
        });
        let report = site.json("inject", 0);
        assert_eq!(site.text(list), files[0].1);
        let notices = report.0["summary"]["notices"].to_string();
        assert!(
            notices.contains(words) && notices.contains(list),
            "{notices}"
        );
        let report = site.json("verify", 1);
        let remedy = report.findings(RULE)[0]["remedy"].as_str().unwrap();
        assert!(remedy.contains(words), "{remedy}");
    }
}

#[test]
fn a_list_that_names_a_file_of_the_runtime_is_held_against_that() {
    // As written by a tool that ran after inject.
    let site = Site::of(plain());
    site.ok("inject");
    let names = ["chathub-assets/runtime.js", "index.html"];
    let entry = |name: &&str| format!("{{url:\"{name}\",revision:\"{}\"}}", md5(site.read(name)));
    let list = format!(
        "precacheAndRoute([{}])",
        names.iter().map(entry).collect::<Vec<_>>().join(",")
    );
    let site = site.page("sw.js", &list);
    site.ok("verify");
    let report = site.json("remove", 0);
    let notices = report.0["summary"]["notices"].to_string();
    assert!(
        notices.contains("it lists `chathub-assets/runtime.js`, which is not there"),
        "{notices}"
    );
    let report = site.json("verify", 1);
    assert_eq!(report.findings(RULE).len(), 1);
}

#[test]
fn hostile_lists_stop_nothing_and_stay_as_they_are() {
    let right = sha1(plain());
    let deep = format!("{{\"hashTable\":{}", "[".repeat(100_000));
    let twice = format!("{{\"hashTable\":{{\"/index.html\":\"{right}\"}},\"hashTable\":17}}");
    let utf16: Vec<u8> = "{\"hashTable\":{}}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let lists: [(&[u8], &str); 8] = [
        (b"", "it is not valid JSON"),
        (
            b"{\n  \"hashTable\": {\n    \"/index.html\": \"",
            "it is not valid JSON",
        ),
        (b"[]", "it is not valid JSON"),
        (b"null", "it is not valid JSON"),
        (b"{\"hashTable\": {\"/\xFF\": 1}}", "it is not UTF-8"),
        (&utf16, "it is not"),
        (deep.as_bytes(), "it is not valid JSON"),
        (twice.as_bytes(), "its `hashTable` is not an object"),
    ];
    for (list, why) in lists {
        let site = Site::of(plain()).page("ngsw.json", list);
        let report = site.json("inject", 0);
        assert_eq!(report.outcome("index.html"), "injected");
        assert_eq!(site.read("ngsw.json"), list);
        let notices = report.0["summary"]["notices"].to_string();
        assert!(notices.contains(&why.replace('"', "\\\"")), "{notices}");
        let report = site.json("verify", 1);
        let finding = report.findings(RULE)[0];
        assert!(
            finding["message"].as_str().unwrap().contains(why),
            "{finding}"
        );
        assert!(finding["place"]["line"].as_u64().unwrap() >= 1);
    }
    // Where it is broken.
    let site = Site::of(plain()).page(
        "ngsw.json",
        "{\n  \"hashTable\": {\n    \"/index.html\" \"x\"\n",
    );
    let report = site.json("verify", 1);
    let place = &report.findings(RULE)[0]["place"];
    assert_eq!((&place["line"], &place["column"]), (&3.into(), &19.into()));
}

#[test]
fn no_list_leads_out_of_the_site() {
    let outside = md5("outside");
    for url in [
        "/../outside.html",
        "../outside.html",
        "/%2e%2e/outside.html",
        "/..%2Foutside.html",
        "https://elsewhere.example/index.html",
        "//elsewhere.example/index.html",
        "file:///etc/passwd",
        "/index.html%00",
        "\\\\..\\\\outside.html",
    ] {
        let list = format!("precacheAndRoute([{{url:\"{url}\",revision:\"{outside}\"}}])");
        let site = Site::of(plain())
            .file("outside.html", page("outside"))
            .page("sw.js", &list);
        let report = site.json("inject", 0);
        assert_eq!(
            report.0["summary"]["notices"],
            serde_json::json!([]),
            "{url}"
        );
        assert_eq!(site.text("sw.js"), list, "{url}");
        site.ok("verify");
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_not_written_and_nothing_outside_is_read() {
    use std::os::unix::fs::symlink;

    let list = format!(
        "precacheAndRoute([{{url:\"/\",revision:\"{}\"}}])",
        md5(plain())
    );
    let site = Site::of(plain()).file("sw.js", &list);
    symlink("../sw.js", site.path("sw.js")).unwrap();
    site.ok("inject");
    assert_eq!(site.text("sw.js"), list);
    site.ok("verify");

    let site = Site::of(plain()).page("bundle-7.js", &list);
    symlink("bundle-7.js", site.path("sw.js")).unwrap();
    let report = site.json("inject", 0);
    assert_eq!(site.text("bundle-7.js"), list);
    assert!(site.path("sw.js").is_symlink());
    let notices = report.0["summary"]["notices"].to_string();
    assert!(notices.contains("a symbolic link leads to it"), "{notices}");
    assert_eq!(site.json("verify", 1).findings(RULE).len(), 1);
    // A page by another path than its own.
    let site = Site::of(plain()).page("sw.js", list.replace("\"/\"", "\"/link.html\""));
    symlink("index.html", site.path("link.html")).unwrap();
    site.ok("inject");
    let expected = list.replace("\"/\"", "\"/link.html\"");
    let expected = expected.replace(&md5(plain()), &md5(site.read("index.html")));
    assert_eq!(site.text("sw.js"), expected);
    site.ok("verify");
}

#[test]
fn other_files_with_such_names_are_left_alone() {
    for (name, text) in [
        ("sw.js", "self.addEventListener('push', () => {});"),
        ("sw.js", "clients.openWindow('/');caches.keys()"),
        ("integrity.json", "{\"index.html\": \"draft\", \"n\": [1, 2"),
        ("checksums.txt", "Checksums of this release follow.\n"),
        ("worker.js", "postMessage({url:\"/\",revision:null})"),
    ] {
        let site = Site::of(plain()).page(name, text);
        let report = site.json("inject", 0);
        assert_eq!(report.0["summary"]["notices"], serde_json::json!([]));
        assert_eq!(site.text(name), text);
        site.ok("verify");
    }
}
