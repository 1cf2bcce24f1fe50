//! Tags that people pasted, copied, mistyped or commented out: what verify says of them, what inject makes of them.

mod astray;
mod held;

use crate::common::{
    HEAD, STATIC, Site, TAIL, WIDGET_SRC, loader, loader_for, page, token, widget,
};

/// Verifies a page, injects, verifies again: the rules that it breaks before, what becomes of it, its bytes, and the
/// rules that no edit can fix and that are warnings.
fn expect(site: &Site, before: &[&str], outcome: &str, after: &str, left: &[&str]) {
    let warnings = ["inert-instance", "other-chat-widget"];
    let code = i32::from(before.iter().any(|rule| !warnings.contains(rule)));
    let report = site.run("verify --format json");
    let report = crate::common::Report::of(&report.exits(code).stdout);
    assert_eq!(report.rules("index.html"), before, "before");
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("index.html"), outcome);
    assert_eq!(site.text("index.html"), after);
    let report = site.json("verify", 0);
    assert_eq!(report.rules("index.html"), left, "after");
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
}

/// The same for a page that inject has to leave alone: clean, and the same bytes.
fn expect_right(site: &Site) {
    let before = site.text("index.html");
    expect(site, &[], "unchanged", &before, &[]);
}

/// A placeholder site with this page, its runtime already there.
fn placeholder(page: &str) -> Site {
    chathub::internal::runtime::FILES
        .iter()
        .fold(Site::of(page), |site, file| {
            site.page(
                &format!("chathub-assets/{}", file.hashed_name()),
                file.content,
            )
        })
}

/// A site in static mode with this page, and the token that it publishes.
fn static_site(page: impl Fn(&str) -> String) -> (Site, String) {
    let token = token("support", 7200);
    let site = Site::of(page(&token)).config(STATIC);
    (site.env("SUPPORT_TOKEN", &token), token)
}

fn pasted(id: &str) -> String {
    format!(
        "<script type=\"module\" id=\"{id}\" src=\"{WIDGET_SRC}\" token=\"pasted-by-hand\"></script>"
    )
}

const SNIPPET_ID: &str = "operator-chat-panel-script";

#[test]
fn the_vendors_snippet_becomes_the_loader_under_its_comment() {
    let snippet = format!("\n<!-- ChatHub Widget -->\n{}\n", pasted(SNIPPET_ID));
    let site = placeholder(&page(&snippet));
    let after = page(&format!("\n<!-- ChatHub Widget -->\n{}\n", loader()));
    let before = ["token-in-placeholder-page", "wrong-src"];
    expect(&site, &before, "updated", &after, &[]);
    // A comment above a tag of ours may be all that the author left of theirs, so it stays; above theirs, it goes.
    assert_eq!(site.json("remove", 0).outcome("index.html"), "removed");
    assert_eq!(
        site.text("index.html"),
        page("\n<!-- ChatHub Widget -->\n\n")
    );
    let site = placeholder(&page(&snippet));
    assert_eq!(site.json("remove", 0).outcome("index.html"), "removed");
    assert_eq!(site.text("index.html"), page("\n\n\n"));
}

#[test]
fn two_copies_are_folded_into_the_first() {
    let copies = format!(
        "\n{}\n<p>between</p>\n{}\n",
        pasted(SNIPPET_ID),
        pasted(SNIPPET_ID)
    );
    let after = page(&format!("\n{}\n<p>between</p>\n\n", loader()));
    let before = [
        "duplicate-instance",
        "token-in-placeholder-page",
        "wrong-src",
    ];
    expect(
        &placeholder(&page(&copies)),
        &before,
        "deduplicated",
        &after,
        &[],
    );
}

#[test]
fn of_a_pasted_copy_and_a_right_loader_the_loader_stays_where_it_is() {
    let suffixed = pasted("operator-chat-panel-script-2");
    let site = placeholder(&page(&format!("{suffixed}\n{}", loader())));
    let after = page(&format!("\n{}", loader()));
    expect(&site, &["duplicate-instance"], "deduplicated", &after, &[]);
}

#[test]
fn a_suffixed_id_is_made_right() {
    let (site, token) = static_site(|token| {
        page(&widget(token, "support").replace(SNIPPET_ID, "operator-chat-panel-script-6"))
    });
    let after = page(&widget(&token, "support"));
    expect(&site, &["wrong-id"], "updated", &after, &[]);
}

