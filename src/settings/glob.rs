//! The glob syntax of rules, on top of globset: what a pattern means, and which ones are refused.

use globset::{Glob, GlobBuilder};

use super::check::ValueError;

/// Compiles a pattern of a rule for page paths.
///
/// `*` and `?` stay inside one folder, `**` crosses folders, `[…]` and `{a,b}` are as usual, case matters. `?` and `[…]`
/// are one byte, so a letter beyond ASCII takes `*`, or braces. A leading `/` or `./` is the root of the site (or of the folder that carries the rule), where patterns begin anyway; a final
/// `/` means everything below the folder.
///
/// # Errors
///
/// A sentence each for what is wrong with the pattern and what to write instead; see [`BadGlob`].
pub fn compile_glob(pattern: &str) -> Result<Glob, BadGlob> {
    let normal = normalize(pattern)?;
    GlobBuilder::new(&normal)
        .literal_separator(true)
        .backslash_escape(false)
        .empty_alternates(true)
        .build()
        .map_err(|error| BadGlob {
            found: error.kind().to_string(),
            help: "a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`".to_owned(),
        })
}

/// The pattern as people may have meant it who took brackets for part of a name, as in `blog/[slug].html`: with all of them
/// as letters, and with each alone.
#[must_use]
pub fn literal_readings(pattern: &str) -> Vec<String> {
    let mut classes = Vec::new();
    let mut at = 0;
    while let Some(open) = pattern[at..].find('[').map(|open| at + open) {
        let first = pattern[open + 1..].chars().next().map_or(0, char::len_utf8);
        let Some(close) = pattern[open + 1 + first..].find(']') else {
            break;
        };
        let close = open + 1 + first + close;
        // A single character in brackets is that character.
        if close - open > 1 + first {
            classes.push(open..close);
        }
        at = close + 1;
    }
    let escape = |classes: &[std::ops::Range<usize>]| {
        let mut reading = String::new();
        let mut at = 0;
        for class in classes {
            reading.push_str(&pattern[at..class.start]);
            reading.push_str(&pattern[class.clone()].replace('[', "[[]"));
            at = class.end;
        }
        reading + &pattern[at..]
    };
    let alone = classes.iter().map(std::slice::from_ref);
    let all = (classes.len() > 1).then_some(&classes[..]);
    all.into_iter().chain(alone).map(escape).collect()
}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found}; {help}")]
pub struct BadGlob {
    /// What is wrong with it.
    pub found: String,
    /// What to write instead.
    pub help: String,
}

impl From<BadGlob> for ValueError {
    fn from(bad: BadGlob) -> Self {
        Self::new("takes globs over page paths", bad.found, bad.help)
    }
}

fn bad(found: &str, help: &str) -> BadGlob {
    BadGlob {
        found: found.to_owned(),
        help: help.to_owned(),
    }
}

/// The pattern in globset's terms.
fn normalize(pattern: &str) -> Result<String, BadGlob> {
    let bad = |found, help| Err(bad(found, help));
    let shown = pattern.trim();
    if shown.is_empty() {
        return bad("this is empty", "write `**` for every page");
    }
    if let Some(rest) = pattern.strip_prefix('!') {
        return bad(
            "`!` negates nothing here",
            &format!("exclude pages with `not = \"{rest}\"`"),
        );
    }
    if pattern.contains('\\') || has_drive(pattern) {
        return bad(
            "page paths have `/` between folders and begin in the site, on every platform",
            "write it relative to the site, such as `shop/**`",
        );
    }
    let mut rest = pattern;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    if rest.is_empty() {
        return Ok("**".to_owned());
    }
    let (path, whole_folder) = match rest.strip_suffix('/') {
        Some(path) => (path, true),
        None => (rest, false),
    };
    // What globset makes of such patterns depends on what stands around the braces.
    if has_folder_in_braces(path) {
        return bad(
            "braces stand for parts of one name, and `/` is in none",
            "write several patterns, as in `match = [\"a/b\", \"c\"]`",
        );
    }
    for segment in path.split('/') {
        if matches!(segment, "" | "." | "..") {
            return bad(
                "page paths have no empty parts, no `.` and no `..`",
                "write the path from the root of the site, or of the folder that carries the rule",
            );
        }
        if segment != "**" && segment.contains("**") {
            return bad(
                "`**` crosses folders only where it stands alone between slashes",
                "write `shop/**/*.html`, or `*` for a part of one name",
            );
        }
    }
    let path = within_names(path)?;
    Ok(if whole_folder {
        format!("{path}/**")
    } else {
        path
    })
}

/// Keeps `[…]` from matching the `/` between folders, which globset does not.
fn within_names(path: &str) -> Result<String, BadGlob> {
    let mut result = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, class)) = rest.split_once('[') {
        let negation = usize::from(class.starts_with(['!', '^']));
        let (negation, members) = class.split_at(negation);
        // A `]` in the first place is itself.
        let first = members.chars().next().map_or(0, char::len_utf8);
        let Some(end) = members[first..].find(']') else {
            break;
        };
        let (members, behind) = members.split_at(first + end);
        check_members(members)?;
        result.extend([before, "[", negation]);
        match (negation, members.strip_prefix(']')) {
            ("", _) => result.push_str(members),
            (_, Some(others)) => result.extend(["]/", others]),
            (_, None) => result.extend(["/", members]),
        }
        result.push(']');
        rest = &behind[1..];
    }
    result.push_str(rest);
    Ok(result)
}

