//! `gitlab`: Code Quality of GitLab, a list of issues in a part of Code Climate's format.

use std::io::{self, Write};

use serde::Serialize;

use super::json::write_value;
use super::pipeline::{EachFinding, Pipeline, known, sentence};
use super::reporter::Row;
use crate::event::{Event, Finding, Severity, Started, Summary};

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "gitlab",
    help: "Code Quality of GitLab",
    // A list without issues has nothing by which it could be told from another.
    mark: None,
    make: |out, _| {
        Box::new(Gitlab {
            out,
            pipeline: Pipeline::default(),
            issues: 0,
        })
    },
};

struct Gitlab<W> {
    out: W,
    pipeline: Pipeline,
    issues: u64,
}

#[derive(Serialize)]
struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    check_name: &'static str,
    description: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Lines { begin: usize, end: usize },
    Positions { begin: Position, end: Position },
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

/// GitLab shows no issue without a line, so one about a whole file is at its first.
fn place(finding: &Finding) -> Place {
    match &finding.place {
        None => Place::Lines { begin: 1, end: 1 },
        Some(place) => Place::Positions {
            begin: Position {
                line: place.line,
                column: place.column,
            },
            end: Position {
                line: place.end_line,
                column: place.end_column,
            },
        },
    }
}

impl<W: Write + Send> EachFinding for Gitlab<W> {
    fn pipeline(&mut self) -> &mut Pipeline {
        &mut self.pipeline
    }

    fn start(&mut self, _: &Started) -> io::Result<()> {
        self.out.write_all(b"[")
    }

    fn finding(&mut self, event: &Event<'_>, finding: &Finding) -> io::Result<()> {
        let issue = Issue {
            kind: "issue",
            check_name: finding.rule.id,
            description: sentence(finding) + known(finding),
            fingerprint: self.pipeline.fingerprint(event, finding),
            // It has no word for what is known, and shows what a merge request adds.
            severity: match finding.severity {
                _ if finding.baselined => "info",
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            location: Location {
                path: self.pipeline.file(finding),
                place: place(finding),
            },
        };
        self.out
            .write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
        self.issues += 1;
        write_value(&mut self.out, &issue)
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}
