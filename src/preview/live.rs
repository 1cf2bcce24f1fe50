//! The site as it is now, and word of every change.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt};

use super::site::Site;

/// The site as the last look found it; another look can take its place at any time.
pub struct Live {
    now: RwLock<Now>,
    news: watch::Sender<News>,
}

/// A look at the site, and its number.
#[derive(Clone)]
pub(super) struct Now {
    pub(super) site: Arc<Site>,
    /// Grows with every look, also from one start of the preview to the next.
    pub(super) version: u64,
}

/// What pages are sent.
#[derive(Clone, Copy)]
struct News {
    version: u64,
    /// The preview ends: nothing will follow.
    last: bool,
}

impl Live {
    /// Begins with this look.
    #[must_use]
    pub fn new(site: Site) -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let version = u64::try_from(since.as_millis()).unwrap_or_default();
        let site = Arc::new(site);
        Self {
            now: RwLock::new(Now { site, version }),
            news: watch::Sender::new(News {
                version,
                last: false,
            }),
        }
    }

    /// The site.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.now().site
    }

    pub(super) fn now(&self) -> Now {
        self.now
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a new look in the place of the last one, and tells the pages.
    pub fn replace(&self, site: Site) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        now.site = Arc::new(site);
        now.version += 1;
        let version = now.version;
        drop(now);
        self.news.send_modify(|news| news.version = version);
    }

    /// Tells the pages that what they show is gone; the last look stays.
    pub fn lose(&self) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        now.version += 1;
        let version = now.version;
        drop(now);
        self.news.send_modify(|news| news.version = version);
    }

    /// Lets go of the pages that wait for news.
    pub fn end(&self) {
        self.news.send_modify(|news| news.last = true);
    }

    /// Tells a page when the site is another than the look of this number.
    pub(super) fn events(
        &self,
        seen: u64,
    ) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let news = WatchStream::new(self.news.subscribe()).take_while(|news| !news.last);
        let changes = news.filter(move |news| news.version != seen);
        // Browsers drop events without data.
        let event = |news: News| {
            Event::default()
                .event("reload")
                .data(news.version.to_string())
        };
        Sse::new(changes.map(move |news| Ok(event(news)))).keep_alive(KeepAlive::default())
    }
}
