//! What people read when their configuration is wrong: files, keys, types, variables.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::settings::Flag;
use crate::settings::testing::{dedent, error, sentences};

#[test]
fn syntax_error() {
    assert_eq!(
        error("mode = \"static\"\nsite = public\n"),
        dedent(
            r"
            error: this is not valid TOML: string values must be quoted, expected literal string
             --> chathub.toml:2:8
              |
            2 | site = public
              |        ^^^^^^
              |
              = help: the syntax is TOML's: https://toml.io
            "
        )
    );
}

#[test]
fn duplicate_key() {
    assert_eq!(
        error("site = \"a\"\nsite = \"b\"\n"),
        dedent(
            r#"
            error: this is not valid TOML: duplicate key
             --> chathub.toml:2:1
              |
            2 | site = "b"
              | ^^^^
              |
              = help: keep one of the two
            "#
        )
    );
}

#[test]
fn unknown_keys_are_all_told_with_the_nearest_name() {
    assert_eq!(
        error("sight = \"public\"\n\n[placeholder]\nendpont = \"/x\"\ncolour = 3\n"),
        dedent(
            r#"
            error: unknown key `sight`
             --> chathub.toml:1:1
              |
            1 | sight = "public"
              | ^^^^^
              |
              = help: valid: `site`, `mode`, `default-organization`, `compressed-siblings`, `remove-config-files`, `placeholder`, `widget`, `customer-widget`, `pages`, `derived`, `verify`, `csp`, `api`, `endpoint`, `organizations`, `rules`

            error: unknown key `endpont` in `placeholder`
             --> chathub.toml:4:1
              |
            4 | endpont = "/x"
              | ^^^^^^^
              |
              = help: did you mean `endpoint`?

            error: unknown key `colour` in `placeholder`
             --> chathub.toml:5:1
              |
            5 | colour = 3
              | ^^^^^^
              |
              = help: valid in `placeholder`: `endpoint`, `asset-dir`, `base-url`, `load`, `target`, `consent`, `cookies`, `refresh`, `retries`, `timeout`, `ui`, `nonce`, `contact`, `contact-link`, `route-file`, `texts`
            "#
        )
    );
}

#[test]
fn wrong_types() {
    assert_eq!(
        error("[verify]\nmin-ttl = 3600\n"),
        dedent(
            r#"
            error: `verify.min-ttl` takes a string
             --> chathub.toml:2:11
              |
            2 | min-ttl = 3600
              |           ^^^^ this is a whole number
              |
              = help: write it like `min-ttl = "90m"`
            "#
        )
    );
    for (text, expected) in [
        ("mode = true", "`mode` takes one of `placeholder`, `static`"),
        ("placeholder = \"x\"", "`placeholder` takes a table"),
        ("placeholder = [\"/x\"]", "`placeholder` takes a table"),
        ("pages.amp = \"yes\"", "`pages.amp` takes `true` or `false`"),
        (
            "pages.extensions = 1",
            "`pages.extensions` takes a string or an array of strings",
        ),
        (
            "pages.extensions = [1]",
            "`pages.extensions` takes a string",
        ),
        (
            "verify.min-pages = 1.5",
            "`verify.min-pages` takes a whole number",
        ),
        (
            "verify.min-pages = -1",
            "`verify.min-pages` takes a whole number from 0",
        ),
        ("organizations = 3", "`organizations` takes a table"),
        ("organizations.a = 3", "`organizations.a` takes a table"),
        (
            "organizations.a.id = \"6\"",
            "`organizations.a.id` takes a whole number",
        ),
        (
            "organizations.a.operator = []",
            "`organizations.a.operator` takes an id or an exact name",
        ),
        ("rules = 3", "`rules` takes an array of tables"),
        (
            "rules = { match = \"a\" }",
            "`rules` takes an array of tables",
        ),
        ("rules = [3]", "`rules` takes a table"),
        (
            "rules = [{ match = 3, widget = true }]",
            "`rules.match` takes a string or an array of strings",
        ),
        (
            "rules = [{ widget = 3 }]",
            "`widget` takes `true` or `false` in a rule",
        ),
        ("site = 2020-01-01", "`site` takes a string"),
    ] {
        assert_eq!(sentences(text)[0], expected, "{text}");
    }
}

