//! The glob syntax of rules: what a pattern means, and which ones are refused.
//!
//! A pattern becomes a regular expression over the bytes of page paths, in which `?` and `[…]` are characters: file names
//! need not be UTF-8, and names in Cyrillic must not be taken apart.

use std::fmt::Write as _;

use regex::bytes::{RegexSet, RegexSetBuilder};

use super::check::Fault;

/// What braces may stand for at most, so that a line of them does not fill the memory.
const MOST_ALTERNATIVES: usize = 1_000;

/// Globs of a rule, compiled together.
///
/// `*` and `?` stay inside one folder, `**` crosses folders, `[…]` and `{a,b}` are as usual, case matters. A leading
/// `/` or `./` is the root of the site (or of the folder that carries the rule), where patterns begin anyway; a final
/// `/` means everything below the folder.
#[derive(Debug)]
pub struct GlobSet(RegexSet);

impl GlobSet {
    /// Compiles patterns.
    ///
    /// # Errors
    ///
    /// A sentence each for what is wrong with the first bad pattern and what to write instead; see [`BadGlob`].
    pub fn new(patterns: &[impl AsRef<str>]) -> Result<Self, BadGlob> {
        let expressions = patterns
            .iter()
            .map(|pattern| expression(pattern.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        // The same for `.`, `^` and `$` as for globs: no byte is special.
        let set = RegexSetBuilder::new(expressions)
            .unicode(false)
            .dot_matches_new_line(true)
            .build();
        set.map(Self).map_err(|_| {
            bad(
                "this is too large",
                "use simpler patterns, or fewer in one rule",
            )
        })
    }

    /// Whether one of the patterns matches a page path.
    #[must_use]
    pub fn is_match(&self, path: &[u8]) -> bool {
        self.0.is_match(path)
    }

    /// The place in the list of the first pattern that matches a page path.
    #[must_use]
    pub fn first_match(&self, path: &[u8]) -> Option<usize> {
        self.0.matches(path).iter().next()
    }
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

impl From<BadGlob> for Fault {
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

/// What stands at one place of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `*`
    Star,
    /// `?`
    One,
    /// `[…]`: what is in the brackets as a regular expression has it.
    Class(String),
    /// `{`, `,` between braces, and `}`.
    Open,
    Comma,
    Close,
    /// Any other character.
    Char(char),
}

/// The regular expression of a pattern.
fn expression(pattern: &str) -> Result<String, BadGlob> {
    if pattern.trim().is_empty() {
        return Err(bad("this is empty", "write `**` for every page"));
    }
    if let Some(rest) = pattern.strip_prefix('!') {
        return Err(bad(
            "`!` negates nothing here",
            &format!("exclude pages with `not = \"{rest}\"`"),
        ));
    }
    if pattern.contains('\\') || has_drive(pattern) {
        return Err(bad(
            "page paths have `/` between folders and begin in the site, on every platform",
            "write it relative to the site, such as `shop/**`",
        ));
    }
    let plain = expand(&tokens(pattern)?)?;
    let plain = plain
        .iter()
        .map(|tokens| path(tokens))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(format!("^(?:{})$", plain.join("|")))
}

fn tokens(pattern: &str) -> Result<Vec<Token>, BadGlob> {
    const IN_BRACKETS: &str = "a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`";
    let (mut tokens, mut depth) = (Vec::new(), 0_usize);
    let mut rest = pattern.chars();
    while let Some(char) = rest.next() {
        tokens.push(match char {
            '*' => Token::Star,
            '?' => Token::One,
            '[' => {
                let (inside, behind) = split_class(rest.as_str())
                    .ok_or_else(|| bad("unclosed character class; missing ']'", IN_BRACKETS))?;
                rest = behind.chars();
                Token::Class(class(inside)?)
            }
            '{' => {
                depth += 1;
                Token::Open
            }
            ',' if depth > 0 => Token::Comma,
            '}' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| bad("unopened alternatives; missing '{'", IN_BRACKETS))?;
                Token::Close
            }
            char => Token::Char(char),
        });
    }
    if depth > 0 {
        return Err(bad("unclosed alternatives; missing '}'", IN_BRACKETS));
    }
    Ok(tokens)
}

/// What is in brackets, and what comes behind them. As in shells, a `]` in the first place is itself.
fn split_class(text: &str) -> Option<(&str, &str)> {
    let body = text.strip_prefix(['!', '^']).unwrap_or(text);
    let first = body.chars().next()?.len_utf8();
    let end = text.len() - body.len() + first + body[first..].find(']')?;
    Some((&text[..end], &text[end + 1..]))
}

fn class(inside: &str) -> Result<String, BadGlob> {
    if inside.contains('/') {
        return Err(bad(
            "brackets stand for one character of a name, and `/` is in none",
            "write the folders apart: `a/b`",
        ));
    }
    let members = inside.strip_prefix(['!', '^']);
    let negated = if members.is_some() { "^" } else { "" };
    let mut members = members.unwrap_or(inside).chars().peekable();
    let mut set = String::new();
    while let Some(first) = members.next() {
        let mut ahead = members.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) => {
                members = ahead.clone();
                last
            }
            _ => first,
        };
        if last < first {
            return Err(bad(
                &format!("`{first}-{last}` is no range: it ends before it begins"),
                &format!("write `{last}-{first}`"),
            ));
        }
        let (first, last) = (u32::from(first), u32::from(last));
        let _ = write!(set, r"\x{{{first:x}}}-\x{{{last:x}}}");
    }
    Ok(format!("(?u:[[{negated}{set}]&&[^/]])"))
}

