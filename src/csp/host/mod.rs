//! The files that tell a web server which headers to send with a page.
//!
//! One file per format. Each makes of the text the headers that are about policies, with their places, and something that
//! [tells](Serves) which of them a page is sent with. What a format's own documentation leaves to the server, or what depends on more than
//! the address, is not guessed at: it is [`Unread`].

mod azure;
mod caddy;
mod caddy_text;
mod firebase;
mod glob;
mod headers_file;
mod json;
mod model;
mod netlify;
mod nginx;
mod nginx_location;
mod other;
mod path_to_regexp;
mod pattern;
mod read;
mod rules;
mod vercel;

pub use model::{Format, Header, HostFile, Kind, Unread};
pub use read::Host;
