//! Addresses that a script makes of the page's own, so that going there stays on the page: `location.pathname + "#/"`.
//!
//! Like all that reads scripts here, it is not an interpreter: it knows the few ways in which such an address is written.

use std::collections::HashSet;

use memchr::memmem;

use super::tokens::{Kind, Token, tokens};

/// Conditions and brackets that are nested deeper are not looked into.
const DEEPEST: usize = 16;
/// No address is put together of more tokens, so a script takes no more than so many looks at each.
const LONGEST: usize = 200;

/// Objects that `location` may be asked of.
pub(super) const OWNERS: [&[u8]; 7] = [
    b"window",
    b"document",
    b"self",
    b"top",
    b"parent",
    b"globalThis",
    b"this",
];

/// Methods that take the end off an address, if they are asked for a place that begins with `#` or `?`.
const CUTS: [&[u8]; 5] = [b"split", b"replace", b"slice", b"substring", b"substr"];

/// What an expression is, if it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The page's own origin.
    Origin,
    /// The page's own address, or the end of it.
    Page,
    /// What begins with `#`: whatever follows stays in the page.
    Fragment,
}

/// The names that a script gives to addresses of its own page.
pub(super) type Names<'t> = HashSet<&'t [u8]>;

/// Finds those names.
pub(super) fn names<'t>(tokens: &[Token<'t>]) -> Names<'t> {
    let mut names = Names::new();
    for at in 0..tokens.len() {
        let member = at > 0 && is(tokens, at - 1, b".");
        if let Kind::Word(name) = tokens[at].kind
            && !member
            && is(tokens, at + 1, b"=")
            && leads_back(tokens, at + 2, &names)
        {
            names.insert(name);
        }
    }
    names
}

/// Whether the expression that begins here is an address of the page itself.
pub(super) fn leads_back<'t>(tokens: &[Token<'t>], at: usize, names: &Names<'t>) -> bool {
    let reader = Reader { tokens, names };
    let Some((end, _)) = reader.value(at, 0) else {
        return false;
    };
    match tokens.get(end) {
        None => true,
        Some(token) => token.newline || matches!(token.kind, Kind::Sign(b";" | b"," | b")" | b"}")),
    }
}

fn is(tokens: &[Token<'_>], at: usize, sign: &[u8]) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| token.kind == Kind::Sign(sign))
}

/// Each method reads what begins at a token, and says where it ends; nothing where it may be an address of another page.
struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
    names: &'a Names<'t>,
}

