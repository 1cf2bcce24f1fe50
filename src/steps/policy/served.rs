//! What the policies that a host sends forbid, counted: a finding for each directive of a policy, however many pages it is about.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError, RwLock};

use super::blocking::{Blocking, Needs};
use super::needs::{Chat, Lack, message, remedy};
use crate::csp::{Header, Host, Kind};
use crate::run::Examined;
use crate::settings::Config;
use crate::steps::base_path::BasePath;

/// How many pages a message names.
const NAMED: usize = 3;
/// How many different things a directive may block of all pages, before no more are listed.
const LISTED: usize = 64;
/// How many verdicts are kept: pages that ask alike are judged once.
const KEPT: usize = 4096;

/// The policies of a site's hosts, and what they forbid.
#[derive(Default)]
pub struct Served {
    hosts: Vec<Host>,
    /// By host, header and directive.
    blocks: Mutex<BTreeMap<(usize, usize, String), Block>>,
    /// Whether a header, of a host, lets through all that pages need that ask for the same ([`asks`]).
    clean: RwLock<HashMap<(usize, usize, u64), bool>>,
}

/// What a directive of a policy blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The host, of those given.
    pub host: usize,
    /// The header, of that host's.
    pub header: usize,
    /// The directive's name.
    pub name: String,
    /// Its value.
    pub value: Vec<String>,
    /// What it blocks.
    pub lacks: BTreeSet<Lack>,
    /// On how many pages.
    pub pages: u64,
    /// The first of them.
    pub first: BTreeSet<String>,
}

impl Served {
    /// By these hosts.
    #[must_use]
    pub fn by(hosts: Vec<Host>) -> Self {
        Self {
            hosts,
            ..Self::default()
        }
    }

    /// They.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Judges a page.
    pub fn note(&self, examined: &Examined<'_>, base_path: &BasePath<'_>, config: &Config) {
        if self.hosts.iter().all(|host| host.headers.is_empty()) {
            return;
        }
        let Some(chat) = Chat::of(examined) else {
            return;
        };
        let base = base_path.base_of(examined).map(|(_, href)| href.as_str());
        let asks = LazyCell::new(|| asks(examined, &chat, base));
        let blocked = |header: &Header, addresses| {
            let needs = Needs::of(&chat, base, addresses, config);
            needs.blocked_by(&header.policy(chat.nonce), |_| true)
        };
        let path = examined.path().to_string();
        for (index, host) in self.hosts.iter().enumerate() {
            // Each policy is obeyed by itself, whatever else is sent.
            let sent: BTreeSet<usize> = host.sent(&path).into_iter().flatten().collect();
            for at in sent {
                let Some(header) = host.headers.get(at) else {
                    continue;
                };
                let of_site = || blocked(header, base_path.addresses_of_site(examined)).is_empty();
                if !self.is_clean((index, at, *asks), of_site) {
                    let found = blocked(header, base_path.addresses_of(examined));
                    self.count(&path, (index, at), found);
                }
            }
        }
    }

    /// Whether a header forbids nothing, by the addresses that the site as a whole tells. Only where it does, the page is asked for its own.
    fn is_clean(&self, key: (usize, usize, u64), judge: impl FnOnce() -> bool) -> bool {
        let known = self.clean.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&key) {
            return *known;
        }
        drop(known);
        let clean = judge();
        let mut known = self.clean.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(key, clean);
        clean
    }

    fn count(&self, path: &str, (host, header): (usize, usize), found: Vec<Blocking>) {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        for one in found {
            let key = (host, header, one.name.clone());
            let block = blocks.entry(key).or_insert_with(|| Block {
                host,
                header,
                name: one.name,
                value: one.value,
                lacks: BTreeSet::new(),
                pages: 0,
                first: BTreeSet::new(),
            });
            block.pages += 1;
            for lack in one.lacks {
                if block.lacks.len() < LISTED {
                    block.lacks.insert(lack);
                }
            }
            // Whatever order the pages are done in, the same ones are named.
            block.first.insert(path.to_owned());
            if block.first.len() > NAMED {
                block.first.pop_last();
            }
        }
    }

    /// What is forbidden, in the order of the files.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.values().cloned().collect()
    }
}

impl Block {
    /// The file that the policy stands in, and where.
    #[must_use]
    pub fn place<'s>(
        &self,
        served: &'s Served,
    ) -> Option<(&'s crate::csp::HostFile, std::ops::Range<usize>)> {
        let host = served.hosts.get(self.host)?;
        let header = host.headers.get(self.header)?;
        Some((host.files.get(header.file)?, header.span.clone()))
    }

    /// Which header it is in.
    fn kind(&self, served: &Served) -> Kind {
        let host = served.hosts.get(self.host);
        let header = host.and_then(|host| host.headers.get(self.header));
        header.map_or(Kind::Policy, |header| header.kind)
    }

    /// What it blocks, and where.
    #[must_use]
    pub fn message(&self, served: &Served) -> String {
        let message = match self.kind(served) {
            Kind::Policy => message(&self.name, &self.value, &self.lacks),
            Kind::Integrity => {
                let value = [format!("{}=({})", self.name, self.value.join(" "))];
                message(&format!("{}:", Kind::Integrity.name()), &value, &self.lacks)
            }
        };
        format!(
            "{message} {}",
            on_pages(self.first.iter().map(String::as_str), self.pages)
        )
    }

    /// What to write.
    #[must_use]
    pub fn remedy(&self, served: &Served) -> String {
        let of = match self.kind(served) {
            Kind::Policy => "of that policy",
            Kind::Integrity => "of that header",
        };
        remedy(&self.name, &self.value, &self.lacks, of)
    }

    /// What a user must know who does not ask for findings.
    #[must_use]
    pub fn notice(&self, served: &Served) -> Option<String> {
        let (file, _) = self.place(served)?;
        let pages = if self.pages == 1 { "a page" } else { "pages" };
        Some(format!(
            "the {} in {} keeps the chat out of {pages}: {} (`chathub explain csp-blocks-widget`)",
            self.kind(served).name(),
            file.name,
            self.message(served)
        ))
    }
}

/// On which pages something is: `first` of so many.
#[must_use]
pub fn on_pages<'p>(first: impl Iterator<Item = &'p str>, pages: u64) -> String {
    let named: Vec<_> = first.collect();
    let more = pages.saturating_sub(named.len() as u64);
    match (&named[..], more) {
        ([one], 0) => format!("on {one}"),
        ([first @ .., last], 0) => {
            format!("on {pages} pages: {} and {last}", first.join(", "))
        }
        (named, more) => format!("on {pages} pages: {} and {more} more", named.join(", ")),
    }
}

/// Pages with the same number ask for the same.
fn asks(examined: &Examined<'_>, chat: &Chat<'_>, base: Option<&str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (chat.nonce, chat.held, base).hash(&mut hasher);
    format!("{:?}", chat.tag).hash(&mut hasher);
    // A relative base or address is another one in each folder.
    let relative = |address: &str| !address.starts_with('/') && !address.contains("://");
    let by_folder = base.is_some_and(relative)
        || ["src", "data-src", "data-endpoint"]
            .iter()
            .any(|name| chat.tag.value(name).is_some_and(relative));
    if by_folder {
        examined.path().hash(&mut hasher);
    }
    hasher.finish()
}
