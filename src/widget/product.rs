//! The table of products: the vendor's widgets, the tags that put them into pages, and the attributes of those.
//!
//! Names, ids and addresses are the vendor's own (its public widget documentation). Whatever recognises, writes, compares or
//! judges a tag goes by these tables, so that a product is a row and not code.

use super::attributes::{Attributes, LOADER_ATTRIBUTE};
use super::hold::RELEASED_TYPE;

/// One of the vendor's widgets. A page has one of them at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// The operator panel. An operator token says whose chat it opens.
    Operator,
    /// The widget for the customers of a site. A public guid says whose chat it opens.
    Customer,
}

/// The host of the vendor's scripts.
pub(super) const HOST: &str = "widget.smsbat.com";

/// What is known of a product.
pub(super) struct Row {
    /// What messages call it.
    pub(super) name: &'static str,
    /// The `id` of the vendor's tag.
    pub(super) id: &'static str,
    /// Whether copies of the tag carry the id with a suffix.
    suffixed: bool,
    /// The `src` of the vendor's tag.
    pub(super) src: &'static str,
    /// The end of that address, by which a copy on another host or under another scheme is known.
    path: &'static str,
    /// The vendor's own tag.
    tag: Kind,
}

/// See [`Product`]; in its order.
const PRODUCTS: [Row; 2] = [
    Row {
        name: "operator widget",
        id: "operator-chat-panel-script",
        suffixed: true,
        src: "https://widget.smsbat.com/operator-chat-panel/widget-script.js",
        path: "/operator-chat-panel/widget-script.js",
        tag: Kind::Widget,
    },
    Row {
        name: "customer widget",
        id: "chat-widget-script",
        suffixed: false,
        src: "https://widget.smsbat.com/chat-widget/widget-script.js",
        path: "/chat-widget/widget-script.js",
        tag: Kind::Customer,
    },
];

impl Product {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Operator, Self::Customer];

    pub(super) fn row(self) -> &'static Row {
        &PRODUCTS[self as usize]
    }

    /// What messages call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The vendor's address of its script.
    #[must_use]
    pub fn src(self) -> &'static str {
        self.row().src
    }

    /// The vendor's own tag.
    pub(super) fn tag(self) -> Kind {
        self.row().tag
    }

    /// The product to whose script a path leads.
    pub(super) fn by_path(path: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|product| path.ends_with(product.row().path))
    }

    /// The product whose folder on the vendor's host is named in a part of an address.
    pub(super) fn by_folder(part: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|product| {
            let folder = product.row().path.split('/').nth(1);
            folder.is_some_and(|folder| part.contains(folder))
        })
    }

    /// The product whose tag has this `id`.
    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|product| {
            let row = product.row();
            let suffix = id.strip_prefix(row.id);
            suffix.is_some_and(|suffix| suffix.is_empty() || row.suffixed)
        })
    }
}

/// The tags that make one chat appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Our tag, which loads the runtime, which fetches a token and starts the operator widget.
    Loader,
    /// The vendor's tag of the operator widget, with a token.
    Widget,
    /// The vendor's tag of the customer widget.
    Customer,
}

impl Kind {
    /// What messages call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loader => "loader tag",
            Self::Widget => "widget tag",
            Self::Customer => "customer widget tag",
        }
    }

    /// The product that it puts into a page.
    #[must_use]
    pub fn product(self) -> Product {
        match self {
            Self::Loader | Self::Widget => Product::Operator,
            Self::Customer => Product::Customer,
        }
    }

    /// Whether it loads the vendor's script by itself, which looks for the body as soon as it runs.
    #[must_use]
    pub fn is_vendors(self) -> bool {
        self != Self::Loader
    }

    /// Whether a tag with these attributes was written by this tool, and not pasted by an author.
    #[must_use]
    pub fn is_written(self, attributes: &Attributes) -> bool {
        !self.is_vendors() || attributes.get("data-org").is_some()
    }
}

/// Who decides about an attribute of a tag of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// This tool: what it does not write must not be there.
    Chathub,
    /// The same on the tags of one product; on others it is an author's like any name that is not in the table.
    ChathubOn(Product),
    /// Its author, unless this tool writes it.
    Author,
}

/// How the value in a page is compared with the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// To the letter.
    Exactly,
    /// As a UUID, whose digits match in any case.
    Uuid,
    /// As the type of a script.
    Type,
    /// As the keyword of `crossorigin`.
    Cors,
    /// It is there, with whatever value.
    Present,
}

/// What a difference in an attribute means, for the rules of `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// The tag is of another kind altogether.
    Kind,
    /// The script is of no type that runs.
    Type,
    /// The script does not start when it has to.
    Start,
    /// The vendor's script does not find its tag.
    Id,
    /// Another script is loaded.
    Source,
    /// The chat is another organization's.
    Organization,
    /// A token is missing, or is where none belongs.
    Token,
    /// The browser refuses the script.
    Integrity,
    /// It is not as this version and configuration write it.
    Stale,
}
use Breach::{Id, Integrity, Organization, Source, Stale, Start, Token, Type};

/// An attribute of the tags.
pub(super) struct Attribute {
    /// Its name.
    pub(super) name: &'static str,
    owner: Owner,
    /// How it is compared.
    pub(super) same: Same,
    /// What it means if it differs, by [`Kind`], in its order.
    breaks: [Breach; 3],
}

impl Attribute {
    /// What it means that it differs on a tag of this kind.
    pub(super) fn breaks(&self, kind: Kind) -> Breach {
        self.breaks[kind as usize]
    }
}

