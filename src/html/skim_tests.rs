//! The shortcut answers what lol_html answers, or nothing.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::scan::Scanner;
use crate::widget::{Addresses, Product};

const ADDRESS: &str = "https://chat.example/operator-chat-panel/widget-script.js";

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let addresses = Addresses::new(ADDRESS, Product::Customer.src());
    Scanner::new(addresses, false).unwrap()
});

/// Whether the shortcut answers. If it does, the facts must be those that lol_html finds.
fn plain(page: &[u8]) -> bool {
    let scanner = &*SCANNER;
    let Some(state) = scanner.skim(page) else {
        return false;
    };
    let facts = |state| format!("{:#?}", scanner.conclude(page, false, state));
    let (short, whole) = (facts(state), facts(scanner.read(page)));
    assert_eq!(short, whole, "{}", String::from_utf8_lossy(page));
    true
}

fn check(page: &str) -> bool {
    plain(page.as_bytes())
}

#[test]
fn plain_pages_take_the_shortcut() {
    for page in [
        "",
        "text only < 3 > 2",
        "<!doctype html><html lang=uk><head><title>a <b></title></head><body><p>x</body></html>\n",
        "<html xml:lang='pt' lang = \"en\" lang=de amp><body class=\"it's > that\">",
        "<!-- a > b --><p><a href=it's title=x>y</a></a ></body></html></body>",
        "<script>if (a < b) document.write('<p>')</script ><style>a</b></style>",
        "<script><!-- old --></script><textarea></body></textarea>",
        "<body><svg viewBox='0 0 1 1'><!-- x --><g><path d='M0'/><use href=#a /></g></svg></body>",
        "<body><script type=module data-chathub src=/x.js></script></body>",
        "<body><script data-chathub></script>\n<a data-chathub-contact=injected href='a&amp;b'>c &lt;</a></body>",
        "<body><SCRIPT SRC=//x/operator-chat-panel/widget-script.js> </SCRIPT\n x='>'><i>",
        "<body><script id=chat-widget-script guid=x main-color=a data-org=b data-attributes='icon-color main-color'></script>",
        "<body><script src='/chat-widget/script.js'></script><noscript><p></noscript>",
        "<body><script type=module async=\"\" data-chathub src=/x.js nonce = 'a' Defer></script></body>",
        "<select><option>a</select><title></title></html x></body>",
        "<meta charset=utf-8><p>chathub</p><a b==\"c>\" d=\"e\"f='g'/h/ =i>",
        "<p title='<template>'>a<col>",
        "<p><script>import('https://widget.smsbat.com/chat-widget/widget-script.js')</script></p>",
        "<script a=>\"<col>\"</script><style b= ></body></style>",
        "<head><meta http-equiv=content-security-policy content=\"img-src 'none'\"></head><p>",
        "<p><meta http-equiv=Content-Security&#45;Policy content=a>",
        "<link x><base></base></x><head></head><BODY></BODY ><head-x>",
    ] {
        assert!(check(page), "{page}");
    }
}

#[test]
fn other_pages_do_not() {
    for page in [
        "<p",
        "<p a='",
        "<p>a<",
        "<p>a</",
        "<!--",
        "<!",
        "<script>",
        "<title>a</titl>",
        "</p",
        "<p a",
        "<html><html>",
        "<body><body>",
        "<head><head>",
        "<body><head>",
        "<head><body></head>",
        "<body><html>",
        "<html><head></html>",
        "<template></template>",
        "<frameset>",
        "<math></math>",
        "<mi><svg></svg>",
        "<html></html><body></body>",
        "<html></html><head></head>",
        "<plaintext>",
        "<svg/>",
        "<svg><p></svg>",
        "<svg><g></svg>",
        "<svg><g></svg></g>",
        "<svg></g></svg>",
        "<svg><svg></svg></svg>",
        "<svg><![CDATA[ --></svg>]]></svg>",
        "<svg><title></title></svg>",
        "<svg><style></style></svg>",
        "<select><title></title></select>",
        "<script><!-- <script> --></script>",
        "<!--><p>-->",
        "<html data-chathub-ignore>",
        "<body data-chathub-ignore>",
        "<meta name=chathub content=off>",
        "<meta http-equiv=refresh content='0; url=x'>",
        "<html lang='&amp;'>",
        "<!-- chathub -->",
        "<script data-chathub async async></script>",
        "<script data-chathub async=></script>",
        "<script data-chathub/=a></script>",
        "<script data-chathub async=a></script>",
    ] {
        assert!(!check(page), "{page}");
    }
}

/// The pages of a folder; how many, and how many of them are plain.
fn folder(folder: &Path) -> (usize, usize) {
    let (mut pages, mut short) = (0, 0);
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let page = path.extension().is_some_and(|e| e == "html" || e == "htm");
        let (p, s) = if kind.is_dir() {
            self::folder(&path)
        } else if kind.is_file() && page {
            (1, usize::from(plain(&fs::read(path).unwrap())))
        } else {
            (0, 0)
        };
        pages += p;
        short += s;
    }
    (pages, short)
}

#[test]
fn real_pages_have_the_same_facts() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (pages, short) = folder(&fixtures);
    assert!(pages > 100 && short * 2 > pages, "{short} of {pages}");
    // See `cargo xtask corpus`.
    if let Some(corpus) = std::env::var_os("CHATHUB_CORPUS") {
        let (pages, short) = folder(Path::new(&corpus));
        println!("{short} of {pages} pages are plain");
    }
}

/// Pieces of which pages are made, such as they are where parsers differ.
const PIECES: &[&str] = &[
    "<!doctype html>",
    "<html>",
    "<html lang=en>",
    "</html>",
    "<head>",
    "</head>",
    "<body>",
    "</body>",
    "<p>",
    "</p>",
    "<title>",
    "</title>",
    "<script>",
    "</script>",
    "<script data-chathub>",
    "<script async=\"\" data-chathub a=b>",
    "<style>",
    "</style>",
    "<noscript>",
    "</noscript>",
    "<textarea>",
    "</textarea>",
    "<svg>",
    "</svg>",
    "<path/>",
    "<path d=x/>",
    "<g>",
    "</g>",
    "<select>",
    "</select>",
    "<option>",
    "<table>",
    "<tr>",
    "</table>",
    "<template>",
    "</template>",
    "<meta name=a>",
    "<br/>",
    "<!--",
    "-->",
    "--!>",
    "<!-- a -->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "<",
    ">",
    "</",
    "/",
    "=",
    "\"",
    "'",
    " ",
    "\n",
    "a",
    "<a b=\"c\" d='e' f=g h>",
    "<a b=",
    "chathub",
    "<iframe>",
    "</iframe>",
    "<math>",
    "</math>",
    "<desc>",
    "</desc>",
    "<frameset>",
    "<plaintext>",
    "<xmp>",
    "</xmp>",
    "&amp;",
    "é",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn odd_pages_have_the_same_facts_or_none(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14),
    ) {
        check(&pieces.concat());
    }

    #[test]
    fn odd_tags_have_the_same_facts_or_none(
        inside in prop::collection::vec(prop::sample::select(&[
            " ", "/", ">", "=", "\"", "'", "a", "lang", "\n", "x=", "<", "é", "-",
        ][..]), 0..10),
    ) {
        let inside = inside.concat();
        check(&format!("<html {inside}><body>a</body></html>"));
        check(&format!("<body><script data-chathub {inside}></script></body>"));
    }
}
