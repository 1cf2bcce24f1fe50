//! Which pages are opened in a browser: some of each rule that gives a chat, and of those that are to have none.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use url::Url;

use crate::run::Examined;
use crate::steps::BasePath;
use crate::store::{Handle, PagePath};
use crate::widget::{Kind, Tag};

/// How many pages are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleSize {
    /// One for each rule, and one that is to have no chat.
    Rules,
    /// So many, shared out over the rules.
    Pages(usize),
    /// All.
    All,
}

/// A page that is to be opened, and what it should have.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// Its path.
    pub path: PagePath,
    /// By which its store knows it.
    pub file: Handle,
    /// The tag that it should have.
    pub tag: Option<Tag>,
    /// A consent tool holds its tag back.
    pub is_held: bool,
    /// It has another of the vendor's widgets, which its author pasted.
    pub has_others: bool,
    /// SHA-256 of the tokens in its tags.
    pub tokens: Vec<[u8; 32]>,
    /// An address of it, of which the host is the site's as far as that can be told.
    pub address: Option<Url>,
}

/// By what pages come first: those that visitors see first, and after the first of a rule any, the same ones in every run.
type Order = (u8, usize, bool, Vec<u8>);

/// Gathers them.
pub(super) struct Sample {
    size: SampleSize,
    /// By what decided about them; those without a chat are under the empty name.
    pages: Mutex<BTreeMap<String, BTreeMap<Order, Sampled>>>,
}

impl Sample {
    pub(super) fn of(size: SampleSize) -> Self {
        Self {
            size,
            pages: Mutex::default(),
        }
    }

    /// Takes a page, if it is among the first of its rule.
    pub(super) fn note(&self, examined: &Examined<'_>, base_path: &BasePath<'_>) {
        let because = examined.assignment.as_ref().map(|a| a.because.to_string());
        let rule = match (&examined.tag, because) {
            (Some(_), Some(because)) => because,
            _ => String::new(),
        };
        let path = examined.path();
        let bytes = path.as_bytes();
        let is_index = bytes.ends_with(b"index.html");
        let depth = memchr::memchr_iter(b'/', bytes).count();
        let first: Order = (
            u8::from(bytes.ends_with(b"404.html")),
            depth,
            !is_index,
            bytes.to_vec(),
        );
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let of_rule = pages.entry(rule).or_default();
        let most = match self.size {
            SampleSize::Rules => 1,
            SampleSize::Pages(number) => number,
            SampleSize::All => usize::MAX,
        };
        let takes = of_rule.len() < most
            || of_rule
                .last_key_value()
                .is_some_and(|(last, _)| first < *last);
        if !takes {
            return;
        }
        of_rule.insert(first, Sampled::of(examined, base_path));
        if of_rule.len() > most {
            of_rule.pop_last();
        }
    }

    /// The pages, in the order of their paths.
    pub(super) fn pages(&self) -> Vec<Sampled> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let most = match self.size {
            SampleSize::Pages(number) => number,
            SampleSize::Rules | SampleSize::All => usize::MAX,
        };
        let mut rules: Vec<_> = pages.values().map(BTreeMap::values).collect();
        // Those without a chat come after all that have one.
        let without = usize::from(pages.contains_key(""));
        rules.rotate_left(without);
        let mut chosen: Vec<Sampled> = Vec::new();
        while chosen.len() < most {
            let round = rules.iter_mut().filter_map(Iterator::next);
            let round: Vec<Sampled> = round.take(most - chosen.len()).cloned().collect();
            if round.is_empty() {
                break;
            }
            chosen.extend(round);
        }
        chosen.sort_by(|a, b| a.path.cmp(&b.path));
        chosen
    }
}

impl Sampled {
    fn of(examined: &Examined<'_>, base_path: &BasePath<'_>) -> Self {
        let tags = || examined.facts.instances.iter();
        let tokens = tags().filter(|tag| tag.kind == Kind::Widget);
        let tokens = tokens.filter_map(|tag| tag.attributes.get("token"));
        Self {
            path: examined.path().clone(),
            file: examined.file.file.clone(),
            tag: examined.tag.clone(),
            is_held: tags().any(|tag| tag.hold().is_some()),
            has_others: examined.others().next().is_some(),
            tokens: tokens.map(|token| Sha256::digest(token).into()).collect(),
            address: base_path.addresses_of(examined).into_iter().next(),
        }
    }
}