const fn attribute(name: &'static str, owner: Owner, same: Same, breaks: [Breach; 3]) -> Attribute {
    Attribute {
        name,
        owner,
        same,
        breaks,
    }
}

/// An option of the loader, of which the runtime takes its behaviour.
const fn option(name: &'static str) -> Attribute {
    attribute(name, Owner::Chathub, Same::Exactly, [Stale; 3])
}

/// Lists the attributes that the configuration gave a customer widget's tag: which of them are ours when it says less.
pub(super) const LISTED: &str = "data-attributes";
/// Ours where it is configured; else the author who put it there knows why, and it stays.
pub(super) const NONCE: &str = "nonce";
/// Ours in pages that may be read as XML; elsewhere an author's `async` stays.
pub(super) const ASYNC: &str = "async";
/// On loader tags of sites that have a route file.
pub(super) const ROUTES: &str = "data-routes";

/// The attributes that have a meaning of their own; for [`Kind::Loader`], [`Kind::Widget`] and [`Kind::Customer`].
pub(super) const ATTRIBUTES: &[Attribute] = &[
    attribute("type", Owner::Chathub, Same::Type, [Type; 3]),
    // The vendor's tags are never written with it but for XML.
    attribute(ASYNC, Owner::Author, Same::Present, [Stale, Start, Start]),
    attribute("id", Owner::Chathub, Same::Exactly, [Stale, Id, Id]),
    attribute(
        "src",
        Owner::Chathub,
        Same::Exactly,
        [Stale, Source, Source],
    ),
    attribute("integrity", Owner::Chathub, Same::Exactly, [Integrity; 3]),
    attribute("crossorigin", Owner::Chathub, Same::Cors, [Stale; 3]),
    attribute("token", Owner::Chathub, Same::Exactly, [Token; 3]),
    attribute("nomodule", Owner::Chathub, Same::Exactly, [Type; 3]),
    attribute(NONCE, Owner::Author, Same::Exactly, [Stale; 3]),
    attribute(
        "guid",
        Owner::ChathubOn(Product::Customer),
        Same::Uuid,
        [Stale, Stale, Organization],
    ),
    option(LOADER_ATTRIBUTE),
    option("data-endpoint"),
    // Whose chat a customer widget opens, its guid says.
    attribute(
        "data-org",
        Owner::Chathub,
        Same::Exactly,
        [Organization, Organization, Stale],
    ),
    attribute(
        "data-orgs",
        Owner::Chathub,
        Same::Exactly,
        [Organization, Organization, Stale],
    ),
    option("data-load"),
    option("data-contact"),
    option("data-src"),
    option("data-target"),
    option("data-consent"),
    option("data-credentials"),
    option("data-refresh"),
    option("data-retries"),
    option("data-timeout"),
    option("data-ui"),
    option("data-texts"),
    option(ROUTES),
    attribute(
        LISTED,
        Owner::ChathubOn(Product::Customer),
        Same::Exactly,
        [Stale; 3],
    ),
    // What makes a module of a tag that is held back.
    attribute(RELEASED_TYPE, Owner::Author, Same::Exactly, [Start; 3]),
];

/// Any other attribute.
const OTHER: Attribute = option("");

/// What the table says about an attribute.
pub(super) fn row(name: &str) -> &'static Attribute {
    let mut rows = ATTRIBUTES.iter();
    rows.find(|row| row.name == name).unwrap_or(&OTHER)
}

/// The attributes that a tag which this tool wrote says were configured.
pub(super) fn listed(kind: Kind, tag: &Attributes) -> impl Iterator<Item = &str> {
    let written = kind == Kind::Customer && kind.is_written(tag);
    let list = tag.get(LISTED).filter(|_| written);
    list.unwrap_or_default().split_ascii_whitespace()
}

/// Whether an attribute of a tag of this kind is ours to set; any other is its author's and stays, unless the wanted tag
/// [sets](super::Tag::sets) it.
#[must_use]
pub fn owns(kind: Kind, tag: &Attributes, name: &str) -> bool {
    let row = row(name);
    if row.name.is_empty() {
        return listed(kind, tag).any(|listed| listed == name);
    }
    match row.owner {
        Owner::Chathub => true,
        Owner::ChathubOn(product) => product == kind.product(),
        Owner::Author => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_their_variants() {
        for product in Product::ALL {
            assert_eq!(product.tag().product(), product);
            assert!(product.src().ends_with(product.row().path));
            assert!(product.src().contains(HOST));
            assert_eq!(Product::by_folder(product.src()), Some(product));
            assert_eq!(Product::by_id(product.row().id), Some(product));
            assert_eq!(Product::by_path(product.src()), Some(product));
        }
        assert_eq!(
            Product::by_id("operator-chat-panel-script-6"),
            Some(Product::Operator)
        );
        assert_eq!(Product::by_id("chat-widget-script-6"), None);
        assert_eq!(row("id").breaks(Kind::Loader), Stale);
        assert_eq!(row("guid").breaks(Kind::Customer), Organization);
    }

    #[test]
    fn a_name_is_ours_where_the_table_or_the_tag_says_so() {
        let given = [
            ("data-org", "shop"),
            (LISTED, "main-color icon-color"),
            ("main-color", "#fff"),
        ];
        let tag: Attributes = given
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for name in ["type", "guid", "main-color", LISTED, "data-org"] {
            assert!(owns(Kind::Customer, &tag, name), "{name}");
        }
        for name in [NONCE, ASYNC, "class", "icon-dark-color"] {
            assert!(!owns(Kind::Customer, &tag, name), "{name}");
        }
        for name in ["guid", "main-color", LISTED] {
            assert!(!owns(Kind::Loader, &tag, name), "{name}");
        }
    }
}
