//! The progress line on stderr.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::text::{self, escape};

/// Every how many pages the folder that is shown is brought up to date. It takes a lock, so not at every page.
const FOLDER_EVERY: u64 = 64;

/// What the line of a run shows.
const PAGES: &str = "{spinner} {prefix}{human_pos} pages{rate}  {wide_msg}";
/// What it shows while somebody else is waited for.
const WAITING: &str = "{spinner} {prefix}, {elapsed}{wide_msg}";

/// A line on stderr that shows how far a run is: pages done, pages per second, the current folder.
///
/// There is no bar: how many pages there are is known only when the walk, which runs beside the work, has ended. It
/// is hidden where stderr is not a terminal, and gone when this is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    visible: bool,
    pages: AtomicU64,
}

impl Progress {
    /// Starts the line; with `show` false (`--no-progress`, `--quiet`) there is none.
    #[must_use]
    pub fn new(show: bool) -> Self {
        Self::of(show, PAGES, "")
    }

    /// The same for pages that are only looked at before the run begins, with words in front.
    #[must_use]
    pub fn before(show: bool, what: &str) -> Self {
        Self::of(show, PAGES, &format!("{what}: "))
    }

    /// A line that says what is waited for, and how long it has taken.
    #[must_use]
    pub fn waiting(show: bool, what: &str) -> Self {
        Self::of(show, WAITING, what)
    }

    fn of(show: bool, template: &str, prefix: &str) -> Self {
        let bar = if show {
            // ProgressBar hides itself where stderr is not a terminal.
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        let visible = !bar.is_hidden();
        if visible {
            // The template is a constant, so a fault in it would show at once; the default style then still works.
            if let Ok(style) = ProgressStyle::with_template(template) {
                // Spinner characters that every terminal has.
                bar.set_style(style.tick_chars("|/-\\ ").with_key("rate", write_rate));
            }
            bar.set_prefix(escape(prefix).into_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            *shown() = Some(bar.clone());
        }
        Self {
            bar,
            visible,
            pages: AtomicU64::new(0),
        }
    }

    /// Counts a page that is done. Cheap enough to be called for every one of a million pages, from any thread.
    pub fn page(&self, path: &str) {
        if !self.visible {
            return;
        }
        if self
            .pages
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(FOLDER_EVERY)
        {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            self.bar.set_message(escape(folder).into_owned());
        }
        self.bar.inc(1);
    }

    /// Wraps an output that may be the same terminal, so that the line and the output do not write over each other.
    #[must_use]
    pub fn around(&self, out: Box<dyn Write + Send>) -> Box<dyn Write + Send> {
        if self.visible {
            Box::new(Around {
                bar: self.bar.clone(),
                out,
            })
        } else {
            out
        }
    }

    /// Takes the line away. Dropping does the same; this is for a place that prints before the drop.
    pub fn finish(&self) {
        if self.visible {
            *shown() = None;
        }
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The line that is shown, if any: a process has one standard error.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes to the terminal that a line may be shown on, so that they do not write over each other.
pub fn aside<T>(write: impl FnOnce() -> T) -> T {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// ` · 3,400 pages/s` once there is a rate.
fn write_rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    if let Some(rate) = text::rate(state.pos(), state.elapsed()) {
        // Nothing can be done about a progress line that cannot be formatted.
        let _ = write!(out, ", {rate}");
    }
}

/// A writer that takes the progress line away while it writes.
struct Around {
    bar: ProgressBar,
    out: Box<dyn Write + Send>,
}

impl Write for Around {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bar.suspend(|| self.out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bar.suspend(|| self.out.flush())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_dropped_is_gone() {
        let bar = ProgressBar::hidden();
        *shown() = Some(bar.clone());
        drop(Progress {
            bar: bar.clone(),
            visible: true,
            pages: AtomicU64::new(0),
        });
        assert!(bar.is_finished());
        assert!(shown().is_none());
    }

    #[test]
    fn the_templates_are_valid() {
        for template in [PAGES, WAITING] {
            ProgressStyle::with_template(template).unwrap();
        }
    }

    #[test]
    fn hidden_progress_hands_the_output_back_and_counts_for_free() {
        let progress = Progress::new(false);
        for _ in 0..1_000_000 {
            progress.page("a/b.html");
        }
        assert_eq!(progress.pages.load(Ordering::Relaxed), 0);
        progress
            .around(Box::new(io::sink()))
            .write_all(b"x")
            .unwrap();
    }
}
