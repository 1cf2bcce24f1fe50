//! Content-Security-Policy: what a policy forbids of what a chat needs, and which policies a web server sends with a page.
//!
//! [`Policy`] is the judge, wherever a policy comes from. [`Host`] reads the files that say which headers static hosts send, and tells
//! for each page which of them go with it. It reads text that somebody else has opened, so it knows no file system.

mod host;
mod integrity;
mod patch;
mod policy;
mod ready;

pub use host::{Format, Header, Host, HostFile, Kind, Unread};
pub use patch::{Missing, add};
pub use policy::{Need, Policy, Proof, Resource};
pub use ready::{Style, ready};
