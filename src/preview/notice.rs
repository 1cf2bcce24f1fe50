//! A page of the preview's own, for where the site has none to show.

use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::reply::NO_STORE;

/// What it looks like; it loads nothing.
const STYLE: &str = ":root{color-scheme:light dark;--text:light-dark(#1c2430,#e8ecf2);--quiet:light-dark(#566173,#a5b0c0);\
    --page:light-dark(#f6f8fa,#12171f);--surface:light-dark(#fff,#1b222d);--line:light-dark(#d5dbe4,#364152);\
    --accent:light-dark(#0b6e5f,#45c9b1)}\
    body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--text);\
    font:16px/1.5 system-ui,sans-serif}\
    main{box-sizing:border-box;width:min(34rem,100% - 2rem);margin:1rem;padding:1.5rem 1.75rem;background:var(--surface);\
    border:1px solid var(--line);border-top:4px solid var(--accent);border-radius:10px;overflow-wrap:anywhere}\
    h1{margin:0 0 .5rem;font-size:1.3rem;line-height:1.3}p{margin:0 0 .5rem}small{color:var(--quiet)}";

/// A sentence in place of what was asked for, with what there is to say about it; `markup` goes with it as it is, where it is a
/// page: programs that do not ask for one get lines of text.
pub(super) fn notice(
    asked: &HeaderMap,
    status: StatusCode,
    title: &str,
    more: &str,
    markup: &str,
) -> Response {
    let wants_page = asked
        .get_all(ACCEPT)
        .iter()
        .any(|kinds| kinds.as_bytes().windows(9).any(|kind| kind == b"text/html"));
    let (kind, content) = if wants_page {
        let (title, more) = (escape(title), escape(more));
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><main>\
             <h1>{title}</h1><p>{more}</p><small>chathub preview</small></main>{markup}</body></html>\n"
        );
        ("text/html; charset=utf-8", page)
    } else {
        ("text/plain; charset=utf-8", format!("{title}\n{more}\n"))
    };
    let kind = HeaderValue::from_static(kind);
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, NO_STORE)];
    (status, headers, content).into_response()
}

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
