//! Any bytes as a page: scanned, planned, spliced, and judged by a second parser.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chathub::internal::html::{
    Change, PageKind, Scanner, Source, Syntax, Target, Task, plan, splice,
};
use chathub::internal::widget::{Addresses, ContactLink, LoaderSettings, Product, Tag};

use crate::judge::{
    Answers, Expected, VendorComment, inserted_once, judge_as, kept_outside_as, read_as,
};

const SRC: &str = "/chathub-assets/runtime.0123456789abcdef.js";
const INTEGRITY: &str = "sha384-oqVuAfXRKap7fdgcCY5uykM6";
const ENDPOINT: &str = "/api/chathub/token";
const ORGANIZATION: &str = "support";
/// Address and text of the contact link.
const LINK: (&str, &str) = ("mailto:a@example.com", "Write & call");
const GUID: &str = "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21";
const TOKEN: &str = "a&\"b";

/// How a site is configured: where tags go, and which.
struct Setup {
    name: &'static str,
    scanner: Scanner,
    target: Target,
    /// By whose rules pages are read.
    syntax: Syntax,
    tag: Tag,
    expected: Expected,
}

static SETUPS: LazyLock<Vec<Setup>> = LazyLock::new(|| {
    let loader = |link| {
        let settings = LoaderSettings {
            src: SRC,
            integrity: INTEGRITY,
            endpoint: ENDPOINT,
            load: "idle",
            contact: None,
            widget_src: Product::Operator.src(),
            nonce: None,
            routes: false,
            options: Vec::new(),
            link,
        };
        Tag::loader(&settings, &[ORGANIZATION])
    };
    let widget = Tag::widget(Product::Operator.src(), ORGANIZATION, Some(TOKEN));
    let configured = [("main-color", "#0b6e5f"), ("icon-color", "a&\"b")];
    let configured = configured.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let attributes: BTreeMap<_, _> = configured.into_iter().collect();
    let src = Product::Customer.src();
    let customer = Tag::customer(src, ORGANIZATION, GUID, &attributes, None);
    let setup = |name, head, syntax, tag: &Tag, expected: Expected| Setup {
        name,
        scanner: Scanner::new(Addresses::default(), head).expect("the address is of sane length"),
        target: if head {
            Target::HeadEnd
        } else {
            Target::BodyEnd
        },
        syntax,
        tag: tag.clone(),
        expected,
    };
    let a_loader = |link| Expected::Loader {
        src: SRC.to_owned(),
        integrity: INTEGRITY.to_owned(),
        endpoint: ENDPOINT.to_owned(),
        organizations: vec![ORGANIZATION.to_owned()],
        link,
    };
    let a_widget = || Expected::Widget {
        src: Product::Operator.src().to_owned(),
        organization: ORGANIZATION.to_owned(),
        token: TOKEN.to_owned(),
    };
    let a_customer = || Expected::Customer {
        src: Product::Customer.src().to_owned(),
        organization: ORGANIZATION.to_owned(),
        guid: GUID.to_owned(),
        attributes: attributes.clone().into_iter().collect(),
    };
    let link = ContactLink::new(LINK.0.to_owned(), LINK.1.to_owned());
    let (plain, linked) = (loader(None), loader(Some(link)));
    let with_link = a_loader(Some((LINK.0.to_owned(), LINK.1.to_owned())));
    vec![
        setup(
            "loader, body-end",
            false,
            Syntax::Html,
            &plain,
            a_loader(None),
        ),
        setup(
            "loader, head-end",
            true,
            Syntax::Html,
            &plain,
            a_loader(None),
        ),
        setup("loader and link", false, Syntax::Html, &linked, with_link),
        setup(
            "widget, body-end",
            false,
            Syntax::Declared,
            &widget,
            a_widget(),
        ),
        setup(
            "widget, head-end",
            true,
            Syntax::Declared,
            &widget,
            a_widget(),
        ),
        setup(
            "customer widget, body-end",
            false,
            Syntax::Html,
            &customer,
            a_customer(),
        ),
        setup(
            "customer widget, head-end",
            true,
            Syntax::Declared,
            &customer,
            a_customer(),
        ),
    ]
});

/// What became of a page.
enum Outcome {
    /// It stays as it was.
    Refused,
    /// Its bytes, and whether a new tag is what changed.
    Done { bytes: Vec<u8>, inserted: bool },
}

