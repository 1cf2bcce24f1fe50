//! What the scan notes at each tag.

use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::{Attribute, Comment, Element, EndTag, TextChunk, TextType};
use lol_html::{DocumentContentHandlers, ElementContentHandlers};

use super::facts::{Directive, Facts, PageKind, Span, Uncertainty};
use super::inline::is_inline;
use super::names::HTML_NAMESPACE;
use super::refresh::{Refresh, refresh};
use super::tag;
use crate::widget::VENDOR_COMMENT;

/// What the handlers gather.
// A set of flags, among others.
#[allow(clippy::struct_excessive_bools)]
#[derive(Default)]
pub(super) struct State {
    pub(super) facts: Facts,
    /// Length of the page; what ends after it has swallowed the probe, and is not a tag to a browser.
    pub(super) end: usize,
    /// How many are open.
    pub(super) templates: usize,
    /// How many there were.
    pub(super) all_templates: usize,
    pub(super) foreign: usize,
    /// Closed foreign elements, to be looked into.
    pub(super) foreigns: Vec<Span>,
    pub(super) vendor_comment: Option<Span>,
    pub(super) noscripts: Vec<Span>,
    /// What the first live refresh of the page asks for.
    pub(super) refresh: Option<Refresh>,
    /// The content of scripts that browsers run and that may send the reader elsewhere, or name a chat.
    pub(super) scripts: Vec<Span>,
    pub(super) comments: Vec<Span>,
    /// There may be a `<base>`.
    pub(super) base: bool,
    /// `meta` tags that may be policies.
    pub(super) policies: Vec<Span>,
    pub(super) body_end: Option<Span>,
    pub(super) html_end: Option<Span>,
    pub(super) head_end: Option<usize>,
    /// Something in the head that ends it without an end tag.
    pub(super) head_dirty: bool,
    /// The head was looked into at all.
    pub(super) head_proved: bool,
    pub(super) probe: bool,
    /// Where the last import map begins: after a module script, some browsers no longer take one.
    pub(super) import_map: usize,
}

pub(super) type Shared = Rc<RefCell<State>>;

impl State {
    pub(super) fn doubt(&mut self, doubt: Uncertainty) {
        self.facts.doubt.get_or_insert(doubt);
    }

    /// Whether something that the scan met ends with the page at the latest.
    pub(super) fn holds(&self, span: &Span) -> bool {
        span.end <= self.end
    }

    /// Whether the parser is where tags have their usual meaning.
    pub(super) fn is_live(&self, element: &Element<'_, '_>) -> bool {
        self.templates == 0 && element.namespace_uri() == HTML_NAMESPACE
    }

    /// Where a tag that is not live stands, for a person.
    pub(super) fn astray_in(&self) -> &'static str {
        if self.templates > 0 {
            "a <template>"
        } else {
            "an <svg> or <math>"
        }
    }
}

/// Notes comments. Costly: it makes lol_html look at every token.
pub(super) fn on_comments<'h>(shared: &Shared) -> DocumentContentHandlers<'h> {
    let state = Rc::clone(shared);
    DocumentContentHandlers::default().comments(move |comment: &mut Comment<'_>| {
        let mut state = state.borrow_mut();
        let mut span = comment.source_location().bytes();
        // The end of the file ends a comment, too.
        span.end = span.end.min(state.end);
        if comment.text().trim() == VENDOR_COMMENT {
            state.vendor_comment = Some(span.clone());
        }
        state.comments.push(span);
        Ok(())
    })
}

/// Runs `handler` at the end tag that closes an element; where that is not its own, the structure is not what the scan
/// takes it for, and a caller that cares has to compare the names.
pub(super) fn on_end(
    element: &mut Element<'_, '_>,
    shared: &Shared,
    handler: impl FnOnce(&mut State, &EndTag<'_>) + 'static,
) {
    let shared = Rc::clone(shared);
    if let Some(handlers) = element.end_tag_handlers() {
        handlers.push(Box::new(move |end_tag: &mut EndTag<'_>| {
            let mut state = shared.borrow_mut();
            if state.holds(&end_tag.source_location().bytes()) {
                handler(&mut state, end_tag);
            }
            Ok(())
        }));
    }
}

