//! What an instance is, and whether it is the one that is expected.

use super::*;

/// One live script of ours in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its attributes.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Whether a `data-chathub` makes it a loader; else it is a tag of the vendor's.
    pub(crate) loader: bool,
    /// Whether that is the customer widget's.
    pub(crate) customer: bool,
    /// Address and text of the link that chathub wrote behind it.
    pub(crate) link: Option<(String, String)>,
}

impl Found {
    /// The attributes that are neither ours nor the vendor's nor configured, as far as they can be written at all.
    pub(super) fn authors(&self, configured: &[&str]) -> BTreeMap<&str, &str> {
        let plain = |name: &str| {
            let rest = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(rest)
        };
        // What an earlier configuration gave to a tag that chathub wrote, the tag lists.
        let get = |name| self.attributes.get(name).map(String::as_str);
        let list = get("data-attributes").filter(|_| self.customer && get("data-org").is_some());
        let mut written: Vec<&str> = list.unwrap_or_default().split_whitespace().collect();
        if self.customer {
            written.extend(["guid", "data-attributes"]);
        }
        let attributes = self
            .attributes
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()));
        attributes
            .filter(|(name, _)| {
                let own = TAGS_OWN.contains(name) || configured.contains(name);
                !own && !written.contains(name) && plain(name)
            })
            .collect()
    }
}

/// The attributes of the loader tag and the vendor's tag.
const TAGS_OWN: [&str; 23] = [
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
    "data-target",
    "data-consent",
    "data-credentials",
    "data-refresh",
    "data-retries",
    "data-timeout",
    "data-ui",
    "data-texts",
    "data-routes",
];

