//! The library as another program uses it: what it does is what the command does, and it shows nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use chathub::{
    Error, Event, Organizations, Outcome, OutcomeKind, Policy, Store, baseline, explain, inject,
    inject_page, remove, remove_page, verify,
};
use walkdir::WalkDir;

use crate::common::{Site, page, plain};

const POLICY: &str = "\
default-organization = \"support\"

[placeholder]
endpoint = \"/token\"

[organizations]
support.id = 6
sales.id = 24

[[rules]]
match = [\"shop/**\"]
organization = \"sales\"
";

fn policy() -> Policy {
    Policy::from_toml(POLICY).unwrap()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file());
    let named = files.map(|entry| {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
        (path.to_owned(), fs::read(entry.path()).unwrap())
    });
    named.collect()
}

#[test]
fn it_writes_what_the_command_writes_on_every_store() {
    let site = Site::of(plain())
        .file("public/shop/index.html", page("<p>shop</p>"))
        .file("public/notes.txt", "Hello")
        .config(POLICY);
    let folder = site.path("");
    let before = files(&folder);
    let memory = Store::memory(before.clone());
    let copy = tempfile::tempdir().unwrap();
    let overlay = Store::overlay(&folder, copy.path()).unwrap();
    let in_place = tempfile::tempdir().unwrap();
    for (path, bytes) in &before {
        let file = in_place.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    for store in [&memory, &overlay, &Store::folder(in_place.path()).unwrap()] {
        assert!(inject(&policy(), store, |_| ()).unwrap().is_success());
    }
    assert_eq!(files(&folder), before, "what an overlay reads stays");
    site.json("inject", 0);
    let after = files(&folder);
    assert_ne!(after, before);
    assert_eq!(files(copy.path()), after);
    assert_eq!(files(in_place.path()), after);
    for (path, bytes) in &after {
        assert_eq!(memory.get(path).as_ref(), Some(bytes), "{path}");
        assert_eq!(overlay.get(path).as_ref(), Some(bytes), "{path}");
    }
    assert!(verify(&policy(), &memory, |_| ()).unwrap().is_success());
    // A second run writes nothing; then all of it goes.
    let again = inject(&policy(), &memory, |_| ()).unwrap();
    assert_eq!(again.tally.of(OutcomeKind::Unchanged), 2);
    assert!(again.files.is_empty(), "{:?}", again.files);
    remove(&policy(), &memory, |_| ()).unwrap();
    let paths: Vec<String> = before.iter().map(|(path, _)| path.clone()).collect();
    let (left, all): (BTreeSet<_>, BTreeSet<_>) = (
        memory.files().into_iter().collect(),
        paths.into_iter().collect(),
    );
    assert_eq!(left, all);
    for (path, bytes) in &before {
        assert_eq!(memory.get(path).as_ref(), Some(bytes), "{path}");
    }
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let site = Store::memory([("index.html", plain())]).dry_run();
    let summary = inject(&policy(), &site, |_| ()).unwrap();
    assert!(summary.dry_run);
    assert_eq!(summary.tally.of(OutcomeKind::Injected), 1);
    assert_eq!(site.get("index.html").unwrap(), plain().into_bytes());
    assert_eq!(site.files(), ["index.html"]);
}

#[test]
fn events_come_in_order_and_a_handler_can_stop_the_run() {
    let pages = (0..500).map(|n| (format!("{n:03}.html"), plain()));
    let site = Store::memory(pages);
    let mut order = Vec::new();
    let mut run = |stops: bool| {
        order.clear();
        let summary = inject(&policy(), &site, |event| {
            order.push(match event {
                Event::Started(_) => "started".to_owned(),
                Event::Page(page) => page.path.clone(),
                Event::Finished(_) => "finished".to_owned(),
                _ => "else".to_owned(),
            });
            if stops {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        (summary.unwrap(), order.clone())
    };
    // How far a run has come when its first page is reported depends on its threads; before it, no page is in hand.
    let (summary, order) = run(true);
    assert!(summary.interrupted && !summary.is_success());
    assert_eq!(summary.tally.total.pages, 0);
    assert_eq!(
        (&*order[0], order.last().unwrap().as_str()),
        ("started", "finished")
    );
    assert_eq!(site.get("000.html").unwrap(), plain().into_bytes());
    // The next run on the same site is not stopped.
    let (again, order) = run(false);
    assert!(again.is_success());
    assert_eq!(again.tally.total.pages, 500);
    let pages: Vec<&String> = order
        .iter()
        .filter(|event| event.contains(".html"))
        .collect();
    assert!(pages.len() == 500 && pages.is_sorted());
    assert_eq!(
        (&*order[0], order.last().unwrap().as_str()),
        ("started", "finished")
    );
}

#[test]
fn what_is_wrong_with_a_page_is_its_outcome_and_fails_the_summary() {
    let odd = page("<meta name=\"chathub\" content=\"organization=slaes\">");
    let site = Store::memory([("a.html", odd.clone()), ("b.html", plain())]);
    let mut refused = None;
    let summary = inject(&policy(), &site, |event| {
        if let Event::Page(page) = event
            && page.path == "a.html"
        {
            refused = page.outcome.reason();
        }
    })
    .unwrap();
    assert!(refused.unwrap().contains("did you mean `sales`?"));
    assert!(!summary.is_success());
    assert_eq!(summary.tally.of(OutcomeKind::Injected), 1);
    assert_eq!(site.get("a.html").unwrap(), odd.into_bytes());
}

#[test]
fn one_page_is_edited_like_a_page_of_a_site() {
    let site = Store::memory([("shop/index.html", plain())]);
    inject(&policy(), &site, |_| ()).unwrap();
    let edited = inject_page(&policy(), "shop/index.html", plain()).unwrap();
    assert_eq!(Some(&edited.bytes), site.get("shop/index.html").as_ref());
    assert!(!edited.files.is_empty());
    for (path, bytes) in &edited.files {
        assert_eq!(Some(bytes), site.get(path).as_ref(), "{path}");
    }
    let sales = |of: &Organizations| of.names().eq(["sales"]);
    assert!(sales(&edited.report.organizations));
    let removed = remove_page(&policy(), "shop/index.html", edited.bytes).unwrap();
    assert_eq!(removed.bytes, plain().into_bytes());
    assert!(removed.files.is_empty());
    // What is not a page is as it was, and says why.
    let other = inject_page(&policy(), "notes.txt", "Hello").unwrap();
    assert_eq!(other.bytes, b"Hello");
    assert!(
        matches!(&other.report.outcome, Outcome::Failed(why) if why.contains("pages.extensions"))
    );
}

#[test]
fn explain_says_what_inject_does() {
    let site = Store::memory([("shop/a.html", plain()), ("notes.txt", String::new())]);
    let about = explain(&policy(), &site, "shop/a.html").unwrap().unwrap();
    assert!(about.organizations.names().eq(["sales"]));
    assert!(
        about.because.as_ref().unwrap().contains("policy:10"),
        "{about:?}"
    );
    assert!(about.rules[0].held && about.rules[0].won);
    assert_eq!(site.get("shop/a.html").unwrap(), plain().into_bytes());
    assert!(explain(&policy(), &site, "notes.txt").unwrap().is_none());
    assert!(explain(&policy(), &site, "nowhere.html").unwrap().is_none());
}

#[test]
fn a_policy_says_all_that_is_wrong_with_it_and_reads_only_what_it_is_given() {
    let wrong = "mode = \"statik\"\nsiet = \"public\"\n";
    let Err(Error::Policy(why)) = Policy::from_toml(wrong) else {
        panic!("it is wrong");
    };
    for part in ["policy:1:", "policy:2:", "statik", "siet", "did you mean"] {
        assert!(why.contains(part), "{part}: {why}");
    }
    // Later layers win, and the file's own folder is what its paths are relative to.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.toml");
    fs::write(&file, POLICY).unwrap();
    let policy = Policy::builder()
        .file(&file)
        .set("default-organization", "sales")
        .build()
        .unwrap();
    let edited = inject_page(&policy, "index.html", plain()).unwrap();
    assert!(edited.report.organizations.names().eq(["sales"]));
    let missing = Policy::from_file(folder.path().join("none.toml")).unwrap_err();
    assert!(missing.to_string().contains("none.toml"), "{missing}");
    let builder = Policy::builder().set("placeholder.endpiont", "/x").build();
    let why = builder.unwrap_err().to_string();
    assert!(
        why.contains("did you mean `placeholder.endpoint`?"),
        "{why}"
    );
}

#[test]
fn no_token_that_is_unfit_is_published_and_a_secret_is_found_and_not_shown() {
    let fixed =
        "mode = \"static\"\ndefault-organization = \"support\"\norganizations.support.id = 6\n";
    let word = ["not", "a", "token"].join("-");
    let policy = Policy::builder().toml(fixed).token("support", &*word);
    let site = Store::memory([("index.html", plain())]);
    let error = inject(&policy.build().unwrap(), &site, |_| ()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the operator token of `support`"),
        "{error}"
    );
    assert!(!error.to_string().contains(&word));
    assert_eq!(site.get("index.html").unwrap(), plain().into_bytes());
    let unknown = Policy::builder().toml(fixed).token("sales", &*word).build();
    assert!(unknown.unwrap_err().to_string().contains("`sales`"));
    // A secret.
    let secret = ["library", "secret", "of", "a", "test"].concat();
    let policy = Policy::builder()
        .toml(POLICY)
        .secret(&*secret)
        .build()
        .unwrap();
    let site = Store::memory([("index.html", page(&format!("<p>{secret}</p>")))]);
    let mut rules = Vec::new();
    let mut said = String::new();
    verify(&policy, &site, |event| {
        if let Event::Page(page) = event {
            rules.extend(page.findings.iter().map(|finding| finding.rule.id));
            said = format!("{page:?}");
        }
    })
    .unwrap();
    assert!(rules.contains(&"secret-in-site"), "{rules:?}");
    assert!(!said.contains(&secret));
}

#[test]
fn a_site_that_cannot_be_used_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Store::folder(folder.path().join("none")).unwrap_err();
    assert!(matches!(nowhere, Error::Site { .. }));
    assert!(nowhere.to_string().contains("none"));
    fs::write(folder.path().join("index.html"), plain()).unwrap();
    let inside = Store::overlay(folder.path(), folder.path().join("copy")).unwrap_err();
    let cause = std::error::Error::source(&inside).unwrap().to_string();
    assert!(cause.contains("one inside the other"), "{cause}");
    assert!(!folder.path().join("copy").exists());
}

#[test]
fn findings_of_a_baseline_do_not_fail_verify() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.toml");
    let pages = [("index.html", plain()), ("shop/index.html", plain())];
    let site = Store::memory(pages.clone());
    let known = Policy::builder()
        .toml(POLICY)
        .set("verify.baseline", file.to_str().unwrap())
        .build()
        .unwrap();
    let error = verify(&known, &site, |_| ()).unwrap_err();
    assert!(
        error.to_string().contains("there is no baseline"),
        "{error}"
    );
    // The command writes the same.
    let text = baseline(&known, &site).unwrap().unwrap();
    fs::write(&file, &text).unwrap();
    let command = Site::of(plain())
        .page("shop/index.html", plain())
        .config(POLICY);
    command.ok("verify --baseline known.toml --write-baseline");
    let written = fs::read_to_string(command.folder().join("known.toml")).unwrap();
    assert_eq!(text, written);

    let summary = verify(&known, &site, |_| ()).unwrap();
    assert!(summary.is_success());
    // Two pages without a chat, and no route file.
    assert_eq!(
        (summary.tally.baselined, summary.tally.findings.all()),
        (3, 0)
    );
    let more = Store::memory(pages.into_iter().chain([("new.html", plain())]));
    let mut new = Vec::new();
    let summary = verify(&known, &more, |event| {
        if let Event::Page(page) = event {
            let findings = page.findings.iter().filter(|finding| !finding.baselined);
            new.extend(findings.map(|finding| finding.path.clone().unwrap()));
        }
    })
    .unwrap();
    assert!(!summary.is_success());
    assert_eq!(new, ["new.html"]);
    // Of a site without pages, there is nothing to be known.
    let nothing = Store::memory([("notes.txt", "")]);
    assert_eq!(baseline(&known, &nothing).unwrap(), None);
}
