//! The pages of a site: those that its sitemaps list, or those that its pages link to.

use std::collections::{HashSet, VecDeque};

use url::Url;

use super::address::{below, moved, plain};
use super::client::{Client, Trouble};
use super::robots::Robots;
use super::sitemap::{self, LARGEST, Sitemap};

/// How many sitemaps are read for a sample of the pages.
const FOR_SAMPLE: usize = 50;
/// How many are read for all pages: as many as an index may list.
const FOR_ALL: usize = 50_000;
/// An index may not list indexes; some do.
const DEEPEST: u8 = 3;
/// Where generators write them.
const NAMES: [&str; 3] = ["sitemap.xml", "sitemap-index.xml", "sitemap_index.xml"];

/// The sitemaps of a site, read one after the other.
pub(super) struct Sitemaps {
    root: Url,
    waiting: VecDeque<(Url, u8)>,
    known: HashSet<Url>,
    most: usize,
    read: usize,
    /// Where none of robots.txt is there, those of these names are looked for.
    guesses: VecDeque<Url>,
    pub(super) notices: Vec<String>,
    elsewhere: u64,
    /// What they list was not all taken.
    pub(super) left_out: bool,
}

impl Sitemaps {
    pub(super) fn new(root: &Url, robots: &Robots, all: bool) -> Self {
        let named = robots.sitemaps().iter();
        let named: Vec<_> = named
            .filter_map(|url| plain(root, url.as_str()))
            // A copy of a site elsewhere, as for a test, names those of the site.
            .map(|url| moved(&url, root))
            .collect();
        let top = moved(&Url::clone(root), root);
        let guesses = NAMES.iter().filter_map(|name| root.join(name).ok());
        let at_top = NAMES
            .iter()
            .filter_map(|name| top.join(&format!("/{name}")).ok());
        let mut sitemaps = Self {
            root: root.clone(),
            waiting: VecDeque::new(),
            known: HashSet::new(),
            most: if all { FOR_ALL } else { FOR_SAMPLE },
            read: 0,
            guesses: guesses.chain(at_top).collect(),
            notices: Vec::new(),
            elsewhere: 0,
            left_out: false,
        };
        for url in named {
            sitemaps.push(url, 0);
        }
        sitemaps
    }

    fn push(&mut self, url: Url, depth: u8) {
        if self.known.insert(url.clone()) {
            self.waiting.push_back((url, depth));
        }
    }

    /// The pages that the next sitemap lists; none when all are read.
    pub(super) async fn next(
        &mut self,
        client: &Client,
        robots: &Robots,
    ) -> Result<Option<Vec<Url>>, Trouble> {
        loop {
            let (url, depth, guessed) = match self.waiting.pop_front() {
                Some((url, depth)) => (url, depth, false),
                None if self.read == 0 => match self.guesses.pop_front() {
                    Some(url) if self.known.insert(url.clone()) => (url, 0, true),
                    Some(_) => continue,
                    None => return Ok(None),
                },
                None => return Ok(None),
            };
            if self.read >= self.most {
                let left = self.waiting.len() + 1;
                self.left_out = true;
                self.waiting.clear();
                self.notices.push(format!(
                    "{} sitemaps were read, and {left} more were not",
                    self.read
                ));
                return Ok(None);
            }
            let Some(found) = self.ask(&url, guessed, client, robots).await? else {
                continue;
            };
            self.read += 1;
            if let Some(fault) = &found.fault {
                self.left_out = true;
                self.notices
                    .push(format!("{url} is read as far as it can be: {fault}"));
            }
            let (own, is_index) = (self.own(&url, &found), found.is_index);
            if !is_index {
                return Ok(Some(own));
            }
            if depth + 1 >= DEEPEST {
                self.left_out = true;
                self.notices.push(format!(
                    "{url} is an index in an index in an index of sitemaps, and is not followed"
                ));
                continue;
            }
            // Of too many, as many from the beginning as from the end.
            let room = self
                .most
                .saturating_sub(self.read + self.waiting.len())
                .max(1);
            let step = own.len().div_ceil(room).max(1);
            if step > 1 {
                self.left_out = true;
                self.notices.push(format!(
                    "{url} lists {} sitemaps, of which every {step}th is read",
                    own.len()
                ));
            }
            for url in own.into_iter().step_by(step) {
                self.push(url, depth + 1);
            }
        }
    }

    async fn ask(
        &mut self,
        url: &Url,
        guessed: bool,
        client: &Client,
        robots: &Robots,
    ) -> Result<Option<Sitemap>, Trouble> {
        let why = match client.follow(url, LARGEST, |url| robots.allows(url)).await {
            Err(Trouble::Stopped) => return Err(Trouble::Stopped),
            Ok((_, answer)) if answer.status == 200 => match sitemap::read(&answer.body) {
                Some(found) => return Ok(Some(found)),
                None => "it is not a sitemap".to_owned(),
            },
            Ok((_, answer)) => format!("the server answers {}", answer.status_words()),
            Err(trouble) => trouble.to_string(),
        };
        if !guessed {
            self.left_out = true;
            self.notices
                .push(format!("the sitemap {url} cannot be read: {why}"));
        }
        Ok(None)
    }

    /// Of what a sitemap lists, what is on this origin. Where nothing is, and all of it is on another one, this is a copy of a site
    /// that is meant to be there, and has the same paths.
    fn own(&mut self, at: &Url, found: &Sitemap) -> Vec<Url> {
        let all: Vec<Url> = found
            .locations
            .iter()
            .filter_map(|location| plain(at, location))
            .collect();
        let is_own = |url: &Url| url.origin() == self.root.origin();
        let copied = (!all.iter().any(is_own))
            .then(|| all.first().map(Url::origin))
            .flatten();
        let mut own = Vec::new();
        for url in &all {
            if is_own(url) {
                own.push(url.clone());
            } else if copied.as_ref() == Some(&url.origin()) {
                own.push(moved(url, &self.root));
            } else {
                self.elsewhere += 1;
            }
        }
        if let Some(copied) = copied {
            let notice = format!(
                "the sitemap lists pages of {}; the same paths were asked for at {}",
                copied.ascii_serialization(),
                self.root.origin().ascii_serialization()
            );
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        if !found.is_index {
            let all = own.len();
            own.retain(|url| below(&self.root, url).is_some());
            self.elsewhere += (all - own.len()) as u64;
        }
        own
    }

    /// Whether there was any.
    pub(super) fn is_any(&self) -> bool {
        self.read > 0
    }

    /// What the user should know, when all of them are read.
    pub(super) fn end(&mut self) -> Vec<String> {
        if self.elsewhere > 0 {
            let (addresses, are) = if self.elsewhere == 1 {
                ("address", "is")
            } else {
                ("addresses", "are")
            };
            self.notices.push(format!(
                "{} {addresses} in the sitemap {are} not below {}, and {} left out",
                self.elsewhere,
                self.root,
                if are == "is" { "was" } else { "were" }
            ));
            self.elsewhere = 0;
        }
        std::mem::take(&mut self.notices)
    }
}
