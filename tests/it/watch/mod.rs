//! `chathub watch`: what `inject` makes of a site, again after each change.
#![cfg(unix)]

mod configuration;
mod generators;
mod system;
mod tokens;

use std::fs;
use std::path::Path;

use crate::common::{HEAD, Site, TAIL, loader, loader_for, page, plain, snapshot};
use crate::http::Server;
use crate::program::patience::wait_until;

const RULES: &str = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n\
    [[rules]]\nmatch = \"shop/**\"\norganization = \"sales\"\n";

/// A page with the loader of an organization.
fn of(organization: &str) -> String {
    let loader = loader_for(&format!(" data-org=\"{organization}\""));
    page(&loader.replace("></script>", " data-routes=\"\"></script>"))
}

fn watch(site: &Site, arguments: &[&str]) -> Server {
    let all = ["watch", "public"].iter().chain(arguments);
    let mut watch = Server::begin(&mut site.command(all));
    if !arguments.contains(&"-q") {
        watch.says("watching public");
    }
    watch
}

/// Deletes a folder as a generator does that cleans up: again, where the watch put a file in there meanwhile.
fn delete(folder: &Path) {
    wait_until("the folder is deleted", || {
        fs::remove_dir_all(folder).is_ok() || !folder.exists()
    });
}

/// A watch that waits for its site. Which of the two streams is heard first, nobody knows.
fn watch_nothing(site: &Site) -> Server {
    fs::remove_dir_all(site.path("")).unwrap();
    let mut watch = Server::begin(&mut site.command(["watch", "public"]));
    watch.says("there is no folder public; waiting for it");
    watch
}

/// Waits until a page of the site is this.
#[track_caller]
fn becomes(site: &Site, path: &str, wanted: &str) {
    wait_until(path, || {
        fs::read_to_string(site.path(path)).is_ok_and(|page| page == wanted)
    });
}

/// Ends a watch, once the site is as `inject` would leave it.
fn ends(site: &Site, watch: Server) -> String {
    wait_until("inject would change nothing", || {
        site.run("inject public --check").code == 0
    });
    let (code, said) = watch.stop();
    assert_eq!(code, 0, "{said}");
    site.ok("inject public --check");
    assert_eq!(temporaries(site), 0);
    said
}

fn temporaries(site: &Site) -> usize {
    let files = snapshot(site.folder()).into_keys();
    files.filter(|file| file.contains("/.chathub-")).count()
}

#[test]
fn pages_are_injected_when_they_come_and_when_they_change() {
    let site = Site::of(plain()).config(RULES);
    let mut watch = watch(&site, &[]);
    let line = watch.says("injected");
    assert!(line.contains("  index.html  support  "), "{line}");
    watch.says("1 of 1 page changed in ");
    becomes(&site, "index.html", &of("support"));
    // In place, by another file, and in a folder that is new.
    fs::write(site.path("index.html"), plain()).unwrap();
    watch.says("injected");
    becomes(&site, "index.html", &of("support"));
    site.replace("public/index.html", &plain());
    watch.says("injected");
    becomes(&site, "index.html", &of("support"));
    fs::create_dir_all(site.path("shop/deep/er")).unwrap();
    fs::write(site.path("shop/deep/er/a.html"), plain()).unwrap();
    let line = watch.says("injected");
    assert!(line.contains("  shop/deep/er/a.html  sales  "), "{line}");
    becomes(&site, "shop/deep/er/a.html", &of("sales"));
    ends(&site, watch);
}

#[test]
fn its_own_writes_come_to_an_end() {
    let site = Site::of(plain());
    let mut watch = watch(&site, &["-v"]);
    watch.says("injected   index.html");
    watch.says("unchanged  index.html");
    let before = snapshot(&site.path(""));
    for number in 0..10 {
        let name = format!("{number}.html");
        site.replace(&format!("public/{name}"), &plain());
        watch.says(&format!("injected   {name}"));
        watch.says(&format!("unchanged  {name}"));
    }
    let after = snapshot(&site.path(""));
    for (path, entry) in &before {
        assert_eq!(after.get(path), Some(entry), "{path} was written again");
    }
    let said = ends(&site, watch);
    // One look at what it has written itself; what comes with a busy machine, not more and more.
    for name in ["0.html", "1.html"] {
        let looks = said.lines().filter(|line| line.contains(name)).count();
        assert!((2..=6).contains(&looks), "{looks} looks at {name}:\n{said}");
    }
}

