//! What is made from the command line's definition: completion scripts and the manual page.

use std::fs;
use std::process;

use crate::common::{Run, Site};
use chathub::internal::cli::Cli;
use clap::CommandFactory;

fn chathub(arguments: &[&str]) -> String {
    let run = Site::new().run_all(arguments);
    run.exits(0).stdout.clone()
}

fn commands() -> Vec<String> {
    Cli::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect()
}

/// Runs another program on a text, where it is installed; it must have nothing against it.
fn has_nothing_against(program: &str, arguments: &[&str], text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("generated");
    fs::write(&file, text).unwrap();
    let Ok(output) = process::Command::new(program)
        .args(arguments)
        .arg(&file)
        .output()
    else {
        eprintln!("{program} is not installed: not checked");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{program}: {said}"
    );
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = chathub(&["completions", shell]);
        for word in commands()
            .iter()
            .map(String::as_str)
            .chain(["dry-run", "min-ttl"])
        {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    has_nothing_against("bash", &["-n"], &chathub(&["completions", "bash"]));
    has_nothing_against("zsh", &["-n"], &chathub(&["completions", "zsh"]));
    has_nothing_against(
        "fish",
        &["--no-execute"],
        &chathub(&["completions", "fish"]),
    );
}

#[test]
fn an_unknown_shell_is_told_the_known_ones() {
    let run = Site::new().run("completions tcsh");
    run.fails(2, &["fish"]);
}

#[test]
fn the_manual_page_has_all_commands() {
    let page = chathub(&["man"]);
    assert!(page.contains(".TH chathub 1"), "{page}");
    for command in commands() {
        assert!(
            page.contains(&format!(".TH chathub-{command} 1")),
            "{command}"
        );
    }
    assert!(page.contains("Exit codes:"));
    has_nothing_against("groff", &["-man", "-Tutf8", "-ww", "-z"], &page);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    if process::Command::new("bash")
        .arg("--version")
        .output()
        .is_ok()
    {
        let script = "\"$@\" | head -n 1";
        let words = ["bash", "-o", "pipefail", "-c", script, "bash"];
        let site = Site::new();
        let program = site.command(["completions", "zsh"]);
        Run::of(&mut program.under(&words)).exits(0);
    }
}
