//! Stars in place of secrets in a configuration's text, so that excerpts of it can be shown.
//!
//! This works on text that need not be valid TOML, since a syntax error shows its line too; so it reads loosely and
//! rather masks too much. The result has as many bytes as the text, and the same line breaks: positions stay true.

use std::ops::Range;

use crate::token;

/// What hides a character of one, two, three or four bytes: another with as many, so that columns stay true, too.
const STARS: [&str; 4] = ["*", "·", "•", "🞲"];

/// The text with everything that looks like a secret replaced with `*`: JWTs anywhere, logins in URLs, and values of
/// keys that are named like a secret.
pub(super) fn mask(text: &str) -> String {
    let mut masker = Masker {
        text,
        bytes: text.as_bytes().to_vec(),
        header: Scope::default(),
        entry: Entry::default(),
        stack: Vec::new(),
        last_word: String::new(),
    };
    masker.run();
    for span in jwt_spans(text, false).into_iter().chain(login_spans(text)) {
        masker.star(span);
    }
    // Only whole characters were replaced, by others; were that ever wrong, nothing readable would be shown.
    String::from_utf8(masker.bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

/// Whether a string has a JWT in it: three base64url parts (RFC 7519), of which the first is a JSON object.
pub(super) fn has_jwt(text: &str) -> bool {
    !jwt_spans(text, true).is_empty()
}

/// Whether a string has a JWT in it, or the beginning of one that dots have cut to pieces.
pub(super) fn has_jwt_part(text: &str) -> bool {
    !jwt_spans(text, false).is_empty()
}

/// Where JWTs stand in a text, and what looks like one at the beginning of a word; without `complete`, also where one only
/// begins.
fn jwt_spans(text: &str, complete: bool) -> Vec<Range<usize>> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    let mut spans: Vec<_> = token::find(text.as_bytes()).collect();
    for (start, _) in text.match_indices("eyJ") {
        if text[..start].ends_with(is_part) {
            continue;
        }
        let run = text[start..]
            .find(|char: char| !is_part(char) && char != '.')
            .unwrap_or(text.len() - start);
        let parts: Vec<&str> = text[start..start + run].split('.').collect();
        let whole = parts.len() >= 3 && parts[..2].iter().all(|part| !part.is_empty());
        if whole || (!complete && run > 8) {
            spans.push(start..start + run);
        }
    }
    spans
}

/// Where the logins of URLs stand: between `://` and `@`.
fn login_spans(text: &str) -> Vec<Range<usize>> {
    text.match_indices("://")
        .filter_map(|(scheme, _)| {
            let start = scheme + 3;
            let end = text[start..]
                .find(|char: char| char.is_whitespace() || "/?#\"'".contains(char))
                .map_or(text.len(), |length| start + length);
            text[start..end].rfind('@').map(|at| start..start + at)
        })
        .collect()
}

/// Whether a key is named like something secret; loosely, so that a slip of the hand is still one.
fn sounds_secret(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "token",
        "pass",
        "pwd",
        "secret",
        "login",
        "key",
        "credential",
        "auth",
        "jwt",
        "bearer",
    ];
    const OFTEN_MISTYPED: &[&str] = &["token", "password", "secret", "login"];
    let key = key.to_lowercase();
    WORDS.iter().any(|word| key.contains(word))
        || OFTEN_MISTYPED
            .iter()
            .any(|word| strsim::damerau_levenshtein(&key, word) <= 1)
}

/// What is known of the keys above a value.
#[derive(Debug, Clone, Copy, Default)]
struct Scope {
    /// One of them sounds secret.
    secret: bool,
    /// One of them is `severity`, where keys are rule ids such as `secret-in-site`.
    severities: bool,
}

/// The `key = value` that is being read.
#[derive(Debug, Clone, Default)]
struct Entry {
    scope: Scope,
    /// The last part of the key.
    key: String,
    in_value: bool,
}

/// An open bracket, and the entry that it belongs to.
struct Open {
    table: bool,
    entry: Entry,
}

struct Masker<'a> {
    text: &'a str,
    bytes: Vec<u8>,
    header: Scope,
    entry: Entry,
    stack: Vec<Open>,
    /// The last word in the place of a value.
    last_word: String,
}