#[test]
fn a_site_may_come_go_and_be_another() {
    let site = Site::new().config(RULES);
    let mut watch = watch_nothing(&site);
    fs::create_dir(site.path("")).unwrap();
    fs::write(site.path("index.html"), plain()).unwrap();
    becomes(&site, "index.html", &of("support"));
    // As a generator that cleans up first does it.
    delete(&site.path(""));
    fs::create_dir_all(site.path("shop")).unwrap();
    fs::write(site.path("shop/a.html"), plain()).unwrap();
    fs::write(site.path("index.html"), plain()).unwrap();
    becomes(&site, "index.html", &of("support"));
    becomes(&site, "shop/a.html", &of("sales"));
    wait_until("the runtime is there again", || {
        site.path("chathub-assets/runtime.js").is_file()
    });
    // The whole folder by another.
    fs::create_dir(site.folder().join("next")).unwrap();
    fs::write(site.folder().join("next/b.html"), plain()).unwrap();
    fs::rename(site.path(""), site.folder().join("before")).unwrap();
    fs::rename(site.folder().join("next"), site.path("")).unwrap();
    becomes(&site, "b.html", &of("support"));
    site.replace("public/c.html", &plain());
    becomes(&site, "c.html", &of("support"));
    // By a link that leads elsewhere.
    fs::rename(site.path(""), site.folder().join("one")).unwrap();
    fs::create_dir(site.folder().join("two")).unwrap();
    fs::write(site.folder().join("two/d.html"), plain()).unwrap();
    std::os::unix::fs::symlink("two", site.path("").parent().unwrap().join("public")).unwrap();
    becomes(&site, "d.html", &of("support"));
    // Gone for good.
    fs::remove_file(site.folder().join("public")).unwrap();
    watch.says("there is no folder public; waiting for it");
    assert!(!site.path("").exists(), "nobody makes it but its generator");
    let (code, said) = watch.stop();
    assert_eq!(code, 0, "{said}");
}

#[test]
fn what_follows_from_all_pages_is_right_after_each_change() {
    let site = Site::of(plain()).page("shop/a.html", plain()).config(RULES);
    let mut watch = watch(&site, &[]);
    watch.says("2 of 2 pages changed");
    let is_right = || site.run("inject public --check").code == 0;
    let changes: [(&str, &dyn Fn()); 6] = [
        ("another organization by the page itself", &|| {
            let meta = "<meta name=\"chathub\" content=\"organization=sales\">";
            site.replace(
                "public/b.html",
                &plain().replace("</head>", &format!("{meta}</head>")),
            );
        }),
        ("a page less", &|| {
            fs::remove_file(site.path("b.html")).unwrap();
        }),
        ("a folder less", &|| {
            delete(&site.path("shop"));
        }),
        ("a folder more", &|| {
            fs::create_dir(site.folder().join("more")).unwrap();
            fs::write(site.folder().join("more/c.html"), plain()).unwrap();
            fs::rename(site.folder().join("more"), site.path("shop")).unwrap();
        }),
        ("no runtime", &|| {
            delete(&site.path("chathub-assets"));
        }),
        ("a damaged route file", &|| {
            fs::write(
                site.path("chathub-assets/routes.json"),
                "{\"chathub\":\"routes\",",
            )
            .unwrap();
        }),
    ];
    for (what, change) in changes {
        change();
        wait_until(what, is_right);
    }
    site.ok("verify public");
    ends(&site, watch);
}

#[test]
fn compressed_copies_follow_their_page() {
    let site = Site::of(plain());
    let watch = watch(&site, &[]);
    becomes(&site, "index.html", &page(&loader()));
    // A generator that compresses, too.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gz, plain().as_bytes()).unwrap();
    fs::write(site.path("index.html.gz"), gz.finish().unwrap()).unwrap();
    wait_until("the copy says what the page says", || {
        let mut text = String::new();
        let file = fs::File::open(site.path("index.html.gz")).unwrap();
        let read =
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text);
        read.is_ok() && text == page(&loader())
    });
    ends(&site, watch);
}

#[test]
fn lists_of_pages_are_kept_true() {
    let worker = "self.__WB=1;precacheAndRoute([{url:\"/\",revision:\"1\"},{url:\"/a.html\",revision:\"1\"}])";
    let site = Site::of(plain())
        .page("a.html", plain())
        .page("sw.js", worker);
    let watch = watch(&site, &[]);
    let is_true = || site.text("sw.js") != worker && site.run("inject public --check").code == 0;
    wait_until("the list is true", is_true);
    let changes: [(&str, &dyn Fn()); 3] = [
        ("the list alone", &|| {
            fs::write(site.path("sw.js"), worker).unwrap();
        }),
        ("one of its pages", &|| {
            fs::write(site.path("a.html"), plain().replace("Hello", "Another")).unwrap();
        }),
        ("both", &|| {
            fs::write(site.path("a.html"), plain()).unwrap();
            fs::write(site.path("sw.js"), worker).unwrap();
        }),
    ];
    for (what, change) in changes {
        change();
        wait_until(what, is_true);
    }
    site.ok("verify public");
    ends(&site, watch);
}

