//! The packages for npm, with the version that Cargo.toml has: `packages/npm/pack.mjs` writes and packs them.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use crate::run::{Failure, program, root, succeeds};

const USAGE: &str = "cargo xtask npm --binary TARGET=PATH… --out DIR, with a target of Rust such as \
    x86_64-unknown-linux-gnu and the binary for it";

/// Prints the tarballs in the order in which they must be published.
pub(crate) fn npm(arguments: &[OsString]) -> Result<(), Failure> {
    let (mut binaries, mut out) = (Vec::new(), None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| Failure::usage(USAGE))?;
        match word.to_str() {
            Some("--binary") => binaries.push(binary(value)?),
            Some("--out") if out.is_none() => out = Some(value),
            _ => return Err(Failure::usage(USAGE)),
        }
    }
    let (Some(out), false) = (out, binaries.is_empty()) else {
        return Err(Failure::usage(USAGE));
    };
    fs::create_dir_all(root().join(out)).map_err(|error| {
        Failure::new(format!(
            "the folder {} cannot be made: {error}",
            out.display()
        ))
    })?;
    let mut pack = program("node");
    pack.arg("packages/npm/pack.mjs")
        .arg(version()?)
        .arg(out)
        .args(binaries);
    succeeds(&mut pack)
}

/// `TARGET=PATH`, where PATH is a file.
fn binary(value: &OsString) -> Result<&str, Failure> {
    let value = value.to_str().ok_or_else(|| Failure::usage(USAGE))?;
    let (_, path) = value
        .split_once('=')
        .filter(|(target, _)| !target.is_empty())
        .ok_or_else(|| Failure::usage(USAGE))?;
    if !root().join(path).is_file() {
        let missing = Path::new(path).display();
        return Err(Failure::new(format!(
            "there is no binary at {missing}; build it first"
        )));
    }
    Ok(value)
}

/// What Cargo.toml has, which no other file may.
fn version() -> Result<String, Failure> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))
        .map_err(|error| Failure::new(format!("Cargo.toml cannot be read: {error}")))?;
    manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("Cargo.toml has no version"))
}
