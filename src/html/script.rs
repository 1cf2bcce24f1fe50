//! Scripts that send their reader elsewhere at once: what stands in a script is read to its tokens, and no further.
//!
//! Only an assignment that every run of the script makes counts: one in a function, a loop or a branch that may be passed by
//! does not. Where the reading is in doubt, the page that holds the script is a page.

use std::sync::LazyLock;

use memchr::memmem;

use super::refresh;
use super::same_page::{self, Names, OWNERS, leads_back};
use super::tokens::{Kind, OPERATORS, Token, tokens};

/// Made once: there is a search in every script.
static LOCATION: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("location"));

/// Larger scripts are programs, not redirects.
const LARGEST: usize = 64 << 10;
/// What declares variables.
const DECLARATIONS: [&[u8]; 3] = [b"var", b"let", b"const"];
/// Blocks that are nested deeper are not looked into.
const DEEPEST: usize = 32;

/// Whether a text may hold what [`leaves`] looks for: cheap, and seldom true.
pub(super) fn may_leave(text: &[u8]) -> bool {
    LOCATION.find_iter(text).any(|at| {
        let behind = text[at + b"location".len()..].trim_ascii_start();
        let member = behind.strip_prefix(b".").map(<[u8]>::trim_ascii_start);
        match member {
            Some(member) => [&b"href"[..], b"replace", b"assign"]
                .iter()
                .any(|name| member.starts_with(name)),
            // A comment may stand before the sign.
            None => matches!(behind.first(), Some(b'=' | b'/')),
        }
    })
}

/// Whether a script assigns another address to `location` whenever it runs.
pub(super) fn leaves(script: &[u8]) -> bool {
    if script.len() > LARGEST || !may_leave(script) {
        return false;
    }
    let Some(tokens) = tokens(script) else {
        return false;
    };
    if names_its_own(&tokens) {
        return false;
    }
    let mut reader = Reader {
        own: same_page::names(&tokens),
        tokens: &tokens,
        at: 0,
    };
    reader.statements(0).unwrap_or(false) && reader.at == tokens.len()
}

/// Whether a declaration may give the name `location` to something of the script's, in whatever block.
fn names_its_own(tokens: &[Token<'_>]) -> bool {
    /// Longer lists of names are not looked through.
    const NAMES: usize = 64;
    let location = Kind::Word(b"location");
    let declares = |at: usize, kind: Kind<'_>| {
        let mut behind = tokens[at + 1..].iter().map(|token| token.kind);
        match kind {
            Kind::Word(b"function" | b"class") => behind.next() == Some(location),
            Kind::Word(word) if DECLARATIONS.contains(&word) => {
                let ends = |kind: &Kind<'_>| {
                    matches!(kind, Kind::Sign(b"=" | b";") | Kind::Word(b"of" | b"in"))
                };
                let mut names = behind.take(NAMES).take_while(|kind| !ends(kind));
                names.any(|kind| kind == location)
            }
            _ => false,
        }
    };
    let mut tokens = tokens.iter().enumerate();
    tokens.any(|(at, token)| declares(at, token.kind))
}

/// Reads statements: each method returns whether what it reads assigns `location` for certain, and nothing where it cannot
/// make sense of the tokens.
struct Reader<'t> {
    tokens: &'t [Token<'t>],
    /// What the script calls the page's own address.
    own: Names<'t>,
    at: usize,
}

