//! The scan of plain pages, which are nearly all: tags as the tokenizer of the HTML standard (13.2.5) has them, where
//! nothing depends on what a tree builder makes of them.
//!
//! A shortcut, never a second opinion: it notes what lol_html's handlers would note, several times faster, and where a
//! page holds anything for which that takes more than reading on (a `template`, markup in `select`, a second `body`,
//! HTML in `svg`, …), it answers nothing at all, and lol_html scans the page. A test holds both to the same answers.

use memchr::{memchr, memchr_iter, memmem};

use super::block_index::BlockIndex;
use super::facts::{PageKind, Span};
use super::handlers::{State, is_amp};
use super::inline::is_inline;
use super::markup::{Tag, attributes, ends_name, tag};
use super::names::{RAW_TEXT, SHAPES, TEXT_POINTS, known};
use super::needles::Finder;
use super::{policy, prolog, script};

/// What a plain page's scan notes, and what is left to be looked into.
pub(super) struct Skimmed {
    pub(super) state: State,
    /// Start and end tags of scripts that may be ours.
    pub(super) scripts: Vec<(Span, Span)>,
}

/// Reads a page; nothing if it is not plain.
pub(super) fn skim(text: &[u8], finder: &Finder) -> Option<Skimmed> {
    let mut skim = Skim {
        text,
        marks: BlockIndex::new(text),
        finder,
        state: State::default(),
        scripts: Vec::new(),
        in_select: false,
        stray: false,
    };
    skim.page()?;
    skim.state.end = text.len();
    // Had the file ended inside something, there would be no answer.
    skim.state.probe = true;
    Some(Skimmed {
        state: skim.state,
        scripts: skim.scripts,
    })
}

struct Skim<'t> {
    text: &'t [u8],
    marks: BlockIndex<'t>,
    /// Finds what may be ours, in the few places where that matters.
    finder: &'t Finder,
    state: State,
    scripts: Vec<(Span, Span)>,
    in_select: bool,
    /// An element may be open that is none of `html`, `head` and `body`, whose end tag would close those opened in it.
    stray: bool,
}

