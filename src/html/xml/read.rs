//! A page as an XML parser reads it: bytes to [`Facts`].

use std::ops::Range;

use memchr::{memchr_iter, memrchr};
use roxmltree::{Document, Node, ParsingOptions};

use super::declaration;
use super::dtd::Dtd;
use super::effort;
use super::nodes::{
    astray_in, attributes, authors, is, is_blank, is_live, language, tag_end, text_of,
};
use super::syntax_error;
use crate::html::effort::limit;
use crate::html::facts::{
    Bar, Facts, Inert, Instance, Obstacle, PageKind, PagePolicy, Point, Position, Scripted, Span,
    Syntax,
};
use crate::html::handlers::{directive, is_amp};
use crate::html::names::HTML_NAMESPACE;
use crate::html::refresh::{Refresh, refresh};
use crate::html::scan::Scanner;
use crate::html::{inline, policy, script, stub, tag};
use crate::widget::{self, ContactLink, Product, VENDOR_COMMENT};

/// Finds out what is in a page. What keeps it from being judged as XML is in the facts; all else in them is then what a
/// reader of HTML finds.
pub(in crate::html) fn read(scanner: &Scanner, text: &[u8]) -> Facts {
    find(scanner, text).unwrap_or_else(|obstacle| {
        let mut facts = Facts {
            syntax: Syntax::Xml,
            obstacle: Some(obstacle),
            ..scanner.scan(text, Syntax::Html)
        };
        // To HTML, names with a prefix are not its own.
        if facts.nature == PageKind::Fragment && has_prefixed_root(text) {
            facts.nature = PageKind::Page;
        }
        facts
    })
}

/// Whether the first element is `html` with a prefix.
fn has_prefixed_root(text: &[u8]) -> bool {
    let mut tags = memchr_iter(b'<', text).map(|at| &text[at + 1..]);
    let first = tags.find(|tag| !matches!(tag.first(), Some(b'!' | b'?')));
    first.is_some_and(|tag| {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/>".contains(byte);
        let end = tag.iter().position(ends).unwrap_or(tag.len());
        tag[..end].ends_with(b":html")
    })
}

fn find(scanner: &Scanner, text: &[u8]) -> Result<Facts, Obstacle> {
    let text = std::str::from_utf8(text).map_err(|error| Obstacle {
        at: error.valid_up_to(),
        why: Bar::Malformed("its bytes are not valid UTF-8".to_owned()),
    })?;
    effort::check(text.as_bytes(), limit(text.len())).map_err(|at| Obstacle {
        at,
        why: Bar::TooMuchWork,
    })?;
    declaration::check(text)?;
    let dtd = Dtd::read(text)?;
    let (declared, added) = dtd.declare(text);
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&declared, options).map_err(|error| {
        let at = original(syntax_error::offset(&declared, &error), &added).min(text.len());
        let (at, what) = syntax_error::what(text, at, &error);
        Obstacle {
            at,
            why: Bar::Malformed(what),
        }
    })?;
    let reader = Reader {
        scanner,
        text,
        added,
        page: document.root_element(),
        refresh: None,
        facts: Facts {
            syntax: Syntax::Xml,
            doctype: Some(dtd.span).filter(|span| !span.is_empty()),
            ..Facts::default()
        },
    };
    Ok(reader.read())
}

struct Reader<'a, 'd, 'i> {
    scanner: &'a Scanner,
    text: &'a str,
    /// What stands in the parsed text and not in the page's.
    added: Range<usize>,
    page: Node<'d, 'i>,
    /// What the first live refresh asks for.
    refresh: Option<Refresh>,
    facts: Facts,
}

