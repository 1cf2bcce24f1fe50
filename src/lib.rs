//! The library of the `chathub` command: see ARCHITECTURE.md for the map of its rooms.

pub mod api;
pub mod cli;
pub mod csp;
pub mod derived;
pub mod endpoint;
pub mod event;
mod generator;
pub mod html;
pub mod preview;
pub mod redact;
pub mod report;
pub mod rules;
pub mod run;
pub mod runtime;
pub mod secret;
pub mod server;
pub mod settings;
pub mod steps;
pub mod store;
pub mod token;
pub mod tokens;
pub mod watch;
pub mod widget;
