//! THIRD-PARTY-NOTICES names the crates that are in the binary, and no others.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Crates as `name version`.
type Crates = BTreeSet<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the binary for this system is made of.
fn compiled() -> Crates {
    // The same Cargo as that of the test, which has fetched all of it.
    let tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let crates = String::from_utf8(tree.stdout).unwrap();
    let named = crates.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let version = words.next().unwrap();
        format!("{name} {}", version.trim_start_matches('v'))
    });
    named.filter(|one| !one.starts_with("chathub ")).collect()
}

/// What Cargo.lock has, for whatever system and purpose.
fn locked() -> Crates {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    let named = packages.map(|package| {
        let text = |key: &str| package[key].as_str().unwrap().to_owned();
        format!("{} {}", text("name"), text("version"))
    });
    named.collect()
}

#[test]
fn they_are_those_of_the_crates_in_the_binary() {
    let notices = fs::read_to_string(root().join("THIRD-PARTY-NOTICES")).unwrap();
    let known = locked();
    let noted: Crates = notices
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        // Texts have lines that begin so, too.
        .filter(|line| {
            let (name, version) = line.split_once(' ').unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            let is_version = version.starts_with(|c: char| c.is_ascii_digit());
            is_version && !version.contains(' ') && !name.is_empty() && name.chars().all(is_name)
        })
        .map(str::to_owned)
        .collect();
    let compiled = compiled();
    assert!(compiled.len() > 100, "{}", compiled.len());
    let missing: Vec<_> = compiled.difference(&noted).collect();
    let gone: Vec<_> = noted.difference(&known).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "run cargo xtask notices: {missing:?} are not in THIRD-PARTY-NOTICES, {gone:?} are not in Cargo.lock any more"
    );
    // A licence that asks for its text to go along has it there.
    for text in [
        "Permission is hereby granted, free of charge",
        "Mozilla Public License",
        "Redistribution and use in source and binary forms",
    ] {
        assert!(notices.contains(text), "{text}");
    }
}
