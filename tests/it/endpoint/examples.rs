//! The units for systemd in `examples/`, as systemd itself judges them.

use std::process::Command;

use super::*;

/// The units in a folder, with a program that is there.
fn units() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    // systemd asks for a program that is there, and runs none.
    let program = std::env::current_exe().unwrap();
    for name in ["chathub-endpoint.service", "chathub-endpoint.socket"] {
        let unit = fs::read_to_string(examples.join(name)).unwrap();
        let unit = unit.replace("/usr/local/bin/chathub", &program.to_string_lossy());
        fs::write(folder.path().join(name), unit).unwrap();
    }
    folder
}

fn analyze(folder: &tempfile::TempDir, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .current_dir(folder.path())
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("systemd-analyze: {error}; `cargo xtask setup systemd-analyze` installs it")
    });
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let folder = units();
    let (fine, said) = analyze(
        &folder,
        &[
            "verify",
            "./chathub-endpoint.service",
            "./chathub-endpoint.socket",
        ],
    );
    assert!(fine && !said.contains("chathub-endpoint"), "{said}");
    // Of 10, in tenths; the threshold fails what is above it.
    let (fine, said) = analyze(
        &folder,
        &[
            "security",
            "--offline=true",
            "--no-pager",
            "--threshold=15",
            "./chathub-endpoint.service",
        ],
    );
    assert!(fine, "{said}");
}
