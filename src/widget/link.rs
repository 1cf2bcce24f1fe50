//! The contact link beside a loader tag.

use std::fmt;

use super::Attributes;
use super::markup::{push_attribute, push_text};

/// Marks contact links: the runtime hides them while there is a chat.
const LINK_ATTRIBUTE: &str = "data-chathub-contact";
/// The mark's value on links that this tool writes; any other link is the page's own.
const LINK_INJECTED: &str = "injected";

/// A plain link beside the loader tag, for visitors who have no JavaScript, or no chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactLink {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
}

impl ContactLink {
    /// Its name in messages, where an attribute's would stand.
    pub const NAME: &str = "contact link";

    /// Whether an `a` element with these attributes is a contact link, this tool's or the page's own.
    #[must_use]
    pub fn is(attributes: &Attributes) -> bool {
        attributes.get(LINK_ATTRIBUTE).is_some()
    }

    /// The link that an `a` element with these attributes and this text is, if this tool wrote it.
    #[must_use]
    pub fn recognise(attributes: &Attributes, text: &str) -> Option<Self> {
        (attributes.get(LINK_ATTRIBUTE) == Some(LINK_INJECTED)).then(|| Self {
            href: attributes.get("href").unwrap_or_default().to_owned(),
            // Minifiers and formatters move white space, and mean the same.
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }

    /// The link's source, in ASCII, fit for HTML and XML.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = String::from("<a");
        push_attribute(&mut html, LINK_ATTRIBUTE, LINK_INJECTED);
        push_attribute(&mut html, "href", &self.href);
        html.push('>');
        push_text(&mut html, &self.text);
        html.push_str("</a>");
        html
    }
}

impl fmt::Display for ContactLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.text, self.href)
    }
}
