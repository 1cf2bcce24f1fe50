//! What is asked of a page.

use crate::widget::{Scope, Tag};

/// What is asked of a page.
#[derive(Debug, Clone, Copy)]
pub enum Task<'a> {
    /// Exactly this one instance.
    Tag(&'a Tag),
    /// No instance.
    Nothing,
    /// No instance, nor what the vendor's snippet brings along where it was pasted by hand: its comment.
    Remove,
}

impl<'a> Task<'a> {
    /// Which tags it is about; `customers`: the site has organizations with the customer widget.
    #[must_use]
    pub fn scope(self, customers: bool) -> Scope {
        Scope::new(self.tag().map(|tag| tag.kind.product()), customers)
    }

    pub(super) fn tag(self) -> Option<&'a Tag> {
        match self {
            Self::Tag(tag) => Some(tag),
            Self::Nothing | Self::Remove => None,
        }
    }
}
