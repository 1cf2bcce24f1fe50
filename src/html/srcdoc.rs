//! Frames whose page stands in an attribute of the page around it.

use lol_html::html_content::Element;

use super::facts::Scripted;
use super::handlers::{Shared, attribute};
use super::scan::Scanner;

impl Scanner {
    /// Notes a frame that holds a chat, which visitors see in the page around it.
    pub(super) fn on_srcdoc(&self, element: &Element<'_, '_>, shared: &Shared) {
        let mut state = shared.borrow_mut();
        let span = element.source_location().bytes();
        if !state.holds(&span) || !state.is_live(element) {
            return;
        }
        let runs = |sandbox: String| {
            let mut allowed = sandbox.split_ascii_whitespace();
            allowed.any(|token| token.eq_ignore_ascii_case("allow-scripts"))
        };
        if attribute(element, "sandbox").is_some_and(|sandbox| !runs(sandbox)) {
            return;
        }
        // It is a whole page: a comment at its start is none that has been cut out of one.
        let page = format!(" {}", attribute(element, "srcdoc").unwrap_or_default());
        let found = self.shallow(page.as_bytes()).into_iter().next();
        state
            .facts
            .scripted
            .extend(found.map(|(_, product)| Scripted {
                span,
                product: Some(product),
                by: "a frame",
                means: "its srcdoc",
            }));
    }
}
