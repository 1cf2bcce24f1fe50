//! One sample run that every format is tested on.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::outcome::{Excerpt, Finding, Location, Outcome, PageReport, Severity, Summary, Tally};

/// A run: its pages in path order, and its summary.
pub(super) struct Run {
    pub(super) pages: Vec<PageReport>,
    pub(super) summary: Summary,
}

impl Run {
    /// Counts what the pages say, as the run does.
    fn new(command: &'static str, pages: Vec<PageReport>) -> Self {
        let mut total = Tally::default();
        let mut by_organization: BTreeMap<String, Tally> = BTreeMap::new();
        let add = |tally: &mut Tally, page: &PageReport| {
            tally.pages += 1;
            *tally.outcomes.entry(page.outcome.name()).or_default() += 1;
        };
        for page in &pages {
            add(&mut total, page);
            let key = match (&page.outcome, page.organizations.join(" + ")) {
                (Outcome::Skipped(_), _) => continue,
                (Outcome::Failed(_), none) if none.is_empty() => continue,
                (_, none) if none.is_empty() => "-".to_owned(),
                (_, names) => names,
            };
            add(by_organization.entry(key).or_default(), page);
        }
        let mut run = Self {
            pages,
            summary: Summary {
                command,
                site: "public".to_owned(),
                mode: "placeholder",
                dry_run: false,
                total,
                by_organization,
                not_judged: BTreeMap::new(),
                errors: 0,
                warnings: 0,
                notes: 0,
                site_findings: Vec::new(),
                notices: Vec::new(),
                files: Vec::new(),
                interrupted: false,
                elapsed: Duration::from_millis(12),
                exit_code: 0,
            },
        };
        for page in &run.pages {
            if let Outcome::Skipped(why) | Outcome::Failed(why) = &page.outcome {
                run.summary.count_not_judged(why);
            }
        }
        run
    }

    /// Counts the findings, with those of the site.
    fn with_site_findings(mut self, site_findings: Vec<Finding>) -> Self {
        let all = self.pages.iter().flat_map(|page| &page.findings);
        for finding in all.chain(&site_findings) {
            match finding.severity {
                Severity::Error => self.summary.errors += 1,
                Severity::Warning => self.summary.warnings += 1,
                Severity::Note => self.summary.notes += 1,
            }
        }
        self.summary.exit_code = u8::from(self.summary.errors > 0);
        self.summary.site_findings = site_findings;
        self
    }
}

fn page(path: &str, outcome: Outcome, organizations: &[&str]) -> PageReport {
    PageReport {
        path: path.to_owned(),
        outcome,
        organizations: organizations.iter().map(|&name| name.to_owned()).collect(),
        because: None,
        route: None,
        changes: Vec::new(),
        findings: Vec::new(),
        diff: None,
    }
}

/// `inject` with a page of every outcome, several organizations, and names that try to do harm.
pub(super) fn inject() -> Run {
    let with = |mut page: PageReport, because: &str, changes: &[&str]| {
        page.because = Some(because.to_owned());
        page.changes = changes.iter().map(|&change| change.to_owned()).collect();
        page
    };
    let skipped = |path, why: &str| page(path, Outcome::Skipped(why.to_owned()), &[]);
    let mut pages = vec![
        with(
            page("404.html", Outcome::Unchanged, &[]),
            "rule 3 (chathub.toml:31)",
            &[],
        ),
        with(
            page("about/index.html", Outcome::Injected, &["support"]),
            "default-organization (chathub.toml:3)",
            &["injected before </body> at 12:1"],
        ),
        skipped("amp/index.html", "AMP page"),
        page(
            "broken.html",
            Outcome::Refused(
                "no safe place for the widget: the comment at 3:1 is never closed".to_owned(),
            ),
            &["support"],
        ),
        with(
            page("contact/index.html", Outcome::Updated, &["support"]),
            "`<meta name=\"chathub\">` at 5:3",
            &[
                "organization sales → support at 40:1",
                "src brought up to date",
            ],
        ),
        page(
            "evil\u{1b}[2J\u{202e}lmth.html",
            Outcome::Failed("Permission denied (os error 13)".to_owned()),
            &[],
        ),
        skipped("old/index.html", "redirect stub"),
        skipped("older/index.html", "redirect stub"),
        with(
            page(
                "shop/index.html",
                Outcome::Deduplicated,
                &["sales", "support"],
            ),
            "rule 1 (chathub.toml:22)",
            &["removed the second instance at 41:1"],
        ),
        with(
            page("staff/index.html", Outcome::Removed, &[]),
            "rule 2 (chathub.toml:26)",
            &["removed the instance at 8:3"],
        ),
        with(
            page("допомога/index.html", Outcome::Injected, &["support-uk"]),
            "rule 4 (chathub.toml:35)",
            &["injected at the end of the file at 9:20"],
        ),
    ];
    pages.last_mut().unwrap().diff = Some(
        "--- a/допомога/index.html\n+++ b/допомога/index.html\n@@ -8,2 +8,2 @@\n <main>\n-<p>Як ми працюємо\n\
         +<p>Як ми працюємо<script type=\"module\" src=\"/chathub-assets/runtime.js\" data-chathub></script>\n"
            .to_owned(),
    );
    let mut run = Run::new("inject", pages);
    run.summary.files = vec![
        "wrote chathub-assets/runtime.js".to_owned(),
        "rebuilt about/index.html.gz".to_owned(),
    ];
    run.summary.notices = vec![
        "the pages of sales carry an operator token that dies at 2026-01-02 03:04 UTC".to_owned(),
    ];
    run.summary.exit_code = 3;
    run
}