impl Reader<'_, '_, '_> {
    fn read(mut self) -> Facts {
        let root = self.page;
        if !is(root, "html") {
            let at = self.start(root);
            let name = root.tag_name();
            if name.name() == "html" {
                self.stop(at, Bar::Namespace);
            } else {
                let html = matches!(name.namespace(), None | Some(HTML_NAMESPACE));
                self.facts.nature = if html {
                    PageKind::Fragment
                } else {
                    PageKind::OtherXml
                };
                self.stop(at, Bar::NoBody);
            }
            return self.facts;
        }
        self.stop_if_transformed();
        self.outline();
        for node in root.document().descendants() {
            if node.is_comment() {
                self.on_comment(node);
            } else if node.is_element() {
                match node.tag_name().name() {
                    "script" => self.on_script(node),
                    "meta" if is_live(node, "meta") => self.on_meta(node),
                    "base" if is_live(node, "base") => self.on_base(node),
                    _ => {}
                }
            }
        }
        self.facts.inert.sort_by_key(|inert| inert.span.start);
        if let Some(Refresh::Leave(target)) = &self.refresh
            && self.facts.nature != PageKind::Frameset
            && stub::says_nothing(self.text.as_bytes(), target)
        {
            self.facts.nature = PageKind::Redirect;
        }
        self.facts
    }

    /// Looks for a stylesheet that makes another document of the page: an instruction before its root, of any type of XML.
    fn stop_if_transformed(&mut self) {
        let found = self.page.prev_siblings().find(|node| {
            let instruction = node.pi().filter(|pi| pi.target == "xml-stylesheet");
            let said = instruction.and_then(|pi| pi.value).unwrap_or_default();
            let attributes = tag::attributes(&format!("<x {said}>"));
            let kind = attributes.get("type").unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or(kind).trim_ascii_end();
            let kind = kind.to_ascii_lowercase();
            kind.ends_with("xml") || kind.ends_with("xsl")
        });
        if let Some(instruction) = found {
            self.stop(self.start(instruction), Bar::Transformed);
        }
    }

    /// Notes `html`, `head` and `body`, what they say about themselves, and the places at their borders.
    fn outline(&mut self) {
        let root = self.page;
        let mut children = root.children();
        let head = children.find(|child| is(*child, "head"));
        let body = root
            .children()
            .find(|child| is(*child, "body") || is(*child, "frameset"));
        self.facts.lang = language(root).or_else(|| language(body?));
        let mut names = root.attributes().map(|attribute| attribute.name());
        if names.any(|name| is_amp(name.as_bytes())) {
            self.facts.nature = PageKind::Amp;
        }
        self.facts.html = Some(self.start_tag(root));
        self.facts.head = head.map(|head| self.start_tag(head));
        if let Some(head) = head {
            self.ends(head, Position::HeadEnd, Some(Position::HeadStart));
        }
        let body = match body {
            // One that comes out of an entity has no place in the page.
            Some(body) if is(body, "body") && self.start(body) > self.start(root) => body,
            other => {
                if other.is_some_and(|body| is(body, "frameset")) {
                    self.facts.nature = PageKind::Frameset;
                }
                self.facts.points.clear();
                return self.stop(self.start(root), Bar::NoBody);
            }
        };
        self.facts.body = Some(self.start_tag(body));
        self.ends(body, Position::BodyEnd, Some(Position::BodyStart));
        self.ends(root, Position::HtmlEnd, None);
        let ignores = |node: Node<'_, '_>| node.has_attribute("data-chathub-ignore");
        if ignores(root) || ignores(body) {
            self.facts.directive = Some(crate::html::Directive::Off);
        }
    }

    /// Notes the places before an element's end tag and after its start tag.
    fn ends(&mut self, element: Node<'_, '_>, end: Position, start: Option<Position>) {
        let start_tag = self.start_tag(element);
        let Some(end_tag) = self.end_tag(element, &start_tag) else {
            return;
        };
        let alien = element.default_namespace() != Some(HTML_NAMESPACE);
        let mut add = |at, offset| {
            self.facts.points.push(Point {
                at,
                offset,
                certain: at == Position::BodyEnd && !alien,
                alien,
            });
        };
        add(end, end_tag.start);
        if let Some(start) = start {
            add(start, start_tag.end);
        }
    }

    fn on_comment(&mut self, comment: Node<'_, '_>) {
        let span = self.span(comment);
        let found = self.scanner.shallow(&self.text.as_bytes()[span.clone()]);
        self.facts
            .inert
            .extend(found.into_iter().map(|(script, product)| Inert {
                span: span.start + script.start..span.start + script.end,
                product,
                inside: "a comment",
            }));
    }

    /// Notes where the loader's address leads, which a `<base>` after it cannot tell.
    fn on_base(&mut self, base: Node<'_, '_>) {
        let mut instances = self.facts.instances.iter();
        if let Some(href) = base.attribute("href")
            && self.facts.base.is_none()
            && !instances.any(|instance| instance.kind.product() == Product::Operator)
        {
            self.facts.base = Some((self.start_tag(base), href.to_owned()));
        }
    }

    fn on_meta(&mut self, meta: Node<'_, '_>) {
        let value = |name| meta.attribute(name).unwrap_or_default();
        let refreshes = value("http-equiv").trim().eq_ignore_ascii_case("refresh");
        if refreshes && self.refresh.is_none() {
            self.refresh = refresh(value("content"));
        }
        let ours = value("name").trim().eq_ignore_ascii_case("chathub");
        if ours && self.facts.directive.is_none() {
            self.facts.directive = Some(directive(value("content").trim()));
        }
        // Browsers obey it anywhere in the head, inside a `noscript` too, whose content is markup to XML.
        let in_head = || meta.ancestors().any(|ancestor| is(ancestor, "head"));
        if policy::is_policy(value("http-equiv"))
            && let Some(content) = meta.attribute("content").filter(|_| in_head())
        {
            self.facts.policies.push(PagePolicy {
                span: self.start_tag(meta),
                content: content.to_owned(),
            });
        }
    }

    fn on_script(&mut self, element: Node<'_, '_>) {
        let attributes = attributes(element);
        let runs = inline::is_inline(|name| attributes.get(name).map(str::to_owned));
        if runs && is_live(element, "script") {
            let script = text_of(element);
            if script::leaves(script.as_bytes()) {
                self.facts.nature = PageKind::Redirect;
            }
            // Where in the file that is, what is decoded does not tell.
            let scripted = self.scanner.find_scripted(script.as_bytes());
            self.facts.scripted.extend(scripted.map(|found| Scripted {
                span: self.start_tag(element),
                ..found
            }));
        }
        let start_tag = self.start_tag(element);
        let kind = attributes.get("type").unwrap_or_default();
        if kind.trim() == "importmap" && is_live(element, "script") {
            // After a module script, some browsers no longer take one.
            let points = &mut self.facts.points;
            points.retain(|point| point.offset > start_tag.start);
        }
        let addresses = self.scanner.addresses();
        if let Some(found) = astray_in(element, &attributes, &start_tag, addresses) {
            self.facts.astray.push(found);
            return;
        }
        let Some(kind) = widget::recognise(&attributes, addresses) else {
            return;
        };
        if !is_live(element, "script") {
            let inside = if is(element, "script") {
                "a <template>"
            } else {
                "another namespace than XHTML's"
            };
            self.facts.inert.push(Inert {
                span: start_tag,
                product: kind.product(),
                inside,
            });
            return;
        }
        let end = self.span(element).end;
        let end_tag = self.end_tag(element, &start_tag).unwrap_or(end..end);
        let blank = self.text[start_tag.end..end_tag.start].trim().is_empty();
        let before = element
            .prev_siblings()
            .skip(1)
            .find(|node| !is_blank(*node));
        let comment = before.filter(|node| {
            let text = node.text().filter(|_| node.is_comment());
            text.is_some_and(|text| text.trim() == VENDOR_COMMENT)
        });
        self.facts.instances.push(Instance {
            kind,
            authors: authors(self.text, &start_tag, |name| {
                widget::owns(kind, &attributes, name)
            }),
            attributes,
            end_tag: Some(end_tag),
            blank,
            comment: comment.map(|comment| self.span(comment)),
            link: self.link(element),
            alien: element
                .parent_element()
                .is_some_and(|parent| parent.default_namespace() != Some(HTML_NAMESPACE)),
            start_tag,
        });
    }

    /// The contact link that this tool wrote after an instance.
    fn link(&self, script: Node<'_, '_>) -> Option<(Span, ContactLink)> {
        let link = script
            .next_siblings()
            .skip(1)
            .find(|node| !is_blank(*node))?;
        let plain = link.children().all(|child| child.is_text());
        let found = (is(link, "a") && plain)
            .then(|| ContactLink::recognise(&attributes(link), &text_of(link)))??;
        Some((self.span(link), found))
    }

    fn stop(&mut self, at: usize, why: Bar) {
        self.facts.obstacle.get_or_insert(Obstacle { at, why });
    }

    fn span(&self, node: Node<'_, '_>) -> Span {
        let range = node.range();
        original(range.start, &self.added)..original(range.end, &self.added)
    }

    fn start(&self, node: Node<'_, '_>) -> usize {
        self.span(node).start
    }

    fn start_tag(&self, element: Node<'_, '_>) -> Span {
        let span = self.span(element);
        let end = tag_end(&self.text.as_bytes()[span.clone()]);
        span.start..span.start + end
    }

    /// An element's end tag; none where it is empty by a slash.
    fn end_tag(&self, element: Node<'_, '_>, start_tag: &Span) -> Option<Span> {
        let end = self.span(element).end;
        let start = memrchr(b'<', &self.text.as_bytes()[start_tag.end..end])?;
        Some(start_tag.end + start..end)
    }
}

/// A place in the page, from one in what was parsed.
fn original(at: usize, added: &Range<usize>) -> usize {
    if at <= added.start {
        at
    } else {
        at.saturating_sub(added.len()).max(added.start)
    }
}
