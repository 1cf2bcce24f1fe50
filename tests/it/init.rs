//! `chathub init`, run for real: what it writes is a configuration, and `inject` works with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::common::Run;
use crate::program::Program;
use crate::site::copy_folder;
use chathub::internal::settings::{Config, Inputs, load};

/// A copy of a fixture's source (where it has one) and output, as they lie in the working folder of its author.
fn site(fixture: &str, output: &str, source: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(fixture);
    if source {
        copy_folder(&fixture.join("source"), folder.path());
    }
    copy_folder(&fixture.join(output), &folder.path().join(output));
    folder
}

fn chathub(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(Program::in_folder(folder).args(arguments))
}

/// Runs it and wants it to succeed; what it says on standard output.
fn ok(folder: &Path, arguments: &[&str]) -> String {
    chathub(folder, arguments).exits(0).stdout.clone()
}

fn config(folder: &Path) -> Config {
    let known_rules = &chathub::internal::steps::verify::ids();
    let inputs = Inputs {
        folder: folder.to_path_buf(),
        known_rules,
        ..Inputs::default()
    };
    load(&inputs).unwrap_or_else(|error| panic!("{error}"))
}

/// The file with every commented setting switched on; prose has a space after the `#`.
pub(crate) fn switch_on(text: &str) -> String {
    let setting = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let lines = text.lines().map(|line| {
        line.strip_prefix('#')
            .filter(|rest| setting(rest))
            .unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes the files that its examples name: a baseline without findings.
fn name_what_is_there(site: &Path) {
    fs::write(site.join("chathub-baseline.toml"), "version = 1\n").unwrap();
}

#[test]
fn what_it_writes_changes_nothing_but_the_site() {
    for (fixture, output, name) in [
        ("demo", "public", "No generator"),
        ("hugo", "public", "Hugo"),
        ("jekyll", "_site", "Jekyll"),
        ("zola", "public", "Zola"),
    ] {
        let site = site(fixture, output, fixture != "demo");
        let said = ok(site.path(), &["init"]);
        assert!(said.starts_with(name), "{fixture}: {said}");
        let found = config(site.path());
        let unchanged = Config {
            files: found.files.clone(),
            site: Some(site.path().join(output)),
            ..Config::default()
        };
        assert_eq!(found, unchanged, "{fixture}");

        // Pages and folders of the larger ones name organizations, which their author has to configure first.
        if fixture != "demo" {
            let file = site.path().join("chathub.toml");
            fs::write(&file, switch_on(&fs::read_to_string(&file).unwrap())).unwrap();
            name_what_is_there(site.path());
        }
        ok(site.path(), &["inject"]);
        ok(site.path(), &["verify"]);
        ok(site.path(), &["inject", "--check"]);
    }
}

#[test]
fn every_line_can_be_switched_on() {
    let site = site("hugo", "public", true);
    assert!(ok(site.path(), &["init"]).contains("shop/.chathub.toml holds rules"));
    let file = site.path().join("chathub.toml");
    let on = switch_on(&fs::read_to_string(&file).unwrap());
    fs::write(&file, &on).unwrap();
    name_what_is_there(site.path());
    let found = config(site.path());
    assert_eq!(found.organizations.len(), 3);
    assert_eq!(found.rules.len(), 3);
    assert_eq!(found.rules[0].matches, ["shop/**"]);
    assert_eq!(found.rules[1].lang, ["pt"]);
    assert_eq!(found.rules[2].matches, ["internal/**"]);
    // The examples name what is really there.
    assert!(ok(site.path(), &["inject"]).contains("support-pt"), "{on}");
    assert!(!ok(site.path(), &["verify"]).contains("unused-rule"));
    for setting in chathub::internal::settings::setting_names() {
        let table: toml::Table = on.parse().unwrap();
        let mut value = toml::Value::Table(table);
        for part in setting.path.split('.') {
            value = value
                .get(part)
                .unwrap_or_else(|| panic!("{}", setting.path))
                .clone();
        }
        if let Some(default) = setting.default.filter(|_| setting.path != "site") {
            assert_eq!(value.to_string(), default, "{}", setting.path);
        }
    }
}

#[test]
fn an_existing_file_is_replaced_only_by_force() {
    let site = site("demo", "public", false);
    let file: PathBuf = site.path().join("chathub.toml");
    fs::write(&file, "mode = \"placeholder\"\n").unwrap();
    chathub(site.path(), &["init"]).fails(2, &["--force"]);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "mode = \"placeholder\"\n"
    );

    let shown = ok(site.path(), &["init", "--stdout"]);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "mode = \"placeholder\"\n"
    );
    ok(site.path(), &["init", "--force"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), shown);
}

#[test]
fn an_unbuilt_site_and_an_empty_folder_get_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    ok(folder.path(), &["init"]);
    assert_eq!(config(folder.path()).site, None);

    fs::write(folder.path().join("mkdocs.yml"), "site_name: x\n").unwrap();
    let said = ok(folder.path(), &["init", "--force"]);
    assert!(said.contains("mkdocs build"));
    assert_eq!(config(folder.path()).site, Some(folder.path().join("site")));
}

