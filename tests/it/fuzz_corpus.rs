//! What the fuzzers have found holds still: each input in `fuzz/corpus`, and in `fuzz/regressions` each that broke a
//! promise once, goes through its target's check.

use std::fs;
use std::path::Path;

/// Runs a check on each input of a target.
fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let folders = ["corpus", "regressions"].map(|folder| fuzz.join(folder).join(target));
    // No input of the rules has broken a promise.
    for folder in folders.iter().filter(|folder| folder.exists()) {
        let mut inputs = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            // Captured: seen only where the check fails.
            println!("{}", file.display());
            check(&fs::read(file).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{} is empty", folder.display());
    }
}

#[test]
fn pages() {
    replay("page", crate::fuzzed::page::check);
}

#[test]
fn rules() {
    replay("rules", crate::fuzzed::rules::check);
}

#[test]
fn configurations() {
    replay("config", crate::fuzzed::config::check);
}

#[test]
fn tokens() {
    replay("jwt", crate::fuzzed::jwt::check);
}
