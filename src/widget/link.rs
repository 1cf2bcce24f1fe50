//! The contact link beside a loader tag.

use std::fmt;

use super::Attributes;
use super::markup::{NAMESPACE, push_attribute, push_text};

/// Marks contact links: the runtime hides them while there is a chat.
const LINK_ATTRIBUTE: &str = "data-chathub-contact";
/// The mark's value on links that this tool writes; any other link is the page's own.
const LINK_INJECTED: &str = "injected";
/// Keeps it out of the site's own search, where that is Pagefind's: a page is not about its contact link.
const UNSEARCHED: &str = "data-pagefind-ignore";

/// A plain link beside the loader tag, for visitors who have no JavaScript, or no chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactLink {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
    /// Whether the site's own search finds the page by it, as by all else in it. A wanted link is never so.
    pub searched: bool,
}

impl ContactLink {
    /// Its name in messages, where an attribute's would stand.
    pub const NAME: &str = "contact link";

    /// A link as it should be.
    #[must_use]
    pub fn new(href: String, text: String) -> Self {
        Self {
            href,
            text,
            searched: false,
        }
    }

    /// Whether an `a` element with these attributes is a contact link, this tool's or the page's own.
    #[must_use]
    pub fn is(attributes: &Attributes) -> bool {
        attributes.get(LINK_ATTRIBUTE).is_some()
    }

    /// Whether it is this tool's, or was, whatever has become of it.
    #[must_use]
    pub fn is_injected(attributes: &Attributes) -> bool {
        attributes.get(LINK_ATTRIBUTE) == Some(LINK_INJECTED)
    }

    /// How often the attribute that marks contact links occurs in a text, in whatever context.
    #[must_use]
    pub fn mentions(text: &[u8]) -> usize {
        // Names match in any case. One letter is searched for, the rest is compared.
        const RARE: usize = "data-chathu".len();
        let name = LINK_ATTRIBUTE.as_bytes();
        let places = memchr::memchr2_iter(b'b', b'B', text);
        places
            .filter(|at| {
                let start = at.checked_sub(RARE);
                let found = start.and_then(|start| text.get(start..start + name.len()));
                found.is_some_and(|found| found.eq_ignore_ascii_case(name))
            })
            .count()
    }

    /// The link that an `a` element with these attributes and this text is, if this tool wrote it.
    #[must_use]
    pub fn recognise(attributes: &Attributes, text: &str) -> Option<Self> {
        Self::is_injected(attributes).then(|| Self {
            href: attributes.get("href").unwrap_or_default().to_owned(),
            // Minifiers and formatters move white space, and mean the same.
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            searched: attributes.get(UNSEARCHED).is_none(),
        })
    }

    /// The link's source, in ASCII, fit for HTML and XML. `alien`: where it goes, names without a prefix are not HTML's.
    #[must_use]
    pub fn html(&self, alien: bool) -> String {
        let mut html = String::from("<a");
        push_attribute(&mut html, LINK_ATTRIBUTE, LINK_INJECTED);
        push_attribute(&mut html, "href", &self.href);
        if !self.searched {
            push_attribute(&mut html, UNSEARCHED, "");
        }
        if alien {
            html.push_str(NAMESPACE);
        }
        html.push('>');
        push_text(&mut html, &self.text);
        html.push_str("</a>");
        html
    }
}

impl fmt::Display for ContactLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.text, self.href)?;
        if self.searched {
            write!(f, " without {UNSEARCHED}")?;
        }
        Ok(())
    }
}
