//! No secret may stand in the configuration: this finds those that do, before anything else looks at the values.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::mask::{has_jwt, has_jwt_part};
use super::source::{Source, SourceSpan};

/// A problem for each value that is a JWT or stands under a key that is named like a secret.
pub(super) fn find(source: &Arc<Source>, document: &DeTable<'_>) -> Vec<Problem> {
    let mut search = Search {
        source,
        problems: Vec::new(),
    };
    search.table(&[], document);
    search.problems
}

/// A problem if a variable's or flag's value is a JWT.
pub(super) fn find_in_text(source: &Arc<Source>, path: &str, text: &str) -> Option<Problem> {
    has_jwt(text).then(|| {
        let at = SourceSpan {
            source: Arc::clone(source),
            span: 0..0,
        };
        jwt(at, &format!("`{path}`"))
    })
}

struct Search<'a> {
    source: &'a Arc<Source>,
    problems: Vec<Problem>,
}

impl Search<'_> {
    fn at<T>(&self, spanned: &Spanned<T>) -> SourceSpan {
        SourceSpan {
            source: Arc::clone(self.source),
            span: spanned.span(),
        }
    }

    fn table(&mut self, path: &[&str], table: &DeTable<'_>) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            // Bare keys are cut at their dots, and so is a token in the place of a key.
            if has_jwt_part(name) {
                self.problems.push(jwt(self.at(key), "a key"));
                continue;
            }
            let path: Vec<&str> = path.iter().copied().chain([name]).collect();
            if !is_named_secret(&path, value.get_ref()) {
                self.value(&path, value);
                continue;
            }
            let place = match value.get_ref() {
                DeValue::Table(_) => self.at(key),
                _ => self.at(value),
            };
            self.problems.push(Problem::at(
                place,
                format!(
                    "`{}` would be a secret in the configuration",
                    path.join(".")
                ),
                "secrets do not belong in files that are shared",
                way_out(&path),
            ));
        }
    }

    fn value(&mut self, path: &[&str], value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::String(text) if has_jwt(text) => {
                let name = format!("`{}`", path.join("."));
                self.problems.push(jwt(self.at(value), &name));
            }
            DeValue::Array(items) => {
                for item in items {
                    self.value(path, item);
                }
            }
            DeValue::Table(table) => self.table(path, table),
            _ => {}
        }
    }
}

fn jwt(at: SourceSpan, name: &str) -> Problem {
    Problem::at(
        at,
        format!("{name} holds a token (JWT), which is a secret"),
        "secrets do not belong in the configuration",
        "take it out; an organization's token is given as `token = { env = \"CHATHUB_SALES_TOKEN\" }`",
    )
}

/// Whether a key says that its value is a secret, at this place.
fn is_named_secret(path: &[&str], value: &DeValue<'_>) -> bool {
    let is_table = matches!(value, DeValue::Table(_));
    match path {
        // Ids of `verify`'s rules; `secret-in-site` is one. And what to do without credentials.
        // Nor are digests of them.
        ["verify", "severity", _]
        | ["verify", "overrides", "severity", _]
        | ["verify", "allow-secrets"]
        | ["api", "if-no-credentials"] => {
            return false;
        }
        // A name that the user gives, and where a token comes from.
        ["organizations", _]
        | ["organizations", _, "token"]
        | ["api", "company-token" | "login" | "password"]
            if is_table =>
        {
            return false;
        }
        _ => {}
    }
    let key = path.last().copied().unwrap_or_default();
    let key = key.to_lowercase().replace('_', "-");
    key == "token"
        || key.ends_with("-token")
        || [
            "password",
            "passwd",
            "passphrase",
            "secret",
            "login",
            "credential",
            "api-key",
            "apikey",
            "private-key",
            "bearer",
        ]
        .iter()
        .any(|word| key.contains(word))
}

/// How it is done right.
fn way_out(path: &[&str]) -> String {
    let key = path.last().copied().unwrap_or_default();
    let key = key.to_lowercase().replace('_', "-");
    match path {
        ["organizations", name, "token"] => {
            let name = name.to_uppercase().replace('-', "_");
            format!(
                "write `token = {{ env = \"CHATHUB_{name}_TOKEN\" }}`, or name a `file` or a `command` that has it"
            )
        }
        _ if key.contains("company") => {
            "leave it out and set the environment variable CHATHUB_COMPANY_TOKEN, or write \
             `company-token = { file = \"…\" }` in [api]"
                .to_owned()
        }
        _ if key.contains("login") || key.contains("pass") => {
            "leave it out and set the environment variables CHATHUB_LOGIN and CHATHUB_PASSWORD, or write \
             `login = { file = \"…\" }` and `password = { file = \"…\" }` in [api]"
                .to_owned()
        }
        _ => "leave it out; an organization's token is given as `token = { env = \"CHATHUB_SALES_TOKEN\" }`".to_owned(),
    }
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
