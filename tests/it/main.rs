//! What the whole program does. One program of tests, since each that is linked by itself costs as much to link as this one:
//! a module per command or subject, and beside them what they share.
//!
//! All of them run in one process and at the same time. So none changes what a process has one of: its environment, its
//! working folder, its limits, its signals. A run of the binary gets such things of its own ([`program`]).

#![allow(clippy::unwrap_used, clippy::expect_used)]

// What they share.
mod common;
mod fuzzed;
mod http;
mod judge;
mod many;
mod port;
mod program;
mod promises;
mod site;
mod somebody;
mod standin;

// The tests.
mod account;
mod address;
mod api_client;
mod bad_config;
mod bad_input;
mod baseline;
mod broken;
mod browser;
mod cache;
mod causes;
mod config_example;
mod config_schema;
mod contact_link;
mod corpus;
mod credentials;
mod csp;
mod customer;
mod derived;
mod docs;
mod doctor;
mod encodings;
mod endpoint;
mod examples;
mod explain;
mod faults;
mod files;
mod fixtures;
mod flags;
mod fuzz_corpus;
mod generate;
mod generated;
mod hand_written;
mod https;
mod in_use;
mod init;
mod interrupts;
mod judge_proof;
mod kept;
mod leaks;
mod library;
mod links;
mod live;
mod loader_options;
mod log;
mod output;
mod owned;
mod pages;
mod policies;
mod policies_of_hosts;
mod preview;
mod properties;
mod proxies;
mod regressions;
mod routes;
mod scripted;
mod search;
mod secrets;
mod settings;
mod siblings;
mod skipped;
mod slow_pages;
mod static_api;
mod stores;
mod thresholds;
mod torture;
mod trust;
mod typed;
mod verdicts;
mod verify_tokens;
mod watch;
mod xml;
