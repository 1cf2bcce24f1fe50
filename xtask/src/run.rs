//! How programs are run: from the top of the repository, with our streams, and with their exit code as ours.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Why a task has failed.
pub(crate) struct Failure {
    /// Nothing where a program has said it already.
    pub(crate) message: String,
    /// This program's exit code.
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// The arguments were others than these.
    pub(crate) fn usage(usage: &str) -> Self {
        Self {
            message: format!("usage: {usage}"),
            code: 2,
        }
    }
}

/// The top of the repository.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// A program that runs there.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// The Cargo that runs us.
pub(crate) fn cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a script with these arguments.
pub(crate) fn call(script: &Path, arguments: &[OsString]) -> Result<(), Failure> {
    succeeds(program(script).args(arguments))
}

/// Runs a program to its end.
pub(crate) fn succeeds(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().display().to_string();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => match status.code().map(u8::try_from) {
            Some(Ok(code)) => Err(Failure {
                message: String::new(),
                code,
            }),
            _ => Err(Failure::new(format!("{name}: {status}"))),
        },
        Err(error) => Err(Failure::new(format!("{name} cannot be run: {error}"))),
    }
}
