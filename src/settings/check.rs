//! What a string must look like to be a certain setting, with the reason when it does not.

use std::path::PathBuf;
use std::time::Duration;

use super::url;

/// Why a string is refused: the pieces of a problem that is reported elsewhere.
#[derive(Debug)]
pub(super) struct ValueError {
    /// Completes "`setting` …".
    pub(super) must: String,
    /// What stands there instead.
    pub(super) found: String,
    /// What to do.
    pub(super) help: String,
}

impl ValueError {
    pub(super) fn new(
        must: impl Into<String>,
        found: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            must: must.into(),
            found: found.into(),
            help: help.into(),
        }
    }
}

/// `site`: any path but the empty one.
pub(super) fn folder(text: &str) -> Result<PathBuf, ValueError> {
    let help = "write \".\" for the folder of the configuration file";
    not_empty(text, "must name a folder", help).map(PathBuf::from)
}

/// Anything but nothing.
fn not_empty<'t>(
    text: &'t str,
    must: &'static str,
    help: &'static str,
) -> Result<&'t str, ValueError> {
    if text.is_empty() {
        return Err(ValueError::new(must, "this is empty", help));
    }
    Ok(text)
}

/// The name of an organization: it stands in an attribute and in a query string without being escaped.
pub(super) fn organization_name(text: &str) -> Result<String, ValueError> {
    let fits = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        "must name an organization",
        "a name is made of ASCII letters, digits, `-` and `_`, and begins with a letter or digit",
        "it goes into an attribute and a query string: choose a plain one, such as `support-uk`",
    ))
}

/// `placeholder.endpoint`.
pub(super) fn endpoint(text: &str) -> Result<String, ValueError> {
    url::path_or_secure_url(text)
        .map(|()| text.to_owned())
        .map_err(|found| {
            ValueError::new(
                "must be an absolute path or an https URL",
                found,
                "write `/api/chathub/token`, or `https://chat.example.com/token`; http is for loopback hosts alone",
            )
        })
}

/// `placeholder.base-url`; the final slash is added when it is missing.
pub(super) fn base_url(text: &str) -> Result<String, ValueError> {
    let judged = url::path_or_secure_url(text).and_then(|()| {
        let path = text.split_once("://").map_or(text, |(_, rest)| rest);
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut parts = path.split('/');
        if text.contains(['?', '#']) {
            Err("a query or fragment cannot be followed by a path")
        } else if !path.is_empty() && parts.any(|part| matches!(part, "" | "." | "..")) {
            Err("empty parts, `.` and `..` can lead elsewhere")
        } else {
            Ok(())
        }
    });
    match judged {
        Ok(()) if text.ends_with('/') => Ok(text.to_owned()),
        Ok(()) => Ok(format!("{text}/")),
        Err(found) => Err(ValueError::new(
            "must be an absolute path or an https URL",
            found,
            "write `/` for a site at the root of its host, `/docs/` for one below it",
        )),
    }
}

/// `placeholder.asset-dir`: a folder of the site that needs no escaping in a URL.
pub(super) fn asset_dir(text: &str) -> Result<String, ValueError> {
    let folder = text.strip_suffix('/').unwrap_or(text);
    let found = if text.is_empty() {
        "this is empty"
    } else if text.starts_with('/') {
        "this is absolute"
    } else if text.contains('\\') {
        "`\\` is not a separator in URLs"
    } else if folder
        .split('/')
        .any(|part| part.is_empty() || part == "." || part == "..")
    {
        "empty parts, `.` and `..` can lead elsewhere"
    } else if text.contains(|char: char| {
        char.is_whitespace() || char.is_control() || "?#%:\"'<>`".contains(char)
    }) {
        "this has a character that would need escaping in a URL"
    } else {
        return Ok(folder.to_owned());
    };
    Err(ValueError::new(
        "must be a folder inside the site",
        found,
        "write it relative to the site, such as `chathub-assets` or `assets/chathub`",
    ))
}

/// `placeholder.contact`.
pub(super) fn contact(text: &str) -> Result<String, ValueError> {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    let found = if text.contains(|char: char| char.is_whitespace() || char.is_control()) {
        "this has white space in it"
    } else {
        match scheme.to_ascii_lowercase().as_str() {
            "mailto" if !rest.contains('@') => "this has no address",
            "tel" if !rest.contains(|char: char| char.is_ascii_digit()) => "this has no number",
            "mailto" | "tel" => return Ok(text.to_owned()),
            "http" | "https" => match url::web(text) {
                Ok(_) => return Ok(text.to_owned()),
                Err(found) => found,
            },
            "javascript" | "vbscript" | "data" => "this would run as code in the page",
            _ => "this is none of these",
        }
    };
    Err(ValueError::new(
        "must be a `mailto:`, `tel:` or `https://` link",
        found,
        "write `mailto:support@example.com`, `tel:+380441234567` or the URL of a contact page",
    ))
}

/// `widget.src`.
pub(super) fn widget_src(text: &str) -> Result<String, ValueError> {
    url::secure_url(text)
        .map(|()| text.to_owned())
        .map_err(|found| {
            ValueError::new(
                "must be an https URL",
                found,
                "leave it out for the vendor's script; http is for loopback hosts alone",
            )
        })
}

