//! Whatever happens in the middle of a run, every page is old or new, the rest is done, and what is not done is named.
//!
//! Nothing here waits for a certain time: the tests look at the site until the run has come to where they want it.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Report, Run, Site, contents, loader, page, plain};
use crate::many::{Pages, name, new, stopped};
use rustix::process::{Pid, Signal, geteuid, kill_process};

/// How many moments a run is killed at; more can be asked for by this variable.
const KILLS: &str = "CHATHUB_KILLS";
/// A user that owns nothing, `nobody` on most systems: nothing is denied to root.
const NOBODY: u32 = 65_534;

/// Numbers that look random, the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn killed_at_any_moment_every_page_is_whole_and_the_next_run_finishes() {
    let kills = std::env::var(KILLS).map_or(50, |kills| kills.parse().unwrap());
    let pages = Pages::new(300);
    let mut random = Random(0x5EED);
    let (mut cut_off, mut left_over) = (0, 0);
    for kill in 0..kills {
        let inject = kill % 2 == 0;
        let command = if inject { "inject" } else { "remove" };
        let mut run = pages.spawn(&[command]);
        // One in ten somewhere in the beginning, before any page is done.
        if random.below(10) > 0 {
            let at = usize::try_from(random.below(pages.number as u64)).unwrap();
            pages.wait_for(&mut run, at, inject);
        }
        // And from there on at any moment between or in two calls to the system.
        for _ in 0..random.below(100_000) {
            std::hint::spin_loop();
        }
        run.kill().unwrap();
        let killed = run.wait().unwrap().signal() == Some(9);
        let new = pages.count_new();
        cut_off += usize::from(killed && new > 0 && new < pages.number);
        let names = pages.site.snapshot();
        left_over += usize::from(names.keys().any(|name| name.contains(".chathub-")));

        pages.site.ok(command);
        assert_eq!(pages.count_new(), if inject { pages.number } else { 0 });
        pages.has_no_leftovers();
        if inject {
            pages.site.ok("verify");
        }
    }
    println!(
        "{kills} kills: {cut_off} in the middle of the pages, {left_over} left a temporary file"
    );
    // Whatever moments those were, here is one in the middle.
    let mut run = stopped(&pages, &["inject"]);
    run.kill().unwrap();
    assert_eq!(run.wait().unwrap().signal(), Some(9));
    let new = pages.count_new();
    assert!(new > 0 && new < pages.number, "{new}");
    pages.site.ok("inject");
    assert_eq!(pages.count_new(), pages.number);
    pages.has_no_leftovers();
}

/// What a run came to on a site that it could not finish: named pages are old and have a reason, the others are new.
fn half_done(
    site: &Site,
    run: &Run,
    old: &dyn Fn(&str) -> String,
    new: &dyn Fn(&str) -> String,
) -> BTreeSet<String> {
    run.exits(3);
    let report = Report::of(&run.stdout);
    let mut failed = BTreeSet::new();
    for path in report.paths() {
        match report.outcome(path) {
            "injected" => assert_eq!(site.text(path), new(path), "{path}"),
            "failed" => {
                assert_eq!(site.text(path), old(path), "{path}");
                assert!(!report.reason(path).is_empty(), "{path}");
                failed.insert(path.to_owned());
            }
            outcome => panic!("{path}: {outcome} ({})", report.reason(path)),
        }
    }
    let temporary = site
        .snapshot()
        .into_keys()
        .find(|path| path.contains(".chathub-"));
    assert_eq!(temporary, None);
    failed
}

/// Small pages and large ones.
fn mixed(path: &str) -> String {
    let words = if path.starts_with("large") { 30_000 } else { 3 };
    plain().replace("Hello", &"Hello ".repeat(words))
}

fn mixed_new(path: &str) -> String {
    mixed(path).replace("</body>", &format!("{}</body>", loader()))
}

fn mixed_site() -> (Site, BTreeSet<String>) {
    let mut site = Site::new();
    for i in 0..40 {
        for size in ["large", "small"] {
            let path = format!("{size}-{i:02}.html");
            site = site.page(&path, mixed(&path));
        }
    }
    (
        site,
        (0..40).map(|i| format!("large-{i:02}.html")).collect(),
    )
}

