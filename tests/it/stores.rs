//! Stores: what a run does is the same on all of them, and right when they fail.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chathub::internal::event::{Outcome, PageReport};
use chathub::internal::rules::RuleSet;
use chathub::internal::run::{Examiner, FolderFiles, Job, Purpose, Selection, Tags, run};
use chathub::internal::runtime;
use chathub::internal::settings::Config;
use chathub::internal::steps::{Ending, InjectStep};
use chathub::internal::store::Cancel;
use chathub::internal::store::{
    Coding, Deed, Dry, Failing, Folder, Memory, PagePath, Store, WriteError,
};
use md5::{Digest as _, Md5};
use walkdir::WalkDir;

use crate::common::{page, plain};

/// Injects, or removes, with the usual settings.
fn run_on(store: &dyn Store, purpose: Purpose) -> Vec<PageReport> {
    run_to_end(store, purpose).0
}

/// The same, with what there is to say when all pages are done.
fn run_to_end(store: &dyn Store, purpose: Purpose) -> (Vec<PageReport>, Ending) {
    let config = Config::default();
    let step = InjectStep::new(store, &config, purpose);
    step.begin().unwrap();
    let examiner = Examiner::new(&config, Tags::new(&config, None), purpose).unwrap();
    let job = Job {
        store,
        config: &config,
        rules: &Arc::new(RuleSet::new(&config).unwrap()),
        examiner: &examiner,
        cancel: &Cancel::default(),
        folder_files: &FolderFiles::default(),
    };
    let mut reports = Vec::new();
    run(&job, Selection::All, &step, |page| reports.push(page)).unwrap();
    let whole = reports
        .iter()
        .all(|page| !matches!(page.outcome, Outcome::Failed(_) | Outcome::Refused(_)));
    let ending = step.end(false, false, whole).unwrap();
    (reports, ending)
}

fn outcomes(reports: &[PageReport]) -> Vec<(String, String)> {
    let outcome = |page: &PageReport| (page.path.clone(), format!("{:?}", page.outcome));
    reports.iter().map(outcome).collect()
}

/// The files of a folder, by their paths.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let named = files.map(|entry| {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
        (path.to_owned(), fs::read(entry.path()).unwrap())
    });
    named.collect()
}

#[test]
fn memory_and_a_folder_come_to_the_same_and_a_dry_run_says_so_before() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let generated = ["demo/public", "hugo/public", "jekyll/_site"];
    let sites = generated.map(|site| (site, files(&fixtures.join(site))));
    for (site, before) in sites.into_iter().chain([("odd", odd())]) {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in &before {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        let memory = Memory::new(before.clone());
        let dry = run_on(&Dry(Folder::new(folder.path())), Purpose::Ensure);
        assert!(files(folder.path()).len() == before.len());
        let in_folder = run_on(&Folder::new(folder.path()), Purpose::Ensure);
        let in_memory = run_on(&memory, Purpose::Ensure);
        assert_eq!(outcomes(&dry), outcomes(&in_folder));
        assert_eq!(outcomes(&in_memory), outcomes(&in_folder));
        let after = files(folder.path());
        assert_eq!(memory.paths().len(), after.len(), "{site}");
        for (path, bytes) in after {
            assert!(memory.get(&path).as_ref() == Some(&bytes), "{site}: {path}");
        }
        run_on(&memory, Purpose::Remove);
        let again = outcomes(&run_on(&memory, Purpose::Remove));
        assert!(
            again
                .iter()
                .all(|(_, outcome)| !outcome.contains("Removed"))
        );
    }
}

