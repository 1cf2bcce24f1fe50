//! Requests to one origin: few at once, as slowly as the server asks, and never past a limit of size or time.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, LOCATION, RETRY_AFTER,
};
use reqwest::redirect;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use url::Url;

use super::address::plain;
use super::answer::Answer;
use super::error::LiveError;
use crate::api::{
    built, connect_timeout, http_client, innermost, is_loopback, retry_after, too_slow,
};
use crate::store::{Cancel, Coding};

/// Redirects that are followed for one address.
const MOST_REDIRECTS: usize = 10;
/// How often an answer that asks to wait is asked for.
const ATTEMPTS: u32 = 3;
/// The longest that a server may ask to wait before it is given up.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
/// How often a request is held against the user's wish to stop.
const LOOK: Duration = Duration::from_millis(50);
/// What browsers ask for when somebody follows a link.
const BROWSERS: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Makes requests to one origin.
pub(super) struct Client {
    http: reqwest::Client,
    origin: Url,
    timeout: Duration,
    pace: Pace,
    cancel: Arc<Cancel>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The answer is at another origin, this one.
    #[error("it redirects to {0}, which this run does not follow")]
    Elsewhere(String),
    /// One redirect leads to the next.
    #[error("it redirects more than {MOST_REDIRECTS} times")]
    Circle,
    /// It may not be asked for.
    #[error("robots.txt disallows it")]
    Disallowed,
    /// There is more of it than may be.
    #[error("it is longer than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// There is none, or none that can be read.
    #[error("{0}")]
    Failed(String),
    /// The user asked to stop.
    #[error("the run was interrupted")]
    Stopped,
}

/// When the next request may be made.
struct Pace {
    next: Mutex<Instant>,
    delay: Mutex<Duration>,
}

impl Pace {
    /// Waits for the turn of a request.
    async fn turn(&self) {
        let delay = *self.delay.lock().await;
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + delay;
            turn
        };
        sleep_until(turn).await;
    }

    /// Holds all requests back.
    async fn pause(&self, time: Duration) {
        let mut next = self.next.lock().await;
        *next = (*next).max(Instant::now() + time);
    }
}

