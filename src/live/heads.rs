//! What the fields of an answer's head say about a page or a file: its type, its encoding, and how long it is kept.

use encoding_rs::{Encoding, UTF_8};
use jiff::Timestamp;
use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, DATE, EXPIRES, X_CONTENT_TYPE_OPTIONS,
};

use super::answer::Answer;
use crate::api::date;
use crate::html::{Syntax, declared_encoding};
use crate::widget::is_javascript;

/// What an answer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// A page, whatever its type.
    Page,
    /// A file of this type.
    Other(String),
}

const HTML: &str = "text/html";
const XHTML: &str = "application/xhtml+xml";

/// The type, in lower case and without parameters.
fn essence(answer: &Answer) -> Option<String> {
    // Of several, browsers take the last.
    let value = answer.all(CONTENT_TYPE.as_str()).last()?;
    let essence = value.split(';').next()?.trim().to_ascii_lowercase();
    essence.contains('/').then_some(essence)
}

/// Whether an answer is a page.
pub(super) fn served(answer: &Answer) -> Served {
    let kind = essence(answer);
    if matches!(kind.as_deref(), Some(HTML | XHTML)) || answer.looks_like_html() {
        return Served::Page;
    }
    Served::Other(kind.unwrap_or_else(|| "a file without a type".to_owned()))
}

/// Something that is wrong with the type of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistyped {
    pub(super) message: String,
    pub(super) remedy: String,
    /// The chat may run all the same.
    pub(super) is_minor: bool,
}

/// What is wrong with the type of a page that is read as `syntax`. `page` is what is in it.
pub(super) fn mistyped(answer: &Answer, syntax: Syntax, page: &[u8]) -> Vec<Mistyped> {
    let mut found = Vec::new();
    let mut add = |message: String, remedy: &str, is_minor| {
        found.push(Mistyped {
            message,
            remedy: remedy.to_owned(),
            is_minor,
        });
    };
    let nosniff = answer
        .header(&X_CONTENT_TYPE_OPTIONS)
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("nosniff"));
    match (essence(answer).as_deref(), syntax) {
        (Some(HTML), Syntax::Xml) => add(
            format!("it is sent as {HTML}, and its name says that it is XML"),
            "Set `pages.xml-extensions = []`, so that such pages are judged by the rules of HTML, or send them as application/xhtml+xml.",
            false,
        ),
        (Some(XHTML), Syntax::Html) => add(
            format!(
                "it is sent as {XHTML}, so browsers read it as XML, and chathub reads it as HTML"
            ),
            "Send it as text/html, or add its extension to `pages.xml-extensions` and run `chathub inject` again.",
            false,
        ),
        (Some(HTML | XHTML), _) => {}
        (Some(other), _) => add(
            format!("it is sent as {other}, so browsers do not show it as a page"),
            "Have the server send it as text/html.",
            false,
        ),
        (None, _) => add(
            if nosniff {
                "it is sent without a type, and with `X-Content-Type-Options: nosniff`, so browsers do not show it as a page".to_owned()
            } else {
                "it is sent without a type, so browsers guess".to_owned()
            },
            "Have the server send it as text/html.",
            !nosniff,
        ),
    }
    let disposition = answer
        .header(&CONTENT_DISPOSITION)
        .unwrap_or_default()
        .trim_start()
        .to_ascii_lowercase();
    if disposition.starts_with("attachment") {
        add(
            "it is sent with `Content-Disposition: attachment`, so browsers save it and do not show it".to_owned(),
            "Take that header off the pages.",
            false,
        );
    }
    if syntax == Syntax::Html
        && let Some((sent, own)) = other_encoding(answer, page)
    {
        let whole = sent.is_ascii_compatible() && own.is_ascii_compatible();
        add(
            format!(
                "it is sent with charset={}, and is written in {}",
                sent.name(),
                own.name()
            ),
            "Have the server send the page's own encoding in `Content-Type`, or none: browsers obey the header, so letters come out wrong.",
            whole,
        );
    }
    found
}

