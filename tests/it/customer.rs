//! The vendor's customer widget: an organization with `widget = "customer"` has its tag in its pages, by the same rules and
//! promises as the operator widget, in either mode, without a token and without the runtime.

use serde_json::json;

use crate::common::{STATIC, Site, contents, loader_for, page, plain, token, widget};
use crate::judge::{Expected, VendorComment, judge, judge_xml};

const SRC: &str = "https://widget.smsbat.com/chat-widget/widget-script.js";
const GUID: &str = "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21";
const OTHER_GUID: &str = "1f0e3dad-9990-4c4d-8f5a-0c5b6d7e8f90";

/// One organization, which all pages are for.
const SHOP: &str = "default-organization = \"shop\"\n\n[organizations.shop]\nwidget = \"customer\"\n\
    guid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"\n\n[organizations.shop.attributes]\nmain-color = \"#0b6e5f\"\n\
    operatoe-message-dark-color = \"a&b\"\n";

/// Two organizations, one for each widget.
const BOTH: &str = "[organizations.shop]\nwidget = \"customer\"\nguid = \"8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21\"\n\
    [organizations.support]\nid = 6\n";

/// The tag of an organization without attributes.
fn bare() -> String {
    format!(
        "<script type=\"module\" id=\"chat-widget-script\" src=\"{SRC}\" guid=\"{GUID}\" data-org=\"shop\"></script>"
    )
}

/// The tag of [`SHOP`].
fn tag() -> String {
    format!(
        "<script type=\"module\" id=\"chat-widget-script\" src=\"{SRC}\" guid=\"{GUID}\" main-color=\"#0b6e5f\" \
         operatoe-message-dark-color=\"a&amp;b\" data-org=\"shop\" \
         data-attributes=\"main-color operatoe-message-dark-color\"></script>"
    )
}

/// What the vendor's own page tells people to paste.
fn pasted(more: &str) -> String {
    format!(
        "<script type=\"module\" id=\"chat-widget-script\" src=\"{SRC}\" guid=\"{GUID}\"{more}></script>"
    )
}

fn expected() -> Expected {
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Expected::Customer {
        src: SRC.to_owned(),
        organization: "shop".to_owned(),
        guid: GUID.to_owned(),
        attributes: vec![
            own("main-color", "#0b6e5f"),
            own("operatoe-message-dark-color", "a&b"),
        ],
    }
}

/// Verifies `index.html`, injects, and verifies again: the rules that it breaks before, what becomes of it, its bytes, and the
/// rules that it breaks still.
fn becomes(site: &Site, before: &[&str], outcome: &str, after: &str, left: &[&str]) {
    let warnings = ["other-chat-widget", "inert-instance"];
    let code = i32::from(before.iter().any(|rule| !warnings.contains(rule)));
    let report = site.json("verify", code);
    assert_eq!(report.rules("index.html"), before, "before");
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("index.html"), outcome);
    assert_eq!(site.text("index.html"), after);
    assert_eq!(site.json("verify", 0).rules("index.html"), left, "after");
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
}

#[test]
fn its_tag_is_all_that_a_page_needs_in_either_mode() {
    for mode in ["placeholder", "static"] {
        let site = Site::of(plain()).config(&format!("mode = \"{mode}\"\n{SHOP}"));
        let after = page(&tag());
        becomes(&site, &["missing-instance"], "injected", &after, &[]);
        judge(
            plain().as_bytes(),
            after.as_bytes(),
            &[expected()],
            VendorComment::Stays,
        )
        .unwrap();
        let names: Vec<_> = site.snapshot().into_keys().collect();
        assert_eq!(names, ["index.html"], "no runtime, no route file");
        site.ok("remove");
        assert_eq!(site.text("index.html"), plain());
    }
    // Not even the place where the runtime would go is asked for.
    let site = Site::of(plain())
        .config(SHOP)
        .page("chathub-assets/runtime.js", "somebody's");
    site.ok("inject");
    assert_eq!(site.text("chathub-assets/runtime.js"), "somebody's");
}

