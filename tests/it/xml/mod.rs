//! Pages that browsers read as XML: by name, or because they say so and may be served so.

mod sound;
mod tags;

use crate::common::{STATIC, Site, WIDGET_SRC, loader, loader_for, token};
use crate::judge::{Expected, VendorComment, judge, judge_xml};

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
        src: format!(
            "/chathub-assets/{}",
            chathub::internal::runtime::hashed_name()
        ),
        integrity: chathub::internal::runtime::integrity().to_owned(),
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
