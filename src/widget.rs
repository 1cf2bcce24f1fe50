//! The tags: how we write them, how we recognise them.
//!
//! Names, ids and addresses are the vendor's own (its public widget documentation).

use std::fmt::Write as _;

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

impl FromIterator<(String, String)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(attributes: I) -> Self {
        let mut list: Vec<(String, String)> = Vec::new();
        for (name, value) in attributes {
            if !list.iter().any(|(n, _)| *n == name) {
                list.push((name, value));
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

/// Tells what a `script` element with these attributes is; `None`: nothing of ours. `widget_src` is the configured
/// address, by which a self-hosted widget without the usual id is known.
#[must_use]
pub fn recognise(attributes: &Attributes, widget_src: &str) -> Option<Script> {
    if attributes.get(LOADER_ATTRIBUTE).is_some() {
        return Some(Script::Instance(Kind::Loader));
    }
    let id = attributes.get("id").unwrap_or_default();
    let src = attributes.get("src").unwrap_or_default().trim();
    let path = src.split(['?', '#']).next().unwrap_or_default();
    if id.starts_with(WIDGET_ID) || path.ends_with(WIDGET_PATH) || src == widget_src {
        return Some(Script::Instance(Kind::Widget));
    }
    (id == CUSTOMER_WIDGET_ID || path.ends_with(CUSTOMER_WIDGET_PATH))
        .then_some(Script::CustomerWidget)
}

/// Whether an attribute is ours to set; any other on a tag of ours is its author's and stays.
#[must_use]
pub fn is_ours(attribute: &str) -> bool {
    OURS.contains(&attribute)
}

/// See [`is_ours`].
const OURS: &[&str] = &[
    "type",
    "id",
    "src",
    "integrity",
    "crossorigin",
    "token",
    "nomodule",
    "data-chathub",
    "data-endpoint",
    "data-org",
    "data-orgs",
    "data-load",
    "data-contact",
    "data-src",
];

/// What an attribute must be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// This and nothing else.
    Exactly(String),
    /// Any token: whoever only verifies does not hold the one that was published.
    AnyToken,
}

/// The tag that a page should have: printed into pages, and compared with what pages hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Which of the two it is.
    pub kind: Kind,
    attributes: Vec<(&'static str, Value)>,
}

/// How the runtime is to behave on a page; becomes the loader tag's `data-*` attributes.
#[derive(Debug, Clone)]
pub struct LoaderSettings<'a> {
    /// Address of the runtime.
    pub src: &'a str,
    /// Its subresource integrity, `sha384-…`.
    pub integrity: &'a str,
    /// Where the runtime fetches tokens.
    pub endpoint: &'a str,
    /// When it does.
    pub load: &'a str,
    /// Where a visitor can turn when no chat can be had.
    pub contact: Option<&'a str>,
    /// The vendor's script, where it is not the usual one.
    pub widget_src: &'a str,
}

impl Tag {
    /// The loader tag for these organizations: none, one, or several for the visitor to choose from.
    #[must_use]
    pub fn loader(settings: &LoaderSettings<'_>, organizations: &[impl AsRef<str>]) -> Self {
        let mut attributes = vec![
            ("type", "module".to_owned()),
            ("src", settings.src.to_owned()),
            ("integrity", settings.integrity.to_owned()),
            ("crossorigin", "anonymous".to_owned()),
            // With a value, so that the tag is well-formed XML, too, as .xhtml pages need it.
            (LOADER_ATTRIBUTE, String::new()),
            ("data-endpoint", settings.endpoint.to_owned()),
        ];
        match organizations {
            [] => {}
            [one] => attributes.push(("data-org", one.as_ref().to_owned())),
            several => {
                let names: Vec<&str> = several.iter().map(AsRef::as_ref).collect();
                attributes.push(("data-orgs", names.join(" ")));
            }
        }
        attributes.push(("data-load", settings.load.to_owned()));
        if let Some(contact) = settings.contact {
            attributes.push(("data-contact", contact.to_owned()));
        }
        if settings.widget_src != WIDGET_SRC {
            attributes.push(("data-src", settings.widget_src.to_owned()));
        }
        Self {
            kind: Kind::Loader,
            attributes: attributes
                .into_iter()
                .map(|(n, v)| (n, Value::Exactly(v)))
                .collect(),
        }
    }

    /// The vendor's widget tag; without a token, one that any token satisfies, for `verify`.
    #[must_use]
    pub fn widget(src: &str, organization: &str, token: Option<&str>) -> Self {
        let exactly = |value: &str| Value::Exactly(value.to_owned());
        Self {
            kind: Kind::Widget,
            attributes: vec![
                ("type", exactly("module")),
                ("id", exactly(WIDGET_ID)),
                ("src", exactly(src)),
                ("token", token.map_or(Value::AnyToken, exactly)),
                ("data-org", exactly(organization)),
            ],
        }
    }

    /// The tag's source, in ASCII, fit for HTML and XML.
    #[must_use]
    pub fn html(&self) -> String {
        format!("{}></script>", self.opening())
    }

    /// The start tag without its `>`, so that further attributes can follow.
    #[must_use]
    pub fn opening(&self) -> String {
        let mut html = String::from("<script");
        for (name, value) in &self.attributes {
            let value = match value {
                Value::Exactly(value) => value,
                Value::AnyToken => "",
            };
            push_attribute(&mut html, name, value);
        }
        html
    }

    /// How a tag of a page differs from this one; empty: it does the same, however it is written.
    #[must_use]
    pub fn differences(&self, kind: Kind, found: &Attributes) -> Vec<Difference> {
        let mut differences = Vec::new();
        if kind != self.kind {
            differences.push(Difference {
                attribute: "",
                found: None,
                wanted: None,
            });
        }
        for &name in OURS {
            let wanted = self
                .attributes
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| v);
            let found = found.get(name);
            let same = match (wanted, found) {
                (None, None) => true,
                (Some(Value::AnyToken), Some(token)) => !token.is_empty(),
                // Enumerated keywords match in any case; everything else to the letter.
                (Some(Value::Exactly(wanted)), Some(found)) if name == "type" => {
                    found.trim().eq_ignore_ascii_case(wanted)
                }
                // Minifiers shorten the keyword to the bare attribute, which says the same.
                (Some(Value::Exactly(wanted)), Some(found)) if name == "crossorigin" => {
                    found.eq_ignore_ascii_case(wanted)
                        || (found.is_empty() && wanted == "anonymous")
                }
                (Some(Value::Exactly(wanted)), Some(found)) => found == wanted,
                _ => false,
            };
            if !same {
                differences.push(Difference {
                    attribute: name,
                    found: found.map(str::to_owned),
                    wanted: match wanted {
                        Some(Value::Exactly(value)) => Some(value.clone()),
                        _ => None,
                    },
                });
            }
        }
        differences
    }
}

/// One way in which a page's tag differs from the wanted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The attribute; empty: the tag is of the other kind altogether.
    pub attribute: &'static str,
    /// Its value in the page; none: it is missing.
    pub found: Option<String>,
    /// The value that it should have; none: it should not be there (or, for `token`, any would do).
    pub wanted: Option<String>,
}

fn push_attribute(html: &mut String, name: &str, value: &str) {
    html.push(' ');
    html.push_str(name);
    html.push_str("=\"");
    for c in value.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '<' => html.push_str("&lt;"),
            // Character references read the same in every encoding that a page may be in.
            c if !c.is_ascii() || c.is_ascii_control() => {
                let _ = write!(html, "&#{};", u32::from(c));
            }
            c => html.push(c),
        }
    }
    html.push('"');
}
