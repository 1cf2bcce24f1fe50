//! A first look over a page's bytes: which of the things that need a selector of their own occur in it at all.
//!
//! The scan's cost grows with its selectors, and most pages hold none of these. HTML's names match in any case, for
//! which the SIMD search has no mode: it looks for a few letters of each needle in all their spellings, and the whole
//! needle is compared where they occur.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, Match, packed};
use memchr::memmem;

use super::markup::attributes;

/// What occurs in a page, in whatever context.
// A set of flags is what it is.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Needles {
    /// A tag, comment, `meta` or attribute that may be ours.
    pub(super) ours: bool,
    /// Such a thing that may stand in a comment.
    pub(super) commented: bool,
    /// `svg` or `math`.
    pub(super) foreign: bool,
    /// `template`.
    pub(super) template: bool,
    /// `col` or `colgroup`.
    pub(super) columns: bool,
    /// `frameset`.
    pub(super) frameset: bool,
    /// `meta refresh`.
    pub(super) refresh: bool,
}

/// A needle, and the letters of it that are searched for: rare ones, where others are not.
struct Needle {
    whole: &'static str,
    letters: &'static str,
    /// Notes it; given the text from it on.
    found: fn(&mut Needles, &[u8]),
}

const fn needle(
    whole: &'static str,
    letters: &'static str,
    found: fn(&mut Needles, &[u8]),
) -> Needle {
    Needle {
        whole,
        letters,
        found,
    }
}

const NEEDLES: [Needle; 10] = [
    needle("<svg", "<sv", |n, _| n.foreign = true),
    needle("<math", "<mat", |n, _| n.foreign = true),
    needle("<template", "<tem", |n, _| n.template = true),
    needle("<col", "<col", |n, _| n.columns = true),
    needle("<frameset", "<fr", |n, _| n.frameset = true),
    needle("refresh", "esh", |n, _| n.refresh = true),
    needle("chathub", "hub", |n, _| n.ours = true),
    needle("operator-chat-panel", "hat-", |n, _| n.ours = true),
    needle("chat-widget", "hat-", |n, _| n.ours = true),
    // Any name of ours can be spelt with character references, and an address in more ways.
    needle("<script", "<scr", |n, tag| {
        n.ours = n.ours || may_hide(tag);
    }),
];

/// How letters are found.
#[derive(Debug)]
enum Search {
    /// By SIMD, many bytes at a time; for no more than 64 spellings.
    Packed(packed::Searcher),
    /// Byte by byte, where the processor has no instructions for that.
    Automaton(AhoCorasick),
}

impl Search {
    fn new<P: AsRef<[u8]>>(
        patterns: impl IntoIterator<Item = P> + Clone,
    ) -> Result<Self, BuildError> {
        Ok(match packed::Searcher::new(patterns.clone()) {
            Some(search) => Self::Packed(search),
            None => Self::Automaton(AhoCorasick::new(patterns)?),
        })
    }
}

/// Finds all needles in one pass.
#[derive(Debug)]
pub(super) struct Finder {
    search: Search,
    /// Letters of which some are in every script that names the vendor's chat.
    in_scripts: Search,
    /// Letters of the widgets' addresses, which are compared as they are.
    addresses: Vec<memmem::Finder<'static>>,
}

impl Finder {
    /// A finder that takes these letters of the widgets' addresses for a sign of our tags, too, and those for a sign of scripts
    /// that name a chat.
    pub(super) fn new(addresses: &[&str], in_scripts: &[&str]) -> Result<Self, BuildError> {
        Ok(Self {
            search: Search::new(&patterns())?,
            in_scripts: Search::new(in_scripts)?,
            addresses: addresses
                .iter()
                .map(|address| memmem::Finder::new(address.as_bytes()).into_owned())
                .collect(),
        })
    }

    /// Whether a script may name the vendor's chat: cheap, and seldom true.
    pub(super) fn may_name_chat(&self, script: &[u8]) -> bool {
        match &self.in_scripts {
            Search::Packed(search) => search.find(script).is_some(),
            Search::Automaton(search) => search.is_match(script),
        }
    }

