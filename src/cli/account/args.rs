//! The command line of `orgs`, `operators` and `token`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Subcommand, ValueEnum};

use crate::api::Status;
use crate::cli::color::Color;
use crate::cli::exit;
use crate::cli::setting_flags::SettingFlags;
use crate::settings;
use crate::settings::commands::ACCOUNT;
use crate::token::LONGEST_LIFETIME;

/// What all commands that ask the API share.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// How standard output is used
    #[command(flatten)]
    pub output: OutputArgs,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ ACCOUNT }>,
}

/// What is written, and how.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Format of standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// Print only errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Print on standard error what was done (-v), and every call of the API (-vv)
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// How a list or a token is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; a token alone, without anything around it
    Human,
    /// One JSON document
    Json,
}

/// `chathub orgs`
#[derive(Debug, Args)]
pub struct OrgsArgs {
    /// Shared.
    #[command(flatten)]
    pub account: AccountArgs,
}

/// `chathub operators`
#[derive(Debug, Args)]
pub struct OperatorsArgs {
    /// The organization: its id, its name in chathub.toml, or its exact name at ChatHub
    #[arg(long, value_name = "ID|NAME")]
    pub org: String,
    /// Add an operator of this name, unless there is one; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with = "status")]
    pub add: Vec<String>,
    /// Make an operator, named by its id or exact name, active, inactive or deleted; may be given several times. The
    /// vendor does not document this call: chathub sends {"id":101,"status":1}, and says if that is refused
    #[arg(long, value_name = "ID|NAME=STATUS", value_parser = change)]
    pub status: Vec<(String, Status)>,
    /// Shared.
    #[command(flatten)]
    pub account: AccountArgs,
}

/// `chathub token`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Mint an operator token and print it, alone, on standard output
    #[command(after_help = exit::HELP)]
    Get(GetArgs),
    /// Ask the API whether an operator token is valid; exits with 1 if not
    #[command(after_help = exit::HELP)]
    Validate(ValidateArgs),
    /// Show a token's header, claims and expiry, offline; exits with 1 if it cannot work, or no longer works
    #[command(after_help = exit::HELP)]
    Inspect(InspectArgs),
    /// The tokens that static mode keeps for later runs
    #[command(subcommand)]
    Cache(CacheCommand),
}

/// `chathub token get`
#[derive(Debug, Args)]
pub struct GetArgs {
    /// The organization: its id, its name in chathub.toml, or its exact name at ChatHub
    /// [default: default-organization of chathub.toml, else the only one]
    #[arg(long, value_name = "ID|NAME")]
    pub org: Option<String>,
    /// The operator: its id or exact name [default: `operator` in chathub.toml, else the first active one]
    #[arg(long, value_name = "ID|NAME")]
    pub operator: Option<String>,
    /// How long it is to be valid, such as 90m; 24 hours at most
    #[arg(long, value_name = "TIME", default_value = "8h", value_parser = lifetime)]
    pub expires_in: Duration,
    /// Shared.
    #[command(flatten)]
    pub account: AccountArgs,
}

/// Where a token is read from. Not from an argument: everybody on the machine can list those.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct InputArgs {
    /// Read the token from this environment variable [default: from standard input]
    #[arg(long, value_name = "VARIABLE")]
    pub env: Option<String>,
    /// Read the token from this file
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `chathub token validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The token.
    #[command(flatten)]
    pub input: InputArgs,
    /// Shared.
    #[command(flatten)]
    pub account: AccountArgs,
}

/// `chathub token inspect`
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The token.
    #[command(flatten)]
    pub input: InputArgs,
    /// Format of standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// `chathub token cache`
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Delete them all
    Clear,
}

/// `101=inactive`
fn change(text: &str) -> Result<(String, Status), String> {
    let wrong = || "it has to be OPERATOR=STATUS, such as 101=inactive".to_owned();
    let (operator, status) = text.rsplit_once('=').ok_or_else(wrong)?;
    if operator.is_empty() {
        return Err(wrong());
    }
    let known = [Status::Active, Status::Inactive, Status::Deleted];
    let status = known.into_iter().find(|known| known.to_string() == status);
    let status = status.ok_or("the status is active, inactive or deleted")?;
    Ok((operator.to_owned(), status))
}

/// A length of time that a token may live.
fn lifetime(text: &str) -> Result<Duration, String> {
    let time = settings::parse_duration(text)?;
    if time.is_zero() {
        return Err("a token that has expired is of no use".to_owned());
    }
    if time > LONGEST_LIFETIME {
        return Err(
            "an operator token lives 24 hours at most: the API refuses longer ones".to_owned(),
        );
    }
    Ok(time)
}
