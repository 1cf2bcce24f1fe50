//! The tags and the link beside them: how we write them, how we recognise them.
//!
//! Names, ids and addresses are the vendor's own (its public widget documentation).

mod address;
mod hold;
mod link;
mod markup;
mod tag;

use std::collections::HashSet;

pub use address::Addresses;
pub use hold::{Hold, Tool};
pub use link::ContactLink;
pub use tag::{Difference, LoaderSettings, Tag, is_ours};

/// `id` of the vendor's operator widget tag; copies for further organizations carry it with a suffix.
pub const WIDGET_ID: &str = "operator-chat-panel-script";
/// `src` of the vendor's operator widget.
pub const WIDGET_SRC: &str = "https://widget.smsbat.com/operator-chat-panel/widget-script.js";
/// The end of that address, by which a copy on another host or under another scheme is known.
const WIDGET_PATH: &str = "/operator-chat-panel/widget-script.js";
/// `id` of the vendor's customer widget, which is another product.
const CUSTOMER_WIDGET_ID: &str = "chat-widget-script";
/// The end of the customer widget's address.
const CUSTOMER_WIDGET_PATH: &str = "/chat-widget/widget-script.js";
/// The comment that stands above the tag in the vendor's snippet.
pub const VENDOR_COMMENT: &str = "ChatHub Widget";
/// Marks our loader tag; the runtime finds its tag by it.
pub const LOADER_ATTRIBUTE: &str = "data-chathub";

/// A start tag's attributes: names in lower case, values with their character references resolved, of two with
/// one name the first, as the HTML standard has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The value of an attribute; empty where it has none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All of them, in the order of the source.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// So many are compared one by one.
const FEW: usize = 32;

impl FromIterator<(String, String)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(attributes: I) -> Self {
        let mut list: Vec<(String, String)> = attributes.into_iter().collect();
        if list.len() > FEW {
            let mut seen = HashSet::new();
            list.retain(|(name, _)| seen.insert(name.clone()));
        } else {
            for at in (1..list.len()).rev() {
                if list[..at].iter().any(|(name, _)| *name == list[at].0) {
                    list.remove(at);
                }
            }
        }
        Self(list)
    }
}

/// What makes one chat appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The vendor's tag, with a token.
    Widget,
    /// Our tag, which loads the runtime.
    Loader,
}

impl Kind {
    /// How messages call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Widget => "widget tag",
            Self::Loader => "loader tag",
        }
    }
}

/// What a `script` element is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// One of the two tags that this tool keeps right.
    Instance(Kind),
    /// The vendor's other widget, for a site's customers.
    CustomerWidget,
}

/// Whether a script that has [`LOADER_ATTRIBUTE`] is another program's all the same: a classic script, from a file that is not
/// called like the runtime, with none of the loader's options. No version of this tool has written such a tag, and the runtime
/// does not count it, so it is no instance, and taking it out would take that program from the page. In doubt it is ours: the
/// runtime takes its options from any module with the attribute, whatever its file is called.
fn is_another_program(attributes: &Attributes) -> bool {
    let Some(src) = attributes.get("src") else {
        return false;
    };
    let path = src.split(['?', '#']).next().unwrap_or(src).trim();
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let runtime = file.starts_with("runtime.") || address::is_disguised(path);
    let kind = attributes.get("type").unwrap_or_default();
    let kind = kind.trim_ascii().to_ascii_lowercase();
    let classic = kind.is_empty() || kind.ends_with("javascript") || kind.ends_with("ecmascript");
    let mut names = attributes.iter().map(|(name, _)| name);
    let option =
        |name: &str| name != LOADER_ATTRIBUTE && name.starts_with("data-") && is_ours(name);
    classic && !runtime && Hold::of(attributes).is_none() && !names.any(option)
}

/// Tells what a `script` element with these attributes is; `None`: nothing of ours. `widget` is the configured address, by
/// which a self-hosted widget without the usual id is known.
#[must_use]
pub fn recognise(attributes: &Attributes, widget: &Addresses) -> Option<Script> {
    if attributes.get(LOADER_ATTRIBUTE).is_some() && !is_another_program(attributes) {
        return Some(Script::Instance(Kind::Loader));
    }
    let id = attributes.get("id").unwrap_or_default();
    if id.starts_with(WIDGET_ID) {
        return Some(Script::Instance(Kind::Widget));
    }
    let mut addresses = hold::ADDRESSES
        .iter()
        .filter_map(|name| attributes.get(name));
    let by_address = addresses.find_map(|address| widget.recognise(address));
    by_address.or_else(|| (id == CUSTOMER_WIDGET_ID).then_some(Script::CustomerWidget))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(attributes: &[(&str, &str)]) -> Option<Script> {
        let attributes = attributes.iter();
        let attributes = attributes.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        recognise(&attributes.collect(), &Addresses::new(WIDGET_SRC))
    }

    #[test]
    fn another_program_is_not_ours_by_our_attribute_alone() {
        let mark = (LOADER_ATTRIBUTE, "");
        for other in [
            &[mark, ("src", "/js/menu.js")][..],
            &[
                mark,
                ("src", "menu.js?x=/runtime.js"),
                ("type", "text/javascript"),
            ],
            &[
                mark,
                ("src", "https://cdn.example/app.js"),
                ("defer", ""),
                ("id", "x"),
            ],
            &[
                mark,
                ("src", "a.js"),
                ("data-theme", "dark"),
                ("integrity", "sha384-x"),
            ],
        ] {
            assert_eq!(recognised(other), None, "{other:?}");
        }
        let ours = Some(Script::Instance(Kind::Loader));
        for own in [
            // By hand, in a bundle of any name: the runtime counts it.
            &[mark, ("src", "/js/app.js"), ("type", "module")][..],
            &[mark, ("src", "/js/app.js"), ("type", " Module ")],
            // What a minifier, or its author, has left of one.
            &[mark],
            &[mark, ("src", "/_chathub/runtime.0123456789abcdef.js")],
            &[mark, ("src", "runtime.js?v=1")],
            &[mark, ("src", "/chathub-assets/runt%69me.js")],
            &[
                mark,
                ("src", "/old.js"),
                ("data-endpoint", "/api/chathub/token"),
            ],
            &[mark, ("src", "/old.js"), ("data-org", "sales")],
            // Held back for consent, by whatever tool.
            &[mark, ("src", "/old.js"), ("type", "text/plain")],
            &[mark, ("data-src", "/old.js"), ("type", "text/plain")],
        ] {
            assert_eq!(recognised(own), ours, "{own:?}");
        }
        let vendors = Some(Script::Instance(Kind::Widget));
        assert_eq!(recognised(&[mark, ("src", WIDGET_SRC)]), vendors);
        let delayed = [
            ("type", "rocketlazyloadscript"),
            ("data-rocket-src", WIDGET_SRC),
        ];
        assert_eq!(recognised(&delayed), vendors);
    }
}
