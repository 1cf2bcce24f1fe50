//! `cargo xtask gem`: the gem for Jekyll.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::package;
use crate::run::{Failure, call, program, root, succeeds};

pub(crate) fn gem(arguments: &[OsString]) -> Result<(), Failure> {
    let [flag, out] = arguments else {
        return Err(Failure::usage("cargo xtask gem --out DIR"));
    };
    if flag != "--out" {
        return Err(Failure::usage("cargo xtask gem --out DIR"));
    }
    call(&root().join("scripts/setup"), &["gem".into()])?;
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let out = env::current_dir().map_err(failed)?.join(out);
    std::fs::create_dir_all(&out).map_err(failed)?;
    let copy = stage().map_err(failed)?;
    let name = format!("jekyll-chathub-{}.gem", package::version().map_err(failed)?);
    let mut build = program("gem");
    build
        .current_dir(&copy)
        .args(["build", "--silent", "jekyll-chathub.gemspec", "--output"])
        .arg(out.join(name));
    if env::var_os("SOURCE_DATE_EPOCH").is_none() {
        // The same bytes come out again.
        build.env("SOURCE_DATE_EPOCH", "315532800");
    }
    succeeds(&mut build)
}

fn stage() -> std::io::Result<PathBuf> {
    let copy = package::empty(Path::new("gem"))?;
    let source = root().join("packages/jekyll");
    package::copy_files(&source, &copy)?;
    package::copy_files(&source.join("lib"), &copy.join("lib"))?;
    package::add(&copy, &["LICENSE-MIT", "LICENSE-APACHE"])?;
    package::stamp(&copy.join("jekyll-chathub.gemspec"))?;
    Ok(copy)
}