#[test]
fn what_is_wrong_with_its_tag_is_found_and_made_right() {
    let tag = tag();
    for (found, rules) in [
        (tag.replace(GUID, OTHER_GUID), &["wrong-organization"][..]),
        (
            tag.replace(&format!(" guid=\"{GUID}\""), ""),
            &["wrong-organization"],
        ),
        (
            tag.replace("widget.smsbat.com", "cdn.example.com"),
            &["wrong-src"],
        ),
        (
            tag.replace("https:", "http:"),
            &["insecure-src", "wrong-src"],
        ),
        (tag.replace("#0b6e5f", "#fff"), &["stale-attributes"]),
        (
            tag.replace(" main-color=\"#0b6e5f\"", ""),
            &["stale-attributes"],
        ),
        (
            tag.replace("guid=", "token=\"x\" guid="),
            &["token-in-placeholder-page"],
        ),
        (
            tag.replace("\"module\"", "\"text/javascript\""),
            &["wrong-type"],
        ),
        (tag.replace("guid=", "nomodule guid="), &["wrong-type"]),
        (
            tag.replace("\"chat-widget-script\"", "\"chat\""),
            &["wrong-id"],
        ),
    ] {
        let site = Site::of(page(&found)).config(SHOP);
        becomes(&site, rules, "updated", &page(&tag), &[]);
    }
    let site = Site::of(page(&format!("{tag}<p>x</p>{}", pasted("")))).config(SHOP);
    let after = page(&format!("{tag}<p>x</p>"));
    becomes(&site, &["duplicate-instance"], "deduplicated", &after, &[]);
    // The digits of a UUID match in any case.
    let upper = page(&tag.replace(GUID, &GUID.to_uppercase()));
    let site = Site::of(&upper).config(SHOP);
    becomes(&site, &[], "unchanged", &upper, &[]);
}

#[test]
fn what_is_pasted_becomes_ours_in_place_and_keeps_what_is_its_authors() {
    let snippet = format!(
        "\n<!-- ChatHub Widget -->\n{}\n<p>more</p>",
        pasted(" icon-color='red' class=mine main-color=\"blue\"")
    );
    let ours = tag().replace("></script>", " icon-color='red' class=mine></script>");
    let after = page(&format!("\n<!-- ChatHub Widget -->\n{ours}\n<p>more</p>"));
    let site = Site::of(page(&snippet)).config(SHOP);
    becomes(&site, &["stale-attributes"], "updated", &after, &[]);
    // What the configuration no longer says goes, and what is the author's stays.
    let less = SHOP.replace("main-color = \"#0b6e5f\"\n", "");
    let site = site.config(&less);
    let after = after.replace(" main-color=\"#0b6e5f\"", "");
    let after = after.replace("=\"main-color operatoe", "=\"operatoe");
    becomes(&site, &["stale-attributes"], "updated", &after, &[]);
    // A comment above a tag that was pasted goes with it, as the vendor's snippet has it.
    let site = Site::of(page(&snippet)).config(SHOP);
    site.ok("remove");
    assert_eq!(site.text("index.html"), page("\n\n\n<p>more</p>"));
}

#[test]
fn rules_folders_and_pages_choose_between_the_two() {
    let config = format!(
        "{BOTH}[[rules]]\nmatch = \"docs/**\"\norganization = \"support\"\n[[rules]]\nmatch = \"shop/**\"\n\
         organization = \"shop\"\n[[rules]]\nlang = \"uk\"\norganization = \"shop\"\n"
    );
    let meta = |name| {
        let directive = format!("<head><meta name=\"chathub\" content=\"organization={name}\">");
        plain().replace("<head>", &directive)
    };
    let site = Site::of(plain())
        .config(&config)
        .page("docs/a.html", plain())
        .page("docs/own.html", meta("shop"))
        .page("docs/uk.html", plain().replace("\"en\"", "\"uk\""))
        .page("shop/a.html", plain())
        .page("shop/own.html", meta("support"))
        .page("shop/quiet/a.html", plain())
        .page("shop/quiet/.chathub.toml", "[[rules]]\nwidget = false\n")
        .page("folder/a.html", plain())
        .page(
            "folder/.chathub.toml",
            "[[rules]]\norganization = \"shop\"\n",
        );
    let before = contents(&site.path(""));
    site.ok("inject");
    let operator = loader_for(" data-org=\"support\"");
    let operator = operator.replace("></script>", " data-routes=\"\"></script>");
    for (path, source, tag) in [
        ("index.html", plain(), String::new()),
        ("docs/a.html", plain(), operator.clone()),
        ("docs/own.html", meta("shop"), bare()),
        ("docs/uk.html", plain().replace("\"en\"", "\"uk\""), bare()),
        ("shop/a.html", plain(), bare()),
        ("shop/own.html", meta("support"), operator),
        ("shop/quiet/a.html", plain(), String::new()),
        ("folder/a.html", plain(), bare()),
    ] {
        let after = source.replace("</body>", &format!("{tag}</body>"));
        assert_eq!(site.text(path), after, "{path}");
    }
    site.ok("verify");
    let routes =
        serde_json::from_str::<serde_json::Value>(&site.text("chathub-assets/routes.json"));
    let routes = routes.unwrap();
    // Most pages in docs/ are for the customer widget, and all in shop/ but one: to the runtime, that is no chat.
    assert_eq!(
        routes,
        json!({
            "chathub": "routes",
            "options": [{"contact": null, "org": "support", "orgs": null, "texts": null}, null],
            "routes": {"/*": 1, "/docs/a": 0, "/shop/own": 0},
        })
    );
    let explained = site.ok("explain shop/a.html").stdout;
    assert!(explained.contains("shop (customer widget)"), "{explained}");
    site.ok("remove");
    assert_eq!(contents(&site.path("")), before);
}

