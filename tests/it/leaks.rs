//! Secrets in files that are not pages: found in every form, in every kind of file, and in what those decode to; and nothing is
//! taken for one that is none.

use std::fs;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::common::{Report, Run, STATIC, Site, jwt, page, plain, token, widget};

const COMPANY: &str = "company-0123456789-abcdef-SECRET";
const PASSWORD: &str = "correct <horse> & \"battery\" + staple/1?";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 3,
        ..Default::default()
    };
    let mut text = text;
    brotli::BrotliCompress(&mut text, &mut compressed, &parameters).unwrap();
    compressed
}

fn zstandard(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).unwrap()
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// The password and a token in all forms, with what the message says of each.
fn forms(token: &str) -> Vec<(String, &'static str)> {
    let script = PASSWORD
        .replace('"', "\\\"")
        .replace('<', "\\u003C")
        .replace('>', "\\x3e")
        .replace('/', "\\/");
    let html = PASSWORD
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&#62;");
    let url: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    let mut forms = vec![
        (PASSWORD.to_owned(), "the password for all to read"),
        (html, "character references"),
        (url.replace('+', "%20"), "percent-encoded"),
        (url, "percent-encoded"),
        (script, "escapes"),
        (token.to_owned(), "a JSON Web Token for all to read"),
        (token.replace('.', "%2E"), "percent-encoded"),
        (token.replace('.', "\\u002E"), "escapes"),
        (token.replace('.', "&#46;"), "character references"),
    ];
    for before in ["", "u:", "user:"] {
        for secret in [PASSWORD, token] {
            let text = format!("{before}{secret}>>>???");
            forms.push((STANDARD.encode(&text), "base64"));
            forms.push((URL_SAFE_NO_PAD.encode(&text), "base64"));
        }
    }
    forms
}

/// The findings on a file, as line, column and message.
fn found(report: &Report, path: &str) -> Vec<(u64, u64, String)> {
    let findings = report.findings("secret-in-site");
    let findings = findings.iter().filter(|finding| finding["path"] == path);
    findings
        .map(|finding| {
            let number = |key: &str| finding["place"][key].as_u64().unwrap();
            let message = finding["message"].as_str().unwrap();
            (number("line"), number("column"), message.to_owned())
        })
        .collect()
}

