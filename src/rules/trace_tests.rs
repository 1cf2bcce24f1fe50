//! What `explain` and `unused-rule` learn.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use super::*;
use crate::rules::testing::{ORGANIZATIONS, config, page, rules};
use crate::settings::{FileLine, load_folder};

#[test]
fn a_trace_tells_each_rules_reason() {
    let set = rules(
        "rules = [\n\
         { organization = 'sales' },\n\
         { match = ['a/', 'b/'], organization = 'sales' },\n\
         { match = 'shop/', not = ['x/', 'shop/t*'], widget = false },\n\
         { lang = ['uk', 'pl'], organization = 'uk' },\n\
         { match = 'shop/**', organization = 'support' },\n\
         ]",
    );
    let trace = |lang| -> Vec<String> {
        let tried = set.trace(&page("shop/terms.html", lang));
        tried
            .iter()
            .map(|tried| {
                let answer = tried.why_not.as_deref().unwrap_or("holds");
                let won = if tried.won { ", wins" } else { "" };
                format!("{} ({}) {answer}{won}", tried.place, tried.conditions)
            })
            .collect()
    };
    assert_eq!(
        trace(Some("de")),
        [
            "chathub.toml:6 (match \"shop/**\") holds, wins",
            "chathub.toml:5 (lang \"uk\" or \"pl\") the page's language is `de`",
            "chathub.toml:4 (match \"shop/\", not \"x/\" or \"shop/t*\") `not` excludes it: `shop/t*` matches the path",
            "chathub.toml:3 (match \"a/\" or \"b/\") none of the `match` globs matches the path",
            "chathub.toml:2 (every page) holds",
        ]
    );
    assert!(trace(None)[1].ends_with("the page has no language"));
    // Asking is not using.
    assert_eq!(set.unused().len(), 5);
}

#[test]
fn a_directive_leaves_no_rule_to_win() {
    let set = rules("rules = [{ organization = 'sales' }]");
    let tried = set.trace(&Page {
        path: b"a",
        lang: None,
        directive: Some(&Directive::Off),
    });
    assert!(tried[0].held && !tried[0].won);
}

#[test]
fn unused_rules_are_those_that_held_nowhere() {
    let known = config(&format!(
        "{ORGANIZATIONS}\n[[rules]]\nmatch = 'a/'\norganization = 'sales'\n\
         [[rules]]\nmatch = 'nowhere/'\norganization = 'sales'\n[[rules]]\norganization = 'uk'\n"
    ));
    let root = Arc::new(RuleSet::new(&known).unwrap());
    let specs = load_folder(
        Path::new("a/.chathub.toml"),
        b"rules = [{ lang = 'pl', widget = false }]",
        &known,
    );
    let child = root.with_folder(b"a", specs.unwrap()).unwrap();
    let unused = |set: &RuleSet| -> Vec<String> {
        set.unused()
            .iter()
            .map(|rule| format!("{} {}", rule.place, rule.conditions))
            .collect()
    };
    assert_eq!(unused(&child).len(), 4);
    // The first rule holds, though the last one wins: it is not unused.
    let _ = child.assign(&page("a/x.html", None));
    assert_eq!(
        unused(&child),
        [
            "chathub.toml:11 match \"nowhere/\"",
            "a/.chathub.toml:1 lang \"pl\"",
        ]
    );
    assert_eq!(unused(&root), ["chathub.toml:11 match \"nowhere/\""]);
}

proptest::proptest! {
    /// What `explain` says is what `inject` does.
    #[test]
    fn trace_and_assign_agree(
        path in "(a|b|c)(/(a|b|c)){0,3}",
        lang in proptest::option::of("(uk|pl)(-UA)?"),
        specs in proptest::collection::vec(("(a|b|\\*|\\*\\*)(/(a|b|\\*|\\*\\*)){0,2}/?", "(a|b|\\*\\*/c)", "(uk|pl-UA|\\*)", 0u8..8), 0..6),
    ) {
        let specs: Vec<RuleSpec> = specs
            .into_iter()
            .enumerate()
            .map(|(index, (glob, not, range, given))| RuleSpec {
                matches: if given & 1 == 0 { vec![] } else { vec![glob] },
                not: if given & 2 == 0 { vec![] } else { vec![not] },
                lang: if given & 4 == 0 { vec![] } else { vec![range] },
                wants: Wants::Nothing,
                min_pages: 0,
                place: FileLine { file: "x".into(), line: index + 1 },
            })
            .collect();
        let (mine, folder): (Vec<_>, Vec<_>) = specs.into_iter().partition(|spec| spec.place.line % 2 == 0);
        let config = Config { rules: mine, ..Config::default() };
        let set = Arc::new(RuleSet::new(&config).unwrap()).with_folder(b"a", folder).unwrap();
        let page = page(&path, lang.as_deref());
        let tried = set.trace(&page);
        let won: Vec<_> = tried.iter().filter(|tried| tried.won).map(|tried| tried.place.clone()).collect();
        let because = set.assign(&page).because;
        match won.as_slice() {
            [] => proptest::prop_assert_eq!(because, Because::NoOrganizations),
            [place] => proptest::prop_assert_eq!(because, Because::Rule { place: place.clone() }),
            _ => proptest::prop_assert!(false, "two winners"),
        }
        let held = tried.iter().filter(|tried| tried.held).count();
        proptest::prop_assert_eq!(set.unused().len(), tried.len() - held);
    }
}