/// The encoding that the header names and that of the page, where the difference is to be seen.
fn other_encoding(answer: &Answer, page: &[u8]) -> Option<(&'static Encoding, &'static Encoding)> {
    // A mark in the page counts for more than the header.
    if Encoding::for_bom(page).is_some() {
        return None;
    }
    let value = answer.all(CONTENT_TYPE.as_str()).last()?;
    let charset = value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_owned())
    })?;
    let sent = Encoding::for_label(charset.as_bytes())?;
    let own = match declared_encoding(page) {
        Some(own) => own,
        None if std::str::from_utf8(page).is_ok() => UTF_8,
        None => return None,
    };
    let shows = !page.is_ascii() || !sent.is_ascii_compatible() || !own.is_ascii_compatible();
    (sent != own && shows).then_some((sent, own))
}

/// Why browsers would not run a file as a module; none if they would.
pub(super) fn not_a_module(answer: &Answer) -> Option<String> {
    match essence(answer) {
        Some(kind) if is_javascript(&kind) => None,
        Some(kind) => Some(format!(
            "it is sent as {kind}, and browsers run modules of the types of JavaScript alone"
        )),
        None => Some(
            "it is sent without a type, and browsers run modules of the types of JavaScript alone"
                .to_owned(),
        ),
    }
}

/// For how long an answer may be kept, as it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// Seconds from now on, wherever it is kept.
    pub(super) seconds: i64,
    /// It never changes.
    pub(super) immutable: bool,
    /// It is not kept at all.
    pub(super) no_store: bool,
}

/// For how long an answer that came now may be kept (RFC 9111, section 4.2). What says nothing is kept as browsers see fit.
pub(super) fn kept(answer: &Answer, now: i64) -> Kept {
    let directives: Vec<(String, Option<i64>)> = answer
        .all(CACHE_CONTROL.as_str())
        .flat_map(|value| value.split(','))
        .map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let value = value.trim().trim_matches('"').parse().ok();
            (name.trim().to_ascii_lowercase(), value)
        })
        .collect();
    let says = |name: &str| directives.iter().any(|(said, _)| said == name);
    let seconds = |name: &str| {
        directives
            .iter()
            .find(|(said, _)| said == name)
            .and_then(|(_, value)| *value)
    };
    let no_store = says("no-store");
    if no_store || says("no-cache") {
        return Kept {
            no_store,
            ..Kept::default()
        };
    }
    let at = |name| answer.header(name).and_then(date).map(Timestamp::as_second);
    let until = at(&EXPIRES).map(|expires| expires - at(&DATE).unwrap_or(now));
    let private = says("private");
    let browser = seconds("max-age").or(until);
    let shared = seconds("s-maxage").filter(|_| !private);
    let fresh = [browser, shared]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or_default();
    let age = answer
        .header(&AGE)
        .and_then(|age| age.trim().parse::<i64>().ok())
        .unwrap_or_default();
    // Past that, it may still be sent while a new one is fetched.
    let stale = seconds("stale-while-revalidate").unwrap_or_default();
    Kept {
        seconds: (fresh - age.max(0)).max(0).saturating_add(if fresh > 0 {
            stale.max(0)
        } else {
            0
        }),
        immutable: says("immutable"),
        no_store,
    }
}

