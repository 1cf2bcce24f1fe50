//! What robots.txt allows this program (RFC 9309), and what else it says.

use std::time::Duration;

use robotxt::Robots as Parsed;
use url::Url;

use super::client::{Client, Trouble};
use super::error::LiveError;

/// The name by which robots.txt addresses this program.
const AGENT: &str = "chathub";
/// Of what is longer, nobody knows what it allows, in bytes.
const LARGEST: usize = 4 << 20;
/// The longest pause between two requests that is kept; nobody waits for a week.
const LONGEST_DELAY: Duration = Duration::from_mins(1);

/// The robots.txt of an origin.
pub(super) struct Robots(Parsed);

impl Robots {
    /// Asks for it. This is the first request of a run, so it also tells whether the server is there at all.
    pub(super) async fn ask(client: &Client, root: &Url) -> Result<Self, LiveError> {
        let origin = root.origin().ascii_serialization();
        let mut url = root.clone();
        url.set_path("/robots.txt");
        let reply = match client.follow(&url, LARGEST, |_| true).await {
            Ok((_, reply)) => reply,
            Err(Trouble::Elsewhere(to)) => return Err(LiveError::Elsewhere { from: origin, to }),
            Err(Trouble::Stopped) => return Err(LiveError::Interrupted),
            // RFC 9309, 2.3.1.2: what leads nowhere forbids nothing.
            Err(Trouble::Circle) => return Ok(Self(Parsed::allow_all())),
            Err(error @ Trouble::TooLarge(_)) => {
                return Err(LiveError::Robots(format!("{url}: {error}")));
            }
            Err(error) => {
                return Err(LiveError::Unreachable {
                    origin,
                    why: error.to_string(),
                });
            }
        };
        match reply.status {
            200..=299 => Ok(Self(Parsed::parse(&reply.body, AGENT))),
            500..=599 | 429 => Err(LiveError::Robots(format!(
                "{url} answers {}, and as long as nobody knows what it allows, nothing may be asked for (RFC 9309); try again later",
                reply.status_words()
            ))),
            _ => Ok(Self(Parsed::allow_all())),
        }
    }

    /// Whether an address may be asked for.
    pub(super) fn allows(&self, url: &Url) -> bool {
        self.0.is_url_allowed(url)
    }

    /// Whether nothing at all may be.
    pub(super) fn allows_nothing(&self) -> bool {
        self.0.always() == Some(false)
    }

    /// The pause between two requests that it asks for.
    pub(super) fn delay(&self) -> Duration {
        self.0.crawl_delay().unwrap_or_default().min(LONGEST_DELAY)
    }

    /// The sitemaps that it names.
    pub(super) fn sitemaps(&self) -> &[Url] {
        self.0.sitemaps()
    }
}