/// What is not simply a page.
fn odd() -> Vec<(String, Vec<u8>)> {
    let mut copy = Vec::new();
    let mut compress = |page: String| {
        copy.clear();
        Coding::Gzip.compress(page.as_bytes(), &mut copy).unwrap();
        copy.clone()
    };
    let rules = b"[[rules]]\nwidget = false\n".to_vec();
    let files = [
        (".git/index.html", plain().into_bytes()),
        (".hidden/index.html", plain().into_bytes()),
        (".hidden/.chathub.toml", rules.clone()),
        ("a/x.html", plain().into_bytes()),
        ("a.html", plain().into_bytes()),
        ("a.html.gz", compress(plain())),
        ("b.html", plain().into_bytes()),
        ("b.html.gz", compress("<p>stale".to_owned())),
        ("binary.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("notes.txt", b"Hello".to_vec()),
        ("shop/.chathub.toml", rules),
        ("shop/deep/index.html", plain().into_bytes()),
        ("shop/index.html", page("<p>more</p>").into_bytes()),
        ("shop-2.html", plain().into_bytes()),
    ];
    files.map(|(path, bytes)| (path.to_owned(), bytes)).into()
}

fn io() -> WriteError {
    WriteError::Io {
        doing: "cannot write it",
        source: std::io::ErrorKind::StorageFull.into(),
    }
}

#[test]
fn a_page_that_somebody_else_writes_is_examined_again() {
    let memory = Memory::new([("index.html", plain())]);
    let newer = page("<p>newer</p>");
    let others = Mutex::new(vec![newer]);
    let store = Failing::new(&memory, |deed, path| {
        let newer = (deed == Deed::Commit && path == &PagePath::from("index.html"))
            .then(|| others.lock().unwrap().pop())
            .flatten()?;
        memory.set("index.html", newer);
        None
    });
    let reports = run_on(&store, Purpose::Ensure);
    assert!(matches!(reports[0].outcome, Outcome::Injected));
    let text = String::from_utf8(memory.get("index.html").unwrap()).unwrap();
    assert!(
        text.contains("newer") && text.contains("data-chathub"),
        "{text}"
    );
    // One that never comes to rest is given up, and is nobody's but the other's.
    let memory = Memory::new([("index.html", plain())]);
    let store = Failing::new(&memory, |deed, path| {
        if deed == Deed::Commit && path == &PagePath::from("index.html") {
            memory.set("index.html", plain());
        }
        None
    });
    let reports = run_on(&store, Purpose::Ensure);
    assert!(
        matches!(&reports[0].outcome, Outcome::Failed(why) if why.contains("keeps changing")),
        "{reports:?}"
    );
    assert_eq!(memory.get("index.html").unwrap(), plain().into_bytes());
}

#[test]
fn a_page_that_cannot_be_put_in_its_place_leaves_copies_that_say_what_it_says() {
    let mut copy = Vec::new();
    Coding::Gzip
        .compress(plain().as_bytes(), &mut copy)
        .unwrap();
    let files = [
        ("index.html", plain().into_bytes()),
        ("index.html.gz", copy),
        ("other.html", plain().into_bytes()),
    ];
    for fails_at in ["index.html", "index.html.gz"] {
        let memory = Memory::new(files.clone());
        let store = Failing::new(&memory, move |deed, path| {
            (deed == Deed::Commit && path == &PagePath::from(fails_at)).then(io)
        });
        let reports = run_on(&store, Purpose::Ensure);
        assert!(
            matches!(reports[0].outcome, Outcome::Failed(_)),
            "{fails_at}"
        );
        assert!(reports[0].changes.is_empty());
        assert!(matches!(reports[1].outcome, Outcome::Injected));
        let copy = memory.get("index.html.gz").unwrap();
        let says = Coding::Gzip.decoded(&*copy, 1 << 20).unwrap();
        assert_eq!(says, plain().into_bytes(), "{fails_at}");
        assert_eq!(memory.get("index.html").unwrap(), plain().into_bytes());
    }
}

#[test]
fn no_page_loads_a_runtime_that_could_not_be_written() {
    let memory = Memory::new([("index.html", plain())]);
    let store = Failing::new(&memory, |deed, _| (deed == Deed::Put).then(io));
    let reports = run_on(&store, Purpose::Ensure);
    assert!(
        matches!(&reports[0].outcome, Outcome::Failed(why) if why.contains("its runtime is missing")),
        "{reports:?}"
    );
    assert_eq!(memory.paths(), ["index.html"]);
    let store = Failing::new(&memory, |deed, path| {
        (deed == Deed::Read && path == &PagePath::from("index.html")).then(io)
    });
    let reports = run_on(&store, Purpose::Ensure);
    assert!(matches!(reports[0].outcome, Outcome::Failed(_)));
    run_on(&memory, Purpose::Ensure);
    let runtime = format!("chathub-assets/{}", runtime::hashed_name());
    assert_eq!(memory.get(&runtime).unwrap(), runtime::SOURCE);
}

#[test]
fn a_list_of_digests_that_cannot_be_written_is_said_and_the_next_run_writes_it() {
    let list = |page: &[u8]| {
        format!(
            "[{{url:'/',revision:'{}'}}]",
            hex::encode(Md5::digest(page))
        )
    };
    let old = list(plain().as_bytes());
    let memory = Memory::new([("index.html", plain()), ("sw.js", old.clone())]);
    let store = Failing::new(&memory, |deed, path| {
        (deed == Deed::Commit && path == &PagePath::from("sw.js")).then(io)
    });
    let (reports, ending) = run_to_end(&store, Purpose::Ensure);
    assert!(matches!(reports[0].outcome, Outcome::Injected));
    assert!(ending.is_incomplete);
    let notices = ending.notices.join("\n");
    assert!(
        notices.contains("sw.js cannot be brought in line with the pages"),
        "{notices}"
    );
    assert_eq!(memory.get("sw.js").unwrap(), old.as_bytes());
    // As after a run that was killed between the pages and the list.
    let (_, ending) = run_to_end(&memory, Purpose::Ensure);
    assert!(!ending.is_incomplete);
    let page = memory.get("index.html").unwrap();
    assert_eq!(memory.get("sw.js").unwrap(), list(&page).as_bytes());

    // A page that could not be written is in the list as it is.
    let memory = Memory::new([("index.html", plain()), ("sw.js", old.clone())]);
    let store = Failing::new(&memory, |deed, path| {
        (deed == Deed::Commit && path == &PagePath::from("index.html")).then(io)
    });
    let (reports, ending) = run_to_end(&store, Purpose::Ensure);
    assert!(matches!(reports[0].outcome, Outcome::Failed(_)));
    assert!(ending.notices.is_empty(), "{:?}", ending.notices);
    assert_eq!(memory.get("sw.js").unwrap(), old.as_bytes());
    // One that changes while pages are handled belongs to whom changed it.
    let memory = Memory::new([("index.html", plain()), ("sw.js", old.clone())]);
    let store = Failing::new(&memory, |deed, path| {
        if deed == Deed::Commit && path == &PagePath::from("index.html") {
            memory.set("sw.js", "// newer");
        }
        None
    });
    let (_, ending) = run_to_end(&store, Purpose::Ensure);
    assert!(ending.is_incomplete);
    assert_eq!(memory.get("sw.js").unwrap(), b"// newer");
}
