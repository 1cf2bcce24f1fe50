//! The library behind the `chathub` command: see ARCHITECTURE.md for the map of its rooms.

pub mod config;
pub mod outcome;
pub mod rules;
