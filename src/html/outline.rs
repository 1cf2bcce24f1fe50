//! What a proof compares of a page.

use crate::widget::{Attributes, ContactLink, Kind};

/// What a proof compares.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outline {
    /// The live instances in the scope of the task. All others are a part of the rest.
    pub(super) instances: Vec<Live>,
    /// How many live instances of products of the site are there that are not in the scope of this task; `remove` answers for
    /// them.
    pub(super) others: usize,
    /// How many live contact links are there that are the page's own.
    pub(super) own_links: usize,
    /// How many live contact links are there that this tool wrote, and that do not stand after an instance as it wrote them.
    pub(super) stray_links: usize,
    /// Everything else, one string per node; neighbouring texts are one.
    pub(super) rest: Vec<String>,
    /// The quirks mode, which decides how the page is laid out.
    pub(super) quirks: bool,
}

impl Outline {
    /// Adds a text, if there is one, and empties it.
    pub(super) fn say(&mut self, text: &mut String) {
        if !text.is_empty() {
            self.rest.push(format!("#{}", std::mem::take(text)));
        }
    }
}

/// A live instance, with the link after it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) kind: Kind,
    pub(super) attributes: Attributes,
    pub(super) link: Option<ContactLink>,
}
