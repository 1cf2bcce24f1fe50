//! Work on one file that takes long is given up when the run is interrupted, and leaves nothing behind.

#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use crate::common::{HEAD, Run, Site, TAIL};
use crate::program::Running;
use crate::program::patience::wait_until;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// A page of words that do not repeat, which no compressor is done with soon.
fn slow_page() -> String {
    let mut page = HEAD.to_owned();
    let mut state = 0x5EED_u64;
    while page.len() < 8 << 20 {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        write!(page, "<p>{}", state % 1_000_000).unwrap();
    }
    page + TAIL
}

/// Stops a run once this holds, interrupts it if it still does, and gives its end; none, if the moment has gone by.
fn interrupted(mut run: Running, what: &str, moment: impl Fn() -> bool) -> Option<Run> {
    wait_until(what, || moment() || run.try_wait().unwrap().is_some());
    let pid = Pid::from_child(&run);
    // It may be over already; then there is no such process.
    let _ = kill_process(pid, Signal::STOP);
    let end = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let _ = waitid(WaitId::Pid(pid), end);
    let caught = moment();
    let _ = kill_process(pid, Signal::INT);
    let _ = kill_process(pid, Signal::CONT);
    let run = Run::from(run.end());
    caught.then_some(run)
}

fn temporaries(site: &Site) -> usize {
    let entries = fs::read_dir(site.path("")).unwrap();
    entries
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with(".chathub-")
        })
        .count()
}

/// A page's copies, by extension.
fn copies(page: &str) -> [(&'static str, Vec<u8>); 3] {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(page.as_bytes()).unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 1, 20)
        .write_all(page.as_bytes())
        .unwrap();
    [
        ("br", br),
        ("gz", gz.finish().unwrap()),
        ("zst", zstd::encode_all(page.as_bytes(), 1).unwrap()),
    ]
}

#[test]
fn a_page_whose_copies_are_being_compressed_stays_as_it_was() {
    let page = slow_page();
    let copies = copies(&page);
    for (extension, copy) in &copies {
        let name = format!("index.html.{extension}");
        let run = loop {
            let site = Site::of(&page).page(&name, copy);
            // The page's new version is complete then, and the copy is being made.
            let run = site.command(["inject", "--no-progress"]).spawn();
            if let Some(run) = interrupted(run, extension, || temporaries(&site) == 2) {
                assert!(site.text("index.html") == page, "{extension}: the page");
                assert!(site.read(&name) == *copy, "{extension}: the copy");
                assert_eq!(temporaries(&site), 0, "{extension}");
                break run;
            }
        };
        run.exits(130);
        assert!(run.stdout.contains("interrupted"), "{}", run.stdout);
        assert!(!run.stdout.contains("failed"), "{}", run.stdout);
    }
}

/// `verify` writes nothing by which to tell where it is, but the system knows which files it has open.
#[cfg(target_os = "linux")]
#[test]
fn a_page_whose_copies_are_being_compared_is_left() {
    let page = slow_page();
    for (extension, copy) in copies(&page) {
        let name = format!("index.html.{extension}");
        let site = Site::of(&page).page(&name, &copy);
        let run = loop {
            let run = site.command(["verify", "--no-progress"]).spawn();
            let files = format!("/proc/{}/fd", run.id());
            let reads_copy = || {
                let files = fs::read_dir(&files).into_iter().flatten().flatten();
                let mut open = files.filter_map(|file| fs::read_link(file.path()).ok());
                open.any(|file| file.ends_with(&name))
            };
            if let Some(run) = interrupted(run, extension, reads_copy) {
                break run;
            }
        };
        run.exits(130);
        // What was not looked at to its end is not counted, as right or as wrong.
        let last = run.stdout.lines().last().unwrap();
        assert!(last.starts_with("no findings on 0 pages"), "{last}");
    }
}
