//! Document type declarations: which entities a page has, by itself or because browsers know its document type.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use memchr::{memchr_iter, memmem};

use super::declaration::stands_alone;
use crate::html::facts::{Bar, Obstacle};
use crate::html::prolog::BYTE_ORDER_MARK;
use crate::html::tag::decoded;

/// The document types with which browsers know HTML's named characters (HTML standard, 14.2, "Parsing XML documents").
const KNOWN: &[&str] = &[
    "-//W3C//DTD XHTML 1.0 Transitional//EN",
    "-//W3C//DTD XHTML 1.1//EN",
    "-//W3C//DTD XHTML 1.0 Strict//EN",
    "-//W3C//DTD XHTML 1.0 Frameset//EN",
    "-//W3C//DTD XHTML Basic 1.0//EN",
    "-//W3C//DTD XHTML 1.1 plus MathML 2.0//EN",
    "-//W3C//DTD XHTML 1.1 plus MathML 2.0 plus SVG 1.1//EN",
    "-//W3C//DTD MathML 2.0//EN",
    "-//WAPFORUM//DTD XHTML Mobile 1.0//EN",
];

/// Entities of XML itself.
const XML: &[&str] = &["amp", "lt", "gt", "quot", "apos"];

/// How long all that a page's entities stand for may be, in bytes.
const EXPANSION: usize = 1 << 20;

/// Words without which markup in an entity means nothing to this tool.
const WORDS: &[&str] = &["script", "meta", "chathub", "frameset"];

/// What a page's document type says.
#[derive(Debug, Default)]
pub(super) struct Dtd {
    /// The declaration; empty where there is none.
    pub(super) span: Range<usize>,
    /// HTML's named characters that the page refers to, and knows by its document type alone.
    pub(super) named: Vec<(String, String)>,
    /// Where declarations can be put in, and whether they need brackets.
    slot: Option<(usize, bool)>,
}

/// Everything that an XML declaration and a document type declare.
#[derive(Default)]
struct Declared<'t> {
    public: Option<&'t str>,
    entities: BTreeMap<&'t str, Value<'t>>,
}

enum Value<'t> {
    /// Its literal.
    Internal(&'t str),
    /// In a file of its own.
    External,
}

impl Dtd {
    /// Reads a page's document type, and refuses what parsers do not agree on. What is not well-formed is left to them.
    pub(super) fn read(text: &str) -> Result<Self, Obstacle> {
        let Some(start) = start(text) else {
            return Ok(Self::default());
        };
        let mut scan = Scan {
            text,
            at: start,
            declared: Declared::default(),
            slot: None,
        };
        let Some(end) = scan.doctype()? else {
            return Ok(Self::default());
        };
        let (declared, slot) = (scan.declared, scan.slot);
        let used = references(text, end);
        declared.check(&used)?;
        // Firefox takes it at its word: a page that stands alone has no document type to know them by.
        let known =
            declared.public.is_some_and(|id| KNOWN.contains(&id)) && !stands_alone(&text[..start]);
        let named = used.keys().filter(|name| known && declared.lacks(name));
        let named = named
            .filter_map(|name| Some(((*name).to_owned(), character(name)?)))
            .collect();
        Ok(Self {
            span: start..end,
            named,
            slot,
        })
    }

    /// The page with declarations for HTML's named characters, for a parser that does not know them, and where they stand.
    pub(super) fn declare<'t>(&self, text: &'t str) -> (Cow<'t, str>, Range<usize>) {
        let Some((at, bare)) = self.slot.filter(|_| !self.named.is_empty()) else {
            return (Cow::Borrowed(text), 0..0);
        };
        let mut declarations = String::new();
        for (name, value) in &self.named {
            let _ = write!(declarations, "<!ENTITY {name} \"");
            // Numbers alone are safe in a literal, whatever the character.
            for c in value.chars() {
                let _ = write!(declarations, "&#{};", u32::from(c));
            }
            declarations.push_str("\">");
        }
        if bare {
            declarations = format!(" [{declarations}]");
        }
        let span = at..at + declarations.len();
        let text = [&text[..at], &declarations, &text[at..]].concat();
        (Cow::Owned(text), span)
    }
}

