//! A value as it was given, and how messages speak of it.

use std::ffi::OsStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::check::ValueError;
use super::error::Problem;
use super::source::{Source, SourceSpan};

/// What comes of a value: all that is wrong with it, or what it means.
pub(super) type Parsed<T> = Result<T, Vec<Problem>>;

/// A value as it was given.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    /// In a file.
    Toml(&'a Spanned<DeValue<'a>>),
    /// As the text of a variable or a flag.
    Text(&'a OsStr),
}

/// A value on its way, with what a message about it says.
pub(super) struct Entry<'a> {
    pub(super) source: &'a Arc<Source>,
    /// Dotted path of its key.
    pub(super) path: String,
    /// A valid value as TOML; empty: there is none to show.
    pub(super) example: &'static str,
    pub(super) given: Given<'a>,
}

impl<'a> Entry<'a> {
    /// Where it stands.
    pub(super) fn at(&self) -> SourceSpan {
        SourceSpan {
            source: Arc::clone(self.source),
            span: match self.given {
                Given::Toml(value) => value.span(),
                Given::Text(_) => 0..0,
            },
        }
    }

    /// How it is written, as a sentence; empty where there is nothing to show.
    fn help(&self) -> String {
        let key = self.path.rsplit('.').next().unwrap_or_default();
        match (self.example, self.given) {
            ("", _) => String::new(),
            (example, Given::Toml(_)) => format!("write it like `{key} = {example}`"),
            (example, Given::Text(_)) => format!("write it like `{}`", example.trim_matches('"')),
        }
    }

    pub(super) fn problem(&self, must: &str, label: impl Into<String>) -> Problem {
        let title = format!("`{}` {must}", self.path);
        Problem::at(self.at(), title, label, self.help())
    }

    pub(super) fn fault(&self, fault: ValueError) -> Problem {
        let title = format!("`{}` {}", self.path, fault.must);
        Problem::at(self.at(), title, fault.found, fault.help)
    }

    /// That it is of another type than `expected`.
    pub(super) fn wrong_type(&self, expected: &str) -> Problem {
        let found = match self.given {
            Given::Text(_) => "",
            Given::Toml(value) => match value.get_ref() {
                DeValue::String(_) => "this is a string",
                DeValue::Integer(_) => "this is a whole number",
                DeValue::Float(_) => "this is a number with a fraction",
                DeValue::Boolean(_) => "this is `true` or `false`",
                DeValue::Datetime(_) => "this is a date or time",
                DeValue::Array(_) => "this is an array",
                DeValue::Table(_) => "this is a table",
            },
        };
        self.problem(&format!("takes {expected}"), found)
    }

    pub(super) fn text(&self, expected: &str) -> Parsed<&'a str> {
        let text = match self.given {
            Given::Toml(value) => value.get_ref().as_str(),
            Given::Text(text) => text.to_str(),
        };
        text.ok_or_else(|| {
            vec![match self.given {
                Given::Toml(_) => self.wrong_type(expected),
                Given::Text(_) => self.problem("takes text in UTF-8", ""),
            }]
        })
    }

    /// Another value of the same key.
    pub(super) fn with<'b>(&self, given: Given<'b>) -> Entry<'b>
    where
        'a: 'b,
    {
        Entry {
            path: self.path.clone(),
            given,
            ..*self
        }
    }
}
