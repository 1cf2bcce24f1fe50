//! The judge can be trusted: it accepts what is right, and rejects every way of getting a page wrong that a rewriter
//! without a parser has been seen to choose.

use crate::judge::{Expected, VendorComment, inserted_once, judge, kept_outside};

const TAG: &str = r#"<script type="module" src="/chathub-assets/runtime.0123456789abcdef.js" integrity="sha384-abc" crossorigin="anonymous" data-chathub="" data-endpoint="/t" data-org="support"></script>"#;

/// What [`TAG`] is.
fn loader() -> Expected {
    Expected::Loader {
        src: "/chathub-assets/runtime.0123456789abcdef.js".to_owned(),
        integrity: "sha384-abc".to_owned(),
        endpoint: "/t".to_owned(),
        organizations: vec!["support".to_owned()],
        link: None,
    }
}

/// A widget tag of static mode, and what it is.
fn widget() -> (String, Expected) {
    let src = "https://widget.smsbat.com/operator-chat-panel/widget-script.js";
    let tag = format!(
        r#"<script type="module" id="operator-chat-panel-script" src="{src}" token="T" data-org="sales"></script>"#
    );
    let expected = Expected::Widget {
        src: src.to_owned(),
        organization: "sales".to_owned(),
        token: "T".to_owned(),
    };
    (tag, expected)
}

/// Judges a page that should have got the loader.
fn verdict(before: &str, after: &str) -> Result<(), String> {
    judge(
        before.as_bytes(),
        after.as_bytes(),
        &[loader()],
        VendorComment::Stays,
    )
}

/// Demands that the judge rejects a result, and for this reason.
fn rejects(before: &str, after: &str, reason: &str) {
    let error = verdict(before, after).expect_err(after);
    assert!(error.contains(reason), "{error:?} does not say {reason:?}");
}

#[test]
fn accepts_what_is_right() {
    for (before, behind) in [
        (
            "<!DOCTYPE html><title>x</title><p>text</body></html>",
            "</body>",
        ),
        ("<!DOCTYPE html><head></head><body>text", "</head>"),
        ("plain", ""),
        ("<svg><path/></svg>x<!-- </body> --></body>", "</body>"),
        ("<table><tr><td>cell</table>after</html>", "</html>"),
    ] {
        let at = before.rfind(behind).unwrap();
        let at = if behind.is_empty() { before.len() } else { at };
        let after = format!("{}{TAG}{}", &before[..at], &before[at..]);
        assert_eq!(verdict(before, &after), Ok(()), "{after}");
        assert_eq!(inserted_once(before.as_bytes(), after.as_bytes()), Ok(at));
    }
    let (tag, expected) = widget();
    let after = format!("<p>x{tag}");
    let verdict = judge(b"<p>x", after.as_bytes(), &[expected], VendorComment::Stays);
    assert_eq!(verdict, Ok(()));
}

#[test]
fn rejects_a_tag_that_does_not_run() {
    for (before, after) in [
        (
            "<p>x<template><i></i></template>",
            "<p>x<template><i></i>TAG</template>",
        ),
        ("<p>x<!-- y -->", "<p>x<!-- y TAG-->"),
        ("<svg><path/></svg>", "<svg><path/>TAG</svg>"),
        (
            "<math><mrow></mrow></math>",
            "<math><mrow>TAG</mrow></math>",
        ),
        ("<textarea>y</textarea>", "<textarea>yTAG</textarea>"),
        ("<title>y</title>", "<title>yTAG</title>"),
        ("<noscript><p>y</noscript>", "<noscript><p>yTAG</noscript>"),
        ("<script>var y</script>", "<script>var yTAG</script>"),
        ("<p title='y'>", "<p title='yTAG'>"),
        ("<plaintext>y", "<plaintext>yTAG"),
        ("<iframe>y</iframe>", "<iframe>yTAG</iframe>"),
        ("<frameset></frameset>", "<frameset></frameset>TAG"),
    ] {
        rejects(
            before,
            &after.replace("TAG", TAG),
            "0 live instances in place of 1",
        );
    }
}

