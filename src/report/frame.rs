//! The look of tables.

use comfy_table::modifiers::UTF8_ROUND_CORNERS;
use comfy_table::presets::{ASCII_FULL_CONDENSED, UTF8_FULL_CONDENSED};
use comfy_table::{Table, TableComponent};

/// An empty table with light lines, in ASCII or in Unicode.
#[must_use]
pub fn frame(ascii: bool) -> Table {
    let mut table = Table::new();
    if ascii {
        table.load_preset(ASCII_FULL_CONDENSED);
        table.set_style(TableComponent::HeaderLines, '-');
        table.set_style(TableComponent::LeftHeaderIntersection, '+');
        table.set_style(TableComponent::MiddleHeaderIntersections, '+');
        table.set_style(TableComponent::RightHeaderIntersection, '+');
    } else {
        table
            .load_preset(UTF8_FULL_CONDENSED)
            .apply_modifier(UTF8_ROUND_CORNERS);
        // Light lines throughout.
        table.set_style(TableComponent::HeaderLines, '─');
        table.set_style(TableComponent::LeftHeaderIntersection, '├');
        table.set_style(TableComponent::MiddleHeaderIntersections, '┼');
        table.set_style(TableComponent::RightHeaderIntersection, '┤');
        table.set_style(TableComponent::VerticalLines, '│');
    }
    table
}