/// `api.url`.
pub(super) fn api_url(text: &str) -> Result<String, ValueError> {
    url::secure_url(text)
        .map(|()| text.to_owned())
        .map_err(|found| {
            ValueError::new(
                "must be an https URL",
                found,
                "leave it out for the vendor's API; http is for loopback hosts alone",
            )
        })
}

/// `api.timeout`: a length of time, and not 0.
pub(super) fn timeout(text: &str) -> Result<Duration, ValueError> {
    match duration(text)? {
        Duration::ZERO => Err(ValueError::new(
            "takes a length of time",
            "must be greater than zero",
            "write `30s`",
        )),
        time => Ok(time),
    }
}

/// One of `pages.extensions` or `pages.xml-extensions`.
pub(super) fn extension(text: &str) -> Result<String, ValueError> {
    let found = if text.is_empty() {
        "this is empty"
    } else if text.starts_with('.') {
        "the dot is not part of it"
    } else if text.contains(['/', '\\', '*']) {
        "this is a path or a pattern"
    } else if text.contains(|char: char| char.is_whitespace() || char.is_control() || char == ',') {
        "this has a character that no extension has"
    } else {
        return Ok(text.to_owned());
    };
    Err(ValueError::new(
        "must be file name extensions",
        found,
        "write `html`; folders and patterns belong in `[[rules]]`",
    ))
}

/// One of `verify.allow-secrets`.
pub(super) fn digest(text: &str) -> Result<String, ValueError> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(ValueError::new(
        "must be SHA-256 digests",
        "expected 64 hexadecimal digits",
        "copy the digest from the finding of `verify` that it is to silence; the token itself must not stand here",
    ))
}

/// A length of time: whole numbers with units, such as `1h`, `90m`, `1h30m`. Units are `s`, `m`, `h`, `d`.
pub(super) fn duration(text: &str) -> Result<Duration, ValueError> {
    parse_duration(text).map_err(|found| {
        ValueError::new(
            "takes a length of time",
            found,
            "write a whole number and its unit (`s`, `m`, `h`, `d`), such as `1h`, `90m` or `3600s`",
        )
    })
}

/// Reads a length of time such as `1h30m`, or says in half a sentence why it is none.
pub fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    let too_long = "this is too long";
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest
            .find(|char: char| !char.is_ascii_digit())
            .ok_or("the unit is missing")?;
        let (number, tail) = rest.split_at(digits);
        if number.is_empty() {
            return Err("a whole number is expected before each unit");
        }
        let unit = match tail.as_bytes().first() {
            Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => 86_400,
            _ => return Err("this unit is unknown"),
        };
        let seconds = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
        total = seconds
            .and_then(|seconds| total.checked_add(seconds))
            .ok_or(too_long)?;
        // The unit is one ASCII byte, so this is a character boundary.
        rest = &tail[1..];
    }
    if text.is_empty() {
        return Err("this is empty");
    }
    Ok(Duration::from_secs(total))
}

/// A language range of RFC 4647, basic: `*`, or subtags of one to eight letters and digits joined with `-`.
pub(super) fn language_range(text: &str) -> Result<String, ValueError> {
    let subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.chars().all(|char| char.is_ascii_alphanumeric())
    };
    if text == "*" || text.split('-').all(subtag) {
        return Ok(text.to_owned());
    }
    let found = if text.contains('_') {
        "language tags are joined with `-`"
    } else if text.contains('*') {
        "`*` stands alone; a prefix needs none"
    } else {
        "this is not a language tag"
    };
    Err(ValueError::new(
        "takes language tags (BCP 47)",
        found,
        "write `uk` for Ukrainian in every region, `uk-UA` for one of them, `*` for any language",
    ))
}

/// The name of an environment variable.
pub(super) fn variable_name(text: &str) -> Result<String, ValueError> {
    let fits = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(fits)
    {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        "must name an environment variable",
        "this is not a valid name",
        "write the bare name, such as `env = \"CHATHUB_SALES_TOKEN\"`: no `$`, and not the token itself",
    ))
}

/// The path of a file.
pub(super) fn file(text: &str) -> Result<PathBuf, ValueError> {
    let help = "write its path, relative to the folder of this configuration file";
    not_empty(text, "must name a file", help).map(PathBuf::from)
}

/// The exact name of an operator.
pub(super) fn operator_name(text: &str) -> Result<String, ValueError> {
    if text.trim().is_empty() {
        return Err(ValueError::new(
            "must be an id or an exact name",
            "this is empty",
            "leave it out for the first active one",
        ));
    }
    Ok(text.to_owned())
}

/// A command line in one string, split as a POSIX shell would, without running one.
pub(super) fn command_line(text: &str) -> Result<Vec<String>, ValueError> {
    let words = shlex::split(text).ok_or_else(|| {
        ValueError::new(
            "must be a command",
            "a quotation mark is not closed",
            "close it, or write the words as an array: `command = [\"op\", \"read\", \"op://sales/token\"]`",
        )
    })?;
    command(words)
}

/// The words of a command.
pub(super) fn command(words: Vec<String>) -> Result<Vec<String>, ValueError> {
    if words.first().is_some_and(|program| !program.is_empty()) {
        return Ok(words);
    }
    Err(ValueError::new(
        "must be a command",
        "this names no program",
        "write `command = \"op read op://sales/token\"`; it is run without a shell",
    ))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