impl Declared<'_> {
    /// Whether a name is neither declared nor XML's own.
    fn lacks(&self, name: &str) -> bool {
        !XML.contains(&name) && !self.entities.contains_key(name)
    }

    /// Refuses entities that cannot be judged, or that are a bomb.
    fn check(&self, used: &BTreeMap<&str, (usize, usize)>) -> Result<(), Obstacle> {
        let mut sizes = BTreeMap::new();
        let mut total: usize = 0;
        for (name, (count, at)) in used {
            let obstacle = |why| Obstacle { at: *at, why };
            match self.entities.get(name) {
                None => continue,
                Some(Value::External) => {
                    return Err(obstacle(Bar::ExternalEntity((*name).to_owned())));
                }
                Some(Value::Internal(_)) => {}
            }
            total = total.saturating_add(self.size(name, &mut sizes).saturating_mul(*count));
            if total > EXPANSION {
                return Err(obstacle(Bar::Expansion));
            }
            // Of these, parsers tell what they mean, but not where in the page they stand.
            if self.entities.values().any(Value::brings_scripts) {
                return Err(obstacle(Bar::EntityMarkup((*name).to_owned())));
            }
        }
        Ok(())
    }

    /// How much text an entity stands for in the end.
    fn size<'s>(&'s self, name: &'s str, sizes: &mut BTreeMap<&'s str, usize>) -> usize {
        if let Some(size) = sizes.get(name) {
            return *size;
        }
        let Some(Value::Internal(literal)) = self.entities.get(name) else {
            return 0;
        };
        // A walk that comes back here before it is known has gone round in a circle.
        sizes.insert(name, usize::MAX);
        let mut size = literal.len();
        for (inner, (count, _)) in references(literal, 0) {
            size = size.saturating_add(self.size(inner, sizes).saturating_mul(count));
        }
        sizes.insert(name, size);
        size
    }
}

impl Value<'_> {
    fn brings_scripts(&self) -> bool {
        let Self::Internal(literal) = self else {
            return false;
        };
        let text = decoded(literal);
        text.contains('<') && WORDS.iter().any(|word| text.contains(word))
    }
}

/// Reads the declaration, from its start on.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    declared: Declared<'t>,
    slot: Option<(usize, bool)>,
}

impl<'t> Scan<'t> {
    /// Where the declaration ends; nothing if it is not well-formed.
    fn doctype(&mut self) -> Result<Option<usize>, Obstacle> {
        let mut literals = Vec::new();
        let keyword = self.at + "<!DOCTYPE".len();
        self.at = keyword;
        loop {
            let Some(&byte) = self.text.as_bytes().get(self.at) else {
                return Ok(None);
            };
            match byte {
                b'"' | b'\'' => match self.literal() {
                    Some(literal) => literals.push(literal),
                    None => return Ok(None),
                },
                b'[' => {
                    self.at += 1;
                    self.slot = Some((self.at, false));
                    let before = self.text[keyword..self.at].contains("PUBLIC");
                    self.declared.public = literals.first().copied().filter(|_| before);
                    if !self.subset()? {
                        return Ok(None);
                    }
                }
                b'>' => {
                    if self.slot.is_none() {
                        self.slot = Some((self.at, true));
                        let before = self.text[keyword..self.at].contains("PUBLIC");
                        self.declared.public = literals.first().copied().filter(|_| before);
                    }
                    return Ok(Some(self.at + 1));
                }
                _ => self.at += 1,
            }
        }
    }

