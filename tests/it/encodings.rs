//! Pages in any encoding: what inject adds is the tag and nothing else, and remove gives back the same bytes.

use crate::common::{Site, loader};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
    WINDOWS_1251, WINDOWS_1252,
};

/// A page in an encoding, with text in its body and its tag's place marked.
fn html(label: &str, text: &str, tag: &str) -> String {
    format!(
        "<!doctype html>\n<html><head><meta charset=\"{label}\"><title>{text}</title></head>\n<body title=\"{text}\">\
         <p>{text}</p>{tag}</body></html>\n"
    )
}

/// The bytes of a text; UTF-16, which encoding_rs only reads, by hand and with its mark.
fn encode(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    if encoding == UTF_16LE {
        return units.flat_map(u16::to_le_bytes).collect();
    }
    if encoding == UTF_16BE {
        return units.flat_map(u16::to_be_bytes).collect();
    }
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{} cannot say {text}", encoding.name());
    bytes.into_owned()
}

/// Injects into a page, decodes it, and takes the tag out again.
fn round_trip(encoding: &'static Encoding, bytes: &[u8], after: &str) {
    let site = Site::of(bytes);
    let report = site.json("inject", 0);
    assert_eq!(
        report.outcome("index.html"),
        "injected",
        "{}",
        encoding.name()
    );
    let injected = site.read("index.html");
    let (text, _, malformed) = encoding.decode(&injected);
    assert!(!malformed, "{}", encoding.name());
    assert_eq!(text, after, "{}", encoding.name());
    // What was there is there still, byte for byte, on both sides of the tag.
    let same = bytes
        .iter()
        .zip(&injected)
        .take_while(|(a, b)| a == b)
        .count();
    assert!(injected.ends_with(&bytes[same..]), "{}", encoding.name());
    site.ok("verify");
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
    site.ok("remove");
    assert_eq!(site.read("index.html"), bytes, "{}", encoding.name());
}

#[test]
fn every_encoding_keeps_its_text() {
    let cases = [
        (UTF_8, "utf-8", "Привіт, 世界 𝄞"),
        (UTF_16LE, "utf-16", "Привіт, 世界 𝄞"),
        (UTF_16BE, "utf-16", "Привіт, 世界 𝄞"),
        (WINDOWS_1252, "windows-1252", "café — €5 ÿ"),
        (WINDOWS_1251, "windows-1251", "Привіт, їжаче"),
        // Trail bytes that are ASCII letters, brackets and the backslash: 表 ends in 0x5C, ソ in 0x5C, 構 in 0x5C.
        (SHIFT_JIS, "shift_jis", "表示ソース構成、ァアチボ"),
        (EUC_JP, "euc-jp", "日本語の表示"),
        (EUC_KR, "euc-kr", "안녕하세요 똠방각하"),
        (BIG5, "big5", "功能許蓋"),
        (GB18030, "gb18030", "你好，㐀𠀀"),
        (ISO_2022_JP, "iso-2022-jp", "日本語 and ASCII、混在"),
    ];
    for (encoding, label, text) in cases {
        let before = encode(encoding, &html(label, text, ""));
        round_trip(encoding, &before, &html(label, text, &loader()));
    }
}

#[test]
fn characters_right_before_the_tag_are_not_split() {
    // The page ends in a character of several bytes, the last of which looks like ASCII.
    let cases = [
        (SHIFT_JIS, "shift_jis", "表ソ"),
        (EUC_KR, "euc-kr", "똠"),
        (ISO_2022_JP, "iso-2022-jp", "表示"),
        (UTF_16LE, "utf-16", "世界"),
    ];
    for (encoding, label, text) in cases {
        let html = |tag: &str| {
            format!(
                "<!doctype html><meta charset={label}><title>x</title><body>{text}{tag}</body></html>"
            )
        };
        round_trip(encoding, &encode(encoding, &html("")), &html(&loader()));
    }
}

#[test]
fn a_byte_order_mark_stays_first() {
    let html = |tag: &str| html("utf-8", "чат", tag);
    let bytes = |tag: &str| [b"\xEF\xBB\xBF", html(tag).as_bytes()].concat();
    round_trip(UTF_8, &bytes(""), &html(&loader()));
    let site = Site::of(bytes(""));
    site.ok("inject");
    assert_eq!(site.read("index.html"), bytes(&loader()));
}

#[test]
fn line_endings_and_control_characters_stay_as_they_are() {
    let lines = [
        "<!doctype html>",
        "<html><body>",
        "<p>a\0b\u{1}</p>",
        "</body>",
        "</html>",
        "",
    ];
    for ending in ["\r\n", "\r", "\n", "\n\r", "\u{c}"] {
        let before = lines.join(ending);
        let after = before.replace("</body>", &format!("{}</body>", loader()));
        round_trip(UTF_8, before.as_bytes(), &after);
    }
}

#[test]
fn bytes_that_are_no_utf_8_stay_as_they_are() {
    let before = b"<!doctype html><meta charset=utf-8><body>\xFF\xFE\x80 caf\xE9</body>".to_vec();
    let site = Site::of(&before);
    site.ok("inject");
    let tag = [loader().as_bytes(), b"</body>"].concat();
    let after = [&before[..before.len() - 7], &tag].concat();
    assert_eq!(site.read("index.html"), after);
    site.ok("remove");
    assert_eq!(site.read("index.html"), before);
}