/// Demands that a page is made right or refused, that this is final, and that it can be undone, in every setup.
pub(crate) fn check(page: &[u8]) {
    facts_are_the_same(page);
    for setup in &*SETUPS {
        let had = read_as(page, setup.without()).instances.len();
        if let Err(why) = setup.keeps_promises(page, had) {
            panic!("{}: {why}\n{}", setup.name, page.escape_ascii());
        }
    }
}

/// The shortcut through plain pages finds what lol_html finds.
fn facts_are_the_same(page: &[u8]) {
    if let Ok(source) = Source::new(page.to_vec(), Syntax::Html) {
        let scanner = &SETUPS[0].scanner;
        let short = scanner.scan(source.text(), Syntax::Html);
        let whole = scanner.scan_whole(source.text(), false);
        assert_eq!(short, whole, "{}", page.escape_ascii());
    }
}

impl Setup {
    /// Whether organizations have the customer widget.
    fn customers(&self) -> bool {
        matches!(self.expected, Expected::Customer { .. })
    }

    /// What it answers for in a page that is to have one.
    fn with(&self) -> Answers {
        if self.customers() {
            Answers::Customer
        } else {
            Answers::Operator
        }
    }

    /// The same for a page that is to have none.
    fn without(&self) -> Answers {
        if self.customers() {
            Answers::Both
        } else {
            Answers::Operator
        }
    }

    /// What a run with this task makes of a page.
    fn run(&self, page: &[u8], task: Task<'_>) -> Outcome {
        let Ok(source) = Source::new(page.to_vec(), self.syntax) else {
            return Outcome::Refused;
        };
        let facts = self.scanner.scan(source.text(), self.syntax);
        // A run takes these for no pages at all.
        let no_text = source.text().is_empty() || source.text().contains(&0);
        if facts.nature == PageKind::Fragment && no_text && facts.instances.is_empty() {
            return Outcome::Refused;
        }
        let scope = task.scope(self.customers());
        let (target, scanner) = (self.target, &self.scanner);
        let Ok(plan) = plan(&source, &facts, task, target, scope, scanner, &|| false) else {
            return Outcome::Refused;
        };
        let mut bytes = Vec::new();
        splice(source.bytes(), &plan.edits, &mut bytes).expect("memory takes all");
        let inserted = |change: &Change| matches!(change, Change::Insert(_));
        Outcome::Done {
            bytes,
            inserted: plan.changes.iter().any(inserted),
        }
    }

    /// `had`: how many live instances the page has.
    fn keeps_promises(&self, page: &[u8], had: usize) -> Result<(), String> {
        let task = Task::Tag(&self.tag);
        if let Outcome::Done { bytes, inserted } = self.run(page, task) {
            let expected = std::slice::from_ref(&self.expected);
            judge_as(page, &bytes, expected, self.with(), VendorComment::Stays)
                .and_then(|()| {
                    if inserted {
                        inserted_once(page, &bytes).map(drop)
                    } else {
                        kept_outside_as(page, &bytes, self.with(), false)
                    }
                })
                .map_err(|why| format!("inject: {why}"))?;
            match self.run(&bytes, task) {
                Outcome::Done { bytes: again, .. } if again == bytes => {}
                Outcome::Done { .. } => return Err("inject again: written".to_owned()),
                Outcome::Refused => return Err("inject again: refused".to_owned()),
            }
            self.undoes(page, had, &bytes)?;
        }
        match self.run(page, Task::Nothing) {
            Outcome::Done { bytes, .. } if had > 0 || bytes != page => {
                judge_as(page, &bytes, &[], self.without(), VendorComment::Stays)
                    .and_then(|()| kept_outside_as(page, &bytes, self.without(), false))
                    .map_err(|why| format!("a page that is to have none: {why}"))?;
            }
            _ => {}
        }
        self.undoes(page, had, page)
    }

    /// What `remove` may make of a page, which was `source` once, with so many live instances.
    fn undoes(&self, source: &[u8], had: usize, page: &[u8]) -> Result<(), String> {
        let bytes = match self.run(page, Task::Remove) {
            Outcome::Done { bytes, .. } => Some(bytes),
            Outcome::Refused => None,
        };
        if had == 0 {
            return match bytes {
                Some(bytes) if bytes == source => Ok(()),
                None if page == source => Ok(()),
                _ => Err("not what it was after remove".to_owned()),
            };
        }
        let Some(bytes) = bytes else {
            return Ok(());
        };
        judge_as(source, &bytes, &[], self.without(), VendorComment::MayGo)
            .and_then(|()| kept_outside_as(source, &bytes, self.without(), true))
            .map_err(|why| format!("remove: {why}"))
    }
}
