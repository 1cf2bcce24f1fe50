//! Pages that browsers read as XML: by name, or because they say so and may be served so.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod judge;

use common::{STATIC, Site, WIDGET_SRC, loader, loader_for, token};
use judge::{Expected, VendorComment, judge, judge_xml};

const XHTML: &str = "http://www.w3.org/1999/xhtml";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const STRICT: &str = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \
    \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n";

/// A page with this doctype, and this in its head and its body.
fn page(doctype: &str, head: &str, body: &str) -> String {
    format!(
        "{DECLARATION}{doctype}<html xmlns=\"{XHTML}\" xml:lang=\"en\"><head><title>A page</title>{head}</head>\
         <body><p>Hello</p>{body}</body></html>\n"
    )
}

/// A page with this at the end of its body.
fn with(body: &str) -> String {
    page("<!DOCTYPE html>\n", "", body)
}

/// A tag as it is in XML.
fn for_xml(tag: &str) -> String {
    tag.replacen("type=\"module\"", "type=\"module\" async=\"\"", 1)
}

fn expected() -> Expected {
    Expected::Loader {
        src: format!("/chathub-assets/{}", chathub::runtime::hashed_name()),
        integrity: chathub::runtime::integrity().to_owned(),
        endpoint: "/api/chathub/token".to_owned(),
        organizations: Vec::new(),
        link: None,
    }
}

/// Wants that a page gets its loader right here, at `|`, keeps it, is right for a parser of XML, and comes back with `remove`.
fn goes_to(name: &str, marked: &str) {
    goes_to_as(name, marked, &for_xml(&loader()));
}

fn goes_to_as(name: &str, marked: &str, tag: &str) {
    let before = marked.replacen('|', "", 1);
    let wanted = marked.replacen('|', tag, 1);
    let site = Site::new().page(name, &before);
    let report = site.json("inject", 0);
    assert_eq!(report.outcome(name), "injected", "{before}");
    assert_eq!(site.text(name), wanted);
    judge_xml(
        before.as_bytes(),
        wanted.as_bytes(),
        &[expected()],
        VendorComment::Stays,
    )
    .unwrap_or_else(|why| panic!("{why}\n{wanted}"));
    let again = site.json("inject", 0);
    assert_eq!(again.outcome(name), "unchanged", "{wanted}");
    site.json("verify", 0);
    site.json("remove", 0);
    assert_eq!(site.text(name), before);
}

/// Wants that a page is refused because of what stands at `|`, in these words, and that it stays.
fn is_refused(name: &str, marked: &str, words: &str) {
    let (before, behind) = marked.split_once('|').expect("it has a mark");
    let page = &format!("{before}{behind}");
    let line = before.rsplit('\n').next().unwrap();
    let place = format!(
        "{}:{}",
        before.matches('\n').count() + 1,
        line.chars().count() + 1
    );
    let site = Site::new().page(name, page);
    let report = site.json("inject", 3);
    assert_eq!(report.outcome(name), "refused", "{page}");
    let reason = report.reason(name);
    assert!(reason.contains(words), "{words:?} is not in {reason:?}");
    let place = format!("(at {place})");
    assert!(reason.ends_with(&place), "{place} is not in {reason:?}");
    assert_eq!(site.text(name), *page);
    let report = site.json("verify", 1);
    assert_eq!(report.rules(name), ["page-refused"], "{page}");
    // Nothing of ours is in it, so there is nothing that could not be taken out.
    let report = site.json("remove", 0);
    assert_eq!(report.outcome(name), "unchanged", "{page}");
}

#[test]
fn what_looks_like_the_end_of_the_body_is_none() {
    for inside in [
        "<pre><![CDATA[<html><body>x</body></html>]]></pre><p>y</p>|",
        "<pre><![CDATA[</body></html>]]></pre>|",
        "<?php echo '</body></html>' ?>|",
        "<!--> </body> -->|",
        "<!-- </body></html> -->|",
        "<p title=\"&lt;/body>\">]]&gt;</p>|",
        "<p title='</body>'>x</p>|"
            .replace('<', "&lt;")
            .replace("&lt;p", "<p")
            .replace("&lt;/p", "</p")
            .as_str(),
        "<textarea>x</textarea>|",
        "<div id=\"x\"/>|",
        "<BODY>x</BODY>|",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><body/><script>/* x */</script></svg>|",
        "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mi>x</mi></math>|",
        "<template><body>x</body></template>|",
        "<noscript><p>Without</p></noscript>|",
        "<x xmlns=\"\"><body/></x>|",
        "<table><tr><td>x</td></tr></table>|",
        "<p>x<p>nested</p></p>|",
    ] {
        goes_to("a.xhtml", &with(inside));
    }
    // Around the page.
    goes_to(
        "a.xhtml",
        &format!("{}<!-- </body> --><?x </html>?>\n", with("|").trim_end()),
    );
    let styled = with("|").replace(
        "<html",
        "<?xml-stylesheet href=\"</body>\" type=\"text/css\"?><html",
    );
    goes_to("a.xhtml", &styled);
}

