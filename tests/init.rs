//! `chathub init`, run for real: what it writes is a configuration, and `inject` works with it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use chathub::config::{Config, Inputs, load};
use common::Run;
use common::program::Program;

/// A copy of a fixture's source (where it has one) and output, as they lie in the working folder of its author.
fn site(fixture: &str, output: &str, source: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(fixture);
    if source {
        copy(&fixture.join("source"), folder.path());
    }
    copy(&fixture.join(output), &folder.path().join(output));
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn chathub(folder: &Path, arguments: &[&str]) -> Run {
    Run::of(Program::in_folder(folder).args(arguments))
}

/// Runs it and wants it to succeed; what it says on standard output.
fn ok(folder: &Path, arguments: &[&str]) -> String {
    chathub(folder, arguments).exits(0).stdout.clone()
}

fn config(folder: &Path) -> Config {
    let known_rules = &chathub::verify::ids();
    let inputs = Inputs {
        folder: folder.to_path_buf(),
        known_rules,
        ..Inputs::default()
    };
    load(&inputs).unwrap_or_else(|error| panic!("{error}"))
}

/// The file with every commented setting switched on; prose has a space after the `#`.
fn switch_on(text: &str) -> String {
    let setting = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let lines = text.lines().map(|line| {
        line.strip_prefix('#')
            .filter(|rest| setting(rest))
            .unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
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
    let found = config(site.path());
    assert_eq!(found.organizations.len(), 3);
    assert_eq!(found.rules.len(), 3);
    assert_eq!(found.rules[0].matches, ["shop/**"]);
    assert_eq!(found.rules[1].lang, ["pt"]);
    assert_eq!(found.rules[2].matches, ["internal/**"]);
    // The examples name what is really there.
    assert!(ok(site.path(), &["inject"]).contains("support-pt"), "{on}");
    assert!(!ok(site.path(), &["verify"]).contains("unused-rule"));
    for setting in chathub::config::setting_names() {
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
