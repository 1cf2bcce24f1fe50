//! Tags of the vendor's that run although they are no scripts of HTML in the document: a page with one is never taken for right.

use super::{SNIPPET_ID, pasted, placeholder};
use crate::common::{Site, WIDGET_SRC, loader, page};

/// The page has one chat more than it should, and stays as it is.
fn refuses(body: &str) {
    let html = page(&format!("{body}{}", loader()));
    for (config, rule) in [("", "duplicate-instance"), (NONE, "unexpected-instance")] {
        let site = placeholder(&html).config(config);
        let report = site.json("verify", 1);
        let rules = report.rules("index.html");
        assert!(rules.contains(&rule), "{rules:?} {body}");
        assert!(rules.contains(&"page-refused"), "{rules:?} {body}");
        assert!(!rules.contains(&"inert-instance"), "{rules:?} {body}");
        assert_eq!(site.json("inject", 3).outcome("index.html"), "refused");
        assert_eq!(site.text("index.html"), html);
        assert_eq!(site.json("remove", 3).outcome("index.html"), "refused");
    }
}

/// The tag in the page does nothing.
fn is_inert(body: &str) {
    let site = placeholder(&page(&format!("{body}{}", loader())));
    let report = site.json("verify", 0);
    assert_eq!(report.rules("index.html"), ["inert-instance"], "{body}");
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
}

const NONE: &str = "[[rules]]\nmatch = \"**\"\nwidget = false\n";

fn shadow(attributes: &str) -> String {
    format!("<template {attributes}>{}</template>", pasted(SNIPPET_ID))
}

#[test]
fn a_tag_in_a_declarative_shadow_root_runs() {
    let open = shadow("shadowrootmode=open");
    for body in [
        format!("<div>{open}</div>"),
        format!("<div>{}</div>", shadow("ShadowRootMode=\"CLOSED\"")),
        format!("<my-card><p>x</p>{open}</my-card>"),
        format!("<div><template></template>{open}</div>"),
        format!("<section><template shadowrootmode=open><div>{open}</div></template></section>"),
        format!("<p>x{open}</p>"),
        // By its address alone, and as a classic script.
        format!(
            "<div><template shadowrootmode=open><script src=\"{WIDGET_SRC}\"></script></template></div>"
        ),
    ] {
        refuses(&body);
    }
}

#[test]
fn a_tag_in_any_other_template_does_not() {
    let open = shadow("shadowrootmode=open");
    for body in [
        format!("<div>{}</div>", shadow("")),
        format!("<div>{}</div>", shadow("shadowrootmode")),
        format!("<div>{}</div>", shadow("shadowrootmode=\" open\"")),
        format!("<ul><li>{open}</li></ul>"),
        format!("<button>{open}</button>"),
        format!("<div><template shadowrootmode=open></template>{open}</div>"),
        format!("<template><div>{open}</div></template>"),
        format!("<div><template shadowrootmode=open><template>{open}</template></template></div>"),
        // The runtime looks for its tag in the document, and finds none there.
        format!(
            "<div><template shadowrootmode=open>{}</template></div>",
            loader()
        ),
        format!(
            "<div>{}</div>",
            open.replace("\"module\"", "\"text/plain\"")
        ),
    ] {
        is_inert(&body);
    }
}

#[test]
fn a_script_of_svg_runs_by_its_href() {
    for tag in [
        format!("<script href=\"{WIDGET_SRC}\"></script>"),
        format!("<script xlink:href=\"{WIDGET_SRC}\" type=\"module\"/>"),
        format!("<g><script id=\"{SNIPPET_ID}\" href='/w.js' type=module></script></g>"),
        "<script href='https://widget.smsbat.com/operator%2Dchat-panel/widget-script.js' />"
            .to_owned(),
    ] {
        refuses(&format!("<svg>{tag}</svg>"));
    }
    is_inert(&format!("<svg>{}</svg>", pasted(SNIPPET_ID)));
    is_inert(&format!(
        "<math><script src=\"{WIDGET_SRC}\"></script></math>"
    ));
    is_inert(&format!(
        "<template><svg><script href=\"{WIDGET_SRC}\" src=\"{WIDGET_SRC}\"></script></svg></template>"
    ));
    is_inert(&format!(
        "<svg>{}</svg>",
        loader().replace(" src=", " href=")
    ));
}

#[test]
fn a_script_of_svg_runs_by_its_href_in_xml() {
    let xml = |script: &str| {
        format!(
            "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head><title>x</title></head><body>\
             <svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{script}</svg></body></html>"
        )
    };
    for name in ["href", "xlink:href"] {
        let html = xml(&format!("<script {name}=\"{WIDGET_SRC}\" />"));
        let site = Site::new().page("a.xhtml", &html);
        assert_eq!(site.json("inject", 3).outcome("a.xhtml"), "refused");
        let report = site.json("verify", 1);
        let rules = report.rules("a.xhtml");
        assert!(rules.contains(&"duplicate-instance"), "{rules:?}");
        assert_eq!(site.text("a.xhtml"), html);
    }
    let site = Site::new().page("a.xhtml", xml(&format!("<script src=\"{WIDGET_SRC}\" />")));
    assert_eq!(site.json("inject", 0).outcome("a.xhtml"), "injected");
}

#[test]
fn one_of_the_other_product_is_told() {
    let src = "https://widget.smsbat.com/chat-widget/widget-script.js";
    let body = format!(
        "<div><template shadowrootmode=open><script type=module src=\"{src}\"></script></template></div>"
    );
    let site = placeholder(&page(&format!("{body}{}", loader())));
    let report = site.json("verify", 0);
    assert_eq!(report.rules("index.html"), ["other-chat-widget"]);
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
}

/// Firefox takes no import map once it has met a module script, and the page's own modules would not be found.
#[test]
fn a_tag_never_comes_before_an_import_map() {
    let map = "<script type=\"importmap\">{ \"imports\": { \"a\": \"/a.js\" } }</script>";
    let html = |head: &str, map: &str, end: &str| {
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><title>x</title>{head}</head>\n<body><p>x</p>{map}<p>y</p>{end}</body></html>\n"
        )
    };
    let upper = map.replace("importmap", " ImportMap ");
    for map in [map, &upper] {
        let site = Site::of(html("", map, ""));
        site.json("inject --position head-end", 0);
        assert_eq!(site.text("index.html"), html("", map, &loader()));
        site.json("verify", 0);
    }
    // One in the head comes before its end, and one in a template is none.
    let inert = format!("<template>{map}</template>");
    for (head, body) in [(map, ""), ("", &*inert)] {
        let site = Site::of(html(head, body, ""));
        site.json("inject --position head-end", 0);
        let head = format!("{head}{}", loader());
        assert_eq!(site.text("index.html"), html(&head, body, ""));
    }
}
