//! `ndjson`: one JSON object a line, for readers that want pages as they are done.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{Page, SCHEMA_VERSION, Summary, write_value};
use super::reporter::{Reporter, Row};
use crate::event::{Event, Finding};

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
    Finding(&'a Finding),
    /// The last line.
    Summary(Box<Summary<'a>>),
}

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "ndjson",
    help: "One JSON object a line, as pages are done; same schema",
    mark: Some("\"schemaVersion\":"),
    make: |out, _| Box::new(Ndjson { out }),
};

/// Writes [`Line`]s.
struct Ndjson<W> {
    out: W,
}

impl<W: Write + Send> Reporter for Ndjson<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let line = match event {
            Event::Started(started) => Line::Start {
                schema_version: SCHEMA_VERSION,
                command: started.command.name(),
            },
            Event::Page(page) => Line::Page((*page).into()),
            Event::Finding(finding) => Line::Finding(finding),
            // They are part of what the run came to.
            Event::Notice(_) => return Ok(()),
            Event::Finished(summary) => Line::Summary(Box::new((*summary).into())),
        };
        write_value(&mut self.out, &line)?;
        self.out.write_all(b"\n")?;
        match event {
            Event::Finished(_) => self.out.flush(),
            _ => Ok(()),
        }
    }
}
