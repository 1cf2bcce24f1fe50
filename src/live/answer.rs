//! What a server answers.

use reqwest::header::{HeaderMap, HeaderName};
use url::Url;

/// An answer, its body unpacked.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The status as people know it, such as `404 Not Found`.
    pub(super) fn status_words(&self) -> String {
        let status = reqwest::StatusCode::from_u16(self.status).ok();
        let reason = status.and_then(|status| status.canonical_reason());
        match reason {
            Some(reason) => format!("{} {reason}", self.status),
            None => self.status.to_string(),
        }
    }

    /// A header field, as far as it is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All fields of a name, one after the other.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.headers.get_all(name).into_iter();
        all.filter_map(|value| value.to_str().ok())
    }

    /// Whether the body is a document of HTML, whatever its type says.
    pub(super) fn looks_like_html(&self) -> bool {
        let body = &self.body[..self.body.len().min(2048)];
        // Whatever its encoding: zeros between the letters are those of UTF-16.
        let text: Vec<u8> = body.iter().copied().filter(|byte| *byte != 0).collect();
        let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
        let text = text
            .trim_start_matches(['\u{feff}', '\u{fffd}'])
            .trim_start();
        text.starts_with("<!doctype html")
            || text.starts_with("<html")
            || (text.starts_with("<?xml") || text.starts_with("<!--")) && text.contains("<html")
    }
}

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is one.
    Page(Answer),
    /// It is at another address on this origin, and is judged there.
    Moved(Url),
    /// It may not be asked for.
    Disallowed,
    /// It is a file of this type.
    Other(String),
    /// Visitors get none; why.
    NotServed(String),
    /// It could not be fetched; why.
    Failed(String),
}
