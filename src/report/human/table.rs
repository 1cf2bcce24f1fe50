//! The table by organization.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::modifiers::UTF8_ROUND_CORNERS;
use comfy_table::presets::{ASCII_FULL_CONDENSED, UTF8_FULL_CONDENSED};
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::look::{Look, OUTCOMES};
use crate::outcome::{Finding, Outcome, PageReport, Severity, Tally};
use crate::report::text::{escape, number};

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

fn write<'a>(
    text: &mut String,
    columns: &[&str],
    rows: impl Iterator<Item = (&'a str, u64, Vec<u64>)>,
    look: &Look,
) {
    let mut table = Table::new();
    if look.ascii {
        table.load_preset(ASCII_FULL_CONDENSED);
    } else {
        table
            .load_preset(UTF8_FULL_CONDENSED)
            .apply_modifier(UTF8_ROUND_CORNERS);
        // Light lines throughout.
        table.set_style(comfy_table::TableComponent::HeaderLines, '─');
        table.set_style(comfy_table::TableComponent::LeftHeaderIntersection, '├');
        table.set_style(comfy_table::TableComponent::MiddleHeaderIntersections, '┼');
        table.set_style(comfy_table::TableComponent::RightHeaderIntersection, '┤');
        table.set_style(comfy_table::TableComponent::VerticalLines, '│');
    }
    if let Some(width) = look.width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    table.set_header(["organization", "pages"].iter().chain(columns));
    for (organization, pages, counts) in rows {
        let name = if organization == "-" {
            "(no widget)".into()
        } else {
            escape(organization)
        };
        let numbers = std::iter::once(pages).chain(counts).map(|n| match n {
            0 => String::new(),
            n => number(n),
        });
        table.add_row(std::iter::once(name.into_owned()).chain(numbers));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (index, line) in table.lines().enumerate() {
        let _ = if index == 1 {
            writeln!(text, "{}", look.bold(line))
        } else {
            writeln!(text, "{line}")
        };
    }
}
