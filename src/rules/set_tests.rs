//! Which rule wins.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use super::*;
use crate::rules::testing::{ORGANIZATIONS, assigned, config, page, rules, say};
use crate::settings::{FileLine, Inputs, load, load_folder};

#[test]
fn the_last_rule_that_holds_wins() {
    let set = rules(
        "rules = [\n\
         { match = 'shop/**', organization = 'sales' },\n\
         { match = 'shop/help/**', organization = 'support' },\n\
         { match = 'shop/help/private/', widget = false },\n\
         { match = 'shop/help/private/open.html', organizations = ['sales', 'support'] },\n\
         ]",
    );
    for (path, said) in [
        ("shop/a.html", "sales: rule at chathub.toml:2"),
        ("shop/help/a.html", "support: rule at chathub.toml:3"),
        (
            "shop/help/private/x/a.html",
            "nothing: rule at chathub.toml:4",
        ),
        (
            "shop/help/private/open.html",
            "sales+support: rule at chathub.toml:5",
        ),
        (
            "index.html",
            "nothing: no rule matches and there is no default-organization",
        ),
    ] {
        assert_eq!(assigned(&set, path), said);
    }
}

#[test]
fn a_rule_without_conditions_holds_everywhere() {
    let set = rules("rules = [{ organization = 'sales' }, { match = 'a/', widget = false }]");
    assert_eq!(
        assigned(&set, "index.html"),
        "sales: rule at chathub.toml:1"
    );
    assert_eq!(
        assigned(&set, "a/index.html"),
        "nothing: rule at chathub.toml:1"
    );
}

#[test]
fn all_conditions_of_a_rule_must_hold() {
    let set = rules(
        "[[rules]]\nmatch = ['shop/**', 'pricing.html']\nnot = ['shop/terms/', '**/x.html']\n\
         lang = ['uk', 'pl']\norganization = 'uk'",
    );
    let wants = |path, lang| say(&set.assign(&page(path, lang))).starts_with("uk:");
    assert!(wants("shop/a.html", Some("uk")));
    assert!(wants("shop/a.html", Some("uk-UA")));
    assert!(wants("pricing.html", Some("PL")));
    assert!(!wants("shop/a.html", Some("ukx")));
    assert!(!wants("shop/a.html", Some("")));
    assert!(!wants("shop/a.html", None));
    assert!(!wants("blog/a.html", Some("uk")));
    assert!(!wants("shop/terms/a.html", Some("uk")));
    assert!(!wants("shop/x.html", Some("uk")));
}

#[test]
fn any_language_must_still_be_a_language() {
    let set = rules("rules = [{ lang = '*', organization = 'uk' }]");
    assert_eq!(
        say(&set.assign(&page("a", Some("de")))),
        "uk: rule at chathub.toml:1"
    );
    assert!(say(&set.assign(&page("a", Some("")))).starts_with("nothing"));
    assert!(say(&set.assign(&page("a", None))).starts_with("nothing"));
}

#[test]
fn defaults_when_no_rule_holds() {
    let set = rules("default-organization = 'support'\nrules = [{ match = 'a/', widget = true }]");
    assert_eq!(
        assigned(&set, "index.html"),
        "support: default-organization"
    );
    assert_eq!(
        assigned(&set, "a/b.html"),
        "support: rule at chathub.toml:2"
    );

    let unnamed =
        config("rules = [{ match = 'a/', widget = false }, { match = 'a/b/', widget = true }]");
    let unnamed = RuleSet::new(&unnamed).unwrap();
    assert_eq!(
        assigned(&unnamed, "index.html"),
        "unnamed: no organizations are configured"
    );
    assert_eq!(
        assigned(&unnamed, "a/x.html"),
        "nothing: rule at chathub.toml:1"
    );
    assert_eq!(
        assigned(&unnamed, "a/b/x.html"),
        "unnamed: rule at chathub.toml:1"
    );

    let bare = RuleSet::new(&Config::default()).unwrap();
    assert_eq!(
        assigned(&bare, "index.html"),
        "unnamed: no organizations are configured"
    );
}

#[test]
fn the_page_has_the_last_word() {
    let set = rules("[[rules]]\norganization = 'sales'");
    let ask = |directive: &Directive| {
        say(&set.assign(&Page {
            path: b"a.html",
            lang: None,
            directive: Some(directive),
        }))
    };
    assert_eq!(ask(&Directive::Off), "nothing: the page's own directive");
    assert_eq!(
        ask(&Directive::Organization("support".to_owned())),
        "support: the page's own directive"
    );
    assert_eq!(
        ask(&Directive::Organization("suport".to_owned())),
        "unknown suport, near Some(\"support\"): the page's own directive"
    );
    assert_eq!(
        ask(&Directive::Organization("xyz".to_owned())),
        "unknown xyz, near None: the page's own directive"
    );
}

