//! The flags of `chathub verify` that are about a browser.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::settings;
use crate::steps::verify::SampleSize;

/// How pages are opened in a browser.
#[derive(Debug, Args)]
pub struct BrowserArgs {
    /// Also open some of the pages in an installed Chromium, Chrome or Edge, and check their chats there
    #[arg(long)]
    pub browser: bool,
    /// Pages to open: one for each rule and one without a chat (rules), a number, or all; with a URL, only pages that are judged
    #[arg(long, value_name = "rules|N|all", default_value = "rules", value_parser = size, requires = "browser")]
    pub browser_pages: SampleSize,
    /// Widget that the opened pages load
    #[arg(
        long,
        value_name = "WIDGET",
        default_value = "stand-in",
        requires = "browser"
    )]
    pub browser_widget: BrowserWidget,
    /// How long a page may take to load and to show its chat, such as 90s
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time, requires = "browser")]
    pub browser_timeout: Duration,
    /// Run the browser without its sandbox, as containers require; for root it always runs that way
    #[arg(long, requires = "browser")]
    pub browser_no_sandbox: bool,
    /// Save a screenshot of each opened page to this folder
    #[arg(long, value_name = "DIR", requires = "browser")]
    pub screenshots: Option<PathBuf>,
}

/// Which widget pages load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BrowserWidget {
    /// A replacement that names its organization; needs neither network nor account
    StandIn,
    /// The vendor's own, from the network
    Real,
}

fn size(text: &str) -> Result<SampleSize, String> {
    match (text, text.parse()) {
        ("rules", _) => Ok(SampleSize::Rules),
        ("all", _) => Ok(SampleSize::All),
        (_, Ok(number)) if number > 0 => Ok(SampleSize::Pages(number)),
        _ => Err("expected rules, all, or a number of pages".to_owned()),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let time = settings::parse_duration(text)?;
    if time.is_zero() {
        return Err("no page loads in 0 s".to_owned());
    }
    Ok(time)
}
