//! Files as they come: their modes, owners and links are kept, and what is no page is never opened.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::common::{Report, Site, loader, page, plain};
use crate::somebody::{hand_over, is_root, run_as_user};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_hard_link_is_broken_and_not_written_through() {
    let site = Site::new().file("source/index.html", plain());
    let source = site.folder().join("source/index.html");
    fs::hard_link(&source, site.path("index.html")).unwrap();
    site.ok("inject");
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(fs::read_to_string(source).unwrap(), plain());
}

#[test]
fn mode_and_owner_are_kept() {
    let site = Site::of(plain()).page("shop.html", plain());
    chmod(&site.path("index.html"), 0o640);
    chmod(&site.path("shop.html"), 0o444);
    if is_root() {
        chown(site.path("index.html"), Some(1234), Some(2345)).unwrap();
    }
    let owner = |path: &str| {
        let metadata = fs::metadata(site.path(path)).unwrap();
        (metadata.uid(), metadata.gid())
    };
    let before = owner("index.html");
    site.ok("inject");
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(mode(&site.path("index.html")), 0o640);
    assert_eq!(owner("index.html"), before);
    assert_eq!(site.text("shop.html"), page(&loader()));
    assert_eq!(mode(&site.path("shop.html")), 0o444);
}

#[test]
fn a_read_only_file_in_a_writable_folder_is_done() {
    let site = Site::of(plain());
    chmod(&site.path("index.html"), 0o400);
    hand_over(site.folder());
    run_as_user(&site, "inject").exits(0);
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(mode(&site.path("index.html")), 0o400);
}

#[test]
fn a_folder_that_cannot_be_written_fails_its_pages_and_no_others() {
    let site = Site::of(plain()).page("locked/a.html", plain());
    hand_over(site.folder());
    chmod(&site.path("locked"), 0o555);
    let run = run_as_user(&site, "inject --format json");
    chmod(&site.path("locked"), 0o755);
    let report = Report::of(&run.exits(3).stdout);
    assert_eq!(report.outcome("index.html"), "injected");
    assert_eq!(report.outcome("locked/a.html"), "failed");
    let reason = report.reason("locked/a.html");
    assert!(
        reason.contains("cannot create a file beside it"),
        "{reason}"
    );
    // Not of a temporary file, whose name would make every page's reason another one.
    assert!(!reason.contains(".tmp"), "{reason}");
    assert_eq!(site.text("locked/a.html"), plain());
}

#[test]
fn what_cannot_be_read_fails_alone() {
    let site = Site::of(plain())
        .page("private.html", plain())
        .page("closed/a.html", plain());
    hand_over(site.folder());
    chmod(&site.path("private.html"), 0);
    chmod(&site.path("closed"), 0);
    for (command, code) in [("inject", 3), ("verify", 3)] {
        let run = run_as_user(&site, &format!("{command} --format json"));
        let report = Report::of(&run.exits(code).stdout);
        for path in ["private.html", "closed"] {
            assert_eq!(report.outcome(path), "failed", "{path}");
            assert!(report.reason(path).contains("permission denied"), "{path}");
        }
        let found = report.findings("page-unreadable").len();
        assert_eq!(found, if command == "verify" { 2 } else { 0 });
    }
    chmod(&site.path("closed"), 0o755);
    assert_eq!(site.text("index.html"), page(&loader()));
    assert_eq!(mode(&site.path("private.html")), 0);
}

#[test]
fn a_page_of_another_owner_is_left_rather_than_taken_over() {
    let site = Site::of(plain()).page("mine.html", plain());
    hand_over(site.folder());
    if !is_root() {
        // Only root can make a file of another's; what is checked here is then another test's matter.
        assert_eq!(run_as_user(&site, "inject").code, 0);
        return;
    }
    chown(site.path("index.html"), Some(1234), Some(1234)).unwrap();
    chmod(&site.path("index.html"), 0o644);
    let run = run_as_user(&site, "inject --format json");
    let report = Report::of(&run.exits(3).stdout);
    assert_eq!(report.outcome("mine.html"), "injected");
    assert!(report.reason("index.html").contains("owner cannot be kept"));
    assert_eq!(site.text("index.html"), plain());
    assert_eq!(fs::metadata(site.path("index.html")).unwrap().uid(), 1234);
}

