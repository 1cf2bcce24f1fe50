//! Why a page is not XML, in the words of the field, and where.

use memchr::memchr_iter;
use roxmltree::{Error, TextPos};

/// What is wrong at some place in the page, and the place where people would look for it.
pub(super) fn what(text: &str, at: usize, error: &Error) -> (usize, String) {
    // The commonest of all, and the parser sees but a strange name in it.
    match at.checked_sub(1).filter(|at| begins_doctype(text, *at)) {
        Some(at) => (at, "<!DOCTYPE must be in capitals".to_owned()),
        None => (at, message(error)),
    }
}

/// Whether a document type is declared here, in whatever case.
fn begins_doctype(text: &str, at: usize) -> bool {
    let start = text.get(at..at + "<!DOCTYPE".len());
    start.is_some_and(|start| start.eq_ignore_ascii_case("<!DOCTYPE"))
}

/// Where in the text an error is.
pub(super) fn offset(text: &str, error: &Error) -> usize {
    let TextPos { row, col } = match error {
        Error::NoRootNode | Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
            return usize::MAX;
        }
        other => other.pos(),
    };
    let lines = usize::try_from(row).unwrap_or(usize::MAX);
    let before = memchr_iter(b'\n', text.as_bytes()).take(lines.saturating_sub(1));
    let start = before.last().map_or(0, |at| at + 1);
    let columns = usize::try_from(col).unwrap_or(usize::MAX);
    let mut characters = text[start..].char_indices();
    let in_line = characters.nth(columns.saturating_sub(1));
    let at = in_line.map_or(text.len(), |(at, _)| start + at);
    match error {
        // Known by what comes after the text that it stands in.
        Error::InvalidCharacterData(_) => text[..at].rfind("]]>").unwrap_or(at),
        _ => at,
    }
}

/// What is wrong, in the words of the field, and without the place, which is that in what was parsed.
fn message(error: &Error) -> String {
    match error {
        Error::UnexpectedCloseTag(wanted, found, _) => {
            format!("</{found}> stands where </{wanted}> must be")
        }
        Error::UnknownEntityReference(name, _) => format!(
            "the entity &{name}; is not declared (write the character itself, or its number as in &#160;)"
        ),
        Error::DuplicatedAttribute(name, _) => format!("the attribute {name} is there twice"),
        Error::UnknownNamespace(prefix, _) => {
            format!("the prefix {prefix}: is not declared")
        }
        Error::NoRootNode => "it has no element".to_owned(),
        Error::UnclosedRootNode => "it ends before all its elements do".to_owned(),
        Error::UnexpectedEndOfStream => "it ends in the middle of something".to_owned(),
        Error::UnknownToken(_) => {
            "there may be nothing but comments and white space around the root element".to_owned()
        }
        other => {
            let message = other.to_string();
            let place = format!(" at {}", other.pos());
            message.replace(&place, "")
        }
    }
}