#[test]
fn names_in_any_case_and_of_other_kinds_are_xml_by_their_end() {
    let hidden = with("<pre><![CDATA[</body></html>]]></pre>|");
    goes_to("a.XHTML", &hidden);
    let site = Site::new()
        .config("[pages]\nextensions = [\"html\", \"xht\"]\n")
        .page("a.xht", hidden.replace('|', ""));
    site.json("inject", 0);
    assert_eq!(site.text("a.xht"), hidden.replace('|', &for_xml(&loader())));
}

#[test]
fn the_configuration_says_what_is_served_as_xml() {
    let hidden = with("<pre><![CDATA[</body></html>]]></pre>|");
    let (before, wanted) = (
        hidden.replace('|', ""),
        hidden.replace('|', &for_xml(&loader())),
    );
    let site = Site::new()
        .config("[pages]\nxml-extensions = [\"html\"]\n")
        .page("a.html", &before)
        .page("b.xhtml", "<!doctype html><title>x</title><p>Unclosed<br>");
    let report = site.json("inject", 0);
    assert_eq!(site.text("a.html"), wanted);
    assert_eq!(report.outcome("b.xhtml"), "injected");
    assert!(site.text("b.xhtml").ends_with(&format!("<br>{}", loader())));
}

#[test]
fn a_page_works_as_html_too_where_it_can() {
    for body in [
        "|",
        "<p>x<br/></p><svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>|",
    ] {
        let marked = with(body);
        let (before, after) = (
            marked.replace('|', ""),
            marked.replace('|', &for_xml(&loader())),
        );
        goes_to("a.xhtml", &marked);
        // The judge of HTML takes `async` for an attribute of its author's.
        let before = before.replace(
            "</body>",
            "<script async=\"\" data-chathub=\"\"></script></body>",
        );
        judge(
            before.as_bytes(),
            after.as_bytes(),
            &[expected()],
            VendorComment::Stays,
        )
        .unwrap();
    }
    // To HTML the end of the body is inside the text area; its start is not.
    let swallowed = with("<textarea/>").replace("<body>", "<body>|");
    goes_to("a.xhtml", &swallowed);
    // Here nothing helps as HTML, and XML is what counts.
    goes_to("a.xhtml", &page("", "<script src=\"k.js\"/>", "|"));
}

#[test]
fn roots_with_a_prefix_get_a_tag_that_says_what_it_is() {
    let tag = for_xml(&loader()).replace("></script>", &format!(" xmlns=\"{XHTML}\"></script>"));
    let prefixed = format!(
        "{DECLARATION}<h:html xmlns:h=\"{XHTML}\"><h:head><h:title>x</h:title></h:head><h:body><h:p>y</h:p>|</h:body></h:html>"
    );
    goes_to_as("a.xhtml", &prefixed, &tag);
    let other = prefixed.replace("xmlns:h=", "xmlns=\"http://www.w3.org/2000/svg\" xmlns:h=");
    goes_to_as("a.xhtml", &other, &tag);
    // With the namespace said twice, a plain tag does.
    let both = prefixed.replace("xmlns:h=", &format!("xmlns=\"{XHTML}\" xmlns:h="));
    goes_to("a.xhtml", &both);
}

#[test]
fn a_tag_with_a_prefix_is_made_right_and_keeps_its_author_s_attributes() {
    let page = |tag: &str| {
        format!(
            "<h:html xmlns:h=\"{XHTML}\"><h:head><h:title>x</h:title></h:head><h:body>{tag}</h:body></h:html>"
        )
    };
    let old = "<h:script xmlns:x='urn:x'\n x:y = \"1>2\" data-mine='\"' type=\"module\" src=\"/old.js\" data-chathub=\"\"/>";
    let site = Site::new().page("a.xhtml", page(old));
    assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "updated");
    let right = for_xml(&loader()).replace("<script", "<h:script").replace(
        "></script>",
        " xmlns:x='urn:x' x:y = \"1>2\" data-mine='\"'></h:script>",
    );
    assert_eq!(site.text("a.xhtml"), page(&right));
    site.json("verify", 0);
    site.json("remove", 0);
    assert_eq!(site.text("a.xhtml"), page(""));
}