#[test]
fn malformed_utf_16_is_refused_and_left() {
    let good = encode(UTF_16LE, &html("utf-16", "x", ""));
    let half_a_unit = [&good[..], &[0x41]].concat();
    let lone_surrogate = [&good[..], &[0x00, 0xD8]].concat();
    for bytes in [half_a_unit, lone_surrogate] {
        let site = Site::of(&bytes);
        let report = site.json("inject", 3);
        assert_eq!(report.outcome("index.html"), "refused");
        let reason = report.reason("index.html");
        assert!(reason.contains("not valid UTF-16LE"), "{reason}");
        assert_eq!(site.read("index.html"), bytes);
        assert_eq!(site.json("verify", 1).rules("index.html"), ["page-refused"]);
    }
}

#[test]
fn names_outside_ascii_are_written_so_that_every_encoding_reads_them() {
    let contact = "[placeholder]\ncontact = \"https://приклад.example/зв\"\n";
    let html = |tag: &str| html("windows-1252", "café", tag);
    let site = Site::of(encode(WINDOWS_1252, &html(""))).config(contact);
    site.ok("inject");
    let injected = site.read("index.html");
    let (text, _, _) = WINDOWS_1252.decode(&injected);
    let written =
        "data-contact=\"https://&#1087;&#1088;&#1080;&#1082;&#1083;&#1072;&#1076;.example/&#1079;";
    assert!(text.contains(written), "{text}");
    // The one character outside ASCII is the page's own, which stands in it twice more.
    let own = injected.iter().filter(|byte| !byte.is_ascii());
    assert_eq!(own.collect::<Vec<_>>(), [&0xE9; 3]);
    site.ok("verify");
}

#[test]
fn encodings_that_no_browser_reads_are_refused() {
    for label in [
        "iso-2022-kr",
        "ISO-2022-CN",
        "iso-2022-cn-ext",
        "hz-gb-2312",
        "replacement",
    ] {
        let meta =
            format!("<meta http-equiv=\"Content-Type\" content=\"text/html; charset={label}\">");
        let by_content = html("utf-8", "x", "").replace("<meta charset=\"utf-8\">", &meta);
        let declared = format!(
            "<?xml version=\"1.0\" encoding=\"{label}\"?>\n{}",
            html("utf-8", "x", "")
        );
        for page in [html(label, "x", ""), by_content, declared] {
            let site = Site::of(&page);
            let report = site.json("inject", 3);
            assert_eq!(report.outcome("index.html"), "refused", "{page}");
            let reason = report.reason("index.html");
            assert!(reason.contains("that browsers do not read"), "{reason}");
            assert_eq!(site.text("index.html"), page);
            assert_eq!(site.json("verify", 1).rules("index.html"), ["page-refused"]);
        }
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"{label}\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body/></html>"
        );
        let site = Site::new().page("a.xhtml", xml);
        assert_eq!(site.json("inject", 3).outcome("a.xhtml"), "refused");
        // A byte order mark comes first.
        let marked = [b"\xEF\xBB\xBF", html(label, "x", "").as_bytes()].concat();
        assert_eq!(
            Site::of(marked).json("inject", 0).outcome("index.html"),
            "injected"
        );
    }
}

#[test]
fn a_page_that_cannot_be_decoded_and_has_nothing_of_ours_is_left() {
    let utf16 = encode(UTF_16LE, &html("utf-16", "x", ""));
    let odd = [utf16.as_slice(), b"a"].concat();
    let half = [utf16.as_slice(), &[0, 0xD8], b"a\0"].concat();
    let open = b"<!doctype html><meta charset=iso-2022-jp><title>x</title><p>\x1b$B%F%9%H</p></body></html>";
    let excluded = "[[rules]]\nmatch = \"odd.html\"\nwidget = false\n";
    for page in [&odd[..], &half, open] {
        let site = || Site::of(html("utf-8", "x", "")).page("odd.html", page);
        let wanted = site();
        let report = wanted.json("inject", 3);
        assert_eq!(report.outcome("odd.html"), "refused");
        assert_eq!(wanted.json("verify", 1).rules("odd.html"), ["page-refused"]);
        let report = wanted.json("remove", 0);
        assert_eq!(report.outcome("odd.html"), "unchanged");
        assert!(!wanted.path("chathub-assets").exists());
        let site = site().config(excluded);
        assert_eq!(site.json("inject", 0).outcome("odd.html"), "unchanged");
        site.ok("verify");
        site.ok("remove");
        assert_eq!(site.read("odd.html"), page);
    }
    // One that has something keeps it, and the files that it loads.
    let injected = encode(UTF_16LE, &html("utf-16", "x", &loader()));
    let site =
        Site::of([injected.as_slice(), b"a"].concat()).page("a.html", html("utf-8", "x", ""));
    site.json("inject", 3);
    assert_eq!(site.json("remove", 3).outcome("index.html"), "refused");
    assert!(site.path("chathub-assets").exists());
}
