//! How a page, frame or worker is watched.

use serde_json::{Value, json};

const BEGIN: &str = include_str!("begin.js");
/// A service worker would fetch all that it is to keep, which may be the whole site, and nobody comes back to use it.
const ALONE: &str = "if (globalThis.ServiceWorkerContainer) ServiceWorkerContainer.prototype.register = () => new Promise(() => {});";

/// What has everything told that happens in a page, frame or worker, and every request asked about. `agent`: what the browser calls itself
/// where a server hears of it.
pub(super) fn watching(agent: Option<&str>) -> Vec<(&'static str, Value)> {
    let before_page = |source: &str| {
        let method = "Page.addScriptToEvaluateOnNewDocument";
        (method, json!({ "source": source }))
    };
    let as_guest = agent.map(|agent| {
        let name = json!({ "userAgent": agent });
        [("Network.setUserAgentOverride", name), before_page(ALONE)]
    });
    let always = [
        ("Page.enable", json!({})),
        ("Runtime.enable", json!({})),
        ("Log.enable", json!({})),
        ("Network.enable", json!({})),
        ("Inspector.enable", json!({})),
        (
            "Fetch.enable",
            json!({ "patterns": [{ "urlPattern": "*" }] }),
        ),
        before_page(BEGIN),
        (
            "Target.setAutoAttach",
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true }),
        ),
    ];
    always
        .into_iter()
        .chain(as_guest.into_iter().flatten())
        .collect()
}
