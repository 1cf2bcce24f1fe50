//! Files that are derived from pages and lie once pages change: lists of files with a digest of each, by which service workers
//! tell what a visitor has from what there is, and workers that keep pages by name.
//!
//! What is here is pure: names and bytes come in, [claims](Claim) about files come out, each with the bytes that make it.
//! There is a file per format. Whom a claim is about, [`Addresses`] tells; whether it is true, the pipeline.

mod address;
mod claim;
mod digest;
mod json;
mod judge;
mod mark;
mod names;
mod precache;
mod read;
mod site;
mod sums;
mod verdict;
mod worker;

pub use address::Addresses;
pub use claim::{Claim, List, MOST, Unreadable};
pub use digest::{Algorithm, Written};
pub use judge::Page;
pub use mark::{Stamp, mark, unmarked};
pub use names::Format;
pub use site::Lists;
pub use verdict::{Verdict, Wrong};
