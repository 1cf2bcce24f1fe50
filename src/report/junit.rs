//! `junit`: XML as JUnit's runners write it and CI systems read it, by the schema of Jenkins' xUnit plugin.
//!
//! A suite begins with its counts, so one is kept until it is complete: there is a suite for each folder, and one of a large folder is
//! written in parts. Findings that fail the run are failures; a page with others alone passes, and has them in its output. One with nothing but
//! findings of the baseline is skipped.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::markup::{DECLARATION, xml, xml_line};
use super::pipeline::{Pipeline, known, message};
use super::reporter::{Reporter, Row};
use crate::event::{Event, Finding, OutcomeKind, Summary};

/// How many bytes of a suite are kept.
const SUITE: usize = 256 * 1024;

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "junit",
    help: "JUnit XML: a test case for each page with findings, and one for the run",
    mark: Some("<testsuites name=\"chathub"),
    make: |out, _| {
        Box::new(Junit {
            out,
            pipeline: Pipeline::default(),
            class: String::new(),
            suite: Suite::default(),
        })
    },
};

struct Junit<W> {
    out: W,
    pipeline: Pipeline,
    /// The class of all cases, such as `chathub.verify`.
    class: String,
    suite: Suite,
}

/// The suite that is being filled.
#[derive(Default)]
struct Suite {
    name: String,
    cases: String,
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl<W: Write + Send> Junit<W> {
    /// A case of all that was found in one file of a folder, or, without a file, in the site.
    fn case(&mut self, folder: &str, file: &str, findings: &[&Finding]) -> io::Result<()> {
        if self.suite.name != folder || self.suite.cases.len() >= SUITE {
            self.end_suite()?;
            folder.clone_into(&mut self.suite.name);
        }
        let (class, suite) = (&self.class, &mut self.suite);
        let name = xml_line(file);
        suite.tests += 1;
        // Writing to a string does not fail.
        let _ = writeln!(
            suite.cases,
            "<testcase name=\"{name}\" classname=\"{class}\">"
        );
        let failing = || {
            findings
                .iter()
                .filter(|finding| self.pipeline.fails(finding))
        };
        if let Some(first) = failing().next() {
            suite.failures += 1;
            let more = match failing().count() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let _ = writeln!(
                suite.cases,
                "<failure type=\"{}\" message=\"{}{more}\">{}</failure>",
                first.rule.id,
                xml_line(&first.message),
                xml(&blocks(file, findings))
            );
        } else {
            if findings.iter().all(|finding| finding.baselined) {
                suite.skipped += 1;
                suite
                    .cases
                    .push_str("<skipped message=\"all findings are in the baseline\"/>\n");
            }
            let text = xml(&blocks(file, findings));
            let _ = writeln!(suite.cases, "<system-out>{text}</system-out>");
        }
        suite.cases.push_str("</testcase>\n");
        Ok(())
    }

    fn end_suite(&mut self) -> io::Result<()> {
        let suite = std::mem::take(&mut self.suite);
        if suite.tests == 0 {
            return Ok(());
        }
        writeln!(
            self.out,
            "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}</testsuite>",
            xml_line(&suite.name),
            suite.tests,
            suite.failures,
            suite.errors,
            suite.skipped,
            suite.cases
        )
    }

    /// The run is a case of its own: a report without any counts as broken. It has the counts as properties.
    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.end_suite()?;
        let tally = &summary.tally;
        let command = summary.command.name();
        let errors = u8::from(summary.interrupted);
        writeln!(
            self.out,
            "<testsuite name=\"chathub {command}\" tests=\"1\" failures=\"0\" errors=\"{errors}\" skipped=\"0\">\n<properties>"
        )?;
        let outcomes = OutcomeKind::ALL.map(|kind| (kind.name(), tally.of(kind)));
        let counts = [
            ("pages", tally.total.pages),
            ("judged", tally.judged()),
            ("findings.error", tally.findings.errors),
            ("findings.warning", tally.findings.warnings),
            ("findings.note", tally.findings.notes),
            ("findings.baselined", tally.baselined),
        ];
        for (name, count) in counts.iter().chain(&outcomes) {
            writeln!(self.out, "<property name=\"{name}\" value=\"{count}\"/>")?;
        }
        writeln!(
            self.out,
            "</properties>\n<testcase name=\"the run\" classname=\"{}\">",
            self.class
        )?;
        if summary.interrupted {
            self.out.write_all(
                b"<error type=\"interrupted\" message=\"the run was interrupted before its end\"/>\n",
            )?;
        }
        if !summary.notices.is_empty() {
            let notices = xml(&summary.notices.join("\n"));
            writeln!(self.out, "<system-out>{notices}</system-out>")?;
        }
        self.out
            .write_all(b"</testcase>\n</testsuite>\n</testsuites>\n")?;
        self.out.flush()
    }
}

impl<W: Write + Send> Reporter for Junit<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Started(started) => {
                self.pipeline = Pipeline::new(started);
                let command = started.command.name();
                self.class = format!("chathub.{command}");
                writeln!(
                    self.out,
                    "{DECLARATION}<testsuites name=\"chathub {command}\">"
                )
            }
            Event::Page(page) => {
                let findings = self.pipeline.findings(event);
                if findings.is_empty() {
                    return Ok(());
                }
                let findings: Vec<_> = findings.iter().map(AsRef::as_ref).collect();
                let file = self.pipeline.join(&page.path);
                self.case(folder(&file), &file, &findings)
            }
            Event::Finding(finding) => {
                let file = self.pipeline.file(finding);
                if finding.path.is_some() {
                    return self.case(folder(&file), &file, &[finding]);
                }
                // Cases of one suite need names of their own.
                let name = format!("{}: {}", finding.rule.id, finding.message);
                self.case(&file, &name, &[finding])
            }
            Event::Notice(_) => Ok(()),
            Event::Finished(summary) => self.finish(summary),
        }
    }
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// Findings as text, with a file's name where it is not the case's own.
fn blocks(file: &str, findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let _ = write!(text, "{}[{}]", finding.severity.name(), finding.rule.id);
        let other = finding.path.as_deref().filter(|path| !file.ends_with(path));
        if let Some(path) = other {
            let _ = write!(text, " {path}");
        }
        if let Some(place) = &finding.place {
            let _ = write!(text, " {}:{}", place.line, place.column);
        }
        let _ = writeln!(text, "{}: {}", known(finding), message(finding));
    }
    text
}
