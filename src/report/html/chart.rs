//! How many pages of which organization came to what, as bars and in numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::event::{Organizations, OutcomeKind, PageReport, Severity};
use crate::report::markup::html;
use crate::report::text::number;

/// What can become of a page, the worst first: the class of its bar, and its words.
const FATES: [(&str, &str); 13] = [
    ("failed", "failed"),
    ("refused", "refused"),
    ("errors", "with errors"),
    ("warnings", "with warnings"),
    ("notes", "with notes"),
    ("known", "with known findings"),
    ("injected", "injected"),
    ("updated", "updated"),
    ("deduplicated", "deduplicated"),
    ("removed", "removed"),
    ("unchanged", "unchanged"),
    ("clean", "clean"),
    ("skipped", "skipped"),
];

type Counts = [u64; FATES.len()];

/// The pages of a run by what they are assigned to. As large as the configuration, not as the site.
#[derive(Default)]
pub(super) struct Chart {
    by_organization: BTreeMap<Organizations, Counts>,
}

/// What became of a page: where only findings count, it is the worst of them.
fn fate(page: &PageReport, only_looks: bool) -> &'static str {
    let kind = page.outcome.kind();
    if !only_looks || kind != OutcomeKind::Unchanged {
        return kind.name();
    }
    let new = page.findings.iter().filter(|finding| !finding.baselined);
    match new.map(|finding| finding.severity).max() {
        Some(Severity::Error) => "errors",
        Some(Severity::Warning) => "warnings",
        Some(Severity::Note) => "notes",
        None if page.findings.is_empty() => "clean",
        None => "known",
    }
}

impl Chart {
    pub(super) fn page(&mut self, page: &PageReport, only_looks: bool) {
        let fate = fate(page, only_looks);
        let at = FATES.iter().position(|(class, _)| *class == fate);
        // Asked for before it is made, since there are few and pages are many.
        let counts = match self.by_organization.get_mut(&page.organizations) {
            Some(counts) => counts,
            None => self
                .by_organization
                .entry(page.organizations.clone())
                .or_default(),
        };
        counts[at.unwrap_or_default()] += 1;
    }

    /// The section of the chart.
    pub(super) fn write(&self) -> String {
        let mut text =
            "<section id=\"pages\" aria-labelledby=\"pages-title\">\n<h2 id=\"pages-title\">Pages</h2>\n"
                .to_owned();
        let mut all = Counts::default();
        for counts in self.by_organization.values() {
            for (sum, pages) in all.iter_mut().zip(counts) {
                *sum += pages;
            }
        }
        let total: u64 = all.iter().sum();
        if total == 0 {
            text.push_str("<p>There was no page.</p>\n</section>\n");
            return text;
        }
        let occurring: Vec<usize> = (0..FATES.len()).filter(|at| all[*at] > 0).collect();
        bar(&mut text, "bar all", &all, total);
        text.push_str("<ul class=\"legend\">\n");
        for &at in &occurring {
            let (class, words) = FATES[at];
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"k-{class}\" width=\"1\" height=\"1\"/></svg>{} {words}{}</li>",
                number(all[at]),
                percent(all[at], total)
            );
        }
        text.push_str("</ul>\n");
        self.table(&mut text, &occurring, &all);
        text.push_str("</section>\n");
        text
    }

    /// The numbers. Each bar is as long as its organization is large.
    fn table(&self, text: &mut String, occurring: &[usize], all: &Counts) {
        text.push_str(
            "<div class=\"scroll\" role=\"region\" aria-labelledby=\"pages-title\" tabindex=\"0\">\n<table class=\"chart sortable\">\n\
             <caption>By organization and outcome</caption>\n<thead>\n<tr><th scope=\"col\">Organization</th>\
             <th scope=\"col\" data-sort=\"no\">Share</th><th scope=\"col\" class=\"number\">Pages</th>",
        );
        for &at in occurring {
            let (first, rest) = FATES[at].1.split_at(1);
            let first = first.to_ascii_uppercase();
            let _ = write!(
                text,
                "<th scope=\"col\" class=\"number\">{first}{rest}</th>"
            );
        }
        text.push_str("</tr>\n</thead>\n<tbody>\n");
        let mut rows: Vec<_> = self.by_organization.iter().collect();
        rows.sort_by_key(|(organizations, _)| rank(organizations));
        let sums = rows.iter().map(|(_, counts)| counts.iter().sum());
        let largest = sums.max().unwrap_or(1);
        for (organizations, counts) in rows {
            let _ = write!(
                text,
                "<tr><th scope=\"row\">{}</th><td>",
                name(organizations)
            );
            bar(text, "bar", counts, largest);
            text.push_str("</td>");
            numbers(text, occurring, counts);
            text.push_str("</tr>\n");
        }
        text.push_str("</tbody>\n<tfoot>\n<tr><th scope=\"row\">All</th><td></td>");
        numbers(text, occurring, all);
        text.push_str("</tr>\n</tfoot>\n</table>\n</div>\n");
    }
}

/// Those with a name first.
fn rank(organizations: &Organizations) -> u8 {
    match organizations {
        Organizations::Named(_) => 0,
        Organizations::ByEndpoint => 1,
        Organizations::None => 2,
        Organizations::Unassigned => 3,
    }
}

fn name(organizations: &Organizations) -> String {
    match organizations {
        Organizations::Named(names) => format!("<bdi>{}</bdi>", html(&names.join(" + "))),
        Organizations::ByEndpoint => "(by the endpoint)".to_owned(),
        Organizations::None => "(no widget)".to_owned(),
        Organizations::Unassigned => "(not assigned)".to_owned(),
    }
}

/// One stacked bar; the numbers beside it say the same to those who do not see it.
fn bar(text: &mut String, class: &str, counts: &Counts, width: u64) {
    let _ = write!(
        text,
        "<svg class=\"{class}\" viewBox=\"0 0 {width} 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    );
    let mut x = 0;
    for ((class, _), pages) in FATES.iter().zip(counts) {
        if *pages > 0 {
            let _ = write!(
                text,
                "<rect class=\"k-{class}\" x=\"{x}\" width=\"{pages}\" height=\"1\"/>"
            );
            x += pages;
        }
    }
    text.push_str("</svg>");
}

fn numbers(text: &mut String, occurring: &[usize], counts: &Counts) {
    let sum = counts.iter().sum();
    for pages in std::iter::once(sum).chain(occurring.iter().map(|at| counts[*at])) {
        let _ = write!(text, "<td class=\"number\">{}</td>", number(pages));
    }
}

/// ` (12 %)`; what is rounded to none or all says so.
fn percent(part: u64, all: u64) -> String {
    match (part * 100 + all / 2) / all {
        0 => " (under 1 %)".to_owned(),
        100 if part < all => " (over 99 %)".to_owned(),
        percent => format!(" ({percent} %)"),
    }
}
