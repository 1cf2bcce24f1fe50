//! The command line as clap sees it: flags as typed, nothing resolved.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::account::{Format as AccountFormat, OperatorsArgs, OrgsArgs, TokenCommand};
use super::exit;
use crate::config::Flag;
use crate::report::Format;

/// Puts the SMSBAT ChatHub chat widget into the right pages of a generated static site, keeps it right on every
/// build, proves it in CI, and takes it out again.
#[derive(Debug, Parser)]
#[command(name = "chathub", version, after_help = exit::HELP, max_term_width = 100, propagate_version = true)]
pub struct Cli {
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
    /// Take every instance and the runtime out again
    #[command(after_help = exit::HELP)]
    Remove(RemoveArgs),
    /// Show why a page gets what it gets, or what a rule of verify means
    #[command(after_help = exit::HELP)]
    Explain(ExplainArgs),
    /// Write a commented chathub.toml after looking at this folder
    Init(InitArgs),
    /// Show the site in a browser with its widgets, without an account and without writing anything
    Preview(PreviewArgs),
    /// Serve tokens to placeholder pages, behind a proxy that does TLS
    #[command(after_help = exit::HELP)]
    Endpoint(EndpointArgs),
    /// List the organizations of the ChatHub account
    #[command(after_help = exit::HELP)]
    Orgs(OrgsArgs),
    /// List the operators of an organization, add some, or change their status
    #[command(after_help = exit::HELP)]
    Operators(OperatorsArgs),
    /// Get, check or look into operator tokens
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
pub struct Common {
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Say only what is wrong
    #[arg(short, long)]
    pub quiet: bool,
    /// Say more: every page (-v), and why (-vv)
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Format of the report on standard output
    #[arg(short, long, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// Write another report beside it; may be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub report: Vec<(Format, PathBuf)>,
    /// Colours in the report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// No progress line, not even on a terminal
    #[arg(long)]
    pub no_progress: bool,
    /// A site without pages, or without one that is judged, is all right
    #[arg(long)]
    pub allow_empty: bool,
    /// Settings
    #[command(flatten)]
    pub settings: SettingFlags,
}

/// When the report is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
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

macro_rules! setting_flags {
    ($($(#[doc = $doc:literal])+ $field:ident = $flag:literal, $path:literal, $value:literal;)+) => {
        /// The scalar settings that people type; each has its place in the configuration file, too.
        #[derive(Debug, Clone, Args)]
        #[command(next_help_heading = "Settings (they override chathub.toml and CHATHUB_* variables)")]
        pub struct SettingFlags {
            $(
                $(#[doc = $doc])+
                #[arg(long = $flag, value_name = $value)]
                $field: Option<OsString>,
            )+
        }

        impl SettingFlags {
            /// The flags that were given, as settings.
            pub(super) fn given(&self) -> Vec<Flag> {
                let mut flags = Vec::new();
                $(
                    if let Some(value) = &self.$field {
                        flags.push(Flag { path: $path, name: concat!("--", $flag), value: value.clone() });
                    }
                )+
                flags
            }
        }
    };
}

setting_flags! {
    /// placeholder (pages hold no token) or static (they publish one)
    mode = "mode", "mode", "MODE";
    /// Organization of pages that no rule names
    default_organization = "default-organization", "default-organization", "NAME";
    /// Where the runtime fetches its token
    endpoint = "endpoint", "placeholder.endpoint", "URL";
    /// Folder of the runtime in the site
    asset_dir = "asset-dir", "placeholder.asset-dir", "DIR";
    /// Path that the site is served under
    base_url = "base-url", "placeholder.base-url", "URL";
    /// When the chat loads: eager, idle, visible, interaction or manual
    load = "load", "placeholder.load", "WHEN";
    /// Where visitors can turn when there is no chat, such as mailto:support@example.com
    contact = "contact", "placeholder.contact", "URL";
    /// Address of the vendor's script
    widget_src = "widget-src", "widget.src", "URL";
    /// Where the tag goes: body-end or head-end
    position = "position", "widget.position", "WHERE";
    /// Compressed copies (.gz, .br, .zst) of changed pages: rebuild, remove or leave
    compressed_siblings = "compressed-siblings", "compressed-siblings", "HOW";
    /// Folder beside the site that symbolic links may lead to, such as /nix/store
    link_root = "link-root", "pages.link-root", "DIR";
    /// How long published tokens must still be valid, such as 90m
    min_ttl = "min-ttl", "verify.min-ttl", "TIME";
    /// Least number of pages that must be judged
    min_pages = "min-pages", "verify.min-pages", "N";
    /// Without credentials for tokens: fail, or skip (leave every page as it is and say so)
    if_no_credentials = "if-no-credentials", "api.if-no-credentials", "HOW";
    /// Address of the ChatHub API
    api_url = "api-url", "api.url", "URL";
    /// Least severity that fails verify: error, warning or note
    fail_on = "fail-on", "verify.fail-on", "SEVERITY";
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
    /// Folder that the generator wrote [default: `site` in chathub.toml, else the one with built pages that the
    /// generator found here writes, or of public, _site, dist, build, out, site, book, output]
    pub site: Option<PathBuf>,
    /// Writing.
    #[command(flatten)]
    pub write: WriteArgs,
    /// Delete earlier versions of the runtime, which are kept for pages in caches
    #[arg(long)]
    pub prune: bool,
    /// Delete .chathub.toml files from the site, so that they are not deployed; for the last run, behind verify,
    /// which needs their rules
    #[arg(long)]
    pub remove_config_files: bool,
    /// Shared.
    #[command(flatten)]
    pub common: Common,
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
}

/// `chathub verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Shared.
    #[command(flatten)]
    pub common: Common,
}

/// `chathub explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The site and pages of it, or the id of a rule of verify, such as missing-instance
    #[arg(value_name = "SITE|PAGE|RULE")]
    pub what: Vec<PathBuf>,
    /// Shared.
    #[command(flatten)]
    pub common: Common,
}

/// `chathub init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder that the generator writes [default: found by the generator's files; asked for if that leaves a choice]
    pub site: Option<String>,
    /// Write to standard output instead of chathub.toml
    #[arg(long)]
    pub stdout: bool,
    /// Replace a chathub.toml that is there
    #[arg(long)]
    pub force: bool,
}

/// `chathub preview`
// Each is a switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Args)]
pub struct PreviewArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Port of 127.0.0.1 [default: 4242, or the next one that is free]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Load the vendor's widget, with tokens that are minted through the API
    #[arg(long)]
    pub live: bool,
    /// Open the site in the browser
    #[arg(long)]
    pub open: bool,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Say nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
    /// Say a line for every request
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Settings
    #[command(flatten)]
    pub settings: SettingFlags,
}

/// `chathub endpoint`
// Each is a switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Args)]
pub struct EndpointArgs {
    /// Address and port to listen on, or `unix:` and the path of a socket [default: endpoint.listen in chathub.toml, else
    /// 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<OsString>,
    /// Give everybody who can reach it an operator's token; needed where neither auth-header nor forward-auth is set
    #[arg(long)]
    pub allow_anyone: bool,
    /// Serve nothing: check the configuration, credentials, clock, files, one token per organization and what visitors would
    /// get; exit with 1 or 4 if something does not work
    #[arg(long)]
    pub check: bool,
    /// Format of what --check finds, on standard output
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "human",
        requires = "check"
    )]
    pub format: AccountFormat,
    /// Log in JSON, one object a line
    #[arg(long)]
    pub log_json: bool,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Log only what is wrong
    #[arg(short, long)]
    pub quiet: bool,
    /// Log more: every request and every call of the API
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Colours in errors
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}
