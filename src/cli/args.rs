//! The command line as clap sees it: flags as typed, nothing resolved.

use std::fmt::{self, Display};
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::account::{Format as AccountFormat, OperatorsArgs, OrgsArgs, TokenCommand};
use super::before::Before;
#[cfg(all(unix, feature = "browser"))]
use super::browser_args::BrowserArgs;
use super::color::Color;
use super::doctor::DoctorArgs;
use super::exit;
use super::live_args::LiveArgs;
use super::policy_host::PolicyHost;
use super::setting_flags::SettingFlags;
use crate::report::Format;
#[cfg(feature = "endpoint")]
use crate::settings::commands::ENDPOINT;
#[cfg(feature = "preview")]
use crate::settings::commands::PREVIEW;
use crate::settings::commands::{EXPLAIN, INJECT, REMOVE, VERIFY, WATCH};

/// Puts the SMSBAT ChatHub chat widget into the right pages of a generated static site, keeps it right on every
/// build, proves it in CI, and takes it out again.
#[derive(Debug, Parser)]
#[command(name = "chathub", version, after_help = exit::HELP, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// Moved to the command before this is parsed; only `--help` needs it here.
    #[command(flatten)]
    pub before: Before,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make every page end with exactly the instances that its rules ask for
    #[command(after_help = exit::HELP)]
    Inject(InjectArgs),
    /// Check, without writing anything, that every page has exactly what its rules ask for
    #[command(after_help = exit::HELP)]
    Verify(VerifyArgs),
    /// Remove every instance and the runtime
    #[command(after_help = exit::HELP)]
    Remove(RemoveArgs),
    /// Show why a page gets its widget or none, or what a rule of verify means
    #[command(after_help = exit::HELP)]
    Explain(ExplainArgs),
    /// Print what a Content-Security-Policy must allow for the chats, and add it to the host's files
    #[command(after_help = exit::HELP)]
    Csp(CspArgs),
    /// Check everything that a working chat needs, and show the results on one page
    #[command(after_help = exit::HELP)]
    Doctor(DoctorArgs),
    /// Write a commented chathub.toml after looking at this folder
    Init(InitArgs),
    /// Show the site in a browser with its widgets, without an account and without writing anything
    #[cfg(feature = "preview")]
    Preview(PreviewArgs),
    /// Keep the pages right while a generator rebuilds them: inject, and again after each change, until Ctrl-C
    Watch(WatchArgs),
    /// Serve tokens to placeholder pages, behind a proxy that does TLS
    #[command(after_help = exit::HELP)]
    #[cfg(feature = "endpoint")]
    Endpoint(EndpointArgs),
    /// List the organizations of the ChatHub account
    #[command(after_help = exit::HELP)]
    Orgs(OrgsArgs),
    /// List the operators of an organization, add some, or change their status
    #[command(after_help = exit::HELP)]
    Operators(OperatorsArgs),
    /// Get, check or inspect operator tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page in roff
    Man,
}

/// What all commands that read pages share.
#[derive(Debug, Args)]
pub struct Common<F = Format>
where
    F: ValueEnum + Default + Display + Send + Sync + 'static,
{
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Format of the report on standard output
    #[arg(short, long, value_name = "FORMAT", default_value_t)]
    pub format: F,
    /// Colours in the report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Do not fail if the site has no pages, or none that is judged
    #[arg(long)]
    pub allow_empty: bool,
}

/// The formats of what `explain` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AccountsFormat {
    /// Text for people, at a terminal or in a log
    #[default]
    Human,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
}

impl Display for AccountsFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        })
    }
}

/// How a run over the site goes, and who reads about it.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Print only errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Print more: every page (-v), and the reason (-vv)
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Write another report beside it; may be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub report: Vec<(Format, PathBuf)>,
    /// Never show a progress line, not even on a terminal
    #[arg(long)]
    pub no_progress: bool,
}

fn report(argument: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = argument
        .split_once('=')
        .ok_or("it has to be FORMAT=FILE, such as json=report.json")?;
    if file.is_empty() {
        return Err("it names no file after the =".to_owned());
    }
    let format = format
        .parse::<Format>()
        .map_err(|error| error.to_string())?;
    Ok((format, file.into()))
}

/// How `inject` and `remove` write.
#[derive(Debug, Args)]
pub struct WriteArgs {
    /// Write nothing, report what would change
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Write nothing, and exit with 1 if something would change
    #[arg(long)]
    pub check: bool,
    /// Write nothing, and show what would change as a unified diff
    #[arg(long)]
    pub diff: bool,
    /// Leave SITE alone and write the whole processed site to this folder, which must be empty or not exist
    #[arg(long, value_name = "DIR", conflicts_with_all = ["dry_run", "check", "diff"])]
    pub output: Option<PathBuf>,
}

