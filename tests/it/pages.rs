//! Which files are pages, whatever their names and sizes, and what a second or a simultaneous run makes of them.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::time::{Duration, UNIX_EPOCH};

use crate::common::{HEAD, Run, Site, TAIL, contents, loader, page, plain};

#[test]
fn extensions_count_in_any_case_and_can_be_chosen() {
    let names = ["a.HTM", "b.Html", "d.php", "e.txt", "html"];
    let xhtml =
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body/></html>";
    let site = names
        .iter()
        .fold(Site::new(), |site, name| site.page(name, plain()))
        .page("c.xhtml", xhtml);
    let report = site.json("inject", 0);
    assert_eq!(report.paths(), ["a.HTM", "b.Html", "c.xhtml"]);
    let site = site.config("[pages]\nextensions = [\"php\"]\n");
    let report = site.json("inject", 0);
    assert_eq!(report.paths(), ["d.php"]);
    assert_eq!(site.text("d.php"), page(&loader()));
    assert_eq!(site.text("e.txt"), plain());
}

#[test]
fn what_is_no_html_inside_is_left() {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty.html", b"", "empty file"),
        ("nul.html", &[0; 5000], "binary file"),
        ("gzip.html", &gzip, "gzip file under a page's name"),
        ("image.html", png, "binary file"),
        ("fragment.html", b"<p>part of a page</p>", "fragment"),
        ("text.html", b"no markup at all", "fragment"),
    ];
    let site = cases
        .iter()
        .fold(Site::of(plain()), |site, (name, bytes, _)| {
            site.page(name, bytes)
        });
    let report = site.json("inject", 0);
    for (name, bytes, reason) in cases {
        assert_eq!(report.outcome(name), "skipped", "{name}");
        assert_eq!(report.reason(name), reason, "{name}");
        assert_eq!(site.read(name), bytes, "{name}");
    }
}

#[test]
fn what_is_skipped_by_default_can_be_included() {
    let redirect = "<!doctype html><html><head><meta http-equiv=refresh content=\"0; url=/new/\"></head><body></body></html>";
    let amp = "<!doctype html><html amp><head></head><body></body></html>";
    let cases = [
        ("redirects", redirect, "redirect stub"),
        ("amp", amp, "AMP page"),
        ("fragments", "<p>part</p>", "fragment"),
    ];
    for (switch, text, reason) in cases {
        let site = Site::of(text);
        let report = site.json("inject --allow-empty", 0);
        assert_eq!(report.outcome("index.html"), "skipped");
        assert_eq!(report.reason("index.html"), reason);
        let site = site.config(&format!("[pages]\n{switch} = true\n"));
        assert_eq!(site.json("inject", 0).outcome("index.html"), "injected");
        site.ok("remove");
        assert_eq!(site.text("index.html"), text);
    }
}

#[cfg(unix)]
#[test]
fn fragments_may_hold_nul_and_be_for_no_xml_parser() {
    let nul = "<p>a\0b";
    let declared = "<?xml version=\"1.0\"?>Text";
    let site = Site::new()
        .config("[pages]\nfragments = true\n")
        .page("nul.html", nul)
        .page("declared.html", declared)
        .page("text-and-nul.html", "a\0b");
    let report = site.json("inject", 0);
    for (name, before) in [("nul.html", nul), ("declared.html", declared)] {
        assert_eq!(report.outcome(name), "injected", "{name}");
        assert_eq!(site.text(name), format!("{before}{}", loader()), "{name}");
    }
    assert_eq!(report.reason("text-and-nul.html"), "binary file");
}

#[test]
fn names_that_are_no_text_or_act_on_a_terminal_are_told_safely() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let site = Site::of(plain());
    for name in [
        &b"caf\xE9.html"[..],
        b"red\x1b[31m\x07.html",
        b"two\nlines.html",
    ] {
        fs::write(site.path("").join(OsStr::from_bytes(name)), plain()).unwrap();
    }
    let report = site.json("inject --dry-run", 0);
    let paths = [
        "caf\\xE9.html",
        "index.html",
        "red\u{1b}[31m\u{7}.html",
        "two\nlines.html",
    ];
    assert_eq!(report.paths(), paths);
    for arguments in ["verify -vv", "inject -vv --diff", "inject -vv"] {
        let run = site.run(arguments);
        assert!(run.stdout.contains("caf\\xE9.html"), "{}", run.stdout);
        assert!(run.stdout.contains("red\\u{1b}[31m\\u{7}.html"));
        assert!(run.stdout.contains("two\\nlines.html"));
        let raw = run.stdout.contains(['\u{1b}', '\u{7}']);
        assert!(!raw, "{arguments}: {:?}", run.stdout);
    }
    for entry in fs::read_dir(site.path("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert_eq!(fs::read_to_string(path).unwrap(), page(&loader()));
        }
    }
    site.ok("verify");
}

