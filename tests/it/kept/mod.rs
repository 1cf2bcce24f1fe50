//! What files had they keep: owners, groups, modes, access control lists, times and shared content, in place and in a copy.

#![cfg(unix)]

mod copies;

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::common::{Report, Run, Site, loader, page, plain};
use crate::somebody::{NOBODY, hand_over, is_root, run_as_user};

const ACCESS: &str = "system.posix_acl_access";
const DEFAULT: &str = "system.posix_acl_default";

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn date(path: &Path, seconds: u64) -> SystemTime {
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    File::open(path).unwrap().set_modified(time).unwrap();
    time
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

/// An access control list as the kernel takes it: what the owner, a user of this number, the group, at most, and all others
/// may do (linux/posix_acl_xattr.h).
fn access_list(owner: u16, user: (u32, u16), group: u16, mask: u16, other: u16) -> Vec<u8> {
    const NO_ID: u32 = u32::MAX;
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, may, id) in [
        (0x01_u16, owner, NO_ID),
        (0x02, user.1, user.0),
        (0x04, group, NO_ID),
        (0x10, mask, NO_ID),
        (0x20, other, NO_ID),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(may.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    list
}

/// The web server may read what its group and all others may not.
fn for_the_server() -> Vec<u8> {
    access_list(6, (NOBODY, 4), 0, 4, 0)
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    xattr::get(path, name).unwrap()
}

#[test]
fn a_foreign_group_matters_where_it_may_do_other_things_than_everybody() {
    let pages = [
        ("all.html", 0o644, "injected"),
        ("group.html", 0o640, "failed"),
        ("others.html", 0o604, "failed"),
        ("write.html", 0o664, "failed"),
        ("owner.html", 0o600, "injected"),
    ];
    let site = pages
        .iter()
        .fold(Site::new(), |site, (path, ..)| site.page(path, plain()));
    hand_over(site.folder());
    for (path, mode, _) in pages {
        if is_root() {
            chown(site.path(path), Some(NOBODY), Some(1234)).unwrap();
        }
        chmod(&site.path(path), mode);
    }
    let run = run_as_user(&site, "inject --format json");
    let report = Report::of(&run.stdout);
    for (path, wanted, outcome) in pages {
        // Only root can make a file of a foreign group. One's own is kept, whatever it may do.
        let outcome = if is_root() { outcome } else { "injected" };
        assert_eq!(report.outcome(path), outcome, "{path}");
        assert_eq!(mode(&site.path(path)), wanted, "{path}");
        if outcome == "failed" {
            let reason = report.reason(path);
            for word in ["group cannot be kept", "1234", "--output"] {
                assert!(reason.contains(word), "{reason}");
            }
            assert_eq!(site.text(path), plain());
            assert_eq!(fs::metadata(site.path(path)).unwrap().gid(), 1234);
        } else {
            assert_eq!(site.text(path), page(&loader()));
        }
    }
    // Whoever may give it to the group does.
    site.ok("inject");
    for (path, ..) in pages.iter().filter(|_| is_root()) {
        let done = report.outcome(path) == "failed";
        let gid = fs::metadata(site.path(path)).unwrap().gid();
        assert_eq!(gid, if done { 1234 } else { NOBODY }, "{path}");
    }
}

/// A site on a file system that has attributes: not all that hold temporary files do.
fn attributed() -> Site {
    Site::within(Path::new(env!("CARGO_TARGET_TMPDIR"))).page("index.html", plain())
}

#[test]
fn access_lists_and_attributes_are_kept() {
    let site = attributed().page("bare/page.html", plain());
    let listed = site.path("index.html");
    let bare = site.path("bare/page.html");
    xattr::set(&listed, ACCESS, &for_the_server()).unwrap();
    xattr::set(&listed, "user.etag", b"\"1\"").unwrap();
    // What is made in this folder gets a list by itself; the page was there before.
    xattr::set(site.path("bare"), DEFAULT, &for_the_server()).unwrap();
    chmod(&bare, 0o604);
    assert_eq!(attribute(&bare, ACCESS), None);
    for (command, outcome) in [("inject", "injected"), ("remove", "removed")] {
        let report = site.json(command, 0);
        assert_eq!(report.outcome("index.html"), outcome);
        assert_eq!(attribute(&listed, ACCESS), Some(for_the_server()));
        assert_eq!(attribute(&listed, "user.etag"), Some(b"\"1\"".to_vec()));
        assert_eq!(mode(&listed), 0o640);
        assert_eq!(report.outcome("bare/page.html"), outcome);
        assert_eq!(attribute(&bare, ACCESS), None);
        assert_eq!(mode(&bare), 0o604);
    }
    site.ok("inject --output copy");
    let copy = site.folder().join("copy");
    assert_eq!(
        attribute(&copy.join("index.html"), ACCESS),
        Some(for_the_server())
    );
    assert_eq!(
        attribute(&copy.join("index.html"), "user.etag"),
        Some(b"\"1\"".to_vec())
    );
    assert_eq!(
        attribute(&copy.join("bare"), DEFAULT),
        Some(for_the_server())
    );
    assert_eq!(attribute(&copy.join("bare/page.html"), ACCESS), None);
    // Whoever may read the pages may read what they load.
    let runtime = attribute(&copy.join("chathub-assets/runtime.js"), ACCESS);
    assert_eq!(
        runtime,
        if mode(&copy.join("chathub-assets/runtime.js")) == 0o640 {
            Some(for_the_server())
        } else {
            None
        }
    );
}

#[test]
fn a_page_whose_attributes_cannot_be_kept_is_left() {
    let site = attributed();
    if !is_root() {
        // Only root can set what its owner cannot; what its owner can set is kept.
        xattr::set(site.path("index.html"), "user.note", b"x").unwrap();
        site.ok("inject");
        assert_eq!(
            attribute(&site.path("index.html"), "user.note"),
            Some(b"x".to_vec())
        );
        return;
    }
    xattr::set(site.path("index.html"), "security.test", b"x").unwrap();
    // The folders above may be closed to others: the site moves to where they are open.
    let open = tempfile::tempdir().unwrap();
    chmod(open.path(), 0o755);
    let moved = Site::within(open.path()).page("index.html", plain());
    xattr::set(moved.path("index.html"), "security.test", b"x").unwrap();
    hand_over(moved.folder());
    let run = run_as_user(&moved, "inject --format json");
    let report = Report::of(&run.exits(3).stdout);
    let reason = report.reason("index.html");
    assert!(reason.contains("security.test cannot be kept"), "{reason}");
    assert_eq!(moved.text("index.html"), plain());
    assert_eq!(
        attribute(&moved.path("index.html"), "security.test"),
        Some(b"x".to_vec())
    );
    // Root can.
    moved.ok("inject");
    assert_eq!(
        attribute(&moved.path("index.html"), "security.test"),
        Some(b"x".to_vec())
    );
    assert_eq!(moved.text("index.html"), page(&loader()));
}

#[test]
fn whoever_may_read_the_pages_may_read_the_runtime() {
    for (file, folder) in [(0o644, 0o755), (0o640, 0o750), (0o664, 0o2775)] {
        let site = Site::of(plain());
        chmod(&site.path("index.html"), file);
        chmod(&site.path(""), folder);
        if is_root() {
            chown(site.path(""), Some(NOBODY), Some(NOBODY)).unwrap();
            chmod(&site.path(""), folder);
        }
        let run = |arguments: &[&str]| {
            let closed = ["sh", "-c", "umask 077; exec \"$@\"", "sh"];
            Run::of(&mut site.command(arguments).under(&closed)).exits(0);
        };
        run(&["inject"]);
        run(&["inject", "public", "--output", "copy"]);
        let owner = fs::metadata(site.path("")).unwrap();
        for root in [site.path(""), site.folder().join("copy")] {
            let runtime = root.join("chathub-assets/runtime.js");
            assert_eq!(mode(&runtime), file, "{}", runtime.display());
            assert_eq!(mode(&root.join("chathub-assets")) & 0o777, folder & 0o777);
        }
        let made = fs::metadata(site.path("chathub-assets/runtime.js")).unwrap();
        assert_eq!((made.uid(), made.gid()), (owner.uid(), owner.gid()));
    }
}

#[test]
fn copies_stay_with_a_page_that_cannot_be_replaced() {
    let site = attributed().page("index.html.gz", gzip(&plain()));
    let fixed = |how: &str| {
        let set = Command::new("chattr")
            .arg(how)
            .arg(site.path("index.html"))
            .status();
        set.is_ok_and(|status| status.success())
    };
    if !fixed("+i") {
        println!("SKIPPED: no file can be made immutable here");
        return;
    }
    let run = site.run("inject --format json");
    assert!(fixed("-i"));
    let report = Report::of(&run.exits(3).stdout);
    assert!(report.reason("index.html").contains("cannot replace it"));
    assert_eq!(site.text("index.html"), plain());
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["missing-instance"]);
    site.ok("inject");
    site.ok("verify");
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn no_name_is_too_strange() {
    let long = format!("{}.html", "x".repeat(250));
    let names = [
        b"line\nbreak.html".as_slice(),
        b"caf\xE9.html",
        b" .html",
        b"-n.html",
        long.as_bytes(),
    ];
    let site = Site::new();
    for name in names {
        fs::write(site.path("").join(OsStr::from_bytes(name)), plain()).unwrap();
    }
    site.ok("inject --output copy");
    site.ok("inject");
    for root in [site.path(""), site.folder().join("copy")] {
        for name in names {
            let text = fs::read_to_string(root.join(OsStr::from_bytes(name))).unwrap();
            assert_eq!(text, page(&loader()), "{}", name.escape_ascii());
        }
    }
    let run = site.run("verify -v");
    assert!(
        run.exits(0)
            .stdout
            .lines()
            .all(|line| !line.starts_with("break.html"))
    );
}
