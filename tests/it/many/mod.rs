//! A site of many pages in the middle of a run.

#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::thread;

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::common::{Site, loader, page, plain};
use crate::program::Running;

/// A folder of pages, some with a compressed copy, each either old or new.
pub(crate) struct Pages {
    /// Where they are.
    pub(crate) site: Site,
    /// How many.
    pub(crate) number: usize,
}

impl Pages {
    /// So many old pages.
    pub(crate) fn new(number: usize) -> Self {
        let site = Site::new();
        for i in 0..number {
            let old = old(i);
            fs::write(site.path(&name(i)), &old).unwrap();
            if i.is_multiple_of(50) {
                let file = fs::File::create(site.path(&format!("{}.gz", name(i)))).unwrap();
                let mut gz = GzEncoder::new(file, flate2::Compression::fast());
                gz.write_all(old.as_bytes()).unwrap();
                gz.finish().unwrap();
            }
        }
        Self { site, number }
    }

    /// Begins a run.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        self.site.command(arguments).spawn()
    }

    fn is_new(&self, i: usize) -> bool {
        // One look, as short as can be: by its length.
        let length = fs::metadata(self.site.path(&name(i))).unwrap().len();
        length == new(i).len() as u64
    }

    /// Waits until page `i` is new, or old again; or the run is over. It looks all the time: what it waits for is over soon.
    pub(crate) fn wait_for(&self, run: &mut Running, i: usize, new: bool) {
        while self.is_new(i) != new && run.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
    }

    /// How many pages are new. All others are old; all are whole, as are their copies.
    pub(crate) fn count_new(&self) -> usize {
        let is_new = |i: &usize| {
            let text = self.site.text(&name(*i));
            let whole = |text: &str| text == old(*i) || text == new(*i);
            assert!(whole(&text), "{}: {text}", name(*i));
            if i.is_multiple_of(50) {
                let copy = self.site.read(&format!("{}.gz", name(*i)));
                let mut said = String::new();
                GzDecoder::new(&copy[..]).read_to_string(&mut said).unwrap();
                assert!(whole(&said), "{}.gz: {said}", name(*i));
            }
            text == new(*i)
        };
        (0..self.number).filter(is_new).count()
    }

    /// Nothing of ours is left beside the pages.
    pub(crate) fn has_no_leftovers(&self) {
        let snapshot = self.site.snapshot();
        let left: Vec<_> = snapshot
            .keys()
            .filter(|k| k.contains(".chathub-"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// The name of page `i`.
pub(crate) fn name(i: usize) -> String {
    format!("{i:04}.html")
}

/// Page `i` before `inject`.
pub(crate) fn old(i: usize) -> String {
    plain().replace("Hello", &format!("Hello {i}"))
}

/// Page `i` behind it.
pub(crate) fn new(i: usize) -> String {
    page(&loader()).replace("Hello", &format!("Hello {i}"))
}

/// A run that has been stopped after its first pages and before its last.
pub(crate) fn stopped(pages: &Pages, arguments: &[&str]) -> Running {
    loop {
        let mut run = pages.spawn(arguments);
        pages.wait_for(&mut run, 0, true);
        let pid = Pid::from_child(&run);
        // It may be over already; then there is no such process.
        let _ = kill_process(pid, Signal::STOP);
        let what = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let _ = waitid(WaitId::Pid(pid), what);
        if pages.count_new() < pages.number - 10 {
            return run;
        }
        let _ = kill_process(pid, Signal::CONT);
        run.end();
        pages.site.ok("remove");
    }
}