/// An open brace: what came before it, and what its alternatives have come to.
struct Brace {
    before: Vec<Vec<Token>>,
    done: Vec<Vec<Token>>,
}

/// The patterns that braces stand for.
fn expand(tokens: &[Token]) -> Result<Vec<Vec<Token>>, BadGlob> {
    let mut open: Vec<Brace> = Vec::new();
    let mut plain = vec![Vec::new()];
    for token in tokens {
        match (token, open.last_mut()) {
            (Token::Open, _) => {
                open.push(Brace {
                    before: std::mem::replace(&mut plain, vec![Vec::new()]),
                    done: Vec::new(),
                });
            }
            (Token::Comma, Some(brace)) => {
                brace.done.append(&mut plain);
                plain.push(Vec::new());
            }
            (Token::Close, Some(_)) => {
                let Some(Brace { before, mut done }) = open.pop() else {
                    continue;
                };
                done.append(&mut plain);
                if before.len() * done.len() > MOST_ALTERNATIVES {
                    return Err(bad(
                        "its braces stand for too many patterns",
                        "write several patterns",
                    ));
                }
                plain = before
                    .iter()
                    .flat_map(|before| done.iter().map(|done| [&before[..], done].concat()))
                    .collect();
            }
            _ => plain.iter_mut().for_each(|plain| plain.push(token.clone())),
        }
    }
    Ok(plain)
}

/// The regular expression of a pattern without braces.
fn path(tokens: &[Token]) -> Result<String, BadGlob> {
    const SLASH: Token = Token::Char('/');
    const DOT: Token = Token::Char('.');
    let mut rest = tokens;
    while let [SLASH, shorter @ ..] | [DOT, SLASH, shorter @ ..] = rest {
        rest = shorter;
    }
    if rest.is_empty() {
        return Ok(".*".to_owned());
    }
    let mut names: Vec<&[Token]> = rest.split(|token| *token == SLASH).collect();
    if names.last().is_some_and(|name| name.is_empty()) {
        names.pop();
        names.push(&[Token::Star, Token::Star]);
    }
    let last = names.len() - 1;
    let mut expression = String::new();
    for (index, name) in names.into_iter().enumerate() {
        match name {
            [Token::Star, Token::Star] if index == last => expression.push_str(".+"),
            [Token::Star, Token::Star] => expression.push_str("(?:.*/)?"),
            [] | [DOT] | [DOT, DOT] => {
                return Err(bad(
                    "page paths have no empty parts, no `.` and no `..`",
                    "write the path from the root of the site, or of the folder that carries the rule",
                ));
            }
            name => {
                if name.windows(2).any(|two| two == [Token::Star, Token::Star]) {
                    return Err(bad(
                        "`**` crosses folders only where it stands alone between slashes",
                        "write `shop/**/*.html`, or `*` for a part of one name",
                    ));
                }
                for token in name {
                    push(token, &mut expression);
                }
                if index < last {
                    expression.push('/');
                }
            }
        }
    }
    Ok(expression)
}

/// Adds what matches a piece of a name.
fn push(token: &Token, expression: &mut String) {
    match token {
        Token::Star => expression.push_str("[^/]*"),
        Token::One => expression.push_str("(?u:[^/])"),
        Token::Class(class) => expression.push_str(class),
        Token::Char(char) => expression.push_str(&regex::escape(char.encode_utf8(&mut [0; 4]))),
        // All braces have been expanded.
        Token::Open | Token::Comma | Token::Close => {}
    }
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
        GlobSet::new(&[pattern]).unwrap().is_match(path.as_bytes())
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
            ("{a/**,b.html}", "a/x/y.html", "b/x.html"),
            ("page-[0-9].html", "page-7.html", "page-x.html"),
            ("a?.html", "ab.html", "a/.html"),
            ("a[*].html", "a*.html", "ab.html"),
            ("*.html", "index.html", "a/index.html"),
            ("**", "a/b/c.html", ""),
            ("/", "a/b.html", ""),
            ("сторінка/**", "сторінка/a.html", "storinka/a.html"),
            // A character is one, however many bytes it has.
            ("стор?нка/**", "сторінка/a.html", "сторнка/a.html"),
            ("[а-я]*.html", "яблуко.html", "їжак.html"),
            ("[!а].html", "я.html", "а.html"),
            ("a[!b]c", "aїc", "a/c"),
            ("a[]!]c", "a]c", "abc"),
            ("{a,{b,ї}}/{x,y/**}", "ї/y/z", "b/y"),
        ] {
            assert!(matches(pattern, yes), "{pattern} {yes}");
            assert!(no.is_empty() || !matches(pattern, no), "{pattern} {no}");
        }
    }

    #[test]
    fn names_that_are_not_utf_8_match() {
        let set = GlobSet::new(&["shop/*"]).unwrap();
        assert!(set.is_match(b"shop/\xff\xfe.html"));
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
            ("a[b-a]", "write `a-b`"),
            ("a[b/]", "write the folders apart: `a/b`"),
            (
                "x{**/a,b}",
                "write `shop/**/*.html`, or `*` for a part of one name",
            ),
            (
                "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
                "write several patterns",
            ),
            (
                "{a,b",
                "a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`",
            ),
        ] {
            assert_eq!(
                GlobSet::new(&[pattern]).unwrap_err().help,
                help,
                "{pattern}"
            );
        }
    }
}