    /// Reads what is between the brackets; whether they close.
    fn subset(&mut self) -> Result<bool, Obstacle> {
        loop {
            let rest = &self.text[self.at..];
            let skip = |end: &str| memmem::find(rest.as_bytes(), end.as_bytes());
            let end = match rest.as_bytes().first() {
                None => return Ok(false),
                Some(b']') => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'%') => {
                    return Err(Obstacle {
                        at: self.at,
                        why: Bar::ParameterEntity,
                    });
                }
                Some(b'<') if rest.starts_with("<!--") => skip("-->").map(|at| at + 3),
                Some(b'<') if rest.starts_with("<?") => skip("?>").map(|at| at + 2),
                Some(b'<') => {
                    if !self.declaration()? {
                        return Ok(false);
                    }
                    continue;
                }
                Some(_) => rest.chars().next().map(char::len_utf8),
            };
            let Some(end) = end else {
                return Ok(false);
            };
            self.at += end;
        }
    }

    /// Reads one declaration between the brackets; whether it ends.
    fn declaration(&mut self) -> Result<bool, Obstacle> {
        let start = self.at;
        let mut literals = Vec::new();
        loop {
            match self.text.as_bytes().get(self.at) {
                None => return Ok(false),
                Some(b'"' | b'\'') => match self.literal() {
                    Some(literal) => literals.push(literal),
                    None => return Ok(false),
                },
                Some(b'>') => break,
                Some(_) => self.at += 1,
            }
        }
        let source = &self.text[start..self.at];
        self.at += 1;
        if source.starts_with("<!ATTLIST") && !literals.is_empty() {
            return Err(Obstacle {
                at: start,
                why: Bar::Defaults,
            });
        }
        let Some(entity) = source.strip_prefix("<!ENTITY") else {
            return Ok(true);
        };
        let mut words = entity.split_ascii_whitespace();
        // Those of the document type itself matter only where they are referred to.
        let Some(name) = words.next().filter(|name| *name != "%") else {
            return Ok(true);
        };
        let name = name.split(['"', '\'']).next().unwrap_or(name);
        let external = matches!(words.next(), Some("SYSTEM" | "PUBLIC"));
        let value = match literals.first() {
            Some(literal) if !external => Value::Internal(literal),
            _ => Value::External,
        };
        // The first declaration of a name counts.
        self.declared.entities.entry(name).or_insert(value);
        Ok(true)
    }

    /// The literal that begins here, after whose end reading goes on.
    fn literal(&mut self) -> Option<&'t str> {
        let quote = self.text.as_bytes()[self.at];
        let start = self.at + 1;
        let length = memchr::memchr(quote, &self.text.as_bytes()[start..])?;
        self.at = start + length + 1;
        Some(&self.text[start..start + length])
    }
}

/// Where the document type declaration begins.
fn start(text: &str) -> Option<usize> {
    let mut rest = text.as_bytes();
    rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
    loop {
        rest = rest.trim_ascii_start();
        if rest.starts_with(b"<!DOCTYPE") {
            return Some(text.len() - rest.len());
        }
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?") {
            b"?>"
        } else {
            return None;
        };
        rest = &rest[memmem::find(rest, end)? + end.len()..];
    }
}

/// The entities that a text may refer to, by name: how often, and where first. Some may stand where they mean nothing.
fn references(text: &str, from: usize) -> BTreeMap<&str, (usize, usize)> {
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for at in memchr_iter(b'&', &text.as_bytes()[from..]) {
        let at = from + at;
        let rest = &text[at + 1..];
        let part_of_name = |c: char| c.is_alphanumeric() || "-_.:".contains(c);
        let end = rest.find(|c| !part_of_name(c)).unwrap_or(rest.len());
        if end > 0 && rest[end..].starts_with(';') {
            found.entry(&rest[..end]).or_insert((0, at)).0 += 1;
        }
    }
    found
}

/// What one of HTML's named characters stands for.
fn character(name: &str) -> Option<String> {
    let reference = format!("&{name};");
    let text = decoded(&reference);
    (text != reference).then_some(text)
}