#[test]
fn what_cannot_be_done_is_said_and_the_rest_is_done() {
    let twice = "<meta name=\"chathub\" content=\"organisation=sales\">";
    let wrong = plain().replace("</head>", &format!("{twice}</head>"));
    let site = Site::of(plain()).page("wrong.html", wrong).config(RULES);
    let mut watch = watch(&site, &["-q"]);
    let line = watch.says("refused");
    assert!(
        line.contains("wrong.html: its <meta name=\"chathub\"> says"),
        "{line}"
    );
    becomes(&site, "index.html", &of("support"));
    site.replace("public/wrong.html", &plain());
    becomes(&site, "wrong.html", &of("support"));
    let (code, said) = watch.stop();
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("injected"), "{said}");
}

#[test]
fn lines_are_plain_in_a_pipe_and_coloured_on_demand() {
    for (colour, is_coloured) in [("auto", false), ("always", true)] {
        let site = Site::of(plain());
        let mut watch = watch(&site, &["--color", colour]);
        let line = watch.says("injected");
        assert_eq!(line.contains('\u{1b}'), is_coloured, "{line}");
        assert_eq!(watch.stop().0, 0);
    }
}

/// A page that somebody has begun to write is left until it is whole.
#[cfg(target_os = "linux")]
#[test]
fn a_page_that_is_being_written_waits_for_its_end() {
    use std::io::Write as _;
    let site = Site::of(plain());
    let watch = watch(&site, &[]);
    becomes(&site, "index.html", &page(&loader()));
    let mut file = fs::File::create(site.path("slow.html")).unwrap();
    file.write_all(HEAD.as_bytes()).unwrap();
    for other in ["a.html", "b.html"] {
        site.replace(&format!("public/{other}"), &plain());
        becomes(&site, other, &page(&loader()));
    }
    // With all that there is to look at.
    delete(&site.path("chathub-assets"));
    wait_until("the runtime is there again", || {
        site.path("chathub-assets/runtime.js").is_file()
    });
    assert_eq!(site.text("slow.html"), HEAD);
    file.write_all(TAIL.as_bytes()).unwrap();
    drop(file);
    becomes(&site, "slow.html", &page(&loader()));
    ends(&site, watch);
}

#[test]
fn flags_do_what_they_do_for_inject() {
    for (flag, value) in [
        ("mode", "static"),
        ("default-organization", "sales"),
        ("endpoint", "/other"),
        ("base-url", "/docs/"),
        ("load", "eager"),
        ("contact", "tel:112"),
        ("position", "head-end"),
        ("asset-dir", "chat"),
        ("widget-src", "https://example.com/w.js"),
        ("link-root", "beside"),
        ("compressed-siblings", "remove"),
        ("if-no-credentials", "skip"),
    ] {
        let is_static = ["mode", "if-no-credentials"].contains(&flag);
        let config = if is_static {
            "default-organization = \"support\"\n[organizations.support]\nid = 6\ntoken = { file = \"token\" }\n"
        } else {
            RULES
        };
        let made = || {
            let site = Site::of(plain())
                .config(config)
                .page("copy.html.gz", "not gzip at all");
            let site = site.page(
                "copy.html",
                page("<script type=\"module\" src=\"https://example.com/w.js\"></script>"),
            );
            let site = site.file("beside/page.html", plain());
            std::os::unix::fs::symlink("../beside/page.html", site.path("link.html")).unwrap();
            if flag == "mode" {
                fs::write(site.folder().join("token"), TOKEN.as_str()).unwrap();
            }
            site
        };
        let (watched, injected, without) = (made(), made(), made());
        let mut arguments = vec!["-v".to_owned(), format!("--{flag}"), value.to_owned()];
        if flag == "if-no-credentials" {
            arguments.extend(["--mode".to_owned(), "static".to_owned()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut watch = watch(&watched, &arguments);
        watch.says(" changed in ");
        assert_eq!(watch.stop().0, 0);
        injected.run(&format!("inject public {}", arguments.join(" ")));
        without.run("inject public");
        let contents = |site: &Site| crate::common::contents(&site.path(""));
        assert_eq!(contents(&watched), contents(&injected), "--{flag}");
        assert_ne!(contents(&watched), contents(&without), "--{flag}");
    }
}

/// Made once: it says when that was, and the sites of two runs must be the same.
static TOKEN: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| crate::common::token("operator", 36_000));
