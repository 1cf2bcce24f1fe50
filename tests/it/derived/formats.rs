//! Lists that say something about pages' contents, in every format: what becomes of them.

use super::{BASE64, Listed, Read, integrity, md5, sha1, sha256};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

/// `ngsw.json` with all that may surprise a reader: a byte order mark, Windows' line ends, members twice, escapes.
fn ngsw(base: &'static str) -> impl Fn(Read<'_>) -> Vec<u8> {
    move |read| {
        let (home, shop) = (sha1(read("index.html")), sha1(read("shop/index.html")));
        format!(
            "\u{feff}{{\r\n  \"configVersion\": 1,\r\n  \"timestamp\": 1795679927657,\r\n  \"index\": \"{base}index.html\",\r\n  \
             \"hashTable\": {{\"{base}index.html\": \"of a table that does not count\"}},\r\n\t\"hashTable\": {{\r\n    \
             \"{base}main.js\": \"5cb0ec580624284297dd7f48c0e2349a80eb7c76\",\r\n    \"{base}shop/index.html\": \"{shop}\",\
             \"{base}index.html\": \"twice\",\r\n    \"{base}ind\\u0065x.html\":\"{home}\"\r\n  }},\"dataGroups\":[]}}\r\n"
        )
        .into_bytes()
    }
}

const ANGULAR: [&str; 2] = ["index.html", "shop/index.html"];

#[test]
fn angulars_list_has_the_digests_of_the_pages_as_they_are_served() {
    Listed::new(&ANGULAR, "ngsw.json", ngsw("/")).is_kept_true();
}

/// What Blazor writes: its worker asks for each page with this as the integrity that it must have.
fn blazor(read: Read<'_>) -> Vec<u8> {
    let of = |path: &str| format!("sha256-{}", BASE64.encode(Sha256::digest(read(path))));
    let (home, shop) = (of("index.html"), of("shop/index.html"));
    format!(
        "self.assetsManifest = {{\n  \"version\": \"Jd8a\",\n  \"assets\": [\n    {{\n      \"hash\": \"{home}\",\n      \
         \"url\": \"index.html\"\n    }},\n    {{\n      \"hash\": \"{shop}\",\n      \"url\": \"shop/index.html\"\n    }}\n  ]\n}};\n"
    )
    .into_bytes()
}

#[test]
fn blazors_list_has_the_integrity_of_the_pages_as_they_are_served() {
    Listed::new(&ANGULAR, "service-worker-assets.js", blazor).is_kept_true();
}

#[test]
fn a_list_that_a_worker_imports_is_one_whatever_its_name() {
    let mut listed = Listed::new(&ANGULAR, "js/files.js", |read| {
        let md5 = md5(read("index.html"));
        format!("const files = JSON.parse(\"[{{\\\"url\\\":\\\"/\\\",\\\"revision\\\":\\\"{md5}\\\"}}]\")")
            .into_bytes()
    });
    let worker = "importScripts('lib.js', \"/js/files.js\"); importScripts('../../outside.js')";
    listed.site = listed.site.page("mysw.js", worker);
    listed.is_kept_true();
}

#[test]
fn scripts_that_import_each_other_are_read_to_an_end() {
    let mut listed = Listed::new(&ANGULAR, "sw.js", |read| {
        format!(
            "importScripts('sw.js','other.js');{}",
            String::from_utf8(blazor(read)).unwrap()
        )
        .into_bytes()
    });
    listed.site = listed
        .site
        .page("other.js", "importScripts('sw.js', 'other.js')");
    listed.is_kept_true();
}

#[test]
fn a_list_below_a_base_path_is_understood_whether_or_not_it_is_configured() {
    for config in [
        "",
        "[placeholder]\nbase-url = \"/docs/\"\n",
        "[placeholder]\nbase-url = \"https://example.com/docs/\"\n",
    ] {
        let mut listed = Listed::new(&ANGULAR, "ngsw.json", ngsw("/docs/"));
        listed.site = listed.site.config(config);
        listed.is_kept_true();
    }
}

#[test]
fn a_list_in_a_folder_is_about_the_pages_in_it() {
    // As Angular writes one for each language.
    Listed::new(
        &["index.html", "uk/index.html", "uk/a b.html"],
        "uk/ngsw.json",
        |read| {
            let (home, other) = (sha1(read("uk/index.html")), sha1(read("uk/a b.html")));
            let text = format!(
                r#"{{"hashTable":{{"/uk/index.html":"{home}","/uk/a b.html":"{other}"}}}}"#
            );
            text.into_bytes()
        },
    )
    .is_kept_true();
}

#[test]
fn a_list_in_a_folder_may_be_about_pages_above_it() {
    Listed::new(&["a.html", "b/c.html"], "js/sw.js", |read| {
        let (a, c) = (md5(read("a.html")), md5(read("b/c.html")));
        format!(
            "precacheAndRoute([{{url:'/a.html',revision:'{a}'}},{{url:'../b/c',revision:'{c}'}}])"
        )
        .into_bytes()
    })
    .is_kept_true();
}

#[test]
fn revisions_in_precache_lists_change_with_the_pages_in_every_shape_that_tools_write() {
    let pages = [
        "index.html",
        "about.html",
        "shop/index.html",
        "shop/tents.html",
        "caf\u{e9}.html",
        "old.html",
    ];
    Listed::new(&pages, "sw.js", |read| {
        let of = |path| md5(read(path));
        format!(
            "// workbox\r\nimportScripts('workbox-0.js');const a=\"{{url:\",x=`it's`;\
             e.precacheAndRoute([{{url:\"index.html\",revision:\"{home}\"}},{{url:\"assets/a.js\",revision:null}},\
             {{\"revision\":\"{about}\",\"url\":\"/about\"}},{{'url':'./shop/','revision':'{shop}',integrity:'{integrity}'}},\
             {{url:`shop/tents`,size:12,revision:`{tents}`}}].concat([{{url:\"caf%C3%A9.html?v=1\",revision:\"{cafe}\"}},\
             {{url:\"main.css\",revision:\"{other}\"}}]),{{}});\r\nvar precacheConfig=[[\"/old.html\",\"{old}\"],[\"/x.js\",\"{other}\"]];",
            home = of("index.html"),
            about = of("about.html"),
            shop = of("shop/index.html"),
            integrity = integrity(read("shop/index.html")),
            tents = of("shop/tents.html"),
            cafe = of("caf\u{e9}.html"),
            old = of("old.html"),
            other = md5("something else"),
        )
        .into_bytes()
    })
    .is_kept_true();
}

#[test]
fn lists_of_checksums_and_integrity_stay_true() {
    Listed::new(&["index.html", "a b.html"], "SHA256SUMS", |read| {
        let (home, other) = (sha256(read("index.html")), sha256(read("a b.html")));
        format!("{home}  index.html\n{other} *a b.html\nSHA256 (index.html) = {home}\r\n")
            .into_bytes()
    })
    .is_kept_true();
    Listed::new(&["index.html", "about/index.html"], "integrity.json", |read| {
        let (home, about) = (integrity(read("index.html")), sha256(read("about/index.html")));
        format!("{{\"v\": 3, \"/\": \"{home}\",\n \"more\": [{{\"file\": \"about/\", \"sha256\": \"{about}\"}}]}}").into_bytes()
    })
    .is_kept_true();
}
