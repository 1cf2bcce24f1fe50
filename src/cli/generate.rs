//! `chathub completions` and `chathub man`: made from the command line's own definition.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::ExitCode;
use super::args::Cli;

pub(super) fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "chathub", &mut script);
    print(&script)
}

/// One page for the program and all its commands.
pub(super) fn man() -> anyhow::Result<ExitCode> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    render_subcommands(&command, &mut page)?;
    print(&page)
}

fn render_subcommands(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|c| c.get_name() != "help") {
        clap_mangen::Man::new(subcommand.clone())
            .source(concat!("chathub ", env!("CARGO_PKG_VERSION")))
            .render(page)?;
        render_subcommands(subcommand, page)?;
    }
    Ok(())
}

/// Writes to standard output; a reader that is gone is not an error.
pub(super) fn print(bytes: &[u8]) -> anyhow::Result<ExitCode> {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::Success),
    }
}
