use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::event::{EventKind, Flag};
use notify::{Error, ErrorKind, Event};

use super::folder::{Watch, Watched};
use super::{Changes, WatchError};
use crate::settings::Pages;

/// Is only used up by what never comes.
const PATIENCE: Duration = Duration::from_mins(5);

fn watched(site: &Path) -> Watched {
    Watched {
        site: site.join("public"),
        config: vec![site.join("chathub.toml")],
        pages: Pages::default(),
    }
}

/// A site, and the watch of it when it has been looked at once.
fn site() -> (tempfile::TempDir, Watch) {
    let site = tempfile::tempdir().unwrap();
    fs::create_dir(site.path().join("public")).unwrap();
    let real = fs::canonicalize(site.path()).unwrap();
    let mut watch = Watch::new(watched(&real)).unwrap();
    watch.begin();
    assert!(next(&mut watch).all);
    (site, watch)
}

fn next(watch: &mut Watch) -> Changes {
    let until = Some(Instant::now() + PATIENCE);
    watch.wait(until).unwrap().expect("something changes")
}

/// Waits for all these paths, and gives those that came with them.
fn paths(watch: &mut Watch, wanted: &[&str]) -> BTreeSet<PathBuf> {
    let mut seen = BTreeSet::new();
    while !wanted.iter().all(|path| seen.contains(Path::new(path))) {
        let changes = next(watch);
        assert!(!changes.all, "{changes:?}");
        seen.extend(changes.paths);
    }
    seen
}

#[test]
fn changes_are_named_and_what_is_of_no_interest_is_not() {
    let (site, mut watch) = site();
    let public = site.path().join("public");
    for hidden in [".page.html.swp", ".chathub-0123456789abcdef-abcdef.tmp"] {
        fs::write(public.join(hidden), "").unwrap();
    }
    fs::create_dir(public.join(".git")).unwrap();
    fs::write(public.join(".git/page.html"), "").unwrap();
    fs::create_dir_all(public.join("a/b")).unwrap();
    fs::write(public.join("page.html"), "").unwrap();
    fs::write(public.join(".chathub.toml"), "").unwrap();
    let seen = paths(&mut watch, &["a", "page.html", ".chathub.toml"]);
    let hidden = seen
        .iter()
        .find(|path| path.to_string_lossy().contains("git"));
    assert_eq!(hidden, None);
    assert!(
        !seen
            .iter()
            .any(|path| path.to_string_lossy().contains("tmp"))
    );
    // A folder that came is watched from now on.
    fs::write(public.join("a/b/c.html"), "").unwrap();
    paths(&mut watch, &["a/b/c.html"]);
    fs::remove_file(public.join("page.html")).unwrap();
    paths(&mut watch, &["page.html"]);
}

#[test]
fn the_configuration_is_not_the_site() {
    let (site, mut watch) = site();
    fs::write(site.path().join("other.toml"), "").unwrap();
    fs::write(site.path().join("chathub.toml"), "").unwrap();
    let changes = next(&mut watch);
    assert!(changes.config && !changes.all && changes.paths.is_empty());
}

#[test]
fn where_events_were_lost_everything_is_another() {
    let (site, mut watch) = site();
    let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
    watch.hears(Ok(lost));
    assert!(next(&mut watch).all);
    watch.hears(Err(Error::generic("something")));
    assert!(next(&mut watch).all);
    // It is watched again.
    fs::write(site.path().join("public/page.html"), "").unwrap();
    paths(&mut watch, &["page.html"]);
}

#[test]
fn a_limit_that_is_met_on_the_way_is_reported() {
    let (_site, mut watch) = site();
    watch.hears(Err(Error::new(ErrorKind::MaxFilesWatch)));
    let met = watch.wait(Some(Instant::now() + PATIENCE));
    assert!(matches!(met, Err(WatchError::Folders)));
    assert!(WatchError::Folders.remedy().is_some());
    let many = std::io::Error::from_raw_os_error(24);
    let many = WatchError::from(Error::io(many));
    assert!(matches!(many, WatchError::Programs));
}

#[test]
fn nothing_happens_at_its_time() {
    let (_site, mut watch) = site();
    let until = Instant::now();
    assert_eq!(watch.wait(Some(until)).unwrap(), None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_is_unfinished_until_it_is_closed() {
    use std::io::Write as _;
    let (site, mut watch) = site();
    let mut file = fs::File::create(site.path().join("public/slow.html")).unwrap();
    file.write_all(b"one").unwrap();
    fs::write(site.path().join("public/other.html"), "").unwrap();
    let mut seen = BTreeSet::new();
    while !seen.contains(Path::new("other.html")) {
        let changes = next(&mut watch);
        // Before the first word it has nothing that could be half of something.
        assert!(changes.unfinished.contains(Path::new("slow.html")) || changes.paths.len() < 2);
        seen.extend(changes.paths);
    }
    drop(file);
    let changes = next(&mut watch);
    assert!(changes.paths.contains(Path::new("slow.html")));
    assert!(changes.unfinished.is_empty());
}
