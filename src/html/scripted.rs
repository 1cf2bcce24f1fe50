//! Scripts that put a chat into their page by code, where no tag of it can be counted: `document.createElement("script")`,
//! `document.write("<script …>")`, `import("https://…")`.
//!
//! A script is read to its tokens and no further. It has to name the vendor's script, or the loader, and to have a way to start
//! one: together that is a suspicion and no proof. What only looks for such a tag (a selector, a comparison) does not count, nor
//! does text that is merely shown, of which sites with documentation have a lot in their scripts.

use std::collections::HashMap;

use super::facts::{Scripted, Span};
use super::tag;
use super::tokens::{Kind, Token, text, tokens};
use crate::widget::{self, Addresses, LOADER_ATTRIBUTE, Named, Product};

/// Nobody writes larger ones by hand.
const LARGEST: usize = 1 << 20;
/// Stands in a string for what code puts there.
const GAP: char = '\u{fffc}';
/// How far the comma after a namespace is searched for, in tokens.
const NAMESPACE: usize = 8;

/// Functions that only look at what they are given.
const LOOKS: [&[u8]; 12] = [
    b"getElementById",
    b"querySelector",
    b"querySelectorAll",
    b"closest",
    b"matches",
    b"includes",
    b"startsWith",
    b"endsWith",
    b"indexOf",
    b"log",
    b"warn",
    b"URL",
];

/// Functions that run the scripts in the markup that they are given. Those of jQuery do; others of these names make text of it.
const WRITERS: [&[u8]; 3] = [b"write", b"writeln", b"createContextualFragment"];
const JQUERY: [&[u8]; 7] = [
    b"$", b"jQuery", b"append", b"prepend", b"before", b"after", b"html",
];

/// What a script does to put a chat into its page, if it does; spans are in the script.
pub(super) fn find(script: &[u8], addresses: &Addresses) -> Option<Scripted> {
    if script.len() > LARGEST {
        return None;
    }
    let tokens = tokens(script)?;
    Reader::new(&tokens, addresses).found()
}

/// A string, or several that are joined by `+`.
struct Joined {
    text: String,
    /// Its tokens.
    tokens: Span,
}

fn is(tokens: &[Token<'_>], at: usize, sign: &[u8]) -> bool {
    tokens.get(at).is_some_and(|t| t.kind == Kind::Sign(sign))
}

fn word<'t>(tokens: &[Token<'t>], at: usize) -> Option<&'t [u8]> {
    match tokens.get(at)?.kind {
        Kind::Word(word) => Some(word),
        _ => None,
    }
}

/// The strings of a script, in their order.
fn strings(tokens: &[Token<'_>]) -> Vec<Joined> {
    let string = |at: usize| match tokens.get(at)?.kind {
        Kind::Text(token) => text(token, GAP),
        _ => None,
    };
    let (mut strings, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let start = at;
        at += 1;
        let Some(mut text) = string(start) else {
            continue;
        };
        while is(tokens, at, b"+") {
            if let Some(more) = string(at + 1) {
                text.push_str(&more);
                at += 2;
                continue;
            }
            let Some(end) = name_end(tokens, at + 1) else {
                break;
            };
            text.push(GAP);
            at = end;
        }
        strings.push(Joined {
            text,
            tokens: start..at,
        });
    }
    strings
}

/// Where a name ends that begins here, such as `location.host`; none where it is called or asked for a member.
fn name_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    word(tokens, at)?;
    let mut end = at + 1;
    while is(tokens, end, b".") && word(tokens, end + 1).is_some() {
        end += 2;
    }
    let goes_on = is(tokens, end, b"(") || is(tokens, end, b"[");
    (!goes_on).then_some(end)
}

struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
    addresses: &'a Addresses,
    strings: Vec<Joined>,
    /// The names that are given to strings.
    names: HashMap<&'t [u8], usize>,
    /// Whether a string says `script`, and nothing else.
    says_script: bool,
    has_jquery: bool,
}

