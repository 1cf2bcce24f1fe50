//! Addresses, taken as a browser takes them.
//!
//! One address can be written in many ways: with line breaks and tabs in it, with `%2D` for a hyphen, with backslashes, dot
//! segments, a default port, capitals in its host. The URL standard makes one of them, and so do servers of the rest.

use percent_encoding::percent_decode_str;
use url::Url;

use super::product::{HOST, Product};

/// The configured address of a product.
#[derive(Debug, Clone)]
struct Address {
    written: String,
    normal: Option<String>,
    /// Letters that are in every plain way to write it.
    sign: String,
}

impl Address {
    fn new(written: &str) -> Self {
        let path = path(written);
        let last = path.rsplit('/').next().unwrap_or(path);
        let sign = if last.is_empty() { written } else { last };
        Self {
            written: written.to_owned(),
            normal: parse(written).map(|url| normal(&url)),
            sign: sign.to_owned(),
        }
    }
}

/// The configured addresses of the products, and with them all others that mean one.
#[derive(Debug, Clone)]
pub struct Addresses([Address; Product::ALL.len()]);

impl Default for Addresses {
    fn default() -> Self {
        Self::new(Product::Operator.src(), Product::Customer.src())
    }
}

impl Addresses {
    /// For pages whose widgets come from these addresses.
    #[must_use]
    pub fn new(operator: &str, customer: &str) -> Self {
        Self([Address::new(operator), Address::new(customer)])
    }

    /// Letters of which some are in every plain way to write one of the configured addresses.
    #[must_use]
    pub fn signs(&self) -> Vec<&str> {
        let mut signs: Vec<&str> = self.0.iter().map(|address| &*address.sign).collect();
        signs.dedup();
        signs
    }

    /// The product whose script comes from this address.
    #[must_use]
    pub fn recognise(&self, address: &str) -> Option<Product> {
        let address = address.trim();
        let find = |is: &dyn Fn(&Address) -> bool| {
            let mut products = Product::ALL.into_iter().zip(&self.0);
            products.find_map(|(product, known)| is(known).then_some(product))
        };
        let known = find(&|known| known.written == address);
        if let Some(known) = known.or_else(|| Product::by_path(path(address))) {
            return Some(known);
        }
        if !is_disguised(address) && find(&|known| address.contains(&known.sign)).is_none() {
            return None;
        }
        let url = parse(address)?;
        let decoded = percent_decode_str(url.path()).decode_utf8_lossy();
        let normal = normal(&url);
        Product::by_path(&decoded)
            .or_else(|| find(&|known| known.normal.as_deref() == Some(&*normal)))
    }
}

/// What a script names of the vendor's: such scripts put addresses together of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The script of a product.
    Script(Product),
    /// The host of all of them.
    Host,
    /// The folder of a product there, which many others may be called as well.
    Folder(Product),
}

/// Letters of which some are in every script that names the vendor's chat, beside those of the configured addresses.
const IN_SCRIPTS: [&str; 5] = [
    "smsbat.com",
    "widget-script",
    "operator-chat-panel",
    "data-chathub",
    "dataset.chathub",
];

impl Addresses {
    /// Letters of which some are in every script that names one of the products.
    #[must_use]
    pub fn signs_in_scripts(&self) -> Vec<&str> {
        self.signs().into_iter().chain(IN_SCRIPTS).collect()
    }

    /// What a string in a script names, if it is an address or a part of one.
    #[must_use]
    pub fn named(&self, part: &str) -> Option<Named> {
        if part.contains(char::is_whitespace) || part.contains(['<', '>', '"']) {
            return None;
        }
        if let Some(product) = self.recognise(part) {
            return Some(Named::Script(product));
        }
        let folder = Product::by_folder(part);
        if part.to_ascii_lowercase().contains(HOST) {
            return Some(folder.map_or(Named::Host, Named::Script));
        }
        folder.map(Named::Folder)
    }
}

/// Whether an address may mean another path than it seems to.
pub(crate) fn is_disguised(address: &str) -> bool {
    address.contains(['%', '\t', '\n', '\r', '\\']) || address.contains("/.")
}