/// A folder with these files; a page without content is a whole page.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    const PAGE: &str =
        "<!doctype html><html><head><title>x</title></head><body><p>x</p></body></html>";
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let page = is_page(path) && content.is_empty();
        fs::write(file, if page { PAGE } else { content }).unwrap();
    }
    folder
}

fn is_page(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "html")
}

/// As the generators' starters have it.
const TEMPLATE: &str = "<!doctype html><html><head><link rel=icon href=\"%PUBLIC_URL%/x.ico\"></head><body><div id=root></div></body></html>";

#[test]
fn the_whole_way_ends_in_the_folder_that_is_deployed() {
    let react_router = [
        ("react-router.config.ts", "export default { ssr: false };"),
        ("vite.config.ts", ""),
        ("public/offline.html", ""),
        ("build/client/index.html", ""),
        ("build/server/index.js", ""),
    ];
    let angular = [
        ("angular.json", "{ \"projects\": { \"shop\": {} } }"),
        ("public/robots.html", ""),
        ("dist/shop/3rdpartylicenses.txt", ""),
        ("dist/shop/browser/index.html", ""),
    ];
    let cra = [
        (
            "package.json",
            "{ \"dependencies\": { \"react-scripts\": \"5\" } }",
        ),
        ("public/index.html", TEMPLATE),
        ("build/index.html", ""),
    ];
    let astro = [
        (
            "astro.config.mjs",
            "// outDir: './dist'\nexport default defineConfig({ outDir: './www', base: '/docs' });",
        ),
        ("public/a.html", ""),
        ("dist/old.html", ""),
        ("www/index.html", ""),
    ];
    let nikola = [
        (
            "conf.py",
            "import time\nBLOG_TITLE = 'x'\nPOSTS = ()\nPAGES = ()\n",
        ),
        ("output/index.html", ""),
    ];
    let jupyter = [
        ("_config.yml", "title: x\n"),
        ("_toc.yml", "format: jb-book\n"),
        ("_build/html/index.html", ""),
    ];
    for (files, site) in [
        (&react_router[..], "build/client"),
        (&angular[..], "dist/shop/browser"),
        (&cra[..], "build"),
        (&astro[..], "www"),
        (&nikola[..], "output"),
        (&jupyter[..], "_build/html"),
    ] {
        let folder = project(files);
        // Without any configuration, too.
        let dry = ok(folder.path(), &["inject", "--dry-run", "--format", "json"]);
        assert!(
            dry.contains(&format!("\"site\":\"{site}\"")),
            "{site}: {dry}"
        );
        ok(folder.path(), &["init"]);
        assert_eq!(config(folder.path()).site, Some(folder.path().join(site)));
        ok(folder.path(), &["inject"]);
        ok(folder.path(), &["verify"]);
        for (path, content) in files {
            let now = fs::read_to_string(folder.path().join(path)).unwrap();
            let inside = path.starts_with(site) && is_page(path);
            assert_eq!(now.contains("data-chathub"), inside, "{path}");
            assert!(inside || content.is_empty() || now == *content, "{path}");
        }
    }
}

#[test]
fn the_base_path_comes_from_the_generator() {
    let folder = project(&[
        ("_config.yml", "title: x\nroot: /blog/\n"),
        ("scaffolds/post.md", ""),
        ("public/index.html", ""),
    ]);
    let said = ok(folder.path(), &["init"]);
    assert!(said.contains("/blog/"), "{said}");
    assert_eq!(config(folder.path()).placeholder.base_url, "/blog/");
    ok(folder.path(), &["inject"]);
    let page = fs::read_to_string(folder.path().join("public/index.html")).unwrap();
    assert!(page.contains(" src=\"/blog/"), "{page}");
}

#[test]
fn a_source_folder_is_never_the_site() {
    let cases: [&[(&str, &str)]; 4] = [
        &[
            ("vite.config.ts", ""),
            ("public/index.html", ""),
            (
                "index.html",
                "<script type=module src=/src/main.ts></script>",
            ),
        ],
        &[
            (
                "package.json",
                "{ \"dependencies\": { \"react-scripts\": \"5\" } }",
            ),
            ("public/index.html", TEMPLATE),
        ],
        &[("nuxt.config.ts", ""), ("public/index.html", "")],
        &[("public/index.html", TEMPLATE)],
    ];
    for files in cases {
        let folder = project(files);
        for command in ["inject", "verify", "remove", "explain"] {
            chathub(folder.path(), &[command]).fails(2, &["no site here"]);
        }
        ok(folder.path(), &["init"]);
        assert_ne!(
            config(folder.path()).site,
            Some(folder.path().join("public"))
        );
        for (path, content) in files {
            let now = fs::read_to_string(folder.path().join(path)).unwrap();
            assert!(!now.contains("data-chathub"), "{path}");
            assert!(content.is_empty() || now == *content, "{path}");
        }
    }
}

