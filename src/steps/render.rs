//! A page as `inject` would write it, in memory: for callers that only show it.

use std::io;

use crate::html::{RawEdit, splice};
use crate::run::{Examined, Verdict};

/// The page as `inject` makes it. `extra` is further markup for a page that `inject` handles, put where the scan alone
/// proves that a script runs and nothing else changes; a page without such a place goes without.
pub fn render(examined: &Examined<'_>, extra: &str) -> io::Result<Vec<u8>> {
    let bytes = examined.source.bytes();
    let Verdict::Plan(plan) = &examined.verdict else {
        return Ok(bytes.to_vec());
    };
    let mut edits = plan.edits.clone();
    if let Some((place, edit)) = addition(examined, &edits, extra) {
        edits.insert(place, edit);
    }
    let mut page = Vec::with_capacity(bytes.len() + 1024);
    splice(bytes, &edits, &mut page)?;
    Ok(page)
}

/// The edit that brings `extra`, and its place among the others: after what comes in at the same point.
fn addition(examined: &Examined<'_>, edits: &[RawEdit], extra: &str) -> Option<(usize, RawEdit)> {
    let certain = examined.facts.points.iter().filter(|point| point.certain);
    certain
        .filter_map(|point| examined.source.raw(point.offset..point.offset, extra))
        .find_map(|edit| {
            let at = edit.range.start;
            let free = !edits.iter().any(|other| other.range.contains(&at));
            let place = edits.partition_point(|other| other.range.start <= at);
            free.then_some((place, edit))
        })
}
