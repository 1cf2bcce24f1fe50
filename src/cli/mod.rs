//! The command line: arguments to settings, settings to a run, a run to an exit code.

mod account;
mod args;
mod arrange;
mod baseline;
mod before;
#[cfg(all(unix, feature = "browser"))]
mod browser;
#[cfg(all(unix, feature = "browser"))]
mod browser_args;
mod checkout;
mod color;
mod csp;
mod doctor;
#[cfg(feature = "endpoint")]
mod endpoint;
#[cfg(feature = "endpoint")]
mod endpoint_check;
mod exit;
mod explain;
mod further;
mod generate;
mod hosts;
mod init;
mod inject;
mod live;
mod live_args;
mod log;
#[cfg(feature = "endpoint")]
mod log_json;
mod machine;
mod policy_host;
#[cfg(feature = "preview")]
mod preview;
mod publication;
mod report_file;
mod reports;
mod say;
mod secrets;
#[cfg(feature = "endpoint")]
mod server_log;
mod session;
mod setting_flags;
mod settings;
mod severities;
mod stale;
mod verify;
mod watch;

pub use args::Cli;
pub use doctor::schema as doctor_schema;
pub use exit::ExitCode;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use crate::settings::Api;
use args::Command;
use say::{print_error, say};

/// Runs the command that `arguments` (with the program's name first) ask for, and says how it ended.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Those of the environment, before anything is said: what was typed may hold them.
    secrets::secrets(&Api::default());
    let cli = match Cli::try_parse_from(arrange::arrange(arguments.into_iter().collect())) {
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
        Command::Csp(args) => csp::csp(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Init(args) => init::init(&args),
        #[cfg(feature = "preview")]
        Command::Preview(args) => preview::preview(&args),
        Command::Watch(args) => watch::watch(&args),
        #[cfg(feature = "endpoint")]
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
