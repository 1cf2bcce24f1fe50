//! What a proof compares of a page.

use crate::widget::{Attributes, ContactLink, Kind};

/// What a proof compares.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outline {
    /// The live instances.
    pub(super) instances: Vec<Live>,
    /// How many live contact links are there that are the page's own.
    pub(super) own_links: usize,
    /// How many live contact links are there that this tool wrote, and that do not stand behind an instance as it wrote them.
    pub(super) stray_links: usize,
    /// Everything else, one string per node; neighbouring texts are one.
    pub(super) rest: Vec<String>,
    /// The quirks mode, which decides how the page is laid out.
    pub(super) quirks: bool,
}

/// A live instance, with the link behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) kind: Kind,
    pub(super) attributes: Attributes,
    pub(super) link: Option<ContactLink>,
}
