//! Which pages of XML can be read, and how: what is not sound is refused.

use super::*;

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    let end = |body: &str| with(body).replace("</body>", "|</body>");
    for (page, words) in [
        (end("<p>"), "</body> stands where </p> must be"),
        (end("<br>"), "</body> stands where </br> must be"),
        (with("|&nbsp;"), "&nbsp; is not declared"),
        (
            with("<p a=\"1\" |a=\"2\"/>"),
            "the attribute a is there twice",
        ),
        (with("<p a=|1/>"), "expected a quote"),
        (with("<p a|>"), "expected '='"),
        (with("a |]]> b"), "']]>' is not allowed"),
        (with("|<!-- a -- b -->"), "'--'"),
        (with("a |& b"), "malformed entity reference"),
        (with("<|o:p/>"), "the prefix o: is not declared"),
        (with("|&#0;"), "malformed entity reference"),
        (with("") + "|<p/>", "around the root"),
        (
            with("").replace("</html>\n", "|"),
            "ends before all its elements do",
        ),
        (format!(" |{}", with("")), "declaration"),
        (
            with("").replace("version=\"1.0", "version=\"|18"),
            "its XML declaration says version=\"18\" (write 1.0)",
        ),
        (
            with("").replace("?>", " standalone='|maybe'?>"),
            "standalone=\"maybe\" (write yes or no",
        ),
        (
            with("").replace("encoding=\"", "encoding=\"|8-bit "),
            "encoding=\"8-bit",
        ),
        (
            with("").replace("<!DOCTYPE", "|<!doctype"),
            "<!DOCTYPE must be in capitals",
        ),
        (
            with("<p>\r\n\r\n  <b>|</p>"),
            "</p> stands where </b> must be",
        ),
        (with("<![CDATA[ x") + "|", "expected ']]>'"),
        (with("|\u{1}"), "non-XML character"),
        (
            format!("<h:html xmlns:h=\"{XHTML}\"><h:body>|</h:html>"),
            "</h:html> stands where </h:body> must be",
        ),
    ] {
        is_refused("a.xhtml", &page, words);
    }
    let mut latin = with("caf?").into_bytes();
    let at = latin.iter().rposition(|byte| *byte == b'?').unwrap();
    latin[at] = 0xE9;
    let site = Site::new().page("a.xhtml", &latin);
    let report = site.json("inject", 3);
    let reason = report.reason("a.xhtml");
    let column = with("caf").lines().nth(2).unwrap().find("caf").unwrap() + 4;
    let place = format!("(at 3:{column})");
    assert!(
        reason.contains("not valid UTF-8") && reason.ends_with(&place),
        "{reason}"
    );
}

#[test]
fn what_is_no_page_of_xhtml_is_not_taken_for_one() {
    let bare = with("").replace(&format!("<html xmlns=\"{XHTML}\""), "|<html");
    is_refused("a.xhtml", &bare, "not in the namespace of XHTML");
    let upper = with("")
        .replace("<html", "|<html")
        .replace("body>", "BODY>");
    is_refused("a.xhtml", &upper, "no <body>");
    let headless = format!("|<html xmlns=\"{XHTML}\"><head><title>x</title></head></html>");
    is_refused("a.xhtml", &headless, "no <body>");
    for (page, reason) in [
        (
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>x</text></svg>",
            "XML without <html>",
        ),
        (
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>part</p></div>",
            "fragment",
        ),
        ("<p>one</p><p>two</p>", "fragment"),
        (
            "<ui:composition xmlns:ui=\"http://xmlns.jcp.org/jsf/facelets\"><p>x</p></ui:composition>",
            "XML without <html>",
        ),
        ("", "empty file"),
    ] {
        let site = Site::new().page("a.xhtml", page).page("b.xhtml", with(""));
        let report = site.json("inject", 0);
        assert_eq!(report.outcome("a.xhtml"), "skipped", "{page}");
        assert_eq!(report.reason("a.xhtml"), reason, "{page}");
    }
    let refresh = "<meta http-equiv=\"refresh\" content=\"0; url=/new\"/>";
    let frames =
        format!("<html xmlns=\"{XHTML}\"><head/><frameset><frame src=\"a\"/></frameset></html>");
    for (page, reason) in [
        (
            format!("<html xmlns=\"{XHTML}\"><head>{refresh}</head><body/></html>"),
            "redirect stub",
        ),
        (frames, "frameset"),
    ] {
        let site = Site::new().page("a.xhtml", &page).page("b.xhtml", with(""));
        let report = site.json("inject", 0);
        assert_eq!(report.reason("a.xhtml"), reason, "{page}");
    }
    // Text, whatever HTML makes of it.
    goes_to(
        "a.xhtml",
        &with(&format!("<pre><![CDATA[{refresh}]]></pre>|")),
    );
}