#[test]
fn samples_are_text_and_stay() {
    let sample = "<!-- ChatHub Widget --><script type=\"module\" id=\"operator-chat-panel-script\" \
        src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\" token=\"YOUR_TOKEN\"></script>";
    goes_to(
        "a.xhtml",
        &with(&format!("<pre><![CDATA[<p>paste:</p>{sample}]]></pre>|")),
    );
    goes_to("a.xhtml", &with(&format!("<?sample {sample} ?>|")));
    goes_to(
        "a.xhtml",
        &page(
            "",
            "<style><![CDATA[/* <script data-chathub=\"\"></script> */]]></style>",
            "|",
        ),
    );
}

#[test]
fn what_does_nothing_where_it_stands_is_told() {
    let tag = for_xml(&loader());
    let other = tag.replace("<script", "<script xmlns=\"http://www.w3.org/2000/svg\"");
    for inert in [
        format!("<template>{tag}</template>"),
        format!("<!-- {tag} -->"),
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{tag}</svg>"),
        other,
        tag.replace("<script", "<script xmlns=\"\""),
    ] {
        let site = Site::new().page("a.xhtml", with(&inert));
        assert_eq!(
            site.json("inject", 0).outcome("a.xhtml"),
            "injected",
            "{inert}"
        );
        assert_eq!(site.text("a.xhtml"), with(&format!("{inert}{tag}")));
        let report = site.json("verify", 0);
        assert_eq!(report.rules("a.xhtml"), ["inert-instance"], "{inert}");
    }
}

#[test]
fn tags_count_where_both_browsers_run_them() {
    let tag = for_xml(&loader());
    // An XML parser knows nothing of scripting: `noscript` holds elements like any other.
    let own = tag.replace("<script", &format!("<script xmlns=\"{XHTML}\""));
    for live in [
        format!("<noscript>{tag}</noscript>"),
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{own}</svg>"),
        tag.replace("></script>", "/>"),
        tag.replace("></script>", "><![CDATA[ ]]></script >"),
    ] {
        let site = Site::new().page("a.xhtml", with(&live));
        assert_eq!(
            site.json("inject", 0).outcome("a.xhtml"),
            "unchanged",
            "{live}"
        );
        site.json("verify", 0);
        let two = with(&format!("{live}{tag}"));
        let site = site.page("a.xhtml", &two);
        assert_eq!(
            site.json("inject", 0).outcome("a.xhtml"),
            "deduplicated",
            "{live}"
        );
        assert_eq!(site.text("a.xhtml"), with(&live));
    }
}

#[test]
fn a_tag_that_chromium_would_leave_is_a_finding_and_made_right() {
    let site = Site::new().page("a.xhtml", with(&loader()));
    let report = site.json("verify", 1);
    assert_eq!(report.rules("a.xhtml"), ["stale-loader"]);
    assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "updated");
    assert_eq!(site.text("a.xhtml"), with(&for_xml(&loader())));
    site.json("verify", 0);

    let token = common::token("a", 20 * 3600);
    let site = Site::new()
        .config(common::STATIC)
        .env("SUPPORT_TOKEN", &token)
        .page("a.xhtml", with(&common::widget(&token, "support")));
    assert_eq!(site.json("verify", 1).rules("a.xhtml"), ["wrong-type"]);
    site.json("inject --position head-end", 0);
    let right = for_xml(&common::widget(&token, "support"));
    assert_eq!(site.text("a.xhtml"), with(&right));
    // Where it does not wait for the body it stands in it.
    let site = site.page("a.xhtml", with(""));
    site.json("inject --position head-end", 0);
    assert_eq!(site.text("a.xhtml"), with(&right));
    site.json("verify", 0);
}

#[test]
fn an_author_s_async_on_html_pages_stays() {
    let tag = for_xml(&loader());
    let site = Site::of(common::page(&tag));
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
}

