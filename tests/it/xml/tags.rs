//! Where tags go in XML, and which count.

use super::*;

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

    let token = crate::common::token("a", 20 * 3600);
    let site = Site::new()
        .config(crate::common::STATIC)
        .env("SUPPORT_TOKEN", &token)
        .page("a.xhtml", with(&crate::common::widget(&token, "support")));
    assert_eq!(site.json("verify", 1).rules("a.xhtml"), ["wrong-type"]);
    site.json("inject --position head-end", 0);
    let right = for_xml(&crate::common::widget(&token, "support"));
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
    let site = Site::of(crate::common::page(&tag));
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
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