#[test]
fn a_page_that_a_transformation_replaces_is_refused() {
    let styled = |instruction: &str| with("|").replace("<html", &format!("{instruction}\n<html"));
    for transformation in [
        "<?xml-stylesheet type=\"text/xsl\" href=\"site.xsl\"?>",
        "<?xml-stylesheet href='site.xsl' type='text/xml'?>",
        "<?xml-stylesheet\n  href=\"a>b.xsl\" type=\"application/xslt+xml; charset=utf-8\"?>",
        "<?xml-stylesheet type=\"&#116;ext/XSL \" href=\"#own\" alternate=\"no\"?>",
        "<?xml-stylesheet type=\"text/css\" href=\"a.css\"?><!-- x --><?xml-stylesheet type='text/xsl' href='b'?>",
    ] {
        let page = styled(transformation).replace('|', "");
        let at = transformation.rfind("<?").unwrap();
        let marked = format!("{}|{}", &transformation[..at], &transformation[at..]);
        let marked = page.replace(transformation, &marked);
        is_refused("a.xhtml", &marked, "is a transformation");
    }
    for harmless in [
        "<?xml-stylesheet type=\"text/css\" href=\"site.css\"?>",
        "<?xml-stylesheet href=\"site.xsl\"?>",
        "<?xml-stylesheet title='type=\"text/xsl\"' href=\"site.css\"?>",
        "<?xml-model type=\"application/xml\" href=\"x.rnc\"?>",
        "<!-- <?xml-stylesheet type=\"text/xsl\" href=\"site.xsl\"?> -->",
    ] {
        goes_to("a.xhtml", &styled(harmless));
    }
    // Behind the start of the page it is nothing to browsers.
    let late = "<?xml-stylesheet type=\"text/xsl\" href=\"site.xsl\"?>";
    goes_to("a.xhtml", &with(&format!("{late}|")));
    goes_to("a.xhtml", &format!("{}{late}", with("|")));
}

#[test]
fn entities_are_those_that_browsers_know() {
    let body = "<p title=\"&nbsp;&hellip;\">&nbsp;&eacute;&rarr;&hyphen;&amp;&lt;</p>|";
    goes_to("a.xhtml", &page(STRICT, "", body));
    goes_to(
        "a.xhtml",
        &page(&STRICT.replace("1.0 Strict", "1.1"), "", body),
    );
    goes_to(
        "a.xhtml",
        &page(
            &STRICT
                .replace('\n', "")
                .replace('>', " [\n<!ENTITY me \"<b>I</b>\"><!-- ]> -->]>\n"),
            "",
            &body.replace("<p ", "&me;<p "),
        ),
    );
    let own = "<!DOCTYPE html [<!ENTITY nbsp '&#160;'> <!ENTITY footer \"<p>Footer &nbsp;</p>\"> <!ELEMENT x ANY> <?x ]>?>]>\n";
    goes_to("a.xhtml", &page(own, "", "&nbsp;&footer;|"));
    // Firefox knows none of them on a page that stands alone, nor for other document types.
    let alone = page(STRICT, "", "|&nbsp;").replace("?>", " standalone='yes'?>");
    is_refused("a.xhtml", &alone, "&nbsp; is not declared");
    let other = page(&STRICT.replace("Strict//EN", "Sloppy//EN"), "", "|&nbsp;");
    is_refused("a.xhtml", &other, "&nbsp; is not declared");
}

