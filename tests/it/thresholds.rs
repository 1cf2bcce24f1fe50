//! What `verify` demands beyond single findings: severities by path, and numbers of pages and warnings.

use std::fs;

use serde_json::Value;

use crate::common::{Report, Site, page, plain, token};

const CONFIG: &str = "default-organization = \"support\"\n\n[organizations.support]\nid = 6\n";

/// A tag that does nothing where it stands: a warning.
const INERT: &str = "<template><script type=\"module\" data-chathub></script></template>";

fn messages(report: &Report, rule: &str) -> Vec<String> {
    let findings = report.findings(rule).into_iter();
    findings
        .map(|finding| finding["message"].as_str().unwrap().to_owned())
        .collect()
}

fn severity(report: &Report, path: &str) -> Vec<Value> {
    let findings = report.page(path)["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["severity"].clone())
        .collect()
}

fn notices(report: &Report) -> Vec<String> {
    let notices = report.0["summary"]["notices"].as_array().unwrap();
    let notices = notices.iter().map(|notice| notice.as_str().unwrap());
    notices.map(str::to_owned).collect()
}

/// Four pages with a warning each.
fn warned(more: &str) -> Site {
    let site = Site::of(page(INERT))
        .page("blog/a.html", page(INERT))
        .page("blog/new/b.html", page(INERT))
        .page("shop/c.html", page(INERT))
        .config(&format!("{CONFIG}{more}"));
    site.ok("inject");
    site
}

#[test]
fn the_last_override_that_matches_and_names_the_rule_wins() {
    let site = warned(
        "\n[verify.severity]\ninert-instance = \"note\"\n\n\
         [[verify.overrides]]\nmatch = \"blog/\"\nnot = \"blog/new/**\"\n\
         severity = { inert-instance = \"error\", unused-rule = \"off\" }\n\n\
         [[verify.overrides]]\nmatch = [\"blog/new/**\", \"shop/*.html\"]\nseverity = { inert-instance = \"off\" }\n\n\
         [[verify.overrides]]\nmatch = \"**\"\nseverity = { wrong-id = \"warning\" }\n",
    );
    let report = site.json("verify", 1);
    assert_eq!(severity(&report, "index.html"), ["note"]);
    assert_eq!(severity(&report, "blog/a.html"), ["error"]);
    assert_eq!(severity(&report, "blog/new/b.html"), [""; 0]);
    assert_eq!(severity(&report, "shop/c.html"), [""; 0]);
    assert_eq!(report.site_rules(), [""; 0]);
}

#[test]
fn an_override_is_for_files_beside_pages_too() {
    let site = warned(
        "\n[[verify.overrides]]\nmatch = \"blog/a.html.gz\"\nseverity = { stale-compressed-sibling = \"warning\" }\n",
    )
    .page("blog/a.html.gz", "not gzip")
    .page("shop/c.html.gz", "not gzip");
    let report = site.json("verify", 1);
    let found = report.findings("stale-compressed-sibling");
    let found: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one["path"].as_str().unwrap(),
                one["severity"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [("blog/a.html.gz", "warning"), ("shop/c.html.gz", "error")]
    );
    assert_eq!(report.site_rules(), [""; 0]);
}

#[test]
fn an_override_that_matches_nothing_is_found() {
    let site = warned(
        "\n[[verify.overrides]]\nmatch = \"blgo/\"\nnot = \"blgo/x\"\nseverity = { inert-instance = \"off\" }\n\n\
         [[verify.overrides]]\nmatch = \"blog/\"\nseverity = { wrong-id = \"off\" }\n",
    );
    let report = site.json("verify --fail-on error", 0);
    assert_eq!(report.site_rules(), ["unused-override"]);
    assert_eq!(
        messages(&report, "unused-override"),
        ["the override at chathub.toml:6 (match \"blgo/\", not \"blgo/x\") matches no file"]
    );
    site.run("verify --max-warnings 4").exits(1);
}

#[test]
fn what_is_wrong_with_an_override_is_said_with_its_place() {
    for (text, words) in [
        (
            "[[verify.overrides]]\nmatch = \"blog/\"\nseverity = { wrong-di = \"off\" }\n",
            &[
                "chathub.toml:8:14",
                "verify has no rule `wrong-di`",
                "did you mean `wrong-id`?",
            ][..],
        ),
        (
            "[[verify.overrides]]\nmatch = \"blog/\"\nseverity = { wrong-id = \"warn\" }\n",
            &[
                "chathub.toml:8:25",
                "valid: `error`, `warning`, `note`, `off`",
            ],
        ),
        (
            "[[verify.overrides]]\nmatch = \"!blog/\"\nseverity = { wrong-id = \"off\" }\n",
            &["chathub.toml:7:9", "`not = \"blog/\"`"],
        ),
        (
            "[[verify.overrides]]\nseverity = { wrong-id = \"off\" }\n",
            &["chathub.toml:6:1", "no `match`", "[verify.severity]"],
        ),
        (
            "[[verify.overrides]]\nmatch = \"blog/\"\n",
            &["chathub.toml:6:1", "no `severity`"],
        ),
        (
            "[[verify.overrides]]\nmach = \"blog/\"\nseverity = { wrong-id = \"off\" }\n",
            &["chathub.toml:7:1", "did you mean `match`?"],
        ),
        (
            "[verify.overrides]\nmatch = \"blog/\"\n",
            &[
                "chathub.toml:6:",
                "array of tables",
                "`[[verify.overrides]]`",
            ],
        ),
        (
            "[verify]\nmax-warnings = -1\n",
            &["chathub.toml:7:16", "takes a whole number from 0"],
        ),
        (
            "[[rules]]\nmatch = \"a\"\nwidget = false\nmin-pages = \"many\"\n",
            &["chathub.toml:9:13", "takes a whole number"],
        ),
    ] {
        let site = Site::of(plain()).config(&format!("{CONFIG}\n{text}"));
        let run = site.run("verify");
        run.fails(2, words);
        assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
    }
}

#[test]
fn a_leaked_credential_is_never_green_without_a_word() {
    let secret = token("operator", 36_000);
    let site = |more: &str| {
        let site = Site::of(plain())
            .page("docs/a.html", page(&format!("<p>{secret}</p>")))
            .config(&format!("{CONFIG}{more}"));
        site.ok("inject");
        site
    };
    let severity = "\n[verify.severity]\nsecret-in-site = \"off\"\n";
    let report = site(severity).json("verify", 0);
    assert_eq!(
        notices(&report),
        [
            "verify.severity sets secret-in-site to off: a credential that anybody can read there does not fail this run"
        ]
    );
    let quiet = site(severity).ok("verify -q").stderr.clone();
    assert!(quiet.contains("secret-in-site to off"), "{quiet}");
    let there =
        "\n[[verify.overrides]]\nmatch = \"docs/\"\nseverity = { secret-in-site = \"warning\" }\n";
    let report = site(there).json("verify", 0);
    assert_eq!(
        notices(&report),
        [
            "the override at chathub.toml:6 (docs/) sets secret-in-site to warning: a credential that anybody can read there does not \
             fail this run"
        ]
    );
    // What fails the run is not lowered.
    assert_eq!(
        notices(&site(there).json("verify --fail-on warning", 1)),
        [""; 0]
    );
    assert_eq!(notices(&site("").json("verify", 1)), [""; 0]);
}

#[test]
fn more_warnings_than_are_allowed_fail_the_run() {
    let site = warned("");
    site.ok("verify");
    site.ok("verify --max-warnings 4");
    let report = site.json("verify --max-warnings 3", 1);
    assert_eq!(
        messages(&report, "too-many-warnings"),
        ["4 warnings, where at most 3 may be"]
    );
    // Those of the site count, and what is not a warning does not.
    let site = site.config(&format!(
        "{CONFIG}\n[[rules]]\nmatch = \"nowhere/\"\nwidget = false\n"
    ));
    site.ok("inject");
    site.run("verify --max-warnings 4").exits(1);
    site.ok("verify --max-warnings 5");
    let site = site.config(&format!(
        "{CONFIG}\n[verify]\nmax-warnings = 0\nseverity = {{ inert-instance = \"note\" }}\n"
    ));
    site.ok("inject");
    site.ok("verify");
    let site = site.env("CHATHUB_VERIFY_MAX_WARNINGS", "3");
    let site = site.config(CONFIG);
    site.run("verify").exits(1);
    // Warnings of the baseline are known, and one more is not.
    site.ok("verify --baseline known.toml --write-baseline");
    site.ok("verify --baseline known.toml --max-warnings 0");
    let more = site.text("shop/c.html").replace(INERT, &INERT.repeat(2));
    fs::write(site.path("shop/c.html"), more).unwrap();
    let report = site.json("verify --baseline known.toml --max-warnings 0", 1);
    assert_eq!(
        messages(&report, "too-many-warnings"),
        ["1 warning, where at most 0 may be"]
    );
}

#[test]
fn an_organization_and_a_rule_can_ask_for_a_number_of_pages() {
    let config = |support: u64, sales: u64, rule: u64, below: u64| {
        format!(
            "default-organization = \"support\"\n\n\
             [organizations.support]\nid = 6\nmin-pages = {support}\n\n\
             [organizations.sales]\nwidget = \"customer\"\nguid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"\nmin-pages = {sales}\n\n\
             [[rules]]\nmatch = \"shop/**\"\norganization = \"sales\"\nmin-pages = {rule}\n\n\
             [[rules]]\nmatch = \"shop/help/**\"\norganization = \"support\"\nmin-pages = {below}\n"
        )
    };
    // Three pages of support, one of them by a rule, and two of sales. What is skipped is no page of anybody.
    let site = Site::of(plain())
        .page("a.html", plain())
        .page("shop/b.html", plain())
        .page("shop/c.html", plain())
        .page("shop/help/d.html", plain())
        .page("shop/e.html", "<p>A fragment</p>")
        .config(&config(3, 2, 2, 1));
    site.ok("inject");
    site.ok("verify");
    let site = site.config(&config(4, 3, 3, 2));
    let report = site.json("verify --min-pages 6", 1);
    assert_eq!(
        messages(&report, "too-few-pages"),
        [
            "5 pages (1 more were skipped or could not be read), where at least 6 are asked for",
            "organization `support` has 3 pages, where at least 4 are asked for",
            "organization `sales` has 2 pages, where at least 3 are asked for",
            "the rule at chathub.toml:12 (match \"shop/**\") decides about 2 pages, where at least 3 are asked for",
            "the rule at chathub.toml:17 (match \"shop/help/**\") decides about 1 page, where at least 2 are asked for",
        ]
    );
    // Nor can a baseline get used to it.
    site.run("verify --baseline known.toml --write-baseline")
        .exits(1);
    site.run("verify --baseline known.toml").exits(1);
}

#[test]
fn a_rule_of_a_folder_can_ask_for_a_number_of_pages() {
    let site = Site::of(plain())
        .page("docs/a.html", plain())
        .page(
            "docs/.chathub.toml",
            "[[rules]]\nwidget = false\nmin-pages = 2\n",
        )
        .config(CONFIG);
    site.ok("inject");
    let report = site.json("verify", 1);
    assert_eq!(
        messages(&report, "too-few-pages"),
        [
            "the rule at docs/.chathub.toml:1 (every page) decides about 1 page, where at least 2 are asked for"
        ]
    );
    let site = site.page("docs/b.html", plain());
    site.ok("verify");
}

#[test]
fn a_pattern_that_is_of_no_use_is_found() {
    let site = Site::of(plain())
        .page("shop/a.html", plain())
        .page("shop/terms/b.html", plain())
        .page("blog/print.html", plain())
        .page("docs/c.html", plain())
        .page(
            "docs/.chathub.toml",
            "[[rules]]\nmatch = [\"*.html\", \"old/\"]\nwidget = false\n",
        )
        .config(&format!(
            "{CONFIG}\n[[rules]]\nmatch = [\"shop/**\", \"shpo/**\"]\nnot = [\"shop/terms/**\", \"**/print.html\"]\nwidget = false\n\n\
             [[rules]]\nmatch = \"nowhere/\"\nnot = \"nowhere/x\"\nwidget = false\n\n\
             [[verify.overrides]]\nmatch = [\"shop/\", \"shpo/\"]\nnot = \"shop/x\"\nseverity = {{ wrong-id = \"note\" }}\n"
        ));
    site.ok("inject");
    let report = site.json("verify", 0);
    assert_eq!(
        messages(&report, "unused-pattern"),
        [
            "\"shpo/**\" in `match` at chathub.toml:6 matches nothing",
            // There is such a page, and the rule does not come to it.
            "\"**/print.html\" in `not` at chathub.toml:6 leaves nothing out",
            "\"old/\" in `match` at docs/.chathub.toml:1 matches nothing",
            "\"shpo/\" in `match` at chathub.toml:16 matches nothing",
            "\"shop/x\" in `not` at chathub.toml:16 leaves nothing out",
        ]
    );
    // Of a rule that holds nowhere, that is all there is to say.
    assert_eq!(messages(&report, "unused-rule").len(), 1);
}

#[test]
fn what_is_left_out_is_told_and_nothing_is_clean_then() {
    let site = Site::of(plain()).page("a.html", plain()).config(&format!(
        "{CONFIG}\n[verify.severity]\nmissing-instance = \"off\"\n"
    ));
    let told = "2 findings of missing-instance not told: the configuration turns that rule off";
    assert_eq!(notices(&site.json("verify", 0)), [told]);
    let run = site.ok("verify");
    assert!(run.stdout.contains(told), "{}", run.stdout);
    assert!(!run.stdout.contains("clean"), "{}", run.stdout);
    assert!(run.stdout.contains("no findings"), "{}", run.stdout);
    let over = Site::of(plain()).config(&format!(
        "{CONFIG}\n[[verify.overrides]]\nmatch = \"index.html\"\nseverity = {{ missing-instance = \"off\" }}\n"
    ));
    assert!(!over.ok("verify").stdout.contains("clean"));
    site.ok("inject");
    assert!(site.ok("verify").stdout.contains("clean"));
}
