//! Addresses, taken as a browser takes them.
//!
//! One address can be written in many ways: with line breaks and tabs in it, with `%2D` for a hyphen, with backslashes, dot
//! segments, a default port, capitals in its host. The URL standard makes one of them, and so do servers of the rest.

use percent_encoding::percent_decode_str;
use url::Url;

use super::{CUSTOMER_WIDGET_PATH, Kind, Script, WIDGET_PATH};

/// The configured address of the widget, and with it all others that mean a widget.
#[derive(Debug, Clone)]
pub struct Addresses {
    widget: String,
    normal: Option<String>,
    /// What its path ends in.
    last: String,
}

impl Addresses {
    /// For pages whose widget comes from this address.
    #[must_use]
    pub fn new(widget: &str) -> Self {
        let path = path(widget);
        Self {
            widget: widget.to_owned(),
            normal: parse(widget).map(|url| normal(&url)),
            last: path.rsplit('/').next().unwrap_or(path).to_owned(),
        }
    }

    /// Letters that are in every plain way to write the configured address.
    #[must_use]
    pub fn sign(&self) -> &str {
        if self.last.is_empty() {
            &self.widget
        } else {
            &self.last
        }
    }

    /// What a script from this address is to us.
    #[must_use]
    pub(super) fn recognise(&self, address: &str) -> Option<Script> {
        let address = address.trim();
        if address == self.widget {
            return Some(Script::Instance(Kind::Widget));
        }
        if let Some(known) = by_path(path(address)) {
            return Some(known);
        }
        if !is_disguised(address) && !address.contains(self.sign()) {
            return None;
        }
        let url = parse(address)?;
        let decoded = percent_decode_str(url.path()).decode_utf8_lossy();
        let same = || self.normal.as_deref() == Some(normal(&url).as_str());
        by_path(&decoded).or_else(|| same().then_some(Script::Instance(Kind::Widget)))
    }
}

/// Whether an address may mean another path than it seems to.
pub(crate) fn is_disguised(address: &str) -> bool {
    address.contains(['%', '\t', '\n', '\r', '\\']) || address.contains("/.")
}

fn by_path(path: &str) -> Option<Script> {
    if path.ends_with(WIDGET_PATH) {
        Some(Script::Instance(Kind::Widget))
    } else {
        path.ends_with(CUSTOMER_WIDGET_PATH)
            .then_some(Script::CustomerWidget)
    }
}

fn path(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

/// As a page of some site over https takes it.
fn parse(address: &str) -> Option<Url> {
    let page = Url::parse("https://page.invalid/").ok()?;
    page.join(address).ok()
}

/// What two ways to write one address have in common. The scheme is none of it: whoever writes `http:` means the same
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
    use crate::widget::WIDGET_SRC;

    const WIDGET: Option<Script> = Some(Script::Instance(Kind::Widget));

    #[test]
    fn takes_the_vendors_address_however_it_is_written() {
        let addresses = Addresses::new("https://chat.example/w.js");
        for written in [
            WIDGET_SRC,
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
            Some(Script::CustomerWidget)
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
        let addresses = Addresses::new("https://chat.example/js/w.js?site=1");
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
}
