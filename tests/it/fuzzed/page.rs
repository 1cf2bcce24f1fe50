//! Any bytes as a page: scanned, planned, spliced, and judged by a second parser.

use std::sync::LazyLock;

use chathub::page::{Change, Nature, Scanner, Source, Syntax, Target, Task, plan, splice};
use chathub::widget::{ContactLink, LoaderSettings, Tag, WIDGET_SRC};

use crate::judge::{Expected, VendorComment, inserted_once, judge, kept_outside, read};

const SRC: &str = "/chathub-assets/runtime.0123456789abcdef.js";
const INTEGRITY: &str = "sha384-oqVuAfXRKap7fdgcCY5uykM6";
const ENDPOINT: &str = "/api/chathub/token";
const ORGANIZATION: &str = "support";
/// Address and text of the contact link.
const LINK: (&str, &str) = ("mailto:a@example.com", "Write & call");
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
            widget_src: WIDGET_SRC,
            nonce: None,
            routes: false,
            options: Vec::new(),
            link,
        };
        Tag::loader(&settings, &[ORGANIZATION])
    };
    let widget = Tag::widget(WIDGET_SRC, ORGANIZATION, Some(TOKEN));
    let setup = |name, head, syntax, tag: &Tag, expected: Expected| Setup {
        name,
        scanner: Scanner::new(WIDGET_SRC, head).expect("the address is of sane length"),
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
        src: WIDGET_SRC.to_owned(),
        organization: ORGANIZATION.to_owned(),
        token: TOKEN.to_owned(),
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
    let had = read(page).instances.len();
    for setup in &*SETUPS {
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
    /// What a run with this task makes of a page.
    fn run(&self, page: &[u8], task: Task<'_>) -> Outcome {
        let Ok(source) = Source::new(page.to_vec(), self.syntax) else {
            return Outcome::Refused;
        };
        let facts = self.scanner.scan(source.text(), self.syntax);
        // The pipeline takes these for no pages at all.
        let no_text = source.text().is_empty() || source.text().contains(&0);
        if facts.nature == Nature::Fragment && no_text && facts.instances.is_empty() {
            return Outcome::Refused;
        }
        let Ok(plan) = plan(&source, &facts, task, self.target, &self.scanner, &|| false) else {
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
            judge(page, &bytes, expected, VendorComment::Stays)
                .and_then(|()| {
                    if inserted {
                        inserted_once(page, &bytes).map(drop)
                    } else {
                        kept_outside(page, &bytes, false)
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
                judge(page, &bytes, &[], VendorComment::Stays)
                    .and_then(|()| kept_outside(page, &bytes, false))
                    .map_err(|why| format!("a page that is to have none: {why}"))?;
            }
            _ => {}
        }
        self.undoes(page, had, page)
    }

    /// What `remove` may make of a page, which was `source` once, with so many live instances.
    fn undoes(&self, source: &[u8], had: usize, page: &[u8]) -> Result<(), String> {
        let bytes = match self.run(page, Task::Purge) {
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
        judge(source, &bytes, &[], VendorComment::MayGo)
            .and_then(|()| kept_outside(source, &bytes, true))
            .map_err(|why| format!("remove: {why}"))
    }
}
