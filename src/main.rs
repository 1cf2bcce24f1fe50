//! The `chathub` command.

fn main() {}
