//! One parser for each type of value, whether it stands in a file, in a variable or after a flag.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use toml::de::{DeInteger, DeValue};

use super::check::{self, ValueError};
use super::entry::{Entry, Given, Parsed};
use super::error::Problem;
use super::kind::Kind;
use super::model::{Choices, Operator};
use super::nearest::{list, nearest};
use super::source::{Located, Source};

/// The parser of a type.
pub(super) trait Parse {
    /// What it makes of a value.
    type Value;
    /// What a value looks like.
    const KIND: Kind;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Self::Value>;
}

/// The kind of a parser that is at hand.
pub(super) const fn kind<P: Parse>(_: &P) -> Kind {
    P::KIND
}

/// What the table says a setting is by default. That each is valid is a test.
pub(super) fn default<P: Parse>(parser: &P, text: &'static str) -> P::Value {
    let source = Arc::new(Source::named(0, "default", PathBuf::new()));
    let value = DeValue::parse(text).ok();
    let parsed = value.as_ref().and_then(|value| {
        let entry = Entry {
            source: &source,
            path: String::new(),
            example: "",
            given: Given::Toml(value),
        };
        parser.parse(&entry).ok()
    });
    parsed.unwrap_or_else(|| unreachable!("the table holds no wrong default, such as {text}"))
}

/// `true` or `false`.
pub(super) struct Flag;

impl Parse for Flag {
    type Value = bool;
    const KIND: Kind = Kind::Flag;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<bool> {
        match entry.given {
            Given::Toml(value) => {
                let flag = value.get_ref().as_bool();
                flag.ok_or_else(|| vec![entry.wrong_type("`true` or `false`")])
            }
            Given::Text(_) => match entry.text("")? {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                _ => {
                    let words = list(&["true", "false", "1", "0"]);
                    Err(vec![entry.problem(&format!("takes one of {words}"), "")])
                }
            },
        }
    }
}

/// A whole number in a range.
pub(super) struct Count<const LEAST: u64, const MOST: u64>;

impl<const LEAST: u64, const MOST: u64> Parse for Count<LEAST, MOST> {
    type Value = u64;
    const KIND: Kind = Kind::Count(LEAST, MOST);

    fn parse(&self, entry: &Entry<'_>) -> Parsed<u64> {
        let count = match entry.given {
            Given::Toml(value) => match value.get_ref() {
                DeValue::Integer(integer) => to_count(integer),
                _ => return Err(vec![entry.wrong_type("a whole number")]),
            },
            Given::Text(_) => entry.text("")?.parse().ok(),
        };
        let fits = |count: &u64| (LEAST..=MOST).contains(count);
        count.filter(fits).ok_or_else(|| {
            let to = match MOST {
                u64::MAX => String::new(),
                most => format!(" to {most}"),
            };
            let must = format!("takes a whole number from {LEAST}{to}");
            let is_in_file = matches!(entry.given, Given::Toml(_));
            let found = if is_in_file { "out of range" } else { "" };
            vec![entry.problem(&must, found)]
        })
    }
}

fn to_count(integer: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A string that passes a check.
pub(super) struct Text<T>(pub(super) fn(&str) -> Result<T, ValueError>);

impl<T> Parse for Text<T> {
    type Value = T;
    const KIND: Kind = Kind::Text;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<T> {
        (self.0)(entry.text("a string")?).map_err(|fault| vec![entry.fault(fault)])
    }
}

/// A length of time that passes a check.
pub(super) struct Time(pub(super) fn(&str) -> Result<Duration, ValueError>);

impl Parse for Time {
    type Value = Duration;
    const KIND: Kind = Kind::Duration;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Duration> {
        Text(self.0).parse(entry)
    }
}

/// A path, relative to where it is named; in a variable or after a flag it need not be UTF-8.
pub(super) struct Folder;

impl Parse for Folder {
    type Value = PathBuf;
    const KIND: Kind = Kind::Path;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<PathBuf> {
        let path = match entry.given {
            Given::Toml(_) => Text(check::folder).parse(entry)?,
            Given::Text(path) => path.into(),
        };
        Ok(entry.source.folder.join(path))
    }
}

/// One path, or an array of them, each relative to where it is named.
pub(super) struct Paths;

impl Parse for Paths {
    type Value = Vec<PathBuf>;
    const KIND: Kind = Kind::List;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Vec<PathBuf>> {
        let paths = List(check::file).parse(entry)?;
        let folder = &entry.source.folder;
        Ok(paths.into_iter().map(|path| folder.join(path)).collect())
    }
}

/// One of a few words.
pub(super) struct Choice<C>(pub(super) fn(&str) -> Option<C>);

impl<C: Choices> Parse for Choice<C> {
    type Value = C;
    const KIND: Kind = Kind::Choice(C::WORDS);

    fn parse(&self, entry: &Entry<'_>) -> Parsed<C> {
        let names: Vec<&str> = C::WORDS.iter().map(|(name, _)| *name).collect();
        let all = list(&names);
        let name = entry.text(&format!("one of {all}"))?;
        (self.0)(name).ok_or_else(|| {
            let nearest = nearest(name, names);
            let nearest =
                nearest.map_or_else(String::new, |found| format!("did you mean `{found}`? "));
            vec![Problem::at(
                entry.at(),
                format!("`{name}` is not a valid value of `{}`", entry.path),
                "",
                format!("{nearest}valid: {all}"),
            )]
        })
    }
}

/// One string, or an array of strings, checked one by one, each with its place.
pub(super) struct Items<T>(pub(super) fn(&str) -> Result<T, ValueError>);

impl<T> Items<T> {
    fn parse_all<'b>(
        &self,
        entries: impl Iterator<Item = Entry<'b>>,
        whole: &Entry<'_>,
    ) -> Parsed<Vec<Located<T>>> {
        let (mut items, mut problems) = (Vec::new(), Vec::new());
        for entry in entries {
            match Text(self.0).parse(&entry) {
                Ok(value) => items.push(Located {
                    value,
                    at: entry.at(),
                }),
                Err(wrong) => problems.extend(wrong),
            }
        }
        if items.is_empty() && problems.is_empty() {
            let key = whole.path.rsplit('.').next().unwrap_or_default();
            problems.push(Problem::at(
                whole.at(),
                format!("`{}` is empty", whole.path),
                "an empty list never matches",
                format!("add an entry, or remove `{key}`"),
            ));
        }
        if problems.is_empty() {
            Ok(items)
        } else {
            Err(problems)
        }
    }
}

