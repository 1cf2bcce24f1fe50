//! `cargo xtask pypi`: the wheels, one for each binary. hatchling makes them of a copy of packages/pypi with what is not in there: the
//! version of Cargo.toml, the licences, and the binary as it is given.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::package;
use crate::run::{Failure, call, program, root, succeeds};

const USAGE: &str = "cargo xtask pypi --binary TARGET=PATH… --out DIR";

pub(crate) fn pypi(arguments: &[OsString]) -> Result<(), Failure> {
    let Some((binaries, out)) = parse(arguments) else {
        return Err(Failure::usage(USAGE));
    };
    // Before anything is fetched or copied.
    for (_, path) in &binaries {
        if !path.is_file() {
            return Err(Failure::new(format!("{} is not a file", path.display())));
        }
    }
    let tools = tools()?;
    for (target, path) in &binaries {
        let copy = stage(target, path).map_err(|error| Failure::new(error.to_string()))?;
        let mut hatchling = program("python3");
        hatchling
            .current_dir(&copy)
            .args(["-m", "hatchling", "build", "--target", "wheel"])
            .arg("--directory")
            .arg(&out)
            .env("PYTHONPATH", &tools)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("CHATHUB_WHEEL_TARGET", target);
        if env::var_os("SOURCE_DATE_EPOCH").is_none() {
            // The first time that a ZIP archive can hold.
            hatchling.env("SOURCE_DATE_EPOCH", "315532800");
        }
        succeeds(&mut hatchling)?;
    }
    Ok(())
}

/// The targets with their binaries, and the folder for the wheels. Paths are the caller's, so from the folder that it is in.
fn parse(arguments: &[OsString]) -> Option<(Vec<(String, PathBuf)>, PathBuf)> {
    let here = |path: &OsStr| env::current_dir().map(|folder| folder.join(path)).ok();
    let (mut binaries, mut out) = (Vec::new(), None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.to_str()? {
            "--binary" => {
                let (target, path) = value.to_str()?.split_once('=')?;
                binaries.push((target.to_owned(), here(path.as_ref())?));
            }
            "--out" => out = Some(here(value)?),
            _ => return None,
        }
    }
    (!binaries.is_empty()).then_some((binaries, out?))
}

/// The folder with hatchling and what it needs, installed when its list is another than the last time.
fn tools() -> Result<PathBuf, Failure> {
    let tools = root().join("target/tools/hatchling");
    let (list, installed) = (
        root().join("packages/pypi/build-requirements.txt"),
        tools.join("build-requirements.txt"),
    );
    let read = |path: &Path| fs::read(path).ok();
    if read(&list) != read(&installed) {
        call(&root().join("scripts/setup"), &["pip3".into()])?;
        let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", tools.display()));
        if tools.exists() {
            fs::remove_dir_all(&tools).map_err(failed)?;
        }
        succeeds(
            program("python3")
                .args(["-m", "pip", "install", "--quiet"])
                .args(["--disable-pip-version-check", "--only-binary", ":all:"])
                .args(["--require-hashes", "--requirement"])
                .arg(&list)
                .arg("--target")
                .arg(&tools)
                .env("PIP_ROOT_USER_ACTION", "ignore"),
        )?;
        fs::copy(&list, &installed).map_err(failed)?;
    }
    Ok(tools)
}

/// Puts everything that is in the wheel into a folder of its own.
fn stage(target: &str, binary: &Path) -> std::io::Result<PathBuf> {
    let copy = package::empty(&Path::new("pypi").join(target))?;
    let source = root().join("packages/pypi");
    package::copy_files(&source, &copy)?;
    package::copy_files(&source.join("src/chathub"), &copy.join("src/chathub"))?;
    package::add(
        &copy,
        &["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-NOTICES"],
    )?;
    package::stamp(&copy.join("pyproject.toml"))?;

    let bin = copy.join("bin");
    fs::create_dir(&bin)?;
    let name = if target.contains("windows") {
        "chathub.exe"
    } else {
        "chathub"
    };
    fs::copy(binary, bin.join(name))?;
    executable(&bin.join(name))?;
    Ok(copy)
}

/// An artifact that came through an archive has lost its mode.
#[cfg(unix)]
fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