impl Masker<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.text.as_bytes().get(at).copied() {
            at = match byte {
                b'#' => self.comment(at),
                b'"' | b'\'' => self.string(at),
                b'[' if !self.entry.in_value && self.stack.is_empty() => self.header(at),
                b'[' | b'{' => self.open(at, byte == b'{'),
                b']' | b'}' => self.close(at),
                _ => {
                    match byte {
                        b'\n' if self.stack.is_empty() => self.next_entry(),
                        b',' if self.stack.last().is_some_and(|open| open.table) => {
                            self.next_entry();
                        }
                        b'=' => self.equals(),
                        _ if is_word(byte) => {
                            let end = self.word_end(at);
                            self.word(at..end);
                            at = end;
                            continue;
                        }
                        _ => {}
                    }
                    at + 1
                }
            };
        }
    }

    fn scope(&self) -> Scope {
        let above = self
            .stack
            .last()
            .map_or(self.header, |open| open.entry.scope);
        Scope {
            secret: above.secret || self.entry.scope.secret,
            severities: above.severities || self.entry.scope.severities,
        }
    }

    fn next_entry(&mut self) {
        self.entry = Entry::default();
    }

    fn word_end(&self, at: usize) -> usize {
        let rest = &self.text.as_bytes()[at..];
        let length = rest.iter().position(|byte| !is_word(*byte));
        at + length.unwrap_or(rest.len())
    }

    fn key_part(&mut self, part: &str) {
        self.entry.scope.secret |= sounds_secret(part);
        self.entry.scope.severities |= part == "severity";
        part.clone_into(&mut self.entry.key);
    }

    fn equals(&mut self) {
        if self.entry.in_value {
            // Not in valid TOML: a bracket above was not closed, and the last word is a key after all.
            let key = std::mem::take(&mut self.last_word);
            self.key_part(&key);
        }
        self.entry.in_value = true;
    }

    /// A run of bytes that are neither punctuation nor white space.
    fn word(&mut self, span: Range<usize>) {
        let word = &self.text[span.clone()];
        // After a key that sounds secret this is a value whose `=` is missing.
        if self.entry.in_value || self.scope().secret && !self.entry.key.is_empty() {
            self.value(span, word);
            word.clone_into(&mut self.last_word);
            return;
        }
        for part in word.split('.').filter(|part| !part.is_empty()) {
            self.key_part(part);
        }
    }

    fn string(&mut self, at: usize) -> usize {
        let (content, end) = string_at(self.text, at);
        let text = &self.text[content.clone()];
        let is_key = !self.entry.in_value && !self.entry.scope.secret;
        if is_key {
            self.key_part(text);
        } else {
            self.value(content, text);
        }
        end
    }

    /// A value, masked unless its key is harmless.
    fn value(&mut self, span: Range<usize>, value: &str) {
        let scope = self.scope();
        let is_variable = value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let shown = match self.entry.key.as_str() {
            // Where a token comes from is not a secret; but `env = "the token itself"` is a mistake that people make.
            "env" => is_variable,
            "file" | "command" => true,
            _ => scope.severities || !scope.secret,
        };
        if !shown {
            self.star(span);
        }
    }

    fn comment(&mut self, at: usize) -> usize {
        let end = line_end(self.text, at);
        let comment = &self.text[at..end];
        let separator = comment.find(['=', ':']);
        if let Some(separator) = separator
            && comment[..separator].split_whitespace().any(sounds_secret)
        {
            self.star(at + separator + 1..end);
        }
        end
    }

    /// `[a.b.c]` or `[[a]]`.
    fn header(&mut self, at: usize) -> usize {
        let end = line_end(self.text, at);
        let line = &self.text[at..end];
        let close = line.rfind(']').map_or(line.len(), |close| close);
        let parts: Vec<&str> = line[..close]
            .split('.')
            .map(|part| part.trim_matches(|char: char| " \t[]\"'".contains(char)))
            .collect();
        // An organization may be called `login`.
        let is_organization = parts.len() == 2 && parts[0] == "organizations";
        self.header = Scope {
            secret: !is_organization && parts.last().is_some_and(|part| sounds_secret(part)),
            severities: parts.contains(&"severity"),
        };
        self.next_entry();
        at + close.max(1)
    }

    fn open(&mut self, at: usize, table: bool) -> usize {
        let entry = Entry {
            scope: self.scope(),
            ..self.entry.clone()
        };
        if table {
            self.next_entry();
        }
        self.stack.push(Open { table, entry });
        at + 1
    }

    fn close(&mut self, at: usize) -> usize {
        if let Some(open) = self.stack.pop() {
            self.entry = open.entry;
        }
        at + 1
    }

    /// Overwrites a range, all but its line breaks.
    fn star(&mut self, span: Range<usize>) {
        for (at, char) in self.text[span.clone()].char_indices() {
            if char != '\n' && char != '\r' {
                let at = span.start + at;
                let star = STARS[char.len_utf8() - 1].as_bytes();
                self.bytes[at..at + star.len()].copy_from_slice(star);
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b"=,{}[]#\"'".contains(&byte)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |length| at + length)
}

/// The content of the string that begins at `at`, and where the text goes on after it. An unclosed string ends with
/// its line, or with the text if it is a multi-line one.
fn string_at(text: &str, at: usize) -> (Range<usize>, usize) {
    let quote = &text[at..=at];
    let triple = quote.repeat(3);
    let multi_line = text[at..].starts_with(&triple);
    let delimiter = if multi_line { triple.as_str() } else { quote };
    let start = at + delimiter.len();
    let limit = if multi_line {
        text.len()
    } else {
        line_end(text, at)
    };
    let mut from = start;
    while let Some(found) = text[from..limit].find(delimiter) {
        let end = from + found;
        let backslashes = text[start..end]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        if quote == "\"" && backslashes % 2 == 1 {
            from = end + 1;
            continue;
        }
        return (start..end, end + delimiter.len());
    }
    (start..limit, limit)
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
