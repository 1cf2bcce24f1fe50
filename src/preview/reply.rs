//! Replies: files from the disk, pages and scripts from memory, each by conditions and ranges.

use std::io;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use axum::response::{IntoResponse, Response};
use headers::{ContentRange, HeaderMapExt};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::version::{Version, Wanted};

/// Kept by the browser, but asked about each time.
pub(super) const ASK: HeaderValue = HeaderValue::from_static("no-cache");
/// Not kept at all.
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Its address changes with its content.
pub(super) const FOREVER: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");

/// What was asked, as far as it decides what is sent.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    method: Method,
    pub(super) headers: HeaderMap,
}

impl Asked {
    pub(super) fn of(request: &request::Parts) -> Self {
        Self {
            method: request.method.clone(),
            headers: request.headers.clone(),
        }
    }
}

/// A file as it is; `name` is the one that it was asked by, which tells what kind it is.
pub(super) async fn file(file: &Path, name: &Path, asked: &Asked) -> io::Result<Response> {
    let mut file = File::open(file).await?;
    let version = Version::of_file(&file.metadata().await?);
    let (mut reply, sent) = head(&version, asked, ASK, content_type(name));
    if let Some(Sent { from, length }) = sent {
        file.seek(io::SeekFrom::Start(from)).await?;
        // No more than was promised, should it grow meanwhile.
        *reply.body_mut() = Body::from_stream(ReaderStream::new(file.take(length)));
    }
    Ok(reply)
}

fn content_type(name: &Path) -> HeaderValue {
    let unknown = HeaderValue::from_static("application/octet-stream");
    HeaderValue::try_from(kind(name)).unwrap_or(unknown)
}

/// A page from memory. What stands in the place of another is not a version of it, and has neither parts nor conditions.
pub(super) fn page(status: StatusCode, path: &[u8], content: Vec<u8>, asked: &Asked) -> Response {
    let kind = HeaderValue::from_static(page_kind(path, &content));
    if status == StatusCode::OK {
        memory(&content.into(), kind, ASK, asked)
    } else {
        let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, ASK)];
        (status, headers, content).into_response()
    }
}

/// A script of the preview's own, or the runtime.
pub(super) fn script(content: &'static [u8], cache: HeaderValue, asked: &Asked) -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    memory(&Bytes::from_static(content), kind, cache, asked)
}

/// What `inject` writes down for the runtime.
pub(super) fn json(content: Vec<u8>, asked: &Asked) -> Response {
    let kind = HeaderValue::from_static("application/json");
    memory(&content.into(), kind, ASK, asked)
}

fn memory(content: &Bytes, kind: HeaderValue, cache: HeaderValue, asked: &Asked) -> Response {
    let (mut reply, sent) = head(&Version::of(content), asked, cache, kind);
    if let Some(Sent { from, length }) = sent {
        // It is in memory, so its length is one that memory can have.
        let at = |at: u64| usize::try_from(at).unwrap_or(content.len());
        *reply.body_mut() = Body::from(content.slice(at(from)..at(from + length)));
    }
    reply
}

/// The bytes that go with a reply.
struct Sent {
    from: u64,
    length: u64,
}

/// A reply without its body, and what that is to be.
fn head(
    version: &Version,
    asked: &Asked,
    cache: HeaderValue,
    kind: HeaderValue,
) -> (Response, Option<Sent>) {
    let mut reply = Response::new(Body::empty());
    let whole = Sent {
        from: 0,
        length: version.length(),
    };
    let (status, sent, range) = match version.wanted(&asked.method, &asked.headers) {
        Wanted::Whole => (StatusCode::OK, Some(whole), None),
        Wanted::Part(part) => {
            let range = ContentRange::bytes(part.clone(), version.length());
            let sent = Sent {
                from: *part.start(),
                length: part.end() - part.start() + 1,
            };
            (StatusCode::PARTIAL_CONTENT, Some(sent), range.ok())
        }
        Wanted::NotModified => (StatusCode::NOT_MODIFIED, None, None),
        Wanted::ConditionFailed => (StatusCode::PRECONDITION_FAILED, None, None),
        Wanted::NoSuchPart => {
            let range = ContentRange::unsatisfied_bytes(version.length());
            (StatusCode::RANGE_NOT_SATISFIABLE, None, Some(range))
        }
    };
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    version.tell(headers);
    headers.insert(CACHE_CONTROL, cache);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(range) = range {
        headers.typed_insert(range);
    }
    if let Some(sent) = &sent {
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(sent.length));
    }
    (reply, sent.filter(|_| asked.method == Method::GET))
}

/// What kind a page of this path and content is.
#[must_use]
pub fn page_kind(path: &[u8], content: &[u8]) -> &'static str {
    match (path.ends_with(b".xhtml"), std::str::from_utf8(content)) {
        (true, _) => "application/xhtml+xml",
        (false, Ok(_)) => "text/html; charset=utf-8",
        // What the header says beats what the page says; and the page knows.
        (false, Err(_)) => "text/html",
    }
}

/// What kind a file of this name is.
#[must_use]
pub fn kind(name: &Path) -> String {
    let kind = mime_guess::from_path(name)
        .first_raw()
        .unwrap_or("application/octet-stream");
    // Hosts say it for texts; without it, style sheets and scripts are read by the page's encoding.
    let says_charset = kind.starts_with("text/") && kind != "text/html";
    let charset = if says_charset { "; charset=utf-8" } else { "" };
    format!("{kind}{charset}")
}

/// A sentence in place of what was asked for.
pub(super) fn sentence(status: StatusCode, text: &str) -> Response {
    (status, [(CACHE_CONTROL, NO_STORE)], format!("{text}\n")).into_response()
}
