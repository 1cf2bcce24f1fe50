//! Reading one table of a parsed document: every key that is asked for is known, every other one is refused.
//!
//! The document is read by hand and not through serde: so all problems of a file are reported at once, each says which
//! setting it is about and how it is written, and no message ever quotes a value that could be a secret. (serde's
//! type errors quote the value, and its derived structs accept an array in place of a table.)

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::entry::{Entry, Given};
use super::error::Problem;
use super::nearest::{list, nearest};
use super::source::{Overruled, Source, SourceSpan};
use super::value::Parse;

/// What reading leaves behind besides values.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// What is wrong so far.
    pub(super) problems: Vec<Problem>,
    /// Where each key stands, by its dotted path; of several places the one that counts.
    pub(super) places: BTreeMap<String, SourceSpan>,
    /// What has been said in several places.
    pub(super) overruled: Vec<Overruled>,
    /// The rule ids that `[verify.severity]` may name.
    pub(super) known_rules: Vec<String>,
}

impl Record {
    /// Notes where a key stands, and what it stands above.
    pub(super) fn note(&mut self, path: String, at: SourceSpan) {
        let former = self.places.get(&path);
        // Rules of several files add up, and those of one are several of the same kind.
        let former = former.filter(|former| !Arc::ptr_eq(&former.source, &at.source));
        if let Some(former) = former.filter(|_| !path.starts_with("rules.")) {
            self.overruled.push(Overruled {
                setting: path.clone(),
                by: at.name(),
                former: former.name(),
            });
        }
        self.places.insert(path, at);
    }
}

/// What there is to read.
#[derive(Clone, Copy)]
pub(super) enum Content<'a> {
    /// A table of a file.
    Table(&'a DeTable<'a>),
    /// One setting, by its dotted path from here, with the text of a variable or a flag.
    One(&'a str, &'a OsStr),
}

/// A table that is being read.
pub(super) struct Section<'a> {
    source: &'a Arc<Source>,
    /// Dotted path for messages; empty for the document itself.
    path: String,
    content: Content<'a>,
    known: Vec<&'static str>,
    /// A key that other tables of its kind have, and this one has not.
    hidden: Option<&'static str>,
    /// All keys are names that the user gave.
    open: bool,
    /// What to do about an unknown key, where that is always the same.
    unknown_key_help: Option<&'static str>,
    /// Where it stands, unless it is the document itself.
    pub(super) at: Option<SourceSpan>,
    pub(super) record: &'a mut Record,
}

