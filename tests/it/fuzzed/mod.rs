//! What must hold for any bytes at all: one check per fuzz target, which panics where it does not.
//!
//! `fuzz/` calls these on what libFuzzer makes up, `tests/it/fuzz_corpus.rs` on what it has found so far.

pub(crate) mod config;
pub(crate) mod glob;
pub(crate) mod jwt;
pub(crate) mod page;
pub(crate) mod rules;