impl<'t> Reader<'_, 't> {
    fn is(&self, at: usize, sign: &[u8]) -> bool {
        is(self.tokens, at, sign)
    }

    fn word(&self, at: usize) -> Option<&'t [u8]> {
        match self.tokens.get(at)?.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Sums of which one is taken, by a condition or because the one before is empty.
    fn value(&self, at: usize, depth: usize) -> Option<(usize, Part)> {
        (depth < DEEPEST).then_some(())?;
        if let Some(question) = self.question(at) {
            let (colon, one) = self.value(question + 1, depth + 1)?;
            self.is(colon, b":").then_some(())?;
            let (end, other) = self.value(colon + 1, depth + 1)?;
            return Some((end, weaker(one, other)));
        }
        let (mut end, mut part) = self.sum(at, depth)?;
        while [&b"|"[..], b"?"]
            .iter()
            .any(|sign| self.is(end, sign) && self.is(end + 1, sign))
        {
            let (next, other) = self.sum(end + 2, depth)?;
            (end, part) = (next, weaker(part, other));
        }
        Some((end, part))
    }

    /// Where a condition ends that begins here.
    fn question(&self, at: usize) -> Option<usize> {
        let end = self.end(at, |sign| sign == b"?")?;
        let next_is = |sign| self.is(end + 1, sign);
        (self.is(end, b"?") && !next_is(b"?") && !next_is(b".")).then_some(end)
    }

    /// The first token that ends an expression or is one of these signs, outside of brackets.
    fn end(&self, at: usize, or: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let mut open = 0_usize;
        for (ahead, token) in self.tokens.get(at..)?.iter().take(LONGEST).enumerate() {
            let here = at + ahead;
            let Kind::Sign(sign) = token.kind else {
                if token.newline && ahead > 0 && open == 0 {
                    return Some(here);
                }
                continue;
            };
            match sign {
                b"(" | b"[" | b"{" => open += 1,
                b")" | b"]" | b"}" if open > 0 => open -= 1,
                b")" | b"]" | b"}" | b";" | b"," | b":" if open == 0 => return Some(here),
                _ if open == 0 && or(sign) => return Some(here),
                _ => {}
            }
        }
        (self.tokens.len() - at <= LONGEST).then_some(self.tokens.len())
    }

    fn sum(&self, at: usize, depth: usize) -> Option<(usize, Part)> {
        let (mut end, mut part) = self.term(at, depth)?;
        while self.is(end, b"+") {
            if part == Part::Fragment {
                end = self.end(end, |sign| matches!(sign, b"?" | b"|"))?;
                break;
            }
            let (next, more) = self.term(end + 1, depth)?;
            part = match (part, more) {
                (Part::Origin, Part::Page) => Part::Page,
                (Part::Page, Part::Page | Part::Fragment) => more,
                _ => return None,
            };
            end = next;
        }
        (part != Part::Origin).then_some((end, part))
    }

    fn term(&self, at: usize, depth: usize) -> Option<(usize, Part)> {
        let name = match self.tokens.get(at)?.kind {
            Kind::Text(text) => {
                let part = self.text(text, depth)?;
                return (!self.is(at + 1, b".")).then_some((at + 1, part));
            }
            Kind::Sign(b"(") => {
                let (end, part) = self.value(at + 1, depth + 1)?;
                self.is(end, b")").then_some(())?;
                return Some((self.cuts(end + 1)?, part));
            }
            Kind::Word(b"new") if self.word(at + 1) == Some(b"URL") && self.is(at + 2, b"(") => {
                let (_, part) = self.value(at + 3, depth + 1)?;
                let end = self.behind_brackets(at + 2)?;
                let href = self.is(end, b".") && self.word(end + 1) == Some(b"href");
                return Some((self.cuts(end + if href { 2 } else { 0 })?, part));
            }
            Kind::Word(name) => name,
            Kind::Sign(_) => return None,
        };
        let location = self.location(at);
        if let Some(behind) = location {
            if !self.is(behind, b".") {
                return Some((behind, Part::Page));
            }
            let end = behind + 2;
            return match self.word(behind + 1)? {
                b"href" | b"pathname" => Some((self.cuts(end)?, Part::Page)),
                b"toString" => Some((self.cuts(behind)?, Part::Page)),
                b"search" => self.alone(end, Part::Page),
                b"hash" => self.alone(end, Part::Fragment),
                b"origin" => self.alone(end, Part::Origin),
                b"protocol" => self.host(end),
                _ => None,
            };
        }
        let address = matches!(
            self.word(at + 2),
            Some(b"URL" | b"documentURI") if name == b"document" && self.is(at + 1, b".")
        );
        if address {
            return Some((self.cuts(at + 3)?, Part::Page));
        }
        let named = self.names.contains(name);
        named.then(|| Some((self.cuts(at + 1)?, Part::Page)))?
    }

    /// Where `location` ends, of whatever it is asked.
    fn location(&self, mut at: usize) -> Option<usize> {
        while self.word(at).is_some_and(|word| OWNERS.contains(&word)) && self.is(at + 1, b".") {
            at += 2;
        }
        (self.word(at)? == b"location").then_some(at + 1)
    }

    /// A member of which nothing is asked.
    fn alone(&self, end: usize, part: Part) -> Option<(usize, Part)> {
        let asked = [&b"."[..], b"[", b"("]
            .iter()
            .any(|sign| self.is(end, sign));
        (!asked).then_some((end, part))
    }

    /// `+ "//" + location.host`, after the protocol.
    fn host(&self, at: usize) -> Option<(usize, Part)> {
        let slashes = matches!(self.tokens.get(at + 1)?.kind, Kind::Text(text) if &text[1..text.len() - 1] == b"//");
        let joined = self.is(at, b"+") && self.is(at + 2, b"+") && slashes;
        let end = self.location(at + 3)? + 2;
        (joined && self.word(end - 1)? == b"host").then_some((end, Part::Origin))
    }

    /// Methods that leave what is before a fragment or a query.
    fn cuts(&self, mut at: usize) -> Option<usize> {
        while self.is(at, b".") {
            let method = self.word(at + 1)?;
            self.is(at + 2, b"(").then_some(())?;
            let end = self.behind_brackets(at + 2)?;
            let mut texts = self.tokens[at + 3..end]
                .iter()
                .filter_map(|t| match t.kind {
                    Kind::Text(text) => Some(&text[1..text.len() - 1]),
                    _ => None,
                });
            let cuts = CUTS.contains(&method) && texts.clone().next().is_some();
            let plain = matches!(method, b"toString" | b"shift") && end == at + 4;
            let only = texts.all(|text| {
                let sign = text.iter().find(|byte| !b"\\[(".contains(byte));
                matches!(sign, None | Some(b'#' | b'?'))
            });
            (plain || (cuts && only)).then_some(())?;
            at = end;
            if self.is(at, b"[") {
                (self.word(at + 1)? == b"0" && self.is(at + 2, b"]")).then_some(())?;
                at += 3;
            }
        }
        self.alone(at, Part::Page).map(|(end, _)| end)
    }

    /// Where brackets end that begin here, with all that is in them.
    fn behind_brackets(&self, mut at: usize) -> Option<usize> {
        loop {
            at = self.end(at + 1, |_| false)?;
            if !self.is(at, b",") {
                return self.is(at, b")").then_some(at + 1);
            }
        }
    }

    fn text(&self, text: &'t [u8], depth: usize) -> Option<Part> {
        let inner = text.get(1..text.len() - 1)?.trim_ascii();
        match inner.first() {
            None => Some(Part::Page),
            Some(b'#') => Some(Part::Fragment),
            Some(b'$') if text[0] == b'`' && inner.starts_with(b"${") => self.template(text, depth),
            Some(_) => None,
        }
    }

    /// A template is read as the sum of its texts and of what stands between them.
    fn template(&self, text: &'t [u8], depth: usize) -> Option<Part> {
        let (mut sum, mut at) = (Vec::new(), 1);
        let plus = Token {
            kind: Kind::Sign(b"+"),
            at: 0,
            newline: false,
        };
        while at < text.len() - 1 {
            if !sum.is_empty() {
                sum.push(plus);
            }
            if text[at..].starts_with(b"${") {
                let end = at + memchr::memchr(b'}', &text[at..])?;
                sum.extend(tokens(&text[at + 2..end])?);
                at = end + 1;
            } else {
                let end = memmem::find(&text[at..], b"${").map_or(text.len() - 1, |end| at + end);
                // What is beside it takes the place of its quotes.
                sum.push(Token {
                    kind: Kind::Text(&text[at - 1..=end]),
                    at: 0,
                    newline: false,
                });
                at = end;
            }
        }
        for token in &mut sum {
            token.newline = false;
        }
        let inner = Reader {
            tokens: &sum,
            names: self.names,
        };
        let (end, part) = inner.value(0, depth + 1)?;
        (end == sum.len()).then_some(part)
    }
}

