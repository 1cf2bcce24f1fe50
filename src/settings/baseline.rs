//! The file of a baseline: findings of `verify` that are known.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use toml::de::DeValue;

use super::check::ValueError;
use super::error::{ConfigError, Problem};
use super::file::decode;
use super::load::parse;
use super::nearest::suggest;
use super::section::{Content, Record, Section};
use super::source::{FileLine, Located, Source};
use super::table::{Table as _, table};
use super::value::{Count, Placed, Text};

/// The version that is written and read.
pub const BASELINE_VERSION: u64 = 1;

/// The longest file, in bytes: a device has no end.
const LONGEST: u64 = 256 << 20;

/// A finding of a baseline, or several that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineEntry {
    /// The id of its rule.
    pub rule: String,
    /// Its file, relative to the site; none: it is about the site as a whole.
    pub path: Option<String>,
    /// By what it is known.
    pub fingerprint: String,
    /// How many there are.
    pub count: u64,
    /// Where it stands.
    pub place: FileLine,
}

table! {
    /// What a line of the file says.
    #[derive(Debug, Clone)]
    pub(super) EntryKeys "findings.*." {
        /// The id of the rule.
        rule "rule": Option<Located<String>> => Placed(Text(any)), like "missing-instance", file_only();

        /// The file, relative to the site; none: the finding is about the site as a whole.
        path "path": Option<String> => Text(any), like "blog/index.html", file_only();

        /// By what the finding is known.
        fingerprint "fingerprint": Option<String> => Text(fingerprint), like "3f1d0c9a5be2476180dca5f3b1e94c27", file_only();

        /// How many there are that are alike.
        count "count": u64 => Count::<1, { u64::MAX }>, or 1, like 2, file_only();
    }
}

// What parsers return.
#[allow(clippy::unnecessary_wraps)]
fn any(text: &str) -> Result<String, ValueError> {
    Ok(text.to_owned())
}

fn fingerprint(text: &str) -> Result<String, ValueError> {
    let fits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 32 && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        "must be a fingerprint",
        "expected 32 hexadecimal digits",
        "write the baseline anew with `chathub verify --write-baseline`",
    ))
}

/// Reads the baseline in a file, which messages call `shown`.
///
/// # Errors
///
/// If it is not there, or for everything that is wrong in it.
pub fn read_baseline(
    file: &Path,
    shown: &str,
    known_rules: &[&str],
) -> Result<Vec<BaselineEntry>, ConfigError> {
    let mut content = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LONGEST).read_to_end(&mut content));
    if let Err(error) = read {
        let (title, help) = match error.kind() {
            io::ErrorKind::NotFound => (
                format!("there is no baseline `{shown}`"),
                "correct the path, or write the baseline with `chathub verify --write-baseline`",
            ),
            _ => (
                format!("cannot read the baseline `{shown}`: {error}"),
                "make it a readable file",
            ),
        };
        return Err(Problem::nowhere(title, help).into());
    }
    entries(shown, &content, known_rules)
}

fn entries(
    shown: &str,
    content: &[u8],
    known_rules: &[&str],
) -> Result<Vec<BaselineEntry>, ConfigError> {
    let text = decode(shown, content)?;
    let source = Arc::new(Source::file(0, shown, text, ".".into()));
    let document = parse(&source, text).map_err(ConfigError::new)?;
    let mut record = Record {
        known_rules: known_rules.iter().map(ToString::to_string).collect(),
        ..Record::default()
    };
    let content = Content::Table(document.get_ref());
    let entries = Section::read(&source, String::new(), content, &mut record, |root| {
        check_version(root, shown);
        read_entries(root, &Lines::of(&source, text))
    });
    if record.problems.is_empty() {
        Ok(entries)
    } else {
        Err(ConfigError::new(record.problems))
    }
}

fn check_version(root: &mut Section<'_>, shown: &str) {
    let parser = Placed(Count::<0, { u64::MAX }>);
    match root.get("version", "1", &parser) {
        Some(version) if version.value != BASELINE_VERSION => {
            let title = format!(
                "this baseline is of version {}, and this chathub reads version {BASELINE_VERSION}",
                version.value
            );
            let help =
                "update chathub, or write the baseline anew with `chathub verify --write-baseline`";
            root.refuse(Problem::at(version.at, title, "", help));
        }
        None if root.place("version").is_none() => {
            let title = format!("`{shown}` is not a baseline: it has no `version`");
            let help = "name the file that `chathub verify --write-baseline` wrote";
            root.refuse(Problem::nowhere(title, help));
        }
        _ => {}
    }
}

