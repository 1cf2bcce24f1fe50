//! What a run says and where it writes: another folder, nothing at all, diffs, reports, colours.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::common::{Report, STATIC, Site, contents, jwt, loader, page, plain, snapshot, token};

/// A small site with something of everything.
fn mixed() -> Site {
    Site::of(plain())
        .page("404.html", plain())
        .page("style.css", "body { color: teal }")
        .page("images/logo.png", b"\x89PNG\r\n\x1a\n\0\0")
        .page("part.html", "<p>a fragment</p>")
        .page(".well-known/security.txt", "Contact: none")
        .page(".hidden/page.html", plain())
        .page("shop/index.html", page("<p>shop</p>"))
}

#[test]
fn output_writes_the_whole_site_elsewhere_and_leaves_it_alone() {
    let site = mixed();
    #[cfg(unix)]
    for (to, at) in [
        ("style.css", "css"),
        ("shop", "store"),
        ("nowhere", "broken.html"),
    ] {
        std::os::unix::fs::symlink(to, site.path(at)).unwrap();
    }
    fs::create_dir(site.path("empty")).unwrap();
    let before = site.snapshot();
    site.ok("inject --output deploy/site");
    assert_eq!(site.snapshot(), before);
    // The same run in place makes the same site.
    site.ok("inject public");
    assert_eq!(
        contents(&site.folder().join("deploy/site")),
        contents(&site.path(""))
    );
    assert_eq!(site.text("index.html"), page(&loader()));
}

#[test]
fn output_has_todays_runtime_even_if_the_site_has_an_older_one() {
    let hashed = format!(
        "chathub-assets/{}",
        chathub::internal::runtime::hashed_name()
    );
    for threads in ["1", "8"] {
        let older = "an older chathub.runtime.v1";
        let kept = chathub::internal::runtime::name_of(older.as_bytes());
        let site = mixed()
            .page("chathub-assets/runtime.js", older)
            .page(&format!("chathub-assets/{kept}"), older)
            .page(&hashed, "a damaged chathub.runtime.v1");
        site.ok(&format!("inject --output deploy --threads {threads}"));
        for name in [hashed.as_str(), "chathub-assets/runtime.js"] {
            let written = fs::read(site.folder().join("deploy").join(name)).unwrap();
            assert_eq!(written, chathub::internal::runtime::SOURCE, "{name}");
        }
        site.ok("verify deploy");
    }
}

#[test]
fn remove_can_write_elsewhere_too() {
    let site = mixed();
    let before = contents(&site.path(""));
    site.ok("inject");
    let injected = site.snapshot();
    site.ok("remove --output deploy");
    assert_eq!(site.snapshot(), injected);
    assert_eq!(contents(&site.folder().join("deploy")), before);
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let site = mixed();
    let before = snapshot(site.folder());
    let dry = site.json("inject --dry-run", 0);
    assert_eq!(snapshot(site.folder()), before);
    let real = site.json("inject", 0);
    assert_eq!(dry.0["pages"], real.0["pages"]);
    let would = real.0["summary"]["files"].to_string();
    let would = would.replace("wrote ", "would write ");
    assert_eq!(dry.0["summary"]["files"].to_string(), would);
    assert_eq!(dry.0["summary"]["dryRun"], true);
}

#[test]
fn check_exits_with_1_as_long_as_something_would_change() {
    let site = mixed();
    let before = snapshot(site.folder());
    site.run("inject --check").exits(1);
    assert_eq!(snapshot(site.folder()), before);
    site.ok("inject");
    site.run("inject --check").exits(0);
    site.run("remove --check").exits(1);
    fs::remove_file(site.path("chathub-assets/runtime.js")).unwrap();
    site.run("inject --check").exits(1);
    site.ok("remove");
    site.run("remove --check").exits(0);
}

