//! Any text as `chathub.toml`, as a folder's `.chathub.toml`, and as the value of a setting.

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chathub::internal::settings::{ConfigError, Inputs, load, load_folder, setting_names};
use tempfile::TempDir;
use toml::{Table, Value};

/// Stands for a token in inputs, which must not look as if they held a real one.
const PLACEHOLDER: &str = "JWT!";
/// A password, wherever a text has it.
const PASSWORD: &str = "open-sesame";
/// Keys under which it is one.
const SECRET_KEYS: &[&str] = &[
    "password",
    "token",
    "company-token",
    "secret",
    "login",
    "api-key",
];
/// What verify's rules are called.
const RULES: &[&str] = &["missing-instance", "secret-in-site", "token-expired"];

/// Put together at run time, so that no secret scanner trips over this file.
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (header, claims) = (r#"{"alg":"HS256"}"#, r#"{"sub":"operator 101"}"#);
    format!(
        "{}.{}.{}",
        part(header),
        part(claims),
        part("signed by none")
    )
});

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("there is a folder for temporary files"));

/// Demands that a text is taken, or refused with true places and without a secret in the error.
pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace(PLACEHOLDER, &TOKEN);
    let secrets = &secrets(&text)[..];
    let file = FOLDER.path().join("chathub.toml");
    let inputs = Inputs {
        folder: FOLDER.path().to_path_buf(),
        known_rules: RULES,
        ..Inputs::default()
    };
    // Bytes that are no UTF-8 as they are; all else with a token in it.
    match std::str::from_utf8(data) {
        Ok(_) => fs::write(&file, &text),
        Err(_) => fs::write(&file, data),
    }
    .expect("the folder can be written to");
    let config = judged(load(&inputs), &text, secrets);
    let known = config.unwrap_or_default();
    let folder = Path::new("shop/.chathub.toml");
    judged(load_folder(folder, text.as_bytes(), &known), &text, secrets);
    fs::write(&file, "").expect("the folder can be written to");
    let settings = setting_names().iter();
    let environment = settings.map(|setting| (setting.variable().into(), (&text).into()));
    let inputs = Inputs {
        environment: environment.collect(),
        ..inputs
    };
    // Variables have no lines to point at, nor keys that would say what a password is.
    let tokens: Vec<&str> = secrets
        .iter()
        .copied()
        .filter(|secret| *secret != PASSWORD)
        .collect();
    judged(load(&inputs), "", &tokens);
}

fn judged<T: Debug>(result: Result<T, ConfigError>, text: &str, secrets: &[&str]) -> Option<T> {
    let (shown, value) = match result {
        Ok(value) => (vec![format!("{value:?}")], Some(value)),
        Err(error) => {
            places_are_true(&error.render(false), text);
            let shown = vec![
                error.render(false),
                error.render(true),
                error.summary(),
                format!("{error:?}"),
            ];
            assert!(shown.iter().all(|shown| !shown.is_empty()));
            (shown, None)
        }
    };
    for shown in shown {
        for secret in secrets {
            assert!(!shown.contains(secret), "{secret:?} is in\n{shown}");
        }
    }
    value
}

/// Every `--> FILE:LINE:COLUMN` is a place in the text.
fn places_are_true(error: &str, text: &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = error
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--> "));
    for place in places {
        let mut numbers = place.rsplit(':').map(|number| number.parse::<usize>().ok());
        let (Some(Some(column)), Some(Some(line))) = (numbers.next(), numbers.next()) else {
            panic!("{place} is no place\n{error}");
        };
        // The end of a text is behind its last line break.
        let found = text.split('\n').nth(line.wrapping_sub(1));
        let found = found.unwrap_or_else(|| panic!("no line {line} in the text\n{error}"));
        let length = found.chars().count();
        assert!(
            (1..=length + 1).contains(&column),
            "{length} columns\n{error}"
        );
    }
}

/// What must not be shown of a text: its tokens, and what stands under a key that is named like a secret.
fn secrets(text: &str) -> Vec<&str> {
    let mut secrets = Vec::new();
    if text.contains(&*TOKEN) {
        // Nor the last part alone, which makes it one.
        secrets.extend([Some(TOKEN.as_str()), TOKEN.rsplit('.').next()]);
    }
    if holds_password(text) {
        secrets.push(Some(PASSWORD));
    }
    secrets.into_iter().flatten().collect()
}

/// Whether the one password in a text is the value of a key that says so. What comes behind it need not be TOML.
fn holds_password(text: &str) -> bool {
    let mut places = text.match_indices(PASSWORD);
    let (Some((at, _)), None) = (places.next(), places.next()) else {
        return false;
    };
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |length| at + length);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = text.get(..end).and_then(|text| text.parse().ok());
    document.is_some_and(|document: Table| is_under_secret(&document))
}

fn is_under_secret(table: &Table) -> bool {
    table.iter().any(|(key, value)| match value {
        // Its keys are names of rules, one of which is `secret-in-site`.
        Value::Table(_) if key == "severity" => false,
        Value::Table(table) => is_under_secret(table),
        Value::String(text) => SECRET_KEYS.contains(&key.as_str()) && text.contains(PASSWORD),
        _ => false,
    })
}
