//! The text of a Caddyfile: words, lines and blocks (<https://caddyserver.com/docs/caddyfile/concepts>).

use std::ops::Range;

/// Blocks may be nested this deep.
const DEEPEST: usize = 32;

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without quotes and escapes.
    pub(super) text: String,
    /// With them.
    pub(super) span: Range<usize>,
    quoted: bool,
    line: usize,
}

/// A line, with the block that it opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub(super) words: Vec<Word>,
    pub(super) block: Option<Vec<Line>>,
}

impl Line {
    /// A word of it, empty if it is not there.
    pub(super) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| &word.text)
    }

    pub(super) fn span(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.span.start);
        start..self.words.last().map_or(start, |word| word.span.end)
    }
}

/// Why a text cannot be read, and where.
pub(super) type Fault = (Range<usize>, String);

/// The lines of a text.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, Fault> {
    let words = words(text)?;
    let mut at = 0;
    let lines = block(&words, &mut at, 0)?;
    match words.get(at) {
        None => Ok(lines),
        Some(word) => Err((word.span.clone(), "a `}` closes nothing".to_owned())),
    }
}

fn block(words: &[Word], at: &mut usize, depth: usize) -> Result<Vec<Line>, Fault> {
    let is = |word: &Word, what: &str| !word.quoted && word.text == what;
    let mut lines = Vec::new();
    while let Some(first) = words.get(*at) {
        if is(first, "}") {
            break;
        }
        let mut line = Line::default();
        while let Some(word) = words
            .get(*at)
            .filter(|word| word.line == first.line && !is(word, "}"))
        {
            *at += 1;
            let ends = words.get(*at).is_none_or(|next| next.line != word.line);
            if !(is(word, "{") && ends) {
                line.words.push(word.clone());
                continue;
            }
            if depth > DEEPEST {
                return Err((word.span.clone(), "blocks are nested too deep".to_owned()));
            }
            line.block = Some(block(words, at, depth + 1)?);
            if !words.get(*at).is_some_and(|word| is(word, "}")) {
                return Err((word.span.clone(), "a `{` is never closed".to_owned()));
            }
            *at += 1;
            break;
        }
        lines.push(line);
    }
    Ok(lines)
}

fn words(text: &str) -> Result<Vec<Word>, Fault> {
    let mut words = Vec::new();
    let mut line = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        match c {
            '\n' => line += 1,
            '\\' if chars
                .peek()
                .is_some_and(|(_, next)| matches!(next, '\n' | '\r')) =>
            {
                // The line goes on after its end.
                chars.next_if(|(_, next)| *next == '\r');
                chars.next_if(|(_, next)| *next == '\n');
            }
            c if c.is_whitespace() || c == '\u{feff}' => {}
            '#' => while chars.next_if(|(_, next)| *next != '\n').is_some() {},
            '"' | '`' => {
                let mut said = String::new();
                let begins = line;
                let end = loop {
                    match chars.next() {
                        None => {
                            return Err((start..text.len(), "a quote is never closed".to_owned()));
                        }
                        Some((at, found)) if found == c => break at + 1,
                        Some((_, '\\'))
                            if c == '"' && chars.peek().is_some_and(|(_, next)| *next == '"') =>
                        {
                            said.push('"');
                            chars.next();
                        }
                        Some((_, found)) => {
                            line += usize::from(found == '\n');
                            said.push(found);
                        }
                    }
                };
                words.push(Word {
                    text: said,
                    span: start..end,
                    quoted: true,
                    line: begins,
                });
                // What goes on in the line in which a quote ends is of the line in which it began.
                if line != begins {
                    line = begins;
                }
            }
            _ => {
                while chars.next_if(|(_, next)| !next.is_whitespace()).is_some() {}
                let end = chars.peek().map_or(text.len(), |(at, _)| *at);
                let said = &text[start..end];
                if said.starts_with("<<") && said.len() > 2 {
                    return Err((start..end, "a heredoc is not read".to_owned()));
                }
                words.push(Word {
                    text: said.to_owned(),
                    span: start..end,
                    quoted: false,
                    line,
                });
            }
        }
    }
    Ok(words)
}