impl<'a, 't> Reader<'a, 't> {
    fn new(tokens: &'a [Token<'t>], addresses: &'a Addresses) -> Self {
        let strings = strings(tokens);
        let mut names = HashMap::new();
        for (index, string) in strings.iter().enumerate() {
            let before = string.tokens.start.checked_sub(2);
            if let Some(at) = before.filter(|at| is(tokens, at + 1, b"="))
                && let Some(name) = word(tokens, at)
            {
                names.insert(name, index);
            }
        }
        let mut says = strings.iter().map(|string| &string.text);
        let is_jquery = |name: &[u8]| matches!(name, b"$" | b"jQuery");
        Self {
            tokens,
            addresses,
            names,
            says_script: says.any(|text| text.eq_ignore_ascii_case("script")),
            has_jquery: (0..tokens.len())
                .any(|at| word(tokens, at).is_some_and(is_jquery) && is(tokens, at + 1, b"(")),
            strings,
        }
    }

    fn found(&self) -> Option<Scripted> {
        let (mut place, mut product, mut folder) = (None, None, None);
        for string in &self.strings {
            match self.sign(string) {
                Some(Named::Folder(found)) => {
                    folder.get_or_insert(found);
                    continue;
                }
                Some(Named::Script(found)) => {
                    product.get_or_insert(found);
                }
                Some(Named::Host) => {}
                None => continue,
            }
            place.get_or_insert_with(|| string.tokens.clone());
        }
        if place.is_none()
            && let Some(at) = (0..self.tokens.len()).find(|at| self.makes_loader(*at))
        {
            place = Some(at..at + 3);
            product = Some(Product::Operator);
        }
        let product = product.or(folder);
        let mut means = None;
        for at in 0..self.tokens.len() {
            let Some(name) = word(self.tokens, at) else {
                continue;
            };
            if let Some((place, told)) = self.written(at, name, place.is_some()) {
                return Some(Scripted {
                    span: self.span(&place),
                    product: told.or(product),
                    by: "a script",
                    means: "markup that it writes",
                });
            }
            if place.is_some() && means.is_none() {
                means = self.means(at, name);
            }
        }
        Some(Scripted {
            span: self.span(&place?),
            product,
            by: "a script",
            means: means?,
        })
    }

    /// Where tokens stand in the script.
    fn span(&self, tokens: &Span) -> Span {
        let tokens = self.tokens.get(tokens.clone()).unwrap_or_default();
        let start = tokens.first().map_or(0, |token| token.at);
        let end = tokens.last().map_or(start, |token| {
            let (Kind::Word(text) | Kind::Text(text) | Kind::Sign(text)) = token.kind;
            token.at + text.len()
        });
        start..end
    }

    fn is(&self, at: usize, sign: &[u8]) -> bool {
        is(self.tokens, at, sign)
    }

    /// The string that begins at a token.
    fn string(&self, at: usize) -> Option<&Joined> {
        let found = self.strings.binary_search_by_key(&at, |s| s.tokens.start);
        Some(&self.strings[found.ok()?])
    }

    /// What a string names, unless it is something that is only looked for or linked to.
    fn named(&self, string: &Joined) -> Option<Named> {
        let named = self.addresses.named(&string.text)?;
        let is_told = !self.is_looked_for(string) && !self.is_given_to(string, "href");
        is_told.then_some(named)
    }

    /// What a string names of a script that is to be loaded, by its address, or by the `id` or the mark of its tag.
    fn sign(&self, string: &Joined) -> Option<Named> {
        let before = string.tokens.start.checked_sub(2);
        let sets = before.and_then(|at| word(self.tokens, at)) == Some(b"setAttribute");
        let is_mark = string.text == LOADER_ATTRIBUTE && (sets || self.is(string.tokens.end, b":"));
        // Others may think of the customer widget's, too.
        let is_id = Product::by_id(&string.text) == Some(Product::Operator);
        if is_mark || (is_id && self.is_given_to(string, "id")) {
            return Some(Named::Script(Product::Operator));
        }
        self.named(string)
    }

    /// Whether a tag is made a loader here, as by `tag.dataset.chathub = ""`.
    fn makes_loader(&self, at: usize) -> bool {
        let name = |at: usize| word(self.tokens, at);
        name(at) == Some(b"dataset")
            && self.is(at + 1, b".")
            && name(at + 2) == Some(b"chathub")
            && self.is(at + 3, b"=")
    }

    /// Whether a string is compared with something, or given to a function that only looks at it.
    fn is_looked_for(&self, string: &Joined) -> bool {
        let Span { start, end } = string.tokens;
        let before = |back: usize| start.checked_sub(back);
        let sign = |back: usize, sign: &[u8]| before(back).is_some_and(|at| self.is(at, sign));
        let word = |back: usize| before(back).and_then(|at| word(self.tokens, at));
        let equal = |at: usize| self.is(at, b"==") || self.is(at, b"===");
        let unequal = sign(1, b"=") && sign(2, b"!");
        unequal
            || (self.is(end, b"!") && self.is(end + 1, b"="))
            || equal(end)
            || before(1).is_some_and(equal)
            || word(1) == Some(b"case")
            || (sign(1, b"(") && word(2).is_some_and(|name| LOOKS.contains(&name)))
    }

    /// Whether a string becomes the attribute of this name: `x.id = "…"`, `{ id: "…" }` or `setAttribute("id", "…")`.
    fn is_given_to(&self, string: &Joined, name: &str) -> bool {
        let Some(at) = string.tokens.start.checked_sub(2) else {
            return false;
        };
        let is_word = word(self.tokens, at) == Some(name.as_bytes());
        let is_string = self.string(at).is_some_and(|string| string.text == name);
        let assigns = self.is(at + 1, b"=") || self.is(at + 1, b":");
        (is_word && assigns) || (is_string && (assigns || self.is(at + 1, b",")))
    }

    /// How a word starts a script, given that the script names one.
    fn means(&self, at: usize, name: &'t [u8]) -> Option<&'static str> {
        let argument = at + 2;
        let is_named = |at: usize| {
            let named = self.string(at).and_then(|string| self.named(string));
            matches!(named, Some(Named::Script(_) | Named::Host))
        };
        let is_call = self.is(at + 1, b"(");
        match name {
            b"createElement" | b"createElementNS" if is_call => {
                let namespace = name.ends_with(b"NS");
                let mut commas = argument..argument + NAMESPACE;
                let argument = if namespace {
                    commas.find(|at| self.is(*at, b","))? + 1
                } else {
                    argument
                };
                let is_script = match self.string(argument) {
                    Some(string) => {
                        let name = string.text.rsplit(':').next().unwrap_or_default();
                        name.eq_ignore_ascii_case("script")
                    }
                    // Snippets of many vendors give it the name as an argument of their own.
                    None => self.says_script && word(self.tokens, argument).is_some(),
                };
                is_script.then_some("createElement")
            }
            b"import" if is_call => {
                let is_started = is_named(argument)
                    || (self.string(argument).is_none() && !self.is(argument, b")"));
                is_started.then_some("import()")
            }
            b"import" | b"from" if is_named(at + 1) => Some("import"),
            _ if is_call && loads(name) && is_named(argument) => {
                Some("a function that loads scripts")
            }
            _ => None,
        }
    }

    /// Where markup with a tag is written by a call of this name, and the product if the tag tells.
    fn written(
        &self,
        at: usize,
        name: &'t [u8],
        is_named: bool,
    ) -> Option<(Span, Option<Product>)> {
        let writes = WRITERS.contains(&name) || (JQUERY.contains(&name) && self.has_jquery);
        if !writes || !self.is(at + 1, b"(") {
            return None;
        }
        let string = match word(self.tokens, at + 2) {
            Some(name) => self.strings.get(*self.names.get(name)?)?,
            None => self.string(at + 2)?,
        };
        let start = string.text.to_ascii_lowercase().find("<script")?;
        let tag = &string.text[start..];
        let (tag, is_whole) = match tag.find('>') {
            Some(end) => (tag[..=end].to_owned(), !tag[..end].contains(GAP)),
            None => (format!("{tag}\">"), false),
        };
        let kind = widget::recognise(&tag::attributes(&tag), self.addresses);
        let is_told = kind.is_some() || (is_named && !is_whole);
        is_told.then(|| (string.tokens.clone(), kind.map(widget::Kind::product)))
    }
}

/// Whether a function of this name loads scripts, as far as names tell.
fn loads(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let other = ["preload", "download", "upload"];
    name.contains("script")
        || (name.contains("load") && !other.iter().any(|other| name.contains(other)))
}
