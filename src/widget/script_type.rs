//! The types of scripts.

/// The types that stand for JavaScript: <https://mimesniff.spec.whatwg.org/#javascript-mime-type>.
const JAVASCRIPT: [&str; 16] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

/// Whether a MIME type, in lower case and without parameters, is one of JavaScript.
#[must_use]
pub fn is_javascript(essence: &str) -> bool {
    JAVASCRIPT.contains(&essence)
}
