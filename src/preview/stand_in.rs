//! What stands in for the vendor's widget, and what reloads pages: scripts of the preview's own. They are served under a
//! hidden folder, so no file of the site can have their address.

/// Address of the stand-in.
pub(super) const WIDGET: &str = "/.chathub/widget.js";
/// Address of the stand-in for the customer widget, which is the same script: it goes by the tag that it finds.
pub(super) const CUSTOMER_WIDGET: &str = "/.chathub/customer-widget.js";
/// Its source. It stands in wherever pages load it from.
pub const WIDGET_SOURCE: &[u8] = include_bytes!("widget.js");
/// Address of the script that reloads pages.
pub(super) const RELOAD: &str = "/.chathub/reload.js";
/// Its source.
pub(super) const RELOAD_SOURCE: &[u8] = include_bytes!("reload.js");
/// Address of the news of changes.
pub(super) const EVENTS: &str = "/.chathub/events";
/// Address of what there is to say about a page.
pub(super) const ACCOUNT: &str = "/.chathub/page";

/// The tag that makes a page reload when there is another look at the site than this; fit for HTML and XML.
pub(super) fn reload_tag(version: u64) -> String {
    format!("<script src=\"{RELOAD}\" data-version=\"{version}\" async=\"async\"></script>")
}
