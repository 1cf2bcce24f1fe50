//! THIRD-PARTY-NOTICES names the crates that are in the binary, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::cargo::tree;

/// Crates as `name version`.
type Crates = BTreeSet<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the binary for this system is made of.
fn compiled() -> Crates {
    let named = tree(&[]).into_iter();
    let named = named.map(|(name, version)| format!("{name} {}", version.trim_start_matches('v')));
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
