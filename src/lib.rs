//! The library of the `chathub` command: see ARCHITECTURE.md for the map of its rooms.

pub mod api;
pub mod cli;
pub mod config;
pub mod csp;
pub mod endpoint;
mod generator;
pub mod jwt;
pub mod outcome;
pub mod page;
pub mod pipeline;
pub mod preview;
pub mod report;
pub mod rules;
pub mod runtime;
pub mod secret;
pub mod server;
pub mod store;
pub mod tokens;
pub mod verify;
pub mod widget;
