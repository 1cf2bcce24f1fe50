//! A Caddyfile: `header`, in the order in which Caddy runs directives. Of one name, those with the longest path come first, so that a
//! header without a matcher, which comes last, takes the place of the others'; `handle` has one block run, `route` keeps the order.

use std::collections::BTreeMap;

use super::caddy_text::{Line, lines};
use super::model::{Addresses, Kind, Nothing, Reading, Serves};
use super::pattern::Pattern;

/// Snippets may import others this deep.
const DEEPEST: usize = 16;

pub(super) fn read(text: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let lines = match lines(text) {
        Ok(lines) => lines,
        Err((span, why)) => {
            reading.unread(
                0,
                span,
                format!("it is not a Caddyfile that can be read: {why}"),
            );
            return Box::new(Nothing);
        }
    };
    let snippet = |line: &Line| {
        line.word(0)
            .strip_prefix('(')
            .and_then(|name| name.strip_suffix(')'))
            .map(str::to_owned)
    };
    let named = lines
        .iter()
        .filter_map(|line| Some((snippet(line)?, line.block.clone()?)));
    let mut reader = Reader {
        snippets: named.collect(),
        matchers: BTreeMap::new(),
        reading,
    };
    let sites: Vec<&Line> = lines
        .iter()
        .filter(|line| snippet(line).is_none() && !line.words.is_empty())
        .collect();
    // A file with one site may do without braces.
    let braces = sites
        .iter()
        .any(|line| line.block.is_some() && !is_directive(line.word(0)));
    let mut all = Vec::new();
    if braces {
        for block in sites.iter().filter_map(|line| line.block.as_ref()) {
            all.push(reader.site(block));
        }
    } else {
        let rest: Vec<Line> = sites
            .into_iter()
            .skip_while(|line| !is_directive(line.word(0)))
            .cloned()
            .collect();
        all.push(reader.site(&rest));
    }
    let kinds = reading.headers.iter().map(|header| header.kind).collect();
    Box::new(Sites { all, kinds })
}

/// Whether a line at the top may be a directive, and not a site's address. A piece of a Caddyfile has nothing but directives.
fn is_directive(word: &str) -> bool {
    !word.is_empty()
        && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        && word != "localhost"
        || word.starts_with('@')
}

/// Which addresses something is for. Nothing: it depends on more than the address.
enum Matcher {
    Paths(Vec<Pattern>),
    Not(Box<Matcher>),
    All(Vec<Matcher>),
    Unknown,
}

impl Matcher {
    fn matches(&self, address: &str) -> Option<bool> {
        match self {
            Self::Paths(paths) => Some(paths.iter().any(|path| path.matches(address))),
            Self::Not(other) => other.matches(address).map(|matches| !matches),
            Self::All(all) => {
                let all: Vec<_> = all.iter().map(|one| one.matches(address)).collect();
                if all.contains(&Some(false)) {
                    return Some(false);
                }
                (!all.contains(&None)).then_some(true)
            }
            Self::Unknown => None,
        }
    }
}

/// What is done with a header.
enum Deed {
    Set(usize),
    Add(usize),
    /// If there is none at the end.
    Default(usize),
    Delete(Kind),
}

enum Step {
    Header(Vec<Deed>),
    /// Those of a `handle`, of which only one is run, or of a `route`.
    Inner(Vec<Placed>, bool),
}

/// A step, and when it is taken.
struct Placed {
    matcher: Option<Matcher>,
    /// The place of its directive, how long its path is, and whether it has no matcher.
    order: (u8, std::cmp::Reverse<usize>, bool),
    step: Step,
}

struct Reader<'r> {
    snippets: BTreeMap<String, Vec<Line>>,
    /// The matchers of the site in hand, as they are written.
    matchers: BTreeMap<String, Line>,
    reading: &'r mut Reading,
}

