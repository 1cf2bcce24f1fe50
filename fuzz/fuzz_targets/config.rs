#![no_main]

#[path = "../../tests/it/fuzzed/config.rs"]
mod config;

use std::sync::LazyLock;

use chathub_fuzz::{Rng, choose, mutate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// Lines of a configuration, with the keys that stand in comments.
static LINES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let example = include_str!("../../chathub.toml.example").split_inclusive('\n');
    let mut lines: Vec<&str> = example.map(|line| line.trim_start_matches('#')).collect();
    lines.dedup();
    lines
});

/// What makes a line another one.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\\u007f",
    "\r\n",
    "\n",
    "\t",
    "=",
    " = ",
    ".",
    ",",
    "#",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "{ env = \"",
    "\0",
    "\u{feff}",
    "\u{1b}[31m",
    "é",
    "𝄞",
    "\u{202e}",
    "true",
    "0",
    "-1",
    "1e9",
    "1979-05-27",
    "JWT!",
    "open-sesame",
    "password = \"open-sesame\"\n",
    "token = \"open-sesame\"\n",
    "company-token = 'open-sesame'\n",
    "# api-key: open-sesame\n",
    "https://user:open-sesame@example.com/",
    "[organizations.login]\n",
    "[verify.severity]\n",
    "login = \"open-sesame\"\n",
    "token = { file = \"JWT!\" }\n",
    "[password]\n",
];

fuzz_target!(|data: &[u8]| config::check(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, piece)
});

fn piece(random: &mut Rng) -> String {
    let list = if random.bool() { &LINES[..] } else { PIECES };
    choose(list, random).to_owned()
}
