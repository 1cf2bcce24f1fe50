//! Tags that their author holds back until the visitor consents.

use super::*;

/// A tag that its author holds back for consent: the attributes that hold it, and where its address is.
fn held(tag: &str, hold: &str, address: &str) -> String {
    let tag = tag.replace("<script type=\"module\"", "<script type=\"text/plain\"");
    let tag = tag.replace(" src=\"", &format!(" {address}=\""));
    tag.replace("></script>", &format!(" {hold}></script>"))
}

/// What the loader tag is to look like in its place.
fn held_loader(hold: &str, address: &str) -> String {
    let tag = held(&loader(), hold, address);
    tag.replace(
        "type=\"text/plain\"",
        "type=\"text/plain\" data-type=\"module\"",
    )
}

#[test]
fn a_tag_that_is_held_back_for_consent_stays_held() {
    for (hold, written) in [
        ("data-category=\"chat\"", "src"),
        ("data-category=\"chat\" data-type=\"module\"", "src"),
        (
            "data-category=\"chat\" data-service=\"ChatHub\"",
            "data-src",
        ),
        ("data-cookiecategory=\"chat\"", "src"),
        (
            "data-type=\"text/javascript\" data-name=\"chathub\"",
            "data-src",
        ),
    ] {
        let site = placeholder(&page(&held(&pasted(SNIPPET_ID), hold, written)));
        let kept = hold
            .replace(" data-type=\"module\"", "")
            .replace("data-type=\"text/javascript\" ", "");
        let after = page(&held_loader(&kept, written));
        let before = ["token-in-placeholder-page", "wrong-src"];
        expect(&site, &before, "updated", &after, &[]);
        expect_right(&site);
        let explained = site.run("explain index.html");
        assert!(
            explained.exits(0).stdout.contains("held back for consent"),
            "{hold}"
        );
        let removed = page("");
        assert_eq!(site.json("remove", 0).outcome("index.html"), "removed");
        assert_eq!(site.text("index.html"), removed, "{hold}");
    }
}

#[test]
fn a_hold_that_may_never_end_as_a_module_is_kept_and_reported() {
    for (hold, written, tool) in [
        ("data-cookieconsent=\"marketing\"", "src", "Cookiebot"),
        (
            "data-cookieconsent=\"marketing\"",
            "data-cookieblock-src",
            "Cookiebot",
        ),
        ("class=\"optanon-category-C0004\"", "src", "OneTrust"),
        (
            "class=\"cmplz-script\" data-category=\"marketing\"",
            "src",
            "Complianz",
        ),
        ("data-usercentrics=\"ChatHub\"", "src", "Usercentrics"),
        (
            "class=\"_iub_cs_activate\"",
            "data-suppressedsrc",
            "iubenda",
        ),
        ("lang=\"en\"", "src", "an unknown consent tool"),
    ] {
        let site = placeholder(&page(&held(&pasted(SNIPPET_ID), hold, written)));
        let human = site.run("inject --dry-run -v");
        let said = &human.exits(0).stdout;
        assert!(
            said.contains(&format!("it stays held back for consent ({tool})")),
            "{said}"
        );
        assert!(said.contains("not known to start ES modules"), "{said}");
        let before = ["held-instance", "token-in-placeholder-page", "wrong-src"];
        let report = site.run("verify --format json");
        let report = crate::common::Report::of(&report.exits(1).stdout);
        let mut rules = report.rules("index.html");
        rules.sort_unstable();
        assert_eq!(rules, before, "{hold}");
        assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
        assert_eq!(site.text("index.html"), page(&held_loader(hold, written)));
        assert_eq!(
            site.json("verify", 0).rules("index.html"),
            ["held-instance"]
        );
        assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
    }
}

#[test]
fn of_two_tags_the_one_that_is_held_back_stays() {
    let hold = "data-category=\"chat\"";
    let waiting = held(&pasted("operator-chat-panel-script-2"), hold, "src");
    let after = held_loader(hold, "src");
    for (tags, after) in [
        (format!("{}{waiting}", loader()), after.clone()),
        (
            format!("{waiting}<p>x</p>{}", loader()),
            format!("{after}<p>x</p>"),
        ),
        (format!("{}{after}", pasted(SNIPPET_ID)), after.clone()),
    ] {
        let site = placeholder(&page(&tags));
        let said = site.run("inject --dry-run -v");
        let said = &said.exits(0).stdout;
        assert!(
            said.contains("since the one held back for consent stays"),
            "{said}"
        );
        assert_eq!(site.json("inject", 0).outcome("index.html"), "deduplicated");
        assert_eq!(site.text("index.html"), page(&after));
        expect_right(&site);
    }
}

#[test]
fn a_hold_that_cannot_be_kept_leaves_the_page_as_it_is() {
    let consenthub = held(&pasted(SNIPPET_ID), "data-consent=\"marketing\"", "src");
    let own_widget = "[widget]\nsrc = \"https://chat.example/w.js\"\n";
    let klaro = held(&pasted(SNIPPET_ID), "data-name=\"chathub\"", "src");
    for (tag, config, attribute) in [
        (&consenthub, "", "data-consent"),
        (&klaro, own_widget, "data-src"),
    ] {
        let site = placeholder(&page(tag)).config(config);
        let said = site.run("inject -v");
        let said = &said.exits(3).stdout;
        assert!(
            said.contains("held back for consent") && said.contains(attribute),
            "{said}"
        );
        assert_eq!(site.text("index.html"), page(tag));
        let report = site.run("verify --format json");
        let report = crate::common::Report::of(&report.exits(1).stdout);
        assert_eq!(report.rules("index.html"), ["page-refused"]);
        // There is no loader to get wrong.
        assert_eq!(site.json("remove", 0).outcome("index.html"), "removed");
    }
}
