//! The reports of a run: each gets every event.

use std::io;

use crate::event::{Event, Started, Summary};
use crate::report::Reporter;

/// The reports of a run. Nothing is written before there is something to say about the site, so that a run that cannot begin leaves
/// no beginning of a report.
pub(super) struct Reports {
    reporters: Vec<Box<dyn Reporter>>,
    started: Started,
    is_started: bool,
    /// What was said before that.
    notices: Vec<String>,
    /// The first thing that could not be written.
    error: Option<io::Error>,
}

impl Reports {
    pub(super) fn new(reporters: Vec<Box<dyn Reporter>>, started: Started) -> Self {
        Self {
            reporters,
            started,
            is_started: false,
            notices: Vec::new(),
            error: None,
        }
    }

    /// Something happened.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if !self.is_started {
            self.is_started = true;
            let started = self.started.clone();
            self.send(&Event::Started(&started));
            for notice in std::mem::take(&mut self.notices) {
                self.send(&Event::Notice(&notice));
            }
        }
        self.send(event);
    }

    /// There is something that the user must read.
    pub(super) fn notice(&mut self, notice: &str) {
        if self.is_started {
            self.send(&Event::Notice(notice));
        } else {
            self.notices.push(notice.to_owned());
        }
    }

    /// Ends them all.
    pub(super) fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.event(&Event::Finished(summary));
        self.reporters.clear();
        self.error.take().map_or(Ok(()), Err)
    }

    fn send(&mut self, event: &Event<'_>) {
        for reporter in &mut self.reporters {
            if let Err(error) = reporter.event(event) {
                self.error.get_or_insert(error);
            }
        }
    }
}
