//! Many pages: shared out to a few browsers, each with a thread of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Browser, BrowserError, Opened, Options, Site, Visit};
use crate::store::Cancel;

/// So many pages are worth another browser: to start one takes as long as to look at a page or two.
const WORTH: usize = 4;
/// The most browsers.
const MOST: usize = 4;

/// How pages are opened.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// How the browser is started.
    pub options: &'a Options,
    /// How long a page may take.
    pub time: Duration,
    /// Whether pictures are taken.
    pub pictures: bool,
    /// How many browsers there may be.
    pub threads: usize,
    /// Waits until the next page may be asked for.
    pub turn: &'a (dyn Fn() + Sync),
    /// Asks the run to stop.
    pub cancel: &'a Cancel,
}

/// Opens pages, and hands on what came of each, by its number, as it comes. Returns what the browser calls itself.
///
/// # Errors
///
/// If the browser cannot be started, or is gone.
pub fn open_all(
    site: &Site,
    visits: &[Visit],
    manner: Manner<'_>,
    opened: impl Fn(usize, Opened) + Sync,
) -> Result<String, BrowserError> {
    let next = AtomicUsize::new(0);
    let outcome = Mutex::new(Ok(String::new()));
    let work = || -> Result<(), BrowserError> {
        let mut browser: Option<Browser> = None;
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(visit) = visits.get(at) else {
                return Ok(());
            };
            let running = match browser.as_mut() {
                Some(running) => running,
                None => browser.insert(Browser::start(manner.options, manner.cancel)?),
            };
            (manner.turn)();
            let (time, pictures) = (manner.time, manner.pictures);
            let (what, is_good) = running.open(site, visit, time, pictures, manner.cancel)?;
            if let Ok(version) = &mut *outcome.lock().unwrap_or_else(PoisonError::into_inner) {
                running.version().clone_into(version);
            }
            opened(at, what);
            // One with a page that hangs is not asked for another.
            browser = browser.filter(|_| is_good);
        }
    };
    let browsers = visits
        .len()
        .div_ceil(WORTH)
        .min(MOST)
        .min(manner.threads.max(1));
    thread::scope(|scope| {
        for _ in 0..browsers {
            scope.spawn(|| {
                if let Err(error) = work() {
                    // No more pages are begun.
                    next.store(visits.len(), Ordering::Relaxed);
                    let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                    if outcome.is_ok() {
                        *outcome = Err(error);
                    }
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}
