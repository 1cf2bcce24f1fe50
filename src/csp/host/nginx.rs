//! nginx: `add_header`, which a block inherits only if it has none of its own (`ngx_http_headers_module`).
//!
//! The crate `nginx-lint-parser` parses. What a variable, a condition, an include or another module decides is not guessed at.

use nginx_lint_parser::ast::{Config, ConfigItem, Directive, Span};
use nginx_lint_parser::parse_string_with_errors;

use std::ops::Range;

use super::model::{Kind, Nothing, Reading, Serves};
use super::nginx_location::{Level, Location, Servers};
use super::pattern::Pattern;

/// Included files that have nothing to do with headers of pages: types, and parameters for applications.
const HARMLESS: [&str; 3] = ["mime.types", "_params", "_params.conf"];
/// Directives of other modules that set or take away headers.
const OTHERS: [&str; 6] = [
    "more_set_headers",
    "more_clear_headers",
    "add_trailer",
    "header_filter_by_lua",
    "header_filter_by_lua_block",
    "header_filter_by_lua_file",
];
/// Blocks may be nested this deep; nginx itself allows fewer.
const DEEPEST: usize = 32;

pub(super) fn read(text: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let mark = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    // The parser knows no carriage returns. Places stay the same.
    let (config, errors) = parse_string_with_errors(&text[mark..].replace('\r', " "));
    if let Some(error) = errors.first() {
        let at = (error.offset + mark).min(text.len());
        reading.unread(
            0,
            at..at,
            format!("it is not a configuration of nginx: {}", error.message),
        );
        return Box::new(Nothing);
    }
    let mut reader = Reader { mark, reading };
    Box::new(Servers(reader.servers(&config)))
}

/// What a block has from those around it.
#[derive(Clone, Default)]
struct Inherited {
    headers: Vec<usize>,
    tries: Vec<String>,
}

struct Reader<'r> {
    mark: usize,
    reading: &'r mut Reading,
}

impl Reader<'_> {
    fn span(&self, span: Span) -> Range<usize> {
        span.start.offset + self.mark..span.end.offset + self.mark
    }

    /// The servers; a file with none is a piece of one.
    fn servers(&mut self, config: &Config) -> Vec<Level> {
        let http = config.directives().find(|directive| directive.is("http"));
        let around = http
            .and_then(|http| http.block.as_ref())
            .map_or(&config.items, |block| &block.items);
        let is_server = |directive: &&Directive| directive.is("server");
        if !directives(around).any(|directive| is_server(&directive)) {
            return vec![self.level(around, &Inherited::default(), 0)];
        }
        let inherited = self.inherited(around, &Inherited::default());
        let servers: Vec<_> = directives(around).filter(is_server).collect();
        let blocks = servers
            .into_iter()
            .filter_map(|server| server.block.as_ref());
        let levels = blocks.map(|block| self.level(&block.items, &inherited, 1));
        levels.filter(|level| !level.returns).collect()
    }

    /// What is inherited from a block.
    fn inherited(&mut self, items: &[ConfigItem], outer: &Inherited) -> Inherited {
        let mut own = Vec::new();
        let mut has_own = false;
        let mut manner = "on";
        let mut tries = None;
        for directive in directives(items) {
            let first = directive.first_arg().unwrap_or_default();
            match directive.name.as_str() {
                "add_header" => {
                    has_own = true;
                    own.extend(self.added(directive));
                }
                "add_header_inherit" => {
                    manner = if first == "merge" {
                        "merge"
                    } else if first == "off" {
                        "off"
                    } else {
                        "on"
                    }
                }
                "try_files" => tries = Some(plain_words(directive)),
                "include" if !HARMLESS.iter().any(|end| first.ends_with(end)) => {
                    let why = format!(
                        "what it includes from `{first}` is not read; name that file in csp.files, too"
                    );
                    self.reading.unread(0, self.span(directive.span), why);
                }
                name if OTHERS.contains(&name) && mentions_policy(directive) => {
                    let why = format!("what `{name}` does with headers is not read");
                    self.reading.unread(0, self.span(directive.span), why);
                }
                _ => {}
            }
        }
        let mut headers = if has_own && manner == "on" || manner == "off" {
            Vec::new()
        } else {
            outer.headers.clone()
        };
        headers.extend(own);
        Inherited {
            headers,
            tries: tries.unwrap_or_else(|| outer.tries.clone()),
        }
    }

    /// The header that an `add_header` adds, if it is about policies.
    fn added(&mut self, directive: &Directive) -> Option<usize> {
        let words = words(directive);
        let kind = Kind::of(&plain(&words.first()?.0))?;
        let (raw, span) = words.get(1)?;
        let said = plain(raw);
        if said.is_empty() {
            return None;
        }
        let span = span.start + self.mark..span.end + self.mark;
        if said.contains('$') {
            let why = format!(
                "the value of `{}` has a variable, so only the server knows it",
                kind.name()
            );
            self.reading.unread(0, span, why);
            return None;
        }
        let said = said.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        Some(self.reading.header(kind, &said, 0, span))
    }

    fn level(&mut self, items: &[ConfigItem], outer: &Inherited, depth: usize) -> Level {
        let inherited = self.inherited(items, outer);
        let mut level = Level {
            headers: inherited.headers.clone(),
            tries: inherited.tries.clone(),
            ..Level::default()
        };
        for directive in directives(items) {
            let Some(block) = &directive.block else {
                level.returns |= directive.is("return");
                continue;
            };
            match directive.name.as_str() {
                _ if depth > DEEPEST => {
                    self.reading.unread(
                        0,
                        self.span(directive.name_span),
                        "blocks are nested too deep",
                    );
                }
                "location" => {
                    let inner = self.level(&block.items, &inherited, depth + 1);
                    self.location(directive, inner, &mut level);
                }
                // Conditions and the like.
                _ if mentions_policy(directive) => {
                    let why = format!(
                        "what is in `{}` depends on more than the address",
                        directive.name
                    );
                    self.reading.unread(0, self.span(directive.name_span), why);
                }
                _ => {}
            }
        }
        level
    }

    fn location(&mut self, directive: &Directive, inner: Level, level: &mut Level) {
        let words = plain_words(directive);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let location = match words[..] {
            [name] if name.starts_with('@') => return,
            ["=", path] => Location::Exact(path.to_owned()),
            ["^~", path] => Location::Prefix(path.to_owned(), true),
            [operator @ ("~" | "~*"), regex] => match Pattern::regex(regex, operator == "~*") {
                Ok(pattern) => Location::Regex(pattern),
                Err(why) => return self.reading.unread(0, self.span(directive.span), why),
            },
            // An operator may stand beside its path.
            [one] if one.starts_with("~*") || one.starts_with('~') => {
                let regex = one.trim_start_matches('~').trim_start_matches('*');
                match Pattern::regex(regex, one.starts_with("~*")) {
                    Ok(pattern) => Location::Regex(pattern),
                    Err(why) => return self.reading.unread(0, self.span(directive.span), why),
                }
            }
            [one] if one.starts_with('=') => Location::Exact(one[1..].to_owned()),
            [path] => Location::Prefix(path.to_owned(), false),
            _ => {
                let span = self.span(directive.name_span);
                return self.reading.unread(
                    0,
                    span,
                    "a `location` is not written as nginx takes it",
                );
            }
        };
        level.locations.push((location, inner));
    }
}