fn path(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

/// As a page of some site over https takes it.
fn parse(address: &str) -> Option<Url> {
    let page = Url::parse("https://page.invalid/").ok()?;
    page.join(address).ok()
}

/// What two ways to write one address have in common. The scheme is none of it: anyone who writes `http:` means the same
/// script.
fn normal(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = percent_decode_str(url.path()).decode_utf8_lossy();
    let query = url.query().map(|query| format!("?{query}"));
    format!("{host}{port}{path}{}", query.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDGET: Option<Product> = Some(Product::Operator);

    fn configured(operator: &str) -> Addresses {
        Addresses::new(operator, Product::Customer.src())
    }

    #[test]
    fn takes_the_vendors_address_however_it_is_written() {
        let addresses = configured("https://chat.example/w.js");
        for written in [
            Product::Operator.src(),
            " \n https://widget.smsbat.com/operator-chat-panel/widget-script.js\t",
            "https://widget.smsbat.com/operator-chat\n-panel/widget-\tscript.js",
            "https://widget.smsbat.com/operator-chat-panel\r\n/widget-script.js",
            "https://widget.smsbat.com/operator%2Dchat%2dpanel/widget%2Dscript%2Ejs",
            "https://widget.smsbat.com/%6fperator-chat-panel/widget-script.js",
            "HTTPS://Widget.SMSBAT.com/operator-chat-panel/widget-script.js",
            "//widget.smsbat.com/operator-chat-panel/widget-script.js",
            "https://widget.smsbat.com:443/operator-chat-panel/widget-script.js",
            "https://widget.smsbat.com./operator-chat-panel/widget-script.js",
            "https://me@widget.smsbat.com/operator-chat-panel/widget-script.js?a=b#c",
            "https://widget.smsbat.com/x/../operator-chat-panel/./y/%2e%2e/widget-script.js",
            "https:\\\\widget.smsbat.com\\operator-chat-panel\\widget-script.js",
            "https:/widget.smsbat.com/operator-chat-panel/widget-script.js",
        ] {
            assert_eq!(addresses.recognise(written), WIDGET, "{written:?}");
        }
        assert_eq!(
            addresses.recognise("https://widget.smsbat.com/chat%2Dwidget/widget-script.js"),
            Some(Product::Customer)
        );
        for other in [
            "https://widget.smsbat.com/operator-chat-panel/widget-script.js.map",
            "https://x.example/a.js?https://widget.smsbat.com/operator%2Dchat-panel/widget-script.js",
            "https://widget.smsbat.com/operator-chat-panel/x/../../widget-script.js",
            "https://widget.smsbat.com/operator%252Dchat-panel/widget-script.js",
            "",
        ] {
            assert_eq!(addresses.recognise(other), None, "{other:?}");
        }
    }

    #[test]
    fn takes_the_configured_address_however_it_is_written() {
        let addresses = configured("https://chat.example/js/w.js?site=1");
        for written in [
            "https://chat.example/js/w.js?site=1",
            "//CHAT.example:443/js/./w.js?site=1#x",
            "http://chat.example./j%73/w.js?site=1",
            "https://chat.example/js/\nw.j\ts?site=1",
        ] {
            assert_eq!(addresses.recognise(written), WIDGET, "{written:?}");
        }
        for other in [
            "https://chat.example/js/w.js?site=2",
            "https://chat.example/js/w.js",
            "https://chat.example:8443/js/w.js?site=1",
            "https://other.example/js/w.js?site=1",
            "w.js",
        ] {
            assert_eq!(addresses.recognise(other), None, "{other:?}");
        }
    }

    #[test]
    fn knows_parts_of_addresses() {
        let addresses = configured("https://chat.example/w.js");
        for (part, named) in [
            (
                "//chat.example/w.js",
                Some(Named::Script(Product::Operator)),
            ),
            (
                "operator-chat-panel/widget-script.js?v=1",
                Some(Named::Script(Product::Operator)),
            ),
            ("https://Widget.SMSBAT.com", Some(Named::Host)),
            (
                "https://widget.smsbat.com/chat-widget/",
                Some(Named::Script(Product::Customer)),
            ),
            ("chat-widget", Some(Named::Folder(Product::Customer))),
            ("https://chatapi.smsbat.com/api", None),
            ("ask widget.smsbat.com", None),
            ("<script src=//widget.smsbat.com>", None),
            ("", None),
        ] {
            assert_eq!(addresses.named(part), named, "{part}");
            let signs = addresses.signs_in_scripts();
            let is_seen = signs
                .iter()
                .any(|sign| part.to_ascii_lowercase().contains(sign));
            assert!(
                is_seen || !matches!(named, Some(Named::Script(_) | Named::Host)),
                "{part}"
            );
        }
    }

    #[test]
    fn each_product_has_an_address_of_its_own() {
        let addresses =
            Addresses::new("https://chat.example/o.js", "https://chat.example/c.js?v=1");
        assert_eq!(addresses.signs(), ["o.js", "c.js"]);
        for (written, product) in [
            ("//chat.example/o.js", WIDGET),
            ("https://CHAT.example/./c.js?v=1", Some(Product::Customer)),
            ("https://chat.example/c.js", None),
            (Product::Customer.src(), Some(Product::Customer)),
        ] {
            assert_eq!(addresses.recognise(written), product, "{written}");
        }
        assert_eq!(Addresses::default().signs(), ["widget-script.js"]);
    }
}
