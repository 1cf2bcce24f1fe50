//! Chats that scripts in pages add by code (`dynamic-loader-suspected`): which pages have one, whatever way they are read.

use crate::common::{Site, page};

const RULE: &str = "dynamic-loader-suspected";
const OPERATOR: &str = "https://widget.smsbat.com/operator-chat-panel/widget-script.js";
const CUSTOMER: &str = "https://widget.smsbat.com/chat-widget/widget-script.js";

/// Code that adds a chat.
fn code(src: &str) -> String {
    format!(
        "var s = document.createElement(\"script\");\ns.type = \"module\";\ns.src = \"{src}\";\ndocument.body.append(s);"
    )
}

fn script(attributes: &str) -> String {
    format!("<script{attributes}>\n{}\n</script>", code(OPERATOR))
}

#[test]
fn a_script_that_browsers_run_counts_and_no_other_text() {
    let snippet = script("").replace('<', "&lt;");
    let (own, other) = (script(""), script(" type=module"));
    for (body, counts) in [
        (own.as_str(), true),
        (&other, true),
        (&script(" type=\"text/javascript\" nonce=x"), true),
        (&format!("<template><p></p></template>{own}"), true),
        (&format!("<svg><title>x</title></svg>{own}"), true),
        (&script(" type=\"application/json\""), false),
        (&script(" type=\"application/ld+json\""), false),
        (&script(" type=\"speculationrules\""), false),
        (&script(" type=\"text/x-template\""), false),
        (&script(" src=\"/js/app.js\""), false),
        (&script(" nomodule"), false),
        (&format!("<template>{own}</template>"), false),
        (&format!("<noscript>{own}</noscript>"), false),
        (&format!("<textarea>{own}</textarea>"), false),
        (&format!("<!-- {own} -->"), false),
        (&format!("<pre><code>{snippet}</code></pre>"), false),
        (
            "<script src=\"/js/operator-chat-panel-createElement-script.js\"></script>",
            false,
        ),
    ] {
        for (name, content) in [
            ("index.html", page(body)),
            (
                "index.xhtml",
                format!(
                    "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>A page</title></head><body>{}</body></html>",
                    // Attributes need values there.
                    body.replace("nonce=x", "nonce=\"x\"")
                        .replace("type=module", "type=\"module\"")
                        .replace(" nomodule", " nomodule=\"\"")
                ),
            ),
        ] {
            // In XML, what is in these is markup like any other.
            if name == "index.xhtml" && (body.contains("<noscript") || body.contains("<textarea")) {
                continue;
            }
            let site = Site::new().page(name, content);
            site.ok("inject");
            let report = site.json("verify", 0);
            let expected: &[&str] = if counts { &[RULE] } else { &[] };
            assert_eq!(report.rules(name), expected, "{name}: {body}");
            assert!(report.site_rules().is_empty(), "{name}: {body}");
        }
    }
}

#[test]
fn the_finding_says_what_is_added_how_and_where() {
    let site = Site::of(page(&script("")));
    site.ok("inject");
    let report = site.json("verify", 0);
    let found = report.findings(RULE);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["severity"], "warning");
    assert_eq!(
        found[0]["message"],
        "a script adds the operator widget by createElement, beside the page's loader tag"
    );
    // The address, on the fourth line of the page.
    assert_eq!(found[0]["place"]["line"], 4);
    assert_eq!(found[0]["place"]["column"], 9);
    let explained = site.ok("explain index.html").stdout;
    assert!(
        explained.contains("a script that adds the operator widget by createElement at 4:9"),
        "{explained}"
    );
}

#[test]
fn on_a_page_without_a_chat_it_counts_as_its_tag_would() {
    let off = "<meta name=\"chathub\" content=\"off\">";
    let plain = "default-organization = \"support\"\n\n[organizations.support]\nid = 6\n";
    let customers = format!(
        "{plain}\n[organizations.shop]\nwidget = \"customer\"\nguid = \"3f2504e0-4f89-41d3-9a0c-0305e82c3301\"\n\n\
         [[rules]]\nmatch = \"shop/**\"\norganization = \"shop\"\n"
    );
    for (config, src, counts) in [
        (plain, OPERATOR, true),
        // The site's own business, as long as no organization has that widget.
        (plain, CUSTOMER, false),
        (customers.as_str(), CUSTOMER, true),
    ] {
        let content = page(&format!("<script>{}</script>", code(src)));
        let site = Site::of(content.replace("<head>", &format!("<head>{off}")))
            .page("shop/index.html", page(""))
            .config(config);
        site.ok("inject");
        let report = site.json("verify", 0);
        let messages = report.findings(RULE);
        assert_eq!(messages.len(), usize::from(counts), "{config}: {src}");
        for found in messages {
            let message = found["message"].as_str().unwrap();
            assert!(message.contains("where there should be none"), "{message}");
        }
    }
}

#[test]
fn it_can_be_known_weigh_more_and_be_turned_off() {
    let config = |more: &str| {
        format!("default-organization = \"support\"\n\n[organizations.support]\nid = 6\n\n{more}")
    };
    let site = Site::of(page(&script("")));
    for (settings, code, count) in [
        ("", 0, 1),
        ("[verify]\nfail-on = \"warning\"\n", 1, 1),
        (
            "[verify.severity]\ndynamic-loader-suspected = \"error\"\n",
            1,
            1,
        ),
        (
            "[verify.severity]\ndynamic-loader-suspected = \"off\"\n",
            0,
            0,
        ),
        (
            "[[verify.overrides]]\nmatch = \"index.html\"\n\n[verify.overrides.severity]\ndynamic-loader-suspected = \"off\"\n",
            0,
            0,
        ),
    ] {
        std::fs::write(site.folder().join("chathub.toml"), config(settings)).unwrap();
        site.ok("inject");
        let report = site.json("verify", code);
        assert_eq!(report.findings(RULE).len(), count, "{settings}");
    }
    std::fs::write(
        site.folder().join("chathub.toml"),
        config("[verify]\nfail-on = \"warning\"\n"),
    )
    .unwrap();
    site.ok("verify --write-baseline --baseline known.json");
    let report = site.json("verify --baseline known.json", 0);
    assert_eq!(report.findings(RULE)[0]["baselined"], true);
}

#[test]
fn a_frame_that_holds_the_tag_in_its_srcdoc_counts() {
    let tag = format!("<script type=module src={OPERATOR}></script>");
    let escaped = tag.replace('<', "&lt;");
    for (body, counts) in [
        (format!("<iframe srcdoc='{tag}'></iframe>"), true),
        (format!("<iframe srcdoc=\"{escaped}\"></iframe>"), true),
        (
            format!("<iframe sandbox='allow-scripts' srcdoc='{tag}'></iframe>"),
            true,
        ),
        (format!("<iframe sandbox srcdoc='{tag}'></iframe>"), false),
        (format!("<iframe srcdoc='<!-- {tag} -->'></iframe>"), false),
        (
            format!("<template><iframe srcdoc='{tag}'></iframe></template>"),
            false,
        ),
        (format!("<iframe title='{tag}'></iframe>"), false),
    ] {
        let site = Site::of(page(&body));
        site.json("inject", 0);
        let report = site.json("verify", 0);
        let rules = report.rules("index.html");
        assert_eq!(rules.contains(&RULE), counts, "{rules:?} {body}");
    }
}
