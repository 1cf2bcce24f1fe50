//! The packages for npm, with the version that Cargo.toml has: `packages/npm/pack.mjs` writes and packs them.

use std::ffi::OsString;
use std::fs;
use std::path::absolute;

use crate::package;
use crate::run::{Failure, program, succeeds};

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
    // From the folder that the caller is in.
    let out = absolute(out)
        .and_then(|out| fs::create_dir_all(&out).map(|()| out))
        .map_err(|error| {
            Failure::new(format!(
                "the folder {} cannot be made: {error}",
                out.display()
            ))
        })?;
    let mut pack = program("node");
    pack.arg("packages/npm/pack.mjs")
        .arg(package::version().map_err(|error| Failure::new(error.to_string()))?)
        .arg(out)
        .args(binaries);
    succeeds(&mut pack)
}

/// `TARGET=PATH`, where PATH is a file, as an absolute path.
fn binary(value: &OsString) -> Result<OsString, Failure> {
    let value = value.to_str().ok_or_else(|| Failure::usage(USAGE))?;
    let (target, path) = value
        .split_once('=')
        .filter(|(target, _)| !target.is_empty())
        .ok_or_else(|| Failure::usage(USAGE))?;
    match absolute(path) {
        Ok(whole) if whole.is_file() => {
            let mut given = OsString::from(format!("{target}="));
            given.push(whole);
            Ok(given)
        }
        _ => Err(Failure::new(format!(
            "there is no binary at {path}; build it first"
        ))),
    }
}