#[test]
fn every_form_is_found_in_every_kind_of_file() {
    let token = jwt(r#"{"sub":"4711","name":"whoever"}"#);
    let forms = forms(&token);
    let text = |start: &str| {
        let lines = forms.iter().map(|(form, _)| format!("{start}ї {form} \n"));
        lines.collect::<String>()
    };
    let kinds: Vec<(&str, Vec<u8>)> = vec![
        ("app.js", text("// ").into_bytes()),
        ("app.js.map", text("\t").into_bytes()),
        ("style.css", text("").into_bytes()),
        ("search/index.json", text("  ").into_bytes()),
        ("feed.xml", text("").into_bytes()),
        ("robots.txt", text("#").into_bytes()),
        (".env", text("KEY=").into_bytes()),
        (".hidden/page.html", text("<p>").into_bytes()),
        ("no-extension", text("").into_bytes()),
        ("picture.png", text("").into_bytes()),
        ("windows.txt", utf_16(&text(""))),
        ("app.js.gz", gzip(text("").as_bytes())),
        ("app.js.br", brotli(text("").as_bytes())),
        ("app.js.zst", zstandard(text("").as_bytes())),
        ("pagefind/en.pf_fragment", gzip(text("").as_bytes())),
        ("windows.txt.gz", gzip(&utf_16(&text("")))),
        ("taal.br", text("not Brotli: ").into_bytes()),
    ];
    let mut site = Site::of(plain()).env("CHATHUB_PASSWORD", PASSWORD);
    for (path, content) in &kinds {
        site = site.page(path, content);
    }
    site.ok("inject");
    let report = site.json("verify", 1);
    for (path, _) in &kinds {
        let found = found(&report, path);
        assert_eq!(found.len(), forms.len(), "{path}: {found:#?}");
        for (index, ((form, phrase), (line, column, message))) in
            forms.iter().zip(&found).enumerate()
        {
            assert_eq!(*line, index as u64 + 1, "{path} {form}");
            assert!(*column > 2, "{path}");
            assert!(message.contains(phrase), "{path} {form}: {message}");
            let is_decoded = [".gz", "js.br", ".zst", ".pf_fragment"]
                .iter()
                .any(|end| path.ends_with(end));
            let says = message.contains("places are in what the file decodes to");
            assert!(!is_decoded || says, "{path}: {message}");
        }
    }
    // Whoever runs it searches all that it says for the secrets; here for the other forms, too.
    for look in [
        "verify -vv",
        "verify --format ndjson",
        "verify --format sarif",
    ] {
        let run = site.run(look);
        for (form, _) in &forms {
            assert!(!run.stdout.contains(form.as_str()), "{look}: {form}");
        }
    }
}

#[test]
fn columns_count_characters_and_excerpts_mark_what_is_masked() {
    let site = Site::of(plain())
        .page("a.js", format!("\u{feff}let а = '{COMPANY}';"))
        .page("b.js", format!("\n\nп{COMPANY}"))
        .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    site.ok("inject");
    let report = site.json("verify", 1);
    let place = |path| found(&report, path)[0].clone();
    assert_eq!((place("a.js").0, place("a.js").1), (1, 10));
    assert_eq!((place("b.js").0, place("b.js").1), (3, 2));
    let excerpt = report.findings("secret-in-site")[0]["excerpt"]["text"].clone();
    assert_eq!(
        excerpt.as_str().unwrap().trim_start_matches('\u{feff}'),
        "let а = '[redacted]';"
    );
}

#[test]
fn in_static_mode_only_tags_of_pages_may_hold_the_token() {
    let token = token("support", 20 * 3600);
    let site = Site::of(page(&widget(&token, "support")))
        .page(
            "search.json",
            format!(
                "{{\"body\": \"{}\"}}",
                widget(&token, "support").replace('"', "\\\"")
            ),
        )
        .config(STATIC)
        .env("SUPPORT_TOKEN", &token);
    site.ok("inject");
    let report = site.json("verify", 1);
    assert!(report.rules("index.html").is_empty());
    assert_eq!(found(&report, "search.json").len(), 1);
    // Its own compressed copy is the page's.
    let site = Site::of(page(&widget(&token, "support")))
        .page(
            "index.html.gz",
            gzip(page(&widget(&token, "support")).as_bytes()),
        )
        .config(STATIC)
        .env("SUPPORT_TOKEN", &token);
    site.ok("inject");
    let report = site.json("verify", 0);
    assert!(report.findings("secret-in-site").is_empty());
    assert!(report.findings("file-unreadable").is_empty());
}

#[test]
fn a_copy_that_says_something_else_than_its_page_is_searched_too() {
    let old = page(&format!("<p>{COMPANY}</p>"));
    let site = Site::of(plain())
        .page("fragment.html", "<p>x</p>")
        .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    site.ok("inject");
    let site = site
        .page("index.html.gz", gzip(old.as_bytes()))
        .page("fragment.html.br", brotli(old.as_bytes()))
        .page("gone.html.zst", zstandard(old.as_bytes()));
    let report = site.json("verify", 1);
    for path in ["index.html.gz", "fragment.html.br", "gone.html.zst"] {
        assert_eq!(found(&report, path).len(), 1, "{path}");
    }
}

#[test]
fn samples_are_notes_and_may_be_allowed_wherever_they_are() {
    let (sample, expired) = (jwt(r#"{"sub":"sample"}"#), token("whoever", -60));
    let digest = chathub::internal::token::digest(&sample);
    let site = Site::of(plain())
        .page(
            "docs.js",
            format!("`{sample}` {}", STANDARD.encode(&sample)),
        )
        .page("old.json", format!("\"{expired}\""))
        .config(&format!("[verify]\nallow-secrets = [\"{digest}\"]\n"));
    site.ok("inject");
    let report = site.json("verify", 0);
    assert!(report.findings("unused-allowed-secret").is_empty());
    let notes = report.findings("secret-in-site");
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0]["severity"], "note");
    assert_eq!(notes[0]["path"], "old.json");
}

#[test]
fn what_only_looks_like_a_secret_is_none() {
    let mut binary = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    binary.extend([0, 1, 2, 3, 4, 5].repeat(2000));
    binary.extend(COMPANY.as_bytes());
    let site = Site::of(plain())
        .page("picture.txt", &binary)
        .page("picture.txt.gz", gzip(&binary))
        .page("a.js", "eyJ eyJhbGciOiJIUzI1NiJ9 eyJhbGciOi.eyJ.x ZXlK ZXlKaGJHY2lPaUpJVXpJMU5pSjk= company-0123456789-abcdef")
        .page("b.js", &COMPANY[..COMPANY.len() - 1])
        .page("c.js", STANDARD.encode(&COMPANY[1..]))
        .page("empty.js", "")
        .page("empty.br", "")
        .page("empty.gz", "")
        .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    site.ok("inject");
    let report = site.json("verify", 0);
    assert!(report.findings("secret-in-site").is_empty());
    assert!(report.findings("file-unreadable").is_empty());
}

#[test]
fn what_is_not_read_to_its_end_is_said_to_be_so() {
    let line = format!("{COMPANY}\n");
    let whole = gzip(
        &[
            line.as_bytes(),
            "a long text without an end\n".repeat(9000).as_bytes(),
        ]
        .concat(),
    );
    let site = Site::of(plain())
        .page("bomb.js.gz", gzip(&vec![b'x'; 70 << 20]))
        .page("bomb.bin.zst", zstandard(&vec![b'x'; 70 << 20]))
        .page("cut.js.gz", &whole[..whole.len() / 2])
        .page("cut.txt.zst", &zstandard(line.repeat(90).as_bytes())[..40])
        .page("whole.js.gz", gzip(line.repeat(9).as_bytes()))
        .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    site.ok("inject");
    let report = site.json("verify", 1);
    let unread = report.findings("file-unreadable");
    let said = |path: &str| {
        let finding = unread.iter().find(|finding| finding["path"] == path);
        finding.map(|finding| finding["message"].as_str().unwrap().to_owned())
    };
    for path in ["bomb.js.gz", "bomb.bin.zst"] {
        let said = said(path).unwrap();
        assert!(said.contains("more than 100 times its size"), "{said}");
    }
    for (path, coding) in [("cut.js.gz", "gzip"), ("cut.txt.zst", "Zstandard")] {
        let said = said(path).unwrap();
        assert!(said.contains(coding) && said.contains("end"), "{said}");
    }
    assert_eq!(said("whole.js.gz"), None);
    // As far as it goes.
    assert_eq!(found(&report, "cut.js.gz").len(), 1);
    assert_eq!(found(&report, "whole.js.gz").len(), 9);
}

#[test]
fn a_large_file_takes_no_more_memory_than_a_small_one() {
    // Less than half of what it decodes to, and more than all else takes.
    let text = "тут нічого немає, а рядків багато, і кожен з них інший: 0123456789\n";
    let numbered = (0..2_000_000_u32).flat_map(|n| format!("{n} {}", &text[..90]).into_bytes());
    let mut large: Vec<u8> = numbered.collect();
    large.extend(COMPANY.as_bytes());
    assert!(large.len() > 170 << 20);
    let site = Site::of(plain())
        .page("log.txt.gz", gzip(&large))
        .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    drop(large);
    site.ok("inject");
    let program = site.command(["verify", "--format", "json", "--threads", "2"]);
    let script = "ulimit -v 163840; exec \"$0\" \"$@\"";
    let run = Run::of(&mut program.under(&["sh", "-c", script]));
    let report = Report::of(&run.stdout);
    assert_eq!(found(&report, "log.txt.gz").len(), 1, "{}", run.stderr);
    assert!(report.findings("file-unreadable").is_empty());
}

#[test]
fn the_search_can_be_narrowed_and_turned_off() {
    let site = |config: &str| {
        let site = Site::of(page(&format!("<p>{COMPANY}</p>")))
            .page("a.js", COMPANY)
            .env("CHATHUB_COMPANY_TOKEN", COMPANY)
            .config(config);
        site.ok("inject");
        site
    };
    let paths = |report: &Report| -> Vec<String> {
        let findings = report.findings("secret-in-site");
        findings
            .iter()
            .map(|finding| finding["path"].as_str().unwrap().to_owned())
            .collect()
    };
    let report = site("").json("verify", 1);
    assert_eq!(paths(&report), ["index.html", "a.js"]);
    let report = site("[verify]\nscan-all-files = false\n").json("verify", 1);
    assert_eq!(paths(&report), ["index.html"]);
    let report = site("[verify.severity]\nsecret-in-site = \"off\"\n").json("verify", 0);
    assert!(paths(&report).is_empty());
    let report = site("[verify.severity]\nsecret-in-site = \"warning\"\n").json("verify", 0);
    assert_eq!(paths(&report).len(), 2);
}

#[test]
fn a_company_token_that_is_a_jwt_is_found_once_by_its_name() {
    let company = jwt(r#"{"company":6}"#);
    let site = Site::of(page(&format!("<p>{company}</p>")))
        .page(
            "a.js",
            format!("'{company}' '{}'", STANDARD.encode(&company)),
        )
        .env("CHATHUB_COMPANY_TOKEN", &company);
    site.ok("inject");
    let report = site.json("verify", 1);
    for (path, count) in [("index.html", 1), ("a.js", 2)] {
        let found = found(&report, path);
        assert_eq!(found.len(), count, "{found:?}");
        assert!(
            found
                .iter()
                .all(|(_, _, message)| message.contains("the company token"))
        );
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_out_of_the_site_and_never_to_what_has_no_end() {
    use std::os::unix::fs::symlink;

    let site = Site::of(plain())
        .page("a.js", COMPANY)
        .file("secrets.json", COMPANY)
        .env("CHATHUB_COMPANY_TOKEN", COMPANY);
    symlink("a.js", site.path("same.js")).unwrap();
    symlink("../secrets.json", site.path("out.json")).unwrap();
    symlink("/dev/zero", site.path("zero.js")).unwrap();
    symlink("nowhere", site.path("broken.js")).unwrap();
    symlink("..", site.path("folder")).unwrap();
    site.ok("inject");
    let report = site.json("verify", 1);
    for (path, count) in [("a.js", 1), ("same.js", 0), ("out.json", 1), ("zero.js", 0)] {
        assert_eq!(found(&report, path).len(), count, "{path}");
    }
    assert!(report.findings("file-unreadable").is_empty());
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_a_finding_and_the_run_goes_on() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use crate::somebody::{hand_over, run_as_user};

    let site = Site::of(plain()).page("a.js", "1").page("z.js", "2");
    site.ok("inject");
    fs::set_permissions(site.path("a.js"), Permissions::from_mode(0o000)).unwrap();
    hand_over(site.folder());
    let run = run_as_user(&site, "verify --format json");
    let report = Report::of(&run.exits(1).stdout);
    let unread = report.findings("file-unreadable");
    assert_eq!(unread.len(), 1);
    assert_eq!(unread[0]["path"], "a.js");
    assert!(
        unread[0]["message"]
            .as_str()
            .unwrap()
            .contains("permission denied")
    );
    assert_eq!(report.outcome("index.html"), "unchanged");
}
