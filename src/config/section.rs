//! Reading one table of a parsed document: every key that is asked for is known, every other one is refused.
//!
//! The document is read by hand and not through serde: so all problems of a file are reported at once, each says which
//! setting it is about and how it is written, and no message ever quotes a value that could be a secret. (serde's
//! type errors quote the value, and its derived structs accept an array in place of a table.)

use std::ops::RangeInclusive;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeInteger, DeString, DeTable, DeValue};

use super::check::Fault;
use super::error::Problem;
use super::nearest::{list, nearest};
use super::settings;
use super::source::{At, Located, Source};

/// An enum that is written as one of a few names.
pub(super) trait Choice: Sized {
    /// The names.
    const NAMES: &'static [&'static str];

    /// The variant of this name.
    fn from_name(name: &str) -> Option<Self>;
}

/// A table that is being read.
pub(super) struct Section<'a, 'i> {
    source: &'a Arc<Source>,
    /// Dotted path for messages; empty for the document itself.
    path: String,
    table: &'a DeTable<'i>,
    known: Vec<&'static str>,
    /// All keys are names that the user gave.
    open: bool,
    /// What to do about an unknown key, where that is always the same.
    unknown_key_help: Option<&'static str>,
    problems: &'a mut Vec<Problem>,
}

impl<'a, 'i> Section<'a, 'i> {
    /// Reads a table with `read`, then refuses the keys that `read` did not ask for.
    pub(super) fn read<R>(
        source: &'a Arc<Source>,
        path: &str,
        table: &'a DeTable<'i>,
        problems: &'a mut Vec<Problem>,
        read: impl FnOnce(&mut Section<'a, 'i>) -> R,
    ) -> R {
        let mut section = Section {
            source,
            path: path.to_owned(),
            table,
            known: Vec::new(),
            open: false,
            unknown_key_help: None,
            problems,
        };
        let result = read(&mut section);
        section.refuse_unknown_keys();
        result
    }

    /// Says the same about every unknown key of this table.
    pub(super) fn describe_unknown_keys(&mut self, help: &'static str) {
        self.unknown_key_help = Some(help);
    }

    /// All keys and values; for tables whose keys are names that the user gives.
    pub(super) fn entries(&mut self) -> &'a DeTable<'i> {
        self.open = true;
        self.table
    }

    /// Whether there are keys that were not asked for so far: then something else is probably misspelt, not missing.
    pub(super) fn has_unknown_keys(&self) -> bool {
        let mut keys = self.table.keys();
        keys.any(|key| !self.known.contains(&key.get_ref().as_ref()))
    }

