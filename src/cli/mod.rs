//! The command line: arguments to settings, settings to a run, a run to an exit code.

mod account;
mod args;
mod before;
mod endpoint;
mod endpoint_check;
mod exit;
mod explain;
mod generate;
mod init;
mod inject;
mod log;
mod log_json;
mod preview;
mod publication;
mod report_file;
mod session;
mod setting_flags;
mod settings;
mod verify;

pub use args::Cli;
pub use exit::ExitCode;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write as _;

use clap::Parser;
use clap::error::ErrorKind;
use secrecy::ExposeSecret as _;

use crate::jwt;
use crate::report::{aside, escape};
use crate::settings::{Api, ConfigError};
use args::Command;

/// Runs the command that `arguments` (with the program's name first) ask for, and says how it ended.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(before::arrange(arguments.into_iter().collect())) {
        Ok(cli) => cli,
        Err(error) => {
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            if asked {
                // To standard output; a reader that is gone is not an error.
                let _ = error.print();
                return ExitCode::Success;
            }
            say(error.render().ansi().to_string().trim_end());
            return ExitCode::Usage;
        }
    };
    let result = log::check().and_then(|()| match cli.command {
        Command::Inject(args) => inject::inject(&args),
        Command::Remove(args) => inject::remove(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Init(args) => init::init(&args),
        Command::Preview(args) => preview::preview(&args),
        Command::Endpoint(args) => endpoint::endpoint(&args),
        Command::Orgs(args) => account::orgs(&args),
        Command::Operators(args) => account::operators(&args),
        Command::Token(command) => account::token(&command),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man => generate::man(),
    });
    result.unwrap_or_else(|error| {
        print_error(&error);
        ExitCode::of(&error)
    })
}

/// An error that ends the run before it begins.
fn print_error(error: &anyhow::Error) {
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        say(error.render(true));
        return;
    }
    let bold = anstyle::Style::new().bold();
    let red = bold.fg_color(Some(anstyle::AnsiColor::Red.into()));
    say(format_args!(
        "{red}error{red:#}{bold}:{bold:#} {}",
        escape(&with_causes(error))
    ));
}

/// An error and its causes, each of which is said once: many errors quote their cause.
fn with_causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Says something on standard error. It is not an error if nobody reads it.
///
/// Errors quote what was typed, clap's own, too; a secret in the wrong place is not repeated.
fn say(text: impl Display) {
    let mut text = jwt::mask(&text.to_string()).into_owned();
    // Of the environment: there may be no configuration yet, or a wrong one.
    for (name, secret) in session::secrets(&Api::default()) {
        text = text.replace(secret.expose_secret(), &format!("({name})"));
    }
    let _ = aside(|| writeln!(anstream::stderr(), "{text}"));
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::anyhow;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no place: {source}; make some")]
    struct Quotes {
        source: io::Error,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("no place")]
    struct Conceals(#[source] io::Error);

    #[test]
    fn each_cause_is_said_once() {
        let cause = || io::Error::other("the disk is full");
        let quotes = anyhow!(Quotes { source: cause() }).context("the report is not written");
        assert_eq!(
            with_causes(&quotes),
            "the report is not written: no place: the disk is full; make some"
        );
        let conceals = anyhow!(Conceals(cause()));
        assert_eq!(with_causes(&conceals), "no place: the disk is full");
    }
}