fn read_entries(root: &mut Section<'_>, lines: &Lines) -> Vec<BaselineEntry> {
    let Some(value) = root.value("findings") else {
        return Vec::new();
    };
    let DeValue::Array(items) = value.get_ref() else {
        let at = root.at(value);
        let help =
            "write it like `findings = [{ rule = \"…\", path = \"…\", fingerprint = \"…\" }]`";
        root.refuse(Problem::at(
            at,
            "`findings` takes an array of tables",
            "",
            help,
        ));
        return Vec::new();
    };
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        let place = lines.place(item.span().start);
        let entry = root.table("findings", item, |section| read_entry(section, place));
        match entry {
            Some(Some(entry)) => entries.push(entry),
            Some(None) if root.record.problems.is_empty() => {
                let at = root.at(item);
                let title = "an entry needs `rule` and `fingerprint`";
                let help = "complete it, delete it, or write the baseline anew with `chathub verify --write-baseline`";
                root.refuse(Problem::at(at, title, "", help));
            }
            _ => {}
        }
    }
    entries
}

fn read_entry(section: &mut Section<'_>, place: FileLine) -> Option<BaselineEntry> {
    let mut keys = EntryKeys::default();
    keys.read(section);
    let rule = keys.rule?;
    let known = &section.record.known_rules;
    if !known.contains(&rule.value) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let title = format!("verify has no rule `{}`", rule.value);
        let help = suggest(&rule.value, &known);
        section.refuse(Problem::at(rule.at, title, "", help));
        return None;
    }
    Some(BaselineEntry {
        rule: rule.value,
        path: keys.path,
        fingerprint: keys.fingerprint?,
        count: keys.count,
        place,
    })
}

/// Where lines begin: there may be as many entries as findings, so no line is counted twice.
struct Lines {
    file: Arc<str>,
    ends: Vec<usize>,
}

impl Lines {
    fn of(source: &Source, text: &str) -> Self {
        Self {
            file: Arc::clone(&source.name),
            ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
        }
    }

    fn place(&self, offset: usize) -> FileLine {
        FileLine {
            file: Arc::clone(&self.file),
            line: 1 + self.ends.partition_point(|end| *end < offset),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = "\"3f1d0c9a5be2476180dca5f3b1e94c27\"";

    fn read(text: &str) -> Result<Vec<BaselineEntry>, String> {
        let rules = ["missing-instance", "wrong-src"];
        entries("known.toml", text.as_bytes(), &rules).map_err(|error| error.to_string())
    }

    #[test]
    fn entries_have_their_lines() {
        let text = format!(
            "# A comment\nversion = 1\nfindings = [\n\
             \t{{ rule = \"wrong-src\", path = \"a/б.html\", fingerprint = {ONE}, count = 3 }},\n\
             \t{{ rule = \"missing-instance\", fingerprint = {ONE} }},\n]\n"
        );
        let read = read(&text).unwrap();
        let [first, second] = &read[..] else {
            panic!("{read:?}");
        };
        assert_eq!(first.path.as_deref(), Some("a/б.html"));
        assert_eq!((first.count, second.count), (3, 1));
        assert_eq!(first.place.to_string(), "known.toml:4");
        assert_eq!(second.place.to_string(), "known.toml:5");
        assert_eq!(second.path, None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let entry = |keys: &str| format!("version = 1\nfindings = [\n  {{ {keys} }},\n]\n");
        for (text, words) in [
            (
                entry(&format!("rule = \"wrong-scr\", fingerprint = {ONE}")),
                &[
                    "known.toml:3:12",
                    "no rule `wrong-scr`",
                    "did you mean `wrong-src`?",
                ][..],
            ),
            (
                entry("rule = \"wrong-src\", fingerprint = \"3F\""),
                &["known.toml:3:39", "32 hexadecimal digits"],
            ),
            (
                entry(&format!(
                    "rule = \"wrong-src\", fingerprint = {ONE}, count = 0"
                )),
                &["known.toml:3:", "takes a whole number from 1"],
            ),
            (
                entry(&format!("rule = \"wrong-src\", fingerprnt = {ONE}")),
                &["known.toml:3:25", "did you mean `fingerprint`?"],
            ),
            (
                entry("rule = \"wrong-src\""),
                &["known.toml:3:3", "needs `rule` and `fingerprint`"],
            ),
            (
                "version = 2\n".to_owned(),
                &["known.toml:1:11", "version 2"],
            ),
            ("findings = []\n".to_owned(), &["is not a baseline"]),
            (
                "version = 1\nfindings = 3\n".to_owned(),
                &["known.toml:2:12", "an array of tables"],
            ),
            (
                "version = 1\n<<<<<<< HEAD\n".to_owned(),
                &["known.toml:2:9", "not valid TOML"],
            ),
            (
                "version = 1\nsite = \"public\"\n".to_owned(),
                &["known.toml:2:1", "unknown key `site`"],
            ),
        ] {
            let error = read(&text).unwrap_err();
            for word in words {
                assert!(error.contains(word), "{word} is not in\n{error}");
            }
        }
        assert_eq!(read("version = 1\n"), Ok(Vec::new()));
    }
}
