//! One pass of lol_html over a page: bytes to [`Facts`].
//!
//! lol_html follows the tokenizer of the HTML standard and guesses at its tree builder. Where the guess may be wrong
//! the facts say so ([`Uncertainty`]), and where it cannot be, insertion points are marked certain. What is certain:
//!
//! - The tokenizer stands between tokens: a tag was found there, or, at the end of the file, a probe tag that was fed
//!   after it came out as a tag.
//! - No `template`, `svg` or `math` is open, and there is no `frameset`: everywhere else the tree builder handles a
//!   `script` start tag by the rules of "in head" (HTML standard, 13.2.6.4), which insert it where the parser is and
//!   change nothing else.
//! - After the point comes nothing but white space, comments and the end tags of `body` and `html`, so that no text
//!   can be moved by what stands before it (as text in tables is).

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use lol_html::errors::RewritingError;
use lol_html::html_content::Element;
use lol_html::{ElementContentHandlers, HtmlRewriter, Settings};
use memchr::memmem;

use super::facts::{Facts, Inert, Instance, PageKind, Scripted, Span, Syntax, Uncertainty};
use super::handlers::{
    Shared, State, authors, on_body, on_comments, on_end, on_foreign, on_frameset, on_head,
    on_head_child, on_head_text, on_html, on_html_in_foreign, on_import_map, on_inline_script,
    on_meta, on_noscript, on_template, on_text_point,
};
use super::needles::{Finder, Needles};
use super::refresh::Refresh;
use super::selectors::{PROBE, Selectors};
use super::skim::skim;
use super::workaround::work_around;
use super::{
    address, astray, foreign, names, points, policy, prolog, script, scripted, stub, tag, xml,
};
use crate::widget::{self, Kind, Product};

/// Scans pages; made once, shared by all threads.
#[derive(Debug)]
pub struct Scanner {
    addresses: widget::Addresses,
    /// Whether the end of the head has to be proved, too.
    head: bool,
    finder: Finder,
    selectors: Selectors,
}

/// The scanner's patterns could not be built; never with a widget address of sane length.
#[derive(Debug, thiserror::Error)]
#[error("the scanner cannot be built: {0}")]
pub struct ScannerError(String);

impl Scanner {
    /// A scanner for pages whose widgets come from these addresses; `head` where tags go to the end of the head.
    pub fn new(addresses: widget::Addresses, head: bool) -> Result<Self, ScannerError> {
        let finder = Finder::new(&addresses.signs(), &addresses.signs_in_scripts());
        Ok(Self {
            head,
            finder: finder.map_err(|e| ScannerError(e.to_string()))?,
            addresses,
            selectors: Selectors::new().map_err(|e| ScannerError(e.to_string()))?,
        })
    }

    /// The addresses that mean a widget.
    pub(super) fn addresses(&self) -> &widget::Addresses {
        &self.addresses
    }

    /// Finds out what is in a page. `text` is its [`Source::text`](super::Source::text).
    #[must_use]
    pub fn scan(&self, text: &[u8], syntax: Syntax) -> Facts {
        match syntax {
            Syntax::Html => self.scan_html(text, false),
            Syntax::Declared => xml::read_both(self, text),
            Syntax::Xml => xml::read(self, text),
        }
    }

    /// What it finds by the rules of HTML.
    pub(super) fn scan_html(&self, text: &[u8], xml: bool) -> Facts {
        match self.skim(text) {
            Some(state) => self.conclude(text, xml, state),
            None => self.scan_whole(text, xml),
        }
    }

    /// What [`scan`](Self::scan) finds by the rules of HTML, without the shortcut that it takes through plain pages: the same,
    /// only slower. `xml`: a parser of XML may read the page, too, which takes no element outside the root.
    #[must_use]
    pub fn scan_whole(&self, text: &[u8], xml: bool) -> Facts {
        self.conclude(text, xml, self.read(text))
    }

    /// Lets lol_html read a page.
    pub(super) fn read(&self, text: &[u8]) -> State {
        let needles = self.finder.find(text);
        // Only strict mode gives up; without it the scan goes on with a guess, which is a doubt.
        let mut state = self.run(text, needles, true).unwrap_or_else(|_| {
            let mut state = self.run(text, needles, false).unwrap_or_default();
            state.doubt(Uncertainty::Ambiguous);
            state
        });
        state.base = address::may_have_base(text);
        state.policies = policy::candidates(text);
        if state.templates > 0 || (state.all_templates > 0 && needles.columns) {
            state.doubt(Uncertainty::Template);
        }
        state
    }

