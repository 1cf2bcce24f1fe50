//! Sentences that several reports have.

use super::text::{count, list, number};
use crate::event::Tally;

/// `9 errors, 3 warnings on 10 of 12 pages`: what was found, and where.
pub(super) fn found(tally: &Tally) -> String {
    let counts = [
        (tally.findings.errors, "error"),
        (tally.findings.warnings, "warning"),
        (tally.findings.notes, "note"),
    ];
    let found = counts.into_iter().filter(|(n, _)| *n > 0);
    let mut found = list(found.map(|(n, noun)| count(n, noun)));
    if found.is_empty() {
        let none = if tally.baselined == 0 {
            "No findings"
        } else {
            "No new findings"
        };
        none.clone_into(&mut found);
    }
    format!("{found} {}", place(tally))
}

/// `3 findings in the baseline: 2 × missing-instance, 1 × wrong-src`: what is known, the most frequent first.
pub(super) fn baselined(tally: &Tally, times: &str) -> Option<String> {
    let by_rule = tally.by_rule.values();
    let mut by_rule: Vec<_> = by_rule.filter(|of| of.baselined > 0).collect();
    // Stable: equal counts stay in the order of the alphabet.
    by_rule.sort_by_key(|of| std::cmp::Reverse(of.baselined));
    let rules = by_rule
        .into_iter()
        .map(|of| format!("{} {times} {}", number(of.baselined), of.rule.id));
    (tally.baselined > 0).then(|| {
        let findings = count(tally.baselined, "finding");
        format!("{findings} in the baseline: {}", list(rules))
    })
}

/// `on 10 of 12 pages and the site as a whole`
pub(super) fn place(tally: &Tally) -> String {
    let pages = tally.total.pages;
    let of = count(pages, "page");
    let unclean = match (tally.unclean, pages) {
        (1, 1) => "the only page".to_owned(),
        (unclean, pages) if unclean == pages => format!("all {of}"),
        (unclean, _) => format!("{} of {of}", number(unclean)),
    };
    match (tally.unclean, tally.of_site) {
        (0, 0) => format!("on {of}"),
        (0, _) if pages == 1 => "on the site as a whole, none on its only page".to_owned(),
        (0, _) => format!("on the site as a whole, none on its {of}"),
        (_, 0) => format!("on {unclean}"),
        (_, _) => format!("on {unclean} and the site as a whole"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_well() {
        let said = |pages, unclean, of_site| {
            let mut tally = Tally {
                unclean,
                of_site,
                ..Tally::default()
            };
            tally.total.pages = pages;
            place(&tally)
        };
        assert_eq!(said(1, 1, 0), "on the only page");
        assert_eq!(said(2, 2, 1), "on all 2 pages and the site as a whole");
        assert_eq!(said(2_000, 1, 0), "on 1 of 2,000 pages");
        assert_eq!(said(1, 0, 0), "on 1 page");
        assert_eq!(said(3, 0, 0), "on 3 pages");
        assert_eq!(
            said(1, 0, 2),
            "on the site as a whole, none on its only page"
        );
        assert_eq!(said(3, 0, 2), "on the site as a whole, none on its 3 pages");
        assert_eq!(found(&Tally::default()), "No findings on 0 pages");
    }
}
