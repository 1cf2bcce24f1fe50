//! Globs with the extended patterns of minimatch, `@(a|b)` and the like, which Firebase takes.

use std::fmt::Write as _;

/// A glob as a regular expression.
pub(super) fn glob_source(chars: &[char]) -> Result<String, String> {
    let wrong = || {
        format!(
            "`{}` is not a glob that can be read",
            chars.iter().collect::<String>()
        )
    };
    // Up to the bracket that closes this one.
    let closing = |from: usize, open: char, close: char| {
        let mut depth = 0_usize;
        chars[from..].iter().position(|&c| {
            depth = if c == open {
                depth + 1
            } else if c == close {
                depth.saturating_sub(1)
            } else {
                depth
            };
            depth == 0
        })
    };
    let alternatives = |inner: &[char], separator: char| -> Result<String, String> {
        let mut depth = 0_usize;
        let pieces = inner.split(|&c| {
            match c {
                '(' | '{' => depth += 1,
                ')' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == separator && depth == 0
        });
        let pieces: Result<Vec<_>, _> = pieces.map(glob_source).collect();
        Ok(pieces?.join("|"))
    };
    let mut source = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if matches!(c, '@' | '?' | '*' | '+' | '!') && chars.get(at + 1) == Some(&'(') {
            let end = at + 1 + closing(at + 1, '(', ')').ok_or_else(wrong)?;
            let inner = alternatives(&chars[at + 2..end], '|')?;
            let written = match c {
                '!' => {
                    let rest = glob_source(&chars[end + 1..])?;
                    write!(source, "(?!(?:{inner}){rest}$)[^/]*?")
                }
                '@' => write!(source, "(?:{inner})"),
                again => write!(source, "(?:{inner}){again}"),
            };
            written.map_err(|_| wrong())?;
            at = end + 1;
            continue;
        }
        let starts = at == 0 || chars[at - 1] == '/';
        let rest = &chars[at..];
        match c {
            // Any number of folders, none of which is hidden.
            '*' if starts && rest.starts_with(&['*', '*', '/']) => {
                source.push_str("(?:(?!\\.)[^/]+/)*");
                at += 2;
            }
            '*' if starts && rest == ['*', '*'] => {
                source.push_str("(?:(?!\\.)[^/]+/)*(?:(?!\\.)[^/]*)?");
                at += 1;
            }
            '*' if starts => source.push_str("(?!\\.)[^/]+?(?:[^/]*)"),
            '*' => source.push_str("[^/]*"),
            '?' => source.push_str("[^/]"),
            '{' => {
                let end = at + closing(at, '{', '}').ok_or_else(wrong)?;
                write!(source, "(?:{})", alternatives(&chars[at + 1..end], ',')?)
                    .map_err(|_| wrong())?;
                at = end;
            }
            '[' => {
                let end = rest.iter().position(|&c| c == ']').ok_or_else(wrong)?;
                let set: String = rest[1..end].iter().collect();
                let set = set
                    .strip_prefix('!')
                    .map_or(set.clone(), |others| format!("^{others}"));
                write!(source, "[{}]", set.replace('[', "\\[")).map_err(|_| wrong())?;
                at += end;
            }
            '\\' => {
                at += 1;
                let c = chars.get(at).ok_or_else(wrong)?;
                source.push_str(&fancy_regex::escape(&c.to_string()));
            }
            c => source.push_str(&fancy_regex::escape(&c.to_string())),
        }
        at += 1;
    }
    Ok(source)
}
