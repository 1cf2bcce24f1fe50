//! Tags that their author holds back until a visitor consents: scripts of a type that no browser runs, which a consent tool
//! makes run later.
//!
//! Setting such a tag free would bypass the visitor's consent, so whatever is made of it stays held. Which tools can start
//! an ES module, as both of our tags are, comes from their documentation and source: Klaro and orestbida's CookieConsent
//! take the type from `data-type`. Of all others it is not known, or known that they start classic scripts.

use super::attributes::{Attributes, LOADER_ATTRIBUTE};
use super::script_type::is_javascript;

/// How a tag is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The tool that is to set it free, as far as the tag tells.
    pub tool: Tool,
    /// The `type` that keeps browsers from running it.
    pub held_type: String,
    /// The attribute that holds its address.
    pub address: &'static str,
    /// An attribute of the tool's that chathub uses for something else.
    pub conflict: Option<&'static str>,
}

/// A consent tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// How messages call it.
    pub name: &'static str,
    /// Whether it is known to start what it holds as an ES module where `data-type` says so.
    pub starts_modules: bool,
}

/// The attribute from which tools take the type of what they set free.
pub(super) const RELEASED_TYPE: &str = "data-type";

/// How a tag tells which tool holds it.
enum Mark {
    /// An attribute of this name.
    Attribute(&'static str),
    /// An attribute whose name begins so.
    Prefix(&'static str),
    /// A class that begins so.
    Class(&'static str),
    /// A `type` that begins so.
    Type(&'static str),
}
use Mark::{Attribute, Class, Prefix, Type};

/// Tools by their marks; the first that fits counts, since some names are used by several.
const TOOLS: &[(&str, bool, &[Mark])] = &[
    ("Partytown", false, &[Type("text/partytown")]),
    ("Didomi", false, &[Type("didomi/")]),
    (
        "Cookiebot",
        false,
        &[
            Attribute("data-cookieconsent"),
            Attribute("data-cookieblock-src"),
        ],
    ),
    (
        "Complianz",
        false,
        &[
            Class("cmplz-"),
            Prefix("data-cmplz-"),
            Attribute("data-src-cmplz"),
        ],
    ),
    (
        "OneTrust",
        false,
        &[Class("optanon-category-"), Class("ot-vscat-")],
    ),
    ("Cookie-Script", false, &[Prefix("data-cookiescript")]),
    (
        "CookieYes",
        false,
        &[Prefix("data-cookieyes"), Prefix("data-cky-")],
    ),
    ("CookieFirst", false, &[Prefix("data-cookiefirst")]),
    (
        "Usercentrics",
        false,
        &[Attribute("data-usercentrics"), Prefix("data-uc-")],
    ),
    (
        "iubenda",
        false,
        &[
            Class("_iub_cs_activate"),
            Prefix("data-iub-"),
            Prefix("data-suppressed"),
        ],
    ),
    ("Termly", false, &[Attribute("data-categories")]),
    ("Osano", false, &[Attribute("data-osano")]),
    ("Borlabs Cookie", false, &[Prefix("data-borlabs-")]),
    ("Axeptio", false, &[Prefix("data-axeptio")]),
    (
        "tarteaucitron",
        false,
        &[Prefix("data-tarteaucitron"), Class("tarteaucitron")],
    ),
    ("Real Cookie Banner", false, &[Prefix("consent-")]),
    (
        "CookieConsent",
        true,
        &[Attribute("data-category"), Attribute("data-cookiecategory")],
    ),
    ("Klaro", true, &[Attribute("data-name")]),
];

/// Who holds a tag of which nothing but its type is known.
const UNKNOWN: Tool = Tool {
    name: "an unknown consent tool",
    starts_modules: false,
};

/// Types that are written to hold a script back, and never by mistake.
const HOLDING_TYPES: &[&str] = &[
    "text/plain",
    "text/partytown",
    "text/blocked",
    "text/x-blocked",
    "javascript/blocked",
    "application/blocked",
    "opt-in",
];

/// Where a held tag may keep its address, so that nothing fetches it early.
pub(super) const ADDRESSES: &[&str] = &[
    "src",
    "data-src",
    "data-rocket-src",
    "data-cookieblock-src",
    "data-cmplz-src",
    "data-src-cmplz",
    "data-suppressedsrc",
    "suppressedsrc",
    "data-uc-src",
    "data-cky-src",
    "data-cookieyes-src",
    "data-consent-src",
    "data-osano-src",
    "data-termly-src",
    "data-borlabs-script-blocker-src",
    "data-borlabs-cookie-script-blocker-src",
    "consent-original-src-_",
];

impl Hold {
    /// How a `script` with these attributes is held back; none: browsers run it, or it is broken.
    #[must_use]
    pub fn of(attributes: &Attributes) -> Option<Self> {
        let held_type = attributes.get("type")?;
        let normal = held_type.trim().to_ascii_lowercase();
        if runs(&normal) {
            return None;
        }
        let by = TOOLS
            .iter()
            .find(|(_, _, marks)| marks.iter().any(|mark| mark.fits(attributes, &normal)));
        let tool = match by {
            Some(&(name, starts_modules, _)) => Tool {
                name,
                starts_modules,
            },
            None if HOLDING_TYPES.contains(&normal.as_str()) => UNKNOWN,
            None => return None,
        };
        let is_loader = attributes.get(LOADER_ATTRIBUTE).is_some();
        // A loader's `data-src` is the widget's address, unless it is all there is.
        let holds_address = |name: &&&str| {
            let means_widget = **name == "data-src" && is_loader;
            **name != "src"
                && attributes.get(name).is_some()
                && !(means_widget && attributes.get("src").is_some())
        };
        let address = ADDRESSES.iter().find(holds_address).copied();
        Some(Self {
            tool,
            held_type: held_type.to_owned(),
            address: address.unwrap_or("src"),
            // CookieHub's categories stand where the loader names the event that it waits for.
            conflict: (!is_loader && attributes.get("data-consent").is_some())
                .then_some("data-consent"),
        })
    }

    /// What messages say about it.
    #[must_use]
    pub fn phrase(&self) -> String {
        format!("held back for consent ({})", self.tool.name)
    }
}

impl Mark {
    fn fits(&self, attributes: &Attributes, held_type: &str) -> bool {
        match self {
            Attribute(name) => attributes.get(name).is_some(),
            Prefix(prefix) => attributes.iter().any(|(name, _)| name.starts_with(prefix)),
            Class(prefix) => attributes.get("class").is_some_and(|class| {
                class
                    .split_ascii_whitespace()
                    .any(|c| c.starts_with(prefix))
            }),
            Type(prefix) => held_type.starts_with(prefix),
        }
    }
}

/// Whether browsers run a script of this type, in lower case (HTML standard, 4.12.1.1).
fn runs(script_type: &str) -> bool {
    matches!(script_type, "" | "module") || is_javascript(script_type)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hold(attributes: &[(&str, &str)]) -> Option<Hold> {
        let owned = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Hold::of(&owned.collect())
    }

    #[test]
    fn knows_tools_by_their_marks() {
        for (name, value, tool, starts_modules) in [
            ("data-cookieconsent", "marketing", "Cookiebot", false),
            ("data-category", "chat", "CookieConsent", true),
            ("data-cookiecategory", "chat", "CookieConsent", true),
            ("data-name", "chathub", "Klaro", true),
            ("class", "x optanon-category-C0004", "OneTrust", false),
            ("class", "cmplz-script", "Complianz", false),
            ("data-cmplz-src", "x", "Complianz", false),
            ("data-usercentrics", "ChatHub", "Usercentrics", false),
            ("class", "_iub_cs_activate-inline", "iubenda", false),
            ("data-categories", "marketing", "Termly", false),
            ("data-osano", "MARKETING", "Osano", false),
            ("data-cookieyes", "cookieyes-functional", "CookieYes", false),
            (
                "data-borlabs-cookie-script-blocker-id",
                "x",
                "Borlabs Cookie",
                false,
            ),
            ("lang", "en", "an unknown consent tool", false),
        ] {
            let found = hold(&[("type", " Text/Plain"), (name, value)]).unwrap();
            assert_eq!(
                found.tool,
                Tool {
                    name: tool,
                    starts_modules
                },
                "{name}"
            );
            // A mark alone holds nothing back.
            for script_type in ["module", "MODULE ", "text/javascript", ""] {
                assert_eq!(
                    hold(&[("type", script_type), (name, value)]),
                    None,
                    "{name}"
                );
            }
            assert_eq!(hold(&[(name, value)]), None, "{name}");
        }
        // Several use the name.
        let both = [
            ("type", "text/plain"),
            ("class", "cmplz-script"),
            ("data-category", "marketing"),
        ];
        assert_eq!(hold(&both).unwrap().tool.name, "Complianz");
        assert_eq!(
            hold(&[("type", "didomi/javascript")]).unwrap().tool.name,
            "Didomi"
        );
        assert_eq!(
            hold(&[("type", "text/partytown")]).unwrap().tool.name,
            "Partytown"
        );
        // A mistake is not a hold.
        assert_eq!(hold(&[("type", "text/modul")]), None);
    }

    #[test]
    fn knows_where_the_address_is_kept() {
        let plain = ("type", "text/plain");
        assert_eq!(hold(&[plain, ("src", "x")]).unwrap().address, "src");
        assert_eq!(
            hold(&[plain, ("data-src", "x")]).unwrap().address,
            "data-src"
        );
        let loader = [plain, ("data-chathub", ""), ("src", "r"), ("data-src", "w")];
        assert_eq!(hold(&loader).unwrap().address, "src");
        let loader = [plain, ("data-chathub", ""), ("data-src", "r")];
        assert_eq!(hold(&loader).unwrap().address, "data-src");
        assert_eq!(
            hold(&[plain, ("data-consent", "x")]).unwrap().conflict,
            Some("data-consent")
        );
    }
}
