//! Which pages come next: from each rule and folder as many as from any other, and the same ones in every run.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use url::{Position, Url};

/// How many groups are told apart; the pages of all others are one.
const GROUPS: usize = 4096;

/// The pages that are known and were not asked for.
pub(super) struct Frontier {
    groups: BTreeMap<String, Group>,
    /// No more are taken.
    most: Option<usize>,
    taken: usize,
    /// In the order in which they were found, as where pages name each other; otherwise in one that depends on addresses alone.
    by_arrival: bool,
    arrived: u64,
    seen: HashSet<u64>,
    /// Pages that are known and will not be taken.
    pub(super) left_out: bool,
}

#[derive(Default)]
struct Group {
    taken: usize,
    waiting: BTreeSet<(u64, Url)>,
}

impl Frontier {
    pub(super) fn new(most: Option<usize>, by_arrival: bool) -> Self {
        Self {
            groups: BTreeMap::new(),
            most,
            taken: 0,
            by_arrival,
            arrived: 0,
            seen: HashSet::new(),
            left_out: false,
        }
    }

    /// Whether an address is met for the first time.
    pub(super) fn is_new(&mut self, url: &Url) -> bool {
        self.seen.insert(hash(url))
    }

    /// Adds a page that is not known yet; `group` says what it is like.
    pub(super) fn add(&mut self, url: Url, group: String) {
        let order = if self.by_arrival {
            self.arrived += 1;
            self.arrived
        } else {
            hash(&url)
        };
        if !self.is_new(&url) {
            return;
        }
        let group = if self.groups.len() < GROUPS || self.groups.contains_key(&group) {
            group
        } else {
            String::new()
        };
        let waiting = &mut self.groups.entry(group).or_default().waiting;
        waiting.insert((order, url));
        if self.most.is_some_and(|most| waiting.len() > most) {
            waiting.pop_last();
            self.left_out = true;
        }
    }

    /// The next page to ask for.
    pub(super) fn next(&mut self) -> Option<Url> {
        let waiting = |group: &&mut Group| !group.waiting.is_empty();
        let group = self.groups.values_mut().filter(waiting);
        let group = group.min_by_key(|group| group.taken)?;
        if self.most.is_some_and(|most| self.taken >= most) {
            self.left_out = true;
            return None;
        }
        let (_, url) = group.waiting.pop_first()?;
        group.taken += 1;
        self.taken += 1;
        Some(url)
    }
}

fn hash(url: &Url) -> u64 {
    let mut hasher = DefaultHasher::new();
    // Wherever a copy of the site is, the same pages are taken.
    url[Position::BeforePath..].hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse(&format!("https://example.com/{path}")).unwrap()
    }

    #[test]
    fn a_small_folder_has_its_share_beside_a_large_one_and_order_does_not_count() {
        let paths: Vec<_> = (0..1000)
            .map(|n| format!("blog/{n}"))
            .chain((0..3).map(|n| format!("shop/{n}")))
            .collect();
        let taken = |paths: &mut dyn Iterator<Item = &String>| {
            let mut frontier = Frontier::new(Some(10), false);
            for path in paths {
                frontier.add(url(path), path.split('/').next().unwrap().to_owned());
            }
            let taken: Vec<_> = std::iter::from_fn(|| frontier.next()).collect();
            assert!(frontier.left_out);
            taken
        };
        let one = taken(&mut paths.iter());
        assert_eq!(one, taken(&mut paths.iter().rev()));
        let shop = one.iter().filter(|url| url.path().starts_with("/shop/"));
        assert_eq!((one.len(), shop.count()), (10, 3));
    }

    #[test]
    fn an_address_is_asked_for_once() {
        let mut frontier = Frontier::new(None, true);
        for path in ["b", "a", "b"] {
            frontier.add(url(path), String::new());
        }
        let taken: Vec<_> = std::iter::from_fn(|| frontier.next()).collect();
        assert_eq!(taken, [url("b"), url("a")]);
        frontier.add(url("a"), String::new());
        assert!(frontier.next().is_none() && !frontier.left_out);
    }
}
