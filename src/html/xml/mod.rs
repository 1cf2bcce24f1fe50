//! Pages that browsers read as XML: what is in them, by one XML parser, and the proof of changes, by another.
//!
//! roxmltree reads a page and tells where its nodes are; the crate xml builds the tree that a proof compares. Neither ever
//! loads anything from outside the page, and a page whose entities would expand to much is given to neither.

mod both;
mod declaration;
mod dtd;
mod effort;
mod nodes;
mod outline;
mod read;
mod syntax_error;

pub(super) use both::read_both;
pub(super) use effort::steps;
pub(super) use outline::tree;
pub(super) use read::read;