#[test]
fn pages_speak_for_themselves_by_the_rules_of_xml() {
    let none = [
        page(
            "",
            "<script src=\"k.js\"/><meta name=\"chathub\" content=\"off\"/>",
            "",
        ),
        page(
            "",
            "<title/><meta content=\"off\" name=\"chathub\"></meta>",
            "",
        ),
        with("").replace("<body>", "<body data-chathub-ignore=\"\">"),
        with("").replace("<html", "<html data-chathub-ignore='x'"),
        with("<noscript><meta name=\"chathub\" content=\"off\"/></noscript>"),
    ];
    for page in &none {
        let site = Site::new().page("a.xhtml", page);
        assert_eq!(
            site.json("inject", 0).outcome("a.xhtml"),
            "unchanged",
            "{page}"
        );
        assert_eq!(&site.text("a.xhtml"), page);
    }
    let off = "<meta name=\"chathub\" content=\"off\"/>";
    for says_nothing in [
        format!("<pre><![CDATA[{off}]]></pre>|"),
        format!("<template>{off}</template>|"),
        format!("<x xmlns=\"\">{off}</x>|"),
        format!("<!-- {off} -->|"),
        off.replace("name=", "NAME=") + "|",
        off.replace("meta", "META") + "|",
        "<p data-chathub-ignore=\"\"/>|".to_owned(),
    ] {
        goes_to("a.xhtml", &with(&says_nothing));
    }
}

#[test]
fn the_language_is_that_of_xml_lang_first() {
    let config = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.uk]\nid = 7\n\
        [[rules]]\nlang = \"uk\"\norganization = \"uk\"\n";
    for (said, organization) in [
        ("xml:lang=\"uk\"", "uk"),
        ("xml:lang=\"uk-UA\" lang=\"en\"", "uk"),
        ("lang=\"uk\"", "uk"),
        ("xml:lang=\"en\" lang=\"uk\"", "support"),
        ("LANG=\"uk\"", "support"),
    ] {
        let page = |tag: &str| with(tag).replace("xml:lang=\"en\"", said);
        let site = Site::new().config(config).page("a.xhtml", page(""));
        site.json("inject", 0);
        let tag = loader_for(&format!(" data-org=\"{organization}\""));
        let tag = for_xml(&tag.replace("></script>", " data-routes=\"\"></script>"));
        assert_eq!(site.text("a.xhtml"), page(&tag), "{said}");
    }
}

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

#[test]
fn a_page_with_a_declaration_may_be_served_either_way() {
    // As HTML, which every host calls it by its name; and the tag is one that XML runs, too.
    goes_to("a.html", &with("<p>x<br/></p>|"));
    let hidden = with("<pre>x<![CDATA[</body></html>]]></pre>|");
    goes_to("a.html", &hidden);
    // Not well-formed, so no browser shows it as XML.
    let loose = with("<p>x<br>|");
    goes_to_html("a.html", &loose);
    // Each reading has another idea of what is there already.
    let tag = "<script type=\"module\" src=\"/old.js\" data-chathub=\"\"></script>";
    let sample = with(&format!("<pre><![CDATA[<p>paste:</p>{tag}]]></pre>"));
    let off = page(
        "",
        "<script src=\"k.js\"/><meta name=\"chathub\" content=\"off\"/>",
        "",
    );
    for page in [sample, off] {
        let site = Site::new().page("a.html", &page);
        let report = site.json("inject", 3);
        assert!(
            report.reason("a.html").contains("pages.xml-extensions"),
            "{}",
            report.reason("a.html")
        );
        assert_eq!(site.text("a.html"), page);
    }
}

fn goes_to_html(name: &str, marked: &str) {
    let before = marked.replacen('|', "", 1);
    let site = Site::new().page(name, &before);
    site.json("inject", 0);
    assert_eq!(site.text(name), marked.replacen('|', &loader(), 1));
    site.json("verify", 0);
    site.json("remove", 0);
    assert_eq!(site.text(name), before);
}

#[test]
fn the_contact_link_is_a_link_in_xml_too() {
    let config = "[placeholder]\ncontact = \"mailto:a@example.com\"\ncontact-link = true\n";
    let link = "<a data-chathub-contact=\"injected\" href=\"mailto:a@example.com\" data-pagefind-ignore=\"\">a@example.com</a>";
    let tag = for_xml(&loader()).replace(
        "></script>",
        " data-contact=\"mailto:a@example.com\"></script>",
    );
    let site = Site::new()
        .config(config)
        .page("a.xhtml", with("<pre><![CDATA[</body>]]></pre>"));
    site.json("inject", 0);
    assert_eq!(
        site.text("a.xhtml"),
        with(&format!("<pre><![CDATA[</body>]]></pre>{tag}{link}"))
    );
    assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "unchanged");
    site.json("verify", 0);
    site.json("remove", 0);
    assert_eq!(site.text("a.xhtml"), with("<pre><![CDATA[</body>]]></pre>"));

    let prefixed = |inside: &str| {
        format!("<h:html xmlns:h=\"{XHTML}\"><h:body><h:p>y</h:p>{inside}</h:body></h:html>")
    };
    let site = site.page("a.xhtml", prefixed(""));
    site.json("inject", 0);
    let namespace = format!(" xmlns=\"{XHTML}\">");
    let linked = format!("{tag}{link}")
        .replacen("></script>", &format!("{namespace}</script>"), 1)
        .replacen(">a@", &format!("{namespace}a@"), 1);
    assert_eq!(site.text("a.xhtml"), prefixed(&linked));
    assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "unchanged");
    site.json("remove", 0);
    assert_eq!(site.text("a.xhtml"), prefixed(""));
}

