//! The search that all other tests stand on: it finds what is given away, and excuses what it has to and no more.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::common::{STATIC, Site, jwt, page, plain, token, widget};
use crate::http::Server;
use crate::program::asked::Asked;
use crate::program::secrets::{Kind, Secrets};
use crate::program::{Program, Watch, repository};
use tempfile::TempDir;

const COMPANY: &str = "company-0123456789-abcdef-SECRET";
const PASSWORD: &str = "correct \"horse\" & 'battery' <staple>";

/// A working folder without a binary: the test itself does what a run would.
struct Folder {
    folder: TempDir,
    watch: Watch,
}

/// What there is before a run, what the run writes, and on which streams.
type Files<'a> = &'a [(&'a str, &'a str)];

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::new(folder.path());
        Self { folder, watch }
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        let mode = if path.starts_with("cache/") {
            0o600
        } else {
            0o644
        };
        fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
    }

    fn write_all(&self, files: Files) {
        for (path, content) in files {
            self.write(path, content);
        }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let cache = self.folder.path().join("cache");
        [
            ("XDG_CACHE_HOME", cache.to_str().unwrap()),
            ("CHATHUB_COMPANY_TOKEN", COMPANY),
            ("CHATHUB_PASSWORD", PASSWORD),
            ("HTTPS_PROXY", "http://me:proxy-password@localhost"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// What a run gives away that writes these files and says this.
    fn run(&self, arguments: &str, files: Files, stdout: &str, stderr: &str) -> Vec<String> {
        let environment = self.environment();
        let words = arguments.split(' ').map(str::to_owned).collect();
        let asked = Asked::of(words, &environment);
        self.watch.before(&asked, &environment);
        self.write_all(files);
        let (stdout, stderr) = (stdout.as_bytes(), stderr.as_bytes());
        self.watch.after(&asked, stdout, stderr)
    }

    fn writes(&self, arguments: &str, files: Files) -> Vec<String> {
        self.run(arguments, files, "", "")
    }
}

/// A token that the stand-in would call the company's.
fn company_jwt() -> String {
    jwt(r#"{"company":1,"login":0}"#)
}

#[test]
fn a_secret_is_found_in_every_form() {
    let mut secrets = Secrets::default();
    assert!(secrets.add("password", PASSWORD, Kind::Company));
    assert!(!secrets.add("password", PASSWORD, Kind::Company));
    let json = serde_json::to_string(PASSWORD).unwrap();
    let in_json = serde_json::to_string(&json).unwrap();
    for text in [
        PASSWORD.to_owned(),
        in_json,
        json,
        format!("{PASSWORD:?}"),
        format!("{:?}", format!("{PASSWORD:?}")),
        "correct &quot;horse&quot; &amp; &#39;battery&#39; &lt;staple&gt;".to_owned(),
        "correct &quot;horse&quot; &amp; 'battery' <staple>".to_owned(),
        "correct%20%22horse%22%20%26%20%27battery%27%20%3Cstaple%3E".to_owned(),
        "correct%20%22horse%22%20%26%20%27battery%27%20%3cstaple%3e".to_owned(),
        "correct+%22horse%22+%26+%27battery%27+%3Cstaple%3E".to_owned(),
    ] {
        let text = format!("<p>before{text}behind");
        assert_eq!(secrets.find(text.as_bytes()).len(), 1, "{text}");
    }
    for text in ["correct \"horse\"", "password", ""] {
        assert!(secrets.find(text.as_bytes()).is_empty(), "{text}");
    }
    // These are no secrets, whatever the variable is called.
    for word in ["", "wrong", "test-token-for-development"] {
        assert!(!secrets.add("password", word, Kind::Company), "{word}");
    }
}

#[test]
fn any_whole_token_is_found_and_no_shortened_one() {
    let mut secrets = Secrets::default();
    let whole = token("support", 3600);
    for text in [
        whole.clone(),
        format!("token={whole}"),
        format!("\"{whole}\\n"),
        format!("Bearer%20{whole}."),
        format!("x{whole}"),
    ] {
        assert_eq!(secrets.find(text.as_bytes()).len(), 1, "{text}");
    }
    let two = format!("{whole} {whole}");
    assert_eq!(secrets.find(two.as_bytes()).len(), 2);
    let (start, signature) = whole.rsplit_once('.').unwrap();
    for text in [
        chathub::internal::token::shorten(&whole),
        start.to_owned(),
        format!("{start}.…"),
        format!("{start}.{}", &signature[..4]),
        "honeyJar.example.com".to_owned(),
    ] {
        assert!(secrets.find(text.as_bytes()).is_empty(), "{text}");
    }
    // Half of one that is known is too much to be said.
    assert!(secrets.find_on_stream(signature.as_bytes()).is_empty());
    secrets.add_signature(&whole);
    assert_eq!(secrets.find_on_stream(signature.as_bytes()).len(), 1);
}

#[test]
fn streams_may_hold_nothing() {
    let operator = token("support", 3600);
    let folder = Folder::new();
    let cases = [&operator, COMPANY, PASSWORD, "proxy-password"];
    for secret in cases {
        for arguments in ["inject", "inject --diff", "verify -vv", "token inspect"] {
            let said = format!("debug: {secret}\n");
            assert_eq!(folder.run(arguments, &[], &said, "").len(), 1);
            assert_eq!(folder.run(arguments, &[], "", &said).len(), 1);
        }
    }
    let harmless = chathub::internal::token::shorten(&operator);
    assert_eq!(folder.run("inject", &[], &harmless, &harmless), [""; 0]);
}

#[test]
fn only_token_get_gives_out_an_operators_token_and_that_alone() {
    let folder = Folder::new();
    let (one, other) = (token("one", 3600), token("other", 3600));
    let alone = format!("{one}\n");
    let document = format!("{{\n  \"token\": \"{one}\",\n  \"operatorId\": 101\n}}\n");
    for stdout in [&alone, &document] {
        assert_eq!(folder.run("token get -v", &[], stdout, ""), [""; 0]);
        assert_eq!(folder.run("token get", &[], "", stdout).len(), 1);
        assert_eq!(folder.run("token inspect", &[], stdout, "").len(), 1);
    }
    for (stdout, hits) in [
        (format!("token: {one}\n"), 1),
        (format!("{one}\n{other}\n"), 2),
        (format!("{one}\n{COMPANY}\n"), 2),
        (format!("{COMPANY}\n"), 1),
        (format!("{}\n", company_jwt()), 1),
        (document.replace("token", "name"), 1),
    ] {
        let found = folder.run("token get", &[], &stdout, "");
        assert_eq!(found.len(), hits, "{stdout}");
    }
}

#[test]
fn static_pages_hold_a_token_in_their_tag_and_nowhere_else() {
    let operator = token("support", 3600);
    let tag = widget(&operator, "support");
    let right = page(&tag);
    let folder = Folder::new();
    folder.write_all(&[("chathub.toml", STATIC)]);
    for path in ["public/index.html", "made/shop/a.HTM"] {
        assert_eq!(folder.writes("inject", &[(path, &right)]), [""; 0]);
    }
    for (path, content) in [
        ("report.txt", right.clone()),
        ("report.json", format!("{{\"token\": \"{operator}\"}}")),
        ("public/a.html", page(&format!("<p>{operator}</p>"))),
        ("public/b.html", page(&tag.replace(" token=", " data-org="))),
        ("public/c.html", page(&tag.replace(" id=", " class="))),
        ("public/d.html", page(&tag.replace("<script", "<div"))),
        ("public/e.html", page(&tag.replace("token=\"", "token=\"x"))),
        ("public/f.html", page(&format!("{tag}<!-- {operator} -->"))),
        ("public/g.html", page(&widget(&company_jwt(), "support"))),
        ("public/h.html", page(&widget(COMPANY, "support"))),
        ("public/i.html", page(&format!("{tag}<!-- {COMPANY} -->"))),
    ] {
        let found = folder.writes("inject", &[(path, &content)]);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
    }
    // In placeholder mode not even there.
    let folder = Folder::new();
    let files: Files = &[("public/index.html", &right)];
    assert_eq!(folder.writes("inject", files).len(), 1);
    let folder = Folder::new();
    assert_eq!(folder.writes("inject --mode static", files), [""; 0]);
}

#[test]
fn the_cache_holds_operators_tokens_for_its_user() {
    let entry = format!("{{\"token\":\"{}\"}}", token("support", 3600));
    let folder = Folder::new();
    let kept: Files = &[("cache/chathub/tokens/a.json", &entry)];
    assert_eq!(folder.writes("inject", kept), [""; 0]);
    let company = format!("{{\"token\":\"{}\"}}", company_jwt());
    for (path, content) in [
        ("cache/chathub/tokens/b.json", COMPANY),
        ("cache/chathub/tokens/c.json", &company),
        ("cache/chathub/d.json", &entry),
        ("cache/tokens/e.json", &entry),
        ("public/cache/chathub/tokens/f.json", &entry),
    ] {
        let found = folder.writes("inject", &[(path, content)]);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
    }
    // Whoever may read the file, may read it all.
    let folder = Folder::new();
    let environment = folder.environment();
    let asked = Asked::of(vec!["inject".to_owned()], &environment);
    folder.watch.before(&asked, &environment);
    folder.write_all(kept);
    let file = folder.folder.path().join(kept[0].0);
    fs::set_permissions(file, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(folder.watch.after(&asked, b"", b"").len(), 2);
}

#[test]
fn what_the_test_wrote_may_stay_where_it_is() {
    let operator = token("support", 3600);
    let folder = Folder::new();
    let planted = page(&format!("<p>{operator} {COMPANY}</p>"));
    folder.write_all(&[("public/shop/a.html", &planted), ("secret.txt", PASSWORD)]);
    let changed = planted.replace("Hello", "Changed");
    for path in ["public/shop/a.html", "made/shop/a.html"] {
        let found = folder.writes("inject --output made", &[(path, &changed)]);
        assert_eq!(found, [""; 0], "{path}");
    }
    for path in ["public/b.html", "made/a.html", "copy/shop/a.html", "report"] {
        let found = folder.writes("inject", &[(path, &changed)]);
        assert_eq!(found.len(), 2, "{path}: {found:?}");
    }
    let more = format!("{changed}{}", token("another", 3600));
    let found = folder.writes("inject", &[("public/shop/a.html", &more)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(folder.run("verify", &[], &planted, "").len(), 2);
    // What one run leaves behind is not excused in the next.
    let found = folder.writes("inject", &[("report", &more)]);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn secrets_of_files_and_commands_are_known() {
    let folder = Folder::new();
    let config = "[api]\ncompany-token = { file = \"secret/company\" }\npassword = { command = [\"cat\", \"word\"] }\n\
        [organizations.a]\nid = 1\ntoken = { command = \"cat a-token\" }\n";
    let secrets = ["in-a-file-of-its-own", "of a command", "not-even-a-jwt"];
    folder.write_all(&[
        ("chathub.toml", config),
        ("secret/company", "in-a-file-of-its-own\n"),
        ("word", secrets[1]),
        ("a-token", secrets[2]),
    ]);
    for secret in secrets {
        assert_eq!(folder.run("inject", &[], "", secret).len(), 1, "{secret}");
        let files: Files = &[("report.json", secret)];
        assert_eq!(folder.writes("inject", files).len(), 1, "{secret}");
    }
}

#[test]
fn packed_and_wide_files_hide_nothing() {
    let operator = token("support", 3600);
    let folder = Folder::new();
    let environment = folder.environment();
    let asked = Asked::of(vec!["inject".to_owned()], &environment);
    folder.watch.before(&asked, &environment);
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    folder.write("wide.html", wide(&page(&operator)));
    folder.write("wide.txt", wide(COMPANY));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(page(COMPANY).as_bytes()).unwrap();
    folder.write("a.html.gz", gz.finish().unwrap());
    let zst = zstd::encode_all(page(&operator).as_bytes(), 1).unwrap();
    folder.write("a.html.zst", zst);
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 1, 20)
        .write_all(page(PASSWORD).as_bytes())
        .unwrap();
    folder.write("a.html.br", br);
    folder.write(&format!("{COMPANY}.txt"), "");
    assert_eq!(folder.watch.after(&asked, b"", b"").len(), 6);
}

#[test]
fn only_what_was_not_asked_for_is_kept_from_a_test() {
    let lines = [
        "error: e",
        "warning: w",
        "info: i",
        "debug: d",
        "  debug: of a report",
        "2026-01-20T14:33:34.1Z  INFO minted",
        "2026-01-20T14:33:34.1Z DEBUG asked for",
        "{\"timestamp\":\"2026\",\"severity_text\":\"DEBUG\"}",
    ];
    for (arguments, seen) in [
        ("inject", vec![0, 1, 4]),
        ("inject -q", vec![0, 4]),
        ("inject -nv", vec![0, 1, 2, 4, 5]),
        ("inject -v --verbose", (0..8).collect()),
        ("inject --verify -c v", vec![0, 1, 4]),
        ("endpoint", vec![0, 1, 2, 4, 5]),
        ("endpoint -v", (0..8).collect()),
        ("endpoint -q", vec![0, 1, 4]),
    ] {
        let words = arguments.split(' ').map(str::to_owned).collect();
        let asked = Asked::of(words, &[]);
        let wanted: Vec<&str> = seen.iter().map(|n: &usize| lines[*n]).collect();
        let left = asked.only(lines.join("\n").as_bytes());
        let left = String::from_utf8(left).unwrap();
        let left: Vec<&str> = left.lines().collect();
        assert_eq!(left, wanted, "{arguments}");
    }
    let set = [("CHATHUB_LOG".to_owned(), "debug".to_owned())];
    assert!(Asked::of(vec!["inject".to_owned()], &set).wants(b"debug: d"));
}

#[test]
fn runs_at_the_same_time_answer_for_what_they_have_finished() {
    let folder = Folder::new();
    let environment = folder.environment();
    let asked = Asked::of(vec!["inject".to_owned()], &environment);
    let start = || folder.watch.before(&asked, &environment);
    let end = || folder.watch.after(&asked, b"", b"");
    let found = |file: &str, name: &str| [format!("the file {file}: {name}")];
    start();
    // What the first has left is not the test's doing, although another one starts behind it.
    folder.write("report.json", COMPANY);
    start();
    // The second is in the middle of a page, which the end of the first must not see,
    folder.write("public/.chathub-AbCdEf.tmp", token("support", 3600));
    assert_eq!(end(), found("report.json", "CHATHUB_COMPANY_TOKEN"));
    // and leaves it behind.
    assert_eq!(end(), found("public/.chathub-AbCdEf.tmp", "a token"));
    // What a test says that it writes itself may stay, also while a run is under way.
    start();
    folder.write("report.json", format!("{COMPANY} {PASSWORD}"));
    folder.watch.planted(Path::new("report.json"));
    assert_eq!(end(), [""; 0]);
}

/// A run in front of which the site's secret is said.
fn leaky(site: &Site, arguments: &[&str]) -> Program {
    let script = "echo $SUPPORT_TOKEN >&2; exec \"$@\"";
    site.command(arguments).under(&["sh", "-c", script, "sh"])
}

fn site() -> Site {
    Site::of(plain()).env("SUPPORT_TOKEN", "not-a-jwt-but-a-secret-all-the-same")
}

#[test]
#[should_panic(expected = "[\"verify\"] gives away:\nstandard error: SUPPORT_TOKEN")]
fn a_run_is_searched_at_its_end() {
    leaky(&site(), &["verify"]).run();
}

#[test]
#[should_panic(expected = "gives away")]
fn a_run_that_nobody_waits_for_is_searched_as_well() {
    let site = site();
    let mut running = leaky(&site, &["verify"]).spawn();
    running.wait().unwrap();
}

#[test]
#[should_panic(expected = "gives away")]
fn servers_are_searched_when_they_are_stopped() {
    let site = site();
    let server = Server::start(&mut leaky(&site, &["preview", "--port", "0"]));
    server.stop();
}

#[test]
#[should_panic(expected = "gives away")]
fn servers_are_searched_when_they_are_dropped() {
    let site = site();
    drop(Server::start(&mut leaky(
        &site,
        &["preview", "--port", "0"],
    )));
}

#[test]
fn no_test_runs_the_binary_past_the_search() {
    // Put together, since this file is looked at as well.
    let ways = [["CARGO_BIN", "_EXE"].concat(), ["cargo", "_bin("].concat()];
    let mut folders = vec![repository().join("tests")];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_harness = path.ends_with(Path::new("tests/it/program/mod.rs"));
            let text = fs::read_to_string(&path).unwrap();
            let found = ways.iter().find(|way| text.contains(way.as_str()));
            assert_eq!(found.is_some(), is_harness, "{}", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}