/// A time as people say it.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use url::Url;

    use super::*;

    fn answer(fields: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::try_from(*value).unwrap(),
            );
        }
        Answer {
            url: Url::parse("https://example.com/").unwrap(),
            status: 200,
            headers,
            body: body.to_vec(),
        }
    }

    #[test]
    fn a_page_is_told_from_a_file_by_its_type_or_by_what_is_in_it() {
        let page = b"\xEF\xBB\xBF \n<!DOCTYPE html><p>x";
        for kind in [
            "text/plain",
            "application/octet-stream",
            "text/html; charset=utf-8",
            "nonsense",
        ] {
            assert_eq!(
                served(&answer(&[("content-type", kind)], page)),
                Served::Page,
                "{kind}"
            );
        }
        let xml = b"<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">";
        assert_eq!(
            served(&answer(&[("content-type", "application/xml")], xml)),
            Served::Page
        );
        let wide: Vec<u8> = "<!doctype html>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(
            served(&answer(&[("content-type", "text/plain")], &wide)),
            Served::Page
        );
        let other = answer(&[("content-type", "application/pdf")], b"%PDF-1.7");
        assert_eq!(served(&other), Served::Other("application/pdf".to_owned()));
    }

    #[test]
    fn types_and_encodings_are_held_against_the_page() {
        let count = |fields: &[(&str, &str)], syntax, page: &[u8]| {
            mistyped(&answer(fields, b""), syntax, page).len()
        };
        let html = [("content-type", "Text/HTML;charset=\"UTF-8\"")];
        assert_eq!(count(&html, Syntax::Html, "<p>ї".as_bytes()), 0);
        assert_eq!(count(&html, Syntax::Xml, b""), 1);
        assert_eq!(
            count(
                &[("content-type", "application/xhtml+xml")],
                Syntax::Html,
                b""
            ),
            1
        );
        assert_eq!(
            count(
                &[("content-type", "application/xhtml+xml")],
                Syntax::Declared,
                b""
            ),
            0
        );
        assert_eq!(
            count(
                &[
                    ("content-type", "text/plain"),
                    ("content-disposition", "Attachment; filename=x")
                ],
                Syntax::Html,
                b""
            ),
            2
        );
        // Only where it is to be seen.
        let latin = [("content-type", "text/html; charset=iso-8859-1")];
        assert_eq!(count(&latin, Syntax::Html, b"<p>x"), 0);
        assert_eq!(count(&latin, Syntax::Html, "<p>ї".as_bytes()), 1);
        assert_eq!(
            count(&latin, Syntax::Html, b"<meta charset=utf-8><p>\xE9"),
            1
        );
        assert_eq!(count(&latin, Syntax::Html, b"\xEF\xBB\xBF<p>\xC3\xA9"), 0);
        let wide = mistyped(
            &answer(&[("content-type", "text/html; charset=utf-16")], b""),
            Syntax::Html,
            b"<p>x",
        );
        assert!(wide.len() == 1 && !wide[0].is_minor);
        let none = mistyped(&answer(&[], b""), Syntax::Html, b"");
        assert!(none.len() == 1 && none[0].is_minor);
        let sniff = mistyped(
            &answer(&[("x-content-type-options", "nosniff")], b""),
            Syntax::Html,
            b"",
        );
        assert!(sniff.len() == 1 && !sniff[0].is_minor);
    }

    #[test]
    fn how_long_an_answer_is_kept_is_what_any_cache_may_do() {
        let seconds = |fields: &[(&str, &str)]| kept(&answer(fields, b""), 1_000_000).seconds;
        for (value, wanted) in [
            ("max-age=600", 600),
            ("public, MAX-AGE=\"600\"", 600),
            ("max-age=0, s-maxage=900", 900),
            ("private, max-age=60, s-maxage=900", 60),
            ("no-cache, max-age=600", 0),
            ("no-store", 0),
            ("max-age=600, stale-while-revalidate=86400", 87_000),
            ("max-age=nonsense", 0),
            ("", 0),
        ] {
            assert_eq!(seconds(&[("cache-control", value)]), wanted, "{value}");
        }
        assert_eq!(
            seconds(&[("cache-control", "max-age=600"), ("age", "500")]),
            100
        );
        let dates = [
            ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("expires", "Thu, 01 Jan 2026 01:00:00 GMT"),
        ];
        assert_eq!(seconds(&dates), 3600);
        assert!(kept(&answer(&[("cache-control", "no-store")], b""), 0).no_store);
        assert!(
            kept(
                &answer(&[("cache-control", "max-age=1, immutable")], b""),
                0
            )
            .immutable
        );
    }
}