#[test]
fn a_file_that_may_not_grow_fails_alone() {
    let (site, large) = mixed_site();
    // Blocks of 512 or 1024 bytes: the runtime and small pages fit, large pages do not.
    let run = |format: &str| {
        let inject = site.command(["inject", "--format", format]);
        let limit = "trap '' XFSZ; ulimit -f 100; exec \"$@\"";
        Run::of(&mut inject.under(&["sh", "-c", limit, "sh"]))
    };
    assert_eq!(half_done(&site, &run("json"), &mixed, &mixed_new), large);
    let said = run("human");
    said.exits(3);
    for path in &large {
        assert!(
            said.stdout.contains(path.as_str()),
            "{path}: {}",
            said.stdout
        );
    }
    site.ok("inject");
    assert_eq!(site.text("large-07.html"), mixed_new("large-07.html"));
}

/// A file system of 12 MB; unmounted with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn new(at: &Path) -> Option<Self> {
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"])
            .arg(at)
            .output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_keeps_the_originals() {
    let (model, large) = mixed_site();
    let site = Site::new();
    let Some(_disk) = SmallDisk::new(&site.path("")) else {
        println!("SKIPPED: no file system can be mounted here");
        return;
    };
    for path in model.snapshot().keys() {
        fs::copy(model.path(path), site.path(path)).unwrap();
    }
    // Room for the runtime and for small pages, one after the other, but not for a large one.
    let mut filler = fs::File::create(site.path("video.mp4")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let length = filler.metadata().unwrap().len();
    filler.set_len(length - 160_000).unwrap();
    drop(filler);
    let run = site.run("inject --threads 1 --format json");
    assert_eq!(half_done(&site, &run, &mixed, &mixed_new), large);
    fs::remove_file(site.path("video.mp4")).unwrap();
    site.ok("inject");
    site.ok("verify");
}

#[test]
fn a_full_disk_leaves_no_half_of_anything_in_a_copy() {
    let (model, large) = mixed_site();
    let site = model
        .page("a-film.mp4", vec![1; 2_000_000])
        .page("z-film.mp4", vec![2; 20_000_000]);
    let copy = site.folder().join("copy");
    fs::create_dir(&copy).unwrap();
    let Some(_disk) = SmallDisk::new(&copy) else {
        println!("SKIPPED: no file system can be mounted here");
        return;
    };
    let before = site.snapshot();
    let run = site.run("inject --output copy --threads 1 --format json");
    run.exits(3);
    let report = Report::of(&run.stdout);
    assert_eq!(report.outcome("z-film.mp4"), "failed");
    let mut done = 0;
    for path in report.paths() {
        let there = copy.join(path);
        match report.outcome(path) {
            "injected" => {
                done += 1;
                assert_eq!(
                    fs::read_to_string(there).unwrap(),
                    mixed_new(path),
                    "{path}"
                );
            }
            "failed" => assert!(!there.exists(), "{path}"),
            outcome => panic!("{path}: {outcome}"),
        }
    }
    assert_eq!(done, 2 * large.len());
    assert_eq!(fs::read(copy.join("a-film.mp4")).unwrap().len(), 2_000_000);
    assert_eq!(site.snapshot(), before);
}

/// Runs the binary as somebody to whom things can be denied, who owns the site.
fn run_denied(site: &Site, arguments: &[&str]) -> Run {
    if !geteuid().is_root() {
        return Run::of(&mut site.command(arguments));
    }
    // The folders that the binary is in may be closed to others.
    fs::set_permissions(site.folder(), Permissions::from_mode(0o755)).unwrap();
    Run::of(&mut site.command(arguments).copied().by(NOBODY))
}

/// Gives the site to whom [`run_denied`] runs as.
fn give(site: &Site) {
    if geteuid().is_root() {
        for path in site.snapshot().keys().map(String::as_str).chain([""]) {
            chown(site.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

#[test]
fn what_is_denied_is_named_and_all_else_is_done() {
    let site = [
        "index.html",
        "locked/index.html",
        "secret.html",
        "closed/index.html",
        "z/index.html",
    ]
    .into_iter()
    .fold(Site::new(), |site, path| site.page(path, plain()));
    give(&site);
    let mode = |path: &str, mode| {
        fs::set_permissions(site.path(path), Permissions::from_mode(mode)).unwrap();
    };
    mode("locked", 0o555);
    mode("secret.html", 0o000);
    mode("closed", 0o000);
    let mut denied = vec!["closed", "locked/index.html", "secret.html"];
    if geteuid().is_root() {
        // A page of somebody else in a folder of one's own: it could be replaced, but not with its owner.
        fs::write(site.path("others.html"), plain()).unwrap();
        denied.insert(2, "others.html");
    }
    let run = run_denied(&site, &["inject", "--format", "json"]);
    let report = Report::of(&run.stdout);
    for path in &denied {
        assert_eq!(report.outcome(path), "failed", "{path}");
        assert!(!report.reason(path).is_empty(), "{path}");
    }
    assert!(report.reason("secret.html").contains("permission denied"));
    run.exits(3);
    let human = run_denied(&site, &["inject"]);
    human.exits(3);
    for path in denied {
        assert!(human.stdout.contains(path), "{path}: {}", human.stdout);
    }
    for path in ["locked", "secret.html", "closed"] {
        mode(path, 0o755);
    }
    for path in ["locked/index.html", "secret.html", "closed/index.html"] {
        assert_eq!(site.text(path), plain(), "{path}");
    }
    for path in ["index.html", "z/index.html"] {
        assert_eq!(site.text(path), page(&loader()), "{path}");
    }
    site.ok("inject");
    site.ok("verify");
}

#[test]
fn a_generator_at_work_in_the_middle_of_a_run() {
    let pages = Pages::new(1_000);
    let run = stopped(&pages, &["inject", "--format", "json"]);
    let site = &pages.site;
    // The last pages have not had their turn: one vanishes, one is written anew, a folder appears.
    fs::remove_file(site.path(&name(999))).unwrap();
    fs::write(site.path(&name(998)), plain()).unwrap();
    fs::create_dir(site.path("new")).unwrap();
    fs::write(site.path("new/index.html"), plain()).unwrap();
    kill_process(Pid::from_child(&run), Signal::CONT).unwrap();
    let run = Run::from(run.end());
    run.exits(3);
    let report = Report::of(&run.stdout);
    assert!(report.reason(&name(999)).contains("vanished"));
    assert_eq!(site.text(&name(998)), page(&loader()));
    for i in 0..998 {
        assert_eq!(site.text(&name(i)), new(i));
    }
    site.ok("inject");
    assert_eq!(site.text("new/index.html"), page(&loader()));
    site.ok("verify");
    pages.has_no_leftovers();
}

#[test]
fn two_runs_at_once_take_turns() {
    let (pages, once) = (Pages::new(300), Pages::new(300));
    once.site.ok("inject");
    let first = stopped(&pages, &["inject", "--format", "json"]);
    let mut second = pages.spawn(&["inject", "--format", "json"]);
    // The first holds the site until the second says that it waits.
    let mut said = [0; 16];
    let errors = second.stderr.as_mut().unwrap();
    errors.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"another chathub ");
    kill_process(Pid::from_child(&first), Signal::CONT).unwrap();
    let mut injected = 0;
    for run in [first, second] {
        let output = run.end();
        assert_eq!(output.status.code(), Some(0));
        let report = Report::of(&String::from_utf8(output.stdout).unwrap());
        let outcomes = &report.0["summary"]["total"]["outcomes"];
        injected += outcomes["injected"].as_u64().unwrap_or(0);
    }
    assert_eq!(injected, pages.number as u64);
    assert_eq!(pages.count_new(), pages.number);
    assert_eq!(
        contents(&pages.site.path("")),
        contents(&once.site.path(""))
    );
    pages.has_no_leftovers();
}

#[test]
fn an_interrupted_run_says_what_it_has_done() {
    for signal in [Signal::INT, Signal::TERM] {
        let pages = Pages::new(1_000);
        let run = stopped(&pages, &["inject", "--no-progress"]);
        let pid = Pid::from_child(&run);
        kill_process(pid, signal).unwrap();
        kill_process(pid, Signal::CONT).unwrap();
        let run = Run::from(run.end());
        run.exits(130);
        let new = pages.count_new();
        assert!(new > 0 && new < pages.number, "{new}");
        let last = run.stdout.lines().last().unwrap();
        assert!(last.contains(&format!("{new} injected")), "{last}");
        assert!(run.stdout.contains("interrupted"), "{}", run.stdout);
        pages.has_no_leftovers();
        pages.site.ok("inject");
        assert_eq!(pages.count_new(), pages.number);
    }
}
