//! A local web server that shows a site as `inject` would make it. It writes nothing.
//!
//! [`Site`] is one look at the folder and its configuration, [`Page`]s come out of it through the one run. Around
//! it stand the routes (`routes`), what a static host does with a path (`path`) and with conditions and ranges (`version`), the
//! guard against other sites' pages (`guard`) and, where tokens are real, against other users (`key`), and live reload
//! (`live`).

mod guard;
mod key;
mod live;
mod notice;
mod path;
mod reply;
mod routes;
mod site;
mod stand_in;
mod version;

pub use key::Key;
pub use live::Live;
pub use path::{Found, Roots, Target, resolve};
pub use reply::{kind, page_kind};
pub use routes::{Real, Served, routes};
pub use site::{Account, Page, Site, Survey};
pub use stand_in::WIDGET_SOURCE;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::html::ScannerError;
use crate::rules::RuleError;

/// The port that is taken if it is free; of the next ones, the first that is.
pub const PORT: u16 = 4242;
/// How many ports are tried.
const PORTS: u16 = 20;

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The port that was asked for is not to be had.
    #[error("port {port} of 127.0.0.1 cannot be used: {source}; choose another, or omit --port")]
    Port {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder cannot be read.
    #[error("{}: {source}", folder.display())]
    Folder {
        /// The site.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// See [`RuleError`].
    #[error(transparent)]
    Rules(#[from] RuleError),
    /// See [`ScannerError`].
    #[error(transparent)]
    Scanner(#[from] ScannerError),
}

/// Listens on loopback: on this port, or on the first free one from [`PORT`] on.
pub async fn bind(port: Option<u16>) -> Result<TcpListener, PreviewError> {
    let mut candidates = port.map_or(PORT..=PORT + PORTS, |port| port..=port);
    loop {
        let port = candidates.next().unwrap_or_default();
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && !candidates.is_empty() => {}
            Err(source) => return Err(PreviewError::Port { port, source }),
        }
    }
}
