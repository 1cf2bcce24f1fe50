//! Pages that would take a parser forever: refused by the work that they take, which is the same on every machine, and left at
//! once when the run is to stop.

use std::cell::Cell;

use chathub::internal::html::{Plan, Refusal, Scanner, Source, Syntax, Target, Task, plan};
use chathub::internal::widget::{Addresses, Tag};

use crate::common::{HEAD, Site, WIDGET_SRC, loader, page, plain};

fn planned(page: &str, stop: &dyn Fn() -> bool) -> Result<Plan, Refusal> {
    let source = Source::new(page.as_bytes().to_vec(), Syntax::Html).unwrap();
    let scanner = Scanner::new(Addresses::default(), false).unwrap();
    let facts = scanner.scan(source.text(), Syntax::Html);
    let tag = Tag::widget(WIDGET_SRC, "x", Some("y"));
    let task = Task::Tag(&tag);
    plan(
        &source,
        &facts,
        task,
        Target::BodyEnd,
        task.scope(false),
        &scanner,
        stop,
    )
}

/// Text behind the end of the page: no place is certain, so a full parse has to confirm one.
fn uncertain(body: &str) -> String {
    format!("{HEAD}{body}</body></html>text")
}

#[test]
fn what_takes_too_long_is_refused_with_the_reason() {
    let attributes: Vec<_> = (0..16_000).map(|n| format!(" a{n}")).collect();
    let attributes = attributes.concat();
    let pages = [
        ("nested.html", "<div>".repeat(12_000) + "x"),
        ("attributes.html", format!("<p{attributes}>")),
        (
            "moved.html",
            "<table>".to_owned() + &"<i>x</i>".repeat(12_000),
        ),
    ];
    let site = pages.iter().fold(Site::of(plain()), |site, (name, body)| {
        site.page(name, uncertain(body))
    });
    let report = site.json("inject", 3);
    for (name, body) in &pages {
        assert_eq!(report.outcome(name), "refused", "{name}");
        let reason = report.reason(name);
        assert!(reason.contains("would take too long"), "{name}: {reason}");
        assert_eq!(site.text(name), uncertain(body), "{name}");
    }
    assert_eq!(site.text("index.html"), page(&loader()));
}

/// Parsers of XML cannot be interrupted, so none gets such a page; and what XML's rules have proved is not given up where HTML's
/// take too long.
#[test]
fn pages_of_xml_are_bounded_too() {
    let page = |body: &str| {
        format!(
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body>{body}</body></html>"
        )
    };
    let deep = |count| "<div>".repeat(count) + "x" + &"</div>".repeat(count);
    let attributes = " a=\"\"".repeat(12_000);
    let namespaces = "<p xmlns:n=\"x\">".repeat(2000);
    let pages = [
        ("deep.xhtml", deep(100_000)),
        ("attributes.xhtml", format!("<p{attributes}/>")),
        ("namespaces.xhtml", namespaces + &"</p>".repeat(2000)),
    ];
    // To HTML, nothing of it is closed.
    let fine = [
        ("some.xhtml", deep(600)),
        ("flat.xhtml", "<div/>".repeat(12_000)),
    ];
    let site = pages
        .iter()
        .chain(&fine)
        .fold(Site::of(plain()), |site, (name, body)| {
            site.page(name, page(body))
        });
    let report = site.json("inject", 3);
    for (name, body) in &pages {
        assert_eq!(report.outcome(name), "refused", "{name}");
        assert!(
            report.reason(name).contains("too long"),
            "{}",
            report.reason(name)
        );
        assert_eq!(site.text(name), page(body), "{name}");
    }
    for (name, _) in &fine {
        assert_eq!(report.outcome(name), "injected", "{name}");
    }
    assert_eq!(report.outcome("index.html"), "injected");
}

#[test]
fn deep_and_long_pages_of_everyday_are_proved() {
    let deep = "<div>".repeat(600) + "x";
    let long =
        "<ul><li><b>x</b> <a href=x class=y>y</a></li></ul><table><tr><td>z</table>".repeat(1000);
    let site = Site::of(uncertain(&deep)).page("long.html", uncertain(&long));
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("index.html"), "injected");
    assert_eq!(report.outcome("long.html"), "injected");
    site.ok("verify");
}

#[test]
fn a_run_that_is_to_stop_leaves_a_slow_page_at_once() {
    let slow = uncertain(&("<div>".repeat(1000) + "x"));
    assert!(matches!(planned(&slow, &|| true), Err(Refusal::Stopped)));
    // It asks again and again: between two questions lies no more work than a million steps and what one small piece takes.
    let asked = Cell::new(0);
    let plan = planned(&slow, &|| {
        asked.set(asked.get() + 1);
        false
    });
    assert!(plan.is_ok());
    assert!(asked.get() >= 4, "{}", asked.get());
    let asked = Cell::new(0);
    let stopped = planned(&slow, &|| {
        asked.set(asked.get() + 1);
        asked.get() > 2
    });
    assert!(matches!(stopped, Err(Refusal::Stopped)));
    assert_eq!(asked.get(), 3);
}

/// All that is found on one page is found in one pass over it, not in one each.
#[test]
fn much_on_one_page_takes_no_longer_than_it_must() {
    let many = |piece: &str| format!("{HEAD}{}</body></html>", piece.repeat(200));
    let site = Site::of(many("<script data-chathub></script>"))
        .page(
            "inert.html",
            many("<!-- <script data-chathub></script> -->\n<p>x"),
        )
        .page("letters.html", many(&"eyJ".repeat(20)))
        .page("open.html", format!("{HEAD}{}", "<script".repeat(2000)));
    let report = site.json("verify", 1);
    assert_eq!(
        report
            .rules("index.html")
            .iter()
            .filter(|r| **r == "duplicate-instance")
            .count(),
        199
    );
    let inert = report.page("inert.html")["findings"].as_array().unwrap();
    let last = inert
        .iter()
        .rfind(|f| f["rule"] == "inert-instance")
        .unwrap();
    assert_eq!(last["place"]["line"], 200);
    assert_eq!(last["place"]["column"], 10);
    assert!(report.findings("secret-in-site").is_empty());
    site.ok("inject");
    site.ok("verify");
}
