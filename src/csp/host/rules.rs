//! Rules in an order, each with a pattern and headers: what all hosts share whose file is a list.

use super::model::{Addresses, Header, Kind, Serves};
use super::pattern::Pattern;

/// What becomes of a header that several rules set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// The last rule's is sent.
    Last,
    /// All are.
    All,
    /// The first rule that matches is the only one that counts.
    First,
}

/// A rule.
pub(super) struct Rule {
    /// For which addresses; none: what it says cannot be read, and it counts as matching nothing.
    pub(super) pattern: Option<Pattern>,
    /// The headers that it sets, by index.
    pub(super) sets: Vec<usize>,
    /// The headers that it takes away.
    pub(super) removes: Vec<Kind>,
    /// It depends on more than the address, so what it sets may be sent or not.
    pub(super) may: bool,
}

/// All of them.
pub(super) struct Rules {
    pub(super) list: Vec<Rule>,
    pub(super) merge: Merge,
    pub(super) addresses: Addresses,
    /// What is sent unless a rule says otherwise.
    pub(super) everywhere: Vec<usize>,
    pub(super) kinds: Vec<Kind>,
}

impl Rules {
    pub(super) fn new(merge: Merge, addresses: Addresses) -> Self {
        Self {
            list: Vec::new(),
            merge,
            addresses,
            everywhere: Vec::new(),
            kinds: Vec::new(),
        }
    }

    /// To be served: which header is of which kind.
    pub(super) fn done(mut self, headers: &[Header]) -> Box<dyn Serves> {
        self.kinds = headers.iter().map(|header| header.kind).collect();
        Box::new(self)
    }

    fn at(&self, address: &str) -> Vec<usize> {
        let mut sent = self.everywhere.clone();
        let matching = self.list.iter().filter(|rule| {
            let pattern = rule.pattern.as_ref();
            pattern.is_some_and(|pattern| pattern.matches(address))
        });
        for rule in matching {
            let kind_of = |at: usize| self.kinds.get(at).copied();
            let replaces = |kind| rule.sets.iter().any(|&at| kind_of(at) == Some(kind));
            sent.retain(|&at| {
                let kind = kind_of(at);
                let over = self.merge != Merge::All && !rule.may && kind.is_some_and(replaces);
                !over && !kind.is_some_and(|kind| rule.removes.contains(&kind))
            });
            sent.extend(&rule.sets);
            if self.merge == Merge::First && !rule.may {
                break;
            }
        }
        sent.sort_unstable();
        sent.dedup();
        sent
    }
}

impl Serves for Rules {
    fn sent(&self, path: &str) -> Vec<Vec<usize>> {
        let addresses = self.addresses.of(path);
        addresses.iter().map(|address| self.at(address)).collect()
    }
}
