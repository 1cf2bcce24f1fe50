//! The table by organization.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement};

use super::look::{Look, OUTCOMES};
use crate::outcome::{Finding, Outcome, PageReport, Severity, Tally};
use crate::report::frame;
use crate::report::text::{escape, list, number};

/// A column of the table: reads one number.
type Count = fn(&Counts) -> u64;

/// What `verify` found, by organization. As large as the configuration, not as the site.
#[derive(Debug, Default)]
pub(super) struct Findings {
    by_organization: BTreeMap<String, Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Pages with a finding, or that could not be looked into.
    unclean: u64,
    errors: u64,
    warnings: u64,
    notes: u64,
}

impl Findings {
    pub(super) fn add(&mut self, page: &PageReport) {
        let seen = !matches!(page.outcome, Outcome::Refused(_) | Outcome::Failed(_));
        if page.findings.is_empty() && seen {
            return;
        }
        // The same keys as in `Summary::by_organization`.
        let key = if page.organizations.is_empty() {
            "-".to_owned()
        } else {
            page.organizations.join(" + ")
        };
        let counts = self.by_organization.entry(key).or_default();
        counts.unclean += 1;
        for Finding { severity, .. } in &page.findings {
            match severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
    }
}

/// For `inject` and `remove`: pages by outcome; only outcomes that occur have a column.
pub(super) fn write_outcomes(text: &mut String, tallies: &BTreeMap<String, Tally>, look: &Look) {
    let count = |tally: &Tally, name: &str| tally.outcomes.get(name).copied().unwrap_or(0);
    let columns: Vec<_> = OUTCOMES
        .iter()
        .copied()
        .filter(|name| tallies.values().any(|tally| count(tally, name) > 0))
        .collect();
    let rows = tallies.iter().map(|(organization, tally)| {
        let counts = columns.iter().map(|name| count(tally, name)).collect();
        (organization.as_str(), tally.pages, counts)
    });
    write(text, &columns, rows, look);
}

/// For `verify`: pages that are clean and findings by severity; only severities that occur have a column.
pub(super) fn write_findings(
    text: &mut String,
    tallies: &BTreeMap<String, Tally>,
    findings: &Findings,
    look: &Look,
) {
    let none = Counts::default();
    let of = |organization: &str| findings.by_organization.get(organization).unwrap_or(&none);
    let severities: [(&str, Count); 3] = [
        ("errors", |counts| counts.errors),
        ("warnings", |counts| counts.warnings),
        ("notes", |counts| counts.notes),
    ];
    let occurring: Vec<_> = severities
        .into_iter()
        .filter(|(_, count)| {
            tallies
                .keys()
                .any(|organization| count(of(organization)) > 0)
        })
        .collect();
    let columns: Vec<_> = std::iter::once("clean")
        .chain(occurring.iter().map(|(name, _)| *name))
        .collect();
    let rows = tallies.iter().map(|(organization, tally)| {
        let counts = of(organization);
        let clean = tally.pages.saturating_sub(counts.unclean);
        let numbers = std::iter::once(clean)
            .chain(occurring.iter().map(|(_, count)| count(counts)))
            .collect();
        (organization.as_str(), tally.pages, numbers)
    });
    write(text, &columns, rows, look);
}

/// One organization: its name, its pages, and the numbers of the other columns.
type Row<'a> = (&'a str, u64, Vec<u64>);

fn write<'a>(
    text: &mut String,
    columns: &[&str],
    rows: impl Iterator<Item = Row<'a>>,
    look: &Look,
) {
    let header: Vec<_> = ["organization", "pages"]
        .iter()
        .chain(columns)
        .copied()
        .collect();
    let rows: Vec<Vec<String>> = rows
        .map(|(organization, pages, counts)| {
            let name = match organization {
                "-" => "(no widget)".to_owned(),
                "*" => "(any: the endpoint decides)".to_owned(),
                name => escape(name).into_owned(),
            };
            let numbers = std::iter::once(pages).chain(counts).map(|n| match n {
                // Zeros would hide the numbers that say something.
                0 => String::new(),
                n => number(n),
            });
            std::iter::once(name).chain(numbers).collect()
        })
        .collect();
    match look.width {
        Some(width) if width < least_width(&header, &rows) => write_list(text, &header, &rows),
        _ => write_table(text, &header, &rows, look),
    }
}

/// Columns of the terminal that the table needs: names of organizations can be wrapped, numbers and headers cannot.
fn least_width(header: &[&str], rows: &[Vec<String>]) -> usize {
    let numbers = header.iter().enumerate().skip(1).map(|(index, title)| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        cells.map(String::len).max().unwrap_or(0).max(title.len())
    });
    // Each cell has a space at both sides and a border; one border more closes the line.
    let first = header.first().map_or(0, |title| title.len());
    1 + std::iter::once(first)
        .chain(numbers)
        .map(|width| width + 3)
        .sum::<usize>()
}

/// For terminals that are too narrow for the table: `support: 3 pages, 1 injected, 2 updated`.
fn write_list(text: &mut String, header: &[&str], rows: &[Vec<String>]) {
    for row in rows {
        let numbers = header
            .iter()
            .zip(row)
            .skip(1)
            .filter(|(_, cell)| !cell.is_empty());
        let numbers =
            list(numbers.map(|(title, cell)| format!("{cell} {}", singular(title, cell))));
        let _ = writeln!(
            text,
            "{}: {numbers}",
            row.first().map_or("", String::as_str)
        );
    }
}

/// The header of a column as the noun after its number.
fn singular<'a>(title: &'a str, cell: &str) -> &'a str {
    match cell {
        "1" => title.strip_suffix('s').unwrap_or(title),
        _ => title,
    }
}

fn write_table(text: &mut String, header: &[&str], rows: &[Vec<String>], look: &Look) {
    let mut table = frame(look.ascii);
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if let Some(width) = look.width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    for (index, line) in table.lines().enumerate() {
        // The line of the column titles.
        let _ = if index == 1 {
            writeln!(text, "{}", look.bold(line))
        } else {
            writeln!(text, "{line}")
        };
    }
}