#[test]
fn fifos_and_sockets_are_never_opened() {
    let site = Site::of(plain());
    let made = Command::new("mkfifo").arg(site.path("fifo.html")).status();
    assert!(made.unwrap().success());
    // Beside pages, too, where copies and the runtime are looked for.
    for name in ["index.html.gz", "chathub-assets/runtime.txt"] {
        fs::create_dir_all(site.path(name).parent().unwrap()).unwrap();
        let made = Command::new("mkfifo").arg(site.path(name)).status();
        assert!(made.unwrap().success());
    }
    let _socket = UnixListener::bind(site.path("socket.html")).unwrap();
    let report = site.json("inject", 0);
    for path in ["fifo.html", "socket.html"] {
        assert_eq!(report.outcome(path), "skipped");
        assert_eq!(report.reason(path), "not a regular file");
    }
    assert_eq!(site.text("index.html"), page(&loader()));
    site.ok("verify");
    site.ok("inject --output copy");
    assert!(!site.folder().join("copy/fifo.html").exists());
    site.ok("remove");
    assert_eq!(site.text("index.html"), plain());
}

#[test]
fn rules_that_are_no_file_stop_their_folder() {
    type Make = fn(&Path);
    let kinds: [(&str, Make); 4] = [
        ("a folder", |at| fs::create_dir(at).unwrap()),
        ("a folder with rules in it", |at| {
            fs::create_dir(at).unwrap();
            fs::write(at.join("rules.toml"), "[[rules]]\nwidget = false\n").unwrap();
        }),
        ("a FIFO", |at| {
            assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
        }),
        ("a socket", |at| drop(UnixListener::bind(at).unwrap())),
    ];
    for (kind, make) in kinds {
        let site = Site::of(plain())
            .page("internal/rota.html", plain())
            .page("internal/deep/rota.html", plain());
        make(&site.path("internal/.chathub.toml"));
        let words = &["internal/.chathub.toml: it is not a regular file"];
        let run = site.run("inject --format json");
        run.fails(2, words);
        let report = Report::of(&run.stdout);
        assert_eq!(report.outcome("index.html"), "injected");
        for page in ["internal/rota.html", "internal/deep/rota.html"] {
            assert_eq!(report.outcome(page), "refused", "{kind}");
            assert!(report.reason(page).contains("internal/.chathub.toml"));
            assert_eq!(site.text(page), plain(), "{kind}");
        }
        site.run("verify").fails(2, words);
        site.run("explain").fails(2, words);
        site.run("inject --remove-config-files").fails(2, words);
        assert!(site.path("internal/.chathub.toml").exists(), "{kind}");
    }
    // Where nothing is a page, there is nothing that rules could be for.
    let site = Site::of(plain());
    fs::create_dir_all(site.path(".git/.chathub.toml")).unwrap();
    site.ok("inject");
}

#[test]
fn a_generators_file_that_never_ends_is_passed_over() {
    for name in [
        "hugo.toml",
        "mkdocs.yml",
        "package.json",
        "_config.yml",
        "angular.json",
        "next.config.js",
        "conf.py",
        "Doxyfile",
    ] {
        let site = Site::of(plain());
        let made = Command::new("mkfifo")
            .arg(site.folder().join(name))
            .status();
        assert!(made.unwrap().success());
        site.ok("init");
    }
}

#[test]
fn links_are_followed_once_left_to_their_target_or_reported() {
    let site = Site::of(plain())
        .page(".store/page.html", plain())
        .page(".store/twice.html", plain())
        .file("outside.html", plain())
        .file("outside/page.html", plain());
    for (to, at) in [
        (".store/page.html", "followed.html"),
        (".store/twice.html", "first.html"),
        (".store/twice.html", "second.html"),
        ("index.html", "alias.html"),
        ("../outside.html", "leaves.html"),
        ("../outside", "leaving"),
        ("nowhere.html", "broken.html"),
        ("loop.html", "loop.html"),
        (".", "itself"),
        ("..", "up"),
    ] {
        symlink(to, site.path(at)).unwrap();
    }
    let report = site.json("inject", 0);
    for path in ["index.html", "followed.html", "first.html"] {
        assert_eq!(report.outcome(path), "injected", "{path}");
        assert_eq!(site.text(path), page(&loader()), "{path}");
    }
    for (path, reason) in [
        ("second.html", "symbolic link to another page"),
        ("alias.html", "symbolic link to another page"),
        ("leaves.html", "a symbolic link that leaves the site"),
        ("leaving", "a symbolic link that leaves the site"),
        ("up", "a symbolic link that leaves the site"),
        ("broken.html", "a broken symbolic link"),
        ("loop.html", "a broken symbolic link"),
    ] {
        assert_eq!(report.outcome(path), "skipped", "{path}");
        assert_eq!(report.reason(path), reason, "{path}");
    }
    for link in ["followed.html", "first.html", "second.html", "alias.html"] {
        let metadata = fs::symlink_metadata(site.path(link)).unwrap();
        assert!(metadata.is_symlink(), "{link} is a link no more");
    }
    assert_eq!(site.text("leaves.html"), plain());
    assert_eq!(site.text("leaving/page.html"), plain());
    site.ok("remove");
    assert_eq!(site.text("followed.html"), plain());
}

