#![no_main]

#[path = "../../tests/it/fuzzed/glob.rs"]
mod glob;
#[path = "../../tests/it/fuzzed/rules.rs"]
mod rules;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| rules::check(data));
