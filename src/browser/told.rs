//! What the browser tells of errors, in words.

use serde_json::Value;

use super::connection::Message;
use super::seen::Problem;

/// How much of a message is kept, in characters.
const KEPT: usize = 300;

/// An error on the page, where the message tells one.
pub(super) fn problem(message: &Message) -> Option<Problem> {
    let params = &message.params;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, what, url) = match message.method.as_str() {
        "Runtime.exceptionThrown" => {
            let details = &params["exceptionDetails"];
            let thrown = &details["exception"];
            let said = thrown["description"].as_str().or(thrown["value"].as_str());
            let said = said.map_or_else(|| text(&details["text"]), str::to_owned);
            ("uncaught exception", said, text(&details["url"]))
        }
        "Runtime.consoleAPICalled"
            if matches!(params["type"].as_str(), Some("error" | "assert")) =>
        {
            let given = params["args"].as_array().map(Vec::as_slice);
            let given = given.unwrap_or_default().iter().map(|given| {
                match (&given["value"], given["description"].as_str()) {
                    (Value::String(text), _) => text.clone(),
                    (Value::Null, Some(description)) => description.to_owned(),
                    (value, _) => value.to_string(),
                }
            });
            let given: Vec<String> = given.collect();
            let frames = &params["stackTrace"]["callFrames"];
            ("console error", given.join(" "), text(&frames[0]["url"]))
        }
        "Log.entryAdded" if params["entry"]["level"] == "error" => {
            let entry = &params["entry"];
            let said = text(&entry["text"]);
            // Told by the requests that we have cut off, and by the document that a policy protects.
            let is_known = said.contains("ERR_BLOCKED_BY_CLIENT")
                || said.contains("Content Security Policy")
                || said.contains("Content-Security-Policy");
            if is_known {
                return None;
            }
            ("console error", said, text(&entry["url"]))
        }
        _ => return None,
    };
    // The first line says what; those after it where.
    let what = what.lines().next().unwrap_or_default().trim();
    let clipped: String = what.chars().take(KEPT).collect();
    (!clipped.is_empty()).then_some(Problem {
        kind,
        text: clipped,
        url,
    })
}

/// Why a request got no reply.
pub(super) fn failure(params: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let blocked = text(&params["blockedReason"]);
    let cors = text(&params["corsErrorStatus"]["corsError"]);
    if blocked == "csp" {
        return "a policy blocks it".to_owned();
    }
    if !cors.is_empty() {
        return format!("its host does not let this site have it ({cors})");
    }
    let error = text(&params["errorText"]);
    let why = if error.is_empty() { blocked } else { error };
    format!("it cannot be loaded ({why})")
}
