//! The files that are made from others: what the tests hold against the program, the browser module, and the notices.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::run::{Failure, call, cargo, program, root, succeeds};

/// Where they are.
const PLACES: &[&str] = &[
    "README.md",
    "THIRD-PARTY-NOTICES",
    "chathub.toml.example",
    "docs",
    "runtime/dist",
    "schemas",
];
/// Tells the tests in `tests/it/generated.rs` to write what is out of date.
const WRITE: &str = "CHATHUB_GENERATE";

pub(crate) fn generate(arguments: &[OsString]) -> Result<(), Failure> {
    match arguments {
        [] => write(),
        [word] if word == "--check" => check(),
        _ => Err(Failure::usage("cargo xtask generate [--check]")),
    }
}

fn write() -> Result<(), Failure> {
    let before = contents();
    succeeds(tables().env(WRITE, "1").stdout(Stdio::null()))?;
    if npm("which the browser module is built with")? {
        succeeds(npm_run("build").stdout(Stdio::null()))?;
    }
    if !notices_hold()? {
        call(&root().join("scripts/notices"), &[])?;
    }
    let after = contents();
    let changed = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text));
    for (path, _) in changed {
        println!("{}", path.display());
    }
    Ok(())
}

fn check() -> Result<(), Failure> {
    let mut stale = Vec::new();
    let tests = output(&mut tables())?;
    for line in tests.text.lines() {
        stale.extend(line.strip_prefix("out of date: ").map(str::to_owned));
    }
    if !tests.success && stale.is_empty() {
        eprintln!("{}", tests.text);
        return Err(Failure::new(
            "the tests that hold generated files do not run",
        ));
    }
    if npm("so runtime/dist is not looked at")? && !output(&mut npm_run("check"))?.success {
        stale.push("runtime/dist".to_owned());
    }
    if !notices_hold()? {
        stale.push("THIRD-PARTY-NOTICES".to_owned());
    }
    if stale.is_empty() {
        return Ok(());
    }
    for one in &stale {
        println!("{one}");
    }
    Err(Failure::new(
        "out of date; `cargo xtask generate` writes them",
    ))
}

/// The tests of what is generated from the program.
fn tables() -> std::process::Command {
    tests("it", "generated::")
}

fn notices_hold() -> Result<bool, Failure> {
    Ok(output(&mut tests("sources", "notices::"))?.success)
}

/// Some tests of one of the programs of `tests/`.
fn tests(program: &str, names: &str) -> std::process::Command {
    let mut test = cargo();
    test.args([
        "test", "--locked", "--quiet", "--test", program, "--", names,
    ]);
    test
}

fn npm_run(script: &str) -> std::process::Command {
    let mut npm = program("npm");
    npm.current_dir(root().join("runtime"))
        .args(["run", "--silent", script]);
    npm
}

/// Whether there is npm, with what the browser module is built with; without it, that is said.
fn npm(without: &str) -> Result<bool, Failure> {
    let found = program("npm")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if found.is_err() {
        eprintln!("generate: there is no npm, {without}; `cargo xtask test-runtime` installs it");
        return Ok(false);
    }
    let runtime = root().join("runtime");
    if !runtime.join("node_modules").exists() {
        succeeds(program("npm").current_dir(runtime).args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--silent",
        ]))?;
    }
    Ok(true)
}

/// What a program has said, and whether it succeeded.
struct Output {
    text: String,
    success: bool,
}

fn output(command: &mut std::process::Command) -> Result<Output, Failure> {
    let name = command.get_program().display().to_string();
    let output = command
        .output()
        .map_err(|error| Failure::new(format!("{name} cannot be run: {error}")))?;
    let text = [output.stdout, output.stderr].concat();
    Ok(Output {
        text: String::from_utf8_lossy(&text).into_owned(),
        success: output.status.success(),
    })
}

/// All files that may be generated, by their paths in the repository.
fn contents() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut left: Vec<PathBuf> = PLACES.iter().map(PathBuf::from).collect();
    while let Some(path) = left.pop() {
        let whole = root().join(&path);
        if let Ok(entries) = fs::read_dir(&whole) {
            left.extend(
                entries
                    .flatten()
                    .map(|entry| Path::new(&path).join(entry.file_name())),
            );
        } else if let Ok(bytes) = fs::read(&whole) {
            files.insert(path, bytes);
        }
    }
    files
}