/// Refuses in brackets what is not a single byte of a name.
fn check_members(members: &str) -> Result<(), BadGlob> {
    if !members.is_ascii() {
        return Err(bad(
            "brackets stand for one byte, and letters beyond ASCII have more",
            "write alternatives in braces: `{а,б}`",
        ));
    }
    let ranges = members.as_bytes().windows(3);
    let crosses = |range: &[u8]| range[1] == b'-' && (range[0]..=range[2]).contains(&b'/');
    if members.contains('/') || ranges.into_iter().any(crosses) {
        return Err(bad(
            "brackets stand for one character of a name, and `/` is in none",
            "write the folders apart: `a/b`",
        ));
    }
    Ok(())
}

fn has_folder_in_braces(path: &str) -> bool {
    let mut depth = 0_usize;
    path.chars().any(|char| {
        match char {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        char == '/' && depth > 0
    })
}

/// Whether a pattern begins like `C:`.
fn has_drive(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    chars.next().is_some_and(|char| char.is_ascii_alphabetic()) && chars.next() == Some(':')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        compile_glob(pattern)
            .unwrap()
            .compile_matcher()
            .is_match(path)
    }

    #[test]
    fn stars_keep_to_their_folders() {
        for (pattern, yes, no) in [
            ("shop/*", "shop/a.html", "shop/a/b.html"),
            ("shop/**", "shop/a/b.html", "shopping/a.html"),
            ("shop/", "shop/a/b.html", "shop"),
            ("/shop/", "shop/index.html", "a/shop/index.html"),
            ("./shop/*.html", "shop/a.html", "shop/a.htm"),
            ("**/a.html", "a.html", "b.html"),
            ("**/a.html", "x/y/a.html", "x/y/ba.html"),
            ("shop/**/*.html", "shop/a.html", "a.html"),
            ("shop/**/*.html", "shop/x/y/a.html", "shop/x/y/a.htm"),
            ("shop", "shop", "shop/index.html"),
            ("Shop/**", "Shop/a.html", "shop/a.html"),
            ("{de,fr}/**", "fr/a.html", "es/a.html"),
            (
                "shop-{uk,de{,-at}}/*.html",
                "shop-de-at/a.html",
                "shop-at/a.html",
            ),
            ("page-[0-9].html", "page-7.html", "page-x.html"),
            ("a?.html", "ab.html", "a/.html"),
            ("a[*].html", "a*.html", "ab.html"),
            ("a[!b]c", "a-c", "a/c"),
            ("a[!]b]c", "a-c", "a]c"),
            ("*.html", "index.html", "a/index.html"),
            ("**", "a/b/c.html", ""),
            ("/", "a/b.html", ""),
            ("сторінка/**", "сторінка/a.html", "storinka/a.html"),
        ] {
            assert!(matches(pattern, yes), "{pattern} {yes}");
            assert!(no.is_empty() || !matches(pattern, no), "{pattern} {no}");
        }
    }

    #[test]
    fn brackets_may_have_been_meant_as_letters() {
        for (pattern, readings, path) in [
            (
                "blog/[slug].html",
                &["blog/[[]slug].html"][..],
                "blog/[slug].html",
            ),
            ("[[...all]]/", &["[[][[]...all]]/"], "[[...all]]/a.html"),
            (
                "[a-z]/[id].html",
                &[
                    "[[]a-z]/[[]id].html",
                    "[[]a-z]/[id].html",
                    "[a-z]/[[]id].html",
                ],
                "x/[id].html",
            ),
            ("blog/[[]slug].html", &[], ""),
            ("a[*].html", &[], ""),
            ("shop/**", &[], ""),
        ] {
            assert_eq!(literal_readings(pattern), readings, "{pattern}");
            assert!(path.is_empty() || readings.iter().any(|reading| matches(reading, path)));
            assert!(path.is_empty() || !matches(pattern, path), "{pattern}");
        }
    }

    #[test]
    fn names_that_are_not_utf_8_match() {
        let glob = compile_glob("shop/*").unwrap();
        let set = globset::GlobSet::new([glob]).unwrap();
        let path: &[u8] = b"shop/\xff\xfe.html";
        assert!(set.is_match_candidate(&globset::Candidate::from_bytes(path)));
    }

    #[test]
    fn refused_patterns_say_what_to_write() {
        for (pattern, help) in [
            ("!shop/**", "exclude pages with `not = \"shop/**\"`"),
            ("", "write `**` for every page"),
            (
                "C:\\site\\shop",
                "write it relative to the site, such as `shop/**`",
            ),
            (
                "c:/site/shop",
                "write it relative to the site, such as `shop/**`",
            ),
            (
                "shop\\*.html",
                "write it relative to the site, such as `shop/**`",
            ),
            (
                "shop/**.html",
                "write `shop/**/*.html`, or `*` for a part of one name",
            ),
            (
                "shop**",
                "write `shop/**/*.html`, or `*` for a part of one name",
            ),
            (
                "../shop/**",
                "write the path from the root of the site, or of the folder that carries the rule",
            ),
            (
                "shop//a",
                "write the path from the root of the site, or of the folder that carries the rule",
            ),
            (
                "a[b",
                "a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`",
            ),
            ("a[b/]", "write the folders apart: `a/b`"),
            ("a[+-9]", "write the folders apart: `a/b`"),
            ("[а-я]*", "write alternatives in braces: `{а,б}`"),
            (
                "{a/**,b.html}",
                "write several patterns, as in `match = [\"a/b\", \"c\"]`",
            ),
            (
                "{a,b",
                "a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`",
            ),
        ] {
            assert_eq!(compile_glob(pattern).unwrap_err().help, help, "{pattern}");
        }
    }
}
