//! `cargo xtask`: the front of all that is done with this repository besides building it.

mod gem;
mod generate;
mod npm;
mod package;
mod pypi;
mod run;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use run::{Failure, call, cargo, root};

/// One thing to do.
struct Task {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    how: How,
}

/// How it is done.
enum How {
    /// By the script of the same name.
    Script,
    /// By this program.
    Here(fn(&[OsString]) -> Result<(), Failure>),
}

use How::{Here, Script};

/// All of them, in the order of the list.
const GROUPS: &[(&str, &[Task])] = &[
    (
        "Before a merge",
        &[
            task(
                "setup",
                "[TOOL…]",
                "Install what the tests need besides Rust",
                Script,
            ),
            task(
                "test",
                "[CARGO TEST ARGUMENT…]",
                "Run all tests, with fixtures built afresh; with arguments, cargo test alone",
                Script,
            ),
            task(
                "test-runtime",
                "[NAME…]",
                "Check the browser module, and test it in Chromium and Firefox",
                Script,
            ),
            task(
                "test-pypi",
                "[--all] [PYTEST ARGUMENT…]",
                "Build the Python wheel, install it, and build real sites with its plugins; with --all, in every way",
                Script,
            ),
            task(
                "generators",
                "[NAME…]",
                "Install generators from npm; without names, those that tests of chathub watch run",
                Script,
            ),
            task(
                "generate",
                "[--check]",
                "Rewrite every generated file; with --check, only list those that are out of date",
                Here(generate::generate),
            ),
            task(
                "deny",
                "",
                "Check the licences and versions of all crates",
                Script,
            ),
            task(
                "book",
                "",
                "Build the book in docs/, and use chathub on it",
                Script,
            ),
            task(
                "pipelines",
                "[--setup | --hook DIR]",
                "Check and run the action, the GitLab component and the workflows; with --hook, the hooks of pre-commit",
                Script,
            ),
            task(
                "ci",
                "[optimized]",
                "Run everything that must hold before a merge; optimized: the half of it that takes an optimized build",
                Here(ci),
            ),
        ],
    ),
    (
        "Files that are not made by generate",
        &[
            task(
                "build-fixtures",
                "[--all [NAME…]] [--into DIR]",
                "Build the sites in fixtures/ again, by their generators",
                Script,
            ),
            task("notices", "", "Write THIRD-PARTY-NOTICES", Script),
            task(
                "snapshots",
                "",
                "Rewrite the expected reports; read the difference before you commit it",
                Here(snapshots),
            ),
            task(
                "screenshots",
                "",
                "Draw the pictures in the documents",
                Script,
            ),
        ],
    ),
    (
        "How good it is",
        &[
            task(
                "fuzz",
                "[TARGET [SECONDS]]",
                "Make up inputs: pages, rules, configurations, tokens",
                Script,
            ),
            task(
                "torture",
                "[CARGO TEST ARGUMENT…]",
                "Inject into every case of two tree-construction suites",
                Script,
            ),
            task(
                "corpus",
                "[--fetch | CARGO TEST ARGUMENT…]",
                "Inject into thousands of real pages",
                Script,
            ),
            task(
                "soak",
                "[--seconds N] [--debug]",
                "Hold the endpoint to its promises for ten minutes, while all around it fails",
                Here(soak),
            ),
            task(
                "bench",
                "[--quick] [--help]",
                "Measure how fast chathub is, beside the machine and other tools",
                Script,
            ),
            task(
                "instructions",
                "[--update]",
                "Count the instructions of the page engine",
                Script,
            ),
            task(
                "load",
                "[ROUNDS] [SECONDS]",
                "Measure the endpoint beside a bare server",
                Script,
            ),
        ],
    ),
    (
        "What others get",
        &[
            task(
                "build",
                "[COMMAND…]",
                "Build the binary without a path of this machine in it",
                Script,
            ),
            task(
                "npm",
                "--binary TARGET=PATH… --out DIR",
                "Write and pack the packages for npm, with these binaries",
                Here(npm::npm),
            ),
            task(
                "test-npm",
                "[--binary PATH] [--all | NAME…]",
                "Install the packages for npm from a registry of our own, and build real sites with their plugins",
                Script,
            ),
            task(
                "dist",
                "[--target TARGET] [--twice] [--quick]",
                "Build the binary of a system as packages have it: small, and static where that is possible",
                Script,
            ),
            task(
                "package",
                "[--check]",
                "Make every package of what dist has built, and prove that each has the same binary; with --check, hold them to other tools",
                Script,
            ),
            task(
                "release",
                "check | try | tag | draft | publish-npm | publish-pypi | publish-crate | undraft | --dry-run [STEP…]",
                "Take a step of a release; with --dry-run, try all steps without publishing anything",
                Script,
            ),
            task(
                "roots",
                "[PROGRAM]",
                "Run the static binary in an empty root, one like Alpine's, and an old Debian; as root",
                Script,
            ),
            task(
                "compiler",
                "TARGET",
                "Unpack Debian's Rust compiler for a target that rustup has not installed, and print its path",
                Script,
            ),
            task(
                "targets",
                "[TARGET…]",
                "Build for other systems, and run the programs under QEMU and Wine",
                Script,
            ),
            task(
                "pypi",
                "--binary TARGET=PATH… --out DIR",
                "Build the Python wheels, one for each binary",
                Here(pypi::pypi),
            ),
            task(
                "gem",
                "--out DIR",
                "Build the gem for Jekyll",
                Here(gem::gem),
            ),
            task(
                "image",
                "[PROGRAM]",
                "Prove the Containerfile without a registry; as root",
                Script,
            ),
        ],
    ),
];