    /// What has been read is put together.
    pub(super) fn conclude(&self, text: &[u8], xml: bool, mut state: State) -> Facts {
        if state.foreign > 0
            || state
                .foreigns
                .iter()
                .any(|span| foreign::closes_html(&text[span.clone()]))
        {
            state.doubt(Uncertainty::Foreign);
        }
        state.facts.doctype = prolog::doctype(text);
        astray::confirm(text, &mut state.facts);
        self.look_inside(text, &mut state);
        let scripted = state.scripts.iter();
        let scripted = scripted.filter_map(|span| self.scripted(text, span));
        let scripted: Vec<_> = scripted.collect();
        let known = &mut state.facts.scripted;
        known.extend(scripted);
        known.sort_by_key(|found| found.span.start);
        if state.facts.nature != PageKind::Frameset && sends_elsewhere(text, &state) {
            state.facts.nature = PageKind::Redirect;
        }
        if state.base {
            address::find_base(text, &mut state.facts);
        }
        state.facts.policies = policy::obeyed(text, &state.policies);
        points::locate(text, xml, &mut state);
        state.facts
    }

    /// Reads a plain page, without lol_html.
    pub(super) fn skim(&self, text: &[u8]) -> Option<State> {
        // What may stand in a head without ending it takes handlers.
        if self.head {
            return None;
        }
        let skimmed = skim(text, &self.finder)?;
        let mut state = skimmed.state;
        for (start_tag, end_tag) in skimmed.scripts {
            let Some((kind, attributes)) = self.recognise(&text[start_tag.clone()]) else {
                continue;
            };
            let is_ours = |name: &str| widget::owns(kind, &attributes, name);
            // Most tags have none, and to look for them in the text takes longer.
            let authors = if attributes.iter().all(|(name, _)| is_ours(name)) {
                Vec::new()
            } else {
                tag::authors(text, &start_tag, is_ours)?
            };
            state.facts.instances.push(Instance {
                kind,
                attributes,
                comment: None,
                authors,
                start_tag,
                end_tag: Some(end_tag),
                blank: false,
                link: None,
                alien: false,
            });
        }
        Some(state)
    }

    fn run(&self, text: &[u8], needles: Needles, strict: bool) -> Result<State, RewritingError> {
        let shared = Shared::default();
        shared.borrow_mut().end = text.len();
        let settings = self.settings(text, needles, &shared).with_strict(strict);
        let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
        rewriter.write(&work_around(text))?;
        rewriter.write(format!("<{PROBE}>").as_bytes())?;
        rewriter.end()?;
        Ok(shared.take())
    }

