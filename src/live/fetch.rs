//! Asking for the pages of a site: which there are, and one after the other, a few at once and in a fixed order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use url::Url;

use super::address;
use super::answer::Fate;
use super::client::{Client, Trouble};
use super::error::LiveError;
use super::files::{self, MOST, Named};
use super::find::Sitemaps;
use super::frontier::Frontier;
use super::heads::{self, Served};
use super::limits::{Limits, Most};
use super::mapper::Mapper;
use super::robots::Robots;
use crate::html::links;

/// The longest page that is read, in bytes.
pub(super) const LARGEST_PAGE: usize = 16 << 20;

/// What requests have in common.
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) robots: Robots,
    pub(super) mapper: Mapper,
    pub(super) root: Url,
    /// The folder of the runtime's files, with a slash.
    pub(super) assets: String,
    /// Files that pages name.
    pub(super) named: Mutex<Named>,
}

impl Shared {
    /// Whether an address is that of a file of the site that is not one of ours.
    fn is_file(&self, url: &Url) -> bool {
        let path = files::path(&self.root, url);
        path.is_some_and(|path| !path.as_bytes().starts_with(self.assets.as_bytes()))
    }
}

/// What is known of the pages before the first is asked for.
pub(super) struct Found {
    pub(super) frontier: Frontier,
    pub(super) sitemaps: Sitemaps,
    pub(super) connections: usize,
    pub(super) all: bool,
    /// Files that pages name are asked for, too.
    pub(super) with_files: bool,
}

#[derive(Default)]
pub(super) struct Notices {
    pub(super) said: Vec<String>,
    pub(super) left_out: bool,
}

/// What was asked for.
pub(super) enum Fetched {
    /// A page, and what came of it.
    Page(Url, Fate),
    /// A file that pages name.
    File(Url, Vec<u8>),
}
/// A page, what came of it, and the addresses that it links to.
type Asked = (Url, Fate, Vec<Url>);

/// What sitemaps list, as far as it is needed before the first page.
pub(super) async fn find(
    shared: &Shared,
    limits: Limits,
    notices: &Mutex<Notices>,
) -> Result<Found, LiveError> {
    let all = limits.pages == Most::All;
    let most = match limits.pages {
        Most::All => None,
        Most::Pages(most) => Some(most),
    };
    let mut sitemaps = Sitemaps::new(&shared.root, &shared.robots, all);
    let mut listed = Vec::new();
    let mut frontier = Frontier::new(most, false);
    frontier.add(shared.root.clone(), String::new());
    while let Some(urls) = next(&mut sitemaps, shared).await? {
        for url in urls {
            let group = shared.mapper.group(&url);
            frontier.add(url, group);
        }
        listed.push(());
        if all {
            break;
        }
    }
    let mut notices = lock(notices);
    if !sitemaps.is_any() {
        notices.said.push(format!(
            "there is no sitemap, so pages were found by the links from {}",
            shared.root
        ));
        frontier = Frontier::new(most, true);
        frontier.add(shared.root.clone(), String::new());
    }
    drop(notices);
    Ok(Found {
        frontier,
        sitemaps,
        connections: limits.connections,
        all,
        with_files: false,
    })
}

async fn next(sitemaps: &mut Sitemaps, shared: &Shared) -> Result<Option<Vec<Url>>, LiveError> {
    let next = sitemaps.next(&shared.client, &shared.robots).await;
    next.map_err(|trouble| match trouble {
        Trouble::Stopped => LiveError::Interrupted,
        other => LiveError::Setup(other.to_string()),
    })
}

