//! Replies: files from the disk, pages and assets from memory.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::path::Path;
use tower::ServiceExt;
use tower_http::services::ServeFile;

/// Kept by the browser, but asked about each time.
pub(super) const ASK: HeaderValue = HeaderValue::from_static("no-cache");
/// Not kept at all.
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Its address changes with its content.
pub(super) const FOREVER: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");

/// A file as it is, with ranges and conditions.
pub(super) async fn file(file: &Path, request: Request) -> Response {
    let mut reply = match ServeFile::new(file).oneshot(request).await {
        Ok(reply) => reply.map(Body::new),
        Err(never) => match never {},
    };
    let headers = reply.headers_mut();
    headers.insert(CACHE_CONTROL, ASK);
    // Hosts say it for texts; without it, style sheets and scripts are read by the page's encoding.
    if let Some(kind) = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        && kind.starts_with("text/")
        && !kind.starts_with("text/html")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, kind);
    }
    reply
}

/// A page from memory.
pub(super) fn page(
    status: StatusCode,
    path: &[u8],
    content: Vec<u8>,
    asked: &HeaderMap,
) -> Response {
    let etag = etag(&content);
    if status == StatusCode::OK && asked.get(IF_NONE_MATCH) == Some(&etag) {
        return (
            StatusCode::NOT_MODIFIED,
            [(ETAG, etag), (CACHE_CONTROL, ASK)],
        )
            .into_response();
    }
    let kind = match (path.ends_with(b".xhtml"), std::str::from_utf8(&content)) {
        (true, _) => "application/xhtml+xml",
        (false, Ok(_)) => "text/html; charset=utf-8",
        // What the header says beats what the page says; and the page knows.
        (false, Err(_)) => "text/html",
    };
    let kind = HeaderValue::from_static(kind);
    let headers = [(CONTENT_TYPE, kind), (ETAG, etag), (CACHE_CONTROL, ASK)];
    (status, headers, content).into_response()
}

/// A script of the preview's own, or the runtime.
pub(super) fn script(content: &'static [u8], cache: HeaderValue) -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, cache)], content).into_response()
}

/// What `inject` writes down for the runtime.
pub(super) fn json(content: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, ASK)], content).into_response()
}

/// A sentence in place of what was asked for.
pub(super) fn sentence(status: StatusCode, text: &str) -> Response {
    (status, [(CACHE_CONTROL, NO_STORE)], format!("{text}\n")).into_response()
}

fn etag(content: &[u8]) -> HeaderValue {
    use std::fmt::Write as _;
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(content)[..8] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}