#[test]
fn wrong_options_of_the_runtime() {
    for (text, expected) in [
        (
            "placeholder.retries = 6",
            "`placeholder.retries` takes a whole number from 0 to 5",
        ),
        (
            "placeholder.timeout = 10",
            "`placeholder.timeout` takes a string",
        ),
        (
            "placeholder.timeout = \"1h\"",
            "`placeholder.timeout` takes from 1s to 5m",
        ),
        (
            "placeholder.contact-link = \"Write\"",
            "`placeholder.contact-link` takes `true` or `false`",
        ),
        (
            "placeholder.texts = \"x\"",
            "`placeholder.texts` takes a table",
        ),
        (
            "placeholder.texts.failed = 3",
            "`placeholder.texts.failed` takes a string",
        ),
        (
            "placeholder.texts.it.faild = \"x\"",
            "unknown key `faild` in `placeholder.texts.it`",
        ),
        (
            "placeholder.texts.label = \"x\"",
            "unknown key `label` in `placeholder.texts`",
        ),
        (
            "placeholder.texts.it_IT = { failed = \"x\" }",
            "`it_IT` is not a language tag",
        ),
        (
            "organizations.a = { id = 1, contact = \"javascript:x\" }",
            "`organizations.a.contact` must be a `mailto:`, `tel:` or `https://` link",
        ),
        (
            "organizations.a = { id = 1, texts.de.label = \" \" }",
            "`organizations.a.texts.de.label` must be a short text",
        ),
    ] {
        assert_eq!(sentences(text)[0], expected, "{text}");
    }
}

#[test]
fn wrong_choice() {
    assert_eq!(
        error("[placeholder]\nload = \"idel\"\n"),
        dedent(
            r#"
            error: `idel` is not a valid value of `placeholder.load`
             --> chathub.toml:2:8
              |
            2 | load = "idel"
              |        ^^^^^^
              |
              = help: did you mean `idle`? valid: `eager`, `idle`, `visible`, `interaction`, `manual`
            "#
        )
    );
}

#[test]
fn unreadable_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("folder.toml")).unwrap();
    let fails = |file: &str| {
        let inputs = Inputs {
            files: vec![file.into()],
            folder: folder.path().to_path_buf(),
            ..Inputs::default()
        };
        load(&inputs).unwrap_err().to_string()
    };
    let missing = fails("conf/missing.toml");
    assert!(
        missing.starts_with("error: cannot read `conf/missing.toml`: "),
        "{missing}"
    );
    assert!(
        missing
            .ends_with("help: correct the path after `-c`, which starts from the working folder"),
        "{missing}"
    );
    assert!(fails("folder.toml").ends_with("help: make it a readable file"));
    assert_eq!(
        error(b"site = \"a\"\nmode = \"\xff\"\n"),
        dedent(
            r"
            error: `chathub.toml` is not UTF-8: line 2 has a byte that cannot be in it
             |
             = help: save the file as UTF-8
            "
        )
    );
}

#[test]
fn variables_and_flags_are_named() {
    let inputs = Inputs {
        folder: "/nowhere".into(),
        environment: [
            ("CHATHUB_MODE".into(), "statik".into()),
            ("CHATHUB_PAGES_AMP".into(), "maybe".into()),
            ("CHATHUB_PLACEHOLDER_ENDPOINT".into(), "api".into()),
        ]
        .into(),
        flags: vec![Flag {
            path: "verify.min-ttl",
            name: "--min-ttl",
            value: "3600".into(),
        }],
        ..Inputs::default()
    };
    assert_eq!(
        load(&inputs).unwrap_err().to_string(),
        dedent(
            r"
            error: environment variable `CHATHUB_MODE`: `statik` is not a valid value of `mode`
             |
             = help: did you mean `static`? valid: `placeholder`, `static`

            error: environment variable `CHATHUB_PLACEHOLDER_ENDPOINT`: `placeholder.endpoint` must be an absolute path or an https URL
             |
             = note: this is relative, so it would differ from page to page
             = help: write `/api/chathub/token`, or `https://chat.example.com/token`; http is for loopback hosts alone

            error: environment variable `CHATHUB_PAGES_AMP`: `pages.amp` takes one of `true`, `false`, `1`, `0`
             |
             = help: write it like `true`

            error: flag `--min-ttl`: `verify.min-ttl` takes a length of time
             |
             = note: the unit is missing
             = help: write a whole number and its unit (`s`, `m`, `h`, `d`), such as `1h`, `90m` or `3600s`
            "
        )
    );
}

#[test]
fn colour_is_only_colour() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("chathub.toml"),
        "\u{feff}sit = 1\r\nmode = 3\r\n",
    )
    .unwrap();
    let inputs = Inputs {
        folder: folder.path().to_path_buf(),
        ..Inputs::default()
    };
    let error = load(&inputs).unwrap_err();
    assert!(error.render(true).contains("\u{1b}["));
    let plain = error.render(false);
    assert!(!plain.contains('\u{1b}') && !plain.contains('\r'));
    assert!(
        plain.contains("chathub.toml:1:1") && plain.contains("chathub.toml:2:8"),
        "{plain}"
    );
    assert_eq!(
        error.summary(),
        "chathub.toml:1: unknown key `sit` (and 1 more)"
    );
}

#[test]
fn a_contact_link_needs_a_contact_and_a_body() {
    for (rest, found) in [
        ("", "there is no contact to link to"),
        (
            "contact = \"tel:112\"\n[widget]\nposition = \"head-end\"",
            "a head cannot hold a link",
        ),
    ] {
        let error = error(format!("[placeholder]\ncontact-link = true\n{rest}\n"));
        let words = ["`placeholder.contact-link`", "chathub.toml:2:16", found];
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}
