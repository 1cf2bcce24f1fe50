//! Options that may stand before the command, as in `chathub -q inject`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::color::Color;

/// Options that most commands have. They may stand before the command, and then mean what they mean after it; a command on which
/// one does not act refuses it there, too.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for commands that have them, before or after the command")]
pub struct Before {
    /// Configuration file; may be given several times, later ones win [default: the nearest chathub.toml upwards]
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub config: Vec<PathBuf>,
    /// Format of standard output
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<OsString>,
    /// When to use colours
    #[arg(long, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Print only errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Print more; twice: even more
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
}