fn weaker(one: Part, other: Part) -> Part {
    if one == other { one } else { Part::Page }
}

#[cfg(test)]
mod tests {
    use crate::html::script::leaves;

    #[test]
    fn whoever_goes_to_the_own_address_stays() {
        for script in [
            "location = location.hash",
            "location.href = '#/x'",
            "location.replace('#/' + state)",
            "location.href = location.href.split(\"#\")[0] + \"#/\"",
            "window.location.href = window.location.href.split('#').shift() + '#/' + path",
            "location.replace(location.pathname + location.search + '#/home')",
            "location.replace(`${location.pathname}${location.search}#/${route}`)",
            "location.replace(`#/${route}`)",
            "location.href = location.href",
            "location = location",
            "location.replace(document.URL.replace(/#.*$/, '') + '#top')",
            "location.assign(document.location.toString().replace('#', '#/'))",
            "location.href = location.origin + location.pathname + '#/'",
            "location = location.protocol + '//' + location.host + location.pathname + '#!/'",
            "location.replace(location.hash || '#/start')",
            "location.replace(location.hash ? location.hash : '#/start')",
            "location.replace(window.innerWidth < 600 ? '#/small' : '#/large')",
            "location.href = (location.pathname + '#/')",
            "location.href = location.href.substring(0, location.href.indexOf('#')) + '#/x'",
            "location.href = new URL('#/x', location.href).href",
            "location.replace(new URL(location.pathname + '#/x', base))",
            "var base = location.href.split('#')[0];\nlocation.replace(base + '#/')",
            "const here = location.pathname, route = f();\nlocation.href = here + '#' + route",
            "location.href = location.pathname\nf()",
        ] {
            assert!(!leaves(script.as_bytes()), "{script}");
        }
    }

    #[test]
    fn whoever_adds_to_the_own_address_leaves() {
        for script in [
            "location = location.hash.slice(1)",
            "location.href = location.href + 'index.html'",
            "location.replace(location.pathname + 'en/' + location.hash)",
            "location.replace(location.pathname.replace(/\\/$/, '') + '/index.html')",
            "location.href = location.origin + '/docs/' + location.hash",
            "location = location.protocol + '//' + location.host + '/docs/'",
            "location.href = location.href.replace('/old/', '/new/')",
            "location.href = location.href.split('/')[0] + '#/'",
            "location.replace(location.hash.slice(1) || '/docs/')",
            "location.replace(location.hash ? '/docs/' + location.hash : '/docs/')",
            "location.replace(`${location.origin}/docs/${location.hash}`)",
            "location.replace(`${base}docs/${location.hash}`)",
            "location.href = new URL('docs/', location.href).href",
            "var base = location.pathname;\nlocation.replace(base + 'docs/')",
            "var target = '/docs/' + location.hash;\nlocation.replace(target)",
            "x.base = location.pathname;\nlocation.replace(base)",
            "location.href = location.pathname - 1",
        ] {
            assert!(leaves(script.as_bytes()), "{script}");
        }
    }

    #[test]
    fn depth_and_length_have_an_end() {
        for script in [
            "location=".to_owned() + &"(".repeat(15_000) + "location" + &")".repeat(15_000),
            "location=".to_owned() + &"a?".repeat(10_000) + "b" + &":c".repeat(10_000),
            "a=".repeat(10_000) + "location=x",
            "a=location+".repeat(3_000) + "location=x",
            "a=`${`".repeat(3_000),
        ] {
            let _ = leaves(script.as_bytes());
        }
    }
}