/// What the product calls an instance: our loader, marked `data-chathub`, unless it is a classic script from another file with
/// none of the loader's options; or a tag of the vendor's, known by its id (the operator widget's also with a suffix) or by the
/// path of its address, if chathub answers for it.
pub(super) fn instance(attributes: &[(String, String)], answers: Answers) -> Option<Found> {
    let get = |name: &str| {
        attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    let id = get("id").unwrap_or_default();
    let src = get("src").unwrap_or_default().trim();
    let path = &src[..src.find(['?', '#']).unwrap_or(src.len())];
    let file = &path[path.rfind(['/', '\\']).map_or(0, |at| at + 1)..];
    let kind = get("type").unwrap_or_default().trim().to_lowercase();
    let classic = kind.is_empty() || kind.ends_with("javascript") || kind.ends_with("ecmascript");
    let options = attributes.iter().any(|(name, _)| {
        name != "data-chathub" && name.starts_with("data-") && TAGS_OWN.contains(&name.as_str())
    });
    let disguised = path.contains(['%', '\t', '\n', '\r', '\\']) || path.contains("/.");
    let another =
        get("src").is_some() && classic && !options && !file.starts_with("runtime.") && !disguised;
    let loader = get("data-chathub").is_some() && !another;
    let operator = id.starts_with("operator-chat-panel-script")
        || path.ends_with("/operator-chat-panel/widget-script.js");
    let customer = !operator
        && (id == "chat-widget-script" || path.ends_with("/chat-widget/widget-script.js"));
    let written = get("data-org").is_some();
    let vendor = (operator && (written || answers != Answers::Customer))
        || (customer && (written || answers != Answers::Operator));
    (loader || vendor).then(|| Found {
        attributes: attributes.iter().cloned().collect(),
        loader,
        customer: customer && !loader,
        link: None,
    })
}

/// The attributes of a script of SVG as those of HTML's would be: it has its address in `href`, and without one runs nothing of the
/// vendor's.
pub(super) fn address_of_svg(attributes: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let href = attributes
        .iter()
        .find(|(name, _)| name == "href")?
        .1
        .clone();
    let others = attributes.iter().filter(|(name, _)| name != "src");
    let address = ("src".to_owned(), href);
    Some(others.cloned().chain([address]).collect())
}

/// Whether a template gives its parent a shadow root, in which scripts run: the first that says so, in an element that can have
/// one (<https://dom.spec.whatwg.org/#valid-shadow-host-name>).
pub(super) fn attaches(template: &Handle) -> bool {
    let parent = template.parent.take();
    let host = parent.as_ref().and_then(std::rc::Weak::upgrade);
    template.parent.set(parent);
    let Some(host) = host else {
        return false;
    };
    let says = |node: &Handle| match &node.data {
        NodeData::Element { name, attrs, .. } => {
            name.expanded() == expanded_name!(html "template")
                && attrs.borrow().iter().any(|a| {
                    let mode = a.value.to_ascii_lowercase();
                    &*a.name.local == "shadowrootmode" && (mode == "open" || mode == "closed")
                })
        }
        _ => false,
    };
    let children = host.children.borrow();
    let first = children.iter().find(|child| says(child));
    let can = match &host.data {
        NodeData::Element { name, .. } => {
            let local = &*name.local;
            name.ns == ns!(html)
                && (local.contains('-')
                    || "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span"
                        .split(' ')
                        .any(|known| known == local))
        }
        _ => false,
    };
    can && first.is_some_and(|first| std::rc::Rc::ptr_eq(first, template))
}

/// Whether an instance runs, and as the one that is expected.
pub(super) fn right(found: &Found, expected: &Expected) -> Result<(), String> {
    let get = |name: &str| found.attributes.get(name).map(String::as_str);
    let demand = |name: &str, wanted: Option<&str>| {
        let is = get(name);
        if is == wanted {
            Ok(())
        } else {
            Err(format!("{name} is {is:?} in place of {wanted:?}"))
        }
    };
    // As the standard prepares a script: white space off, in any case.
    let kind = get("type").unwrap_or_default().trim_ascii();
    if !kind.eq_ignore_ascii_case("module") {
        return Err(format!("type is {kind:?}: no module"));
    }
    demand("nomodule", None)?;
    match expected {
        Expected::Loader {
            src,
            integrity,
            endpoint,
            organizations,
            link,
        } => {
            if found.link.is_some() && found.link != *link {
                return Err(format!("its link is {:?}", found.link));
            }
            if !found.loader {
                return Err("a widget tag in place of a loader".to_owned());
            }
            demand("src", Some(src))?;
            demand("integrity", Some(integrity))?;
            // A script from elsewhere, as from a CDN, is checked only if it is fetched with CORS.
            let cors = get("crossorigin").unwrap_or_default();
            if !["", "anonymous"].contains(&cors.to_ascii_lowercase().as_str()) {
                return Err(format!("crossorigin is {cors:?}"));
            }
            demand("data-endpoint", Some(endpoint))?;
            let names = organizations.join(" ");
            let (one, several) = match organizations.len() {
                0 => (None, None),
                1 => (Some(names.as_str()), None),
                _ => (None, Some(names.as_str())),
            };
            demand("data-org", one)?;
            demand("data-orgs", several)?;
            demand("token", None)?;
            match get("id") {
                Some(id) if id.starts_with("operator-chat-panel-script") => {
                    Err(format!("the vendor's clean-up would remove its id {id:?}"))
                }
                _ => Ok(()),
            }
        }
        Expected::Widget {
            src,
            organization,
            token,
        } => {
            if found.loader || found.customer || found.link.is_some() {
                return Err("something else in place of a widget tag".to_owned());
            }
            demand("id", Some("operator-chat-panel-script"))?;
            demand("src", Some(src))?;
            demand("data-org", Some(organization))?;
            demand("token", Some(token))
        }
        Expected::Customer {
            src,
            organization,
            guid,
            attributes,
        } => {
            if !found.customer || found.link.is_some() {
                return Err("something else in place of a customer widget's tag".to_owned());
            }
            demand("id", Some("chat-widget-script"))?;
            demand("src", Some(src))?;
            demand("token", None)?;
            demand("data-org", Some(organization))?;
            if !get("guid").is_some_and(|found| found.eq_ignore_ascii_case(guid)) {
                return Err(format!("guid is {:?} in place of {guid}", get("guid")));
            }
            for (name, value) in attributes {
                demand(name, Some(value))?;
            }
            let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
            let listed = names.join(" ");
            demand("data-attributes", Some(&*listed).filter(|l| !l.is_empty()))
        }
    }
}
