#![no_main]

#[path = "../../tests/it/fuzzed/jwt.rs"]
mod jwt;

use chathub_fuzz::{Rng, choose, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// What headers and claims are made of, and what is around tokens.
const PIECES: &[&str] = &[
    "{",
    "}",
    "{}",
    "\n",
    "\n\n",
    "\"alg\":\"HS256\"",
    "{\"alg\":\"none\"}\n",
    "\"exp\":",
    "\"iat\":",
    ",",
    "1700000000",
    "1e400",
    "-1",
    "0.5",
    "null",
    "true",
    "\"",
    "[",
    "]",
    ":",
    ".",
    "=",
    "-",
    "_",
    " ",
    "\\",
    "\\u0065xp",
    "é",
    "𝄞",
    "\0",
    "\r\n",
    "9223372036854775807",
    "test-token-for-development",
    "eyJ",
];

fuzz_target!(|data: &[u8]| jwt::check(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, piece)
});

fn piece(random: &mut Rng) -> String {
    choose(PIECES, random).to_owned()
}
