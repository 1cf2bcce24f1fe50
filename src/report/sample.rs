//! One sample run that every format is tested on.

use std::time::Duration;

use crate::event::{
    Command, Event, Excerpt, Finding, Location, Organizations, Outcome, PageReport, Rule, Severity,
    Skip, Started, Summary, Tally,
};

/// A run: its pages in path order, what was found beside them, and its summary.
pub(super) struct Run {
    pub(super) pages: Vec<PageReport>,
    pub(super) site_findings: Vec<Finding>,
    pub(super) summary: Summary,
    /// The least severity that fails it.
    pub(super) fail_on: Severity,
    /// Whether there is a baseline.
    pub(super) has_baseline: bool,
}

impl Run {
    pub(super) fn new(command: Command, pages: Vec<PageReport>) -> Self {
        let mut tally = Tally::default();
        for page in &pages {
            tally.page(page, true);
        }
        Self {
            pages,
            site_findings: Vec::new(),
            summary: Summary {
                tally,
                elapsed: Duration::from_millis(12),
                ..Summary::of(command, "public".to_owned(), "placeholder", false)
            },
            fail_on: Severity::Error,
            has_baseline: false,
        }
    }

    /// With findings of the site.
    pub(super) fn with_site_findings(mut self, site_findings: Vec<Finding>) -> Self {
        for finding in &site_findings {
            self.summary.tally.site_finding(finding);
        }
        self.summary.exit_code = u8::from(self.summary.tally.findings.errors > 0);
        self.site_findings = site_findings;
        self
    }

