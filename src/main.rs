//! The `chathub` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    chathub::cli::main(std::env::args_os()).into()
}
