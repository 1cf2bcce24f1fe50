//! `placeholder.contact-link`: a plain link behind the loader tag, put there where a browser makes nothing else of the page,
//! kept right, and taken out again with the tag.

use crate::common::{Report, STATIC, Site, loader, page, plain, token};

const CONFIG: &str = "[placeholder]\ncontact = \"mailto:help@example.com\"\ncontact-link = true\n";
const LINK: &str = "<a data-chathub-contact=\"injected\" href=\"mailto:help@example.com\" data-pagefind-ignore=\"\">help@example.com</a>";

/// The loader tag of a site with a contact.
fn tag() -> String {
    loader().replace(
        "></script>",
        " data-contact=\"mailto:help@example.com\"></script>",
    )
}

fn site(page: &str) -> Site {
    Site::of(page).config(CONFIG)
}

/// Injects, twice, and wants this page; `verify` and a second run find nothing to do, and `remove` restores the page.
fn injects(before: &str, after: &str) -> Report {
    let site = site(before);
    let report = site.json("inject", 0);
    assert_eq!(site.text("index.html"), after);
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
    site.ok("verify");
    site.ok("remove");
    assert_eq!(site.text("index.html"), before);
    report
}

#[test]
fn it_stands_right_behind_the_tag() {
    let after = page(&format!("{}{LINK}", tag()));
    let report = injects(&plain(), &after);
    assert_eq!(report.outcome("index.html"), "injected");
    // A minified page without end tags, and one in a legacy encoding by its own account.
    let bare = "<!doctype html><meta charset=windows-1251><title>t</title><p>text";
    injects(bare, &format!("{bare}{}{LINK}", tag()));
}

#[test]
fn its_text_and_address_are_those_of_the_organization_and_the_language() {
    let config = "default-organization = \"sales\"\n[placeholder]\ncontact = \"tel:112\"\ncontact-link = true\n\
        texts.contact = \"Call us\"\ntexts.uk.contact = \"Пишіть & дзвоніть\"\n\
        [organizations.sales]\nid = 1\ncontact = \"https://example.com/a?b=1&c=2\"\n[organizations.other]\nid = 2\n\
        [[rules]]\nmatch = \"other/\"\norganization = \"other\"\n";
    let site = Site::of(plain().replace("lang=\"en\"", "lang=\"uk\""))
        .page("other/index.html", plain())
        .config(config);
    site.ok("inject");
    let references = "Пишіть".chars().map(|c| format!("&#{};", u32::from(c)));
    let text = references.collect::<Vec<_>>().concat();
    let link = format!(
        "<a data-chathub-contact=\"injected\" href=\"https://example.com/a?b=1&amp;c=2\" data-pagefind-ignore=\"\">{text} &amp; "
    );
    let found = site.text("index.html");
    assert!(found.contains(&link), "{found}");
    let link = "<a data-chathub-contact=\"injected\" href=\"tel:112\" data-pagefind-ignore=\"\">Call us</a>";
    let found = site.text("other/index.html");
    assert!(found.contains(link), "{found}");
    site.ok("verify");
}

#[test]
fn one_that_changed_is_stale_and_made_right_in_place() {
    let old = LINK.replace("help@", "old@");
    for (found, difference) in [
        (format!("{}\n  {old}<!-- x -->", tag()), "old@example.com"),
        (format!("{}<!-- x -->", tag()), "missing"),
        (
            format!("{}\n  {}<!-- x -->", tag(), LINK.replace(">help", ">Help ")),
            "Help",
        ),
        // Of a version that let the site's search index it.
        (
            format!(
                "{}{}<!-- x -->",
                tag(),
                LINK.replace(" data-pagefind-ignore=\"\"", "")
            ),
            "without data-pagefind-ignore",
        ),
    ] {
        let site = site(&page(&found));
        site.ok("inject -n");
        let report = site.json("verify", 1);
        assert_eq!(report.rules("index.html"), ["stale-loader"]);
        let message = report.findings("stale-loader")[0]["message"].to_string();
        assert!(
            message.contains("contact link") && message.contains(difference),
            "{message}"
        );
        assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
        let gap = if found.contains('\n') { "\n  " } else { "" };
        assert_eq!(
            site.text("index.html"),
            page(&format!("{}{gap}{LINK}<!-- x -->", tag()))
        );
        site.ok("verify");
    }
    // White space of a formatter's is none of its meaning.
    let formatted = LINK.replace(">help@example.com<", ">\n    help@example.com\n  <");
    // A minifier drops the empty value, and a stronger one keeps as much out of the index.
    for formatted in [
        formatted,
        LINK.replace("ignore=\"\"", "ignore"),
        LINK.replace("ignore=\"\"", "ignore=all"),
    ] {
        let page = page(&format!("{}\n{formatted}", tag()));
        let site = site(&page);
        assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
        assert_eq!(site.text("index.html"), page);
    }
}