#[test]
fn rejects_another_number_of_tags() {
    rejects(
        "<p>x",
        &format!("<p>x{TAG}{TAG}"),
        "2 live instances in place of 1",
    );
    rejects("<p>x", "<p>x", "0 live instances in place of 1");
    // A copy of the vendor's tag beside ours is a second chat, whatever its id.
    let copy = "<script src=//cdn.example/operator-chat-panel/widget-script.js?v=2></script>";
    rejects(
        "<p>x",
        &format!("<p>x{copy}{TAG}"),
        "2 live instances in place of 1",
    );
    let suffixed = "<script id=operator-chat-panel-script-2></script>";
    rejects(
        "<p>x",
        &format!("<p>x{suffixed}{TAG}"),
        "2 live instances in place of 1",
    );
}

#[test]
fn rejects_a_wrong_tag() {
    for (from, to, reason) in [
        ("\"support\"", "\"sales\"", "data-org is Some(\"sales\")"),
        (" type=\"module\"", "", "no module"),
        ("\"module\"", "\"text/javascript\"", "no module"),
        ("<script", "<script nomodule", "nomodule"),
        ("0123456789abcdef", "0", "src is"),
        (" integrity=\"sha384-abc\"", "", "integrity is None"),
        ("sha384-abc", "sha384-abd", "integrity is"),
        ("\"anonymous\"", "use-credentials", "crossorigin"),
        ("\"/t\"", "/u", "data-endpoint"),
        ("data-org=", "data-orgs=", "data-org is None"),
        ("<script", "<script token=T", "token is"),
        (
            "<script",
            "<script id=operator-chat-panel-script-1",
            "its id",
        ),
    ] {
        assert!(TAG.contains(from), "{from}");
        rejects(
            "<p>x",
            &format!("<p>x{}", TAG.replacen(from, to, 1)),
            reason,
        );
    }
    let (tag, expected) = widget();
    rejects(
        "<p>x",
        &format!("<p>x{tag}"),
        "a widget tag in place of a loader",
    );
    for (from, to, reason) in [
        ("\"sales\"", "support", "data-org"),
        ("token=\"T\"", "token=U", "token"),
        ("-script\"", "-script-2\"", "id is"),
        ("https:", "http:", "src is"),
    ] {
        assert!(tag.contains(from), "{from}");
        let after = format!("<p>x{}", tag.replacen(from, to, 1));
        let expected = std::slice::from_ref(&expected);
        let error = judge(b"<p>x", after.as_bytes(), expected, VendorComment::Stays);
        assert!(error.unwrap_err().contains(reason), "{after}");
    }
}

#[test]
fn rejects_a_page_that_is_another_now() {
    for (before, after, reason) in [
        // Text behind the body, moved into it; a tag in a table's wrong place; a head that ends early.
        ("<p>a</p>b", "<p>a</p>TAGc", "node"),
        ("<table>a<tr></table>", "<table>TAG<tr></table>a", "node"),
        (
            "<head><title>x</title></head>",
            "<head></head><body>TAG<title>x</title>",
            "node",
        ),
        ("<p>a<!-- b -->", "<p>aTAG", "node"),
        ("<p id=a>", "<p id=b>TAG", "node"),
        (
            "<template><p>a</template>",
            "<template><p>b</template>TAG",
            "node",
        ),
        (
            "<!DOCTYPE html><p>a",
            "TAG<!DOCTYPE html><p>a",
            "mode was NoQuirks and is Quirks",
        ),
        (
            "<!DOCTYPE html><p>a",
            "<!DOCTYPE html SYSTEM 'about:legacy-compat'><p>aTAG",
            "node",
        ),
        (
            "<meta charset=koi8-r>",
            "<meta charset=utf-8>TAG",
            "its encoding was KOI8-R",
        ),
    ] {
        rejects(before, &after.replace("TAG", TAG), reason);
    }
}

#[test]
fn reads_pages_in_their_encoding() {
    let page = |head: &str| [head.as_bytes(), b"<p>\xE9\xE8"].concat();
    for (head, encoding, text) in [
        ("", "windows-1252", "éè"),
        ("<meta charset=windows-1251>", "windows-1251", "йи"),
        (
            "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>",
            "KOI8-R",
            "ИХ",
        ),
        (
            "<!-- <meta charset=koi8-r> --><META CHARSET = 'Latin1'>",
            "windows-1252",
            "éè",
        ),
        (
            "<p title='<meta charset=koi8-r>'><meta content=x charset=utf-16>",
            "UTF-8",
            "\u{fffd}\u{fffd}",
        ),
    ] {
        let (decoded, found) = crate::judge::decode(&page(head)).clone_parts();
        assert_eq!(
            (found, decoded.ends_with(text)),
            (encoding, true),
            "{decoded}"
        );
    }
    let utf16: Vec<u8> = "\u{feff}<p>é"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let (decoded, found) = crate::judge::decode(&utf16).clone_parts();
    assert_eq!((decoded.as_str(), found), ("<p>é", "UTF-16BE"));
}

