//! What a page that sends its reader elsewhere at once has to say itself.

use std::cell::RefCell;
use std::mem;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use memchr::memchr;

/// How much of a page is read at a time, in bytes: most pages have something to read in their first few.
const PIECE: usize = 4 << 10;

/// How much a sentence about the redirect may say beside its link, in characters.
const SENTENCE: usize = 200;

/// Elements in which there is something to see, to hear or to do, whatever text there is.
const CONTENT: [&str; 13] = [
    "audio", "button", "canvas", "embed", "form", "frame", "iframe", "object", "select", "table",
    "textarea", "video", "input",
];

/// Elements that stand in a line of text.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "em", "font", "i", "kbd", "mark", "q",
    "s", "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr",
];

/// Whether nothing is to be read in a page but that it has moved to this address: each paragraph has a link to there, or
/// repeats the title, or has the word "redirect" in it, and is short.
pub(super) fn says_nothing(page: &[u8], target: &str) -> bool {
    let sink = Sink(RefCell::new(Reading {
        target,
        ..Reading::default()
    }));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = page;
    while !rest.is_empty() {
        // Where a tag begins, no letter is cut in two.
        let least = rest.len().min(PIECE);
        let length = memchr(b'<', &rest[least..]).map_or(rest.len(), |at| least + at);
        let piece = String::from_utf8_lossy(&rest[..length]);
        input.push_back(StrTendril::from_slice(&piece));
        let _ = tokenizer.feed(&input);
        if tokenizer.sink.0.borrow().content {
            return false;
        }
        rest = &rest[length..];
    }
    tokenizer.end();
    let mut reading = tokenizer.sink.0.into_inner();
    reading.end_paragraph();
    reading.silent()
}

/// What is read up to some place.
#[derive(Default)]
struct Reading<'t> {
    target: &'t str,
    title: String,
    /// The name of the element whose content is text, or not looked into, and how many of it are open.
    inside: Option<(String, usize)>,
    /// The text of this paragraph that is not the link's.
    paragraph: String,
    /// Whether this paragraph has a link to the target.
    linked: bool,
    in_link: bool,
    /// A paragraph that is not known to be about the redirect; kept to be compared with the title, which may come later.
    own: Option<String>,
    /// There is something to read, whatever comes.
    content: bool,
}

impl Reading<'_> {
    fn end_paragraph(&mut self) {
        let paragraph = mem::take(&mut self.paragraph);
        let paragraph = paragraph.trim();
        let linked = mem::take(&mut self.linked);
        self.in_link = false;
        let about = linked || paragraph.is_empty() || paragraph.to_lowercase().contains("redirect");
        if paragraph.chars().count() > SENTENCE {
            self.content = true;
        } else if !about {
            // More of the title may come, but what there is of it stays.
            let may_be_title = paragraph.starts_with(self.title.trim());
            let own = self.own.get_or_insert_with(|| paragraph.to_owned());
            self.content |= !may_be_title || own != paragraph;
        }
    }

    fn silent(&self) -> bool {
        let title = self.title.trim();
        !self.content && self.own.as_ref().is_none_or(|own| own == title)
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        if let Some((open, depth)) = &mut self.inside {
            // Of a drawing or a template.
            *depth += usize::from(open == name && !tag.self_closing);
            return TokenSinkResult::Continue;
        }
        let raw = match name {
            "script" => Some(RawKind::ScriptData),
            "style" | "noscript" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
            "title" => Some(RawKind::Rcdata),
            _ => None,
        };
        if raw.is_some() || ((name == "template" || name == "svg") && !tag.self_closing) {
            self.inside = Some((name.to_owned(), 1));
        }
        if let Some(raw) = raw {
            return TokenSinkResult::RawData(raw);
        }
        if CONTENT.contains(&name) {
            let hidden =
                |a: &html5ever::Attribute| &*a.name.local == "type" && &*a.value == "hidden";
            self.content |= name != "input" || !tag.attrs.iter().any(hidden);
        }
        if name == "a" {
            let href = tag.attrs.iter().find(|a| &*a.name.local == "href");
            let leads = href.is_some_and(|href| href.value.trim() == self.target);
            self.linked |= leads;
            self.in_link = leads;
        } else if !INLINE.contains(&name) {
            self.end_paragraph();
        }
        TokenSinkResult::Continue
    }

    fn end(&mut self, name: &str) {
        if let Some((open, depth)) = &mut self.inside {
            if open == name {
                *depth -= 1;
                if *depth == 0 {
                    self.inside = None;
                }
            }
        } else if name == "a" {
            self.in_link = false;
        } else if !INLINE.contains(&name) {
            self.end_paragraph();
        }
    }

    fn text(&mut self, text: &str) {
        match &self.inside {
            Some((name, _)) if name == "title" => self.title.push_str(text),
            Some(_) => {}
            // Once there is something to read, how much does not matter.
            None if self.in_link || self.content => {}
            None => self.paragraph.push_str(text),
        }
    }
}