#[test]
fn an_empty_body_gets_its_tag_behind_it() {
    let page = |tag: &str| {
        format!("<html xmlns=\"{XHTML}\"><head><title>x</title></head><body/>{tag}</html>")
    };
    goes_to("a.xhtml", &page("|"));
}

#[test]
fn the_head_is_the_place_where_it_is_asked_for() {
    let page = |tag: &str| {
        page(
            STRICT,
            &format!("<script src=\"k.js\"></script>{tag}"),
            "<p>&nbsp;</p>",
        )
    };
    let site = Site::new().page("a.xhtml", page(""));
    site.json("inject --position head-end", 0);
    assert_eq!(site.text("a.xhtml"), page(&for_xml(&loader())));
    site.json("verify --position head-end", 0);
}

#[test]
fn pasted_snippets_become_the_loader() {
    let widget = "<script type=\"module\" id=\"operator-chat-panel-script\" \
        src=\"https://widget.smsbat.com/operator-chat-panel/widget-script.js\" token=\"YOUR_TOKEN\"";
    let pasted =
        format!("<!-- ChatHub Widget -->\n{widget}/>\n{widget}>//<![CDATA[\n//]]></script>");
    let site = Site::new().page("a.xhtml", with(&pasted));
    assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "deduplicated");
    assert_eq!(
        site.text("a.xhtml"),
        with(&format!(
            "<!-- ChatHub Widget -->\n{}\n",
            for_xml(&loader())
        ))
    );
    let site = site.page("a.xhtml", with(&pasted));
    site.json("remove", 0);
    assert_eq!(site.text("a.xhtml"), with("\n\n"));
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

#[test]
fn a_base_counts_where_it_is_an_element_of_html() {
    let base = "<base href=\"https://elsewhere.example/\"/>";
    for page in [
        with(&format!("<pre><![CDATA[{base}]]></pre>")),
        page("", &format!("<?x {base} ?>"), ""),
        page(
            "",
            &format!("<x:svg xmlns:x=\"urn:x\">{base}</x:svg>").replace("<base", "<x:base"),
            "",
        ),
        page("", "", &format!("<template>{base}</template>")),
    ] {
        let site = Site::new().page("a.xhtml", &page);
        site.json("inject", 0);
        let report = site.json("verify", 0);
        assert!(report.findings("unreachable-runtime").is_empty(), "{page}");
    }
    // The prefix is one of HTML's.
    let prefixed = format!("<h:base xmlns:h=\"{XHTML}\" href=\"https://elsewhere.example/\"/>");
    for base in [base, prefixed.as_str()] {
        let site = Site::new().page("a.xhtml", page("", base, ""));
        site.json("inject", 0);
        let report = site.json("verify", 1);
        assert_eq!(report.findings("unreachable-runtime").len(), 1, "{base}");
    }
}

/// In XML the vendor's module is `async`, and in the head it may run before there is the body that it needs.
#[test]
fn a_widget_tag_before_the_body_is_refused_and_a_held_one_waits() {
    let widget = |more: &str| format!("<script {more} src=\"{WIDGET_SRC}\" token=\"x\"></script>");
    let site = |head: &str| {
        Site::new()
            .config(STATIC)
            .env("SUPPORT_TOKEN", &token("6", 20 * 3600))
            .page("a.xhtml", page("", head, ""))
    };
    let early = site(&widget("type=\"module\" async=\"\""));
    let before = early.text("a.xhtml");
    let report = early.json("inject", 3);
    let reason = report.reason("a.xhtml");
    assert!(reason.contains("before the <body>"), "{reason}");
    assert_eq!(early.text("a.xhtml"), before);
    early.json("verify", 1);
    early.json("remove", 0);
    assert_eq!(early.text("a.xhtml"), page("", "", ""));
    let held = site(&widget("type=\"text/plain\" data-name=\"chat\""));
    held.json("inject", 0);
    held.json("verify", 0);
}
