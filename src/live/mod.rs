//! A site as its server sends it: found by its sitemap or its links, fetched politely, and judged by the rules for files.
//!
//! [`Site`] is a [`Store`](crate::store::Store) whose listing fetches pages and whose files are answers, so the run, its rules and its
//! proof are those for folders. [`LiveStep`] is `verify`'s last step with what only a server can tell: status, types, headers.
//! Nothing here leaves the origin that the user named, but for a token endpoint elsewhere which the user asks for.

mod address;
mod answer;
mod client;
mod endpoint;
mod error;
mod fetch;
mod files;
mod find;
mod frontier;
mod heads;
mod limits;
mod mapper;
mod robots;
mod site;
mod sitemap;
mod step;
mod told;

pub use address::{is_url, without_login};
pub use endpoint::{Reply, ask_endpoint};
pub use error::LiveError;
pub use limits::{Limits, Most};
pub use site::Site;
pub use step::{End, LiveStep};
