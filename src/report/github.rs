//! `github`: workflow commands, of which GitHub Actions makes annotations.
//!
//! GitHub shows ten annotations of each level and step and drops the others without a word. So ten of each rule are kept, and in the end the
//! ten that are printed are of as many rules as possible; the last line says how many there are besides, and how many are in the baseline.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::pipeline::{EachFinding, Pipeline, message};
use super::reporter::Row;
use super::text::{self, count, list};
use super::words;
use crate::event::{Event, Finding, Location, Severity, Summary};

/// How many annotations of a level GitHub shows for a step.
const SHOWN: usize = 10;

/// The row of the format.
pub(super) const FORMAT: Row = Row {
    name: "github",
    help: "Annotations of GitHub Actions: the worst findings, and how many more there are",
    mark: None,
    make: |out, _| {
        Box::new(Github {
            out,
            pipeline: Pipeline::default(),
            levels: BTreeMap::new(),
        })
    },
};

struct Github<W> {
    out: W,
    pipeline: Pipeline,
    levels: BTreeMap<Severity, Level>,
}

/// The findings of one level.
#[derive(Default)]
struct Level {
    found: u64,
    /// The first annotations of each rule, by its place in the catalogue.
    by_rule: BTreeMap<Option<usize>, Vec<String>>,
}

impl Level {
    /// At most `room` annotations: the first of each rule, then the second of each, and so on.
    fn worst(&self, room: usize) -> Vec<&str> {
        let rounds = (0..SHOWN).flat_map(|round| {
            self.by_rule
                .values()
                .filter_map(move |kept| Some((round, kept.get(round)?)))
        });
        let mut chosen: Vec<_> = rounds.take(room).collect();
        chosen.sort_by_key(|(round, _)| *round);
        chosen.into_iter().map(|(_, one)| one.as_str()).collect()
    }
}

impl<W: Write + Send> EachFinding for Github<W> {
    fn pipeline(&mut self) -> &mut Pipeline {
        &mut self.pipeline
    }

    fn finding(&mut self, _: &Event<'_>, finding: &Finding) -> io::Result<()> {
        // There is little room, and nothing to do about it.
        if finding.baselined {
            return Ok(());
        }
        let level = self.levels.entry(finding.severity).or_default();
        level.found += 1;
        let rule = self.pipeline.index(finding.rule);
        let kept = level.by_rule.entry(rule).or_default();
        if kept.len() < SHOWN {
            kept.push(annotation(finding, &self.pipeline.file(finding)));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut more = Vec::new();
        let levels = [Severity::Error, Severity::Warning, Severity::Note];
        for severity in levels {
            let level = self.levels.remove(&severity).unwrap_or_default();
            // The last line and what the user must read are notices as well.
            let room = match severity {
                Severity::Note => SHOWN - 1 - summary.notices.len().min(SHOWN - 1),
                _ => SHOWN,
            };
            let shown = level.worst(room);
            for annotation in &shown {
                writeln!(self.out, "{annotation}")?;
            }
            let left = level.found - shown.len() as u64;
            if left > 0 {
                more.push(count(left, &format!("more {}", severity.name())));
            }
        }
        for notice in summary.notices.iter().take(SHOWN - 1) {
            writeln!(self.out, "::notice title=chathub::{}", data(notice))?;
        }
        let more = (!more.is_empty()).then(|| {
            let more = list(more);
            format!("{more} that GitHub has no room for; the log or another report has all of them")
        });
        let last: Vec<String> = more
            .into_iter()
            .chain(words::baselined(&summary.tally, "×"))
            .collect();
        if !last.is_empty() {
            let last = data(&last.join("; "));
            writeln!(self.out, "::notice title=chathub::{last}")?;
        }
        self.out.flush()
    }
}

fn annotation(finding: &Finding, file: &str) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = format!("title=chathub {}", finding.rule.id);
    if finding.path.is_some() {
        properties = format!("file={},{properties}", property(file));
    }
    if let Some(place) = &finding.place {
        properties.push_str(&lines(place));
    }
    format!("::{level} {properties}::{}", data(&message(finding)))
}

/// GitHub's ends are inclusive, and it takes columns for places on one line only.
fn lines(place: &Location) -> String {
    let (line, column) = (place.line, place.column);
    if place.end_line == line {
        let end = (place.end_column.saturating_sub(1)).max(column);
        return format!(",line={line},endLine={line},col={column},endColumn={end}");
    }
    let end = place.end_line - usize::from(place.end_column == 1);
    format!(",line={line},endLine={end}")
}

/// Text after the second `::`. What would act on a terminal is written out before, but for line breaks.
fn data(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| text::escape(line).replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    text::escape(text)
        .replace('%', "%25")
        .replace(':', "%3A")
        .replace(',', "%2C")
}