/// Applies a diff to a folder as `patch -p1` does.
fn patch(folder: &std::path::Path, diff: &str) {
    let mut patch = Command::new("patch")
        .args(["-p1", "--batch", "--no-backup-if-mismatch"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("patch is installed");
    patch
        .stdin
        .take()
        .unwrap()
        .write_all(diff.as_bytes())
        .unwrap();
    let output = patch.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{diff}");
    assert!(!said.contains("fuzz"), "{said}");
}

#[test]
fn a_diff_is_what_patch_takes_and_gives_what_inject_gives() {
    let long = |tag: &str| {
        format!(
            "<!doctype html>\n<html>\n<body>\n{}{tag}</body>\n</html>\n",
            "<p>line</p>\n".repeat(20)
        )
    };
    let site = Site::of(long(""))
        .page("one-line.html", "<!doctype html><body>no line end</body>")
        .page("crlf.html", long("").replace('\n', "\r\n"))
        .page("with a space/page.html", long(""))
        .page("twice.html", long(&format!("{}\n{}\n", loader(), loader())))
        .page("чат.html", long("<p>чат</p>"));
    let diffs = site.ok("inject --diff --format json").stdout;
    let human = site.ok("inject --diff").stdout;
    let diffs = Report::of(&diffs);
    let mut all = String::new();
    for page in diffs.0["pages"].as_array().unwrap() {
        let diff = page["diff"].as_str().unwrap();
        assert!(human.contains(diff), "{human}");
        all.push_str(diff);
    }
    patch(&site.path(""), &all);
    let patched = contents(&site.path(""));
    site.ok("inject");
    for (path, entry) in patched {
        assert_eq!(contents(&site.path(""))[&path], entry, "{path}");
    }
}

#[test]
fn a_diff_of_lines_that_end_in_carriage_returns_alone_is_still_one() {
    let text = "<!doctype html>\r<body>\r<p>x</p>\r</body>\r";
    let site = Site::of(text);
    let report = site.json("inject --diff", 0);
    patch(
        &site.path(""),
        report.0["pages"][0]["diff"].as_str().unwrap(),
    );
    assert_eq!(
        site.text("index.html"),
        text.replace("</body>", &format!("{}</body>", loader()))
    );
}

#[test]
fn a_diff_shows_no_token() {
    let (old, new) = (token("old", 3600), token("new", 3600));
    let site = Site::of(page(&crate::common::widget(&old, "support")))
        .config(STATIC)
        .env("SUPPORT_TOKEN", &new);
    for format in ["human", "json", "ndjson"] {
        let run = site.ok(&format!("inject --diff -vv --format {format}"));
        for token in [&old, &new] {
            let (_, signature) = token.rsplit_once('.').unwrap();
            assert!(!run.stdout.contains(signature), "{}", run.stdout);
        }
    }
    let run = site.ok("inject --diff");
    assert!(
        run.stdout
            .contains(&chathub::internal::token::shorten(&old)),
        "{}",
        run.stdout
    );
}

#[test]
fn reports_go_to_files_beside_what_people_read() {
    let site = mixed();
    let run = site.ok("inject --report json=r.json --report ndjson=r.ndjson --report human=r.txt");
    assert!(run.stdout.contains("injected"), "{}", run.stdout);
    let read = |name: &str| fs::read_to_string(site.folder().join(name)).unwrap();
    assert_eq!(
        Report::of(&read("r.json")).outcome("index.html"),
        "injected"
    );
    let lines: Vec<serde_json::Value> = read("r.ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 5);
    assert!(read("r.txt").contains("injected"));
}

#[test]
fn all_reports_of_one_run_say_the_same() {
    const FILES: [(&str, &str); 10] = [
        ("human", "r.txt"),
        ("json", "r.json"),
        ("ndjson", "r.ndjson"),
        ("sarif", "r.sarif"),
        ("junit", "r.xml"),
        ("github", "r.log"),
        ("gitlab", "r.gitlab"),
        ("markdown", "r.md"),
        ("html", "r.html"),
        ("checkstyle", "r.checkstyle"),
    ];
    let site = mixed().config(
        "default-organization = \"support\"\n[organizations.support]\nid = 6\n[[rules]]\nmatch = \"nowhere/\"\nwidget = false\n",
    );
    let reports = FILES.map(|(format, file)| format!("--report {format}={file}"));
    let read = |name: &str| fs::read_to_string(site.folder().join(name)).unwrap();
    let parsed = |name: &str| serde_json::from_str::<serde_json::Value>(&read(name)).unwrap();
    // How many findings each of the formats has that have them one by one.
    let counts = || {
        let sarif = parsed("r.sarif");
        let lines = read("r.log");
        let lines = lines
            .lines()
            .filter(|line| line.starts_with("::error ") || line.starts_with("::warning "));
        [
            sarif["runs"][0]["results"].as_array().unwrap().len(),
            lines.count(),
            parsed("r.gitlab").as_array().unwrap().len(),
            read("r.md").matches("\n| error | ").count()
                + read("r.md").matches("\n| warning | ").count(),
            read("r.html").matches("</th><td><p>").count(),
            read("r.checkstyle").matches("<error ").count(),
        ]
    };
    let verify = |more: &str| site.run(&format!("verify {more} {}", reports.join(" ")));

    verify("").exits(1);
    let summary = &parsed("r.json")["summary"];
    let number = |severity: &str| summary[severity].as_u64().unwrap();
    let (errors, warnings) = (number("errors"), number("warnings"));
    assert!(errors >= 3 && warnings == 1, "{summary}");
    assert_eq!(
        counts().map(|found| found as u64),
        [errors + warnings; 6],
        "{summary}"
    );
    for (_, file) in FILES {
        let text = read(file);
        assert!(text.contains("missing-instance"), "{file}: {text}");
        assert!(text.contains("shop/index.html"), "{file}: {text}");
    }
    let before: Vec<String> = FILES[3..].iter().map(|(_, file)| read(file)).collect();
    verify("--threads 3").exits(1);
    for ((_, file), before) in FILES[3..].iter().zip(before) {
        assert_eq!(read(file), before, "{file}");
    }

    // With a warning alone, it is up to --fail-on.
    site.ok("inject");
    verify("").exits(0);
    assert_eq!(counts(), [1; 6]);
    assert!(!read("r.xml").contains("<failure "));
    assert!(read("r.html").contains(">Passed<") && !read("r.md").contains("the run.**"));
    verify("--fail-on warning").exits(1);
    assert_eq!(counts(), [1; 6]);
    assert!(read("r.xml").contains("<failure type=\"unused-rule\""));
    assert!(read("r.html").contains(">Failed<"));
    for file in ["r.html", "r.md"] {
        assert!(read(file).contains("1 finding fails the run."), "{file}");
    }
}

#[test]
fn ndjson_says_what_json_says_one_thing_to_a_line() {
    let site = mixed();
    let json = site.json("verify", 1);
    let run = site.run("verify --format ndjson");
    let lines: Vec<serde_json::Value> = run
        .exits(1)
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for path in json.paths() {
        let found = lines
            .iter()
            .any(|line| line.to_string().contains(&format!("\"{path}\"")));
        assert!(found, "{path} is not in {lines:?}");
    }
}

#[test]
fn quiet_says_only_what_is_wrong() {
    let site = mixed();
    assert_eq!(site.ok("inject -q --dry-run").stdout, "");
    let run = site.run("verify -q");
    run.exits(1);
    assert!(run.stdout.contains("missing-instance"), "{}", run.stdout);
    site.ok("inject -q");
    let run = site.ok("verify -q");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn verbose_names_every_page_and_very_verbose_says_why() {
    let site = mixed().config("default-organization = \"support\"\n[organizations.support]\nid = 6\n[[rules]]\nmatch = \"shop/\"\nwidget = false\n");
    let normal = site.ok("inject -n").stdout;
    assert!(!normal.contains("shop/index.html"), "{normal}");
    let verbose = site.ok("inject -n -v").stdout;
    for path in [
        "index.html",
        "shop/index.html",
        "part.html",
        ".hidden/page.html",
    ] {
        assert!(verbose.contains(path), "{verbose}");
    }
    assert!(!verbose.contains("chathub.toml:4"), "{verbose}");
    let very = site.ok("inject -n -vv").stdout;
    assert!(very.contains("chathub.toml:4"), "{very}");
    site.run("inject -q -v").fails(2, &["-q", "-v"]);
}

#[test]
fn pages_that_get_a_chat_are_not_counted_as_without_one() {
    let run = mixed().ok("inject");
    assert!(!run.stdout.contains("no widget"), "{}", run.stdout);
}

#[test]
fn colours_come_and_go_as_asked() {
    let site = mixed();
    let colored = |run: &crate::common::Run| run.stdout.contains('\u{1b}');
    assert!(colored(&site.run("verify --color always")));
    assert!(!colored(&site.run("verify --color never")));
    assert!(!colored(&site.run("verify")));
    let site = site.env("NO_COLOR", "1");
    assert!(!colored(&site.run("verify")));
    // Who asks in so many words gets what they ask for.
    assert!(colored(&site.run("verify --color always")));
    for format in ["json", "ndjson"] {
        let run = site.run(&format!("verify --color always --format {format}"));
        assert!(!colored(&run));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let site = (0..500).fold(Site::new(), |s, n| s.page(&format!("{n}.html"), plain()));
    for arguments in ["verify --format json", "inject -vv --diff"] {
        let mut command = site.command(arguments.split(' '));
        let (reader, writer) = std::io::pipe().unwrap();
        let child = command.stdout(writer).spawn();
        drop(command);
        drop(reader);
        let run = crate::common::Run::from(child.end());
        run.exits(i32::from(arguments.starts_with("verify")));
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn any_number_of_threads_says_the_same_in_the_same_order() {
    let site = (0..120).fold(mixed(), |site, n| {
        let text = match n % 4 {
            0 => page(&loader()),
            1 => page(&format!("{}{}", loader(), loader())),
            2 => "<p>part</p>".to_owned(),
            _ => page(&format!("<p>{}</p>", jwt("{}"))),
        };
        site.page(&format!("{}/page-{n}.html", n % 5), text)
    });
    let said = |arguments: &str| {
        let mut report = Report::of(&site.run(arguments).stdout).0;
        report["summary"]["elapsedMs"] = 0.into();
        report
    };
    for command in ["verify", "inject --dry-run", "inject --diff"] {
        let one = said(&format!("{command} --format json --threads 1"));
        for threads in ["2", "8", "8"] {
            let many = said(&format!("{command} --format json --threads {threads}"));
            assert_eq!(one, many, "{command} with {threads}");
        }
    }
    let report = site.json("verify", 1);
    let mut sorted = report.paths();
    sorted.sort_by_key(|path| path.split('/').map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(report.paths(), sorted);
}
