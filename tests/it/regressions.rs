//! Pages that broke a promise once, each cut down to what it took, in the order of their discovery.

use crate::promises::{Setup, broken};

/// Demands that all promises are kept on a page, however the site is configured.
fn keeps_all_promises(page: &[u8]) {
    let setup = |head, everything, link| Setup {
        head,
        everything,
        link,
        customer: false,
    };
    for setup in [
        setup(false, false, false),
        setup(false, true, false),
        setup(true, false, false),
        setup(true, true, false),
        setup(false, true, true),
        Setup {
            customer: true,
            ..setup(false, true, false)
        },
    ] {
        let broken = broken(setup, &[page.to_vec()]);
        assert!(
            broken.is_empty(),
            "{}, {setup:?}: {broken:?}",
            page.escape_ascii()
        );
    }
}

/// A page in UTF-16, with its byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// The comment swallowed the scan's probe and ended behind the page: verify panicked.
#[test]
fn comment_that_is_never_closed() {
    keeps_all_promises(b"FOO<!-- BAR --! >BAZ");
    keeps_all_promises(b"FOO<!-- BAR -- <QUX> -- MUX -- >BAZ");
    keeps_all_promises(b"</");
}

/// The same with tags: a browser drops them, the scan took them and the probe for one tag.
#[test]
fn tag_that_is_never_closed() {
    for end in [
        "<body ",
        "</body ",
        "</html a=",
        "<html ",
        "<head ",
        "<meta name=chathub ",
    ] {
        keeps_all_promises(format!("<!DOCTYPE html><p>a{end}").as_bytes());
    }
    keeps_all_promises(b"<p>a<script data-chathub ");
    keeps_all_promises(b"<p>a<script data-chathub></script ");
    keeps_all_promises(b"<!DOCTYPE html");
    keeps_all_promises(b"<p>a<script data-chathub></script><noscript></noscript ");
}

/// To a browser the tag ran; to the scan it stood in `math`, so verify refused the page and remove left the tag.
#[test]
fn tag_that_the_next_scan_takes_for_foreign() {
    keeps_all_promises(&utf16("<!><html la><svg>><math><mt><b>xl</html>"));
    keeps_all_promises(b"<svg/><!DOCTYPE>.");
}

/// A frameset that replaces the body takes no scripts: remove took one out that no browser saw.
#[test]
fn script_that_a_frameset_drops() {
    keeps_all_promises(
        b"<d><frameset><SCRIPT SRC=/operator-chat-panel/widget-script.js?></SCRIPT>.",
    );
}

/// The page's only sign of a tag of ours was spelt with a character reference: a second tag was inserted.
#[test]
fn id_that_is_spelt_with_a_character_reference() {
    keeps_all_promises(b"<script id=&#111perator-chat-panel-script></script>.");
    keeps_all_promises(b"<!DOCTYPE><script id=&#111perator-chat-panel-script>");
}

/// What is an author's on a tag of ours was read as UTF-8 and written anew.
#[test]
fn authors_attribute_in_another_encoding() {
    keeps_all_promises(b"<script data-chathub e=\xa9></script><!DOCTYPE>.");
    keeps_all_promises(
        b"<meta charset=windows-1251><p><script data-chathub a='\xa9' b=\"\" c d= ></script>",
    );
    keeps_all_promises(&utf16(
        "<p><script data-chathub a='\u{456}' b=\u{1D11E}></script>",
    ));
    keeps_all_promises(b"<p><script data-chathub a=b/ \"=c =d></script>");
}

/// A comment that somebody else left behind is not ours to take out with our tag.
#[test]
fn vendors_comment_above_no_tag() {
    keeps_all_promises(b"<!--ChatHub Widget--><body>.");
    keeps_all_promises(b"<!DOCTYPE html><body><p>a<!-- ChatHub Widget -->\n</body></html>");
}

/// An end tag in an attribute ends nothing.
#[test]
fn end_tag_in_an_attribute() {
    keeps_all_promises(b"<body><script id=operator-chat-panel-script</script></script>.");
}