impl Client {
    /// A client for the origin of `root`, whose requests may take so long each.
    pub(super) fn new(
        root: &Url,
        timeout: Duration,
        cancel: &Arc<Cancel>,
    ) -> Result<Self, LiveError> {
        let http = http_client(root.scheme() == "http" && is_loopback(root))
            .user_agent(concat!("chathub/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect_timeout(timeout))
            .redirect(redirect::Policy::none())
            // A visitor who comes for the first time has none, and nothing is to be learned from what the others get.
            .referer(false);
        let http = built(http).map_err(LiveError::Setup)?;
        Ok(Self {
            http,
            origin: root.clone(),
            timeout,
            pace: Pace {
                next: Mutex::new(Instant::now()),
                delay: Mutex::default(),
            },
            cancel: Arc::clone(cancel),
        })
    }

    /// A client for another address, which may be on another origin.
    pub(super) fn elsewhere(&self, url: &Url) -> Result<Self, LiveError> {
        Self::new(url, self.timeout, &self.cancel)
    }

    /// Leaves so much time between two requests from now on.
    pub(super) async fn keep_apart(&self, delay: Duration) {
        *self.pace.delay.lock().await = delay;
    }

    /// Waits for the turn of a request that is not made here, or until the user asks to stop.
    pub(super) async fn turn(&self) {
        // Who stops is asked again before the request.
        let _ = self.until_stop(self.pace.turn()).await;
    }

    /// Does something until the user asks to stop.
    pub(super) async fn until_stop<T>(&self, work: impl Future<Output = T>) -> Result<T, Trouble> {
        let stop = async {
            while !self.cancel.is_set() {
                sleep(LOOK).await;
            }
        };
        tokio::select! {
            biased;
            () = stop => Err(Trouble::Stopped),
            done = work => Ok(done),
        }
    }

    /// The answer for an address, after redirects on its origin, each of which must be allowed. Returns the address that was
    /// asked last, too.
    pub(super) async fn follow(
        &self,
        url: &Url,
        most: usize,
        allows: impl Fn(&Url) -> bool,
    ) -> Result<(Url, Answer), Trouble> {
        let mut url = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            if !allows(&url) {
                return Err(Trouble::Disallowed);
            }
            let answer = self.get(&url, most).await?;
            let to = match answer.status {
                301 | 302 | 303 | 307 | 308 => answer.header(&LOCATION),
                _ => None,
            };
            let Some(to) = to else {
                return Ok((url, answer));
            };
            let to = plain(&url, to).ok_or_else(|| {
                Trouble::Failed("it redirects to an address that is not one of the web".to_owned())
            })?;
            if to.origin() != self.origin.origin() {
                // Its path and query may hold anything.
                return Err(Trouble::Elsewhere(to.origin().ascii_serialization()));
            }
            url = to;
        }
        Err(Trouble::Circle)
    }

    /// The answer for an address of this origin, as it is.
    pub(super) async fn get(&self, url: &Url, most: usize) -> Result<Answer, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, reqwest::header::HeaderValue::from_static(BROWSERS));
        self.ask(url, headers, most).await
    }

    /// The answer for an address, asked for with these header fields.
    pub(super) async fn ask(
        &self,
        url: &Url,
        headers: HeaderMap,
        most: usize,
    ) -> Result<Answer, Trouble> {
        self.until_stop(self.persist(url, headers, most)).await?
    }

    async fn persist(&self, url: &Url, headers: HeaderMap, most: usize) -> Result<Answer, Trouble> {
        let mut attempt = 0;
        loop {
            self.pace.turn().await;
            let answer = match timeout(self.timeout, self.once(url, headers.clone(), most)).await {
                Ok(answer) => answer?,
                Err(_) => {
                    return Err(Trouble::Failed(format!(
                        "no whole answer within {:?}",
                        self.timeout
                    )));
                }
            };
            attempt += 1;
            if !matches!(answer.status, 429 | 503) || attempt == ATTEMPTS {
                return Ok(answer);
            }
            let asked = answer.header(&RETRY_AFTER);
            let asked = asked.and_then(|value| retry_after(value, Timestamp::now()));
            let wait = asked.unwrap_or(Duration::from_secs(1 << (attempt - 1)));
            if wait > LONGEST_PAUSE {
                return Ok(answer);
            }
            tracing::info!("{url} answers {}; asking again in {wait:?}", answer.status);
            self.pace.pause(wait).await;
        }
    }

    async fn once(&self, url: &Url, headers: HeaderMap, most: usize) -> Result<Answer, Trouble> {
        let failed = |error: reqwest::Error| {
            Trouble::Failed(too_slow(&error, self.timeout).unwrap_or_else(|| innermost(&error)))
        };
        tracing::debug!("GET {url}");
        // As browsers do: what they are sent is what is judged.
        let request = self.http.get(url.clone()).headers(headers);
        let request = request.header(ACCEPT_ENCODING, "gzip, br, zstd");
        let mut response = request.send().await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > most {
                return Err(Trouble::TooLarge(most));
            }
            body.extend_from_slice(&chunk);
        }
        let answer = Answer {
            url: url.clone(),
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        };
        unpacked(answer, most)
    }
}

/// An answer without its content codings (RFC 9110, section 8.4).
fn unpacked(mut answer: Answer, most: usize) -> Result<Answer, Trouble> {
    let codings: Vec<String> = answer
        .all(CONTENT_ENCODING.as_str())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    for name in codings.iter().rev() {
        let coding = match name.as_str() {
            "gzip" | "x-gzip" => Coding::Gzip,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstandard,
            other => {
                return Err(Trouble::Failed(format!(
                    "it is sent in the content coding {other:?}, which nobody asked for"
                )));
            }
        };
        if answer.body.is_empty() {
            break;
        }
        answer.body = coding.decoded(&*answer.body, most).map_err(|error| {
            if error.kind() == std::io::ErrorKind::FileTooLarge {
                Trouble::TooLarge(most)
            } else {
                Trouble::Failed(format!(
                    "it is sent as {name}, and cannot be unpacked ({error})"
                ))
            }
        })?;
    }
    Ok(answer)
}
