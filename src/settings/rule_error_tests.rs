//! What people read when rules, organizations and severities do not fit together.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use crate::settings::testing::{dedent, error, sentences};
use crate::settings::{Config, load_folder};

#[test]
fn unknown_organizations() {
    assert_eq!(
        error(
            "default-organization = \"suport\"\n[organizations.support]\nid = 6\n\
             [[rules]]\norganizations = [\"support\", \"sales\"]\n"
        ),
        dedent(
            r#"
            error: unknown organization `suport`
             --> chathub.toml:1:24
              |
            1 | default-organization = "suport"
              |                        ^^^^^^^^
              |
              = help: did you mean `support`?

            error: unknown organization `sales`
             --> chathub.toml:5:29
              |
            5 | organizations = ["support", "sales"]
              |                             ^^^^^^^
              |
              = help: valid here: `support`
            "#
        )
    );
    assert_eq!(
        sentences("rules = [{ organization = 'sales' }]"),
        [
            "unknown organization `sales`",
            "no organizations are configured: add `[organizations.sales]` with its `id`"
        ]
    );
}

#[test]
fn organizations_need_an_id_and_a_plain_name() {
    assert_eq!(
        error("[organizations.sales]\noperator = 101\n"),
        dedent(
            r"
            error: organization `sales` has no `id`
             --> chathub.toml:1:16
              |
            1 | [organizations.sales]
              |                ^^^^^
              |
              = help: write `id = 6` with its number; `chathub orgs` lists them
            "
        )
    );
    assert_eq!(
        sentences("[organizations.\"a b\"]\nid = 1")[0],
        "`a b` cannot name an organization"
    );
}

#[test]
fn bad_globs() {
    assert_eq!(
        error("[[rules]]\nmatch = [\"shop/**\", \"a[b\"]\nwidget = false\n"),
        dedent(
            r#"
            error: `rules.match` takes globs over page paths
             --> chathub.toml:2:21
              |
            2 | match = ["shop/**", "a[b"]
              |                     ^^^^^ unclosed character class; missing ']'
              |
              = help: a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`
            "#
        )
    );
    assert_eq!(
        error("[[rules]]\nmatch = \"!shop/**\"\nwidget = false\n"),
        dedent(
            r#"
            error: `rules.match` takes globs over page paths
             --> chathub.toml:2:9
              |
            2 | match = "!shop/**"
              |         ^^^^^^^^^^ `!` negates nothing here
              |
              = help: exclude pages with `not = "shop/**"`
            "#
        )
    );
    assert_eq!(
        error("[[rules]]\nnot = 'C:\\site\\shop'\nwidget = false\n"),
        dedent(
            r"
            error: `rules.not` takes globs over page paths
             --> chathub.toml:2:7
              |
            2 | not = 'C:\site\shop'
              |       ^^^^^^^^^^^^^^ page paths have `/` between folders and begin in the site, on every platform
              |
              = help: write it relative to the site, such as `shop/**`
            "
        )
    );
}

#[test]
fn rules_must_make_sense() {
    assert_eq!(
        error("[[rules]]\nmatch = []\nwidget = false\n"),
        dedent(
            r"
            error: `rules.match` is empty
             --> chathub.toml:2:9
              |
            2 | match = []
              |         ^^ an empty list never matches
              |
              = help: add an entry, or remove `match`
            "
        )
    );
    assert_eq!(
        error(
            "[organizations.a]\nid = 1\n[[rules]]\nmatch = \"x\"\norganization = \"a\"\nwidget = false\n"
        ),
        dedent(
            r"
            error: `organization` and `widget` exclude each other
             --> chathub.toml:6:10
              |
            6 | widget = false
              |          ^^^^^
              |
              = help: keep one of `organization`, `organizations` and `widget`; several organizations share a list
            "
        )
    );
    assert_eq!(
        error("[[rules]]\nmatch = \"x\"\n"),
        dedent(
            r#"
            error: the rule does not say what its pages get
             --> chathub.toml:1:1
              |
            1 | [[rules]]
              | ^^^^^^^^^
              |
              = help: add `organization = "…"`, `organizations = ["…"]` or `widget = false`
            "#
        )
    );
    assert_eq!(
        error(
            "mode = \"static\"\n[organizations]\na.id = 1\nb.id = 2\n[[rules]]\norganizations = [\"a\", \"b\"]\n"
        ),
        dedent(
            r#"
            error: static mode cannot give a page several organizations
             --> chathub.toml:6:17
              |
            6 | organizations = ["a", "b"]
              |                 ^^^^^^^^^^ a module script starts once per page, whatever its tags say
              |
              = help: keep one of them, or use `mode = "placeholder"`, where the page's loader offers all of them
            "#
        )
    );
    for (text, expected) in [
        (
            "organizations.a.id = 1\nrules = [{ organizations = ['a', 'a'] }]",
            "organization `a` is named twice",
        ),
        (
            "organizations.a.id = 1\nrules = [{ widget = true }]",
            "`widget = true` asks for the default organization, and there is none",
        ),
        (
            "rules = [{ lang = 'uk_UA', widget = false }]",
            "`rules.lang` takes language tags (BCP 47)",
        ),
        (
            "rules = [{ organizations = ['a'], widget = false }]",
            "`organizations` and `widget` exclude each other",
        ),
        (
            "rules = [{ organizations = [], widget = false }]",
            "`rules.organizations` is empty",
        ),
        (
            "rules = [{ organizations = [] }]",
            "`rules.organizations` is empty",
        ),
    ] {
        assert_eq!(sentences(text)[0], expected, "{text}");
    }
}

#[test]
fn severities_are_of_known_rules() {
    assert_eq!(
        error("[verify.severity]\nmissing-instances = \"off\"\ntoken-expired = \"of\"\n"),
        dedent(
            r#"
            error: verify has no rule `missing-instances`
             --> chathub.toml:2:1
              |
            2 | missing-instances = "off"
              | ^^^^^^^^^^^^^^^^^
              |
              = help: did you mean `missing-instance`?

            error: `of` is not a valid value of `verify.severity.token-expired`
             --> chathub.toml:3:17
              |
            3 | token-expired = "of"
              |                 ^^^^
              |
              = help: did you mean `off`? valid: `error`, `warning`, `note`, `off`
            "#
        )
    );
}

#[test]
fn folder_files_hold_rules_only() {
    let known = Config::default();
    let error = load_folder(
        Path::new("shop/.chathub.toml"),
        b"mode = \"static\"\n",
        &known,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        dedent(
            r#"
            error: unknown key `mode`
             --> shop/.chathub.toml:1:1
              |
            1 | mode = "static"
              | ^^^^
              |
              = help: a folder's `.chathub.toml` holds only `[[rules]]`; all else belongs in `chathub.toml`
            "#
        )
    );
    let fails = |content: &[u8]| load_folder(Path::new("x"), content, &known).unwrap_err();
    assert!(
        fails(b"rules = [{ organization = 'a' }]")
            .to_string()
            .contains("unknown organization `a`")
    );
    assert!(
        fails(b"token = 'hunter2'")
            .to_string()
            .contains("would be a secret")
    );
    assert!(fails(b"\xff").to_string().contains("not UTF-8"));
}

#[test]
fn a_misspelt_key_is_not_also_missing() {
    assert_eq!(
        sentences("[organizations.a]\nid = 1\n[[rules]]\norganisation = \"a\"\n"),
        [
            "unknown key `organisation` in `rules`",
            "did you mean `organization`?"
        ]
    );
}
