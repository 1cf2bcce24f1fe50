//! What chathub promises holds on any page: generated from a grammar of everything that is hard about HTML, and real
//! pages after accidents. Many pages make one site, so that one run of each command judges them all.

mod grammar;
mod mutate;
mod pieces;

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError};

use crate::promises::{Setup, broken};

/// Pages in a site.
const PAGES: usize = 200;
/// Sites per property, unless `PROPTEST_CASES` says otherwise.
const SITES: u32 = 8;
/// Where chance begins, unless `PROPTEST_RNG_SEED` says otherwise: a build does not fail by luck. Whoever looks for
/// trouble gives another seed and more sites; what is found is kept by name in `tests/it/regressions.rs`.
const SEED: u64 = 20_261_123;
/// How many broken pages of a site are cut down and shown.
const SHOWN: usize = 2;
/// How often a page is made shorter in the attempt.
const ATTEMPTS: usize = 300;

fn config() -> ProptestConfig {
    let cases = std::env::var_os("PROPTEST_CASES")
        .is_none()
        .then_some(SITES);
    let default = ProptestConfig::default();
    let seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        given @ RngSeed::Fixed(_) => given,
    };
    ProptestConfig {
        cases: cases.unwrap_or(default.cases),
        rng_seed: seed,
        // A page is cut down by itself, below, and kept by name in tests/it/regressions.rs.
        max_shrink_iters: 0,
        failure_persistence: None,
        ..default
    }
}

/// The pages of a site; a failure shows them by itself.
struct Pages(Vec<Vec<u8>>);

impl fmt::Debug for Pages {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} pages", self.0.len())
    }
}

fn pages(page: BoxedStrategy<Vec<u8>>) -> impl Strategy<Value = Pages> {
    vec(page, PAGES).prop_map(Pages)
}

fn setup() -> impl Strategy<Value = Setup> {
    any::<(bool, bool, bool, bool)>().prop_map(|(head, everything, link, customer)| Setup {
        customer,
        head,
        everything,
        // There can be none in a head.
        link: link && !head,
    })
}

/// Demands that all promises are kept on all pages; what breaks one is shown as short as it can be.
fn keeps_all_promises(setup: Setup, pages: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let broken = broken(setup, pages);
    if broken.is_empty() {
        return Ok(());
    }
    let count = broken.len();
    let shown = broken.into_iter().take(SHOWN).map(|(at, why)| {
        let (page, why) = cut_down(setup, at, pages[at].clone(), why);
        format!("{why}\n    {}", page.escape_ascii())
    });
    let shown = shown.collect::<Vec<_>>().join("\n  ");
    Err(TestCaseError::fail(format!(
        "{count} pages, with {setup:?}:\n  {shown}"
    )))
}

/// Takes away from a page whatever it can lose and still break the same promise. Its place decides its name.
fn cut_down(setup: Setup, at: usize, mut page: Vec<u8>, mut why: String) -> (Vec<u8>, String) {
    let promise = |why: &str| {
        why.split([':', '(', '['])
            .next()
            .unwrap()
            .replace(char::is_numeric, "")
    };
    let breaks = |page: &[u8], why: &str| {
        let mut pages = vec![b"<!DOCTYPE html><p>".to_vec(); at % 10];
        pages.push(page.to_vec());
        let (last, other) = broken(setup, &pages).pop()?;
        (last == at % 10 && promise(&other) == promise(why)).then_some(other)
    };
    let (mut size, mut attempts) = (page.len() / 2, 0);
    while size > 0 {
        let mut start = 0;
        while start < page.len() && attempts < ATTEMPTS {
            attempts += 1;
            let end = page.len().min(start + size);
            let shorter = [&page[..start], &page[end..]].concat();
            match breaks(&shorter, &why) {
                Some(other) => (page, why) = (shorter, other),
                None => start = end,
            }
        }
        size /= 2;
    }
    (page, why)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn generated_pages(setup in setup(), pages in pages(grammar::page())) {
        keeps_all_promises(setup, &pages.0)?;
    }

    #[test]
    fn mutated_pages(setup in setup(), pages in pages(mutate::page())) {
        keeps_all_promises(setup, &pages.0)?;
    }
}
