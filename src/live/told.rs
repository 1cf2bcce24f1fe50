//! Which rules say nothing of a site on its server.

/// Rules about files that no server shows, or of which this run need not have seen all.
const OF_FILES: [&str; 6] = [
    "unused-allowed-secret",
    "unused-baseline-entry",
    "stale-route-file",
    "no-route-file",
    "too-many-routes",
    "unlikely-base-url",
];
/// Rules about the whole site, of which this run need not have seen all pages.
const OF_ALL_PAGES: [&str; 5] = [
    "unused-pattern",
    "unused-override",
    "unused-rule",
    "unused-organization",
    "too-few-pages",
];

/// Whether a run over a URL says nothing about a rule. `sample`: it has not seen all pages.
pub(super) fn not_told(id: &str, sample: bool) -> bool {
    OF_FILES.contains(&id) || sample && OF_ALL_PAGES.contains(&id)
}