#[test]
fn entities_do_no_harm() {
    let doctype = |subset: &str| format!("<!DOCTYPE html [{subset}]>\n");
    let tag = "<script data-chathub=''></script>";
    for (subset, body, words) in [
        (
            "<!ENTITY a SYSTEM \"file:///etc/passwd\">",
            "|&a;",
            "in another file",
        ),
        (
            "<!ENTITY a PUBLIC 'x' \"http://x.example/\">",
            "|&a;",
            "in another file",
        ),
        (
            &format!("<!ENTITY a \"{tag}\">"),
            "|&a;",
            "scripts or metadata",
        ),
        (
            "<!ENTITY a \"&#60;scr&#105;pt src='x'/>\">",
            "|&a;",
            "scripts or metadata",
        ),
        (
            "<!ENTITY % p \"<!ENTITY a 'x'>\"> |%p;",
            "&a;",
            "parameter entity",
        ),
        (
            &format!("|<!ATTLIST html xmlns CDATA #FIXED \"{XHTML}\">"),
            "",
            "<!ATTLIST",
        ),
        (
            "<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">",
            "|&a;",
            "stand for more",
        ),
        ("<!ENTITY a \"&a;\">", "|&a;", "stand for more"),
    ] {
        is_refused("a.xhtml", &page(&doctype(subset), "", body), words);
    }
    let laughs = (1..40).map(|n| {
        let ten = format!("&l{};", n - 1).repeat(10);
        format!("<!ENTITY l{n} \"{ten}\">")
    });
    let laughs: Vec<_> = laughs.collect();
    let bomb = doctype(&format!("<!ENTITY l0 \"ha\">{}", laughs.concat()));
    is_refused("a.xhtml", &page(&bomb, "", "|&l39;"), "stand for more");
    let long = doctype(&format!("<!ENTITY a \"{}\">", "x".repeat(60_000)));
    let many = format!("|{}", "&a;".repeat(60));
    is_refused("a.xhtml", &page(&long, "", &many), "stand for more");
    // What is declared and never used does nothing.
    let unused = format!(
        "<!ENTITY a SYSTEM \"x\"><!ENTITY b \"{tag}\"><!ENTITY % p \"x\"><!ATTLIST p id ID #IMPLIED>"
    );
    goes_to("a.xhtml", &page(&doctype(&unused), "", "|"));
}

#[test]
fn encodings_are_those_of_the_declaration_and_the_mark() {
    let tag = for_xml(&loader());
    let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    };
    let page = |encoding: &str, tag: &str| {
        with(&format!("<pre>Щука ß<![CDATA[</body>]]></pre>{tag}")).replace("UTF-8", encoding)
    };
    let cyrillic = |tag: &str| {
        encoding_rs::WINDOWS_1251
            .encode(&page("windows-1251", tag).replace('ß', ""))
            .0
            .into_owned()
    };
    // Its second bytes are letters and brackets.
    let japanese = |tag: &str| {
        let text = page("Shift_JIS", tag).replace("Щука ß", "ソ表十ソ]ソ");
        encoding_rs::SHIFT_JIS.encode(&text).0.into_owned()
    };
    for (before, wanted) in [
        (
            utf_16(&page("UTF-16", ""), u16::to_le_bytes),
            utf_16(&page("UTF-16", &tag), u16::to_le_bytes),
        ),
        (
            utf_16(&page("utf-8", ""), u16::to_be_bytes),
            utf_16(&page("utf-8", &tag), u16::to_be_bytes),
        ),
        (cyrillic(""), cyrillic(&tag)),
        (japanese(""), japanese(&tag)),
        (
            format!("\u{feff}{}", page("UTF-8", "")).into_bytes(),
            format!("\u{feff}{}", page("UTF-8", &tag)).into_bytes(),
        ),
        (
            page("UTF-8", "").replace('\n', "\r\n").into_bytes(),
            page("UTF-8", &tag).replace('\n', "\r\n").into_bytes(),
        ),
        (
            page("UTF-8", "").replace("1.0", "1.1").into_bytes(),
            page("UTF-8", &tag).replace("1.0", "1.1").into_bytes(),
        ),
    ] {
        let site = Site::new().page("a.xhtml", &before);
        assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "injected");
        assert!(
            site.read("a.xhtml") == wanted,
            "{}",
            site.read("a.xhtml").escape_ascii()
        );
        judge_xml(&before, &wanted, &[expected()], VendorComment::Stays).unwrap();
        site.json("verify", 0);
        site.json("remove", 0);
        assert!(site.read("a.xhtml") == before);
    }
}

/// What `createElement` makes in a document of the type `application/xml` is not an element of HTML (DOM standard, 4.5).
#[test]
fn xml_that_is_not_sent_as_xhtml_is_refused() {
    let config = "[pages]\nextensions = [\"xml\", \"SVG\", \"html\"]\n";
    let feed = "<feed xmlns=\"http://www.w3.org/2005/Atom\"/>";
    let off = page("", "<meta name=\"chathub\" content=\"off\"/>", "");
    let site = Site::new()
        .config(config)
        .page("a.xml", with(""))
        .page("a.svg", with(""))
        .page("off.xml", off)
        .page("feed.xml", feed)
        .page("b.html", with(""));
    let report = site.json("inject", 3);
    for name in ["a.xml", "a.svg"] {
        assert_eq!(report.outcome(name), "refused");
        assert!(report.reason(name).contains("rename it to .xhtml"));
        assert_eq!(site.text(name), with(""));
    }
    assert_eq!(report.outcome("off.xml"), "unchanged");
    assert_eq!(report.outcome("feed.xml"), "skipped");
    assert_eq!(report.outcome("b.html"), "injected");
    site.json("verify", 1);
}
