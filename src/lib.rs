//! The library of the `chathub` command: see ARCHITECTURE.md for the map of its rooms.

#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "cli")]
pub mod cli;
pub mod csp;
pub mod derived;
#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod event;
#[cfg(feature = "cli")]
mod generator;
pub mod html;
#[cfg(feature = "preview")]
pub mod preview;
pub mod redact;
#[cfg(feature = "cli")]
pub mod report;
pub mod rules;
pub mod run;
pub mod runtime;
#[cfg(feature = "api")]
pub mod secret;
#[cfg(feature = "endpoint")]
pub mod server;
pub mod settings;
pub mod steps;
pub mod store;
pub mod token;
#[cfg(feature = "api")]
pub mod tokens;
#[cfg(feature = "cli")]
pub mod watch;
pub mod widget;
