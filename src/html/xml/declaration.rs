//! The XML declaration: values that no browser reads past, whatever a parser of XML thinks of them.

use std::ops::Range;

use crate::html::facts::{Bar, Obstacle};

/// The byte order mark, decoded.
const MARK: char = '\u{feff}';

/// Refuses a declaration whose values are not XML's (XML 1.0, 2.8 and 4.3.3). What else may be wrong with it is left to parsers.
pub(super) fn check(text: &str) -> Result<(), Obstacle> {
    for (name, value) in values(text) {
        let said = &text[value.clone()];
        let fault = match name {
            "version" if !is_version(said) => "write 1.0",
            "encoding" if !is_encoding(said) => {
                "write the name of the page's encoding, such as UTF-8"
            }
            "standalone" if !matches!(said, "yes" | "no") => "write yes or no, or leave it out",
            _ => continue,
        };
        return Err(Obstacle {
            at: value.start,
            why: Bar::Malformed(format!(
                "its XML declaration says {name}={said:?} ({fault})"
            )),
        });
    }
    Ok(())
}

/// Whether it says `standalone="yes"`.
pub(super) fn stands_alone(text: &str) -> bool {
    let mut values = values(text).into_iter();
    values.any(|(name, value)| name == "standalone" && &text[value] == "yes")
}

/// Browsers take any 1.x for 1.0.
fn is_version(value: &str) -> bool {
    let minor = value.strip_prefix("1.").unwrap_or_default();
    !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_encoding(value: &str) -> bool {
    let mut bytes = value.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// What the declaration says: names, and where their values stand. Empty where there is none.
fn values(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let start = text.len() - text.trim_start_matches(MARK).len();
    let Some(said) = text[start..].strip_prefix("<?xml") else {
        return found;
    };
    let said = said.split("?>").next().unwrap_or_default();
    // Otherwise it is an instruction, such as a stylesheet.
    if !said.starts_with(|c: char| c.is_ascii_whitespace()) {
        return found;
    }
    let mut at = start + "<?xml".len();
    let end = at + said.len();
    while let Some((name, behind)) = text[at..end].split_once('=') {
        let behind = behind.trim_ascii_start();
        let Some(quote) = behind.chars().next().filter(|c| "\"'".contains(*c)) else {
            break;
        };
        let Some((value, rest)) = behind[1..].split_once(quote) else {
            break;
        };
        at = end - rest.len();
        let value_end = at - 1;
        found.push((name.trim_ascii(), value_end - value.len()..value_end));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_the_value_stands_that_browsers_refuse() {
        for (said, wrong) in [
            ("version=\"18\"", "18"),
            ("version=\"2.0\"", "2.0"),
            ("version='1.'", "1."),
            ("version = '1'", "1"),
            ("version=\"1.0a\"", "1.0a"),
            ("version=\" 1.0\"", " 1.0"),
            ("version=\"01.0\"", "01.0"),
            ("version=\"1.0\" standalone=\"maybe\"", "maybe"),
            ("version=\"1.0\" encoding=\"utf 8\"", "utf 8"),
            ("version=\"1.0\"\n encoding = '8bit'", "8bit"),
        ] {
            for mark in ["", "\u{feff}"] {
                let text = format!("{mark}<?xml {said}?>\n<html/>");
                let at = check(&text).map_err(|obstacle| obstacle.at);
                assert_eq!(at, Err(text.find(wrong).unwrap_or_default()), "{text}");
            }
        }
        for empty in ["version=\"\"", "version=\"1.0\" encoding=''"] {
            assert!(check(&format!("<?xml {empty}?>")).is_err(), "{empty}");
        }
    }

    #[test]
    fn takes_what_browsers_take() {
        for said in [
            "version=\"1.0\"",
            "version='1.1'",
            "version = \"1.10\"",
            "version=\"1.0\" encoding=\"klingon\" standalone=\"yes\"",
            "version=\"1.0\" encoding='us-ascii' standalone='no' ",
            // Not for this to find.
            "version=1.0",
            "",
        ] {
            assert!(check(&format!("<?xml {said}?><html/>")).is_ok(), "{said}");
        }
        for other in [
            "<html version='18'/>",
            "<?xml-stylesheet version='18'?>",
            "",
            "<?xml",
        ] {
            assert!(check(other).is_ok(), "{other}");
        }
        assert!(stands_alone("<?xml version=\"1.0\" standalone = 'yes'?>"));
        assert!(!stands_alone(
            "<?xml version=\"1.0\" standalone='no'?><x standalone='yes'/>"
        ));
    }
}
