#![no_main]

// The tests use more of it.
#[allow(dead_code, unused_imports)]
#[path = "../../tests/it/judge/mod.rs"]
mod judge;
#[path = "../../tests/it/fuzzed/page.rs"]
mod page;
#[path = "../../tests/it/properties/pieces.rs"]
mod pieces;

use chathub_fuzz::{Rng, choose, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use pieces::{ATTRIBUTES, CONTENT, DOCTYPES, FOREIGN, HEAD, INSTANCES, RAW_TEXT, TAGS};

fuzz_target!(|data: &[u8]| page::check(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, piece)
});

/// Some markup.
fn piece(random: &mut Rng) -> String {
    match random.u8(..16) {
        0..4 => format!("<{}>", choose(TAGS, random)),
        4..7 => format!("</{}>", choose(TAGS, random)),
        7 => format!("<{} {}>", choose(TAGS, random), choose(ATTRIBUTES, random)),
        kind => {
            let lists = [
                CONTENT, CONTENT, DOCTYPES, FOREIGN, HEAD, INSTANCES, INSTANCES, RAW_TEXT,
            ];
            choose(lists[usize::from(kind) - 8], random).to_owned()
        }
    }
}