impl<'t> Reader<'t> {
    fn kind(&self, ahead: usize) -> Option<Kind<'t>> {
        Some(self.tokens.get(self.at + ahead)?.kind)
    }

    fn is_sign(&self, ahead: usize, sign: &[u8]) -> bool {
        self.kind(ahead) == Some(Kind::Sign(sign))
    }

    fn take_word(&mut self, word: &[u8]) -> bool {
        let found = self.kind(0) == Some(Kind::Word(word));
        self.at += usize::from(found);
        found
    }

    /// Reads up to the end of a block, or of the script.
    fn statements(&mut self, depth: usize) -> Option<bool> {
        (depth < DEEPEST).then_some(())?;
        let mut leaves = false;
        while self.at < self.tokens.len() && !self.is_sign(0, b"}") {
            leaves |= self.statement(depth)?;
        }
        Some(leaves)
    }

    fn block(&mut self, depth: usize) -> Option<bool> {
        self.is_sign(0, b"{").then_some(())?;
        self.at += 1;
        let leaves = self.statements(depth + 1)?;
        self.is_sign(0, b"}").then_some(())?;
        self.at += 1;
        Some(leaves)
    }

    fn statement(&mut self, depth: usize) -> Option<bool> {
        (depth < DEEPEST).then_some(())?;
        let Kind::Word(word) = self.kind(0)? else {
            return if self.is_sign(0, b"{") {
                self.block(depth)
            } else {
                self.expression()
            };
        };
        if self.is_sign(1, b":") {
            // A label, which a jump may go to.
            return None;
        }
        match word {
            b"if" => {
                self.at += 1;
                self.skip_brackets(b"(")?;
                let then = self.statement(depth + 1)?;
                if !self.take_word(b"else") {
                    return Some(false);
                }
                Some(self.statement(depth + 1)? && then)
            }
            b"for" | b"while" | b"with" => {
                self.at += 1;
                self.take_word(b"await");
                self.skip_brackets(b"(")?;
                self.statement(depth + 1)?;
                Some(false)
            }
            b"switch" => {
                self.at += 1;
                self.skip_brackets(b"(")?;
                self.skip_brackets(b"{")?;
                Some(false)
            }
            b"try" => {
                self.at += 1;
                let mut leaves = self.block(depth)?;
                if self.take_word(b"catch") {
                    if self.is_sign(0, b"(") {
                        self.skip_brackets(b"(")?;
                    }
                    self.skip_brackets(b"{")?;
                }
                if self.take_word(b"finally") {
                    leaves |= self.block(depth)?;
                }
                Some(leaves)
            }
            b"function" | b"class" | b"async" if self.skip_declaration()? => Some(false),
            // What comes after such a statement may never be reached; `do` may be left by one.
            b"throw" | b"return" | b"break" | b"continue" | b"do" | b"else" | b"case" => None,
            _ => self.expression(),
        }
    }

    /// A function or a class, which does nothing by itself.
    fn skip_declaration(&mut self) -> Option<bool> {
        let is_async = self.take_word(b"async");
        if is_async && self.kind(0) != Some(Kind::Word(b"function")) {
            self.at -= 1;
            return Some(false);
        }
        while !self.is_sign(0, b"{") {
            if self.is_sign(0, b"(") {
                self.skip_brackets(b"(")?;
            } else {
                self.kind(0)?;
                self.at += 1;
            }
        }
        self.skip_brackets(b"{")?;
        Some(true)
    }

    /// Expressions that are separated by commas, up to the end of their statement.
    fn expression(&mut self) -> Option<bool> {
        let declares =
            matches!(self.kind(0), Some(Kind::Word(word)) if DECLARATIONS.contains(&word));
        let (mut leaves, mut begins, start) = (false, !declares, self.at);
        while let Some(token) = self.tokens.get(self.at) {
            if self.at > start && token.newline && self.ends_before(token.kind) {
                break;
            }
            leaves |= begins && self.leaves_here();
            begins = false;
            match token.kind {
                Kind::Sign(b";") => {
                    self.at += 1;
                    break;
                }
                Kind::Sign(b"}") => break,
                Kind::Sign(open @ (b"(" | b"[" | b"{")) => self.skip_brackets(open)?,
                Kind::Sign(b")" | b"]") => return None,
                Kind::Sign(b",") => {
                    self.at += 1;
                    begins = !declares;
                }
                _ => self.at += 1,
            }
        }
        Some(leaves)
    }

    /// Whether a statement that has no semicolon ends before a token that begins a line.
    fn ends_before(&self, next: Kind<'_>) -> bool {
        let goes_on = match next {
            Kind::Word(word) => matches!(word, b"in" | b"of" | b"instanceof"),
            Kind::Text(text) => text.starts_with(b"`"),
            Kind::Sign(sign) => sign != b"{" && sign != b"}",
        };
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let complete = before.is_some_and(|before| match before.kind {
            Kind::Word(word) => !OPERATORS.contains(&word),
            Kind::Text(_) => true,
            Kind::Sign(sign) => matches!(sign, b")" | b"]" | b"}"),
        });
        complete && !goes_on
    }

    /// Whether an expression that begins here assigns another address to `location`.
    fn leaves_here(&self) -> bool {
        let mut ahead = 0;
        while let Some(Kind::Word(word)) = self.kind(ahead)
            && OWNERS.contains(&word)
            && self.is_sign(ahead + 1, b".")
        {
            ahead += 2;
        }
        if self.kind(ahead) != Some(Kind::Word(b"location")) {
            return false;
        }
        ahead += 1;
        let sign: &[u8] = match (self.is_sign(ahead, b"."), self.kind(ahead + 1)) {
            (true, Some(Kind::Word(b"href"))) => b"=",
            (true, Some(Kind::Word(b"replace" | b"assign"))) => b"(",
            (true, _) => return false,
            (false, _) => {
                return self.is_sign(ahead, b"=") && self.is_elsewhere(ahead + 1);
            }
        };
        self.is_sign(ahead + 2, sign) && self.is_elsewhere(ahead + 3)
    }

    /// Whether what is assigned is not plainly a place in the same page, or no page at all.
    fn is_elsewhere(&self, ahead: usize) -> bool {
        if leads_back(self.tokens, self.at + ahead, &self.own) {
            return false;
        }
        match self.kind(ahead) {
            Some(Kind::Text(text)) => refresh::is_elsewhere(&String::from_utf8_lossy(
                text.get(1..text.len() - 1).unwrap_or_default(),
            )),
            Some(Kind::Sign(sign)) => sign != b")" && sign != b";",
            Some(Kind::Word(_)) => true,
            None => false,
        }
    }

    /// Reads over brackets and all that is in them.
    fn skip_brackets(&mut self, open: &[u8]) -> Option<()> {
        self.is_sign(0, open).then_some(())?;
        let mut inside = Vec::new();
        loop {
            match self.kind(0)? {
                Kind::Sign(b"(") => inside.push(b")"),
                Kind::Sign(b"[") => inside.push(b"]"),
                Kind::Sign(b"{") => inside.push(b"}"),
                Kind::Sign(close @ (b")" | b"]" | b"}")) => {
                    (inside.pop().map(|b| &b[..]) == Some(close)).then_some(())?;
                }
                _ => {}
            }
            self.at += 1;
            if inside.is_empty() {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_every_run_does() {
        for script in [
            "location='/x'",
            "location.href = \"/x\" + location.hash;",
            "window.location.replace(target + hash)",
            "self.location.assign(`/x?${encodeURIComponent(document.title)}`)",
            "window.top.location=x",
            "document.location.href=x",
            "'use strict';\n{ location = x }",
            "var a = 1\nwindow.location = a",
            "const t=\"/x\",h=window.location.hash||\"\";window.location.replace(t+h)",
            "var anchor=window.location.hash.substr(1);location.href=\"../x/\"+(anchor?\"#\"+anchor:\"\")",
            "f(), location.replace(x)",
            "if (location.hash) {\n location.replace(x + location.hash);\n} else {\n location.replace(x);\n}",
            "try { location.href = x } catch (e) { f() }",
            "try { f() } catch { } finally { location.href = x }",
            "function f() { return 1 }\nlocation = f()",
            "async function f() {}\nlocation = x",
            "/* location */ // location\nlocation /* x */ = /re'/.exec(y)[0]",
            "<!-- old\nlocation.href = '/x';\n// -->",
            "window.onload = function () { f() }\nlocation = x",
            "a = b / c; location = x; d = e / f",
            "let here = location.href; class A {} location = x",
        ] {
            assert!(leaves(script.as_bytes()), "{script}");
        }
    }

    #[test]
    fn whatever_may_not_happen_is_no_redirect() {
        for script in [
            "",
            "location == x",
            "f(location)",
            "location.hash = '#x'",
            "location.href = '#x'",
            "location = 'mailto:a@b.example'",
            "location = 'whatsapp://send?text=' + text",
            "location.href = '/files/setup.exe'",
            "location.reload()",
            "location.replace()",
            "x.location = y",
            "my_location = y",
            "var here = window.location = x",
            "if (!token) location.href = '/login'",
            "if (a) { location = x } else { f() }",
            "if (a)\n location = x\nelse if (b)\n location = y",
            "a && (location = x)",
            "a && location.replace(x)",
            "a ||\n location.replace(x)",
            "a ? location.replace(x) : location.replace(y)",
            "function go() { location = x }",
            "window.onload = function () { location = x }",
            "window.onload = () => location.replace(x)",
            "setTimeout(\"location='/x'\", 5000)",
            "setTimeout(function () { location = x }, 5000)",
            "(function (l) { if (l.search[1] === '/') { l.replace(x) } }(window.location))",
            "for (;;) { location = x }",
            "for (const a of b) location = a",
            "while (a) location = x",
            "switch (a) { case 1: location = x }",
            "try { f() } catch (e) { location = x }",
            "class A { go() { location = x } }",
            "// location = x",
            "/* location = x */",
            "<!-- location = x",
            "'location = x'",
            "`\nlocation = x\n`",
            "a = /location = x/",
            "a = `${ b / c }`; location = x",
            "throw a; location = x",
            "location = x }",
            "{ location = x",
            "{ let location; location = x }",
            "{ let a, location = 1; location.href = x }",
            "{ const { location } = router; location.replace(x) }",
            "{ class location {} location = x }",
            "{ function location() {} location = x }",
            "'location = x\nlocation = x",
            "var l = window.location;\nl.replace(\n l.protocol + '//' + l.hostname)",
            "document.addEventListener('DOMContentLoaded', function () { window.location.replace(x) })",
        ] {
            assert!(!leaves(script.as_bytes()), "{script}");
        }
    }

    #[test]
    fn depth_and_length_have_an_end() {
        for script in [
            "{".repeat(30_000) + "location=x" + &"}".repeat(30_000),
            "`${".repeat(20_000) + "location=x",
            "(".repeat(60_000) + "location=x",
            "if(a)".repeat(10_000) + "location=x",
            "location=x;".to_owned() + &" ".repeat(LARGEST),
        ] {
            assert!(!leaves(script.as_bytes()), "{}", &script[..20]);
        }
    }
}