pub(super) fn on_html(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if !state.is_live(element) {
        return;
    }
    // A further start tag adds the attributes that the first one lacks.
    note_language(state, element);
    let mut names = element.attributes().iter().map(Attribute::name);
    if names.any(|name| is_amp(name.as_bytes())) {
        state.facts.nature = PageKind::Amp;
    }
    on_ignore(state, element);
    if state.facts.html.is_some() {
        return;
    }
    state.facts.html = Some(element.source_location().bytes());
    on_end(element, shared, move |state, end_tag| {
        if end_tag.name() == "html" {
            state.html_end = Some(end_tag.source_location().bytes());
        }
    });
}

/// The language that an element says it is in; the first that says so counts, `html` or `body`.
fn note_language(state: &mut State, element: &Element<'_, '_>) {
    let said = attribute(element, "lang").or_else(|| attribute(element, "xml:lang"));
    let said = said.map(|said| said.trim().to_owned());
    if let Some(said) = said.filter(|said| !said.is_empty()) {
        state.facts.lang.get_or_insert(said);
    }
}

/// An attribute's value, its character references resolved.
pub(super) fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    element.get_attribute(name).map(tag::resolve)
}

/// Whether an attribute of `html` makes an AMP page: `amp` or its sign, in text or emoji style, and for pages the format
/// alone, for advertisements and mails with its name after it.
pub(super) fn is_amp(name: &[u8]) -> bool {
    const SIGN: &[u8] = "⚡".as_bytes();
    let name = name.to_ascii_lowercase();
    let Some(mut kind) = name
        .strip_prefix(b"amp")
        .or_else(|| name.strip_prefix(SIGN))
    else {
        return false;
    };
    // Variation selectors: U+FE00 to U+FE0F.
    while let [0xEF, 0xB8, 0x80..=0x8F, rest @ ..] = kind {
        kind = rest;
    }
    matches!(kind, b"" | b"4ads" | b"4email")
}

/// Where a tag has attributes that are not ours to set.
pub(super) fn authors(
    text: &[u8],
    element: &Element<'_, '_>,
    is_ours: impl Fn(&str) -> bool,
) -> Vec<(String, Span)> {
    let attributes = element.attributes().iter();
    let authors = attributes.filter(|attribute| !is_ours(&attribute.name()));
    authors
        .filter_map(|attribute| {
            let name = attribute.name_source_location()?.bytes();
            let value = attribute.value_source_location().map(|l| l.bytes());
            let span = match value.filter(|value| value.end > name.end) {
                Some(value) => {
                    let quoted = matches!(text.get(value.start - 1), Some(b'"' | b'\''));
                    name.start..value.end + usize::from(quoted)
                }
                None => name,
            };
            Some((attribute.name(), span))
        })
        .collect()
}

pub(super) fn on_head(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if state.is_live(element) && state.facts.head.is_none() && state.facts.body.is_none() {
        state.facts.head = Some(element.source_location().bytes());
        on_end(element, shared, move |state, end_tag| {
            if end_tag.name() == "head" && state.facts.body.is_none() {
                state.head_end = Some(end_tag.source_location().bytes().start);
            }
        });
    }
}

/// Elements that may stand in a head without ending it.
const METADATA: &[&str] = &[
    "base", "basefont", "bgsound", "link", "meta", "noframes", "noscript", "script", "style",
    "template", "title",
];

pub(super) fn on_head_child(state: &mut State, element: &mut Element<'_, '_>, _: &Shared) {
    let name = element.tag_name();
    state.head_dirty |=
        state.facts.body.is_none() && name != "body" && !METADATA.contains(&name.as_str());
}

/// Text in a head ends it; white space does not, nor does what stands inside `title`, `style` and their like.
pub(super) fn on_head_text<'h>(shared: &Shared) -> ElementContentHandlers<'h> {
    let shared = Rc::clone(shared);
    ElementContentHandlers::default().text(move |chunk: &mut TextChunk<'_>| {
        let mut state = shared.borrow_mut();
        let visible =
            chunk.text_type() == TextType::Data && !chunk.as_str().trim_ascii().is_empty();
        state.head_dirty |= visible && state.facts.body.is_none() && state.head_end.is_none();
        Ok(())
    })
}