/// The same, with nothing written, and stopped half-way.
pub(super) fn dry_and_interrupted() -> Run {
    let mut run = inject();
    run.summary.dry_run = true;
    run.summary.interrupted = true;
    run.summary.files.clear();
    run.summary.exit_code = 130;
    run
}

/// The place of `needle` in `source`, which begins at `first_line` of its file, and its excerpt.
fn at(source: &str, first_line: usize, needle: &str) -> (Option<Location>, Option<Excerpt>) {
    let start = source.find(needle).unwrap();
    let span = start..start + needle.len();
    let line_and_column = |offset: usize| {
        let before = &source[..offset];
        let line = first_line + before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        (line, column)
    };
    let (line, column) = line_and_column(span.start);
    let (end_line, end_column) = line_and_column(span.end);
    let place = Location {
        line,
        column,
        end_line,
        end_column,
    };
    let excerpt = Excerpt {
        text: source.to_owned(),
        first_line,
        span,
    };
    (Some(place), Some(excerpt))
}

#[allow(clippy::too_many_lines)] // A list.
/// `verify` with findings of every severity, with and without place, and more of one rule than are shown.
pub(super) fn verify() -> Run {
    const REMEDY: &str = "run `chathub inject` after the generator";
    let finding = |rule, severity, path: &str, message: &str, remedy: &str| Finding {
        rule,
        severity,
        path: Some(path.to_owned()),
        place: None,
        message: message.to_owned(),
        remedy: remedy.to_owned(),
        excerpt: None,
    };
    let placed = |mut finding: Finding, (place, excerpt)| {
        finding.place = place;
        finding.excerpt = excerpt;
        finding
    };
    let mut pages = vec![page("404.html", Outcome::Unchanged, &[])];
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        let path = format!("blog/{name}.html");
        let mut blog = page(&path, Outcome::Unchanged, &["support"]);
        blog.findings.push(placed(
            finding(
                "missing-instance",
                Severity::Error,
                &path,
                "no chat, and the rules ask for support",
                REMEDY,
            ),
            at(
                "  <footer>© 2026</footer>\r\n</body>\r\n</html>",
                11,
                "</body>",
            ),
        ));
        pages.push(blog);
    }
    let mut evil = page(
        "evil\u{1b}[2J\u{202e}lmth.html",
        Outcome::Unchanged,
        &["support"],
    );
    evil.findings.push(placed(
        finding(
            "wrong-src",
            Severity::Error,
            "evil\u{1b}[2J\u{202e}lmth.html",
            "the widget is loaded from \u{1b}]0;https://example.com/widget.js",
            "remove the tag, or set `widget.src` if this address is meant",
        ),
        at(
            "<script type=module src=\"\u{1b}]0;https://example.com/widget.js\"></script>",
            7,
            "\u{1b}]0;https://example.com/widget.js",
        ),
    ));
    pages.push(evil);
    pages.push(page(
        "old/index.html",
        Outcome::Skipped("redirect stub".to_owned()),
        &[],
    ));
    let mut shop = page("shop/index.html", Outcome::Unchanged, &["sales", "support"]);
    let script =
        "<script type=\"module\" id=\"operator-chat-panel-script\" token=\"eyJ…\"></script>";
    let long = format!(
        "{}\t{script}{}",
        "<div class=row>".repeat(9),
        "</div>".repeat(30)
    );
    shop.findings.push(placed(
        finding(
            "duplicate-instance",
            Severity::Error,
            "shop/index.html",
            "a second chat; the first is at 40:1",
            REMEDY,
        ),
        at(&long, 41, script),
    ));
    shop.findings.push(placed(
        finding(
            "dynamic-loader-suspected",
            Severity::Warning,
            "shop/index.html",
            "an inline script seems to create the widget's tag",
            "take it out, or set the rule to `off` for this folder",
        ),
        at(
            "<script>\n  const s = document.createElement('script');\n  s.id = 'operator-chat-panel-script';\n</script>",
            50,
            "const s = document.createElement('script');\n  s.id = 'operator-chat-panel-script';",
        ),
    ));
    pages.push(shop);
    let mut uk = page("допомога/index.html", Outcome::Unchanged, &["support-uk"]);
    uk.findings.push(finding(
        "stale-compressed-sibling",
        Severity::Warning,
        "допомога/index.html.gz",
        "it was compressed from another version of the page",
        "compress after `chathub inject`",
    ));
    uk.findings.push(finding(
        "stale-compressed-sibling",
        Severity::Warning,
        "допомога/index.html.br",
        "it is not Brotli",
        "delete it, or compress again",
    ));
    pages.push(uk);
    Run::new("verify", pages).with_site_findings(vec![Finding {
        rule: "unused-rule",
        severity: Severity::Note,
        path: None,
        place: None,
        message: "rule 2 (chathub.toml:26) chooses no page".to_owned(),
        remedy: "remove the rule, or correct its globs".to_owned(),
        excerpt: None,
    }])
}

/// `verify` with nothing to say.
pub(super) fn clean() -> Run {
    let mut pages = verify().pages;
    for page in &mut pages {
        page.findings.clear();
    }
    Run::new("verify", pages)
}