#[test]
fn a_foreign_and_an_insecure_src_are_made_right() {
    let other = "https://cdn.example.com/operator-chat-panel/widget-script.js";
    let (site, token) =
        static_site(|token| page(&widget(token, "support").replace(WIDGET_SRC, other)));
    let after = page(&widget(&token, "support"));
    expect(&site, &["wrong-src"], "updated", &after, &[]);

    let insecure = WIDGET_SRC.replace("https:", "http:");
    let (site, token) =
        static_site(|token| page(&widget(token, "support").replace(WIDGET_SRC, &insecure)));
    let after = page(&widget(&token, "support"));
    let before = ["insecure-src", "wrong-src"];
    expect(&site, &before, "updated", &after, &[]);
}

#[test]
fn a_missing_type_another_type_and_nomodule_are_made_right() {
    for wrong in ["", " type=\"text/javascript\"", " type=\"module\" nomodule"] {
        let (site, token) =
            static_site(|token| page(&widget(token, "support").replace(" type=\"module\"", wrong)));
        let after = page(&widget(&token, "support"));
        expect(&site, &["wrong-type"], "updated", &after, &[]);
    }
}

/// Browsers take white space off a type, but the selector by which the runtime finds a loader tag does not; and no browser takes
/// off more than ASCII's.
#[test]
fn white_space_in_a_type_is_made_right_where_it_means_something() {
    let spaced = loader().replace("\"module\"", "\" module \"");
    let site = placeholder(&page(&spaced));
    expect(&site, &["wrong-type"], "updated", &page(&loader()), &[]);
    let type_of = |spaced: &'static str| {
        static_site(move |token| page(&widget(token, "support").replace("\"module\"", spaced)))
    };
    expect_right(&type_of("\" module\t\"").0);
    let (site, token) = type_of("\"&nbsp;module\"");
    let after = page(&widget(&token, "support"));
    expect(&site, &["wrong-type"], "updated", &after, &[]);
}

#[test]
fn another_organization_is_made_right() {
    let (site, token) = static_site(|token| page(&widget(token, "sales")));
    let after = page(&widget(&token, "support"));
    expect(&site, &["wrong-organization"], "updated", &after, &[]);
}

#[test]
fn case_quotes_and_order_of_attributes_are_a_matter_of_taste() {
    let upper = |token: &str| {
        page(&format!(
            "<SCRIPT TYPE=\"MODULE\" ID=\"{SNIPPET_ID}\" SRC=\"{WIDGET_SRC}\" TOKEN=\"{token}\" DATA-ORG=\"support\"></SCRIPT >"
        ))
    };
    let unquoted = |token: &str| {
        page(&format!(
            "<script async data-org=support token={token} id={SNIPPET_ID} src={WIDGET_SRC} type=module></script>"
        ))
    };
    let single = |token: &str| page(&widget(token, "support").replace('"', "'"));
    expect_right(&static_site(upper).0);
    expect_right(&static_site(unquoted).0);
    expect_right(&static_site(single).0);
}

#[test]
fn upper_case_and_unquoted_tags_are_updated_as_well() {
    let tag = format!("<SCRIPT ID={SNIPPET_ID} SRC='{WIDGET_SRC}' TOKEN=pasted></SCRIPT>");
    let before = ["token-in-placeholder-page", "wrong-src", "wrong-type"];
    let site = placeholder(&page(&tag));
    expect(&site, &before, "updated", &page(&loader()), &[]);
}

#[test]
fn a_loader_that_a_minifier_rewrote_counts_as_right() {
    let minified = format!(
        "<script crossorigin data-chathub data-endpoint=/api/chathub/token data-load=idle integrity={} \
         src=/chathub-assets/{} type=module></script>",
        chathub::internal::runtime::integrity(),
        chathub::internal::runtime::hashed_name()
    );
    // `crossorigin` alone is `crossorigin=anonymous`: the attribute's empty value default, by the HTML standard.
    for tag in [
        minified.replace("crossorigin ", "crossorigin=anonymous "),
        minified,
    ] {
        expect_right(&placeholder(&page(&tag)));
    }
}

#[test]
fn a_tag_that_does_nothing_is_left_alone_and_a_live_one_added() {
    let tag = pasted(SNIPPET_ID);
    for inert in [
        format!("<!-- {tag} -->"),
        format!("<template>{tag}</template>"),
        format!("<noscript>{tag}</noscript>"),
        format!("<svg>{tag}</svg>"),
    ] {
        let after = page(&format!("{inert}{}", loader()));
        let before = ["inert-instance", "missing-instance"];
        let site = placeholder(&page(&inert));
        expect(&site, &before, "injected", &after, &["inert-instance"]);
    }
}

