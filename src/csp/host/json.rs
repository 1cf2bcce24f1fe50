//! What the files in JSON share.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::model::{Kind, Reading};

/// A string, and where it stands with its quotes.
pub(super) type Text<'a> = (&'a str, Range<usize>);

/// Gives `then` what the text says, whose places begin at its second argument. A byte order mark is passed over, as the hosts do.
pub(super) fn object<R>(
    text: &str,
    comments: bool,
    reading: &mut Reading,
    then: impl FnOnce(&Object<'_>, &mut Reading) -> R,
) -> Option<R> {
    // Of one length, so that places are the same.
    let text = if text.starts_with('\u{feff}') {
        format!("   {}", &text['\u{feff}'.len_utf8()..])
    } else {
        text.to_owned()
    };
    let options = ParseOptions {
        allow_comments: comments,
        allow_loose_object_property_names: false,
        allow_trailing_commas: comments,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(&text, &CollectOptions::default(), &options) {
        Ok(parsed) => match &parsed.value {
            Some(Value::Object(object)) => return Some(then(object, reading)),
            _ => reading.unread(0, 0..0, "it is not an object in JSON"),
        },
        Err(error) => {
            let range = error.range();
            let span = range.start.min(text.len())..range.end.min(text.len());
            reading.unread(0, span, format!("it is not JSON: {}", error.kind()));
        }
    }
    None
}

/// The value of a key: of two with one name, the last counts.
pub(super) fn get<'o, 'a>(object: &'o Object<'a>, key: &str) -> Option<&'o Value<'a>> {
    let mut properties = object.properties.iter().rev();
    let found = properties.find(|property| property.name.as_str() == key);
    found.map(|property| &property.value)
}

pub(super) fn objects<'o, 'a>(
    value: Option<&'o Value<'a>>,
) -> impl Iterator<Item = &'o Object<'a>> {
    let list = value.and_then(Value::as_array).map(|list| &list.elements);
    list.into_iter().flatten().filter_map(Value::as_object)
}

pub(super) fn text<'o>(object: &'o Object<'_>, key: &str) -> Option<Text<'o>> {
    let found = get(object, key)?.as_string_lit()?;
    Some((&found.value, found.range.start..found.range.end))
}

pub(super) fn flag(object: &Object<'_>, key: &str) -> Option<bool> {
    get(object, key)?.as_boolean_lit().map(|found| found.value)
}

/// Those headers of a list of `{ key, value }` that are about policies; of two with one name, the last counts.
pub(super) fn pairs(object: &Object<'_>, reading: &mut Reading) -> Vec<usize> {
    let mut last: Vec<(Kind, Text<'_>)> = Vec::new();
    for pair in objects(get(object, "headers")) {
        let Some(kind) = text(pair, "key").and_then(|(key, _)| Kind::of(key)) else {
            continue;
        };
        if let Some(value) = text(pair, "value") {
            last.retain(|(other, _)| *other != kind);
            last.push((kind, value));
        }
    }
    let found = last.into_iter();
    found
        .map(|(kind, (value, span))| reading.header(kind, value, 0, span))
        .collect()
}

/// Those headers of an object that are about policies, and those whose value is empty.
pub(super) fn named(
    object: &Object<'_>,
    key: &str,
    reading: &mut Reading,
) -> (Vec<usize>, Vec<Kind>) {
    let (mut sets, mut removes) = (Vec::new(), Vec::new());
    let Some(headers) = get(object, key).and_then(Value::as_object) else {
        return (sets, removes);
    };
    for kind in Kind::ALL {
        let mut properties = headers.properties.iter().rev();
        let found = properties.find(|property| Kind::of(property.name.as_str()) == Some(kind));
        let Some(value) = found.and_then(|found| found.value.as_string_lit()) else {
            continue;
        };
        if value.value.trim().is_empty() {
            removes.push(kind);
        } else {
            let span = value.range.start..value.range.end;
            sets.push(reading.header(kind, &value.value, 0, span));
        }
    }
    (sets, removes)
}
