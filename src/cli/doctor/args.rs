//! The command line of `doctor`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::cli::account::Format;
use crate::cli::color::Color;

/// `chathub doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Folder that the generator wrote [default: as for inject]
    pub site: Option<PathBuf>,
    /// Ask the ChatHub API whether it takes the credentials, and run the commands that give secrets
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
    /// Print what goes with checks that found nothing wrong, too
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}
