//! The flags of `chathub verify` that are about a browser.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::settings;
use crate::steps::verify::SampleSize;

/// How pages are opened in a browser.
#[derive(Debug, Args)]
pub struct BrowserArgs {
    /// Open some of the pages, of a folder or a URL, in an installed Chromium, Chrome or Edge, too, and check their chats there
    #[arg(long)]
    pub browser: bool,
    /// The pages to open: one for each rule and one without a chat (rules), so many, or all of them; with a URL, of those that are judged
    #[arg(long, value_name = "rules|N|all", default_value = "rules", value_parser = size, requires = "browser")]
    pub browser_pages: SampleSize,
    /// The widget that they load
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
    /// Run the browser without its sandbox, as containers need it; root always does
    #[arg(long, requires = "browser")]
    pub browser_no_sandbox: bool,
    /// Save a picture of each opened page in this folder
    #[arg(long, value_name = "DIR", requires = "browser")]
    pub screenshots: Option<PathBuf>,
}

/// Which widget pages load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BrowserWidget {
    /// One that names its organization, without network or account
    StandIn,
    /// The vendor's, from the network
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