#[test]
fn a_second_run_writes_nothing() {
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .page("shop/index.html.gz", "stale");
    site.ok("inject");
    let long_ago = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in ["index.html", "shop/index.html", "shop/index.html.gz"] {
        let file = File::options().write(true).open(site.path(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let before = site.snapshot();
    for arguments in ["inject", "inject --threads 8", "verify", "inject --check"] {
        site.ok(arguments);
        assert_eq!(site.snapshot(), before, "{arguments}");
    }
}

#[test]
fn remove_gives_back_what_was_there() {
    let site = Site::of(plain())
        .page("bare.html", "<p>no end tags<!doctype html>")
        .page("minified.html", "<!doctype html><title>x</title><p>y")
        .page("crlf.html", plain().replace("><", ">\r\n<"))
        .page("sub/deep/page.htm", plain());
    let before = contents(&site.path(""));
    site.ok("inject");
    assert_ne!(contents(&site.path("")), before);
    site.ok("remove");
    assert_eq!(contents(&site.path("")), before);
}

#[test]
fn a_hundred_thousand_nested_elements_are_no_trouble() {
    let deep = |tag: &str| format!("{HEAD}{}{tag}{TAIL}", "<div>".repeat(100_000));
    let site = Site::of(deep(""));
    // The time of the processor is the run's own, whatever else the machine does. Were it to grow with the square of the depth,
    // it would be minutes.
    let limited = |command: &str| {
        let run = site.command([command]);
        let limit = "ulimit -t 30; exec \"$@\"";
        Run::of(&mut run.under(&["sh", "-c", limit, "sh"])).exits(0);
    };
    limited("inject");
    assert_eq!(site.text("index.html"), deep(&loader()));
    limited("verify");
    limited("remove");
    assert_eq!(site.text("index.html"), deep(""));
}

#[test]
fn a_large_page_is_done_like_any_other() {
    const SIZE: u64 = 64 << 20;
    let site = Site::of(HEAD);
    let file = site.path("index.html");
    let mut large = File::options().write(true).open(&file).unwrap();
    let lines = format!(
        "<p>{}</p>\n",
        "Another line of a very long page.\n".repeat(30_000)
    );
    while large.seek(SeekFrom::End(0)).unwrap() < SIZE {
        large.write_all(lines.as_bytes()).unwrap();
    }
    large.write_all(TAIL.as_bytes()).unwrap();
    drop(large);
    let before = fs::metadata(&file).unwrap().len();
    site.ok("inject");
    let end = format!("{}{TAIL}", loader());
    let mut changed = File::open(&file).unwrap();
    assert_eq!(
        changed.metadata().unwrap().len(),
        before + loader().len() as u64
    );
    changed
        .seek(SeekFrom::End(-i64::try_from(end.len()).unwrap()))
        .unwrap();
    let mut last = String::new();
    changed.read_to_string(&mut last).unwrap();
    assert_eq!(last, end);
    site.ok("remove");
    assert_eq!(fs::metadata(&file).unwrap().len(), before);
}

/// A site of so many pages in a few folders.
fn many(pages: usize) -> Site {
    (0..pages).fold(Site::new(), |site, n| {
        site.page(&format!("{}/{n}.html", n % 7), plain())
    })
}

#[test]
fn a_generator_that_writes_at_the_same_time_leaves_whole_pages() {
    let site = many(50);
    let (target, new) = (site.path("0/0.html"), site.path("0/0.new"));
    let version = |n: u32, tag: &str| page(&format!("<p>version {n}</p>{tag}"));
    let writer = std::thread::spawn(move || {
        for n in 0..200 {
            fs::write(&new, version(n, "")).unwrap();
            fs::rename(&new, &target).unwrap();
        }
    });
    while !writer.is_finished() {
        let run = site.run("inject");
        assert!([0, 3].contains(&run.code), "{}", run.stderr);
    }
    writer.join().unwrap();
    let whole: Vec<String> = (0..200)
        .flat_map(|n| [version(n, ""), version(n, &loader())])
        .collect();
    let text = site.text("0/0.html");
    assert!(text == plain() || whole.contains(&text), "{text}");
    // Once the generator is done, one more run makes all right.
    site.ok("inject");
    assert!(site.text("0/0.html").contains(&loader()));
    site.ok("verify");
}

#[test]
fn a_runtime_that_is_written_while_its_folder_is_walked_is_no_leftover() {
    const OLDER: &str = "an older chathub.runtime.v1";
    // The first pages come before the asset folder, so that it is listed while the runtime is being written into it.
    for _ in 0..20 {
        let older = chathub::internal::runtime::name_of(OLDER.as_bytes());
        let site = many(8)
            .page("chathub-assets/runtime.js", OLDER)
            .page(&format!("chathub-assets/{older}"), OLDER);
        site.ok("inject --threads 8");
        assert_eq!(
            site.read("chathub-assets/runtime.js"),
            chathub::internal::runtime::SOURCE
        );
    }
}
