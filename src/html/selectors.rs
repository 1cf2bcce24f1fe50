//! The scan's selectors, parsed once.

use lol_html::Selector;
use lol_html::errors::SelectorError;

/// An element that no page has, fed after a page's end: if it comes out as an element, a script would, too.
pub(super) const PROBE: &str = "chathub-probe";

/// Elements that hold HTML inside `svg` and `math`, but usually only text.
const TEXT_POINTS: &str = "svg title, svg desc, mi, mo, mn, ms, mtext";
/// Elements that hold whole HTML there, and any element inside those that usually hold text.
const HTML_POINTS: &str =
    "foreignobject, annotation-xml, svg title *, svg desc *, mi *, mo *, mn *, ms *, mtext *";

#[derive(Debug)]
pub(super) struct Selectors {
    pub(super) html: Selector,
    pub(super) head: Selector,
    pub(super) head_child: Selector,
    pub(super) body: Selector,
    pub(super) probe: Selector,
    pub(super) meta: Selector,
    pub(super) noscript: Selector,
    pub(super) script: Selector,
    pub(super) srcdoc: Selector,
    pub(super) template: Selector,
    pub(super) frameset: Selector,
    pub(super) foreign: Selector,
    pub(super) text_points: Selector,
    pub(super) html_points: Selector,
}

impl Selectors {
    pub(super) fn new() -> Result<Self, SelectorError> {
        Ok(Self {
            html: "html".parse()?,
            head: "head".parse()?,
            head_child: "head > *".parse()?,
            body: "body".parse()?,
            probe: PROBE.parse()?,
            meta: "meta".parse()?,
            noscript: "noscript".parse()?,
            script: "script".parse()?,
            srcdoc: "iframe[srcdoc]".parse()?,
            template: "template".parse()?,
            frameset: "frameset".parse()?,
            foreign: "svg, math".parse()?,
            text_points: TEXT_POINTS.parse()?,
            html_points: HTML_POINTS.parse()?,
        })
    }
}
