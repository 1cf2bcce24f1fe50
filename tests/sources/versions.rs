//! Cargo.toml is the only place with the version. Manifests of packages carry 0.0.0 and are stamped when they are built; no document or
//! template names another version than Cargo.toml's.

use std::fs;
use std::path::{Path, PathBuf};

use fancy_regex::Regex;

/// Where the version is stamped.
const STAMPED: &str = "0.0.0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below, but those that were installed or built.
fn files(path: &Path, into: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        into.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if !["node_modules", "target", "dist", "__pycache__"]
            .iter()
            .any(|built| name == *built)
        {
            files(&entry.path(), into);
        }
    }
}

fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name == "pyproject.toml"
        || name == "package.json"
        || path.extension().is_some_and(|kind| kind == "gemspec")
}

/// The versions that a manifest gives its own package.
fn own(manifest: &str) -> Vec<String> {
    let line = Regex::new(r#"(?m)^\s*(?:spec\.)?"?version"?\s*[:=]\s*"([^"]*)""#).unwrap();
    let found = line.captures_iter(manifest);
    found
        .map(|found| found.unwrap().get(1).unwrap().as_str().to_owned())
        .collect()
}

/// The versions of chathub that a text names: `chathub@1.2.3`, `chathub==1.2.3`, `chathub:1.2.3`, `chathub 1.2.3`, `"chathub": "1.2.3"`,
/// `gem "jekyll-chathub", "~> 1.2.3"`, `@chathub/linux-x64@1.2.3`, `chathub-v1.2.3.tar.gz`.
fn named(text: &str) -> Vec<String> {
    let name = Regex::new(
        r#"chathub(?:/[a-z0-9-]+)?["']?,?(?:\s?[@:=~^>v_-]{1,2}|\s)\s?["']?(?:[~^>=]{1,2}\s?)?v?(\d+\.\d+\.\d+)"#,
    );
    name.unwrap()
        .captures_iter(text)
        .map(|found| found.unwrap().get(1).unwrap().as_str().to_owned())
        .collect()
}

#[test]
fn a_version_that_a_text_names_is_found() {
    for text in [
        "npx chathub@1.2.3",
        "pip install chathub==1.2.3",
        "image: example/chathub:1.2.3",
        "chathub 1.2.3",
        r#""chathub": "^1.2.3""#,
        r#"gem "jekyll-chathub", "~> 1.2.3""#,
        "rev: chathub v1.2.3",
        "npm install @chathub/linux-x64@1.2.3",
        r#""@chathub/linux-x64": "1.2.3""#,
        "chathub-v1.2.3-x86_64-unknown-linux-musl.tar.gz",
        "chathub_1.2.3_amd64.deb",
    ] {
        assert_eq!(named(text), ["1.2.3"], "{text}");
    }
    assert!(named("chathub inject 10.0.0.1").is_empty());
    assert_eq!(own("[project]\nversion = \"1.2.3\"\n"), ["1.2.3"]);
    assert_eq!(own("{\n  \"version\": \"1.2.3\"\n}"), ["1.2.3"]);
    assert_eq!(own("  spec.version = \"1.2.3\"\n"), ["1.2.3"]);
}

#[test]
fn only_cargo_says_which_version_this_is() {
    let version = env!("CARGO_PKG_VERSION");
    let mut all = Vec::new();
    for place in [
        "docs",
        "packages",
        "examples",
        "README.md",
        "action.yml",
        "pyproject.toml",
        ".pre-commit-hooks.yaml",
        ".github",
        "templates",
    ] {
        let path = root().join(place);
        if path.exists() {
            files(&path, &mut all);
        }
    }
    let mut manifests = 0;
    for path in all {
        // Pictures name nothing.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let shown = path.strip_prefix(root()).unwrap().display();
        if is_manifest(&path) {
            manifests += 1;
            for found in own(&text) {
                assert_eq!(
                    found, STAMPED,
                    "{shown}: a package's version is stamped when it is built"
                );
            }
        }
        for found in named(&text) {
            assert!(
                found == version || found == STAMPED,
                "{shown} names version {found} of chathub; Cargo.toml has {version}"
            );
        }
    }
    assert!(manifests > 0);
}

/// What the component for GitLab installs, where nobody asks for another version.
#[test]
fn the_component_installs_this_version() {
    let component = fs::read_to_string(root().join("templates/chathub.yml")).unwrap();
    let input = component.split("\n    version:\n").nth(1).unwrap();
    let default = input.trim_start().lines().next().unwrap();
    assert_eq!(default, concat!("default: ", env!("CARGO_PKG_VERSION")));
}
