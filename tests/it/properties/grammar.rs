//! Pages as nobody should write them: a grammar that mixes whole documents with every construct at which a scan of
//! tags and a tree builder can part ways.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::pieces::{ATTRIBUTES, CONTENT, DOCTYPES, FOREIGN, HEAD, INSTANCES, RAW_TEXT, TAGS};

/// A generated page.
pub(crate) fn page() -> BoxedStrategy<Vec<u8>> {
    prop_oneof![
        6 => document(),
        3 => soup(1..14).prop_map(String::into_bytes),
        1 => document().prop_flat_map(|page| utf16(&page)),
    ]
    .boxed()
}

/// A piece of markup, for putting into other pages.
pub(crate) fn piece() -> BoxedStrategy<String> {
    soup(1..4).boxed()
}

/// A page in the order that pages have, any part of it missing, broken, or in the wrong place.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let part = |parts: &'static [&'static str]| soup_of(parts, 1..2).boxed();
    let parts = vec![
        part(&[
            "",
            "",
            "",
            "\u{feff}",
            " \r\n",
            "<!-- first -->",
            "<?xml version=\"1.0\"?>",
        ]),
        part(DOCTYPES),
        part(&[
            "",
            "<html>",
            "<html lang=uk>",
            "<HTML\r\nclass='a>b'>",
            "<html><html lang=pt>",
        ]),
        part(&["", "<head>", "<HEAD>", "<head/>", "<head ", "x<head>"]),
        soup_of(HEAD, 0..4).boxed(),
        part(&[
            "",
            "</head>",
            "</HEAD >",
            "</head></head>",
            "</head>x",
            "</head><title>late</title>",
        ]),
        part(&[
            "",
            "<body>",
            "<body class=a>",
            "<BODY\n>",
            "<body><body id=b>",
            "<frameset>",
        ]),
        soup(0..8).boxed(),
        part(&[
            "",
            "</body>",
            "</BODY>",
            "</body >",
            "</body x='>'>",
            "</body></body>",
            "</body",
        ]),
        rarely(3),
        part(&[
            "",
            "</html>",
            "</HTML>\r\n",
            "</html>\n<!-- built -->",
            "</html></html>",
            "</html ",
        ]),
        part(&["", "\n", " \0 ", "\u{1a}"]),
        rarely(6),
    ];
    // Generators run out of disk space.
    let cut = prop::option::weighted(0.1, any::<prop::sample::Index>());
    (parts, cut).prop_map(|(parts, cut)| {
        let mut page = parts.concat().into_bytes();
        if let (Some(cut), false) = (cut, page.is_empty()) {
            page.truncate(cut.index(page.len()));
        }
        page
    })
}

/// Nothing, but one time in so many some content.
fn rarely(times: u32) -> BoxedStrategy<String> {
    prop_oneof![times - 1 => Just(String::new()), 1 => soup(0..3)].boxed()
}

/// The same page in UTF-16, either way round; an odd byte now and then.
fn utf16(page: &[u8]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let text = format!("\u{feff}{}", String::from_utf8_lossy(page));
    (any::<bool>(), prop::bool::weighted(0.1)).prop_map(move |(little, odd)| {
        let units = text.encode_utf16();
        let mut bytes: Vec<u8> = units
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect();
        bytes.extend(odd.then_some(b'<'));
        bytes
    })
}

/// A run of body content.
fn soup(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let element = prop_oneof![
        12 => select(CONTENT).prop_map(str::to_owned),
        6 => select(TAGS).prop_map(|name| format!("<{name}>")),
        6 => select(TAGS).prop_map(|name| format!("</{name}>")),
        4 => (select(TAGS), select(CONTENT)).prop_map(|(name, text)| format!("<{name}>{text}</{name}>")),
        3 => select(RAW_TEXT).prop_map(str::to_owned),
        2 => select(FOREIGN).prop_map(str::to_owned),
        5 => instance(),
        1 => (select(TAGS), select(ATTRIBUTES)).prop_map(|(name, more)| format!("<{name} {more}>")),
        1 => "[ -~]{0,6}",
        1 => select(HEAD).prop_map(str::to_owned),
        1 => select(DOCTYPES).prop_map(str::to_owned),
    ];
    vec(element, length).prop_map(|parts| parts.concat())
}

/// A run of some of these pieces.
fn soup_of(
    pieces: &'static [&'static str],
    length: std::ops::Range<usize>,
) -> impl Strategy<Value = String> {
    vec(select(pieces), length).prop_map(|parts| parts.concat())
}

/// An instance in one of the spellings that people and generators have.
fn instance() -> impl Strategy<Value = String> {
    let wrap = select(&[
        ("", ""),
        ("", ""),
        ("", ""),
        ("<!-- ChatHub Widget -->\n", ""),
        ("<div>", "</div>"),
        ("<template>", "</template>"),
        ("<noscript>", "</noscript>"),
        ("<!-- ", " -->"),
        ("<svg>", "</svg>"),
        ("<table>", "</table>"),
        ("<select>", "</select>"),
        ("<p>", ""),
    ]);
    (wrap, select(INSTANCES)).prop_map(|((before, behind), tag)| format!("{before}{tag}{behind}"))
}