#[test]
fn a_tag_shown_as_text_is_no_tag() {
    let tag = pasted(SNIPPET_ID);
    for text in [
        format!("<textarea>{tag}</textarea>"),
        format!(
            "<pre>{}</pre>",
            tag.replace('<', "&lt;").replace('>', "&gt;")
        ),
        format!("<p title='{tag}'>copy this</p>"),
    ] {
        let after = page(&format!("{text}{}", loader()));
        let site = placeholder(&page(&text));
        expect(&site, &["missing-instance"], "injected", &after, &[]);
    }
}

#[test]
fn the_customer_widget_beside_ours_is_told_and_not_touched() {
    let customer = "<script id=\"chat-widget-script\" src=\"https://widget.smsbat.com/chat-widget/widget-script.js\"></script>";
    let after = page(&format!("{customer}{}", loader()));
    let before = ["missing-instance", "other-chat-widget"];
    let site = placeholder(&page(customer));
    expect(&site, &before, "injected", &after, &["other-chat-widget"]);
    site.ok("remove");
    assert_eq!(site.text("index.html"), page(customer));
}

#[test]
fn a_self_closing_tag_that_swallows_markup_is_not_taken_out_with_it() {
    // In HTML, `<script …/>` is not closed: the next end tag of a script closes it, and all between is its text.
    let swallowing = format!(
        "{}<p>swallowed</p><script>other()</script>",
        pasted(SNIPPET_ID).replace("></script>", "/>")
    );
    let text = page(&format!("{}{swallowing}", loader()));
    let site = placeholder(&text);
    let report = site.json("verify", 1);
    assert_eq!(report.rules("index.html"), ["page-refused"]);
    for command in ["inject", "remove"] {
        let report = site.json(command, 3);
        assert_eq!(report.outcome("index.html"), "refused");
        let reason = report.reason("index.html");
        assert!(reason.contains("swallows the markup"), "{reason}");
        assert!(reason.contains("does not close itself"), "{reason}");
        assert_eq!(site.text("index.html"), text);
    }
}

#[test]
fn a_tag_that_is_never_closed_does_not_run_and_is_refused() {
    // A browser that meets the end of the file inside a script does not run it (HTML standard, 13.2.6.4.8).
    for tag in [pasted(SNIPPET_ID), loader()] {
        let text = page(&tag.replace("</script>", ""));
        let site = placeholder(&text);
        let report = site.json("verify", 1);
        assert_eq!(report.rules("index.html"), ["page-refused"]);
        let report = site.json("inject", 3);
        assert_eq!(report.outcome("index.html"), "refused");
        assert!(report.reason("index.html").contains("never closed"));
        assert_eq!(site.text("index.html"), text);
    }
}

#[test]
fn the_page_itself_has_the_last_word() {
    let config = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n";
    let says = |what: &str, tag: &str| {
        format!("<!doctype html><html><head>{what}</head><body>{tag}{TAIL}")
    };
    // Pages of two organizations: there is a route file.
    let of = |organization: &str| {
        let tag = loader_for(&format!(" data-org=\"{organization}\""));
        tag.replace("></script>", " data-routes=\"\"></script>")
    };
    let (support, sales) = (of("support"), of("sales"));
    for off in [
        "<meta name=\"chathub\" content=\"off\">",
        "<META CONTENT=OFF NAME=ChatHub>",
    ] {
        let site = placeholder(&says(off, &support)).config(config);
        let after = says(off, "");
        expect(&site, &["unexpected-instance"], "removed", &after, &[]);
    }
    let named = "<meta name=\"chathub\" content=\"organization=sales\">";
    let site = placeholder(&says(named, &support)).config(config);
    let after = says(named, &sales);
    expect(&site, &["wrong-organization"], "updated", &after, &[]);
    for ignored in [
        "<html data-chathub-ignore>",
        "<html><body data-chathub-ignore>",
    ] {
        let text = |tag: &str| format!("<!doctype html>{ignored}<p>x</p>{tag}</html>");
        let site = placeholder(&text(&support)).config(config);
        expect(&site, &["unexpected-instance"], "removed", &text(""), &[]);
    }
}