#[test]
fn in_doubt_the_candidates_are_named_and_nothing_is_written() {
    let computed = [
        (
            "astro.config.mjs",
            "export default defineConfig({ outDir: process.env.OUT });",
        ),
        ("dist/index.html", ""),
    ];
    for (files, names) in [
        (
            &[
                ("hugo.toml", ""),
                ("mkdocs.yml", ""),
                ("public/a.html", ""),
                ("site/a.html", ""),
            ][..],
            ["public", "site"],
        ),
        (
            &[("out/a.html", ""), ("dist/a.html", "")][..],
            ["dist", "out"],
        ),
        (&computed[..], ["dist", "computes"]),
    ] {
        let folder = project(files);
        for command in ["init", "inject", "verify"] {
            chathub(folder.path(), &[command]).fails(2, &names);
        }
        assert!(!folder.path().join("chathub.toml").exists());
        // Whoever knows says it.
        ok(folder.path(), &["init", names[0]]);
        assert_eq!(
            config(folder.path()).site,
            Some(folder.path().join(names[0]))
        );
        ok(folder.path(), &["inject"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_the_user_is_asked() {
    let folder = project(&[("dist/a.html", ""), ("out/a.html", "")]);
    // A terminal of util-linux's making; the answer is typed when the question is there.
    let type_answer = "set -e; mkfifo keys; script -qefc \"$0 init\" shown < keys > /dev/null & \
         exec 3> keys; until grep -q deployed shown 2> /dev/null; do sleep 0.02; done; \
         printf '\\r' >&3; wait $!";
    let mut program = Program::in_folder(folder.path()).under(&["sh", "-c", type_answer]);
    Run::of(&mut program).exits(0);
    let shown = fs::read_to_string(folder.path().join("shown")).unwrap();
    let site = config(folder.path()).site.unwrap();
    let name = site.file_name().unwrap().to_str().unwrap();
    assert!(["dist", "out"].contains(&name), "{shown}");
    assert!(shown.contains(&format!("the site is {name}/")), "{shown}");
}

#[test]
fn below_the_project_its_site_is_found() {
    let folder = project(&[
        ("hugo.toml", ""),
        ("public/a.html", ""),
        ("chathub.toml", "mode = \"placeholder\"\n"),
        ("content/a.md", "x"),
    ]);
    let below = folder.path().join("content");
    for command in ["inject", "verify", "explain", "remove"] {
        ok(&below, &[command]);
    }
    // What is built in the working folder goes first.
    fs::create_dir(below.join("public")).unwrap();
    fs::write(below.join("public/b.html"), "<!doctype html><p>b</p>").unwrap();
    let said = ok(&below, &["inject", "-n", "-v"]);
    assert!(said.contains("b.html"), "{said}");
}

/// Writes a file that was last changed so many hours after some moment.
fn written(folder: &Path, path: &str, hours: u64) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let page = path
        .extension()
        .is_some_and(|extension| extension == "html");
    let content = if page {
        "<!doctype html><title>x</title><p>x"
    } else {
        ""
    };
    fs::write(&path, content).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + hours * 3600);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn a_site_that_is_older_than_its_sources_is_told() {
    let told = |files: &[(&str, u64)]| {
        let folder = tempfile::tempdir().unwrap();
        for (path, hours) in files {
            written(folder.path(), path, *hours);
        }
        ok(folder.path(), &["init"])
            .lines()
            .find(|line| line.contains("older than its sources"))
            .map(str::to_owned)
    };
    let hugo = [
        ("hugo.toml", 0),
        ("public/index.html", 1),
        ("public/a/index.html", 2),
    ];
    let with = |more: &[(&'static str, u64)]| told(&[&hugo[..], more].concat());
    assert_eq!(
        with(&[("content/a.md", 1), ("content/posts/b.md", 3)]).unwrap(),
        "The site is older than its sources: content/posts/b.md has changed since. Build it again (`hugo`) before inject."
    );
    for fine in [
        // Built since, even if the first page that was written is older.
        &[("content/a.md", 1)][..],
        // One checkout writes all of it in one breath.
        &[("content/a.md", 2)],
        // No content of the site.
        &[
            ("README.md", 9),
            ("node_modules/x/readme.md", 9),
            (".github/x.md", 9),
            ("themes/x/content/a.md", 9),
            ("dist/a.md", 9),
            ("content/a.png", 9),
        ],
    ] {
        assert_eq!(with(fine), None, "{fine:?}");
    }
    // Without a generator there are no sources.
    assert_eq!(told(&[("public/index.html", 1), ("notes/a.md", 9)]), None);
}