struct Sink<'t>(RefCell<Reading<'t>>);

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reading.start(&tag),
            Token::TagToken(tag) => reading.end(&tag.name),
            Token::CharacterTokens(text) => reading.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_redirect_itself_is_nothing_to_read() {
        for body in [
            "",
            " \n ",
            "<a href=/x>The shop has moved.</a>",
            "<h1>Moved on</h1><p><a href=\"/x\">Click here if you are not redirected.</a>",
            "You're being sent to a <a href=\"/x\">new destination</a>.",
            "<p>Redirecting &hellip;</p>",
            "<script>var text = 'long text'</script><noscript>Please wait</noscript><style>p{}</style>",
            "<div id=app><div><p><a href='/x'>Moved</a></p></div></div>",
            "<template><p>more</p></template><svg><text>logo</text></svg>",
            "<input type=hidden>",
            "<p>It is now <code>/x</code>, <br>see <a href=/x>there</a></p>",
        ] {
            let page = format!("<title>Moved on</title>{body}");
            assert!(says_nothing(page.as_bytes(), "/x"), "{body}");
        }
    }

    #[test]
    fn content_of_its_own_makes_a_page() {
        let long = format!("<p><a href=/x>x</a>{}</p>", " word".repeat(50));
        for body in [
            "<h1>Our location</h1><p>We are in the centre, open from 9 to 17.</p>",
            "<p>Text, and nothing else</p>",
            "<a href=/y>another page</a>",
            "<p><a href=/x>new</a></p><p>And this.</p>",
            "<a href=/x>new</a><iframe src=/y></iframe>",
            "<form><input></form>",
            "<svg></svg>text",
            &long,
        ] {
            let page = format!("<title>Moved on</title>{body}");
            assert!(!says_nothing(page.as_bytes(), "/x"), "{body}");
        }
    }

    #[test]
    fn the_title_may_come_in_pieces_and_late() {
        for (page, stub) in [
            ("<p>Moved on</p><title>Moved on</title>", true),
            (
                "<title>Moved </title><p>Moved on</p><title>on</title>",
                true,
            ),
            ("<title>Moved on</title><p>Moved</p>", false),
            ("<p>Moved</p><p>Moved on</p><title>Moved on</title>", false),
            (
                "<title>Moved on</title><p>Moved on</p><p>Moved on</p>",
                true,
            ),
        ] {
            assert_eq!(says_nothing(page.as_bytes(), "/x"), stub, "{page}");
        }
    }

    #[test]
    fn where_a_page_is_cut_does_not_matter() {
        for (letters, about) in [("слово", "redirect"), ("\u{1F98A}&amp;", "Moved on")] {
            for filling in 0..20 {
                let style = format!("<style>{}</style>", "s".repeat(PIECE - 60 + filling));
                let start = format!("<title>Moved on</title>{style}<p>{about} ");
                let page = format!("{start}</p>{}", "<br>".repeat(PIECE));
                assert!(says_nothing(page.as_bytes(), "/x"), "{filling}");
                let page = format!("{page}<p>{letters}</p>{}", "<br>".repeat(PIECE));
                assert!(!says_nothing(page.as_bytes(), "/x"), "{filling}");
            }
        }
        // Bytes that are not text are something to read, too.
        assert!(!says_nothing(
            b"<title>Moved on</title><p>Moved on\xff",
            "/x"
        ));
    }
}