pub(super) fn on_body(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if !state.is_live(element) || state.facts.body.is_some() {
        return;
    }
    state.facts.body = Some(element.source_location().bytes());
    note_language(state, element);
    on_ignore(state, element);
    on_end(element, shared, move |state, end_tag| {
        if end_tag.name() == "body" {
            state.body_end = Some(end_tag.source_location().bytes());
        }
    });
}

pub(super) fn on_ignore(state: &mut State, element: &Element<'_, '_>) {
    if element.has_attribute("data-chathub-ignore") {
        state.facts.directive = Some(Directive::Off);
    }
}

pub(super) fn on_meta(state: &mut State, element: &mut Element<'_, '_>, _: &Shared) {
    if !state.is_live(element) {
        return;
    }
    let says = |name| attribute(element, name).unwrap_or_default();
    // Browsers follow the first one that they understand.
    if says("http-equiv").trim().eq_ignore_ascii_case("refresh") && state.refresh.is_none() {
        state.refresh = refresh(&says("content"));
    }
    if says("name").trim().eq_ignore_ascii_case("chathub") && state.facts.directive.is_none() {
        let content = says("content");
        state.facts.directive = Some(directive(content.trim()));
    }
}

pub(super) fn directive(content: &str) -> Directive {
    if content.eq_ignore_ascii_case("off") {
        return Directive::Off;
    }
    match content.split_once('=') {
        Some((key, name)) if key.trim() == "organization" && !name.trim().is_empty() => {
            Directive::Organization(name.trim().to_owned())
        }
        _ => Directive::Unknown(content.to_owned()),
    }
}

/// Notes import maps.
pub(super) fn on_import_map(state: &mut State, element: &mut Element<'_, '_>, _: &Shared) {
    let kind = attribute(element, "type").unwrap_or_default();
    if state.is_live(element) && kind.trim().eq_ignore_ascii_case("importmap") {
        state.import_map = element.source_location().bytes().start;
    }
}

/// Notes what stands in a script that browsers run.
pub(super) fn on_inline_script(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if !state.is_live(element) || !is_inline(|name| attribute(element, name)) {
        return;
    }
    let start = element.source_location().bytes().end;
    on_end(element, shared, move |state, end_tag| {
        let end = end_tag.source_location().bytes().start;
        state.scripts.push(start..end);
    });
}

pub(super) fn on_frameset(state: &mut State, element: &mut Element<'_, '_>, _: &Shared) {
    if state.is_live(element) {
        state.doubt(Uncertainty::Frameset);
        if state.facts.body.is_none() {
            state.facts.nature = PageKind::Frameset;
        }
    }
}

pub(super) fn on_template(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if element.namespace_uri() != HTML_NAMESPACE {
        return;
    }
    state.all_templates += 1;
    state.templates += 1;
    on_end(element, shared, move |state, end_tag| {
        state.templates -= 1;
        if end_tag.name() != "template" {
            state.doubt(Uncertainty::Template);
        }
    });
}

pub(super) fn on_noscript(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if !state.is_live(element) {
        return;
    }
    let start = element.source_location().bytes().end;
    on_end(element, shared, move |state, end_tag| {
        let end = end_tag.source_location().bytes().start;
        state.noscripts.push(start..end);
    });
}

pub(super) fn on_foreign(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if state.foreign > 0 || element.is_self_closing() {
        state.doubt(Uncertainty::Foreign);
    }
    state.foreign += 1;
    let name = element.tag_name();
    let start = element.source_location().bytes().end;
    on_end(element, shared, move |state, end_tag| {
        state.foreign -= 1;
        state
            .foreigns
            .push(start..end_tag.source_location().bytes().start);
        if end_tag.name() != name {
            state.doubt(Uncertainty::Foreign);
        }
    });
}

/// `title`, `desc` and MathML's token elements hold HTML; with nothing but text in them nothing can go wrong.
pub(super) fn on_text_point(state: &mut State, element: &mut Element<'_, '_>, shared: &Shared) {
    if state.foreign == 0 {
        return;
    }
    let name = element.tag_name();
    on_end(element, shared, move |state, end_tag| {
        if end_tag.name() != name {
            state.doubt(Uncertainty::Foreign);
        }
    });
}

pub(super) fn on_html_in_foreign(state: &mut State, _: &mut Element<'_, '_>, _: &Shared) {
    if state.foreign > 0 {
        state.doubt(Uncertainty::Foreign);
    }
}