impl WriteArgs {
    /// Whether nothing is to be written.
    pub(super) fn is_dry(&self) -> bool {
        self.dry_run || self.check || self.diff
    }
}

/// `chathub inject`
#[derive(Debug, Args)]
pub struct InjectArgs {
    /// Folder that the generator wrote [default: `site` in chathub.toml; otherwise the output folder of the generator found
    /// here, or the one of public, _site, dist, build, out, site, book, output that has built pages]
    pub site: Option<PathBuf>,
    /// Writing.
    #[command(flatten)]
    pub write: WriteArgs,
    /// Delete earlier versions of the runtime, which are kept for pages in caches
    #[arg(long)]
    pub prune: bool,
    /// Shared.
    #[command(flatten)]
    pub common: Common,
    /// The run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ INJECT }>,
}

/// `chathub remove`
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Writing.
    #[command(flatten)]
    pub write: WriteArgs,
    /// Shared.
    #[command(flatten)]
    pub common: Common,
    /// The run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ REMOVE }>,
}

/// `chathub verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Folder that the generator wrote, or the https URL where it is published [default: as for inject]
    #[arg(value_name = "SITE|URL")]
    pub site: Option<PathBuf>,
    /// Write all current findings to the file of --baseline; from then on, only new ones fail
    #[arg(long)]
    pub write_baseline: bool,
    /// Remove findings that no longer occur from the file of --baseline, and add none
    #[arg(long, conflicts_with = "write_baseline")]
    pub prune_baseline: bool,
    /// For a URL.
    #[command(flatten)]
    pub live: LiveArgs,
    /// Shared.
    #[command(flatten)]
    pub common: Common,
    /// The run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ VERIFY }>,
    /// The browser.
    #[cfg(all(unix, feature = "browser"))]
    #[command(flatten)]
    pub browser: BrowserArgs,
}

/// `chathub explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The site and some of its pages, or the id of a rule of verify, such as missing-instance
    #[arg(value_name = "SITE|PAGE|RULE")]
    pub what: Vec<PathBuf>,
    /// Shared.
    #[command(flatten)]
    pub common: Common<AccountsFormat>,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ EXPLAIN }>,
}

/// `chathub csp`
#[derive(Debug, Args)]
pub struct CspArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Print only a ready policy for this host
    #[arg(long = "for", value_name = "HOST", conflicts_with = "patch")]
    pub host: Option<PolicyHost>,
    /// Add the missing sources to FILE, or to every host's file that chathub reads, and change nothing else in them
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[allow(clippy::option_option)]
    pub patch: Option<Option<PathBuf>>,
    /// With --patch: write nothing, and show what would change as a unified diff
    #[arg(long, requires = "patch")]
    pub diff: bool,
    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub format: AccountFormat,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
}

/// `chathub init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder that the generator writes [default: found by the generator's files; asks if there is more than one]
    pub site: Option<String>,
    /// Write to standard output instead of chathub.toml
    #[arg(long)]
    pub stdout: bool,
    /// Replace an existing chathub.toml
    #[arg(long, conflicts_with = "stdout")]
    pub force: bool,
    /// Print the JSON schema of chathub.toml, which editors use to check it, and do nothing else
    #[arg(long, conflicts_with_all = ["site", "stdout", "force"])]
    pub schema: bool,
}

/// `chathub preview`
#[cfg(feature = "preview")]
// Each is a switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Args)]
pub struct PreviewArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Port of 127.0.0.1 [default: 4242, or the next one that is free]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Load the vendor's widget, with tokens that are minted through the API; the printed address lets a browser in
    #[arg(long)]
    pub live: bool,
    /// Open the site in the browser
    #[arg(long)]
    pub open: bool,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Print only errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Print a line for every request
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ PREVIEW }>,
}

/// `chathub watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Folder that the generator writes, which need not be there yet [default: as for inject]
    pub site: Option<PathBuf>,
    /// Check all pages every few seconds, for file systems that do not report changes: network file systems, some containers
    #[arg(long)]
    pub poll: bool,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Print only errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Also print unchanged pages
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ WATCH }>,
}

/// `chathub endpoint`
#[cfg(feature = "endpoint")]
#[derive(Debug, Clone, Args)]
pub struct EndpointArgs {
    /// Serve nothing: check the configuration, credentials, clock, files, one token per organization and what visitors would
    /// get; exit with 1 or 4 if something does not work
    #[arg(long, conflicts_with = "log-json")]
    pub check: bool,
    /// Format of the results of --check on standard output
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "human",
        requires = "check"
    )]
    pub format: AccountFormat,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Log only errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Log more: every request and every call of the API
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Colours in errors
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Settings.
    #[command(flatten)]
    pub settings: SettingFlags<{ ENDPOINT }>,
}