/// A tag parts text in a table from white space behind it: they are one, and go elsewhere, once it is taken out.
#[test]
fn white_space_behind_a_tag_in_a_table() {
    let tag = "<script src=/operator-chat-panel/widget-script.js></script>";
    keeps_all_promises(format!("<table>g{tag}\n").as_bytes());
    keeps_all_promises(format!("<table>g{tag}</body>\n").as_bytes());
    keeps_all_promises(format!("<body><table>g<!-- ChatHub Widget -->\n{tag}</body>").as_bytes());
    keeps_all_promises(format!("<body><table>g{tag}\n{tag}\n</body>").as_bytes());
}

/// The tag started the page, and with it went the comment behind it.
#[test]
fn comment_behind_a_tag_that_starts_the_page() {
    keeps_all_promises(b"<script data-chathub ></script><!---->");
    keeps_all_promises(b"<!DOCTYPE html><script data-chathub></script></body><!-- c -->");
    keeps_all_promises(b"<!DOCTYPE html><html><script data-chathub></script><!-- c --></html>");
}

/// An attribute's name may start with `=`, but not behind a space.
#[test]
fn authors_attribute_that_starts_with_equals() {
    keeps_all_promises(b"<script p/=\" id=operator-chat-panel-script \"></script>");
    keeps_all_promises(b"<script =a =b id=operator-chat-panel-script/=c></script>");
}

/// Behind `=>` the scan took the content of a script for markup, and so the end of the file for a place where a tag runs
/// (fuzz/regressions/page/crash-7b107585).
#[test]
fn attribute_whose_value_is_missing() {
    keeps_all_promises(b"<!DOCTYPE html><p><script d=></sxxipt>");
    keeps_all_promises(b"<!DOCTYPE html><p>a<script async= >'</body>'</script>");
    keeps_all_promises(b"<!DOCTYPE html><p>a<textarea class=></body></textarea><svg><p></svg>");
    keeps_all_promises(b"<p><script d= ><svg><desc><p>a</desc></svg></script>");
}

/// With a tag before it the comment went into the body, which the proof did not look at (crash-953ac8f3).
#[test]
fn vendors_comment_behind_the_page() {
    keeps_all_promises(
        b"<!DOCTYPE html>a</body>\n</html>\n<html lang=uk>\n<!-- ChatHub Widget -->\n<script id=x",
    );
}

/// Without the tags before it, it was the file's byte order mark (crash-19ac9a04).
#[test]
fn byte_order_mark_behind_a_tag() {
    keeps_all_promises(b"<script data-chathub></script>\xef\xbb\xbf<p>a\xe9");
    keeps_all_promises(b"\xef<script data-chathub></script>\xbb\xbf<p>a\xe9");
    keeps_all_promises(b"\xff<script data-chathub></script>\xfe<p>a");
}

/// The first run found the place behind the tag taken, by the second tag; the next run did not, and wrote a link
/// (crash-c6beb888).
#[test]
fn link_behind_a_tag_and_its_copy() {
    keeps_all_promises(b"FOO<script data-chathub></script><script data-chathub></script>");
    keeps_all_promises(
        b"<!DOCTYPE html><p>a<script data-chathub></script> <script data-chathub></script></body>",
    );
}

/// The tag pushed a declaration of the encoding out of the first 1,024 bytes, where browsers look for one even in raw text.
#[test]
fn declaration_that_is_pushed_too_far_down() {
    // Never closed, so that only the beginning is left for a tag.
    for name in ["iframe", "textarea", "xmp"] {
        let text = "x".repeat(800);
        let page =
            format!("<!doctype html><head></p></body></html>{text}<{name}><meta charset=utf-8>");
        keeps_all_promises(page.as_bytes());
    }
}

/// The tag pushed the word `charset` out of the first 1,024 bytes, and a page with an escape character was refused as no
/// ISO-2022-JP by the next run.
#[test]
fn escape_character_in_a_page_that_speaks_of_charset() {
    let text = "x".repeat(850);
    for declares in ["<p title='charset=utf-8'>", "<meta charset=utf-8>"] {
        let page =
            format!("<!doctype html><head></p></body></html>{text}{declares}\x1b(~\u{e9}<iframe>");
        keeps_all_promises(page.as_bytes());
    }
}