#[test]
fn the_authors_own_attributes_stay_on_a_tag_that_is_updated() {
    let own = " nonce=\"r4nd0m\" data-cookieconsent=\"marketing\" data-note=\"a &amp; b\"";
    let tag = pasted(SNIPPET_ID).replace("></script>", &format!("{own}></script>"));
    let site = placeholder(&page(&tag));
    let after = page(&loader().replace("></script>", &format!("{own}></script>")));
    let before = ["token-in-placeholder-page", "wrong-src"];
    expect(&site, &before, "updated", &after, &[]);
}

#[test]
fn an_authors_nonce_stays_byte_for_byte_and_gives_way_to_a_configured_one() {
    // As a template engine's mark in a legacy encoding.
    let nonce = b" nonce='\xabcsp\xbb &amp;'";
    let stale = loader().replace("/api/chathub/token", "/old/token");
    let with_nonce = |tag: &str| {
        let (before, behind) = tag.split_once("></script>").unwrap();
        [before.as_bytes(), nonce, b"></script>", behind.as_bytes()].concat()
    };
    let around = |tag: &[u8]| [HEAD.as_bytes(), tag, TAIL.as_bytes()].concat();
    let site = Site::of(around(&with_nonce(&stale)));
    assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
    assert_eq!(site.read("index.html"), around(&with_nonce(&loader())));
    let site = site.config("[placeholder]\nnonce = \"CSP\"\n");
    assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
    let text = site.text("index.html");
    assert_eq!(text.matches("nonce=").count(), 1, "{text}");
    assert!(text.contains(" nonce=\"CSP\""), "{text}");
}

#[test]
fn a_loader_of_another_endpoint_or_runtime_is_stale() {
    let changes = [
        ("/api/chathub/token", "/old/token", "stale-loader"),
        (
            chathub::internal::runtime::integrity(),
            "sha384-AAAA",
            "integrity-mismatch",
        ),
        (
            chathub::internal::runtime::hashed_name(),
            "runtime.0123456789abcdef.js",
            "stale-loader",
        ),
        (" crossorigin=\"anonymous\"", "", "stale-loader"),
        (" type=\"module\"", "", "wrong-type"),
    ];
    for (from, to, rule) in changes {
        let site = placeholder(&page(&loader().replace(from, to)));
        expect(&site, &[rule], "updated", &page(&loader()), &[]);
    }
}

#[test]
fn an_address_is_what_a_browser_makes_of_it() {
    for address in [
        "https://widget.smsbat.com/operator-chat\n-panel/widget-script.js",
        "https://widget.smsbat.com/oper\tator-chat-panel/widget-script.js",
        "https://widget.smsbat.com/operator%2Dchat%2Dpanel/widget-script.js",
        "https:&#x2F;/widget.smsbat.com/operator&#45;chat-panel/widget-script.js",
        "https:\\\\widget.smsbat.com\\operator-chat-panel\\widget-script.js",
        "//WIDGET.smsbat.com.:443/x/../operator-chat-panel/./widget-script.js?x#y",
    ] {
        // Once in a page that is plain, and once in one that is not.
        for around in ["", "<template><p>x</p></template>"] {
            let tag = format!("{around}<script type=module src=\"{address}\" token=x></script>");
            let site = placeholder(&page(&tag));
            let before = ["token-in-placeholder-page", "wrong-src"];
            let after = page(&format!("{around}{}", loader()));
            expect(&site, &before, "updated", &after, &[]);
        }
    }
}

#[test]
fn an_authors_async_and_defer_stay() {
    for own in ["async", "defer", "async=\"\" defer"] {
        let with = |tag: &str| page(&tag.replace("></script>", &format!(" {own}></script>")));
        let site = placeholder(&with(&pasted(SNIPPET_ID)));
        let before = ["token-in-placeholder-page", "wrong-src"];
        expect(&site, &before, "updated", &with(&loader()), &[]);
        expect_right(&site);
    }
}

#[test]
fn a_script_of_another_program_with_our_attribute_stays() {
    let other = "<script data-chathub src=\"/js/menu.js\"></script>";
    let before = page(other);
    let site = Site::of(&before);
    site.ok("inject");
    assert_eq!(
        site.text("index.html"),
        page(&format!("{other}{}", loader()))
    );
    site.ok("verify");
    site.ok("remove");
    assert_eq!(site.text("index.html"), before);
}
