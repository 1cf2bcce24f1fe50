//! Who takes an archive of a release looks for one that the release has, in the place where the program is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fancy_regex::Regex;
use toml::{Table, Value};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The first groups of all that a pattern finds.
fn found(pattern: &str, text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    let all = pattern.captures_iter(text);
    all.map(|found| found.unwrap().get(1).unwrap().as_str().to_owned())
        .collect()
}

/// What the workflow builds.
fn built() -> BTreeSet<String> {
    let targets = found(
        r"\{ target: ([a-z0-9_-]+),",
        &read(".github/workflows/release.yml"),
    );
    assert!(targets.len() > 3, "{targets:?}");
    targets
}

#[test]
fn the_action_has_an_archive_for_each_target_and_no_other() {
    assert_eq!(
        found(r"\btarget=([a-z0-9_-]+) ;;", &read("action/install.sh")),
        built()
    );
}

#[test]
fn formulas_name_targets_that_are_built() {
    let named = found(
        r#"["']((?:x86_64|aarch64)-[a-z]+-[a-z0-9_-]+)["']"#,
        &read("scripts/formulas.py"),
    );
    assert!(named.len() > 3, "{named:?}");
    assert!(named.is_subset(&built()), "{named:?}");
}

/// A template of cargo binstall, filled in.
fn filled(template: &Value, values: &BTreeMap<&str, &str>) -> String {
    let mut filled = template.as_str().unwrap().to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("{{ {name} }}"), value);
    }
    assert!(!filled.contains(['{', '}']), "{filled}");
    filled
}

#[test]
fn binstall_finds_the_program_of_each_target() {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    let settings = package["metadata"]["binstall"].as_table().unwrap();
    let overrides = settings["overrides"].as_table().unwrap();
    let (repo, version) = (
        package["repository"].as_str().unwrap(),
        env!("CARGO_PKG_VERSION"),
    );
    let built = built();
    for target in built.iter().chain(overrides.keys()) {
        let of = |key: &str| {
            let own = overrides.get(target).and_then(|own| own.get(key));
            own.unwrap_or(&settings[key])
        };
        let windows = target.contains("windows");
        let values = BTreeMap::from([
            ("repo", repo),
            ("version", version),
            ("target", target),
            ("bin", "chathub"),
            ("binary-ext", if windows { ".exe" } else { "" }),
        ]);
        let (url, program) = (
            filled(of("pkg-url"), &values),
            filled(of("bin-dir"), &values),
        );
        let place = format!("{repo}/releases/download/v{version}/");
        let archive = url.strip_prefix(&place).unwrap_or_else(|| panic!("{url}"));
        let folder = archive.strip_suffix(".tar.gz").unwrap();
        let from = folder
            .strip_prefix(&format!("chathub-{version}-"))
            .unwrap_or_default();
        assert!(
            built.contains(from),
            "{target} is looked for in {archive}, which no release has"
        );
        // As scripts/package lays it out.
        let name = if windows { "chathub.exe" } else { "chathub" };
        assert_eq!(program, format!("{folder}/{name}"), "{target}");
    }
    assert!(overrides.len() > 2);
}
