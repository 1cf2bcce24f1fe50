//! The command line of `doctor`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::api::is_loopback;
use crate::cli::account::Format;
use crate::cli::color::Color;

/// `chathub doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Ask the token endpoint that answers at this URL, as a visitor's browser does, and show what is wrong with its answer
    #[arg(long, value_name = "URL", value_parser = address)]
    pub endpoint: Option<url::Url>,
    /// Check the credentials with the ChatHub API, run the commands that provide secrets, and ask the endpoint if
    /// chathub.toml has its full URL
    #[arg(long)]
    pub online: bool,
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// Print only errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Also print the details of checks that found nothing wrong
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// The address of an endpoint: what is sent to it, and what it answers, is for nobody on the way.
fn address(argument: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(argument).map_err(
        |_| "it has to be a whole URL, such as https://www.example.com/api/chathub/token",
    )?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a login".to_owned());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("it has to be https, or http on this machine".to_owned()),
    }
}
