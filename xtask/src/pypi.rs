//! `cargo xtask pypi`: the wheels, one for each binary. hatchling makes them of a copy of packages/pypi with what is not in there: the
//! version of Cargo.toml, the licences, and the binary as it is given.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Failure, call, program, root, succeeds};

const USAGE: &str = "cargo xtask pypi --binary TARGET=PATH… --out DIR";

/// The version that manifests of packages carry, and that is stamped.
const NO_VERSION: &str = "\nversion = \"0.0.0\"\n";

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
        let copy = root().join("target/pypi").join(target);
        stage(&copy, target, path)
            .map_err(|error| Failure::new(format!("{}: {error}", copy.display())))?;
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
fn stage(copy: &Path, target: &str, binary: &Path) -> std::io::Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    let source = root().join("packages/pypi");
    let package = copy.join("src/chathub");
    fs::create_dir_all(&package)?;
    for entry in fs::read_dir(source.join("src/chathub"))? {
        let entry = entry?;
        // Python leaves a folder of compiled files.
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), package.join(entry.file_name()))?;
        }
    }
    for name in ["README.md", "binary.py"] {
        fs::copy(source.join(name), copy.join(name))?;
    }
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-NOTICES"] {
        fs::copy(root().join(name), copy.join(name))?;
    }
    let manifest = fs::read_to_string(source.join("pyproject.toml"))?;
    let stamped = manifest.replacen(NO_VERSION, &format!("\nversion = \"{}\"\n", version()?), 1);
    fs::write(copy.join("pyproject.toml"), stamped)?;

    let bin = copy.join("bin");
    fs::create_dir(&bin)?;
    let name = if target.contains("windows") {
        "chathub.exe"
    } else {
        "chathub"
    };
    fs::copy(binary, bin.join(name))?;
    executable(&bin.join(name))
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

/// The version in Cargo.toml.
fn version() -> std::io::Result<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let line = |line: &str| {
        Some(
            line.strip_prefix("version = \"")?
                .strip_suffix('"')?
                .to_owned(),
        )
    };
    manifest
        .lines()
        .find_map(line)
        .ok_or_else(|| std::io::Error::other("Cargo.toml has no version"))
}
