//! A stand-in for the ChatHub API on this machine, to try the token commands without an account:
//!
//! ```sh
//! cargo run --example standin
//! ```
//!
//! It answers as the vendor documents, with one company, two organizations and a few operators, and prints what to set.
//! Its tokens are signed by nobody whom a real widget trusts.

#![allow(clippy::unwrap_used, clippy::expect_used)]

// The tests use more of it.
#[allow(dead_code, unused_imports)]
#[path = "../tests/it/standin/mod.rs"]
mod standin;

use std::io::Read as _;

use standin::{LOGIN, PASSWORD, StandIn};

fn main() {
    let server = StandIn::start();
    println!("export CHATHUB_API_URL={}", server.url());
    println!("export CHATHUB_LOGIN='{LOGIN}'");
    println!("export CHATHUB_PASSWORD='{PASSWORD}'");
    println!("# Until standard input ends (Ctrl-D).");
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .expect("standard input can be read");
}