/// What the `<` at some place begins.
enum Markup<'t> {
    Start(Tag<'t>),
    End(Tag<'t>),
    Comment(Span),
    /// A doctype, what counts as a comment, or no markup at all. It ends here.
    Else(usize),
    /// There is none.
    None,
}

impl<'t> Skim<'t> {
    /// The next markup from an offset on. No answer if the file ends in it.
    fn next(&mut self, from: usize) -> Option<Markup<'t>> {
        let text = self.text;
        self.marks.go_to(from);
        let Some(start) = self.marks.less_than() else {
            return Some(Markup::None);
        };
        let past = |from: usize| Some(Markup::Else(from + memchr(b'>', &text[from..])? + 1));
        Some(match (*text.get(start + 1)?, *text.get(start + 2)?) {
            (b, _) if b.is_ascii_alphabetic() => Markup::Start(tag(text, start, 1)?),
            (b'/', b) if b.is_ascii_alphabetic() => Markup::End(tag(text, start, 2)?),
            (b'!', _) if text[start..].starts_with(b"<!--") => {
                let behind = prolog::comment(&text[start..])?;
                Markup::Comment(start..text.len() - behind.len())
            }
            (b'!' | b'/', _) => past(start + 2)?,
            (b'?', _) => past(start + 1)?,
            _ => Markup::Else(start + 1),
        })
    }

    fn page(&mut self) -> Option<()> {
        let mut at = 0;
        loop {
            at = self.skip(at);
            at = match self.next(at)? {
                Markup::Start(tag) => self.start(tag)?,
                Markup::End(tag) => self.end(tag)?,
                Markup::Comment(comment) => {
                    // Something of ours that does nothing there, or the vendor's own comment.
                    (!self.finder.find(&self.text[comment.clone()]).ours).then_some(())?;
                    comment.end
                }
                Markup::Else(end) => end,
                Markup::None => return Some(()),
            };
        }
    }

    /// Reads over text and tags that mean nothing here. Returns the place of the next that may, or of one that is not plainly
    /// written.
    #[inline(never)]
    fn skip(&mut self, mut at: usize) -> usize {
        self.marks.go_to(at);
        while let Some(start) = self.marks.less_than() {
            at = start;
            let Some(Some(behind)) = self.text.get(start + 1..).map(<[u8]>::first_chunk) else {
                return at;
            };
            let &[a, b, c, d] = behind;
            let (end_tag, name) = match a {
                b'/' => (true, [b, c, d]),
                _ => (false, [a, b, c]),
            };
            if !name[0].is_ascii_alphabetic() || known(name) {
                return at;
            }
            if self.marks.plain_tag().is_none() {
                return at;
            }
            self.stray |= !end_tag;
        }
        self.text.len()
    }

    /// A start tag, and what it makes of the text after it. Returns where to read on.
    fn start(&mut self, tag: Tag<'t>) -> Option<usize> {
        let end = tag.span.end;
        match tag.key() {
            (4, b'h') if tag.is("html") => self.html(tag.span)?,
            (4, b'h') if tag.is("head") => {
                let behind = self.state.html_end.is_some();
                let facts = &mut self.state.facts;
                let first = facts.head.is_none() && facts.body.is_none() && !behind;
                (first && !self.stray).then_some(())?;
                facts.head = Some(tag.span);
            }
            (4, b'b') if tag.is("body") => self.body(tag.span)?,
            (4, b'b') if tag.is("base") => self.state.base = true,
            (4, b'm') if tag.is("meta") => self.meta(&tag.span)?,
            (4, b'm') if tag.is("math") => return None,
            (2 | 5, b'm') if TEXT_POINTS.iter().any(|name| tag.is(name)) => return None,
            (8, b't') if tag.is("template") => return None,
            (8, b'f') if tag.is("frameset") => return None,
            (3, b's') if tag.is("svg") => return self.svg(&tag),
            (6, b's') if tag.is("select") => {
                self.in_select = true;
                self.stray = true;
            }
            (6, b's') if tag.is("script") => return self.script(tag),
            (8, b'n') if tag.is("noscript") => {
                let content_end = self.raw_text(&tag)?;
                if self.finder.find(&self.text[end..content_end]).ours {
                    self.state.noscripts.push(end..content_end);
                }
                return Some(content_end);
            }
            (9, b'p') if tag.is("plaintext") => return None,
            // The page in its `srcdoc` may have a chat.
            (6, b'i') if tag.is("iframe") => {
                let source = &self.text[tag.span.clone()];
                (!contains(source, b"srcdoc") || !self.finder.find(source).ours).then_some(())?;
                return self.raw_text(&tag);
            }
            key if RAW_TEXT.iter().any(|(k, name)| *k == key && tag.is(name)) => {
                return self.raw_text(&tag);
            }
            _ => self.stray |= !tag.is("link"),
        }
        Some(end)
    }

    fn end(&mut self, tag: Tag<'t>) -> Option<usize> {
        let end = tag.span.end;
        let state = &mut self.state;
        let head_open = state.facts.head.is_some() && state.head_end.is_none();
        // The end of the document ends the body, too.
        let html_open = state.facts.html.is_some() && state.html_end.is_none();
        let body_open =
            state.facts.body.is_some() && state.body_end.is_none() && state.html_end.is_none();
        match tag.key() {
            (4, b'h') if head_open && tag.is("head") => {
                // Were there a body in the head, its end tag would close that, too.
                state.facts.body.is_none().then_some(())?;
                state.head_end = Some(tag.span.start);
                self.stray = false;
            }
            (4, b'b') if body_open && tag.is("body") => {
                state.body_end = Some(tag.span);
            }
            (4, b'h') if html_open && tag.is("html") => {
                (!head_open || state.facts.body.is_some()).then_some(())?;
                state.html_end = Some(tag.span);
            }
            (6, b's') if tag.is("select") => self.in_select = false,
            _ => {}
        }
        Some(end)
    }

    fn html(&mut self, span: Span) -> Option<()> {
        let facts = &mut self.state.facts;
        let first = facts.html.is_none() && facts.head.is_none() && facts.body.is_none();
        // Entities in what its attributes say are not for here.
        let source = &self.text[span.clone()];
        let plain = memchr(b'&', source).is_none() && !contains(source, b"chathub");
        (first && plain && !self.stray).then_some(())?;
        let (mut lang, mut xml_lang, mut amp) = (None, None, false);
        attributes(self.text, span.start, 1, |name, value| {
            if name.eq_ignore_ascii_case(b"lang") {
                lang.get_or_insert(value);
            } else if name.eq_ignore_ascii_case(b"xml:lang") {
                xml_lang.get_or_insert(value);
            }
            amp |= is_amp(name);
        })?;
        let lang = lang.or(xml_lang);
        // What lol_html is given may lack it.
        lang.is_none_or(|lang| memchr(b'=', lang).is_none())
            .then_some(())?;
        facts.lang = lang
            .map(|lang| String::from_utf8_lossy(lang).trim().to_owned())
            .filter(|lang| !lang.is_empty());
        if amp {
            facts.nature = PageKind::Amp;
        }
        facts.html = Some(span);
        Some(())
    }

    fn body(&mut self, span: Span) -> Option<()> {
        // After the end of the document it is opened once more.
        self.state.html_end.is_none().then_some(())?;
        let facts = &mut self.state.facts;
        let plain = !contains(&self.text[span.clone()], b"chathub");
        (facts.body.is_none() && plain && !self.stray).then_some(())?;
        if facts.lang.is_none() && contains(&self.text[span.clone()], b"lang") {
            // It seldom says what its page does not.
            return None;
        }
        facts.body = Some(span);
        Some(())
    }

    /// A `meta` that may be a redirect or meant for us is not for here.
    fn meta(&mut self, span: &Span) -> Option<()> {
        let policy = policy::candidate(self.text, span.start);
        self.state.policies.extend(policy);
        let needles = self.finder.find(&self.text[span.clone()]);
        (!needles.refresh && !needles.ours).then_some(())
    }

    fn script(&mut self, start: Tag<'t>) -> Option<usize> {
        let end = self.raw_end(&start)?;
        let source = &self.text[start.span.clone()];
        let content = &self.text[start.span.end..end];
        // After `<!--` a script may hold whole scripts.
        if memmem::find(content, b"<!--").is_some() && contains(content, b"<script") {
            return None;
        }
        if script::may_leave(content) || self.finder.may_name_chat(content) {
            let attributes = super::tag::attributes(&String::from_utf8_lossy(source));
            if is_inline(|name| attributes.get(name).map(str::to_owned)) {
                self.state.scripts.push(start.span.end..end);
            }
        }
        // An entity may hide what makes it ours.
        if memchr(b'&', source).is_some() || self.finder.find(source).ours {
            let end_tag = tag(self.text, end, 2)?;
            self.scripts.push((start.span, end_tag.span));
        }
        Some(end)
    }

    /// Reads over raw text, to its end tag.
    fn raw_text(&self, start: &Tag<'_>) -> Option<usize> {
        // In a `select` it depends on the tree builder whether such a tag begins raw text at all.
        (!self.in_select).then_some(())?;
        self.raw_end(start)
    }

    /// Where the end tag begins that ends the raw text after a start tag.
    fn raw_end(&self, start: &Tag<'_>) -> Option<usize> {
        let content = &self.text[start.span.end..];
        let ends = |at: &usize| {
            let name = content[at + 1..].strip_prefix(b"/");
            let tag = name.and_then(|name| name.split_at_checked(start.name.len()));
            tag.is_some_and(|(name, behind)| {
                start.name.eq_ignore_ascii_case(name)
                    && behind.first().is_some_and(|b| ends_name(*b))
            })
        };
        // A search for both letters of `</` would take longer to set up than most are.
        Some(start.span.end + memchr_iter(b'<', content).find(ends)?)
    }

    /// A drawing: nothing but shapes, properly nested.
    fn svg(&mut self, svg: &Tag<'t>) -> Option<usize> {
        let mut open: Vec<&[u8]> = Vec::new();
        let mut at = svg.span.end;
        (!svg.self_closing).then_some(())?;
        loop {
            at = match self.next(at)? {
                Markup::Start(tag) => {
                    SHAPES.iter().find(|shape| tag.is(shape))?;
                    if !tag.self_closing {
                        open.push(tag.name);
                    }
                    tag.span.end
                }
                Markup::End(tag) => {
                    let name = open.pop().unwrap_or(svg.name);
                    tag.name.eq_ignore_ascii_case(name).then_some(())?;
                    if tag.is("svg") {
                        let content = svg.span.end..tag.span.start;
                        self.state.foreigns.push(content);
                        return Some(tag.span.end);
                    }
                    tag.span.end
                }
                Markup::Comment(comment) => {
                    (!self.finder.find(&self.text[comment.clone()]).ours).then_some(())?;
                    comment.end
                }
                // Such as a CDATA section, which is one in drawings only.
                Markup::Else(_) | Markup::None => return None,
            };
        }
    }
}

/// Whether a few lower-case letters occur, in any case.
fn contains(text: &[u8], letters: &[u8]) -> bool {
    let mut windows = text.windows(letters.len());
    windows.any(|window| window.eq_ignore_ascii_case(letters))
}
