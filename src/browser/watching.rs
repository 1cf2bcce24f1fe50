//! How a page, frame or worker is watched.

use serde_json::{Value, json};

const BEGIN: &str = include_str!("begin.js");

/// What has everything told that happens in a page, frame or worker, and every request asked about.
pub(super) fn watching() -> [(&'static str, Value); 8] {
    [
        ("Page.enable", json!({})),
        ("Runtime.enable", json!({})),
        ("Log.enable", json!({})),
        ("Network.enable", json!({})),
        ("Inspector.enable", json!({})),
        (
            "Fetch.enable",
            json!({ "patterns": [{ "urlPattern": "*" }] }),
        ),
        (
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": BEGIN }),
        ),
        (
            "Target.setAutoAttach",
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true }),
        ),
    ]
}