#[test]
fn a_pasted_tag_of_the_other_product_is_told_and_not_touched() {
    let customer = pasted("");
    let operator =
        "<script type=\"module\" id=\"operator-chat-panel-script\" token=\"pasted\"></script>";
    let (support, shop) = (
        format!("default-organization = \"support\"\n{BOTH}"),
        format!("default-organization = \"shop\"\n{BOTH}"),
    );
    let with_routes = |tag: String| tag.replace("></script>", " data-routes=\"\"></script>");
    let loader = with_routes(loader_for(" data-org=\"support\""));
    for (config, other, ours) in [(&support, &*customer, loader), (&shop, operator, bare())] {
        let site = Site::of(page(other)).config(config);
        let report = site.json("verify", 1);
        let rules = ["missing-instance", "other-chat-widget"];
        assert_eq!(report.rules("index.html"), rules, "{other}");
        assert_eq!(site.json("inject", 0).outcome("index.html"), "injected");
        assert_eq!(site.text("index.html"), page(&format!("{other}{ours}")));
        let report = site.json("verify", 0);
        assert_eq!(report.rules("index.html"), ["other-chat-widget"], "{other}");
    }
    // A token in such a tag is as public as anywhere.
    let secret = token("pasted", 3600);
    let site = Site::of(page(&operator.replace("pasted", &secret))).config(&shop);
    let report = site.json("verify", 1);
    assert_eq!(report.findings("secret-in-site").len(), 1);
}

#[test]
fn a_page_for_none_has_neither_once_an_organization_has_it() {
    let config = format!("{BOTH}[[rules]]\nmatch = \"**\"\nwidget = false\n");
    let site = Site::of(page(&pasted(""))).config(&config);
    becomes(&site, &["unexpected-instance"], "removed", &plain(), &[]);
    // Where no organization has it, it is none of our business; but what an earlier run wrote is.
    let config = "[organizations.support]\nid = 6\n";
    let site = Site::of(page(&pasted(""))).config(config);
    becomes(&site, &[], "unchanged", &page(&pasted("")), &[]);
    let site = Site::of(page(&tag())).config(config);
    becomes(&site, &["unexpected-instance"], "removed", &plain(), &[]);
}

#[test]
fn remove_takes_out_what_inject_answers_for() {
    for (config, found, left) in [
        (BOTH, pasted(""), String::new()),
        ("", pasted(""), pasted("")),
        ("", tag(), String::new()),
    ] {
        let site = Site::of(page(&found)).config(config);
        site.ok("remove");
        assert_eq!(site.text("index.html"), page(&left), "{found}");
    }
}