    /// Hands over what happens, in order.
    pub(super) fn each_event(&self, mut take: impl FnMut(&Event<'_>)) {
        take(&Event::Started(&Started {
            command: self.summary.command,
            root: "docs/public".to_owned(),
            dry_run: self.summary.dry_run,
            fail_on: self.fail_on,
            has_baseline: self.has_baseline,
            rules: RULES,
        }));
        for page in &self.pages {
            take(&Event::Page(page));
        }
        for finding in &self.site_findings {
            take(&Event::Finding(finding));
        }
        for notice in &self.summary.notices {
            take(&Event::Notice(notice));
        }
        take(&Event::Finished(&self.summary));
    }
}

const fn rule(id: &'static str, severity: Severity) -> Rule {
    Rule {
        id,
        severity,
        finds: "What it finds.",
        why: "Why that matters.",
        remedy: "What to do.",
    }
}

static MISSING_INSTANCE: Rule = rule("missing-instance", Severity::Error);
static DUPLICATE_INSTANCE: Rule = rule("duplicate-instance", Severity::Error);
static WRONG_SRC: Rule = rule("wrong-src", Severity::Error);
static DYNAMIC_LOADER: Rule = rule("dynamic-loader-suspected", Severity::Warning);
static STALE_SIBLING: Rule = rule("stale-compressed-sibling", Severity::Error);
static UNUSED_RULE: Rule = rule("unused-rule", Severity::Warning);
static PAGE_UNREADABLE: Rule = rule("page-unreadable", Severity::Error);
static PAGE_REFUSED: Rule = rule("page-refused", Severity::Error);
static RULES: &[&Rule] = &[
    &MISSING_INSTANCE,
    &DUPLICATE_INSTANCE,
    &WRONG_SRC,
    &DYNAMIC_LOADER,
    &STALE_SIBLING,
    &UNUSED_RULE,
    &PAGE_UNREADABLE,
    &PAGE_REFUSED,
];

fn page(path: &str, outcome: Outcome, organizations: &[&str]) -> PageReport {
    let assigned = match (&outcome, organizations) {
        (Outcome::Skipped(_) | Outcome::Failed(_), []) => Organizations::Unassigned,
        (_, []) => Organizations::None,
        (_, names) => Organizations::Named(names.iter().map(|&name| name.into()).collect()),
    };
    PageReport {
        path: path.to_owned(),
        outcome,
        organizations: assigned,
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
    let skipped = |path, why| page(path, Outcome::Skipped(why), &[]);
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
        skipped("amp/index.html", Skip::Amp),
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
        skipped("old/index.html", Skip::Redirect),
        skipped("older/index.html", Skip::Redirect),
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
    let mut run = Run::new(Command::Inject, pages);
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
    let excerpt = Excerpt::made_up(source.to_owned(), first_line, span);
    (Some(place), Some(excerpt))
}

#[allow(clippy::too_many_lines)] // A list.
/// `verify` with findings of every severity, with and without place, and more of one rule than are shown.
pub(super) fn verify() -> Run {
    const REMEDY: &str = "run `chathub inject` after the generator";
    let finding = |rule, severity, path: &str, message: &str, remedy: &str| Finding {
        rule,
        severity,
        baselined: false,
        path: Some(path.to_owned()),
        place: None,
        message: message.to_owned(),
        remedy: remedy.to_owned().into(),
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
                &MISSING_INSTANCE,
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
            &WRONG_SRC,
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
        Outcome::Skipped(Skip::Redirect),
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
            &DUPLICATE_INSTANCE,
            Severity::Error,
            "shop/index.html",
            "a second chat; the first is at 40:1",
            REMEDY,
        ),
        at(&long, 41, script),
    ));
    shop.findings.push(placed(
        finding(
            &DYNAMIC_LOADER,
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
        &STALE_SIBLING,
        Severity::Warning,
        "допомога/index.html.gz",
        "it was compressed from another version of the page",
        "compress after `chathub inject`",
    ));
    uk.findings.push(finding(
        &STALE_SIBLING,
        Severity::Warning,
        "допомога/index.html.br",
        "it is not Brotli",
        "delete it, or compress again",
    ));
    pages.push(uk);
    Run::new(Command::Verify, pages).with_site_findings(vec![Finding {
        rule: &UNUSED_RULE,
        severity: Severity::Note,
        baselined: false,
        path: None,
        place: None,
        message: "rule 2 (chathub.toml:26) chooses no page".to_owned(),
        remedy: "remove the rule, or correct its globs".into(),
        excerpt: None,
    }])
}

/// `verify` with nothing to say.
pub(super) fn clean() -> Run {
    let mut pages = verify().pages;
    for page in &mut pages {
        page.findings.clear();
    }
    Run::new(Command::Verify, pages)
}

/// Text that means something to one format or another.
pub(super) const HOSTILE: [&str; 8] = [
    "a\n::error::b\r\n% %0A %25",
    "quotes \" ' ` `` *bold* _b_ ~~c~~ \\| | \\",
    "<script>alert(1)</script> &amp; &#124; ]]> <!-- -->",
    "[text](https://example.com) ![image](x) https://example.com @someone #1",
    "\u{1b}[2J \u{0} \u{7f} \u{85} \u{ffff} \u{feff}",
    "\u{202e}lmth \u{2066}a\u{2069} \u{2028}",
    "latin\\xE9 ${{ github.token }} {0} {{}}",
    "a:b,c;d=e?f#g h+i 100%",
];

/// `verify` with names and messages that mean something to one format or another.
pub(super) fn hostile() -> Run {
    let pages = HOSTILE.iter().enumerate().map(|(index, text)| {
        let path = format!("{index}/{text}.html");
        let mut page = page(&path, Outcome::Unchanged, &[text]);
        for severity in [Severity::Note, Severity::Error] {
            let (place, excerpt) = at(&format!("<a>{text}</a>"), index + 1, text);
            page.findings.push(Finding {
                rule: &WRONG_SRC,
                severity,
                baselined: false,
                path: Some(path.clone()),
                place,
                message: (*text).to_owned(),
                remedy: (*text).into(),
                excerpt,
            });
        }
        page
    });
    let site = Finding {
        rule: &UNUSED_RULE,
        severity: Severity::Warning,
        baselined: false,
        path: None,
        place: None,
        message: HOSTILE.concat(),
        remedy: "".into(),
        excerpt: None,
    };
    let mut run = Run::new(Command::Verify, pages.collect()).with_site_findings(vec![site]);
    run.summary.notices = HOSTILE.map(str::to_owned).to_vec();
    run
}
