//! `human`: the report that people look at.

use std::io::{self, Write};

use super::text::escape;
use super::{Options, Reporter};
use crate::outcome::{PageReport, Summary};

pub(super) struct Human<W> {
    out: W,
    options: Options,
}

impl<W: Write + Send> Human<W> {
    pub(super) fn new(out: W, options: Options) -> Self {
        Self { out, options }
    }
}

impl<W: Write + Send> Reporter for Human<W> {
    fn page(&mut self, page: &PageReport) -> io::Result<()> {
        if self.options.color {
            writeln!(self.out, "{}", escape(&page.path))?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        writeln!(self.out, "{}", summary.total.pages)?;
        self.out.flush()
    }
}
