//! Netlify: `_headers` and `netlify.toml` together. Of several rules that set a header, the last one's is sent, and those of
//! `netlify.toml` come last (`mergeHeaders` of `@netlify/headers-parser`); within one rule, values are joined.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::headers_file::rules_of;
use super::model::{Addresses, Format, HostFile, Kind, Reading, Serves};
use super::pattern::Pattern;
use super::rules::{Merge, Rule, Rules};

pub(super) fn read(files: &[HostFile], reading: &mut Reading) -> Box<dyn Serves> {
    let addresses = Addresses {
        slash: true,
        no_slash: false,
        extension: true,
        clean: true,
    };
    let mut rules = Rules::new(Merge::Last, addresses);
    for (index, file) in files.iter().enumerate() {
        if file.format == Format::Headers {
            let found = rules_of(&file.text, index, reading, Pattern::netlify);
            rules.list.extend(found);
        }
    }
    for (index, file) in files.iter().enumerate() {
        if file.format == Format::Netlify {
            rules.list.extend(tables(&file.text, index, reading));
        }
    }
    rules.done(&reading.headers)
}

fn tables(text: &str, file: usize, reading: &mut Reading) -> Vec<Rule> {
    let mark = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let shift = |span: std::ops::Range<usize>| span.start + mark..span.end + mark;
    let document = match DeTable::parse(&text[mark..]) {
        Ok(document) => document,
        Err(error) => {
            let span = error.span().map_or(0..0, shift);
            reading.unread(file, span, format!("it is not TOML: {}", error.message()));
            return Vec::new();
        }
    };
    let headers = document.get_ref().get("headers").map(Spanned::get_ref);
    let tables = headers.and_then(DeValue::as_array).into_iter().flatten();
    let mut rules = Vec::new();
    for table in tables {
        let get = |key: &str| table.get_ref().as_table().and_then(|table| table.get(key));
        let mut sets = Vec::new();
        let values = get("values").and_then(|values| values.get_ref().as_table());
        for (name, value) in values.into_iter().flatten() {
            let Some(kind) = Kind::of(name.get_ref()) else {
                continue;
            };
            let one = std::slice::from_ref(value);
            let list = value.get_ref().as_array().map_or(one, |list| list);
            for value in list {
                match value.get_ref().as_str() {
                    Some(said) => {
                        let said = said.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
                        sets.push(reading.header(kind, &said, file, shift(value.span())));
                    }
                    None => reading.unread(
                        file,
                        shift(value.span()),
                        format!("`{}` is not a string", kind.name()),
                    ),
                }
            }
        }
        if sets.is_empty() {
            continue;
        }
        let path = get("for").and_then(|path| Some((path.get_ref().as_str()?, shift(path.span()))));
        let pattern = if let Some((path, span)) = path {
            let pattern = Pattern::netlify(path.trim());
            pattern.map_err(|why| reading.unread(file, span, why)).ok()
        } else {
            reading.unread(file, shift(table.span()), "a table `headers` has no `for`");
            None
        };
        rules.push(Rule {
            pattern,
            sets,
            removes: Vec::new(),
            may: false,
        });
    }
    rules
}
