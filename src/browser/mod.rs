//! Pages in a real browser, for `verify --browser`: opened as visitors have them, and looked at until the chat is there.
//!
//! The browser is an installed Chromium, driven by the DevTools Protocol over two pipes. It asks nobody but this program: each of its
//! requests is answered here, so pages of a folder have the addresses that they have on their host, with its policies, secure contexts and
//! origins, and nothing leaves the machine unless the vendor's own widget is asked for. Pages of a server come from there, and
//! nothing from anywhere else. What should be in a page, a [`Visit`] says; what is, is `seen`; and what is wrong, `judge` says.
//!
//! No crate for the protocol: the two that there are generate all of it as types, and cost more to build than the rest of this program,
//! for two dozen messages of JSON.

mod answer;
mod connection;
mod error;
mod find;
mod judge;
mod many;
mod phase;
mod process;
mod seen;
mod tab;
mod told;
mod visit;
mod watching;

pub use answer::{Site, Widget};
pub use error::BrowserError;
pub use find::{VARIABLES, find};
pub use judge::Fault;
pub use many::{Manner, open_all};
pub use process::{Network, Options};
pub use visit::{Chat, Visit};

use std::time::Duration;

use serde_json::json;

use crate::steps::verify::catalog as rules;
use crate::store::Cancel;
use connection::{Connection, Trouble, Until};
use process::Process;
use tab::Tab;

/// How long a browser may take to start: a machine may be busy.
const START: Duration = Duration::from_mins(2);
/// How long a picture may take.
const PICTURE: Duration = Duration::from_secs(20);

/// What came of a page.
#[derive(Debug)]
pub struct Opened {
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// A picture of it in PNG, where one was asked for and could be made.
    pub picture: Option<Vec<u8>>,
}

/// A browser that runs.
pub struct Browser {
    // First, since the process ends when nobody speaks to it any more.
    connection: Connection,
    process: Process,
    /// What it calls itself, such as `Chrome/156.0`.
    version: String,
    /// What it and we are called, for those who run a server.
    agent: String,
}

impl Browser {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn start(options: &Options, cancel: &Cancel) -> Result<Self, BrowserError> {
        let (process, to, from) = Process::start(options)?;
        let mut connection = Connection::new(to, from);
        let until = Until::new(START, cancel);
        match connection.ask(until, "Browser.getVersion", &json!({})) {
            Ok(told) => Ok(Self {
                connection,
                process,
                version: told["product"].as_str().unwrap_or_default().to_owned(),
                agent: format!(
                    "{} chathub/{}",
                    told["userAgent"].as_str().unwrap_or_default(),
                    env!("CARGO_PKG_VERSION")
                ),
            }),
            Err(trouble) => {
                drop(connection);
                Err(error(&process, trouble))
            }
        }
    }

    /// What it calls itself.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Opens a page for at most so long, and says what is wrong with it, and whether the browser is still good for another.
    ///
    /// # Errors
    ///
    /// If the browser is gone, or the user asked to stop.
    pub fn open(
        &mut self,
        site: &Site,
        visit: &Visit,
        time: Duration,
        picture: bool,
        cancel: &Cancel,
    ) -> Result<(Opened, bool), BrowserError> {
        let until = Until::new(time, cancel);
        let mut tab = match Tab::open(&mut self.connection, site, visit, &self.agent, until) {
            Ok(tab) => tab,
            Err(Trouble::TooLong) => return Ok((too_long(time), false)),
            Err(trouble) => return Err(error(&self.process, trouble)),
        };
        let seen = match tab.see() {
            Ok(seen) => seen,
            Err(Trouble::TooLong) => return Ok((too_long(time), false)),
            Err(trouble) => return Err(error(&self.process, trouble)),
        };
        let picture = picture.then(|| tab.picture(Until::new(PICTURE, cancel)).ok());
        let opened = Opened {
            faults: judge::judge(visit, &seen, site),
            picture: picture.flatten(),
        };
        let is_closed = tab.close(Until::new(PICTURE, cancel));
        Ok((opened, is_closed))
    }
}

fn too_long(time: Duration) -> Opened {
    let message = format!(
        "it has not loaded within {} s in the browser: a script that never ends, or a page that loads itself again and again",
        time.as_secs()
    );
    Opened {
        faults: vec![Fault {
            rule: &rules::BROWSER_TIMEOUT,
            message,
            remedy: None,
        }],
        picture: None,
    }
}

fn error(process: &Process, trouble: Trouble) -> BrowserError {
    match trouble {
        Trouble::Ended => process.error("has ended"),
        Trouble::TooLong => process.error("does not answer"),
        Trouble::Cancelled => BrowserError::Cancelled,
        Trouble::Refused(method, message) => BrowserError::Refused { method, message },
    }
}
