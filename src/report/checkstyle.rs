//! `checkstyle`: XML as Checkstyle writes it, which most tools that collect findings read.

use std::io::{self, Write};

use super::markup::{DECLARATION, xml_line};
use super::pipeline::{EachFinding, Pipeline, known, sentence};
use super::reporter::Row;
use crate::event::{Event, Finding, Severity, Started, Summary};

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "checkstyle",
    help: "Checkstyle XML",
    mark: Some("<checkstyle "),
    make: |out, _| {
        Box::new(Checkstyle {
            out,
            pipeline: Pipeline::default(),
            file: None,
        })
    },
};

struct Checkstyle<W> {
    out: W,
    pipeline: Pipeline,
    /// The file whose element is open.
    file: Option<String>,
}

impl<W: Write + Send> Checkstyle<W> {
    fn end_file(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(_) => self.out.write_all(b"</file>\n"),
            None => Ok(()),
        }
    }
}

impl<W: Write + Send> EachFinding for Checkstyle<W> {
    fn pipeline(&mut self) -> &mut Pipeline {
        &mut self.pipeline
    }

    fn start(&mut self, _: &Started) -> io::Result<()> {
        writeln!(self.out, "{DECLARATION}<checkstyle version=\"8.0\">")
    }

    fn finding(&mut self, _: &Event<'_>, finding: &Finding) -> io::Result<()> {
        let file = self.pipeline.file(finding);
        if self.file.as_ref() != Some(&file) {
            self.end_file()?;
            writeln!(self.out, "<file name=\"{}\">", xml_line(&file))?;
            self.file = Some(file);
        }
        // As Checkstyle does it, line 0 is the whole file.
        let place = finding.place.as_ref();
        write!(
            self.out,
            "<error line=\"{}\"",
            place.map_or(0, |place| place.line)
        )?;
        if let Some(place) = place {
            write!(self.out, " column=\"{}\"", place.column)?;
        }
        let severity = match finding.severity {
            _ if finding.baselined => "info",
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "info",
        };
        writeln!(
            self.out,
            " severity=\"{severity}\" message=\"{}{}\" source=\"chathub.{}\"/>",
            xml_line(&sentence(finding)),
            known(finding),
            finding.rule.id
        )
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.end_file()?;
        self.out.write_all(b"</checkstyle>\n")?;
        self.out.flush()
    }
}
