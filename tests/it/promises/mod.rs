//! What is promised of any page at all, checked on a whole site at once: one run of each command over many pages.

use std::collections::BTreeMap;
use std::path::Path;

use crate::judge::{
    Answers, Expected, VendorComment, inserted_once, judge_as, judge_xml_as, kept_outside_as,
    read_as, read_xml, read_xml_as,
};
use crate::site::{ASSETS, Files, Page, Run, Site, loader};

/// How a site is configured.
// Each is a switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    /// Whether tags go to the end of the head.
    pub(crate) head: bool,
    /// Whether fragments, framesets and their like are pages, too.
    pub(crate) everything: bool,
    /// Whether a contact link goes with the tag.
    pub(crate) link: bool,
    /// Whether the default organization has the customer widget.
    pub(crate) customer: bool,
}

/// What the customer widget of the default organization is configured with.
const GUID: &str = "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21";
const ATTRIBUTES: [(&str, &str); 2] = [("icon-color", "a&b<\"c"), ("main-color", "#0b6e5f")];

/// Address and text of the contact link.
const LINK: (&str, &str) = ("mailto:help@example.com?a=1&b=2", "Write \"<us>\" \u{2026}");

impl Setup {
    fn config(self) -> String {
        let position = if self.head { "head-end" } else { "body-end" };
        let all = self.everything;
        let (contact, text) = LINK;
        let link = self.link;
        let support = if self.customer {
            let values = ATTRIBUTES.map(|(name, value)| format!("{name} = {value:?}\n"));
            let values = values.concat();
            format!(
                "widget = \"customer\"\nguid = \"{GUID}\"\n[organizations.support.attributes]\n{values}"
            )
        } else {
            "id = 6".to_owned()
        };
        format!(
            "default-organization = \"support\"\n\n\
             [placeholder]\ncontact = {contact:?}\ncontact-link = {link}\ntexts.contact = '{text}'\n\n[widget]\nposition = \"{position}\"\n\n\
             [pages]\nfragments = {all}\nframesets = {all}\nredirects = {all}\namp = {all}\n\n\
             [organizations.support]\n{support}\n\n[organizations.sales]\nid = 24\n"
        )
    }
}

/// The pages for which a promise is broken, each with what is wrong; pages are known by their place in the list.
pub(crate) fn broken(setup: Setup, pages: &[Vec<u8>]) -> Vec<(usize, String)> {
    // In order, so that the report's order is the list's; some under a name that makes XML of them.
    let name = |i: usize| match i % 10 {
        9 => format!("{i:04}.xhtml"),
        _ => format!("{i:04}.html"),
    };
    let names: Vec<String> = (0..pages.len()).map(name).collect();
    let listed = || {
        names
            .iter()
            .map(String::as_str)
            .zip(pages.iter().map(Vec::as_slice))
    };
    let site = Site::of(Some(&setup.config()), listed());
    let injected = reported(&site.run(&["inject", "--allow-empty"]));
    let results = site.files();
    let has_runtime = site.root.join(ASSETS).exists();
    let verified = reported(&site.run(&["verify", "--allow-empty"]));
    let again = reported(&site.run(&["inject", "--allow-empty"]));
    let twice = site.files();
    let removed = reported(&site.run(&["remove", "--allow-empty"]));
    let cleaned = site.files();
    let other = Site::of(Some(&setup.config()), listed());
    let purged = reported(&other.run(&["remove", "--allow-empty"]));
    let bare = other.files();
    let check = |(i, before): (usize, &Vec<u8>)| {
        let name = &names[i];
        let bytes = |files: &Files| files[Path::new(name)].0.clone();
        let after = bytes(&results);
        let wanted = |page: &Page| match (page.outcome.as_str(), &page.organizations[..]) {
            ("removed", _) | (_, []) => Vec::new(),
            (_, [name]) if setup.customer && name == "support" => vec![customer(name)],
            (_, names) if has_runtime => vec![with_link(setup, loader(&results, names))],
            _ => Vec::new(),
        };
        let syntax = Syntax::of(name);
        let none = setup.answers(&[]);
        let outcome = injection(setup, syntax, &injected[name], before, &after, &wanted)
            .and_then(|()| verification(&injected[name], &verified[name], &again[name]))
            .and_then(|()| {
                let same = twice[Path::new(name)] == results[Path::new(name)];
                same.then_some(()).ok_or("written a second time".to_owned())
            })
            .and_then(|()| {
                removal(
                    syntax,
                    none,
                    &removed[name],
                    before,
                    &after,
                    &bytes(&cleaned),
                )
            })
            .and_then(|()| removal(syntax, none, &purged[name], before, before, &bytes(&bare)));
        outcome
            .err()
            .map(|why| (i, format!("{why} (inject said {:?})", injected[name])))
    };
    pages.iter().enumerate().filter_map(check).collect()
}

impl Setup {
    /// What chathub answers for in a page that should have these.
    fn answers(self, expected: &[Expected]) -> Answers {
        match expected {
            [Expected::Customer { .. }, ..] => Answers::Customer,
            [] if self.customer => Answers::Both,
            _ => Answers::Operator,
        }
    }
}