    pub(super) fn find(&self, text: &[u8]) -> Needles {
        let mut needles = Needles::default();
        let mut comments = Comments::default();
        let hit = |found: Match| {
            for needle in &NEEDLES {
                if let Some(start) = needle.begins(text, found.range()) {
                    (needle.found)(&mut needles, &text[start..]);
                    needles.commented =
                        needles.commented || (needles.ours && comments.may_hold(text, start));
                }
            }
        };
        match &self.search {
            Search::Packed(search) => search.find_iter(text).for_each(hit),
            Search::Automaton(search) => search.find_iter(text).for_each(hit),
        }
        if !needles.ours {
            for at in self.addresses.iter().flat_map(|a| a.find_iter(text)) {
                needles.ours = true;
                needles.commented |= comments.may_hold(text, at);
            }
        }
        needles
    }
}

impl Needle {
    /// Where the needle begins if the letters found are its own.
    fn begins(&self, text: &[u8], found: Range<usize>) -> Option<usize> {
        let at = found.start;
        if !text[found].eq_ignore_ascii_case(self.letters.as_bytes()) {
            return None;
        }
        let start = at.checked_sub(self.whole.find(self.letters)?)?;
        let whole = text.get(start..start + self.whole.len())?;
        whole
            .eq_ignore_ascii_case(self.whole.as_bytes())
            .then_some(start)
    }
}

/// How far the end of a start tag is searched for.
const LONGEST: usize = 4 << 10;

/// Whether a name of ours may hide in the start tag with which a text begins: after character references, or in an
/// address after what browsers leave out of addresses or decode in them. None of that is in our names.
fn may_hide(tag: &[u8]) -> bool {
    let near = &tag[..tag.len().min(LONGEST)];
    if is_open(near) {
        return false;
    }
    let mut hides = false;
    let end = attributes(near, 0, 1, |name, value| {
        let mut references = memchr::memchr_iter(b'&', value);
        hides |= references.any(|at| !value[at..].starts_with(b"&amp;"));
        let address = name.last_chunk::<3>();
        let is_address = |end: &[u8; 3]| {
            // Scripts of `svg` have a `href`.
            end.eq_ignore_ascii_case(b"src") || end.eq_ignore_ascii_case(b"ref")
        };
        if address.is_some_and(is_address) {
            let value = value.trim_ascii();
            hides |= memchr::memchr(b'%', value).is_some()
                || memchr::memchr3(b'\t', b'\n', b'\r', value).is_some();
        }
    });
    // A tag as long as that may hold anything.
    hides || (end.is_none() && near.len() < tag.len())
}

/// Whether a start tag plainly ends at the first `>`, and has nothing before it that could hide a name: quickly told, and
/// true of most tags.
fn is_open(tag: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'>', tag) else {
        return false;
    };
    let (mut double, mut single, mut odd) = (0, 0, false);
    for byte in &tag[..end] {
        match byte {
            b'"' => double += 1,
            b'\'' => single += 1,
            b'&' | b'%' | b'\t' | b'\n' | b'\r' => odd = true,
            _ => {}
        }
    }
    // With quotes of one kind, an even number of them is closed.
    !odd && (double == 0 || single == 0) && (double + single) % 2 == 0
}

/// All letters that are searched for, in every spelling, each once.
fn patterns() -> BTreeSet<String> {
    NEEDLES.iter().flat_map(|n| spellings(n.letters)).collect()
}

/// Every way to write a few ASCII letters.
fn spellings(letters: &str) -> Vec<String> {
    letters
        .chars()
        .fold(vec![String::new()], |spellings, letter| {
            let mut both = vec![letter.to_ascii_lowercase(), letter.to_ascii_uppercase()];
            both.dedup();
            let extend = |s: &String| both.iter().map(|c| format!("{s}{c}")).collect::<Vec<_>>();
            spellings.iter().flat_map(extend).collect()
        })
}

