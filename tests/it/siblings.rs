//! Compressed copies beside pages say what their pages say.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::time::{Duration, UNIX_EPOCH};

use crate::common::{Report, Site, loader, page, plain};

const COPIES: [&str; 3] = ["index.html.br", "index.html.gz", "index.html.zst"];

/// Compressed as a generator would, not as the tool itself does.
fn compress(name: &str, text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    match extension(name) {
        "gz" => {
            let mut encoder = flate2::write::GzEncoder::new(&mut out, flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap();
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 3, 20);
            encoder.write_all(text.as_bytes()).unwrap();
        }
        _ => out = zstd::encode_all(text.as_bytes(), 1).unwrap(),
    }
    out
}

fn decompress(name: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    match extension(name) {
        "gz" => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text),
        _ => zstd::Decoder::new(bytes).unwrap().read_to_string(&mut text),
    }
    .unwrap();
    text
}

fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

/// A page with a copy in each coding, all saying `copied`.
fn site(text: &str, copied: &str) -> Site {
    COPIES.iter().fold(Site::of(text), |site, name| {
        site.page(name, compress(name, copied))
    })
}

fn copies_say(site: &Site, text: &str) {
    for name in COPIES {
        assert_eq!(decompress(name, &site.read(name)), text, "{name}");
    }
}

/// The copies that a report holds to be stale.
fn stale(report: &Report) -> Vec<&str> {
    let findings = report.findings("stale-compressed-sibling");
    findings
        .iter()
        .map(|f| f["path"].as_str().unwrap())
        .collect()
}

#[test]
fn copies_of_a_changed_page_are_made_anew() {
    let site = site(&plain(), &plain());
    let report = site.json("inject", 0);
    let changes = report.0["pages"][0]["changes"].to_string();
    for name in COPIES {
        assert!(
            changes.contains(&format!("{name} compressed anew")),
            "{changes}"
        );
    }
    copies_say(&site, &page(&loader()));
    site.ok("verify");
    site.ok("remove");
    copies_say(&site, &plain());
    assert_eq!(site.text("index.html"), plain());
}

#[cfg(unix)]
#[test]
fn copies_keep_their_mode() {
    use std::os::unix::fs::PermissionsExt;
    let site = site(&plain(), &plain());
    let copy = site.path("index.html.gz");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o604)).unwrap();
    site.ok("inject");
    assert_eq!(
        fs::metadata(copy).unwrap().permissions().mode() & 0o777,
        0o604
    );
}

#[test]
fn copies_can_be_deleted_in_place_of_that() {
    let site = site(&plain(), &plain());
    let dry = site.run("inject --dry-run -v --compressed-siblings remove");
    assert!(dry.exits(0).stdout.contains("index.html.gz deleted"));
    copies_say(&site, &plain());
    site.ok("inject --compressed-siblings remove");
    for name in COPIES {
        assert!(!site.path(name).exists(), "{name}");
    }
    assert_eq!(site.text("index.html"), page(&loader()));
    site.ok("verify");
}

#[test]
fn copies_can_be_left_and_verify_finds_them_stale() {
    let site = site(&plain(), &plain());
    site.ok("inject --compressed-siblings leave");
    copies_say(&site, &plain());
    let report = site.json("verify", 1);
    assert_eq!(stale(&report), COPIES);
    site.ok("inject");
    copies_say(&site, &page(&loader()));
    site.ok("verify");
}

#[test]
fn stale_copies_beside_a_page_that_is_right_are_repaired() {
    let right = page(&loader());
    let site = site(&right, &plain())
        .page("about.html", &right)
        .page("about.html.gz", "no gzip at all");
    let long_ago = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = File::options()
        .write(true)
        .open(site.path("index.html"))
        .unwrap();
    file.set_modified(long_ago).unwrap();
    let before = site.json("verify", 1);
    assert_eq!(
        stale(&before),
        ["about.html.gz", COPIES[0], COPIES[1], COPIES[2]]
    );
    let report = site.json("inject", 0);
    assert_eq!(report.outcome("index.html"), "updated");
    copies_say(&site, &right);
    assert_eq!(
        decompress("about.html.gz", &site.read("about.html.gz")),
        right
    );
    // The page itself was right, and was not written.
    let modified = fs::metadata(site.path("index.html")).unwrap().modified();
    assert_eq!(modified.unwrap(), long_ago);
    assert_eq!(site.json("inject", 0).outcome("index.html"), "unchanged");
    site.ok("verify");
}

#[test]
fn check_and_dry_run_see_stale_copies_and_write_nothing() {
    let site = site(&page(&loader()), &plain());
    site.ok("inject");
    let before = site.snapshot();
    site.run("inject --check").exits(0);
    fs::write(
        site.path("index.html.gz"),
        compress("index.html.gz", &plain()),
    )
    .unwrap();
    site.run("inject --check").exits(1);
    site.run("inject --dry-run").exits(0);
    assert_eq!(
        site.read("index.html.zst"),
        match &before["index.html.zst"] {
            crate::common::Entry::File { content, .. } => content.clone(),
            other => panic!("{other:?}"),
        }
    );
    assert_eq!(
        decompress("index.html.gz", &site.read("index.html.gz")),
        plain()
    );
}

