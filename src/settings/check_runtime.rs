//! What strings for the runtime must look like.

use std::time::Duration;

use super::check::{ValueError, duration};

/// `placeholder.target`: a CSS selector, as far as it can be told from outside of a browser.
pub(super) fn selector(text: &str) -> Result<String, ValueError> {
    let found = if text.trim().is_empty() {
        "this is empty"
    } else if text.contains(|char: char| char.is_control()) {
        "this has a control character in it"
    } else if text.contains(['{', '}', ';']) {
        "this is a whole rule"
    } else if !is_balanced(text) {
        "a bracket or a quotation mark is not closed"
    } else {
        return Ok(text.to_owned());
    };
    Err(ValueError::new(
        "must be a CSS selector",
        found,
        "write it as for `document.querySelector`, such as `#chat` or `footer .help`",
    ))
}

/// Whether brackets and quotation marks pair up.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for char in text.chars() {
        match (open.last(), char) {
            (Some(&last), char) if last == char => {
                open.pop();
            }
            (Some('"' | '\''), _) => {}
            (_, '(') => open.push(')'),
            (_, '[') => open.push(']'),
            (_, '"' | '\'') => open.push(char),
            (_, ')' | ']') => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// `placeholder.consent`: the name of an event.
pub(super) fn event(text: &str) -> Result<String, ValueError> {
    let found = if text.is_empty() {
        "this is empty"
    } else if text.contains(|char: char| char.is_whitespace() || char.is_control()) {
        "this has white space in it"
    } else {
        return Ok(text.to_owned());
    };
    Err(ValueError::new(
        "must name an event",
        found,
        "write the one that your consent banner fires on `document` or `window`, such as `consent:given`",
    ))
}

/// `placeholder.nonce`: what stands in the page where the server puts its nonce.
pub(super) fn nonce(text: &str) -> Result<String, ValueError> {
    let fits = |char: char| char.is_ascii_graphic() && !"\"'<>&".contains(char);
    if !text.is_empty() && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        "must be what the server replaces by its nonce",
        "this is empty, or has a character that cannot stand there",
        "write the same word as in the server's configuration, such as `CSP_NONCE`",
    ))
}

/// `placeholder.timeout`.
pub(super) fn timeout(text: &str) -> Result<Duration, ValueError> {
    let timeout = duration(text)?;
    if (1..=300).contains(&timeout.as_secs()) {
        return Ok(timeout);
    }
    Err(ValueError::new(
        "takes from 1s to 5m",
        "this is out of range",
        "visitors wait for it: write `10s`, or leave it out",
    ))
}

/// A text that visitors read; white space in it is as HTML shows it.
pub(super) fn wording(text: &str) -> Result<String, ValueError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let found = if text.is_empty() {
        "this is empty"
    } else if text.contains(|char: char| char.is_control()) {
        "this has a control character in it"
    } else if text.chars().count() > 200 {
        "this is longer than 200 characters"
    } else {
        return Ok(text);
    };
    Err(ValueError::new(
        "must be a short text",
        found,
        "leave it out for the built-in one",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_the_runtime_is_told_can_be_what_it_says() {
        for good in [
            "#chat",
            "footer .help",
            "a[href=\"(\"]",
            ":is(.a, .b):not([x='])'])",
        ] {
            assert_eq!(selector(good).unwrap(), good);
        }
        for bad in ["", " ", "a { }", "a;b", "a[b", "a(", "a)", "a'", "a\nb"] {
            assert!(selector(bad).is_err(), "{bad:?}");
        }
        assert_eq!(event("cookie:consent").unwrap(), "cookie:consent");
        for bad in ["", "a b", "a\n"] {
            assert!(event(bad).is_err(), "{bad:?}");
        }
        for good in ["CSP_NONCE", "{{nonce}}", "%NONCE%", "r4nd0m+/="] {
            assert_eq!(nonce(good).unwrap(), good);
        }
        for bad in ["", "a b", "\"", "<x>", "&amp;", "é"] {
            assert!(nonce(bad).is_err(), "{bad:?}");
        }
        assert_eq!(timeout("1m").unwrap(), Duration::from_mins(1));
        for bad in ["0s", "301s", "10", "1d"] {
            assert!(timeout(bad).is_err(), "{bad:?}");
        }
        assert_eq!(wording(" One\n moment … ").unwrap(), "One moment …");
        let long = "x".repeat(201);
        for bad in ["", " \n", "a\u{7}b", &long] {
            assert!(wording(bad).is_err(), "{bad:?}");
        }
    }
}
