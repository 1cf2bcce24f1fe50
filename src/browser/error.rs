//! What can be wrong with the browser itself.

use std::io;
use std::path::PathBuf;

/// Why no page, or no further one, can be opened.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// None is installed.
    #[error(
        "no browser for --browser: install Chromium, Chrome or Edge (`apt-get install chromium`), or name one in the environment \
         variable CHROMIUM"
    )]
    None,
    /// None is where a variable says.
    #[error("the environment variable {name} names {}, which is not a program; correct it, or leave it unset", path.display())]
    NotThere {
        /// The variable.
        name: &'static str,
        /// What it says.
        path: PathBuf,
    },
    /// It cannot be run.
    #[error("{} cannot be started: {source}", program.display())]
    Run {
        /// The browser.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended before it could be asked anything, or while it was being asked.
    #[error("{} {what}{}{}", program.display(), said(says), hint(says))]
    Ended {
        /// The browser.
        program: PathBuf,
        /// What it did.
        what: &'static str,
        /// What it said last.
        says: String,
    },
    /// It does not do what it is asked.
    #[error("the browser refuses {method}: {message}; is it older than 2023?")]
    Refused {
        /// What it was asked.
        method: &'static str,
        /// Its reason.
        message: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Cancelled,
}

fn said(says: &str) -> String {
    if says.is_empty() {
        String::new()
    } else {
        format!("; it said: {says}")
    }
}

/// What to do about it, where it is the usual thing.
fn hint(says: &str) -> &'static str {
    if says.contains("sandbox") {
        "\nhelp: the system does not let this user make a sandbox, as in most containers; --browser-no-sandbox goes without, which is \
         safe for pages of your own"
    } else {
        ""
    }
}