#[test]
fn a_linked_folder_is_followed_where_its_pages_are_not_met_otherwise() {
    let site = Site::of(plain())
        .page("blog/a.html", plain())
        .page(".cache/news/b.html", plain());
    symlink("blog", site.path("latest")).unwrap();
    symlink(".cache/news", site.path("news")).unwrap();
    symlink("../news", site.path(".cache/news/again")).unwrap();
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("blog/a.html"), "injected");
    assert_eq!(report.outcome("news/b.html"), "injected");
    assert!(!report.paths().contains(&"latest/a.html"));
    assert_eq!(site.text("news/b.html"), page(&loader()));
    let outcomes = report.0["summary"]["total"]["outcomes"]["injected"].as_u64();
    assert_eq!(outcomes, Some(3));
}

#[test]
fn hidden_folders_are_left_unless_they_are_pages_by_configuration() {
    let site = Site::of(plain()).page(".well-known/a.html", plain());
    let report = site.json("inject", 0);
    assert_eq!(report.outcome(".well-known/a.html"), "skipped");
    assert_eq!(report.reason(".well-known/a.html"), "in a hidden folder");
    assert_eq!(site.text(".well-known/a.html"), plain());
    let site = site.config("[pages]\nhidden = true\n");
    let report = site.json("inject", 0);
    assert_eq!(report.outcome(".well-known/a.html"), "injected");
}

#[test]
fn version_control_is_not_looked_into() {
    let site = Site::of(plain())
        .page(".git/a.html", plain())
        .page("sub/.git/b.html", plain());
    for config in ["", "[pages]\nhidden = true\n"] {
        let site = Site::of(plain())
            .page(".git/a.html", plain())
            .config(config);
        assert_eq!(site.json("inject", 0).paths(), ["index.html"]);
    }
    assert_eq!(site.json("inject", 0).paths(), ["index.html"]);
    assert_eq!(site.text(".git/a.html"), plain());
}

#[test]
fn leftovers_of_a_killed_run_are_cleaned_up_by_the_next_that_writes() {
    let site = Site::of(plain()).page("shop/index.html", plain());
    let leftovers = [
        ".chathub-0123456789abcdef-AbCdEf.tmp",
        "shop/.chathub-fedcba9876543210-123456.tmp",
    ];
    for leftover in leftovers {
        fs::write(site.path(leftover), "half a page").unwrap();
    }
    let there = || leftovers.map(|leftover| site.path(leftover).exists());
    for reading in [
        "verify",
        "inject --dry-run",
        "inject --check",
        "inject --diff",
        "explain",
        "init --stdout public",
    ] {
        site.run(reading);
        assert_eq!(there(), [true, true], "{reading}");
    }
    site.ok("inject --output copy");
    assert_eq!(there(), [true, true]);
    assert!(!site.folder().join("copy").join(leftovers[0]).exists());
    site.ok("inject");
    assert_eq!(there(), [false, false]);
    fs::write(site.path(leftovers[0]), "half a page").unwrap();
    site.ok("remove");
    assert_eq!(there(), [false, false]);
}

#[test]
fn rules_files_are_none_of_the_business_of_remove() {
    let site = Site::of(plain())
        .page("shop/.chathub.toml", "[[rules]]\nwidget = false\n")
        .config("remove-config-files = true\n");
    let run = site.run("remove --check --format json");
    let report: serde_json::Value = serde_json::from_str(&run.exits(0).stdout).unwrap();
    assert_eq!(report["summary"]["files"], serde_json::json!([]));
    assert!(site.path("shop/.chathub.toml").exists());
}
