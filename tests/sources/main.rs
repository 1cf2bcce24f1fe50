//! What the sources and documents must be, whatever the program does. A program of its own, since it names no part of chathub:
//! it is compiled and linked in a second, whatever has changed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod archives;
mod cargo;
mod circles;
mod features;
mod layering;
mod notices;
mod published;
mod versions;
mod waiting;