impl Reader<'_> {
    fn site(&mut self, block: &[Line]) -> Vec<Placed> {
        self.matchers.clear();
        let mut lines = Vec::new();
        self.imported(block, 0, &mut lines);
        self.steps(&lines, false)
    }

    /// A block with what it imports.
    fn imported(&mut self, block: &[Line], depth: usize, into: &mut Vec<Line>) {
        for line in block {
            if line.word(0) != "import" {
                let mut line = line.clone();
                if let Some(inner) = &line.block {
                    let mut lines = Vec::new();
                    self.imported(inner, depth, &mut lines);
                    line.block = Some(lines);
                }
                into.push(line);
                continue;
            }
            let snippet = self.snippets.get(line.word(1)).cloned();
            if let Some(snippet) = snippet.filter(|_| line.words.len() == 2 && depth < DEEPEST) {
                self.imported(&snippet, depth + 1, into);
            } else {
                let why = format!(
                    "what it imports from `{}` is not read; name that file in csp.files, too",
                    line.word(1)
                );
                self.reading.unread(0, line.span(), why);
            }
        }
    }

    fn steps(&mut self, lines: &[Line], as_written: bool) -> Vec<Placed> {
        for line in lines.iter().filter(|line| line.word(0).starts_with('@')) {
            self.matchers.insert(line.word(0).to_owned(), line.clone());
        }
        let mut steps = Vec::new();
        for line in lines {
            let place = match line.word(0) {
                "header" => 0,
                "handle" => 1,
                "handle_path" => 2,
                "route" => 3,
                _ => continue,
            };
            let token = line.word(1);
            let given = token.starts_with(['/', '@']) || token == "*";
            let (matcher, length) = if given && token != "*" {
                let (matcher, length) = self.matcher(token, line);
                (Some(matcher), length)
            } else {
                (None, 0)
            };
            let step = match line.word(0) {
                "header" => Step::Header(self.deeds(line, if given { 2 } else { 1 })),
                name => {
                    let block = line.block.as_deref().unwrap_or_default();
                    Step::Inner(self.steps(block, name == "route"), name != "route")
                }
            };
            let order = (place, std::cmp::Reverse(length), matcher.is_none());
            steps.push(Placed {
                matcher,
                order,
                step,
            });
        }
        if !as_written {
            steps.sort_by_key(|placed| placed.order);
        }
        steps
    }

    /// A matcher, and the length of its path if it has one alone.
    fn matcher(&mut self, token: &str, line: &Line) -> (Matcher, usize) {
        if token.starts_with('/') {
            return (self.paths([token], line), token.len());
        }
        let Some(named) = self.matchers.get(token).cloned() else {
            self.reading
                .unread(0, line.span(), format!("there is no matcher `{token}`"));
            return (Matcher::Unknown, 0);
        };
        let one_path = |words: &[&str]| match words {
            ["path", path] => path.len(),
            _ => 0,
        };
        match &named.block {
            None => {
                let words: Vec<&str> = named.words[1..]
                    .iter()
                    .map(|word| word.text.as_str())
                    .collect();
                (self.condition(&words, &named), one_path(&words))
            }
            Some(conditions) => {
                let mut length = 0;
                let all = conditions.iter().map(|condition| {
                    let words: Vec<&str> = condition
                        .words
                        .iter()
                        .map(|word| word.text.as_str())
                        .collect();
                    length = length.max(one_path(&words));
                    self.condition(&words, condition)
                });
                (Matcher::All(all.collect()), length)
            }
        }
    }

    fn condition(&mut self, words: &[&str], line: &Line) -> Matcher {
        match words {
            ["path", paths @ ..] => self.paths(paths.iter().copied(), line),
            ["path_regexp", regex] | ["path_regexp", _, regex] => {
                match Pattern::regex(regex, false) {
                    Ok(pattern) => Matcher::Paths(vec![pattern]),
                    Err(why) => {
                        self.reading.unread(0, line.span(), why);
                        Matcher::Unknown
                    }
                }
            }
            ["not", rest @ ..] if !rest.is_empty() => {
                Matcher::Not(Box::new(self.condition(rest, line)))
            }
            _ => Matcher::Unknown,
        }
    }

    fn paths<'p>(&mut self, paths: impl IntoIterator<Item = &'p str>, line: &Line) -> Matcher {
        let mut found = Vec::new();
        for path in paths {
            match Pattern::caddy(path).map_err(|why| self.reading.unread(0, line.span(), why)) {
                Ok(pattern) => found.push(pattern),
                Err(()) => return Matcher::Unknown,
            }
        }
        Matcher::Paths(found)
    }

    fn deeds(&mut self, line: &Line, skip: usize) -> Vec<Deed> {
        let own = Line {
            words: line.words.iter().skip(skip).cloned().collect(),
            block: None,
        };
        let block = line.block.iter().flatten();
        let all: Vec<&Line> = block.chain([&own]).collect();
        all.into_iter().filter_map(|line| self.deed(line)).collect()
    }

    fn deed(&mut self, line: &Line) -> Option<Deed> {
        let name = line.word(0);
        let manner = name
            .chars()
            .next()
            .filter(|c| matches!(c, '+' | '-' | '?' | '>'));
        let name = name
            .trim_start_matches(['+', '-', '?', '>'])
            .trim_end_matches(':');
        let kind = Kind::of(name)?;
        if manner == Some('-') {
            return Some(Deed::Delete(kind));
        }
        let value = line.words.get(1)?;
        if line.words.len() > 2 {
            self.reading.unread(
                0,
                line.span(),
                format!("what it replaces in `{}` is not read", kind.name()),
            );
            return None;
        }
        if value.text.contains('{') {
            let why = format!(
                "the value of `{}` has a placeholder, so only the server knows it",
                kind.name()
            );
            self.reading.unread(0, value.span.clone(), why);
            return None;
        }
        let said = value
            .text
            .split_ascii_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let header = self.reading.header(kind, &said, 0, value.span.clone());
        Some(match manner {
            Some('+') => Deed::Add(header),
            Some('?') => Deed::Default(header),
            _ => Deed::Set(header),
        })
    }
}

