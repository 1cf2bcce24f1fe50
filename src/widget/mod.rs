//! The tags of the products and the link beside them: how we write them, how we recognise them.

mod address;
mod attributes;
mod hold;
mod link;
mod markup;
mod product;
mod scope;
mod script_type;
mod tag;
mod unfit;

pub use address::{Addresses, Named};
pub use attributes::{Attributes, LOADER_ATTRIBUTE};
pub use hold::{Hold, Tool};
pub use link::ContactLink;
pub use product::{Breach, Kind, Product, owns};
pub use scope::Scope;
pub use script_type::is_javascript;
pub use tag::{Difference, LoaderSettings, Tag};
pub use unfit::unfit_name;

/// The comment that stands above the tag in the vendor's snippet.
pub const VENDOR_COMMENT: &str = "ChatHub Widget";

/// Whether a script that has [`LOADER_ATTRIBUTE`] is another program's all the same: a classic script, from a file that is not
/// called like the runtime, with none of the loader's options. No version of this tool has written such a tag, and the runtime
/// does not count it, so it is not an instance, and taking it out would take that program from the page. In doubt it is ours: the
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
    let option = |name: &str| {
        name != LOADER_ATTRIBUTE
            && name.starts_with("data-")
            && owns(Kind::Loader, attributes, name)
    };
    classic && !runtime && Hold::of(attributes).is_none() && !names.any(option)
}

/// Tells which tag of ours a `script` element with these attributes is; `None`: none. `addresses` are the configured ones, by
/// which a self-hosted widget without the usual id is known.
#[must_use]
pub fn recognise(attributes: &Attributes, addresses: &Addresses) -> Option<Kind> {
    if attributes.get(LOADER_ATTRIBUTE).is_some() && !is_another_program(attributes) {
        return Some(Kind::Loader);
    }
    let id = attributes.get("id").unwrap_or_default();
    let by_id = Product::by_id(id);
    let by_address = || {
        let mut given = hold::ADDRESSES
            .iter()
            .filter_map(|name| attributes.get(name));
        given.find_map(|address| addresses.recognise(address))
    };
    let product = match by_id {
        Some(Product::Operator) => by_id,
        // Other vendors may think of this id, too.
        other => by_address().or(other),
    };
    product.map(Product::tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(attributes: &[(&str, &str)]) -> Option<Kind> {
        let attributes = attributes.iter();
        let attributes = attributes.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        recognise(&attributes.collect(), &Addresses::default())
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
        let ours = Some(Kind::Loader);
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
        let vendors = Some(Kind::Widget);
        let src = Product::Operator.src();
        assert_eq!(recognised(&[mark, ("src", src)]), vendors);
        let delayed = [("type", "rocketlazyloadscript"), ("data-rocket-src", src)];
        assert_eq!(recognised(&delayed), vendors);
    }
}