#[test]
fn folders_are_stronger_than_what_is_around_them() {
    let known = config(&format!(
        "{ORGANIZATIONS}\n[[rules]]\nmatch = '**/a.html'\norganization = 'sales'"
    ));
    let root = Arc::new(RuleSet::new(&known).unwrap());
    let folder =
        |path: &str, text: &str| load_folder(Path::new(path), text.as_bytes(), &known).unwrap();
    let shop = root
        .with_folder(
            b"shop",
            folder(
                "shop/.chathub.toml",
                "[[rules]]\nmatch = 'a.html'\norganization = 'support'\n[[rules]]\nmatch = '/x/'\nwidget = false\n",
            ),
        )
        .unwrap();
    let sale = shop
        .with_folder(
            b"shop/x/sale/",
            folder(
                "shop/x/sale/.chathub.toml",
                "[[rules]]\nlang = 'uk'\norganization = 'uk'\n",
            ),
        )
        .unwrap();

    assert_eq!(
        assigned(&root, "shop/a.html"),
        "sales: rule at chathub.toml:8"
    );
    assert_eq!(
        assigned(&shop, "shop/a.html"),
        "support: rule at shop/.chathub.toml:1"
    );
    assert_eq!(
        assigned(&shop, "shop/b/a.html"),
        "sales: rule at chathub.toml:8"
    );
    assert_eq!(
        assigned(&shop, "shop/x/a.html"),
        "nothing: rule at shop/.chathub.toml:4"
    );
    assert_eq!(
        assigned(&sale, "shop/x/sale/a.html"),
        "nothing: rule at shop/.chathub.toml:4"
    );
    assert_eq!(
        say(&sale.assign(&page("shop/x/sale/a.html", Some("uk")))),
        "uk: rule at shop/x/sale/.chathub.toml:1"
    );
    // A page elsewhere, and one in a folder whose name only begins the same.
    assert_eq!(assigned(&shop, "a.html"), "sales: rule at chathub.toml:8");
    assert_eq!(
        assigned(&shop, "shopping/a.html"),
        "sales: rule at chathub.toml:8"
    );
}

#[test]
fn rules_of_the_site_root_folder_are_relative_to_the_site() {
    let known = config(ORGANIZATIONS);
    let root = Arc::new(RuleSet::new(&known).unwrap());
    let specs = load_folder(
        Path::new(".chathub.toml"),
        b"[[rules]]\nmatch = 'shop/'\norganization = 'sales'",
        &known,
    );
    let site = root.with_folder(b"", specs.unwrap()).unwrap();
    assert_eq!(
        assigned(&site, "shop/a.html"),
        "sales: rule at .chathub.toml:1"
    );
}

#[test]
fn rules_of_a_later_file_are_stronger() {
    let folder = tempfile::tempdir().unwrap();
    let base = format!("{ORGANIZATIONS}\n[[rules]]\norganization = 'sales'");
    std::fs::write(folder.path().join("base.toml"), base).unwrap();
    std::fs::write(
        folder.path().join("more.toml"),
        "rules = [{ match = 'a/', organization = 'uk' }]",
    )
    .unwrap();
    let load_files = |files: &[&str]| {
        let config = load(&Inputs {
            files: files.iter().map(PathBuf::from).collect(),
            folder: folder.path().to_path_buf(),
            ..Inputs::default()
        });
        RuleSet::new(&config.unwrap()).unwrap()
    };
    let set = load_files(&["base.toml", "more.toml"]);
    assert_eq!(assigned(&set, "a/x.html"), "uk: rule at more.toml:1");
    assert_eq!(assigned(&set, "x.html"), "sales: rule at base.toml:8");
    let set = load_files(&["more.toml", "base.toml"]);
    assert_eq!(assigned(&set, "a/x.html"), "sales: rule at base.toml:8");
}

#[test]
fn names_that_are_not_utf_8_are_matched() {
    let set = rules("rules = [{ match = 'shop/*.html', organization = 'sales' }]");
    let page = Page {
        path: b"shop/\xff\xfe.html",
        lang: None,
        directive: None,
    };
    assert_eq!(say(&set.assign(&page)), "sales: rule at chathub.toml:1");
}

#[test]
fn sets_are_shared_between_threads() {
    let set = rules("rules = [{ match = 'a/', organization = 'sales' }]");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(assigned(&set, "a/x.html").starts_with("sales")));
        }
    });
    assert!(set.unused().is_empty());
}

#[test]
fn specs_that_no_file_could_hold_are_errors() {
    let spec = |wants, matches: &[&str]| RuleSpec {
        matches: matches.iter().map(|&glob| glob.to_owned()).collect(),
        not: Vec::new(),
        lang: Vec::new(),
        wants,
        min_pages: 0,
        place: FileLine {
            file: "x.toml".into(),
            line: 3,
        },
    };
    let fails = |spec| {
        let config = Config {
            rules: vec![spec],
            ..Config::default()
        };
        RuleSet::new(&config).err().unwrap().to_string()
    };
    assert_eq!(
        fails(spec(Wants::Organizations(vec!["a".to_owned()]), &[])),
        "x.toml:3: unknown organization `a`; add `[organizations.a]`"
    );
    assert_eq!(
        fails(spec(Wants::Nothing, &["a[b"])),
        "x.toml:3: bad glob: unclosed character class; missing ']'; \
         a literal `*`, `?`, `[` or `{` is written in brackets: `[*]`"
    );
    let config = Config {
        default_organization: Some("a".to_owned()),
        ..Config::default()
    };
    assert_eq!(
        RuleSet::new(&config).err().unwrap().to_string(),
        "unknown default-organization `a`; add `[organizations.a]`"
    );
}