/// The sites of a file.
struct Sites {
    all: Vec<Vec<Placed>>,
    kinds: Vec<Kind>,
}

/// What is sent, as far as the steps have come.
#[derive(Default)]
struct State {
    sent: Vec<usize>,
    defaults: Vec<usize>,
    deleted: Vec<Kind>,
}

impl Sites {
    fn take(&self, steps: &[Placed], address: &str, state: &mut State) {
        let mut handled = false;
        for placed in steps {
            let matches = placed
                .matcher
                .as_ref()
                .map_or(Some(true), |matcher| matcher.matches(address));
            if matches == Some(false) {
                continue;
            }
            match &placed.step {
                Step::Header(deeds) => {
                    for deed in deeds {
                        self.act(deed, matches == Some(true), state);
                    }
                }
                Step::Inner(_, true) if handled => {}
                Step::Inner(inner, alone) => {
                    handled |= *alone && matches == Some(true);
                    self.take(inner, address, state);
                }
            }
        }
    }

    fn act(&self, deed: &Deed, surely: bool, state: &mut State) {
        match *deed {
            Deed::Set(header) => {
                let kind = self.kinds.get(header);
                state
                    .sent
                    .retain(|&other| !surely || self.kinds.get(other) != kind);
                state.sent.push(header);
            }
            Deed::Add(header) => state.sent.push(header),
            Deed::Default(header) => state.defaults.push(header),
            Deed::Delete(kind) if surely => state.deleted.push(kind),
            Deed::Delete(_) => {}
        }
    }
}

impl Serves for Sites {
    fn sent(&self, path: &str) -> Vec<Vec<usize>> {
        let addresses = Addresses {
            slash: true,
            no_slash: false,
            extension: true,
            clean: false,
        };
        let addresses = addresses.of(path);
        let each = self.all.iter().flat_map(|site| {
            addresses.iter().map(move |address| {
                let mut state = State::default();
                self.take(site, address, &mut state);
                let State {
                    mut sent,
                    defaults,
                    deleted,
                } = state;
                // Deletions and defaults come when the answer goes out.
                sent.retain(|&header| {
                    self.kinds
                        .get(header)
                        .is_none_or(|kind| !deleted.contains(kind))
                });
                for header in defaults {
                    let kind = self.kinds.get(header);
                    if !sent.iter().any(|&other| self.kinds.get(other) == kind) {
                        sent.push(header);
                    }
                }
                sent.sort_unstable();
                sent
            })
        });
        each.collect()
    }
}
