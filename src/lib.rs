//! The library behind the `chathub` command: see ARCHITECTURE.md for the map of its rooms.

pub mod jwt;
pub mod outcome;
pub mod page;
pub mod site;
pub mod widget;
