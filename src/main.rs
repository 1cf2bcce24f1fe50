//! The `chathub` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    chathub::internal::cli::main(std::env::args_os()).into()
}