impl<T> Parse for Items<T> {
    type Value = Vec<Located<T>>;
    const KIND: Kind = Kind::List;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Vec<Located<T>>> {
        match entry.given {
            Given::Toml(value) => match value.get_ref() {
                DeValue::Array(items) => {
                    let items = items.iter().map(|item| entry.with(Given::Toml(item)));
                    self.parse_all(items, entry)
                }
                DeValue::String(_) => self.parse_all([entry.with(entry.given)].into_iter(), entry),
                _ => Err(vec![entry.wrong_type("a string or an array of strings")]),
            },
            Given::Text(_) => {
                let text = entry.text("")?;
                // An array as in the file is understood too.
                if text.starts_with('[') {
                    let value = DeValue::parse(text).map_err(|error| {
                        vec![entry.problem(&format!("takes a list: {}", error.message()), "")]
                    })?;
                    return self.parse(&entry.with(Given::Toml(&value)));
                }
                let items = text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                let items = items.map(|item| entry.with(Given::Text(item.as_ref())));
                self.parse_all(items, entry)
            }
        }
    }
}

/// One string, or an array of strings, checked one by one.
pub(super) struct List<T>(pub(super) fn(&str) -> Result<T, ValueError>);

impl<T> Parse for List<T> {
    type Value = Vec<T>;
    const KIND: Kind = Kind::List;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Vec<T>> {
        let items = Items(self.0).parse(entry)?;
        Ok(items.into_iter().map(|item| item.value).collect())
    }
}

/// What another parser makes of a value, with its place.
pub(super) struct Placed<P>(pub(super) P);

impl<P: Parse> Parse for Placed<P> {
    type Value = Located<P::Value>;
    const KIND: Kind = P::KIND;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Located<P::Value>> {
        let at = entry.at();
        self.0.parse(entry).map(|value| Located { value, at })
    }
}

/// The words of a command, or one line of them.
pub(super) struct Command;

impl Parse for Command {
    type Value = Vec<String>;
    const KIND: Kind = Kind::List;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Vec<String>> {
        match entry.given {
            Given::Toml(value) if value.get_ref().is_array() => {
                let words = List(|word| Ok(word.to_owned())).parse(entry)?;
                check::command(words).map_err(|fault| vec![entry.fault(fault)])
            }
            _ => Text(check::command_line).parse(entry),
        }
    }
}

/// An id or an exact name.
pub(super) struct OneOperator;

impl Parse for OneOperator {
    type Value = Operator;
    const KIND: Kind = Kind::Operator;

    fn parse(&self, entry: &Entry<'_>) -> Parsed<Operator> {
        match entry.given {
            Given::Toml(value) if matches!(value.get_ref(), DeValue::Integer(_)) => {
                Count::<0, { u64::MAX }>.parse(entry).map(Operator::Id)
            }
            Given::Toml(value) if !value.get_ref().is_str() => {
                Err(vec![entry.wrong_type("an id or an exact name")])
            }
            _ => Text(check::operator_name).parse(entry).map(Operator::Name),
        }
    }
}