    fn refuse_unknown_keys(&mut self) {
        if self.open {
            return;
        }
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                self.refuse_unknown_key(key);
            }
        }
    }

    /// Refuses a key that nothing asks for, and names what it may be meant for.
    pub(super) fn refuse_unknown_key(&mut self, key: &Spanned<DeString<'_>>) {
        let name: &str = key.get_ref();
        let of = match self.path.as_str() {
            "" => String::new(),
            path => format!(" in `{path}`"),
        };
        let found = nearest(name, self.known.iter().copied());
        let help = match (self.unknown_key_help, found) {
            (Some(help), _) => help.to_owned(),
            (None, Some(found)) => format!("did you mean `{found}`?"),
            (None, None) => format!("valid{of}: {}", list(&self.known)),
        };
        self.problems.push(Problem::at(
            self.at(key),
            format!("unknown key `{name}`{of}"),
            "",
            help,
        ));
    }

    /// The dotted path of a key of this table.
    pub(super) fn path_of(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    /// The place of something in this document.
    pub(super) fn at<T>(&self, spanned: &Spanned<T>) -> At {
        At {
            source: Arc::clone(self.source),
            span: spanned.span(),
        }
    }

    /// The folder that relative paths of this document start from.
    pub(super) fn folder(&self) -> &'a std::path::Path {
        &self.source.folder
    }

    /// Notes a problem.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value of a key, whose name is known from now on.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// The value of a key that is a setting: it must stand in the table of settings, so that it has its variable.
    fn setting(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'i>>> {
        debug_assert!(
            settings::setting_names()
                .iter()
                .any(|setting| setting.path == self.path_of(key)),
            "`{}` is missing in the table of settings",
            self.path_of(key)
        );
        self.value(key)
    }

    /// Sets `slot` to a string setting that passes `check`.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        slot: &mut T,
        check: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<At> {
        let value = self.setting(key)?;
        let text = self.expect_text(key, value)?;
        *slot = self.checked(key, &text, check)?;
        Some(text.at)
    }

    /// Sets `slot` to a string that passes `check`, of a key that is no setting.
    pub(super) fn entry<T>(
        &mut self,
        key: &'static str,
        slot: &mut Option<T>,
        check: impl FnOnce(&str) -> Result<T, Fault>,
    ) {
        if let Some(value) = self.value(key)
            && let Some(text) = self.expect_text(key, value)
            && let Some(value) = self.checked(key, &text, check)
        {
            *slot = Some(value);
        }
    }

    /// Sets `slot` to a boolean setting.
    pub(super) fn flag(&mut self, key: &'static str, slot: &mut bool) -> Option<At> {
        let value = self.setting(key)?;
        match value.get_ref().as_bool() {
            Some(flag) => *slot = flag,
            None => self.wrong_type(key, value, "`true` or `false`"),
        }
        Some(self.at(value))
    }

    /// Sets `slot` to a setting that is a whole number in a range.
    pub(super) fn count(&mut self, key: &'static str, range: RangeInclusive<u64>, slot: &mut u64) {
        if let Some(value) = self.setting(key)
            && let Some(count) = self.expect_count(key, value, range)
        {
            *slot = count;
        }
    }

    /// Sets `slot` to a setting that is one of a few names.
    pub(super) fn choice<C: Choice>(&mut self, key: &'static str, slot: &mut C) {
        if let Some(value) = self.setting(key)
            && let Some(choice) = self.expect_choice(key, value)
        {
            *slot = choice;
        }
    }

    /// Reads a table below this one.
    pub(super) fn section(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'_, 'i>)) {
        if let Some(value) = self.value(key) {
            self.table(key, value, read);
        }
    }

    /// Reads `value`, which belongs to `key`, as a table.
    pub(super) fn table<R>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'i>>,
        read: impl FnOnce(&mut Section<'_, 'i>) -> R,
    ) -> Option<R> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table");
            return None;
        };
        let path = self.path_of(key);
        Some(Section::read(
            self.source,
            &path,
            table,
            self.problems,
            read,
        ))
    }

    /// One string, or an array of strings, checked one by one; none when the key is absent or the array is refused.
    pub(super) fn texts<T>(
        &mut self,
        key: &'static str,
        check: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Vec<Located<T>>> {
        let value = self.value(key)?;
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            DeValue::String(_) => vec![value],
            _ => {
                self.wrong_type(key, value, "a string or an array of strings");
                return None;
            }
        };
        if items.is_empty() {
            self.problems.push(Problem::at(
                self.at(value),
                format!("`{}` is empty", self.path_of(key)),
                "an empty list never matches",
                format!("name at least one, or leave `{key}` out"),
            ));
            return None;
        }
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            if let Some(text) = self.expect_text(key, item)
                && let Some(value) = self.checked(key, &text, &check)
            {
                texts.push(Located { value, at: text.at });
            }
        }
        Some(texts)
    }

    /// The string in `value`, or a problem.
    pub(super) fn expect_text(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Located<String>> {
        if let Some(text) = value.get_ref().as_str() {
            let at = self.at(value);
            return Some(Located {
                value: text.to_owned(),
                at,
            });
        }
        self.wrong_type(key, value, "a string");
        None
    }

    /// The whole number in `value`, which has to be in the range, or a problem.
    pub(super) fn expect_count(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let DeValue::Integer(integer) = value.get_ref() else {
            self.wrong_type(key, value, "a whole number");
            return None;
        };
        let count = to_count(integer).filter(|count| range.contains(count));
        if count.is_none() {
            let (least, most) = range.into_inner();
            let most = match most {
                u64::MAX => String::new(),
                most => format!(" to {most}"),
            };
            self.problems.push(Problem::at(
                self.at(value),
                format!(
                    "`{}` takes a whole number from {least}{most}",
                    self.path_of(key)
                ),
                "out of range",
                example(key),
            ));
        }
        count
    }

    /// The named variant in `value`, or a problem.
    pub(super) fn expect_choice<C: Choice>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<C> {
        let Some(name) = value.get_ref().as_str() else {
            self.wrong_type(key, value, &format!("one of {}", list(C::NAMES)));
            return None;
        };
        let choice = C::from_name(name);
        if choice.is_none() {
            let nearest = nearest(name, C::NAMES.iter().copied())
                .map_or_else(String::new, |found| format!("did you mean `{found}`? "));
            self.problems.push(Problem::at(
                self.at(value),
                format!("`{name}` is not a valid value of `{}`", self.path_of(key)),
                "",
                format!("{nearest}valid: {}", list(C::NAMES)),
            ));
        }
        choice
    }

    /// Notes that `value` is of another type than `expected`.
    pub(super) fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.problems.push(Problem::at(
            self.at(value),
            format!("`{}` takes {expected}", self.path_of(key)),
            format!("this is {found}"),
            example(key),
        ));
    }

    /// What `check` makes of a string, or a problem.
    pub(super) fn checked<T>(
        &mut self,
        key: &str,
        text: &Located<String>,
        check: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match check(&text.value) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.problems.push(Problem::at(
                    text.at.clone(),
                    format!("`{}` {}", self.path_of(key), fault.must),
                    fault.found,
                    fault.help,
                ));
                None
            }
        }
    }
}

/// How a key is written, as a sentence; empty where there is nothing to show.
fn example(key: &str) -> String {
    settings::example(key).map_or_else(String::new, |example| format!("write it like `{example}`"))
}

fn to_count(integer: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