#[test]
fn without_the_setting_it_goes_and_copies_of_the_tag_take_theirs_along() {
    let both = format!("{}{LINK}", tag());
    let site = Site::of(page(&both)).config(&CONFIG.replace("true", "false"));
    assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
    assert_eq!(site.text("index.html"), page(&tag()));

    let site = Site::of(page(&format!("{both}<p>between</p>{both}\n"))).config(CONFIG);
    assert_eq!(site.json("inject", 0).outcome("index.html"), "deduplicated");
    assert_eq!(
        site.text("index.html"),
        page(&format!("{both}<p>between</p>\n"))
    );

    let site = Site::of(page(&both)).config(
        "default-organization = \"a\"\n[organizations.a]\nid = 1\n[[rules]]\nwidget = false\n",
    );
    assert_eq!(site.json("inject", 0).outcome("index.html"), "removed");
    assert_eq!(site.text("index.html"), plain());
}

#[test]
fn a_link_of_the_authors_stays_and_is_enough() {
    let own = "<a data-chathub-contact href=\"/help\">Help</a>";
    for before in [page(&format!("<footer>{own}</footer>")), page(own)] {
        let site = site(&before);
        let report = site.json("inject", 0);
        assert_eq!(report.outcome("index.html"), "injected");
        let after = site.text("index.html");
        assert!(!after.contains("injected\""), "{after}");
        assert_eq!(after.replace(&tag(), ""), before);
        assert!(
            site.json("verify", 0)
                .findings("missing-contact-link")
                .is_empty()
        );
        assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
        site.ok("remove");
        assert_eq!(site.text("index.html"), before);
    }
    // In a comment or a template it serves nobody.
    let inert = format!("<!-- {own} --><template>{own}</template>");
    injects(&page(&inert), &page(&format!("{inert}{}{LINK}", tag())));
}

#[test]
fn where_a_link_would_change_the_page_the_tag_goes_without_and_verify_says_so() {
    let head = "<!doctype html><html lang=\"en\"><head><title>t</title>";
    let tag = tag();
    for (before, after) in [
        // It would be bold: a start tag opens formatting that was never closed once more.
        (
            format!("{head}</head><body><p><b>bold</p></body></html>"),
            format!("{head}</head><body><p><b>bold</p>{tag}</body></html>"),
        ),
        // It would end the link that is open.
        (
            format!("{head}</head><body><a href=x>open</body></html>"),
            format!("{head}</head><body><a href=x>open{tag}</body></html>"),
        ),
        // It would stand before the table that is open.
        (
            format!("{head}</head><body><table><tr><td>x</td></tr></body></html>"),
            format!("{head}</head><body><table><tr><td>x</td></tr>{tag}</body></html>"),
        ),
        // It would stand in the middle of the text: the tag does already.
        (
            format!("{head}</head><body>{tag}<p>x</body></html>"),
            format!("{head}</head><body>{tag}<p>x</body></html>"),
        ),
        // It would begin the body, whose attributes come later: the tag stands in the head already.
        (
            format!("{head}{tag}</head><body class=\"a\"><p>x</body></html>"),
            format!("{head}{tag}</head><body class=\"a\"><p>x</body></html>"),
        ),
    ] {
        let site = site(&before);
        let report = site.json("inject", 0);
        assert_eq!(site.text("index.html"), after);
        if before != after {
            let changes = site_changes(&report);
            assert!(changes.contains("no contact link"), "{changes}");
        }
        let report = site.json("verify", 0);
        assert_eq!(report.rules("index.html"), ["missing-contact-link"]);
        assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
        // The last two pages had the tag to begin with.
        if before != after {
            site.ok("remove");
            assert_eq!(site.text("index.html"), before);
        }
    }
}

fn site_changes(report: &Report) -> String {
    report.0["pages"][0]["changes"].to_string()
}

#[test]
fn static_mode_has_none_and_takes_it_out() {
    let site = Site::of(page(&format!("{}{LINK}", tag())))
        .config(&format!("{STATIC}{CONFIG}"))
        .env("SUPPORT_TOKEN", &token("operator", 80_000));
    assert_eq!(site.json("inject", 0).outcome("index.html"), "updated");
    let text = site.text("index.html");
    assert!(
        text.contains("operator-chat-panel-script") && !text.contains("<a"),
        "{text}"
    );
}

#[test]
fn one_that_somebody_has_damaged_is_refused_and_none_of_it_is_lost() {
    let damaged = [
        // Never closed, holding more than text, moved out of its place, moved, and in other letters.
        LINK.replace("</a>", ""),
        LINK.replace("</a>", " <b>now</b></a>"),
        LINK.replace("</a>", "<!-- now --></a>"),
        format!("<p>Or: {LINK}"),
        LINK.replace("</a>", "")
            .replace("data-chathub", "DATA-CHATHUB"),
    ];
    for damaged in damaged {
        let text = page(&format!("{}{damaged}", tag()));
        let site = site(&text);
        assert_eq!(site.json("verify", 1).rules("index.html"), ["page-refused"]);
        for command in ["inject", "remove"] {
            let report = site.json(command, 3);
            assert_eq!(report.outcome("index.html"), "refused", "{damaged}");
            let reason = report.reason("index.html");
            assert!(reason.contains("take it out by hand"), "{reason}");
            assert_eq!(site.text("index.html"), text);
        }
    }
}

#[test]
fn a_page_may_speak_of_the_links_attribute() {
    let speaks = "<p><code>data-chathub-contact</code> marks it";
    let text = page(&format!("{}{LINK}{speaks}", tag()));
    let site = site(&text);
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
    site.ok("verify");
    site.ok("remove");
    assert_eq!(site.text("index.html"), page(speaks));
}
