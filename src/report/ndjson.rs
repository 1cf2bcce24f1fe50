//! `ndjson`: one JSON object a line, for readers that want pages as they are done.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::Reporter;
use super::json::{Finding, Page, SCHEMA_VERSION, Summary, write_value};
use crate::outcome;

/// The `ndjson` format: one of these a line. First `start`, then every `page`, then every `finding` about the site,
/// last `summary`; a stream without a summary is of a run that did not end.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Line<'a> {
    /// The first line.
    #[serde(rename_all = "camelCase")]
    Start {
        /// Version of this schema.
        schema_version: u32,
        /// The command that runs, such as `inject` or `verify`.
        command: &'a str,
    },
    /// One page.
    Page(Page<'a>),
    /// A finding that belongs to no single page.
    Finding(Finding<'a>),
    /// The last line.
    Summary(Box<Summary<'a>>),
}

/// Writes [`Line`]s.
pub(super) struct Ndjson<W> {
    out: W,
    command: &'static str,
    started: bool,
}

impl<W: Write + Send> Ndjson<W> {
    pub(super) fn new(out: W, command: &'static str) -> Self {
        Self {
            out,
            command,
            started: false,
        }
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        if !self.started {
            self.started = true;
            self.line(&Line::Start {
                schema_version: SCHEMA_VERSION,
                command: self.command,
            })?;
        }
        write_value(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

impl<W: Write + Send> Reporter for Ndjson<W> {
    fn page(&mut self, page: &outcome::PageReport) -> io::Result<()> {
        self.line(&Line::Page(page.into()))
    }

    fn finish(&mut self, summary: &outcome::Summary) -> io::Result<()> {
        for finding in &summary.site_findings {
            self.line(&Line::Finding(finding.into()))?;
        }
        self.line(&Line::Summary(Box::new(summary.into())))?;
        self.out.flush()
    }
}
