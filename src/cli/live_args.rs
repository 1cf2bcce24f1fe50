//! The flags of `chathub verify URL`.

use clap::Args;

use crate::live::Most;

/// What acts on a URL alone.
#[derive(Debug, Args)]
#[command(next_help_heading = "With a URL")]
pub struct LiveArgs {
    /// Judge at most this many pages, spread evenly over all rules and folders, or all that the sitemap lists [default: 100]
    #[arg(long, value_name = "N|all", value_parser = most)]
    pub max_pages: Option<Most>,
    /// Time for one request [default: 30 s]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    pub timeout: Option<u16>,
    /// Ask the token endpoint as well, once for each organization, as a visitor's browser does; with --browser, opened pages ask it, too
    #[arg(long)]
    pub ask_endpoint: bool,
}

fn most(argument: &str) -> Result<Most, String> {
    match argument.parse() {
        _ if argument == "all" => Ok(Most::All),
        Ok(0) | Err(_) => Err("it has to be a number from 1, or `all`".to_owned()),
        Ok(pages) => Ok(Most::Pages(pages)),
    }
}