/// Tells whether something may stand in a comment, asked in the order of the text.
#[derive(Default)]
struct Comments {
    opening: Option<usize>,
    searched: usize,
}

impl Comments {
    fn may_hold(&mut self, text: &[u8], at: usize) -> bool {
        let from = self.searched.min(at);
        if let Some(last) = memmem::find_iter(&text[from..at], b"<!--").last() {
            self.opening = Some(from + last);
        }
        // An opening may lie across the border.
        self.searched = at.saturating_sub(b"<!--".len() - 1).max(from);
        let opening = self.opening.filter(|opening| *opening < at);
        let holds =
            opening.is_some_and(|opening| memmem::find(&text[opening..at], b"-->").is_none());
        if !holds {
            // What has been closed need not be looked through again.
            self.opening = None;
        }
        holds
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn find(text: &str) -> Needles {
        Finder::new(&["https://chat.example/w.js", "c.js"], &["c.js"])
            .unwrap()
            .find(text.as_bytes())
    }

    #[test]
    fn finds_every_needle_in_any_case() {
        for needle in NEEDLES {
            let mut wanted = Needles::default();
            (needle.found)(&mut wanted, b"<script>");
            for spelling in [needle.whole.to_owned(), needle.whole.to_uppercase()] {
                assert_eq!(
                    find(&format!("<p>that is {spelling}>")),
                    wanted,
                    "{spelling}"
                );
                assert_eq!(find(&spelling), wanted, "{spelling}");
            }
        }
        assert!(find("<script src=https://chat.example/w.js>").ours);
        assert_eq!(
            find("<p>fresh: that chat, the hub, <summary><code>"),
            Needles::default()
        );
    }

    #[test]
    fn answers_the_same_without_simd() {
        let fast = Finder::new(&["w.js"], &["w.js"]).unwrap();
        let slow = Finder {
            search: Search::Automaton(AhoCorasick::new(patterns()).unwrap()),
            in_scripts: Search::Automaton(AhoCorasick::new(["w.js"]).unwrap()),
            addresses: fast.addresses.clone(),
        };
        let text = b"<sVg><!-- operator-CHAT-panel --><TEMPLATE>ReFresh<colgroup>";
        assert_eq!(slow.find(text), fast.find(text));
        for (script, names) in [("s.src = 'w.js'", true), ("s.src = 'v.js'", false)] {
            assert_eq!(fast.may_name_chat(script.as_bytes()), names);
            assert_eq!(slow.may_name_chat(script.as_bytes()), names);
        }
    }

    #[test]
    fn simd_takes_all_spellings() {
        assert!(patterns().len() <= 64, "{}", patterns().len());
    }

    #[test]
    fn suspects_names_that_are_spelt_with_character_references() {
        assert!(find("<script id=operator&#45;chat-x>").ours);
        assert!(!find("<script src='a?b&amp;c'> x && y").ours);
        assert!(find("<script title='>' id=operator&#45;chat-x>").ours);
    }

    #[test]
    fn suspects_addresses_that_browsers_read_otherwise() {
        for value in [
            "/operator%2Dchat-panel/",
            "'/operator-\nchat-panel/'",
            "'/oper\tator'",
        ] {
            assert!(
                find(&format!("<script title='>' data-SRC={value} async>")).ours,
                "{value}"
            );
        }
        for plain in [
            "src='\n/a.js\n'",
            "title='100%'",
            "\n\tasync\n\tsrc=/a.js\n",
        ] {
            assert!(
                !find(&format!("<script {plain}>x%y\n</script>")).ours,
                "{plain}"
            );
        }
    }

    #[test]
    fn sees_what_may_be_commented() {
        assert!(find("<!-- a -- b <!-- chathub").commented);
        assert!(find("chathub <!-- chathub -->").commented);
        assert!(!find("<!-- a --> chathub <!-- b -->").commented);
        assert!(!find("chathub").commented);
    }
}