#[test]
fn copies_of_other_files_and_of_no_file_are_none_of_ours() {
    let site = Site::of(plain())
        .page("style.css", "p {}")
        .page("style.css.gz", "whatever")
        .page("gone.html.gz", "whatever")
        .page("index.html.bz2", "whatever")
        .page("index.html.GZ", "whatever");
    site.ok("inject");
    for name in [
        "style.css.gz",
        "gone.html.gz",
        "index.html.bz2",
        "index.html.GZ",
    ] {
        assert_eq!(site.text(name), "whatever", "{name}");
    }
    site.ok("verify");
}

#[test]
fn copies_go_with_their_page_into_another_folder() {
    let site = site(&plain(), &plain())
        .page("gone.html.gz", "a copy of no page")
        .page(".hidden/a.html", plain())
        .page(".hidden/a.html.gz", "a copy of a page that is skipped");
    let before = site.snapshot();
    site.ok("inject --output out");
    assert_eq!(site.snapshot(), before);
    let out = |name: &str| fs::read(site.folder().join("out").join(name)).unwrap();
    for name in COPIES {
        assert_eq!(decompress(name, &out(name)), page(&loader()), "{name}");
    }
    // The whole site means all of it.
    assert_eq!(out("gone.html.gz"), b"a copy of no page");
    assert_eq!(
        out(".hidden/a.html.gz"),
        b"a copy of a page that is skipped"
    );
    site.ok("verify out");
    site.ok("inject public --output left --compressed-siblings leave");
    for name in COPIES {
        let copy = fs::read(site.folder().join("left").join(name)).unwrap();
        assert_eq!(decompress(name, &copy), plain(), "{name}");
    }
}

/// A page of some size, and another of each kind of program that compresses it, in a site of its own.
fn compressed_by(command: &[&str], end: &str, text: &str) -> Site {
    let site = Site::of(text);
    let made = std::process::Command::new(command[0])
        .args(&command[1..])
        .arg("index.html")
        .current_dir(site.path(""))
        .output()
        .unwrap();
    assert!(made.status.success(), "{command:?}");
    let copy = site.path(&format!("index.html.{end}"));
    assert!(copy.exists(), "{command:?}");
    site
}

#[test]
fn what_gzip_compressed_is_the_same_again_after_remove() {
    let words = (0..900).fold(String::new(), |text, n| {
        format!("{text}<p>{} {}</p>", n * n, n % 7)
    });
    for text in [plain(), plain().replace("Hello", &words)] {
        for command in [
            &["gzip", "-k"][..],
            &["gzip", "-k", "-9"],
            &["gzip", "-k", "-9", "-n"],
            &["gzip", "-k", "-1"],
            &["gzip", "-k", "-8"],
        ] {
            let site = compressed_by(command, "gz", &text);
            let before = site.read("index.html.gz");
            site.ok("inject");
            let injected = site.read("index.html.gz");
            // Name and time as well: they are of the file that was compressed first.
            let header = before.len() - 8 - deflated(&before).len();
            assert_eq!(injected[..header], before[..header], "{command:?}");
            assert!(decompress("gz", &injected).contains("data-chathub"));
            site.ok("remove");
            assert_eq!(site.read("index.html.gz"), before, "{command:?}");
        }
    }
}

/// The deflate stream of what gzip made of a file `index.html`, with or without its name.
fn deflated(copy: &[u8]) -> &[u8] {
    let header = if copy[3] & 8 == 0 { 10 } else { 10 + 11 };
    &copy[header..copy.len() - 8]
}

#[test]
fn what_a_header_says_is_kept_whoever_compressed() {
    // All that may stand in a header: text, check of the header, extra field, name, comment; another system.
    let mut header = vec![0x1F, 0x8B, 8, 0x1F, 1, 2, 3, 4, 0, 11];
    header.extend(b"\x04\0abcd");
    header.extend(b"page.html\0comment\0");
    let mut check = flate2::Crc::new();
    check.update(&header);
    header.extend(&check.sum().to_le_bytes()[..2]);
    let stored = {
        let mut stored =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::none());
        stored.write_all(plain().as_bytes()).unwrap();
        stored.finish().unwrap()
    };
    let mut check = flate2::Crc::new();
    check.update(plain().as_bytes());
    let mut copy = [header.clone(), stored].concat();
    copy.extend(check.sum().to_le_bytes());
    copy.extend(check.amount().to_le_bytes());
    let site = Site::of(plain()).page("index.html.gz", copy);
    for (command, text) in [("inject", page(&loader())), ("remove", plain())] {
        site.ok(command);
        let made = site.read("index.html.gz");
        assert_eq!(made[..header.len()], header, "{command}");
        assert_eq!(decompress("gz", &made), text);
    }
}

#[test]
fn what_other_programs_compressed_keeps_their_parameters() {
    let site = site(&plain(), &plain())
        .page("index.html.br", {
            let mut out = Vec::new();
            let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 11, 24);
            encoder.write_all(plain().as_bytes()).unwrap();
            drop(encoder);
            out
        })
        .page("index.html.zst", {
            let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder
                .set_pledged_src_size(Some(plain().len() as u64))
                .unwrap();
            encoder.write_all(plain().as_bytes()).unwrap();
            encoder.finish().unwrap()
        });
    let before = COPIES.map(|name| site.read(name));
    site.ok("inject");
    copies_say(&site, &page(&loader()));
    site.ok("remove");
    assert_eq!(COPIES.map(|name| site.read(name)), before);
}
