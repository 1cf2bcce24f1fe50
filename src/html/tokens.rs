//! The tokens of scripts, as far as it takes to tell code from strings, comments and regular expressions.

use memchr::memmem;

/// Templates within templates that are nested deeper are not looked into.
const DEEPEST: usize = 32;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    /// A name, keyword or number.
    Word(&'t [u8]),
    /// A string or template with its quotes, or a regular expression.
    Text(&'t [u8]),
    /// Punctuation: one sign, but for `=>`, `==` and `===`.
    Sign(&'t [u8]),
}

/// A token.
#[derive(Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    /// Where it begins in the script.
    pub(super) at: usize,
    /// It begins a line.
    pub(super) newline: bool,
}

/// All tokens of a script; none where they cannot be told apart.
pub(super) fn tokens(script: &[u8]) -> Option<Vec<Token<'_>>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut at, mut newline) = (0, true);
    while let Some(&byte) = script.get(at) {
        let rest = &script[at..];
        let end_of_line = || memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let length = match byte {
            b'\n' | b'\r' => {
                newline = true;
                at += 1;
                continue;
            }
            _ if byte.is_ascii_whitespace() || byte == 0x0B => {
                at += 1;
                continue;
            }
            _ if rest.starts_with(b"//")
                || rest.starts_with(b"<!--")
                || (newline && rest.starts_with(b"-->")) =>
            {
                at += end_of_line();
                continue;
            }
            b'/' if rest.starts_with(b"/*") => {
                let length = 2 + memmem::find(&rest[2..], b"*/")? + 2;
                newline |= memchr::memchr2(b'\n', b'\r', &rest[..length]).is_some();
                at += length;
                continue;
            }
            b'"' | b'\'' => string(rest)?,
            b'`' => template(rest, 0)?,
            b'/' if regex_may_follow(tokens.last()) => regex(rest)?,
            _ if is_word(byte) => rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len()),
            b'=' if rest.starts_with(b"===") => 3,
            b'=' if rest.starts_with(b"==") || rest.starts_with(b"=>") => 2,
            _ => 1,
        };
        let text = &rest[..length];
        let kind = match byte {
            b'"' | b'\'' | b'`' => Kind::Text(text),
            b'/' if length > 1 => Kind::Text(text),
            _ if is_word(byte) => Kind::Word(text),
            _ => Kind::Sign(text),
        };
        tokens.push(Token { kind, at, newline });
        newline = false;
        at += length;
    }
    Some(tokens)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\' | b'@' | b'#' | 0x80..)
}

fn string(rest: &[u8]) -> Option<usize> {
    let quote = rest[0];
    let mut at = 1;
    loop {
        match *rest.get(at)? {
            b'\\' => at += 2,
            b'\n' | b'\r' => return None,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// A template, with the code in it.
fn template(rest: &[u8], depth: usize) -> Option<usize> {
    (depth < DEEPEST).then_some(())?;
    let mut at = 1;
    loop {
        match *rest.get(at)? {
            b'\\' => at += 2,
            b'`' => return Some(at + 1),
            b'$' if rest.get(at + 1) == Some(&b'{') => at = code(rest, at + 2, depth)?,
            _ => at += 1,
        }
    }
}

/// The end of code in a template at this depth, after its brace.
pub(super) fn code(rest: &[u8], mut at: usize, depth: usize) -> Option<usize> {
    let mut open = 1_usize;
    while open > 0 {
        at += match *rest.get(at)? {
            b'"' | b'\'' => string(&rest[at..])?,
            b'`' => template(&rest[at..], depth + 1)?,
            b'{' => {
                open += 1;
                1
            }
            b'}' => {
                open -= 1;
                1
            }
            // Whether that is a division, a comment or a regular expression is not worth knowing.
            b'/' => return None,
            _ => 1,
        };
    }
    Some(at)
}

fn regex(rest: &[u8]) -> Option<usize> {
    let (mut at, mut class) = (1, false);
    loop {
        match *rest.get(at)? {
            b'\\' => at += 1,
            b'\n' | b'\r' => return None,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => break,
            _ => {}
        }
        at += 1;
    }
    let flags = rest[at + 1..]
        .iter()
        .take_while(|b| b.is_ascii_alphabetic());
    Some(at + 1 + flags.count())
}

/// What a string or template says, its escapes resolved; none of a regular expression. `gap` stands for what code puts there.
pub(super) fn text(token: &[u8], gap: char) -> Option<String> {
    let [quote @ (b'"' | b'\'' | b'`'), inner @ .., _] = token else {
        return None;
    };
    let mut text = Vec::new();
    let push = |text: &mut Vec<u8>, c: char| {
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    };
    let mut at = 0;
    while let Some(&byte) = inner.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let (c, length) = escape(&inner[at..]);
                if let Some(c) = c {
                    push(&mut text, c);
                }
                at += length;
            }
            b'$' if *quote == b'`' && inner.get(at) == Some(&b'{') => {
                push(&mut text, gap);
                at = code(inner, at + 1, 0)?;
            }
            _ => text.push(byte),
        }
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The character of an escape, after its backslash, and how long it is (ECMAScript, 12.9.4).
fn escape(rest: &[u8]) -> (Option<char>, usize) {
    let hex = |digits: Option<&[u8]>| {
        let digits = std::str::from_utf8(digits?).ok()?;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    };
    match rest {
        // A line that goes on in the next.
        [b'\r', b'\n', ..] => (None, 2),
        [b'\r' | b'\n', ..] => (None, 1),
        [b'n' | b'r' | b't' | b'v' | b'f' | b'b', ..] => (Some(' '), 1),
        [b'x', ..] => (hex(rest.get(1..3)), 3),
        [b'u', b'{', digits @ ..] => match memchr::memchr(b'}', digits) {
            Some(end) => (hex(digits.get(..end)), end + 3),
            None => (None, 2),
        },
        [b'u', ..] => (hex(rest.get(1..5)), 5),
        [byte, ..] if byte.is_ascii() => (Some(char::from(*byte)), 1),
        _ => (None, 0),
    }
}

/// Words after which an expression comes.
pub(super) const OPERATORS: [&[u8]; 15] = [
    b"return",
    b"typeof",
    b"case",
    b"in",
    b"of",
    b"instanceof",
    b"void",
    b"delete",
    b"throw",
    b"new",
    b"else",
    b"do",
    b"await",
    b"yield",
    b"extends",
];

fn regex_may_follow(before: Option<&Token<'_>>) -> bool {
    match before.map(|token| token.kind) {
        None => true,
        Some(Kind::Word(word)) => OPERATORS.contains(&word),
        Some(Kind::Text(_)) => false,
        Some(Kind::Sign(sign)) => !matches!(sign, b")" | b"]" | b"}"),
    }
}
