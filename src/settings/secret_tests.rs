//! Secrets are refused, and no message carries one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::settings::testing::{dedent, error, sentences};
use crate::settings::{Inputs, Setting, load, setting_names};

/// In parts, so that no secret scanner trips over this file.
const JWT: &str = concat!(
    "eyJhbGciOiJIUzI1NiJ9",
    ".",
    "eyJzdWIiOiIxIn0",
    ".",
    "c2lnbmF0dXJl"
);

#[test]
fn tokens_come_from_one_place() {
    assert_eq!(
        error("[organizations.sales]\nid = 1\ntoken = { env = \"A\", file = \"b\" }\n"),
        dedent(
            r#"
            error: `organizations.sales.token` comes from exactly one place
             --> chathub.toml:3:9
              |
            3 | token = { env = "A", file = "b" }
              |         ^^^^^^^^^^^^^^^^^^^^^^^^^ this names several
              |
              = help: keep one of `env`, `file` and `command`
            "#
        )
    );
    for (text, expected) in [
        ("{}", "`organizations.a.token` comes from exactly one place"),
        (
            "{ var = 'A' }",
            "unknown key `var` in `organizations.a.token`",
        ),
        (
            "{ env = '$A' }",
            "`organizations.a.token.env` must name an environment variable",
        ),
        ("{ env = 3 }", "`organizations.a.token.env` takes a string"),
        (
            "{ file = '' }",
            "`organizations.a.token.file` must name a file",
        ),
        (
            "{ command = 'a \"b' }",
            "`organizations.a.token.command` must be a command",
        ),
        (
            "{ command = [''] }",
            "`organizations.a.token.command` must be a command",
        ),
        (
            "{ command = [] }",
            "`organizations.a.token.command` is empty",
        ),
    ] {
        let text = format!("organizations.a.id = 1\norganizations.a.token = {text}");
        assert_eq!(sentences(&text)[0], expected, "{text}");
    }
}

#[test]
fn credentials_of_the_api_come_from_one_place_each() {
    for (text, expected) in [
        (
            "company-token = {}",
            "`api.company-token` comes from exactly one place",
        ),
        (
            "login = { env = 'A', command = 'b' }",
            "`api.login` comes from exactly one place",
        ),
        (
            "password = { fil = 'b' }",
            "unknown key `fil` in `api.password`",
        ),
        ("password = 'hunter2'", "`api.password` would be a secret"),
        (
            "company_token = { env = 'A' }",
            "`api.company_token` would be a secret",
        ),
        (
            "if-no-credentials = 'never'",
            "`never` is not a valid value of `api.if-no-credentials`",
        ),
        ("timeout = '0s'", "`api.timeout` takes a length of time"),
        (
            "url = 'http://chatapi.smsbat.com'",
            "`api.url` must be an https URL",
        ),
    ] {
        let told = error(format!("[api]\n{text}\n"));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn secrets_are_refused_and_not_shown() {
    assert_eq!(
        error("[organizations.sales-uk]\nid = 1\ntoken = \"hunter2\"\n"),
        dedent(
            r#"
            error: `organizations.sales-uk.token` would be a secret in the configuration
             --> chathub.toml:3:9
              |
            3 | token = "*******"
              |         ^^^^^^^^^ secrets do not belong in files that are shared
              |
              = help: write `token = { env = "CHATHUB_SALES_UK_TOKEN" }`, or name a `file` or a `command` that has it
            "#
        )
    );
    assert_eq!(
        error("[placeholder]\ncontact = \"eyJh.e30.c2ln\"\n"),
        dedent(
            r#"
            error: `placeholder.contact` holds a token (JWT), which is a secret
             --> chathub.toml:2:11
              |
            2 | contact = "*************"
              |           ^^^^^^^^^^^^^^^ secrets do not belong in the configuration
              |
              = help: take it out; an organization's token is given as `token = { env = "CHATHUB_SALES_TOKEN" }`
            "#
        )
    );
    for (text, help) in [
        ("password = 'hunter2'", "CHATHUB_LOGIN and CHATHUB_PASSWORD"),
        (
            "api.login = 'hunter2'",
            "CHATHUB_LOGIN and CHATHUB_PASSWORD",
        ),
        ("company-token = 'hunter2'", "CHATHUB_COMPANY_TOKEN"),
        ("company_token = 'hunter2'", "CHATHUB_COMPANY_TOKEN"),
        ("client-secret = 'hunter2'", "CHATHUB_SALES_TOKEN"),
        ("api-key = ['hunter2']", "CHATHUB_SALES_TOKEN"),
        ("placeholder.API_KEY = 'hunter2'", "CHATHUB_SALES_TOKEN"),
        ("[login]\nuser = 'hunter2'", "CHATHUB_LOGIN"),
    ] {
        let error = error(text);
        assert!(error.contains("would be a secret"), "{error}");
        assert!(error.contains(help), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

/// Every kind of mistake, with a secret in or beside it: none of the messages may carry it.
#[test]
fn no_message_carries_a_secret() {
    for text in [
        format!("organizations.a.id = \"{JWT}\""),
        format!("mode = \"{JWT}\""),
        format!("pages.amp = \"{JWT}\""),
        format!("site = {JWT}"),
        format!("site = \"{JWT}"),
        format!("\"{JWT}\" = 1"),
        format!("{JWT} = 1"),
        format!("[{JWT}]"),
        format!("[organizations.\"{JWT}\"]\nid = 1"),
        format!("rules = [{{ match = [\"a\", \"{JWT}\"], widget = false }}]"),
        format!("rules = [{{ organization = \"{JWT}\" }}]"),
        format!("sit = 1 # {JWT}"),
        format!("organizations.a.token = {{ env = \"{JWT}\" }}"),
        format!("organizations.a.token = {{ command = \"echo {JWT}\" }}"),
        format!("site = \"\"\"\n{JWT}\n\"\"\"\nx"),
    ] {
        let error = error(&text);
        assert!(!error.contains("c2lnbmF0dXJl"), "{text}\n{error}");
        assert!(!error.contains("eyJhbGci"), "{text}\n{error}");
    }
    for text in [
        "token = hunter2",
        "token = \"hunter2",
        "token \"hunter2\"",
        "password hunter2",
        "password: hunter2",
        "organizations.a.token = { env = \"hunter2!\" }",
        "organizations.a.token = { value = \"hunter2\" }",
        "organizations.a.tokn = \"hunter2\"",
        "organizations.a = { id = 1, token = \"hunter2\", }}",
        "[organizations.a.token]\nvalue = \"hunter2\"",
        "[organizations.a]\nid = \"x\" # password = hunter2",
        "secret = '''hunter2'''x",
        "widget.src = \"http://me:hunter2@example.com/\"",
    ] {
        let error = error(text);
        assert!(!error.contains("hunter2"), "{text}\n{error}");
    }
    let folder = std::path::Path::new("/nowhere");
    for variable in setting_names().iter().map(Setting::variable) {
        let inputs = Inputs {
            folder: folder.to_path_buf(),
            environment: [(variable.clone().into(), JWT.into())].into(),
            ..Inputs::default()
        };
        let error = load(&inputs).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("eyJ"), "{variable}");
        assert!(error.to_string().contains(&variable), "{variable}");
    }
}