fn directives(items: &[ConfigItem]) -> impl Iterator<Item = &Directive> {
    items.iter().filter_map(|item| match item {
        ConfigItem::Directive(directive) => Some(&**directive),
        _ => None,
    })
}

/// Whether it is, or holds, something that names a policy.
fn mentions_policy(directive: &Directive) -> bool {
    let says = |(raw, _): &(String, Range<usize>)| {
        let said = raw.to_ascii_lowercase();
        let mut names = Kind::ALL
            .iter()
            .map(|kind| kind.name().to_ascii_lowercase());
        names.any(|name| said.contains(&name))
    };
    words(directive).iter().any(says)
        || directive.block.as_ref().is_some_and(|block| {
            block
                .raw_content
                .as_ref()
                .is_some_and(|raw| raw.contains("Policy"))
                || directives(&block.items).any(mentions_policy)
        })
}

/// The words after a directive's name, as they are written. The parser takes a variable within one for a word of its own.
fn words(directive: &Directive) -> Vec<(String, Range<usize>)> {
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    for argument in &directive.args {
        let span = argument.span.start.offset..argument.span.end.offset;
        match words
            .last_mut()
            .filter(|(_, before)| before.end == span.start)
        {
            Some((raw, before)) => {
                raw.push_str(&argument.raw);
                before.end = span.end;
            }
            None => words.push((argument.raw.clone(), span)),
        }
    }
    words
}

/// They as nginx takes them.
fn plain_words(directive: &Directive) -> Vec<String> {
    let words = words(directive);
    words.iter().map(|(raw, _)| plain(raw)).collect()
}

/// A word without its quotes and escapes.
fn plain(raw: &str) -> String {
    let quoted = ['"', '\'']
        .iter()
        .find_map(|quote| raw.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut plain = String::new();
    let mut chars = quoted.unwrap_or(raw).chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.peek().copied().filter(|_| c == '\\');
        match escaped {
            Some(c @ ('"' | '\'' | '\\')) => plain.push(c),
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            _ => {
                plain.push(c);
                continue;
            }
        }
        chars.next();
    }
    plain
}
