//! What the sources and documents must be, whatever the program does. A program of its own, since it needs no part of chathub:
//! it is linked in no time, and can be asked before the rest is built.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod layering;
mod notices;
mod waiting;