#[test]
fn switching_an_organization_and_back_is_an_update_in_place() {
    let token = token("support", 7200);
    let customer = SHOP.replace("shop", "support");
    let ours = tag().replace("shop", "support");
    let loader = loader_for(" data-org=\"support\"");
    let placeholder = "default-organization = \"support\"\n[organizations.support]\nid = 6\n";
    for (operator, own, mode) in [
        (placeholder, loader, "placeholder"),
        (STATIC, widget(&token, "support"), "static"),
    ] {
        let around = |tag: &str| page(&format!("{tag}<p>behind</p>"));
        let site = Site::of(around("")).env("SUPPORT_TOKEN", &token);
        let site = site.config(operator);
        site.ok("inject");
        let source = page(&format!("<p>behind</p>{own}"));
        assert_eq!(site.text("index.html"), source);
        // Wherever the tag stands by now.
        let site = site.page("index.html", around(&own));
        let site = site.config(&format!("mode = \"{mode}\"\n{customer}"));
        let rules: &[&str] = match mode {
            "static" => &["token-in-placeholder-page", "wrong-src"],
            _ => &["wrong-src"],
        };
        becomes(&site, rules, "updated", &around(&ours), &[]);
        let site = site.config(operator);
        assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
        assert_eq!(site.text("index.html"), around(&own));
        site.ok("verify");
    }
}

#[test]
fn in_a_page_of_xml_it_is_async_and_waits_for_the_body() {
    const XML: &str = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><p>x</p></body></html>\n";
    for position in ["body-end", "head-end"] {
        let config = format!("{SHOP}\n[widget]\nposition = \"{position}\"\n");
        let site = Site::new().page("a.xhtml", XML).config(&config);
        site.ok("inject");
        let ours = tag().replace("\"module\"", "\"module\" async=\"\"");
        let after = XML.replace("</body>", &format!("{ours}</body>"));
        assert_eq!(site.text("a.xhtml"), after, "{position}");
        judge_xml(
            XML.as_bytes(),
            after.as_bytes(),
            &[expected()],
            VendorComment::Stays,
        )
        .unwrap();
        site.ok("verify");
        let site = site.page("a.xhtml", after.replace(" async=\"\"", ""));
        assert_eq!(site.json("verify", 1).rules("a.xhtml"), ["wrong-type"]);
        site.ok("inject");
        site.ok("remove");
        assert_eq!(site.text("a.xhtml"), XML);
    }
}

#[test]
fn what_a_consent_tool_holds_back_stays_held() {
    let held = format!(
        "<script type=\"text/plain\" data-type=\"module\" data-name=\"chat\" id=\"chat-widget-script\" data-src=\"{SRC}\" \
         guid=\"{GUID}\"></script>"
    );
    let site = Site::of(page(&held)).config(SHOP);
    site.ok("inject");
    let found = site.text("index.html");
    let ours = tag()
        .replace("\"module\"", "\"text/plain\" data-type=\"module\"")
        .replace("src=", "data-src=")
        .replace("></script>", " data-name=\"chat\"></script>");
    assert_eq!(found, page(&ours));
    site.ok("verify");
    // Where the loader waits for consent, whoever reads the report has to know that this one does not.
    let config = format!("{SHOP}\n[placeholder]\nconsent = \"consent:given\"\n");
    let site = Site::of(plain()).config(&config);
    for command in ["inject", "verify"] {
        let report = site.json(command, 0);
        let notices = report.0["summary"]["notices"].to_string();
        assert!(notices.contains("customer widget of shop"), "{notices}");
    }
}

#[test]
fn its_address_and_the_nonce_are_settings() {
    let config = format!(
        "{BOTH}[customer-widget]\nsrc = \"https://chat.example.com/w.js\"\n[placeholder]\nnonce = \"CSP_NONCE\"\n"
    );
    let site = Site::of(plain()).config(&format!("default-organization = \"shop\"\n{config}"));
    site.ok("inject");
    let ours = bare().replace(SRC, "https://chat.example.com/w.js");
    let ours = ours.replace(" data-org", " nonce=\"CSP_NONCE\" data-org");
    assert_eq!(site.text("index.html"), page(&ours));
    // By its address alone, however that is written.
    let found = "<script type=module src=//CHAT.example.com/./w.js></script>";
    let site = site.page("index.html", page(found));
    site.ok("inject");
    assert_eq!(site.text("index.html"), page(&ours));
}

#[test]
fn commands_that_need_a_token_say_that_it_has_none() {
    let site = Site::of(plain()).config(SHOP);
    let run = site
        .env("CHATHUB_COMPANY_TOKEN", "not-asked-for")
        .run("token get --org shop");
    run.fails(2, &["`shop` has the customer widget, which needs no token"]);
}