/// Asks for the pages and hands them on in a fixed order, until there are no more or nobody takes them.
pub(super) async fn fetch(
    shared: Arc<Shared>,
    mut found: Found,
    send: Sender<Fetched>,
    notices: Arc<Mutex<Notices>>,
) {
    let mut under_way: VecDeque<JoinHandle<Vec<Asked>>> = VecDeque::new();
    let by_links = !found.sitemaps.is_any();
    let with_files = found.with_files;
    loop {
        while under_way.len() < found.connections {
            let Some(url) = found.frontier.next() else {
                break;
            };
            let shared = Arc::clone(&shared);
            under_way.push_back(tokio::spawn(async move {
                page(&shared, url, by_links, with_files).await
            }));
        }
        let Some(first) = under_way.pop_front() else {
            if found.all
                && let Ok(Some(urls)) = next(&mut found.sitemaps, &shared).await
            {
                for url in urls {
                    found.frontier.add(url, String::new());
                }
                continue;
            }
            break;
        };
        for (at, (url, fate, linked)) in first.await.unwrap_or_default().into_iter().enumerate() {
            // The second is what the first redirects to, which may be known already.
            if at > 0 && !found.frontier.is_new(&url) {
                continue;
            }
            for url in linked {
                if shared.mapper.path(&url).is_some() {
                    let group = shared.mapper.group(&url);
                    found.frontier.add(url, group);
                }
            }
            if send.send(Fetched::Page(url, fate)).await.is_err() {
                return;
            }
        }
    }
    {
        let mut notices = lock(&notices);
        notices.said.extend(found.sitemaps.end());
        notices.left_out |= found.frontier.left_out || found.sitemaps.left_out;
    }
    if with_files {
        let said = named(&shared, &send).await;
        lock(&notices).said.extend(said);
    }
}

/// Asks for the files that pages name, and for the source maps of those, and hands them on. Returns what the user should know.
async fn named(shared: &Shared, send: &Sender<Fetched>) -> Option<String> {
    let (mut waiting, mut left_out) = {
        let mut named = lock(&shared.named);
        (named.take(), named.left_out)
    };
    let mut known: BTreeSet<Url> = waiting.iter().cloned().collect();
    let mut asked = 0;
    while let Some(url) = waiting.pop_front() {
        if asked == MOST {
            left_out = true;
            break;
        }
        asked += 1;
        let allows = |url: &Url| shared.robots.allows(url);
        let answer = shared.client.follow(&url, LARGEST_PAGE, allows).await;
        let answer = match answer {
            Ok((_, answer)) => answer,
            Err(Trouble::Stopped) => return None,
            // What is not there, or may not be asked for, is not searched.
            Err(_) => continue,
        };
        if answer.status != 200 || answer.looks_like_html() {
            continue;
        }
        let map = files::source_map(&answer).filter(|map| shared.is_file(map));
        waiting.extend(map.filter(|map| known.insert(map.clone())));
        if send.send(Fetched::File(url, answer.body)).await.is_err() {
            return None;
        }
    }
    left_out.then(|| {
        format!(
            "secrets were looked for in {MOST} of the files that pages name, and not in the others"
        )
    })
}

/// What comes of asking for a page, and of what it redirects to.
async fn page(shared: &Shared, url: Url, by_links: bool, with_files: bool) -> Vec<Asked> {
    let answer = shared
        .client
        .follow(&url, LARGEST_PAGE, |url| shared.robots.allows(url))
        .await;
    let (at, answer) = match answer {
        Ok(answer) => answer,
        Err(Trouble::Stopped) => return Vec::new(),
        Err(Trouble::Disallowed) => return vec![(url, Fate::Disallowed, Vec::new())],
        Err(trouble @ (Trouble::Elsewhere(_) | Trouble::Circle)) => {
            return vec![(url, Fate::NotServed(trouble.to_string()), Vec::new())];
        }
        Err(trouble) => return vec![(url, Fate::Failed(trouble.to_string()), Vec::new())],
    };
    let linked = if by_links && answer.status == 200 && answer.looks_like_html() {
        let found = links(&answer.body);
        found
            .iter()
            .filter_map(|href| address::plain(&at, href))
            .collect()
    } else {
        Vec::new()
    };
    let fate = match answer.status {
        200 | 203 => match heads::served(&answer) {
            Served::Page => {
                if with_files {
                    lock(&shared.named).note(&answer, |url| shared.is_file(url));
                }
                Fate::Page(answer)
            }
            Served::Other(kind) => Fate::Other(kind),
        },
        _ => Fate::NotServed(format!("the server answers {}", answer.status_words())),
    };
    if at == url {
        return vec![(url, fate, linked)];
    }
    if shared.mapper.path(&at).is_none() {
        return vec![(url, Fate::Moved(at), Vec::new())];
    }
    vec![
        (url, Fate::Moved(at.clone()), Vec::new()),
        (at, fate, linked),
    ]
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