const fn task(name: &'static str, arguments: &'static str, about: &'static str, how: How) -> Task {
    Task {
        name,
        arguments,
        about,
        how,
    }
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let Some(name) = arguments.next() else {
        print!("{}", list());
        return ExitCode::SUCCESS;
    };
    let arguments: Vec<OsString> = arguments.collect();
    if ["-h", "--help", "help"].iter().any(|help| name == *help) {
        print!("{}", list());
        return ExitCode::SUCCESS;
    }
    let mut tasks = GROUPS.iter().flat_map(|(_, tasks)| *tasks);
    let Some(task) = tasks.find(|task| name == task.name) else {
        eprint!("xtask: there is no task `{}`\n\n{}", name.display(), list());
        return ExitCode::from(2);
    };
    let done = match task.how {
        Script => call(&root().join("scripts").join(task.name), &arguments),
        Here(run) => run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            if !message.is_empty() {
                eprintln!("{}: {message}", task.name);
            }
            ExitCode::from(code)
        }
    }
}

/// What there is, with a line for each.
fn list() -> String {
    let mut lines = vec!["usage: cargo xtask TASK [ARGUMENT…]".to_owned()];
    for (title, tasks) in GROUPS {
        lines.push(format!("\n{title}:"));
        for task in *tasks {
            lines.push(format!("  {:<15} {}", task.name, task.about));
            if !task.arguments.is_empty() {
                lines.push(format!("  {:<15}   {}", "", task.arguments));
            }
        }
    }
    lines.join("\n") + "\n"
}

fn ci(arguments: &[OsString]) -> Result<(), Failure> {
    call(&root().join(".ci/run"), arguments)
}

/// The expected outputs in `src/report/snapshots/`, as the code writes them now.
fn snapshots(_: &[OsString]) -> Result<(), Failure> {
    let mut test = cargo();
    test.env("SNAPSHOTS", "overwrite");
    run::succeeds(test.args(["test", "--locked", "--quiet", "--lib", "report::"]))
}

/// The endpoint under load while the API fails in every way, the company's token is replaced and the configuration is read
/// again every few seconds: anyone who asks while a token lives gets one, memory stays as it is, and no secret gets out. The test
/// prints what it has seen; `cargo test` runs it in small.
fn soak(arguments: &[OsString]) -> Result<(), Failure> {
    let (mut seconds, mut profile) = ("600".to_owned(), Some("--release"));
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        match (word, words.clone().next()) {
            ("--debug", _) => profile = None,
            ("--seconds", Some(number)) if number.parse::<u32>().is_ok() => {
                number.clone_into(&mut seconds);
                words.next();
            }
            _ => {
                return Err(Failure::usage(
                    "cargo xtask soak [--seconds N] [--debug]; --debug takes the build that tests have made",
                ));
            }
        }
    }
    let mut test = cargo();
    test.env("SOAK_SECONDS", seconds)
        .args(["test", "--locked", "--quiet"])
        .args(profile)
        .args(["--test", "it", "--", "--nocapture", "endpoint::soak::"]);
    run::succeeds(&mut test)
}
