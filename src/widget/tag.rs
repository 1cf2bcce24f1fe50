//! The tags as they should be: printed into pages, and compared with what pages hold.

use std::borrow::Cow;

use super::hold::{Hold, RELEASED_TYPE};
use std::collections::BTreeMap;

use super::link::ContactLink;
use super::markup::{NAMESPACE, push_attribute};
use super::product::{self, ASYNC, ATTRIBUTES, LISTED, NONCE, ROUTES, Same};
use super::{Attributes, Breach, Kind, LOADER_ATTRIBUTE, Product};

/// What may differ from page to page.
const PER_PAGE: [&str; 4] = ["data-org", "data-orgs", "data-contact", "data-texts"];

/// What an attribute must be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// This and nothing else.
    Exactly(String),
    /// Any token: a run that only verifies does not hold the one that was published.
    AnyToken,
}

/// The tag that a page should have: printed into pages, and compared with what pages hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Which it is.
    pub kind: Kind,
    attributes: Vec<(Cow<'static, str>, Value)>,
    /// The link right after a loader tag.
    pub link: Option<ContactLink>,
    /// For a page that is read as XML, in which values that are keywords match to the letter.
    xml: bool,
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
    /// What the server replaces by its CSP nonce.
    pub nonce: Option<&'a str>,
    /// Whether the site has a route file.
    pub routes: bool,
    /// The runtime's other options, by attribute; those alone that differ from its defaults.
    pub options: Vec<(&'static str, String)>,
    /// The link beside the tag.
    pub link: Option<ContactLink>,
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
        ];
        if let Some(nonce) = settings.nonce {
            attributes.push((NONCE, nonce.to_owned()));
        }
        attributes.extend([
            // With a value, so that the tag is well-formed XML, too, as .xhtml pages need it.
            (LOADER_ATTRIBUTE, String::new()),
            ("data-endpoint", settings.endpoint.to_owned()),
        ]);
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
        if settings.widget_src != Product::Operator.src() {
            attributes.push(("data-src", settings.widget_src.to_owned()));
        }
        attributes.extend(settings.options.iter().cloned());
        if settings.routes {
            attributes.push((ROUTES, String::new()));
        }
        Self {
            kind: Kind::Loader,
            xml: false,
            link: settings.link.clone(),
            attributes: attributes
                .into_iter()
                .map(|(name, value)| (name.into(), Value::Exactly(value)))
                .collect(),
        }
    }

    /// The vendor's tag of the operator widget; without a token, one that any token satisfies, for `verify`.
    #[must_use]
    pub fn widget(src: &str, organization: &str, token: Option<&str>) -> Self {
        let exactly = |value: &str| Value::Exactly(value.to_owned());
        let token = token.map_or(Value::AnyToken, exactly);
        let whose = [("token".into(), token)];
        Self::vendors(Product::Operator, src, whose, organization)
    }

    /// The vendor's tag of the customer widget, with the attributes that are configured.
    #[must_use]
    pub fn customer(
        src: &str,
        organization: &str,
        guid: &str,
        configured: &BTreeMap<String, String>,
        nonce: Option<&str>,
    ) -> Self {
        let exactly = |value: &str| Value::Exactly(value.to_owned());
        let whose = [("guid".into(), exactly(guid))].into_iter();
        let options = configured
            .iter()
            .map(|(name, value)| (name.clone().into(), exactly(value)));
        let nonce = nonce.map(|nonce| (NONCE.into(), exactly(nonce)));
        let attributes = whose.chain(options).chain(nonce);
        let mut tag = Self::vendors(Product::Customer, src, attributes, organization);
        if !configured.is_empty() {
            let names: Vec<&str> = configured.keys().map(String::as_str).collect();
            tag.attributes
                .push((LISTED.into(), Value::Exactly(names.join(" "))));
        }
        tag
    }

    /// A tag of the vendor's, with what says whose chat it opens, and the mark that this tool wrote it.
    fn vendors(
        product: Product,
        src: &str,
        whose: impl IntoIterator<Item = (Cow<'static, str>, Value)>,
        organization: &str,
    ) -> Self {
        let exactly = |name: &'static str, value: &str| {
            (Cow::Borrowed(name), Value::Exactly(value.to_owned()))
        };
        let mut attributes = vec![
            exactly("type", "module"),
            exactly("id", product.row().id),
            exactly("src", src),
        ];
        attributes.extend(whose);
        attributes.push(exactly("data-org", organization));
        Self {
            kind: product.tag(),
            xml: false,
            link: None,
            attributes,
        }
    }

    /// What a loader tag says that others of the site may not, as JSON; none for the vendor's tags, of which the runtime knows
    /// nothing.
    #[must_use]
    pub fn route(&self) -> Option<String> {
        if self.kind.is_vendors() {
            return None;
        }
        let said = PER_PAGE.map(|name| (name.trim_start_matches("data-"), self.value(name)));
        serde_json::to_string(&BTreeMap::from(said)).ok()
    }

    /// The same tag without a link beside it.
    #[must_use]
    pub fn without_link(&self) -> Self {
        Self {
            link: None,
            ..self.clone()
        }
    }

    /// The tag in place of one with these attributes: what its author holds back for consent stays held.
    #[must_use]
    pub fn in_place_of(&self, found: &Attributes) -> Cow<'_, Self> {
        match Hold::of(found) {
            Some(hold) => Cow::Owned(self.held(&hold)),
            None => Cow::Borrowed(self),
        }
    }

    /// The same tag, held back until a consent tool makes a module of it.
    fn held(&self, hold: &Hold) -> Self {
        let mut tag = self.clone();
        for (name, value) in &mut tag.attributes {
            match &**name {
                "type" => *value = Value::Exactly(hold.held_type.clone()),
                "src" => *name = hold.address.into(),
                _ => {}
            }
        }
        let released = Value::Exactly("module".to_owned());
        tag.attributes.insert(1, (RELEASED_TYPE.into(), released));
        tag
    }

    /// The same tag for a page that may be read as XML. Chromium runs no module that the parser of XML meets unless it is
    /// `async`; that is fine with all others, and in HTML too.
    #[must_use]
    pub fn for_xml(&self) -> Self {
        let mut tag = Self {
            xml: true,
            ..self.clone()
        };
        tag.attributes
            .insert(1, (ASYNC.into(), Value::Exactly(String::new())));
        tag
    }

    /// The source of the tag and its link, in ASCII, fit for HTML and XML. `alien`: where it goes, names without a prefix
    /// are not HTML's.
    #[must_use]
    pub fn html(&self, alien: bool) -> String {
        let namespace = if alien { NAMESPACE } else { "" };
        let link = self.link.as_ref().map(|link| link.html(alien));
        format!(
            "{}{namespace}></script>{}",
            self.opening("script"),
            link.unwrap_or_default()
        )
    }

    /// The start tag without its `>`, so that further attributes can follow. `name` is that of the element with its prefix, if
    /// it needs one.
    #[must_use]
    pub fn opening(&self, name: &str) -> String {
        let mut html = format!("<{name}");
        for (name, value) in &self.attributes {
            let value = match value {
                Value::Exactly(value) => value,
                // Only checks have no token, and what they would write is proved like all else.
                Value::AnyToken => "any",
            };
            push_attribute(&mut html, name, value);
        }
        html
    }

    /// Whether it has this attribute.
    #[must_use]
    pub fn sets(&self, attribute: &str) -> bool {
        self.wanted(attribute).is_some()
    }

    /// The value that it gives to this attribute; none where any would do.
    #[must_use]
    pub fn value(&self, attribute: &str) -> Option<&str> {
        match self.wanted(attribute) {
            Some(Value::Exactly(value)) => Some(value),
            _ => None,
        }
    }

    fn wanted(&self, name: &str) -> Option<&Value> {
        let mut attributes = self.attributes.iter();
        attributes.find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// How a tag of a page, and the link after it, differ from these; empty: they do the same, however they are
    /// written.
    #[must_use]
    pub fn differences(
        &self,
        kind: Kind,
        found: &Attributes,
        link: Option<&ContactLink>,
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        if kind != self.kind {
            differences.push(Difference {
                attribute: "".into(),
                found: None,
                wanted: None,
                breaks: Breach::Kind,
            });
        }
        let hold = Hold::of(found);
        let address = hold.as_ref().map_or("src", |hold| hold.address);
        let tag = hold
            .as_ref()
            .map_or(Cow::Borrowed(self), |hold| Cow::Owned(self.held(hold)));
        let is_known = |name: &str| ATTRIBUTES.iter().any(|row| row.name == name);
        let own = tag.attributes.iter().map(|(name, _)| &**name);
        let own = own.filter(|name| !is_known(name));
        let listed = product::listed(kind, found);
        let listed = listed.filter(|name| !is_known(name) && !tag.sets(name));
        let names = ATTRIBUTES.iter().map(|row| row.name);
        for name in names.chain(own).chain(listed) {
            let row = product::row(if name == address { "src" } else { name });
            let wanted = tag.wanted(name);
            let value = found.get(name);
            let same = match (wanted, value) {
                (None, None) => true,
                (None, Some(_)) => !product::owns(kind, found, name),
                (Some(Value::AnyToken), Some(token)) => !token.is_empty(),
                (Some(Value::Exactly(wanted)), Some(value)) => {
                    self.is_same(row.same, wanted, value)
                }
                (Some(_), None) => false,
            };
            if !same {
                differences.push(Difference {
                    attribute: Cow::Owned(name.to_owned()),
                    found: value.map(str::to_owned),
                    wanted: match wanted {
                        Some(Value::Exactly(value)) => Some(value.clone()),
                        _ => None,
                    },
                    breaks: row.breaks(kind),
                });
            }
        }
        if link != self.link.as_ref() {
            differences.push(Difference {
                attribute: ContactLink::NAME.into(),
                found: link.map(ToString::to_string),
                wanted: self.link.as_ref().map(ToString::to_string),
                breaks: Breach::Stale,
            });
        }
        differences
    }

    /// Whether a value of a page says what the wanted one says.
    fn is_same(&self, same: Same, wanted: &str, found: &str) -> bool {
        match same {
            // Enumerated keywords match in any case, and browsers take white space off this one; but by the selector of the
            // runtime, which looks for a loader tag, it has none. In XML it matches to the letter, as all else does.
            Same::Type if !self.xml => {
                let found = if self.kind.is_vendors() {
                    found.trim_ascii()
                } else {
                    found
                };
                found.eq_ignore_ascii_case(wanted)
            }
            Same::Exactly | Same::Type => found == wanted,
            Same::Uuid => found.eq_ignore_ascii_case(wanted),
            // Minifiers shorten the keyword to the bare attribute, which says the same.
            Same::Cors => {
                found.eq_ignore_ascii_case(wanted) || (found.is_empty() && wanted == "anonymous")
            }
            // Without a value, whatever it is.
            Same::Present => true,
        }
    }
}

/// One way in which a page's tag differs from the wanted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The attribute, or [`ContactLink::NAME`]; empty: the tag is of another kind altogether.
    pub attribute: Cow<'static, str>,
    /// Its value in the page; none: it is missing.
    pub found: Option<String>,
    /// The value that it should have; none: it should not be there (or, for `token`, any would do).
    pub wanted: Option<String>,
    /// What that means.
    pub breaks: Breach,
}