/// The tag of an organization with the customer widget.
fn customer(organization: &str) -> Expected {
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Expected::Customer {
        src: "https://widget.smsbat.com/chat-widget/widget-script.js".to_owned(),
        organization: organization.to_owned(),
        guid: GUID.to_owned(),
        attributes: ATTRIBUTES.map(own).to_vec(),
    }
}

/// The loader tag with the link that may stand behind it.
fn with_link(setup: Setup, mut tag: Expected) -> Expected {
    if let (Expected::Loader { link, .. }, true) = (&mut tag, setup.link) {
        let (contact, text) = LINK;
        *link = Some((contact.to_owned(), text.to_owned()));
    }
    tag
}

/// What a run says of each page; a panic is the end of the test.
fn reported(run: &Run) -> BTreeMap<String, Page> {
    assert!(!run.errors.contains("panicked"), "{}", run.errors);
    assert!([0, 1, 3].contains(&run.code), "{} {}", run.code, run.errors);
    run.pages()
}

/// By which rules browsers read a page.
#[derive(Clone, Copy)]
enum Syntax {
    Html,
    Xml,
}

impl Syntax {
    /// That of a page of this name.
    fn of(name: &str) -> Self {
        let is_xml = Path::new(name)
            .extension()
            .is_some_and(|end| end == "xhtml");
        if is_xml { Self::Xml } else { Self::Html }
    }

    /// Judges a change of a page.
    fn judge(
        self,
        before: &[u8],
        after: &[u8],
        expected: &[Expected],
        answers: Answers,
        comments: VendorComment,
    ) -> Result<(), String> {
        match self {
            Self::Html => judge_as(before, after, expected, answers, comments),
            // What browsers cannot read may stay as it is.
            Self::Xml if before == after && expected.is_empty() && read_xml(before).is_err() => {
                Ok(())
            }
            Self::Xml => judge_xml_as(before, after, expected, answers, comments),
        }
    }

    /// Whether a page has an instance. What browsers cannot read has none.
    fn has_any(self, page: &[u8], answers: Answers) -> bool {
        match self {
            Self::Html => !read_as(page, answers).instances.is_empty(),
            Self::Xml => read_xml_as(page, answers).is_ok_and(|page| !page.instances.is_empty()),
        }
    }
}

/// What `inject` may do to a page.
fn injection(
    setup: Setup,
    syntax: Syntax,
    page: &Page,
    before: &[u8],
    after: &[u8],
    expected: &dyn Fn(&Page) -> Vec<Expected>,
) -> Result<(), String> {
    let text = String::from_utf8_lossy(before).to_ascii_lowercase();
    let wide = text.contains("c\0h\0a\0t\0h\0u\0b");
    let undirected = !wide && !text.contains("chathub");
    let skipped = ["skipped", "refused"].contains(&page.outcome.as_str());
    if undirected && !skipped && page.organizations != ["support"] {
        return Err(format!("it is for {:?}", page.organizations));
    }
    match page.outcome.as_str() {
        "skipped" | "refused" if after != before => {
            Err(format!("{}, and yet changed", page.outcome))
        }
        "skipped" | "refused" => Ok(()),
        "unchanged" if after != before => Err("unchanged, and yet changed".to_owned()),
        // Also where it cannot be decoded, so that the judge could say nothing about it.
        "unchanged" if expected(page).is_empty() && !syntax.has_any(before, setup.answers(&[])) => {
            Ok(())
        }
        "injected" | "updated" | "deduplicated" | "removed" | "unchanged" => {
            let expected = expected(page);
            let answers = setup.answers(&expected);
            syntax.judge(before, after, &expected, answers, VendorComment::Stays)?;
            if page.outcome == "injected" {
                inserted_once(before, after).map(drop)
            } else {
                kept_outside_as(before, after, answers, false)
            }
        }
        _ => Err(format!("{}: {}", page.outcome, page.reason)),
    }
}

/// What `verify` and a second `inject` may say of a page after the first.
fn verification(first: &Page, verified: &Page, again: &Page) -> Result<(), String> {
    let stays = ["refused", "skipped"].contains(&first.outcome.as_str());
    let wanted = if stays {
        first.outcome.as_str()
    } else {
        "unchanged"
    };
    for (command, page) in [("verify", verified), ("inject again", again)] {
        if page.outcome != wanted {
            return Err(format!("{command}: {}, {}", page.outcome, page.reason));
        }
    }
    if first.outcome != "refused" && !verified.errors.is_empty() {
        return Err(format!("verify finds {:?}", verified.errors));
    }
    Ok(())
}

/// What `remove` may make of a page, which was `source` once and `before` just now.
fn removal(
    syntax: Syntax,
    answers: Answers,
    page: &Page,
    source: &[u8],
    before: &[u8],
    after: &[u8],
) -> Result<(), String> {
    match page.outcome.as_str() {
        _ if !syntax.has_any(source, answers) && after != source => {
            Err("not what it was after remove".to_owned())
        }
        "unchanged" if after == source && !syntax.has_any(source, answers) => Ok(()),
        "removed" | "unchanged" => syntax
            .judge(source, after, &[], answers, VendorComment::MayGo)
            .and_then(|()| kept_outside_as(source, after, answers, true))
            .map_err(|why| format!("remove: {why}")),
        "refused" | "skipped" if after == before => Ok(()),
        outcome => Err(format!("remove: {outcome}, {}", page.reason)),
    }
}