/// What [`crate::judge::decode`] returns, owned.
trait CloneParts {
    fn clone_parts(self) -> (String, &'static str);
}

impl CloneParts for (std::borrow::Cow<'_, str>, &'static encoding_rs::Encoding) {
    fn clone_parts(self) -> (String, &'static str) {
        (self.0.into_owned(), self.1.name())
    }
}

#[test]
fn removal_may_take_the_vendors_comment_and_nothing_else() {
    let before = format!("<p>a <!-- ChatHub Widget --> {TAG} b");
    let judge = |after: &str, comments| judge(before.as_bytes(), after.as_bytes(), &[], comments);
    assert_eq!(judge("<p>a   b", VendorComment::MayGo), Ok(()));
    assert!(judge("<p>a   b", VendorComment::Stays).is_err());
    assert!(judge("<p>a b", VendorComment::MayGo).is_err());
    assert_eq!(
        judge("<p>a <!-- ChatHub Widget -->  b", VendorComment::Stays),
        Ok(())
    );
}

#[test]
fn an_insertion_is_one_script_in_one_place() {
    let before = b"<p>a</p>\r\n<i>\xFF</i>";
    let with = |at: usize, piece: &str| [&before[..at], piece.as_bytes(), &before[at..]].concat();
    for at in [0, 8, 10, before.len()] {
        assert_eq!(inserted_once(before, &with(at, TAG)), Ok(at));
    }
    for piece in [
        "",
        "x",
        &format!("\n{TAG}"),
        &format!("{TAG} "),
        &format!("{TAG}{TAG}"),
        "<script></script",
        "<script>x</script>",
        "<script><!--<script></script>",
        "<p></p>",
    ] {
        assert!(inserted_once(before, &with(10, piece)).is_err(), "{piece}");
    }
    let mut elsewhere = with(10, TAG);
    *elsewhere.last_mut().unwrap() = b'?';
    assert!(inserted_once(before, &elsewhere).is_err());
    let two = [TAG.as_bytes(), &with(10, TAG)].concat();
    assert!(inserted_once(before, &two).is_err());
    // It is found where the page goes on as the tag begins.
    let page = b"<script>1</script>";
    let after = [TAG.as_bytes(), page].concat();
    assert_eq!(inserted_once(page, &after), Ok(0));
}

#[test]
fn only_widget_scripts_may_change() {
    let (tag, _) = widget();
    let before = format!("<p>a\r\n<SCRIPT data-chathub></SCRIPT\n>b<script>1</script>{tag}c");
    let kept = |after: &str| kept_outside(before.as_bytes(), after.as_bytes(), false);
    for after in [
        &before,
        "<p>a\r\nb<script>1</script>c",
        &format!("<p>a\r\n{TAG}b<script>1</script>c"),
        &format!("<p>a\r\nb<script>1</script>{TAG}c"),
    ] {
        assert_eq!(kept(after), Ok(()), "{after}");
    }
    for after in [
        "<p>a\nb<script>1</script>c",
        "<p>a\r\nb<script>1</script>",
        "<p>a\r\nbc",
        &format!("<p>a\r\n{TAG}\nb<script>1</script>c"),
        &before.replace("1</s", "2</s"),
        &before
            .replace("SCRIPT\n", "SCRIPT \n ")
            .replace("<p>", "<P>"),
    ] {
        assert!(kept(after).is_err(), "{after}");
    }
    let comment = format!("<p><!--ChatHub Widget -->\n{tag}");
    assert_eq!(kept_outside(comment.as_bytes(), b"<p>\n", true), Ok(()));
    assert!(kept_outside(comment.as_bytes(), b"<p>\n", false).is_err());
}

#[test]
fn deep_pages_need_no_deep_stack() {
    let before = "<div>".repeat(4_000);
    assert_eq!(verdict(&before, &format!("{before}{TAG}")), Ok(()));
    let templates = "<template>".repeat(1_000);
    rejects(&templates, &format!("{templates}{TAG}"), "0 live instances");
}