impl<'a> Section<'a> {
    /// Reads a table with `read`, then refuses the keys that `read` did not ask for.
    pub(super) fn read<R>(
        source: &'a Arc<Source>,
        path: String,
        content: Content<'a>,
        record: &'a mut Record,
        read: impl FnOnce(&mut Section<'a>) -> R,
    ) -> R {
        let mut section = Section {
            source,
            path,
            content,
            known: Vec::new(),
            hidden: None,
            open: false,
            unknown_key_help: None,
            at: None,
            record,
        };
        let result = read(&mut section);
        section.refuse_unknown_keys();
        result
    }

    /// Says the same about every unknown key of this table.
    pub(super) fn describe_unknown_keys(&mut self, help: &'static str) {
        self.unknown_key_help = Some(help);
    }

    /// Makes a key of such tables unknown in this one.
    pub(super) fn hide(&mut self, key: &'static str) {
        self.hidden = Some(key);
    }

    /// Whether this is a table below the one of this name.
    pub(super) fn is_below(&self, table: &str) -> bool {
        self.path
            .strip_prefix(table)
            .is_some_and(|rest| rest.starts_with('.'))
    }

    /// The keys that were not asked for so far, with their values; for tables whose keys are names that the user gives.
    pub(super) fn others(&mut self) -> Vec<(&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>)> {
        self.open = true;
        match self.content {
            Content::Table(table) => table
                .iter()
                .filter(|(key, _)| !self.known.contains(&key.get_ref().as_ref()))
                .collect(),
            Content::One(..) => Vec::new(),
        }
    }

    /// Whether there are keys that were not asked for so far: then something else is probably misspelt, not missing.
    pub(super) fn has_unknown_keys(&mut self) -> bool {
        let open = self.open;
        let unknown = !self.others().is_empty();
        self.open = open;
        unknown
    }

    fn refuse_unknown_keys(&mut self) {
        if !self.open {
            for (key, _) in self.others() {
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
        let title = format!("unknown key `{name}`{of}");
        self.refuse(Problem::at(self.at(key), title, "", help));
    }

    /// The dotted path of a key of this table.
    pub(super) fn path_of(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    /// The place of something in this document.
    pub(super) fn at<T>(&self, spanned: &Spanned<T>) -> SourceSpan {
        SourceSpan {
            source: Arc::clone(self.source),
            span: spanned.span(),
        }
    }

    /// Notes a problem.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.record.problems.push(problem);
    }

    /// Where the value of a key stands, whatever it is.
    pub(super) fn place(&self, key: &str) -> Option<SourceSpan> {
        match self.content {
            Content::Table(table) => table.get(key).map(|value| self.at(value)),
            Content::One(..) => None,
        }
    }

    /// The value of a key, whose name is known from now on.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        match self.content {
            Content::Table(table) if self.hidden != Some(key) => {
                self.known.push(key);
                table.get(key)
            }
            _ => None,
        }
    }

    /// The value of a key, if it is there and right.
    pub(super) fn get<P: Parse>(
        &mut self,
        key: &'static str,
        example: &'static str,
        parser: &P,
    ) -> Option<P::Value> {
        let given = match self.content {
            Content::Table(_) => Given::Toml(self.value(key)?),
            Content::One(path, text) => (path == key).then_some(Given::Text(text))?,
        };
        self.entry(key, example, given, parser)
    }

    /// What a parser makes of a value.
    pub(super) fn entry<P: Parse>(
        &mut self,
        key: &str,
        example: &'static str,
        given: Given<'a>,
        parser: &P,
    ) -> Option<P::Value> {
        let entry = Entry {
            source: self.source,
            path: self.path_of(key),
            example,
            given,
        };
        match parser.parse(&entry) {
            Ok(value) => {
                self.record.note(entry.path.clone(), entry.at());
                Some(value)
            }
            Err(problems) => {
                self.record.problems.extend(problems);
                None
            }
        }
    }

    /// Reads a table below this one, or each of an array of tables.
    pub(super) fn section(
        &mut self,
        key: &'static str,
        repeats: bool,
        mut read: impl FnMut(&mut Section<'_>),
    ) {
        match self.content {
            Content::Table(_) => {
                let Some(value) = self.value(key) else {
                    return;
                };
                match value.get_ref() {
                    DeValue::Array(items) if repeats => {
                        for item in items {
                            self.table(key, item, &mut read);
                        }
                    }
                    _ if repeats => {
                        let path = self.path_of(key);
                        let help = format!("write each under a `[[{path}]]` header");
                        let title = format!("`{path}` takes an array of tables");
                        self.refuse(Problem::at(self.at(value), title, "", help));
                    }
                    _ => {
                        self.table(key, value, read);
                    }
                }
            }
            Content::One(path, text) => {
                let below = path.strip_prefix(key);
                if let Some(below) = below.and_then(|below| below.strip_prefix('.')) {
                    let (path, content) = (self.path_of(key), Content::One(below, text));
                    Section::read(self.source, path, content, self.record, read);
                }
            }
        }
    }

    /// Reads `value`, which belongs to `key`, as a table.
    pub(super) fn table<R>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        read: impl FnOnce(&mut Section<'_>) -> R,
    ) -> Option<R> {
        let entry = Entry {
            source: self.source,
            path: self.path_of(key),
            example: "",
            given: Given::Toml(value),
        };
        let Some(table) = value.get_ref().as_table() else {
            self.record.problems.push(entry.wrong_type("a table"));
            return None;
        };
        let (at, content) = (entry.at(), Content::Table(table));
        Some(Section::read(
            self.source,
            entry.path,
            content,
            self.record,
            |section| {
                section.at = Some(at);
                read(section)
            },
        ))
    }
}
