//! The table by organization.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement};

use super::look::Look;
use crate::event::{Findings, OrganizationTally, Organizations, OutcomeKind};
use crate::report::frame::frame;
use crate::report::text::{escape, list, number};

/// What there is to say about each organization.
type Tallies = BTreeMap<Organizations, OrganizationTally>;
/// A column of the table: reads one number.
type Count = fn(&Findings) -> u64;

/// For `inject` and `remove`: pages by outcome; only outcomes that occur have a column.
pub(super) fn write_outcomes(text: &mut String, tallies: &Tallies, look: &Look) {
    let occurs = |kind: &OutcomeKind| {
        let mut tallies = tallies.values();
        tallies.any(|tally| tally.pages.outcomes.of(*kind) > 0)
    };
    let kinds: Vec<_> = OutcomeKind::ALL.into_iter().filter(occurs).collect();
    let columns: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    let rows = tallies.iter().map(|(organizations, tally)| {
        let outcomes = &tally.pages.outcomes;
        let counts = kinds.iter().map(|kind| outcomes.of(*kind)).collect();
        (organizations, tally.pages.pages, counts)
    });
    write(text, &columns, rows, look);
}

/// For `verify`: pages that are clean and findings by severity; only severities that occur have a column. `left_out`: findings
/// are not told, so that no page is known to be clean.
pub(super) fn write_findings(text: &mut String, tallies: &Tallies, left_out: bool, look: &Look) {
    let clean = if left_out { "no findings" } else { "clean" };
    let severities: [(&str, Count); 3] = [
        ("errors", |findings| findings.errors),
        ("warnings", |findings| findings.warnings),
        ("notes", |findings| findings.notes),
    ];
    let occurs = |(_, count): &(&str, Count)| {
        let mut tallies = tallies.values();
        tallies.any(|tally| count(&tally.findings) > 0)
    };
    let occurring: Vec<_> = severities.into_iter().filter(occurs).collect();
    let known = tallies.values().any(|tally| tally.baselined > 0);
    let columns: Vec<_> = std::iter::once(clean)
        .chain(occurring.iter().map(|(name, _)| *name))
        .chain(known.then_some("in the baseline"))
        .collect();
    let rows = tallies.iter().map(|(organizations, tally)| {
        let clean = tally.pages.pages.saturating_sub(tally.unclean);
        let numbers = std::iter::once(clean)
            .chain(occurring.iter().map(|(_, count)| count(&tally.findings)))
            .chain(known.then_some(tally.baselined))
            .collect();
        (organizations, tally.pages.pages, numbers)
    });
    write(text, &columns, rows, look);
}

/// One organization: its name, its pages, and the numbers of the other columns.
type Row<'a> = (&'a Organizations, u64, Vec<u64>);

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
        .map(|(organizations, pages, counts)| {
            let name = match organizations {
                Organizations::Unassigned | Organizations::None => "(no widget)".to_owned(),
                Organizations::ByEndpoint => "(any: the endpoint decides)".to_owned(),
                Organizations::Named(names) => escape(&names.join(" + ")).into_owned(),
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
