//! The patterns of path-to-regexp 6, strict, with `/` between parts, as Vercel takes them: `:name`, `(regex)`, `{…}`, and `?`, `*`, `+`
//! after each.

use std::iter::Peekable;
use std::str::Chars;

/// The regular expression of a pattern, if it is one.
pub(super) fn path_to_regexp(source: &str) -> Option<String> {
    let mut reader = Reader(source.chars().peekable());
    let mut regex = String::new();
    while let Some(&c) = reader.0.peek() {
        let piece = match c {
            '{' => reader.braces()?,
            ':' | '(' => reader.parameter("", "")?,
            '*' | '+' | '?' | '}' | ')' => return None,
            c => {
                let literal = reader.literal()?;
                let begins = matches!(c, '/' | '.') && matches!(reader.0.peek(), Some(':' | '('));
                // What stands before a parameter repeats with it.
                if begins {
                    reader.parameter(&literal, "")?
                } else {
                    literal
                }
            }
        };
        regex.push_str(&piece);
    }
    Some(regex)
}

struct Reader<'s>(Peekable<Chars<'s>>);

impl Reader<'_> {
    /// One character, escaped.
    fn literal(&mut self) -> Option<String> {
        let c = match self.0.next()? {
            '\\' => self.0.next()?,
            c => c,
        };
        Some(fancy_regex::escape(&c.to_string()).into_owned())
    }

    /// Characters up to one of these.
    fn literals(&mut self) -> Option<String> {
        let mut all = String::new();
        while !matches!(self.0.peek(), None | Some('{' | '}' | ':' | '(')) {
            all.push_str(&self.literal()?);
        }
        Some(all)
    }

    /// What stands in braces, and how often.
    fn braces(&mut self) -> Option<String> {
        self.0.next();
        let prefix = self.literals()?;
        let inner = match self.0.peek() {
            Some(':' | '(') => Some(self.inner()?),
            _ => None,
        };
        let suffix = self.literals()?;
        self.0.next_if_eq(&'}')?;
        Some(self.repeated(inner.as_deref(), &prefix, &suffix))
    }

    fn parameter(&mut self, prefix: &str, suffix: &str) -> Option<String> {
        let inner = self.inner()?;
        Some(self.repeated(Some(&inner), prefix, suffix))
    }

    /// What a parameter matches.
    fn inner(&mut self) -> Option<String> {
        if self.0.next_if_eq(&':').is_some() {
            let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            self.0.next_if(is_name)?;
            while self.0.next_if(is_name).is_some() {}
            if self.0.peek() != Some(&'(') {
                return Some("[^/#?]+?".to_owned());
            }
        }
        self.0.next_if_eq(&'(')?;
        let mut pattern = String::new();
        let mut depth = 1_usize;
        loop {
            let c = self.0.next()?;
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(pattern);
            }
            pattern.push(c);
            if c == '\\' {
                pattern.push(self.0.next()?);
            }
        }
    }

    /// It with what stands around it, as often as the sign after it says.
    fn repeated(&mut self, inner: Option<&str>, prefix: &str, suffix: &str) -> String {
        let sign = self.0.next_if(|c| matches!(c, '*' | '+' | '?'));
        match (inner, sign) {
            (Some(inner), Some(sign @ ('*' | '+'))) => {
                let optional = if sign == '*' { "?" } else { "" };
                format!("(?:{prefix}(?:{inner})(?:{suffix}{prefix}(?:{inner}))*{suffix}){optional}")
            }
            (inner, sign) => {
                let sign = sign.map(String::from).unwrap_or_default();
                format!(
                    "(?:{prefix}(?:{}){suffix}){sign}",
                    inner.unwrap_or_default()
                )
            }
        }
    }
}