    fn settings<'h>(
        &'h self,
        text: &'h [u8],
        needles: Needles,
        shared: &Shared,
    ) -> Settings<'h, 'h> {
        let with = |handler: fn(&mut State, &mut Element<'_, '_>, &Shared)| {
            let shared = Rc::clone(shared);
            ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
                let mut state = shared.borrow_mut();
                if state.holds(&element.source_location().bytes()) {
                    handler(&mut state, element, &shared);
                }
                Ok(())
            })
        };
        let s = &self.selectors;
        let mut handlers = vec![
            (&s.html, with(on_html)),
            (&s.head, with(on_head)),
            (&s.body, with(on_body)),
        ];
        let end = text.len();
        let probe = Rc::clone(shared);
        handlers.push((
            &s.probe,
            ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
                let mut state = probe.borrow_mut();
                state.probe |=
                    element.source_location().bytes().start == end && state.is_live(element);
                Ok(())
            }),
        ));
        if needles.foreign {
            handlers.extend([
                (&s.foreign, with(on_foreign)),
                (&s.text_points, with(on_text_point)),
                (&s.html_points, with(on_html_in_foreign)),
            ]);
        }
        if needles.template {
            handlers.push((&s.template, with(on_template)));
        }
        if needles.frameset {
            handlers.push((&s.frameset, with(on_frameset)));
        }
        if needles.refresh || needles.ours {
            handlers.push((&s.meta, with(on_meta)));
        }
        if script::may_leave(text) || self.finder.may_name_chat(text) {
            handlers.push((&s.script, with(on_inline_script)));
        }
        if self.head || memmem::find(text, b"importmap").is_some() {
            handlers.push((&s.script, with(on_import_map)));
        }
        if needles.ours {
            handlers.push((&s.noscript, with(on_noscript)));
            let frames = Rc::clone(shared);
            handlers.push((
                &s.srcdoc,
                ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
                    self.on_srcdoc(element, &frames);
                    Ok(())
                }),
            ));
            let shared = Rc::clone(shared);
            handlers.push((
                &s.script,
                ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
                    self.on_script(text, element, &shared);
                    Ok(())
                }),
            ));
        }
        if self.head {
            shared.borrow_mut().head_proved = true;
            handlers.extend([
                (&s.head_child, with(on_head_child)),
                (&s.head, on_head_text(shared)),
            ]);
        }
        let mut settings = Settings::new();
        for (selector, handler) in handlers {
            settings = settings.append_element_content_handler((Cow::Borrowed(selector), handler));
        }
        if needles.commented {
            settings = settings.append_document_content_handler(on_comments(shared));
        }
        settings
    }

    fn on_script(&self, text: &[u8], element: &mut Element<'_, '_>, shared: &Shared) {
        let start_tag = element.source_location().bytes();
        if !shared.borrow().holds(&start_tag) {
            return;
        }
        let attributes = tag::attributes(&String::from_utf8_lossy(&text[start_tag.clone()]));
        let mut state = shared.borrow_mut();
        if !state.is_live(element) {
            let inside = state.astray_in();
            let svg = element.namespace_uri() == names::SVG_NAMESPACE;
            let (facts, addresses) = (&mut state.facts, &self.addresses);
            astray::note(facts, start_tag, attributes, inside, svg, addresses);
            return;
        }
        let Some(kind) = widget::recognise(&attributes, &self.addresses) else {
            return;
        };
        let comment = state.vendor_comment.take().filter(|comment| {
            text[comment.end..start_tag.start]
                .iter()
                .all(u8::is_ascii_whitespace)
        });
        state.facts.instances.push(Instance {
            kind,
            comment,
            authors: authors(text, element, |name| widget::owns(kind, &attributes, name)),
            attributes,
            start_tag,
            end_tag: None,
            blank: false,
            link: None,
            alien: false,
        });
        let at = state.facts.instances.len() - 1;
        on_end(element, shared, move |state, end_tag| {
            state.facts.instances[at].end_tag = Some(end_tag.source_location().bytes());
        });
    }

    fn recognise(&self, start_tag: &[u8]) -> Option<(Kind, widget::Attributes)> {
        let attributes = tag::attributes(&String::from_utf8_lossy(start_tag));
        Some((widget::recognise(&attributes, &self.addresses)?, attributes))
    }

    /// Looks after instances, and into what is text to a browser that runs scripts: comments and `noscript`.
    fn look_inside(&self, text: &[u8], state: &mut State) {
        for instance in &mut state.facts.instances {
            let end = instance
                .end_tag
                .as_ref()
                .map_or(text.len(), |end_tag| end_tag.start);
            instance.blank = text[instance.start_tag.end..end]
                .iter()
                .all(u8::is_ascii_whitespace);
            let end_tag = instance.end_tag.as_ref();
            instance.link = end_tag.and_then(|end_tag| tag::contact_link(text, end_tag.end));
        }
        self.look_for_links(text, state);
        for (spans, inside) in [
            (&state.comments, "a comment"),
            (&state.noscripts, "a <noscript>"),
        ] {
            for span in spans {
                let scripts = self.shallow(&text[span.clone()]);
                let inert = scripts.into_iter().map(|(script, product)| Inert {
                    span: span.start + script.start..span.start + script.end,
                    product,
                    inside,
                });
                state.facts.inert.extend(inert);
            }
        }
        state.facts.inert.sort_by_key(|inert| inert.span.start);
    }

    /// How a script puts a chat into its page, if it does.
    fn scripted(&self, text: &[u8], script: &Span) -> Option<Scripted> {
        let found = self.find_scripted(&text[script.clone()])?;
        let span = script.start + found.span.start..script.start + found.span.end;
        Some(Scripted { span, ..found })
    }

    /// The same of a script by itself.
    pub(super) fn find_scripted(&self, script: &[u8]) -> Option<Scripted> {
        let may_name_chat = self.finder.may_name_chat(script);
        may_name_chat.then(|| scripted::find(script, &self.addresses))?
    }

    /// Whether there may be a contact link that was damaged or moved since it was written.
    fn look_for_links(&self, text: &[u8], state: &mut State) {
        let instances = &state.facts.instances;
        // Nothing can stand after a tag that goes to the end of the body.
        let from = match instances.first() {
            _ if self.head => 0,
            Some(first) => first.start_tag.end,
            None => return,
        };
        let links = instances.iter().filter(|found| found.link.is_some());
        if widget::ContactLink::mentions(&text[from..]) > links.count() {
            state.doubt(Uncertainty::Link);
        }
    }

    /// The instances in a piece of markup that is text where it stands.
    pub(super) fn shallow(&self, markup: &[u8]) -> Vec<(Span, Product)> {
        // A comment's own opening would make a comment of everything.
        let skip = if markup.starts_with(b"<!--") { 4 } else { 0 };
        let found = RefCell::new(Vec::new());
        let scripts = ElementContentHandlers::default().element(|element: &mut Element<'_, '_>| {
            let tag = element.source_location().bytes();
            if let Some((kind, _)) = self.recognise(&markup[skip..][tag.clone()]) {
                let span = skip + tag.start..skip + tag.end;
                found.borrow_mut().push((span, kind.product()));
            }
            Ok(())
        });
        let settings = Settings::new()
            .with_strict(false)
            .append_element_content_handler((Cow::Borrowed(&self.selectors.script), scripts));
        let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
        // What was found until an error is still there; it is text after all.
        let _ = rewriter
            .write(&markup[skip..])
            .and_then(|()| rewriter.end());
        found.into_inner()
    }
}

/// Whether a page is there to send its reader elsewhere: a refresh does so at once and there is nothing else to read, or
/// a script does whenever it runs. Within `noscript`, comments and templates neither counts.
fn sends_elsewhere(text: &[u8], state: &State) -> bool {
    // The scripts first, which say it sooner: most stubs that have one have a refresh, too.
    let mut scripts = state.scripts.iter();
    if scripts.any(|span| script::leaves(&text[span.clone()])) {
        return true;
    }
    match &state.refresh {
        Some(Refresh::Leave(target)) => stub::says_nothing(text, target),
        _ => false,
    }
}
